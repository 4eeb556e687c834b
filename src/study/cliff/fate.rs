//! What became of one run: whether the system survived what was done to it.

use crate::model::Model;
use crate::scenario::{Figure, OnReject, Scenario, Slo};
use crate::study::RunFigures;

/// Counts of messages that are lost or set aside.
const OF_A_QUEUE: [&str; 3] = ["dead_lettered", "expired", "dropped"];
const OF_A_WORKFLOW: [&str; 2] = ["failed", "stuck"];

/// What is looked at in each run.
#[derive(Debug, Clone)]
pub(super) struct Signs {
    pub(super) figures: Vec<Figure>,
    slos: Vec<Slo>,
    /// Where the recovery times begin among the figures, behind those of the objectives.
    recoveries: usize,
    /// Where the counts of messages given up begin.
    losses: usize,
}

/// What became of a run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fate {
    /// All objectives hold in this run; or, without objectives, it recovered and gave nothing up.
    pub(super) survived: bool,
    /// Of the queue or group that took longest, seconds; `None`: never.
    pub(super) recovery: Option<f64>,
    /// Messages dead-lettered, expired, dropped, refused for good; executions failed or stuck.
    pub(super) given_up: f64,
    /// Whether each objective holds.
    pub(super) holds: Vec<bool>,
}

impl Signs {
    pub(super) fn of(scenario: &Scenario, model: &Model) -> Signs {
        let is_read = |index: usize| model.consumers.iter().any(|consumer| consumer.queue == index);
        let worked_off = || (0..model.queues.len()).filter(|&index| is_read(index)).map(|i| &model.queues[i].name);
        let mut figures: Vec<Figure> = scenario.slos.iter().map(|slo| slo.figure.clone()).collect();
        let recoveries = figures.len();
        let recovery = worked_off().map(|name| format!("{name}.recovery_time"));
        figures.extend(recovery.filter_map(|text| scenario.figure(&text).ok()));
        let losses = figures.len();
        let of_queues = worked_off().flat_map(|name| OF_A_QUEUE.iter().map(move |metric| format!("{name}.{metric}")));
        let workflows = scenario.workflows.iter();
        let of_workflows =
            workflows.flat_map(|flow| OF_A_WORKFLOW.iter().map(move |metric| format!("{}.{metric}", flow.name)));
        let of_producers = scenario.producers.iter().flat_map(|producer| {
            // Who drops what is refused gives it up there and then.
            let refused = matches!(producer.on_reject, OnReject::Drop).then(|| format!("{}.rejected", producer.name));
            refused.into_iter().chain([format!("{}.gave_up", producer.name)])
        });
        let losing = of_queues.chain(of_workflows).chain(of_producers);
        figures.extend(losing.filter_map(|text| scenario.figure(&text).ok()));
        Signs { figures, slos: scenario.slos.clone(), recoveries, losses }
    }

    pub(super) fn read(&self, run: &RunFigures) -> Fate {
        let own = |index: usize| run.seen[index].own(&self.figures[index]);
        let holds: Vec<bool> = (0..self.slos.len())
            .map(|index| own(index).is_some_and(|value| self.slos[index].op.holds(value, self.slos[index].value)))
            .collect();
        let mut recovery = Some(0.0_f64);
        for index in self.recoveries..self.losses {
            recovery = recovery.and_then(|worst| own(index).map(|time| worst.max(time)));
        }
        let given_up: f64 = (self.losses..self.figures.len()).filter_map(own).sum();
        let survived =
            if self.slos.is_empty() { recovery.is_some() && given_up == 0.0 } else { holds.iter().all(|held| *held) };
        Fate { survived, recovery, given_up, holds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Files;
    use crate::study::Seen;
    use std::collections::BTreeMap;

    fn signs(slo: &str) -> Signs {
        let text = format!(
            "duration = \"10m\"\n{slo}\n[producer.p]\nto = \"q\"\nrate = \"10/s\"\nspikes = [{{ at = \"2m\", for = \
             \"1m\", rate = \"50/s\" }}]\n[queue.q]\n[consumer.w]\nfrom = \"q\"\nservice = \"50ms\"\n"
        );
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let scenario = Scenario::parse(&text, &files as &dyn Files).unwrap_or_else(|why| panic!("{why:?}"));
        Signs::of(&scenario, &Model::compile(&scenario))
    }

    fn fate(signs: &Signs, values: &[(&str, Option<f64>)]) -> Fate {
        let of = |figure: &Figure| values.iter().find(|(name, _)| *name == figure.expression).map(|(_, value)| *value);
        let seen = signs.figures.iter().map(|figure| Seen::Value(of(figure).unwrap_or(Some(0.0)))).collect();
        signs.read(&RunFigures { run: 0, seen })
    }

    #[test]
    fn without_objectives_it_recovers_and_gives_nothing_up() {
        let signs = signs("");
        assert!(fate(&signs, &[("q.recovery_time", Some(40.0))]).survived);
        assert!(!fate(&signs, &[("q.recovery_time", None)]).survived);
        let lost = fate(&signs, &[("q.recovery_time", Some(40.0)), ("p.rejected", Some(3.0))]);
        assert_eq!((lost.survived, lost.given_up, lost.recovery), (false, 3.0, Some(40.0)));
    }

    #[test]
    fn with_objectives_they_alone_decide() {
        let signs = signs("slo = [\"q.peak_backlog < 100\"]");
        let fate = |peak| fate(&signs, &[("q.recovery_time", None), ("q.peak_backlog", Some(peak))]);
        assert!(fate(99.0).survived && fate(99.0).recovery.is_none());
        assert_eq!((fate(100.0).survived, fate(100.0).holds), (false, vec![false]));
    }
}
