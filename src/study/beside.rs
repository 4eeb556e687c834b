//! The simulated value beside each estimate that has a counterpart in a run, how far apart they are, and what is known to
//! explain it.

use super::departure::{Place, explain};
use super::{ComponentFindings, ComponentKind, Findings, Pooled, Stat};
use crate::envelope::{self, Line, Load, Unit};
use crate::scenario::Scenario;

/// An estimate and what was simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    pub line: Line,
    /// `None` where a run has no such figure, or where it was not simulated.
    pub simulated: Option<Simulated>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// In the line's unit; `None` where it never happened.
    pub value: Option<f64>,
    /// Student t, 95 %.
    pub ci95: Option<(f64, f64)>,
    /// Ready to print: `12.6ms ± 0.2ms`.
    pub text: String,
    /// (simulated − estimate) ÷ estimate.
    pub departure: Option<f64>,
    /// The effect that explains it, where one is known.
    pub why: Option<String>,
}

/// A figure of the runs.
struct Figure {
    value: Option<f64>,
    ci95: Option<(f64, f64)>,
    /// Runs in which it never happened, in words.
    never: Option<String>,
}

impl From<&Stat> for Figure {
    fn from(stat: &Stat) -> Figure {
        Figure { value: Some(stat.mean).filter(|mean| mean.is_finite()), ci95: stat.ci95, never: None }
    }
}

/// Sets what was simulated beside the lines.
pub fn beside(scenario: &Scenario, lines: Vec<Line>, findings: &Findings) -> Vec<Beside> {
    let queues = (0..scenario.queues.len()).filter_map(|queue| envelope::load_of(scenario, queue));
    let groups = (0..scenario.consumers.len()).filter_map(|consumer| envelope::load_of_group(scenario, consumer));
    let loads: Vec<Load> = queues.chain(groups).collect();
    let changes: Vec<String> =
        lines.iter().filter(|line| line.law == "utilization_peak").map(|line| line.component.clone()).collect();
    let pair = |line: Line| {
        let load = loads.iter().find(|load| load.component == line.component);
        let steady = findings.disturbances.is_empty() && !changes.contains(&line.component);
        let simulated = counterpart(&line, findings, scenario, steady).map(|figure| {
            let place = Place { scenario, findings, load, steady };
            told(&line, &figure, &place)
        });
        Beside { line, simulated }
    };
    lines.into_iter().map(pair).collect()
}

/// The lines alone.
pub fn alone(lines: Vec<Line>) -> Vec<Beside> {
    lines.into_iter().map(|line| Beside { line, simulated: None }).collect()
}

/// The figure of a run that the line speaks of. Steady-state formulas have one only where nothing disturbs the run.
fn counterpart(line: &Line, findings: &Findings, scenario: &Scenario, steady: bool) -> Option<Figure> {
    if let Some(figure) = of_money(line, findings) {
        return Some(figure);
    }
    let part = findings.component(&line.component)?;
    let total = |name: &str| part.total(name).map(Figure::from);
    let pooled = |pooled: &Option<Pooled>, value: fn(&Pooled) -> f64, interval: bool| {
        let pooled = pooled.as_ref()?;
        let ci95 = pooled.ci95.filter(|_| interval);
        Some(Figure { value: Some(value(pooled)), ci95, never: None })
    };
    match line.law {
        "utilization_start" if part.kind == ComponentKind::Dependency && steady => total("utilization"),
        "utilization_run" => utilization(part, findings),
        "utilization_start" if steady => {
            readers(part, findings).filter(|reader| reader.scaling.is_none()).and_then(|_| utilization(part, findings))
        }
        "busy" if steady => readers(part, findings).and_then(|reader| reader.average("busy")).map(Figure::from),
        "wait_mean" if steady => pooled(&part.wait, |wait| wait.mean, true),
        "wait_p50" if steady => pooled(&part.wait, |wait| wait.p50, false),
        "wait_p99" if steady => pooled(&part.wait, |wait| wait.p99, false),
        "latency_mean" if steady => pooled(&part.latency, |latency| latency.mean, true),
        "latency_p99" if steady => pooled(&part.latency, |latency| latency.p99, false),
        "backlog_mean" if steady => part.average("backlog").map(Figure::from),
        "attempts" => total("work_amplification"),
        "rejected_share" if steady => ratio(part, &["rejected"]),
        "given_up_share" => ratio(part, &["dead_lettered", "dropped"]),
        "lease_duplicates" if steady => ratio(part, &["redeliveries"]),
        "peak_backlog" => total("peak_backlog"),
        "peak_backlog_hottest" => {
            let peaks = part.by_partition.iter().map(|partition| &partition.peak_backlog);
            peaks.max_by(|a, b| a.mean.total_cmp(&b.mean)).map(Figure::from)
        }
        "oldest_age" => total("oldest_age_max_s"),
        "refused" => part.total("rejected").filter(|stat| stat.mean > 0.0).or(part.total("dropped")).map(Figure::from),
        "drain" => drain(part, findings, scenario),
        _ => None,
    }
}

