//! From the observations of all runs to the findings.

use super::statistics::{pooled, recovery, series, stat};
use super::{
    ComponentFindings, ComponentKind, Disturbance, DisturbanceFindings, Findings, LevelFindings, Named, Options,
    Verdict, cost, dependencies, judge, monitoring, notes, parts, scaling, workflows,
};
use crate::envelope;
use crate::model::{Model, OnRejectModel};
use crate::observe::{Counters, Observations, ProducerCounters, QueueSeen, SeriesSet};
use crate::scenario::Scenario;
use crate::units::{Nanos, seconds};

/// `own` are the models of the runs, `model` is the one at the medians of what is uncertain.
pub(super) fn findings(
    scenario: &Scenario,
    model: &Model,
    own: &[&Model],
    runs: &[Observations],
    verdicts: Vec<Option<Verdict>>,
    options: &Options,
) -> Findings {
    let mut components = vec![];
    for dead_letters in [false, true] {
        for (index, queue) in model.queues.iter().enumerate() {
            if queue.is_dead_letter == dead_letters {
                components.push(ComponentFindings {
                    broker_metrics: if options.broker_metrics {
                        monitoring::series(queue, runs, index)
                    } else {
                        vec![]
                    },
                    verdict: verdicts[index].clone(),
                    ..queue_findings(scenario, model, runs, index)
                });
            }
        }
    }
    components.extend((0..model.producers.len()).map(|index| producer_findings(model, runs, index)));
    components.extend((0..model.consumers.len()).map(|index| consumer_findings(model, runs, index)));
    components.extend((0..model.workflows.len()).map(|index| workflows::findings(model, runs, index)));
    components.extend((0..model.dependencies.len()).map(|index| dependencies::findings(model, runs, index)));
    let notes = notes::notes(scenario, model, &components);
    let reads = model.consumers.iter().map(|c| (c.name.clone(), model.queues[c.queue].name.clone())).collect();
    let disturbances = model.disturbances.iter().map(|d| Disturbance {
        label: d.label.clone(),
        start_s: seconds(d.start),
        end_s: seconds(d.end),
    });
    Findings {
        title: scenario.title.clone(),
        path: options.path.clone(),
        sha256: options.sha256.clone(),
        seed: scenario.seed,
        runs: scenario.runs,
        duration_s: scenario.duration.seconds(),
        warmup_s: scenario.warmup.seconds(),
        tick_s: scenario.tick.seconds(),
        messages: runs.iter().flat_map(|run| &run.queues).map(|queue| queue.totals.published).sum(),
        time_s: (0..model.samples()).map(|i| seconds(i as Nanos * model.tick)).collect(),
        disturbances: disturbances.collect(),
        components,
        reads,
        slo: judge::slos(scenario, own, runs),
        slo_runs: scenario.slo_runs,
        cost: cost::findings(model, own, runs),
        envelope: envelope::estimate(scenario),
        assumptions: scenario.assumptions.clone(),
        notes,
        uncertainty: None,
        precision: None,
        engine: super::EngineFindings::default(),
        wall_time_s: None,
    }
}

/// One number per run, summed up.
fn over(runs: &[Observations], value: impl Fn(&Observations) -> f64) -> super::Stat {
    stat(&runs.iter().map(value).collect::<Vec<f64>>())
}

/// Message·nanoseconds over a span as a time average.
fn average(area: u128, span: Nanos) -> f64 {
    if span == 0 { f64::NAN } else { area as f64 / span as f64 }
}

fn counters(runs: &[Observations], of: impl Fn(&Observations) -> Counters) -> Vec<Named> {
    let names = Counters::default().named().map(|(name, _)| name);
    (0..names.len()).map(|i| (names[i], over(runs, |run| of(run).named()[i].1 as f64))).collect()
}

