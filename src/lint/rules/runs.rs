//! Too few runs to hold a share of them against a service level.

use super::{Found, Rule, View, set};
use crate::lint::words::{number, percent};
use crate::lint::{Figure, Severity};

pub(super) const RULE: Rule = Rule {
    name: "too-few-runs",
    finds: "so few runs that an SLO on a share of them in fact asks for all of them",
    find,
};

fn find(view: &View<'_>) -> Vec<Found> {
    let scenario = view.scenario;
    // What is pooled over all runs is not judged by a share.
    let pooled = |metric: &str| matches!(metric, "wait" | "latency" | "journey" | "duration");
    let per_run = scenario.slos.iter().find(|slo| !pooled(&slo.figure.metric));
    let allowed = f64::from(scenario.runs) * (1.0 - scenario.slo_runs);
    let (Some(slo), true) = (per_run, scenario.slo_runs < 1.0 && allowed < 1.0 - 1e-9) else { return vec![] };
    let enough = (1.0 / (1.0 - scenario.slo_runs) - 1e-9).ceil();
    vec![Found {
        severity: Severity::Info,
        component: "scenario".into(),
        says: format!(
            "{} shall hold in {} of the runs, and of {} runs that means all: from {} on one may miss it.",
            slo.expression,
            percent(scenario.slo_runs),
            scenario.runs,
            number(enough)
        ),
        figure: Figure { name: "runs that may miss it", value: allowed, unit: "runs" },
        fix: vec![set("runs", format!("{enough}"))],
    }]
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn ten_runs_have_no_twentieth() {
        let text = plain(&[("duration", "runs = 10\nslo = [\"q.peak_backlog < 100\"]\nduration")]);
        assert_eq!(found(&text, "too-few-runs").fix.settings[0].1, "20");
        silent(&text.replace("runs = 10", "runs = 20"), "too-few-runs");
        silent(&text.replace("q.peak_backlog < 100", "q.latency.p99 < 10s"), "too-few-runs");
    }
}
