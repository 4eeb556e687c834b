//! Whether a scenario asks about a steady state.

use super::{Scenario, Source, Start};
use crate::arrivals::Base;

/// Where `Scenario::warmup` comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarmupRule {
    /// Said in the file or by an argument.
    Given,
    /// Nothing is said, which means none.
    Unsaid,
    /// `"auto"`: to be found from the runs.
    Detect,
}

impl Scenario {
    /// Why the question is not about a steady state: what changes by plan in the course of a run. `None` where nothing
    /// does.
    pub fn unsteady(&self) -> Option<String> {
        let producer = self.producers.iter().find_map(|producer| {
            let what = match &producer.source {
                Source::Curve { curve, .. } => match curve.base {
                    _ if !curve.spikes.is_empty() => Some("spikes"),
                    Base::Constant(_) => None,
                    Base::Stages { .. } => Some("stages"),
                    Base::Wave { .. } => Some("a wave"),
                    Base::Trace { .. } => Some("a trace"),
                },
                Source::Messages(_) => Some("a recording"),
                Source::Mmpp(_) | Source::Clients { .. } => None,
            };
            let what = what.or_else(|| producer.cron.is_some().then_some("a clock"))?;
            Some(format!("`{}` publishes by {what}", producer.name))
        });
        let backlog = || {
            let queues = self.queues.iter().filter(|queue| queue.initial.is_some()).map(|queue| &queue.name);
            let streams = self.streams.iter().filter(|stream| stream.initial.is_some()).map(|stream| &stream.name);
            queues.chain(streams).next().map(|name| format!("`{name}` begins with a backlog"))
        };
        let behind = || {
            let lags = |start: Start| !matches!(start, Start::Latest);
            let group = self.consumers.iter().find(|c| c.group.as_ref().is_some_and(|group| lags(group.start)))?;
            Some(format!("`{}` begins behind the end of its stream", group.name))
        };
        let replicas = || {
            let planned = self.consumers.iter().find(|consumer| {
                let clock = consumer.scaling.as_ref().is_some_and(|scaling| scaling.rules.word() == "schedule");
                clock || !consumer.schedule.is_empty()
            })?;
            Some(format!("`{}` has a schedule of replicas", planned.name))
        };
        let fault = || self.faults.first().map(|fault| format!("there is the fault `{}`", fault.name));
        let window = || self.windows.first().map(|window| format!("there is the window `{}`", window.name));
        let redrive = || {
            let queue = self.queues.iter().find(|queue| queue.redrive.is_some())?;
            Some(format!("`{}` is redriven", queue.name))
        };
        producer.or_else(backlog).or_else(behind).or_else(replicas).or_else(fault).or_else(window).or_else(redrive)
    }
}
