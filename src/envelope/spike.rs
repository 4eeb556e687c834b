//! What the fluid says of the worst hour: how high, how old, until when, and what an autoscaler's lags add.

use super::line::{Law, Line, Unit, clock, count};
use super::scaled::lags;
use super::{Load, fluid, fluid::Fluid};
use crate::scenario::Scenario;
use crate::units::{grouped, significant};

const CAVEAT: &str = "a fluid: no randomness; room is the capacity and the slots";
const PEAK: Law = Law {
    id: "peak_backlog",
    name: "highest backlog",
    formula: "∫ (λ − c/E[S]) dt",
    unit: Unit::Messages,
    caveat: CAVEAT,
    headline: true,
};
const DRAIN: Law = Law {
    id: "drain",
    name: "time to drain after the peak",
    formula: "backlog / (c/E[S] − λ)",
    unit: Unit::Seconds,
    caveat: CAVEAT,
    headline: true,
};
const OLDEST: Law = Law {
    id: "oldest_age",
    name: "longest wait",
    formula: "when it comes out − when it came in",
    unit: Unit::Seconds,
    caveat: CAVEAT,
    headline: false,
};
const AREA: Law = Law {
    id: "backlog_area",
    name: "backlog over the run",
    formula: "∫ backlog dt / T",
    unit: Unit::Messages,
    caveat: CAVEAT,
    headline: false,
};
const NEVER: Law = Law {
    id: "grows",
    name: "backlog grows at the start",
    formula: "λ − c/E[S]",
    unit: Unit::PerSecond,
    caveat: "as long as nothing changes",
    headline: false,
};
const LAG: Law = Law {
    id: "scaling_lag",
    name: "autoscaler: from the need to the first help",
    formula: "metric period + delay + decision + provision + startup",
    unit: Unit::Seconds,
    caveat: "at the worst, each step at its full length; later steps are bound by the controller's own policies",
    headline: false,
};
const LAGGED: Law = Law {
    id: "scaling_lag_backlog",
    name: "backlog before the first help",
    formula: "(λ − c/E[S]) · lag",
    unit: Unit::Messages,
    caveat: "the highest rate from one moment to the next, on the replicas of the start",
    headline: false,
};

pub(super) fn lines(scenario: &Scenario, load: &Load, course: &Fluid) -> Vec<Line> {
    let mut lines = scaling(scenario, load);
    if !load.work_s.is_finite() || course.peak < 1.0 {
        return lines;
    }
    let component = &load.component;
    let scaled = load.consumers.iter().any(|&c| scenario.consumers[c].scaling.is_some());
    let caveat = if scaled { "the autoscaler's own rules decide on the fluid; new replicas are warm" } else { "" };
    let (rate, capacity) = course.at_peak;
    let slots = capacity * load.work_s;
    let bound = match load.capacity(scenario) {
        Some(ready) if course.peak >= fluid::room(scenario, load, slots) - 1e-6 => {
            format!(", room {} + {}", grouped(ready as f64, 0), significant(slots, 6))
        }
        _ => String::new(),
    };
    let at = course.peak_at_s;
    let sum = match at {
        0.0 => format!("{} wait at the start{bound}", count(course.peak)),
        _ if rate.is_infinite() => format!("the herd at {} on top of what waits{bound}", clock(at)),
        _ => format!("{}/s in and {}/s out at {}{bound}", significant(rate, 4), significant(capacity, 4), clock(at)),
    };
    lines.push(PEAK.line(component, sum, course.peak).but(caveat));
    let (rate, capacity) = course.after_peak;
    let (out, came) = (significant(capacity, 4), significant(rate, 4));
    let quotient = format!("{} / ({out} − {came}) right after the peak", count(course.peak));
    lines.push(match course.empty_at_s {
        Some(end) => {
            let minutes =
                if end - at >= 90.0 { format!(" ({} min)", significant((end - at) / 60.0, 3)) } else { String::new() };
            let drain = DRAIN.line(component, quotient, end - at);
            let result = format!("{}{minutes}", drain.result);
            drain.reads(result).but(caveat)
        }
        None => DRAIN.said(component, quotient, "not within the run").but(caveat),
    });
    if course.oldest_s > 0.0 {
        let came = (course.oldest_at_s - course.oldest_s).max(0.0);
        let sum = format!("{} − {}", clock(course.oldest_at_s), clock(came));
        lines.push(OLDEST.line(component, sum, course.oldest_s).but("in order of arrival; who is retried waits again"));
    }
    let span = scenario.duration.seconds();
    let quotient = format!("{} / {}", grouped(course.area, 0), significant(span, 6));
    lines.push(AREA.line(component, quotient, course.area / span));
    let (rate, capacity) = (load.rate_at(0.0), super::capacity::scheduled(scenario, load, 0.0));
    if rate > capacity && !scaled {
        let sum = format!("{} − {}", significant(rate, 4), significant(capacity, 4));
        lines.push(NEVER.line(component, sum, rate - capacity));
    }
    lines
}

fn scaling(scenario: &Scenario, load: &Load) -> Vec<Line> {
    let mut lines = vec![];
    for &index in &load.consumers {
        let consumer = &scenario.consumers[index];
        let Some(scaling) = &consumer.scaling else { continue };
        let terms = lags(scaling);
        let words: Vec<String> = terms.iter().map(|(name, seconds)| format!("{name} {}", clock(*seconds))).collect();
        let lag: f64 = terms.iter().map(|(_, seconds)| seconds).sum();
        let line = LAG.line(&load.component, words.join(" + "), lag);
        lines.push(Line { name: format!("{}: {}", scaling.rules.word(), line.name), ..line });
        let (rate, out) = (load.rate_at(load.busiest(scenario)), super::capacity::scheduled(scenario, load, 0.0));
        if rate > out && lag > 0.0 {
            let product = format!("({} − {}) × {}", significant(rate, 4), significant(out, 4), significant(lag, 4));
            lines.push(LAGGED.line(&load.component, product, (rate - out) * lag));
        }
    }
    lines
}
