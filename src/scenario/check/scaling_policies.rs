//! Rules of the single controllers.

use super::Checker;
use crate::policy::scaling::{Form, Target, rules};
use crate::scenario::reader::Placed;
use crate::scenario::value::ScalingMetric;
use crate::scenario::written::{self, DirectionWritten, LimitType, ScalingTable as Written};

impl Checker<'_> {
    fn target(&mut self, scaling: &Placed<written::Scaling>, metric: ScalingMetric) -> Option<Target> {
        let form = match metric {
            ScalingMetric::Backlog | ScalingMetric::Ready | ScalingMetric::Lag => Form::PerReplica,
            ScalingMetric::OldestAge => Form::Value,
            ScalingMetric::Utilization => Form::MeanOfReplicas,
        };
        let Some(target) = &scaling.target else {
            if !scaling.broken {
                let way_out = match form {
                    Form::PerReplica => "add target = 100, messages for each replica",
                    Form::Value => "add target = \"30s\"",
                    Form::MeanOfReplicas => "add target = \"70%\"",
                };
                self.refuse(&scaling.place, "`target` is missing: what the metric shall be", way_out);
            }
            return None;
        };
        let value = self.level("target", target, metric)?;
        if value <= 0.0 {
            let message = "`target` must be above zero: replicas are the metric divided by it";
            self.refuse(&target.place, message, "write a larger one");
            return None;
        }
        Some(Target { value, form })
    }

    pub(super) fn hpa(&mut self, scaling: &Placed<written::Scaling>, metric: ScalingMetric) -> Option<rules::Hpa> {
        let target = self.target(scaling, metric);
        let (up, down) = (self.direction(scaling.scale_up.as_ref()), self.direction(scaling.scale_down.as_ref()));
        Some(rules::Hpa {
            target: target?,
            sync_period: scaling.sync_period.as_ref()?.0.ns(),
            tolerance: scaling.tolerance.as_ref()?.value.value(),
            scale_up: up?,
            scale_down: down?,
        })
    }

    fn direction(&mut self, written: Option<&Placed<DirectionWritten>>) -> Option<rules::Direction> {
        let written = written?;
        let policies = written.policies.as_ref()?;
        if policies.is_empty() && !written.broken {
            self.refuse(&policies.place, "`policies` is empty", "leave it out for the usual ones");
        }
        for policy in policies.value.iter().filter(|policy| policy.value.r#type.value == LimitType::Pods) {
            let pods = &policy.value.value;
            if pods.0.fract() != 0.0 {
                let message = format!("`value` = {} is not a whole number of replicas", pods.0);
                self.refuse(&pods.place, message, "write a whole number, or type = \"percent\"");
            }
        }
        let limits = policies.value.iter().map(|policy| rules::SpeedLimit {
            amount: match policy.value.r#type.value {
                LimitType::Percent => rules::Amount::Percent(policy.value.value.0),
                LimitType::Pods => rules::Amount::Pods(policy.value.value.0.min(f64::from(u32::MAX)) as u32),
            },
            period: policy.period.0.ns(),
        });
        Some(rules::Direction {
            window: written.stabilization_window.as_ref()?.value.ns(),
            limits: limits.collect(),
            select: written.select.as_ref()?.value,
        })
    }

    pub(super) fn keda(
        &mut self,
        scaling: &Placed<written::Scaling>,
        metric: ScalingMetric,
        of_stream: bool,
    ) -> Option<rules::Keda> {
        let hpa = self.hpa(scaling, metric);
        let idle = scaling.allow_idle_consumers.as_ref();
        if let Some(idle) = idle.filter(|idle| idle.value && !of_stream) {
            let message = "`allow_idle_consumers` is about partitions, which a queue does not have";
            self.refuse(&idle.place, message, "leave it out, or read a stream");
        }
        let activation = match &scaling.activation {
            Some(level) => self.level("activation", level, metric),
            None => Some(0.0),
        };
        if let Some(level) = scaling.activation.as_ref().filter(|_| activation.is_some_and(|level| level < 0.0)) {
            let message = "`activation` below 0 is always exceeded: it would never go to zero";
            self.refuse(&level.place, message, "write 0 or more");
        }
        Some(rules::Keda {
            hpa: hpa?,
            polling_interval: scaling.polling_interval.as_ref()?.0.ns(),
            cooldown: scaling.cooldown.as_ref()?.value.ns(),
            activation: activation?,
            allow_idle_consumers: idle.is_some_and(|idle| idle.value),
        })
    }

    pub(super) fn target_tracking(
        &mut self,
        scaling: &Placed<written::Scaling>,
        metric: ScalingMetric,
    ) -> Option<rules::TargetTracking> {
        let target = self.target(scaling, metric)?;
        Some(rules::TargetTracking {
            target,
            alarm_period: scaling.alarm_period.as_ref()?.0.ns(),
            scale_out_periods: scaling.scale_out_periods.as_ref()?.u32(),
            scale_in_periods: scaling.scale_in_periods.as_ref()?.u32(),
            scale_in_below: scaling.scale_in_below.as_ref()?.value.value(),
            scale_out_cooldown: scaling.scale_out_cooldown.as_ref()?.value.ns(),
            scale_in_cooldown: scaling.scale_in_cooldown.as_ref()?.value.ns(),
            disable_scale_in: scaling.disable_scale_in.as_ref()?.value,
        })
    }

    pub(super) fn lambda(
        &mut self,
        consumer: &Placed<written::Consumer>,
        scaling: &Written,
        of_stream: bool,
    ) -> rules::Lambda {
        if consumer.concurrency.u32() > 1 {
            let message = "an invocation works on one batch at a time: with policy = \"lambda\" `concurrency` is 1";
            self.refuse(&consumer.concurrency.place, message, "leave it out");
        }
        let per_minute = scaling.ramp.as_ref().map_or(1.0, |ramp| (ramp.per_second() * 60.0 + 1e-9).floor());
        if let Some(ramp) = scaling.ramp.as_ref().filter(|_| per_minute < 1.0) {
            let way_out = "write a rate such as \"300/min\"";
            self.refuse(&ramp.place, "`ramp` adds less than one invocation a minute", way_out);
        }
        if let (false, Some(start), Some(max)) = (of_stream, &scaling.start, &scaling.max)
            && start.is_written()
            && start.u32() > max.u32()
        {
            let message = format!("`start` = {} invocations are more than there ever are, {}", start.u32(), max.u32());
            self.refuse(&start.place, message, "lower `start`, or raise `max`");
        }
        if of_stream {
            for (key, place) in [
                ("start", scaling.start.as_ref().map(|value| &value.place)),
                ("ramp", scaling.ramp.as_ref().map(|value| &value.place)),
                ("max", scaling.max.as_ref().map(|value| &value.place)),
                ("reserved_concurrency", scaling.reserved_concurrency.as_ref().map(|value| &value.place)),
            ] {
                if let Some(place) = place {
                    let message =
                        format!("`{key}` belongs to queues: a stream has one invocation a partition, or part of one");
                    self.refuse(place, message, "leave it out, or set the consumer's `parallelization`");
                }
            }
        } else if let (Some(reserved), Some(max)) = (&scaling.reserved_concurrency, &scaling.max)
            && reserved.u32() >= max.u32()
        {
            let message = format!(
                "`reserved_concurrency` would change nothing here: there are never more than {} invocations",
                max.u32()
            );
            self.refuse(&reserved.place, message, "lower it, or leave it out");
        }
        rules::Lambda {
            per_minute: per_minute.clamp(1.0, f64::from(u32::MAX)) as u32,
            batch: consumer.batch.as_ref().map_or(1, |batch| batch.size.u32()),
            lanes: of_stream.then(|| consumer.replicas.u32()),
        }
    }
}
