//! Rules of autoscalers.

use super::{Checker, entries};
use crate::policy::scaling::{Limits, Rules};
use crate::scenario::problem::Place;
use crate::scenario::reader::Placed;
use crate::scenario::value::{Feed, Scaling, ScalingMetric, Warm};
use crate::scenario::written::{self, Level, ScalingPolicy as Policy};
use crate::units::{Duration, Nanos, SECOND};

/// One minute, by which Lambda and CloudWatch count.
const MINUTE: Nanos = 60 * SECOND;

/// The longest an HPA's metrics are old (metrics-server as it comes; believed).
const UTILIZATION_PERIOD: Duration = Duration(15 * SECOND);

/// No more replicas than this are laid out.
const MOST_REPLICAS: u32 = 1_000_000;

/// The most replicas that a consumer ever has, and where that is said.
pub(super) fn most_replicas(consumer: &written::Consumer) -> u32 {
    let later = entries(&consumer.schedule).map(|step| step.replicas.u32());
    let scaling = consumer.scaling.as_ref().map(|scaling| &scaling.value);
    let scaled = scaling.and_then(|scaling| scaling.max.as_ref()).map(|max| max.u32());
    let timed = scaling.into_iter().flat_map(|scaling| entries(&scaling.steps));
    let timed = timed.filter_map(|step| step.replicas.as_ref()).map(|replicas| replicas.u32());
    later.chain(scaled).chain(timed).chain([consumer.replicas.u32()]).max().unwrap_or(0)
}