fn queue_findings(scenario: &Scenario, model: &Model, runs: &[Observations], index: usize) -> ComponentFindings {
    let queue = &model.queues[index];
    let each: Vec<&QueueSeen> = runs.iter().map(|run| &run.queues[index]).collect();
    let mut totals = counters(runs, |run| run.queues[index].totals);
    let q = |run: &Observations, f: &dyn Fn(&QueueSeen) -> f64| f(&run.queues[index]);
    let mut extra =
        |name: &'static str, f: &dyn Fn(&QueueSeen) -> f64| totals.push((name, over(runs, |run| q(run, f))));
    extra("work_amplification", &|q| q.totals.work_amplification());
    extra("unfinished_ready", &|q| q.unfinished.0 as f64);
    extra("unfinished_in_flight", &|q| q.unfinished.1 as f64);
    extra("unfinished_delayed", &|q| q.unfinished.2 as f64);
    extra("peak_backlog", &|q| q.peak as f64);
    extra("peak_at_s", &|q| model.scenario_seconds(q.peak_at));
    extra("oldest_age_max_s", &|q| after_warmup(model, &q.series, "oldest_age_s").fold(0.0, f64::max));
    extra("backlog_area_s", &|q| (q.ready_area.0 + q.in_flight_area.0 + q.delayed_area.0) as f64 / 1e9);
    extra("time_in_system_s", &|q| q.time_in_system as f64 / 1e9);
    let span = model.end - model.warm;
    let state = |name: &'static str, f: &dyn Fn(&QueueSeen) -> u128| {
        (name, over(runs, |run| average(f(&run.queues[index]), span)))
    };
    let time_average = vec![
        state("ready", &|q| q.ready_area.1),
        state("in_flight", &|q| q.in_flight_area.1),
        state("delayed", &|q| q.delayed_area.1),
        state("backlog", &|q| q.ready_area.1 + q.in_flight_area.1 + q.delayed_area.1),
    ];
    let mut after = counters(runs, |run| run.queues[index].totals.since(&run.queues[index].warmup));
    after.push((
        "work_amplification",
        over(runs, |run| {
            let q = &run.queues[index];
            q.totals.since(&q.warmup).work_amplification()
        }),
    ));
    ComponentFindings {
        name: queue.name.clone(),
        kind: match &queue.group {
            Some(_) => ComponentKind::Group,
            None if queue.is_dead_letter => ComponentKind::DeadLetterQueue,
            None => ComponentKind::Queue,
        },
        totals,
        after_warmup: after,
        time_average,
        recovery: worst_recovery(model, &each),
        verdict: None,
        wait: pooled(each.iter().map(|q| &q.wait)),
        latency: pooled(each.iter().map(|q| &q.latency)),
        duration: None,
        journey: pooled(each.iter().map(|q| q.journey.as_ref().unwrap_or(&q.latency))),
        by_priority: levels(&queue.level_names, &each),
        partitions: queue.group.as_ref().map(|group| model.streams[group.stream].rules.partitions),
        by_partition: parts::by_partition(model, &each),
        by_key: parts::by_key(&model.key_names, &each),
        disturbances: (0..model.disturbances.len())
            .map(|d| disturbance_findings(scenario, model, &each, index, d))
            .collect(),
        series: series(&each.iter().map(|q| &q.series).collect::<Vec<&SeriesSet>>()),
        broker_metrics: vec![],
        scaling: None,
    }
}

fn levels(names: &[String], each: &[&QueueSeen]) -> Vec<LevelFindings> {
    if each.iter().any(|q| q.levels.len() != names.len()) {
        return vec![];
    }
    let of = |i: usize, name: &String| LevelFindings {
        level: name.clone(),
        completed: stat(&each.iter().map(|q| q.levels[i].completed as f64).collect::<Vec<f64>>()),
        wait: pooled(each.iter().map(|q| &q.levels[i].wait)),
        latency: pooled(each.iter().map(|q| &q.levels[i].latency)),
    };
    names.iter().enumerate().map(|(i, name)| of(i, name)).collect()
}

/// Seconds from each disturbance's end to its recovery, per run; the worst of a run is its longest, or never.
pub(super) fn recovery_of_run(q: &QueueSeen) -> Option<f64> {
    q.disturbances.iter().map(|d| d.recovered.map(|at| seconds(at - d.end))).reduce(|a, b| Some(a?.max(b?))).flatten()
}

fn worst_recovery(model: &Model, each: &[&QueueSeen]) -> Option<super::Recovery> {
    (!model.disturbances.is_empty()).then(|| recovery(&each.iter().map(|q| recovery_of_run(q)).collect::<Vec<_>>()))
}

fn disturbance_findings(
    scenario: &Scenario,
    model: &Model,
    each: &[&QueueSeen],
    queue: usize,
    index: usize,
) -> DisturbanceFindings {
    let per_run = |f: &dyn Fn(&QueueSeen) -> f64| stat(&each.iter().map(|q| f(q)).collect::<Vec<f64>>());
    let lost = |f: &dyn Fn(&Counters) -> u64| {
        per_run(&|q| {
            let d = &q.disturbances[index];
            f(&d.until.counters.since(&d.from)) as f64
        })
    };
    let slos = scenario.slos.iter().filter(|slo| {
        slo.figure.component == model.queues[queue].name
            && matches!(
                slo.figure.metric.as_str(),
                "ready" | "in_flight" | "delayed" | "backlog" | "lag" | "oldest_age"
            )
    });
    DisturbanceFindings {
        peak_backlog: per_run(&|q| q.disturbances[index].until.peak as f64),
        peak_at_s: per_run(&|q| model.scenario_seconds(q.disturbances[index].until.peak_at)),
        oldest_age_max_s: per_run(&|q| seconds(q.disturbances[index].until.oldest_age_max)),
        recovery: recovery(
            &each
                .iter()
                .map(|q| q.disturbances[index].recovered.map(|at| seconds(at - q.disturbances[index].end)))
                .collect::<Vec<_>>(),
        ),
        dead_lettered: lost(&|c| c.dead_lettered),
        expired: lost(&|c| c.expired),
        dropped: lost(&|c| c.dropped),
        rejected: lost(&|c| c.rejected),
        duplicates: lost(&|c| c.duplicates),
        slo_breach_s: slos
            .map(|slo| (slo.expression.clone(), per_run(&|q| judge::breach_s(model, q, index, slo))))
            .collect(),
    }
}