/// What a price comes to in 30 days, or how many requests there were.
fn of_money(line: &Line, findings: &Findings) -> Option<Figure> {
    let cost = findings.cost.as_ref()?;
    let mine = cost.parts.iter().filter(|part| part.component == line.component);
    match line.law {
        "cost_total" => Some(Figure::from(&cost.per_30_days)),
        "cost" => mine
            .clone()
            .find(|part| line.name == format!("cost of {}", part.what.word()))
            .map(|part| Figure::from(&part.per_30_days)),
        "requests" => mine.clone().find(|part| !part.requests.is_empty()).map(|part| Figure::from(&part.quantity)),
        _ => None,
    }
}

/// The consumer of a queue, where it is one alone.
fn readers<'f>(part: &ComponentFindings, findings: &'f Findings) -> Option<&'f ComponentFindings> {
    let mut names = findings.reads.iter().filter(|(_, queue)| *queue == part.name).map(|(consumer, _)| consumer);
    let first = names.next()?;
    if names.next().is_some() { None } else { findings.component(first) }
}

fn utilization(part: &ComponentFindings, findings: &Findings) -> Option<Figure> {
    readers(part, findings)?.total("utilization").map(Figure::from)
}

/// Of the published messages; the interval as wide as that of the totals.
fn ratio(part: &ComponentFindings, names: &[&str]) -> Option<Figure> {
    let published = part.total("published").filter(|stat| stat.mean > 0.0)?.mean;
    let stats: Vec<&Stat> = names.iter().filter_map(|name| part.total(name)).collect();
    let value = stats.iter().map(|stat| stat.mean).sum::<f64>() / published;
    // Of several totals the intervals would not be known without the runs.
    let ci95 = match stats.iter().filter(|stat| stat.max > 0.0).collect::<Vec<_>>().as_slice() {
        [one] => one.ci95.map(|(low, high)| (low / published, high / published)),
        _ => None,
    };
    Some(Figure { value: Some(value), ci95, never: None })
}

/// From the peak to the recovery from the disturbance in which it fell.
fn drain(part: &ComponentFindings, findings: &Findings, scenario: &Scenario) -> Option<Figure> {
    let peak_at = part.total("peak_at_s").map(|stat| stat.mean)?;
    let pairs = findings.disturbances.iter().zip(&part.disturbances);
    // The last that began before the peak.
    let (known, seen) = pairs.rev().find(|(known, _)| known.start_s <= peak_at + 1e-9)?;
    // A full queue stands at its peak until the disturbance ends.
    let bounded = scenario.queues.iter().any(|queue| queue.name == part.name && queue.capacity.is_some());
    let shift = if bounded && peak_at < known.end_s { 0.0 } else { known.end_s - peak_at };
    let never = (seen.recovery.never > 0).then(|| match seen.recovery.never == findings.runs {
        true => "never within the run".to_owned(),
        false => format!("never in {} of {} runs", seen.recovery.never, findings.runs),
    });
    let stat = seen.recovery.stat.as_ref();
    let ci95 = stat.and_then(|stat| stat.ci95).map(|(low, high)| (low + shift, high + shift));
    Some(Figure { value: stat.map(|stat| (stat.mean + shift).max(0.0)), ci95, never })
}

