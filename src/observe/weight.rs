//! What was seen in a scaled run, as the real system would have shown it.
//!
//! Each message counts for as many as it stands for, each replica and slot for its own; times stay as they are.

use super::{
    Counters, DependencyCounters, KeySeen, Observations, PartitionSeen, ProducerCounters, QueueSeen, ScalingSeen,
    SeriesSet, Snapshot, WorkflowCounters,
};
use crate::model::{Form, Pool, Scaled, ScalingMetric};

impl Observations {
    /// In real messages, replicas and slots.
    pub fn unscaled(mut self, scaled: &Scaled) -> Observations {
        let k = u64::from(scaled.weight);
        for (index, queue) in self.queues.iter_mut().enumerate() {
            let readers = scaled.model.consumers.iter().zip(&scaled.pools).filter(|(reader, _)| reader.queue == index);
            queue.times(k, readers.map(|(_, pool)| pool.slots).next().unwrap_or(1.0));
        }
        for traffic in self.streams.iter_mut().flatten() {
            traffic.accepted *= k;
        }
        for producer in &mut self.producers {
            for counters in [&mut producer.totals, &mut producer.warmup] {
                counters.each(|count| *count *= k);
            }
            area(&mut producer.waiting_area, k as f64);
            producer.waiting *= k;
            series(&mut producer.series, |name| messages(name, k as f64));
        }
        for (consumer, (seen, pool)) in self.consumers.iter_mut().zip(&scaled.pools).enumerate() {
            area(&mut seen.busy_area, pool.slots);
            area(&mut seen.slots_area, pool.slots);
            area(&mut seen.replicas_area, pool.replicas);
            seen.kept_area = times(seen.kept_area, pool.replicas);
            seen.invocations = (seen.invocations as f64 * scaled.invocations[consumer]).round() as u64;
            let rules = scaled.model.consumers[consumer].scaling.as_ref();
            let unit = rules.map_or(1.0, |rules| pool.metric(scaled.weight, rules.metric));
            let shared =
                rules.and_then(|rules| rules.rules.target()).is_some_and(|target| target.form == Form::PerReplica);
            let shown = if shared { unit / pool.replicas } else { unit };
            series(&mut seen.series, |name| match name {
                "replicas" | "desired_replicas" => pool.replicas,
                "busy" => pool.slots,
                "scaling_metric" => shown,
                _ => 1.0,
            });
            if let Some(scaling) = &mut seen.scaling {
                decisions(scaling, pool, unit, rules.map(|rules| rules.metric));
            }
        }
        for dependency in &mut self.dependencies {
            for counters in [&mut dependency.totals, &mut dependency.warmup] {
                counters.each(|count| *count *= k);
            }
            area(&mut dependency.busy_area, k as f64);
            area(&mut dependency.waiting_area, k as f64);
            dependency.unfinished = (dependency.unfinished.0 * k, dependency.unfinished.1 * k);
            dependency.latency.times(k);
            series(&mut dependency.series, |name| if name == "open_breakers" { 1.0 } else { messages(name, k as f64) });
        }
        for workflow in &mut self.workflows {
            for counters in [&mut workflow.totals, &mut workflow.warmup] {
                counters.each(|count| *count *= k);
            }
            workflow.running *= k;
            workflow.history_full *= k;
            for of in [&mut workflow.running_area, &mut workflow.compensating_area, &mut workflow.waiting_area] {
                area(of, k as f64);
            }
            workflow.duration.times(k);
            series(&mut workflow.series, |_| k as f64);
        }
        self
    }
}

