//! One row: the runs of an incident with so many replicas more, and what they say.

use super::incident::{add, load};
use super::{BacklogNow, Blocks, DOUBLINGS, EtaRow, Gone, Incident, MOST_MESSAGES, rates, recovered_when};
use crate::model::{Disturbance, Model};
use crate::observe::{Counters, Observations, SeriesSet};
use crate::scenario::{Priced, Scenario};
use crate::study::statistics::{series, stat};
use crate::study::{Crew, Failure, Models, Options, Series, Simulator, Stat, What, memory};
use crate::units::{Duration, seconds};

/// What all rows have in common.
pub(super) struct Asked<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) incident: &'a Incident,
    pub(super) now: &'a [BacklogNow],
    pub(super) blocks: &'a Blocks,
    pub(super) crew: &'a Crew,
    pub(super) options: &'a Options,
    pub(super) tick: Duration,
    pub(super) progress: &'a (dyn Fn() + Sync),
}

/// The runs of one row.
#[derive(Clone)]
pub(super) struct Made {
    extra: u32,
    horizon_s: f64,
    runs: Vec<Vec<Ended>>,
}

/// One backlog in one run.
#[derive(Clone)]
struct Ended {
    /// Seconds from now.
    gone: Option<f64>,
    /// From now until then.
    lost: [f64; 5],
    amplification: f64,
    /// Published and completed, per second, until then or the horizon.
    seen: (f64, f64),
    backlog: SeriesSet,
}

impl Asked<'_> {
    /// Simulates all runs; where a backlog that should go on paper does not within the horizon, again and longer.
    pub(super) fn row(&self, extra: u32, horizon_s: f64, ends: bool) -> Result<Made, Failure> {
        let mut made = Made { extra, horizon_s, runs: self.runs(extra, horizon_s)? };
        for _ in 0..DOUBLINGS {
            let longer_s = made.horizon_s * 2.0;
            let all_gone = made.runs.iter().flatten().all(|one| one.gone.is_some());
            let longer = self.compiled(&self.prepared(self.scenario, extra, longer_s));
            if all_gone || !ends || longer.expected_messages() > MOST_MESSAGES {
                break;
            }
            made = Made { extra, horizon_s: longer_s, runs: self.runs(extra, longer_s)? };
        }
        Ok(made)
    }

    /// The scenario of a run, from now on.
    fn prepared(&self, settled: &Scenario, extra: u32, horizon_s: f64) -> Scenario {
        let mut scenario = self.incident.onward(settled);
        add(&mut scenario, self.blocks.consumer, extra);
        self.now.iter().for_each(|one| recovered_when(&mut scenario, one));
        scenario.duration = Duration::from_seconds(horizon_s);
        scenario.tick = self.tick;
        scenario
    }

    /// The only disturbance is the backlog itself, and it has begun and ended when the run begins.
    fn compiled(&self, scenario: &Scenario) -> Model {
        Model::watching(scenario, vec![Disturbance { label: "the backlog".into(), start: 0, end: 0 }])
    }

    fn runs(&self, extra: u32, horizon_s: f64) -> Result<Vec<Vec<Ended>>, Failure> {
        let middle = self.prepared(self.scenario, extra, horizon_s);
        let simulator = Simulator::of(Models::alike(self.compiled(&middle)), self.options.engine)?;
        memory::check(&middle, &simulator, self.crew.at_once() as u64, self.options.memory)?;
        let numbers: Vec<u32> = (0..self.scenario.runs).collect();
        self.crew.map(&numbers, |&run| {
            let settled = self.scenario.settled(run).map_err(|problems| Failure::Draws {
                run,
                values: String::new(),
                why: problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join("; "),
            })?;
            let model = self.compiled(&self.prepared(&settled, extra, horizon_s));
            let seen = simulator.simulate(&model, run)?;
            (self.progress)();
            Ok(self.now.iter().map(|one| ended(&model, &seen, &one.component)).collect())
        })
    }

    /// `more` is the incident with this row's replicas, `fluid` what it is as a fluid; `alone` the runs without extra ones.
    pub(super) fn sum_up(&self, more: &Scenario, made: &Made, alone: &Made, fluid: &[Option<f64>]) -> EtaRow {
        let consumer = &more.consumers[self.blocks.consumer];
        let gone = self.now.iter().enumerate().map(|(index, one)| {
            let each: Vec<&Ended> = made.runs.iter().map(|run| &run[index]).collect();
            let times: Vec<f64> = each.iter().filter_map(|one| one.gone).collect();
            let pairs = each.iter().zip(&alone.runs).filter_map(|(own, other)| Some(other[index].gone? - own.gone?));
            let saved: Vec<f64> = pairs.collect();
            let paper = load(more, &one.component).map(|load| rates(more, &load));
            Gone {
                stat: some(&times),
                never: (each.len() - times.len()) as u32,
                saved: if made.extra == 0 { None } else { some(&saved) },
                paper_s: paper
                    .and_then(|(rate, capacity)| (capacity > rate).then(|| one.messages as f64 / (capacity - rate))),
                fluid_s: fluid[index],
                seen: mean(&each),
                lost: [0, 1, 2, 3, 4].map(|i| stat(&each.iter().map(|one| one.lost[i]).collect::<Vec<_>>())),
                amplification: stat(&each.iter().map(|one| one.amplification).collect::<Vec<_>>()),
                backlog: backlog(&each),
            }
        });
        EtaRow {
            extra: made.extra,
            replicas: consumer.scaling.as_ref().map_or(consumer.replicas, |scaling| scaling.limits.max),
            horizon_s: made.horizon_s,
            gone: gone.collect(),
            cost: self.cost(made),
        }
    }

    /// The extra replicas, until the last backlog of the run is gone, or as long as it is watched.
    fn cost(&self, made: &Made) -> Option<Stat> {
        let own = self.scenario.prices.tariffs.iter().find(|tariff| {
            matches!(tariff.of, Priced::Consumer(index) if index == self.blocks.consumer)
                && tariff.what == What::Replicas
        })?;
        let until = |run: &Vec<Ended>| run.iter().map(|one| one.gone.unwrap_or(made.horizon_s)).fold(0.0, f64::max);
        let money = made.runs.iter().map(|run| until(run) * f64::from(made.extra) * own.price.each());
        Some(stat(&money.collect::<Vec<_>>()))
    }
}