fn told(line: &Line, figure: &Figure, place: &Place<'_>) -> Simulated {
    let text = match (figure.value, &figure.never) {
        (Some(value), None) => with_interval(line.unit, value, figure.ci95),
        (Some(value), Some(never)) => format!("{}, but {never}", with_interval(line.unit, value, figure.ci95)),
        (None, Some(never)) => never.clone(),
        (None, None) => "nothing to see".into(),
    };
    let both = figure.value.zip(line.value);
    let departure = both.filter(|(_, estimate)| *estimate > 0.0).map(|(seen, estimate)| seen / estimate - 1.0);
    let inside = both.zip(figure.ci95).is_some_and(|((_, estimate), (low, high))| (low..=high).contains(&estimate));
    let why = match both {
        Some(_) if inside => Some("within the interval".to_owned()),
        Some((seen, estimate)) => explain(line, seen, estimate, place),
        None => None,
    };
    Simulated { value: figure.value, ci95: figure.ci95, text, departure, why }
}

/// `12.6ms ± 0.2ms`.
fn with_interval(unit: Unit, value: f64, ci95: Option<(f64, f64)>) -> String {
    let half = ci95.map_or(0.0, |(low, high)| (high - low) / 2.0);
    if half <= 0.0 || !half.is_finite() {
        return unit.text(value);
    }
    format!("{} ± {}", unit.text(value), unit.text(half))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Files;
    use crate::study::{Options, replicate};
    use std::collections::BTreeMap;

    fn paired(text: &str) -> Vec<Beside> {
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let scenario = Scenario::parse(text, &files as &dyn Files).unwrap_or_else(|why| panic!("{why:?}"));
        let findings = replicate(&scenario, &Options { threads: Some(1), ..Options::default() }, &|_| ()).unwrap();
        beside(&scenario, envelope::check(&scenario, &envelope::Question::default()), &findings)
    }

    fn seen<'p>(rows: &'p [Beside], law: &str) -> &'p Simulated {
        let row = rows.iter().find(|row| row.line.law == law).unwrap_or_else(|| panic!("no {law}"));
        row.simulated.as_ref().unwrap_or_else(|| panic!("{law} has no counterpart"))
    }

    #[test]
    fn a_steady_queue_agrees_with_erlang() {
        let rows = paired(
            "duration = \"1h\"\nwarmup = \"10m\"\nruns = 5\nseed = 3\n[producer.p]\nto = \"q\"\nrate = \"8/s\"\n[queue.q]\n\
             [consumer.c]\nfrom = \"q\"\nservice = { exp = \"100ms\" }\n",
        );
        for law in ["utilization_start", "wait_mean", "latency_mean", "backlog_mean", "busy"] {
            assert!(seen(&rows, law).departure.unwrap().abs() < 0.15, "{law}: {:?}", seen(&rows, law));
        }
        assert!(rows.iter().any(|row| row.simulated.is_none()), "not everything has a counterpart");
    }

    #[test]
    fn a_spike_agrees_with_the_fluid() {
        let rows = paired(
            "duration = \"20m\"\nwarmup = \"1m\"\nruns = 5\nseed = 3\n[producer.p]\nto = \"q\"\nrate = \"20/s\"\n\
             spikes = [{ at = \"5m\", for = \"2m\", rate = \"200/s\" }]\n[queue.q]\n\
             [consumer.c]\nfrom = \"q\"\nreplicas = 5\nservice = { exp = \"100ms\" }\n",
        );
        for law in ["peak_backlog", "drain", "utilization_run", "oldest_age"] {
            assert!(seen(&rows, law).departure.unwrap().abs() < 0.05, "{law}: {:?}", seen(&rows, law));
        }
        assert!(rows.iter().filter(|row| row.line.law == "wait_mean").all(|row| row.simulated.is_none()));
    }
}
