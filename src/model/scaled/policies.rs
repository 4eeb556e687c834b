//! Autoscalers, budgets and breakers: numbers of messages and of replicas in their rules.

use super::Pool;
use super::counts::Counts;
use crate::model::{Scaling, ScalingMetric};
use crate::policy::scaling::rules::{Adjustment, Amount, Direction, Hpa};
use crate::policy::scaling::{Form, Rules, Target};
use crate::policy::{breaker, budget};

/// A bucket of tokens has to pay for so many retries at least.
const RETRIES: u32 = 3;

impl Pool {
    /// What one unit of an autoscaler's metric stands for.
    pub fn metric(&self, weight: u32, metric: ScalingMetric) -> f64 {
        match metric {
            ScalingMetric::Backlog | ScalingMetric::Ready | ScalingMetric::Lag => f64::from(weight),
            ScalingMetric::OldestAge | ScalingMetric::Utilization => 1.0,
        }
    }
}

pub(super) fn scaling(scaling: &mut Scaling, pool: Pool, name: &str, counts: &mut Counts) {
    let by = pool.replicas;
    let metric = pool.metric(counts.weight, scaling.metric);
    let mut whole = |what: &str, count: &mut u32| *count = counts.whole(&format!("`{what}` of `{name}`"), *count, by);
    whole("scaling.min", &mut scaling.limits.min);
    whole("scaling.max", &mut scaling.limits.max);
    whole("scaling.headroom", &mut scaling.headroom);
    scaling.reserved_concurrency.iter_mut().for_each(|most| whole("scaling.reserved_concurrency", most));
    let target = |target: &mut Target| {
        target.value *= if target.form == Form::PerReplica { by / metric } else { 1.0 / metric };
    };
    match &mut scaling.rules {
        Rules::Hpa(rules) => {
            target(&mut rules.target);
            pods(rules, &mut whole);
        }
        Rules::Keda(rules) => {
            target(&mut rules.hpa.target);
            pods(&mut rules.hpa, &mut whole);
            rules.activation /= metric;
        }
        Rules::TargetTracking(rules) => target(&mut rules.target),
        Rules::Step(rules) => {
            rules.threshold /= metric;
            for step in &mut rules.steps {
                step.from.iter_mut().chain(&mut step.to).for_each(|bound| *bound /= metric);
                if rules.adjustment != Adjustment::Percent {
                    step.adjust /= by;
                }
            }
        }
        Rules::Lambda(rules) => {
            whole("scaling.per_minute", &mut rules.per_minute);
            rules.batch = counts.whole(&format!("the batch of `{name}`"), rules.batch, f64::from(counts.weight) / by);
        }
        Rules::Schedule(rules) => rules.steps.iter_mut().for_each(|(_, count)| whole("scaling.schedule", count)),
    }
}

fn pods(rules: &mut Hpa, whole: &mut impl FnMut(&str, &mut u32)) {
    let mut direction = |direction: &mut Direction| {
        for limit in &mut direction.limits {
            if let Amount::Pods(count) = &mut limit.amount {
                whole("a policy's pods", count);
            }
        }
    };
    direction(&mut rules.scale_up);
    direction(&mut rules.scale_down);
}

/// `share`: scaled messages for each real one that the client has to do with, at most 1.
pub(super) fn budget(rules: &mut Option<budget::Rules>, share: f64, name: &str, counts: &mut Counts) {
    if share >= 1.0 - 1e-9 {
        return;
    }
    match rules {
        None | Some(budget::Rules::Adaptive(_)) => {}
        Some(budget::Rules::Quota(quota)) => {
            for tokens in [&mut quota.retry_cost, &mut quota.timeout_cost, &mut quota.throttle_cost, &mut quota.refund]
            {
                *tokens = (f64::from(*tokens) / share).round() as u32;
            }
            let dearest = quota.retry_cost.max(quota.timeout_cost).max(quota.throttle_cost);
            let least = dearest.saturating_mul(RETRIES);
            if quota.tokens > 0 && quota.tokens < least {
                quota.tokens = least;
                counts.rough(format!(
                    "the retries for which the budget of `{name}` has tokens at first are more than they really are"
                ));
            }
        }
        Some(budget::Rules::Grpc(grpc)) => {
            grpc.tokens = counts.whole(&format!("`tokens` of the budget of `{name}`"), grpc.tokens, 1.0 / share);
        }
        Some(budget::Rules::Finagle(finagle)) => finagle.min_per_s *= share,
        Some(budget::Rules::Envoy(envoy)) => {
            let what = format!("`min_concurrency` of the budget of `{name}`");
            envoy.min_concurrency = counts.whole(&what, envoy.min_concurrency, 1.0 / share);
        }
    }
}

pub(super) fn breaker(rules: &mut Option<breaker::Rules>, share: f64, name: &str, counts: &mut Counts) {
    let Some(rules) = rules else { return };
    if share >= 1.0 - 1e-9 {
        return;
    }
    let mut fewer =
        |what: &str, count: &mut u32| *count = counts.whole(&format!("`{what}` of `{name}`"), *count, 1.0 / share);
    fewer("breaker.half_open_calls", &mut rules.half_open_calls);
    match &mut rules.trip {
        breaker::Trip::Consecutive(most) => fewer("breaker.failures", most),
        breaker::Trip::Rate { window, minimum_calls, .. } => {
            fewer("breaker.minimum_calls", minimum_calls);
            if let breaker::Window::Calls(calls) = window {
                fewer("breaker.window", calls);
            }
        }
    }
}