fn some(values: &[f64]) -> Option<Stat> {
    (!values.is_empty()).then(|| stat(values))
}

fn mean(runs: &[&Ended]) -> (f64, f64) {
    let sum = runs.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.seen.0, sum.1 + one.seen.1));
    (sum.0 / runs.len() as f64, sum.1 / runs.len() as f64)
}

fn ended(model: &Model, seen: &Observations, component: &str) -> Ended {
    let index = model.queues.iter().position(|queue| queue.name == component).unwrap_or(0);
    let queue = &seen.queues[index];
    let watched = queue.disturbances.first();
    let (from, until) = watched.map_or_else(Default::default, |seen| (seen.from, seen.until.counters));
    let since = |of: fn(&Counters) -> u64| of(&until).saturating_sub(of(&from)) as f64;
    // The run begins now, so all that is lost counts, what was too old already too.
    let lost = |of: fn(&Counters) -> u64| of(&until) as f64;
    let mut backlog = SeriesSet::new(&["backlog"], queue.series.rows());
    queue.series.column("backlog").into_iter().flatten().for_each(|value| backlog.push(&[value]));
    let gone = watched.and_then(|seen| seen.recovered).map(|at| seconds(at.saturating_sub(model.origin)));
    let length = gone.unwrap_or(seconds(model.end - model.origin)).max(1e-9);
    Ended {
        gone,
        seen: (since(|c| c.published) / length, since(|c| c.completed) / length),
        lost: [
            lost(|c| c.dead_lettered),
            lost(|c| c.expired),
            lost(|c| c.dropped),
            lost(|c| c.rejected),
            lost(|c| c.duplicates),
        ],
        amplification: queue.totals.work_amplification(),
        backlog,
    }
}

/// Over the runs; an empty one where nothing was sampled.
fn backlog(runs: &[&Ended]) -> Series {
    let sets: Vec<&SeriesSet> = runs.iter().map(|one| &one.backlog).collect();
    let none = || Series { metric: "backlog".into(), mean: vec![], p05: vec![], p50: vec![], p95: vec![] };
    series(&sets).into_iter().next().unwrap_or_else(none)
}