impl QueueSeen {
    /// `slots`: real work slots that one of its consumers stands for.
    fn times(&mut self, k: u64, slots: f64) {
        for counters in [&mut self.totals, &mut self.warmup] {
            counters.each(|count| *count *= k);
        }
        for of in [&mut self.ready_area, &mut self.in_flight_area, &mut self.delayed_area] {
            area(of, k as f64);
        }
        let (ready, in_flight, delayed) = self.unfinished;
        self.unfinished = (ready * k, in_flight * k, delayed * k);
        self.time_in_system *= u128::from(k);
        self.peak *= k;
        for histogram in [&mut self.wait, &mut self.latency].into_iter().chain(&mut self.journey) {
            histogram.times(k);
        }
        for level in &mut self.levels {
            level.completed *= k;
            level.wait.times(k);
            level.latency.times(k);
        }
        for part in &mut self.partitions {
            let PartitionSeen { published, rejected, completed, redeliveries, peak_backlog, unfinished, .. } = part;
            for count in [published, rejected, completed, redeliveries, peak_backlog, unfinished] {
                *count *= k;
            }
            part.backlog_area *= u128::from(k);
        }
        for key in &mut self.keys {
            let KeySeen { published, completed, peak_backlog, latency_sum, .. } = key;
            for count in [published, completed, peak_backlog] {
                *count *= k;
            }
            *latency_sum *= u128::from(k);
        }
        self.deepest_key.iter_mut().for_each(|(_, count)| *count *= k);
        for seen in &mut self.disturbances {
            let Snapshot { peak, counters, .. } = &mut seen.until;
            *peak *= k;
            counters.each(|count| *count *= k);
            seen.from.each(|count| *count *= k);
        }
        if let Some(traffic) = &mut self.traffic {
            // Calls are counted in real messages already; an empty receive is a slot's.
            traffic.empty_receives = (traffic.empty_receives as f64 * slots).round() as u64;
        }
        series(&mut self.series, |name| messages(name, k as f64));
    }
}

/// Metrics of queues and producers are counts and rates of messages, but for times and ratios.
fn messages(name: &str, k: f64) -> f64 {
    let is_time = name.ends_with("_s") && !name.ends_with("_per_s");
    if is_time || name.ends_with("amplification") { 1.0 } else { k }
}

fn area(area: &mut (u128, u128), by: f64) {
    *area = (times(area.0, by), times(area.1, by));
}

fn times(area: u128, by: f64) -> u128 {
    if by.fract() == 0.0 { area * by as u128 } else { (area as f64 * by).round() as u128 }
}

fn series(set: &mut SeriesSet, factor: impl Fn(&str) -> f64) {
    let factors: Vec<f64> = set.names.iter().map(|name| factor(name)).collect();
    for row in set.values.chunks_exact_mut(factors.len().max(1)) {
        row.iter_mut().zip(&factors).for_each(|(value, factor)| *value *= factor);
    }
}

fn decisions(seen: &mut ScalingSeen, pool: &Pool, unit: f64, metric: Option<ScalingMetric>) {
    let whole = |count: u32| (f64::from(count) * pool.replicas).round() as u32;
    for decision in &mut seen.decisions {
        decision.current = whole(decision.current);
        decision.desired = whole(decision.desired);
        if metric.is_some() {
            decision.metric.iter_mut().for_each(|metric| *metric *= unit);
        }
    }
    for count in [&mut seen.killed, &mut seen.throttled] {
        *count = (*count as f64 * pool.replicas).round() as u64;
    }
}

macro_rules! every {
    ($counters:ty, $($field:ident),+) => {
        impl $counters {
            fn each(&mut self, mut change: impl FnMut(&mut u64)) {
                // Naming every field makes the compiler point here when there is one more.
                let Self { $($field),+ } = self;
                $(change($field);)+
            }
        }
    };
}

every!(
    Counters,
    published,
    rejected,
    deliveries,
    redeliveries,
    attempted,
    attempts,
    completed,
    duplicates,
    dead_lettered,
    expired,
    dropped,
    out_of_order,
    deduplicated,
    redriven,
    shed,
    skipped
);
every!(ProducerCounters, requests, published, rejected, answered, timeouts, client_retries, gave_up);
every!(
    DependencyCounters,
    calls,
    completed,
    errors,
    rejected,
    throttled,
    refused,
    abandoned,
    skipped,
    lost,
    retries,
    hedges,
    timeouts,
    short_circuited,
    bulkhead_rejected,
    budget_denied
);
every!(WorkflowCounters, started, completed, compensated, failed, stuck);