impl Checker<'_> {
    pub(super) fn scaling(
        &mut self,
        name: &str,
        consumer: &Placed<written::Consumer>,
        from: Option<Feed>,
    ) -> Option<Scaling> {
        let scaling = consumer.scaling.as_ref()?;
        if let Some(schedule) = &consumer.schedule {
            let message = "`schedule` and `scaling` both say how many replicas there are";
            self.refuse(&schedule.place, message, "leave one of them out; policy = \"schedule\" takes steps too");
        }
        let of_stream = matches!(from, Some(Feed::Stream(_)));
        let metric = self.metric(name, scaling, of_stream);
        let limits = self.limits(consumer, scaling, metric)?;
        self.life_rules(consumer, scaling, limits);
        let rules = match scaling.policy.value {
            Policy::Hpa => Rules::Hpa(self.hpa(scaling, metric)?),
            Policy::Keda => Rules::Keda(self.keda(scaling, metric, of_stream)?),
            Policy::TargetTracking => Rules::TargetTracking(self.target_tracking(scaling, metric)?),
            Policy::Step => Rules::Step(self.step(scaling, metric)?),
            Policy::Lambda => Rules::Lambda(self.lambda(consumer, scaling, of_stream)),
            Policy::Schedule => Rules::Schedule(self.by_clock(scaling)?),
        };
        let length = |value: &Option<Placed<Duration>>| value.as_ref().map(|length| length.value);
        let live = match (&rules, metric) {
            (Rules::TargetTracking(_) | Rules::Step(_), _) => {
                scaling.alarm_period.as_ref().map_or(Duration(MINUTE), |period| period.0)
            }
            (_, ScalingMetric::Utilization) => UTILIZATION_PERIOD,
            _ => Duration::ZERO,
        };
        let metric_period = length(&scaling.metric_period).unwrap_or_else(|| {
            if !matches!(rules, Rules::Lambda(_) | Rules::Schedule(_)) {
                self.default(format!("consumer.{name}.scaling.metric_period"), live.to_string());
            }
            live
        });
        if metric == ScalingMetric::Utilization && metric_period == Duration::ZERO {
            let place = scaling.metric_period.as_ref().map_or(&scaling.place, |period| &period.place);
            let message = "utilization is a mean over time, so its `metric_period` is longer than zero";
            self.refuse(place, message, "write a length such as \"15s\", or leave it out");
        }
        Some(Scaling {
            rules,
            limits,
            metric,
            metric_delay: length(&scaling.metric_delay).unwrap_or_default(),
            metric_period,
            provision: scaling.provision.as_ref().map(|law| law.value.clone()),
            headroom: scaling.headroom.as_ref().map_or(0, |headroom| headroom.u32()),
            node_idle: length(&scaling.node_idle).unwrap_or_default(),
            startup: scaling.startup.as_ref().map(|law| law.value.clone()),
            warm: scaling.warm_speed.as_ref().map(|warm| Warm { speed: warm.speed.0, lasts: warm.r#for.0 }),
            drain: length(&scaling.drain),
            reserved_concurrency: scaling.reserved_concurrency.as_ref().map(|reserved| reserved.u32()),
        })
    }

    fn metric(&mut self, name: &str, scaling: &Placed<written::Scaling>, of_stream: bool) -> ScalingMetric {
        let usual = if of_stream { ScalingMetric::Lag } else { ScalingMetric::Backlog };
        if matches!(scaling.policy.value, Policy::Lambda | Policy::Schedule) {
            return ScalingMetric::Backlog;
        }
        let Some(metric) = &scaling.metric else {
            self.default(format!("consumer.{name}.scaling.metric"), usual.word());
            return usual;
        };
        if metric.value == ScalingMetric::Lag && !of_stream {
            let message = "a queue has no lag: that is what a stream's group has";
            self.refuse(&metric.place, message, "use metric = \"backlog\" or \"ready\"");
        }
        metric.value
    }

    /// The least and the most, between which the consumer begins; `None` where they do not fit, which is noted.
    fn limits(
        &mut self,
        consumer: &Placed<written::Consumer>,
        scaling: &Placed<written::Scaling>,
        metric: ScalingMetric,
    ) -> Option<Limits> {
        let replicas = consumer.replicas.u32();
        let limits = match (scaling.policy.value, &scaling.max) {
            (Policy::Schedule, _) => Limits { min: 0, max: most_replicas(consumer) },
            // One invocation a partition, or a part of one.
            (Policy::Lambda, None) => Limits { min: replicas, max: replicas },
            (Policy::Lambda, Some(max)) => {
                Limits { min: scaling.start.as_ref().map_or(1, |start| start.u32()).min(max.u32()), max: max.u32() }
            }
            (_, Some(max)) => Limits { min: scaling.min.as_ref().map_or(0, |min| min.u32()), max: max.u32() },
            (_, None) => {
                if !scaling.broken {
                    let message = "`max` is missing: the most replicas that it may have";
                    self.refuse(&scaling.place, message, "add max = 50");
                }
                return None;
            }
        };
        let place = [scaling.max.as_ref().map(|max| &max.place), scaling.min.as_ref().map(|min| &min.place)];
        let place = place
            .into_iter()
            .flatten()
            .find(|place| matches!(place, Place::File(_) | Place::Drawn(_) | Place::Argument(_)));
        let place = place.unwrap_or(&scaling.place);
        if limits.min > limits.max {
            let message = format!("`min` = {} is more than `max` = {}", limits.min, limits.max);
            self.refuse(place, message, "raise `max`, or lower `min`");
            return None;
        }
        let fixed = matches!(scaling.policy.value, Policy::Lambda | Policy::Schedule);
        if limits.min == limits.max && !fixed {
            let message = format!("`min` and `max` are both {}: there is nothing to scale", limits.max);
            self.refuse(place, message, "raise `max`, or leave `scaling` out and set `replicas`");
        }
        if limits.max > MOST_REPLICAS {
            self.refuse(place, format!("{} replicas are more than {MOST_REPLICAS}", limits.max), "lower it");
        }
        if !(limits.min..=limits.max).contains(&replicas) {
            let message = format!(
                "`replicas` = {replicas}, with which it begins, does not lie between {} and {}",
                limits.min, limits.max
            );
            self.refuse(&consumer.replicas.place, message, "write a number between them, or leave it out");
        }
        self.zero_rules(scaling, metric, limits);
        Some(limits)
    }

    /// Who can scale from nothing.
    fn zero_rules(&mut self, scaling: &Placed<written::Scaling>, metric: ScalingMetric, limits: Limits) {
        let place = scaling.min.as_ref().map_or(&scaling.place, |min| &min.place);
        let policy = scaling.policy.value;
        if limits.min == 0 && policy == Policy::Hpa {
            let message = "an HPA does not scale to zero: without replicas it is switched off";
            self.refuse(place, message, "write min = 1, or use policy = \"keda\"");
        }
        let measured = metric == ScalingMetric::Utilization
            || (policy == Policy::TargetTracking && metric == ScalingMetric::OldestAge);
        if limits.min == 0 && measured && matches!(policy, Policy::Keda | Policy::TargetTracking) {
            let message =
                format!("with min = 0 it would never come back: without replicas `{}` asks for none", metric.word());
            let place = if scaling.min.as_ref().is_some_and(Placed::is_written) { place } else { &scaling.place };
            self.refuse(place, message, "write min = 1, or use metric = \"backlog\"");
        }
        if limits.min > 0 && policy == Policy::Keda {
            for (key, place) in [
                ("cooldown", scaling.cooldown.as_ref().filter(|v| v.is_written()).map(|v| &v.place)),
                ("polling_interval", scaling.polling_interval.as_ref().filter(|v| v.is_written()).map(|v| &v.place)),
                ("activation", scaling.activation.as_ref().filter(|v| v.is_written()).map(|v| &v.place)),
            ] {
                if let Some(place) = place {
                    let message = format!("`{key}` would change nothing here: it is about zero replicas");
                    self.refuse(place, message, "write min = 0, or leave it out");
                }
            }
        }
    }

    /// What stands between a decision and a replica that serves.
    fn life_rules(&mut self, consumer: &Placed<written::Consumer>, scaling: &Placed<written::Scaling>, limits: Limits) {
        let replicas = consumer.replicas.u32();
        for (key, place) in [
            ("headroom", scaling.headroom.as_ref().map(|v| &v.place)),
            ("node_idle", scaling.node_idle.as_ref().map(|v| &v.place)),
        ] {
            if let Some(place) = place.filter(|_| scaling.provision.is_none() && !scaling.broken) {
                let message = format!("`{key}` is about nodes, of which there are always enough without `provision`");
                self.refuse(place, message, "set provision = \"4m\", or leave it out");
            }
        }
        if let (Some(provision), Some(headroom)) = (&scaling.provision, &scaling.headroom)
            && u64::from(replicas) + u64::from(headroom.u32()) >= u64::from(limits.max)
        {
            let message = format!(
                "`provision` would change nothing here: nodes for {replicas} + {} replicas stand already, and there are \
                 never more than {}",
                headroom.u32(),
                limits.max
            );
            self.refuse(&provision.place, message, "lower `headroom`, or leave both out");
        }
        if let Some(warm) = scaling.warm_speed.as_ref().filter(|warm| warm.speed.0 >= 1.0) {
            let way_out = "write a speed below 1, or leave it out";
            self.refuse(&warm.speed.place, "a warm-up is slower than the work after it", way_out);
        }
    }

    /// The value of a key in the metric's own unit.
    pub(super) fn level(&mut self, key: &str, level: &Placed<Level>, metric: ScalingMetric) -> Option<f64> {
        let name = metric.word();
        match (metric, level.value) {
            (ScalingMetric::Utilization, Level::Share(share)) => Some(share),
            (ScalingMetric::Utilization, Level::Number(share)) if share.abs() <= 1.0 => Some(share),
            (ScalingMetric::OldestAge, Level::Time(seconds)) => Some(seconds),
            (ScalingMetric::Utilization, Level::Number(number)) => {
                let message = format!("`{key}` = {number} is no share, which `{name}` is");
                self.refuse(&level.place, message, format!("write \"{number}%\""));
                None
            }
            (ScalingMetric::Utilization, _) => {
                let message = format!("`{key}` is held against `{name}`, which is a share");
                self.refuse(&level.place, message, "write a share such as \"70%\"");
                None
            }
            (ScalingMetric::OldestAge, _) => {
                let message = format!("`{key}` is held against `{name}`, which is a length of time");
                self.refuse(&level.place, message, "write a length such as \"30s\"");
                None
            }
            (_, Level::Number(number)) => Some(number),
            _ => {
                let message = format!("`{key}` is held against `{name}`, which is a number of messages");
                self.refuse(&level.place, message, "write a number such as 100, or name another `metric`");
                None
            }
        }
    }
}