fn producer_counters(runs: &[Observations], of: impl Fn(&Observations) -> ProducerCounters, reply: bool) -> Vec<Named> {
    let mut named = vec![];
    let mut push =
        |name: &'static str, f: &dyn Fn(&ProducerCounters) -> f64| named.push((name, over(runs, |run| f(&of(run)))));
    push("published", &|p| p.published as f64);
    push("rejected", &|p| p.rejected as f64);
    push("requests", &|p| p.requests as f64);
    push("gave_up", &|p| p.gave_up as f64);
    push("client_retries", &|p| p.client_retries as f64);
    push("publish_amplification", &|p| if p.requests == 0 { 1.0 } else { p.published as f64 / p.requests as f64 });
    if reply {
        push("answered", &|p| p.answered as f64);
        push("timeouts", &|p| p.timeouts as f64);
    }
    named
}

fn producer_findings(model: &Model, runs: &[Observations], index: usize) -> ComponentFindings {
    let producer = &model.producers[index];
    let reply = producer.reply.is_some();
    let mut totals = producer_counters(runs, |run| run.producers[index].totals.clone(), reply);
    let since = |run: &Observations| {
        let (now, before) = (&run.producers[index].totals, &run.producers[index].warmup);
        ProducerCounters {
            requests: now.requests - before.requests,
            published: now.published - before.published,
            rejected: now.rejected - before.rejected,
            answered: now.answered - before.answered,
            timeouts: now.timeouts - before.timeouts,
            client_retries: now.client_retries - before.client_retries,
            gave_up: now.gave_up - before.gave_up,
        }
    };
    let span = model.end - model.warm;
    if reply {
        totals.push(("goodput", over(runs, |run| since(run).answered as f64 / seconds(span))));
    }
    totals.push(("waiting", over(runs, |run| run.producers[index].waiting as f64)));
    let all: Vec<&SeriesSet> = runs.iter().map(|run| &run.producers[index].series).collect();
    let mut columns = series(&all);
    if !reply {
        columns.retain(|series| !matches!(series.metric.as_ref(), "goodput_per_s" | "timeout_rate_per_s"));
    }
    if !reply && !matches!(producer.on_reject, OnRejectModel::Retry { .. }) {
        columns.retain(|series| series.metric != "publish_amplification");
    }
    ComponentFindings {
        name: producer.name.clone(),
        kind: ComponentKind::Producer,
        totals,
        after_warmup: producer_counters(runs, since, reply),
        time_average: vec![("waiting", over(runs, |run| average(run.producers[index].waiting_area.1, span)))],
        series: columns,
        ..empty()
    }
}

fn consumer_findings(model: &Model, runs: &[Observations], index: usize) -> ComponentFindings {
    let span = model.end - model.warm;
    let utilization = |run: &Observations| {
        let c = &run.consumers[index];
        if c.slots_area.1 == 0 { 0.0 } else { c.busy_area.1 as f64 / c.slots_area.1 as f64 }
    };
    ComponentFindings {
        name: model.consumers[index].name.clone(),
        kind: ComponentKind::Consumer,
        totals: [("utilization", over(runs, utilization))]
            .into_iter()
            .chain(scaling::totals(model, runs, index))
            .collect(),
        time_average: vec![
            ("busy", over(runs, |run| average(run.consumers[index].busy_area.1, span))),
            ("replicas", over(runs, |run| average(run.consumers[index].replicas_area.1, span))),
        ],
        series: series(&runs.iter().map(|run| &run.consumers[index].series).collect::<Vec<&SeriesSet>>()),
        scaling: scaling::findings(model, runs, index),
        ..empty()
    }
}

pub(super) fn empty() -> ComponentFindings {
    ComponentFindings {
        name: String::new(),
        kind: ComponentKind::Queue,
        totals: vec![],
        after_warmup: vec![],
        time_average: vec![],
        recovery: None,
        verdict: None,
        wait: None,
        latency: None,
        journey: None,
        duration: None,
        by_priority: vec![],
        partitions: None,
        by_partition: vec![],
        by_key: vec![],
        disturbances: vec![],
        series: vec![],
        broker_metrics: vec![],
        scaling: None,
    }
}

/// A column of one run's series without warm-up and without ticks in which nothing was seen.
pub(super) fn after_warmup<'a>(model: &Model, set: &'a SeriesSet, column: &str) -> impl Iterator<Item = f64> + use<'a> {
    let skip = (model.warm - model.origin).div_ceil(model.tick) as usize;
    set.column(column).into_iter().flatten().skip(skip).filter(|value| !value.is_nan())
}
