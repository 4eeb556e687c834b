//! Circles: dead letters that come back, messages that multiply for ever, attempts that repeat without time passing.

use super::flow::Flow;
use super::{Checker, entries, rows};
use crate::random::Distribution;
use crate::scenario::problem::Place;
use crate::scenario::value::{
    Call, Consumer, Dependency, Effect, Fault, Feed, Producer, Queue, RetryPlace, Service, Source,
};

impl Checker<'_> {
    pub(super) fn dead_letter_cycles(&mut self, queues: &[Queue], consumers: &[Consumer]) {
        let file = self.file;
        for (index, queue) in queues.iter().enumerate() {
            let mut path = vec![index];
            let mut at = queue.dead_letter;
            while let Some(next) = at {
                if next == index {
                    // A circle is told once, at its first queue.
                    let takes_time = |at: &usize| {
                        queues.get(*at).is_some_and(|queue| {
                            queue.traits.dead_letter_expired
                                && queue.ttl.as_ref().is_some_and(|ttl| !ttl.is_zero())
                                && !consumers.iter().any(|consumer| consumer.from == Feed::Queue(*at))
                        })
                    };
                    // A queue that nobody reads and that lets go of its messages by their time to live is a delay.
                    if path.iter().all(|other| *other >= index) && !path.iter().any(takes_time) {
                        let names: Vec<String> = path
                            .iter()
                            .chain([&index])
                            .filter_map(|at| queues.get(*at))
                            .map(|queue| format!("`{}`", queue.name))
                            .collect();
                        let written =
                            file.queue.iter().flat_map(|named| &named.0).find(|(name, _)| name.value == queue.name);
                        let place = written
                            .and_then(|(_, queue)| queue.dead_letter.as_ref())
                            .map_or(Place::Default, |dead| dead.place.clone());
                        self.refuse(
                            &place,
                            format!("dead letters go round in a circle: {}", names.join(" → ")),
                            "send them to a queue that does not send them back",
                        );
                    }
                    break;
                }
                if path.contains(&next) {
                    break;
                }
                path.push(next);
                at = queues.get(next).and_then(|queue| queue.dead_letter);
            }
        }
    }

    /// Refuses `then` graphs in which one message leads to infinitely many.
    pub(super) fn publishing_cycles(&mut self, flow: Flow<'_>) {
        let onward = onward(flow);
        let endless = endless(&onward);
        let Some(start) = endless.first().copied() else { return };
        let nodes: Vec<Feed> = flow.nodes().collect();
        let circle: Vec<Feed> =
            circle(start, &endless, &onward).iter().filter_map(|at| nodes.get(*at)).copied().collect();
        let names: Vec<String> = circle.iter().map(|node| format!("`{}`", flow.name(*node))).collect();
        let place = self.then_place(&circle, flow);
        self.refuse(
            &place,
            format!(
                "messages go round {} and never get out: each leads to one or more of its kind for ever",
                names.join(" → ")
            ),
            "give a `then` on the way a `share` below 1",
        );
    }

    fn then_place(&self, circle: &[Feed], flow: Flow<'_>) -> Place {
        let (Some(from), Some(to)) = (circle.first(), circle.get(1)) else { return Place::Default };
        for consumer in flow.consumers.iter().filter(|consumer| consumer.from == *from) {
            let written =
                self.file.consumer.iter().flat_map(|named| &named.0).find(|(name, _)| name.value == consumer.name);
            let Some((_, written)) = written else { continue };
            for (then, written) in consumer.then.iter().zip(entries(&written.then)) {
                if flow.reaches(then.to, &[*to]) {
                    return written.to.place.clone();
                }
            }
        }
        Place::Default
    }

    /// Refuses attempts that fail, return at once and take no time: the clock would stand still.
    pub(super) fn standstill(
        &mut self,
        producers: &[Producer],
        flow: Flow<'_>,
        dependencies: &[Dependency],
        faults: &[Fault],
    ) {
        let file = self.file;
        for (index, consumer) in flow.consumers.iter().enumerate() {
            let written = file.consumer.iter().flat_map(|named| &named.0).find(|(name, _)| name.value == consumer.name);
            let Some((_, written)) = written else { continue };
            let closed = producers.iter().any(|producer| {
                matches!(&producer.source, Source::Clients { think, .. } if think.is_zero())
                    && producer.to.iter().any(|to| flow.reaches(*to, &[consumer.from]))
            });
            let place = written.service.as_ref().map_or(&written.place, |service| &service.place);
            if closed
                && takes_no_time(consumer, false)
                && !consumer.calls.iter().any(|call| takes_time(call, dependencies))
            {
                self.refuse(
                    place,
                    "clients that never think and work that takes no time would go on for ever at the same instant",
                    "give `service` or `think` a length",
                );
                continue;
            }
            let fails = consumer.failure >= 1.0
                || faults.iter().any(|fault| always_fails(fault, index))
                || producers.iter().any(|producer| {
                    let into = flow.upstream(consumer.from);
                    poisons(producer) && producer.to.iter().any(|target| flow.reaches(*target, &into))
                })
                || flow.queues.iter().filter_map(|queue| queue.redrive).any(|redrive| {
                    redrive.still_failing.is_some_and(|share| share > 0.0) && Feed::Queue(redrive.to) == consumer.from
                });
            let refused = consumer.calls.iter().any(|call| may_fail_at_once(call, dependencies, faults));
            if (fails || refused)
                && takes_no_time(consumer, true)
                && attempts(consumer, flow).is_none()
                && returns_at_once(consumer)
            {
                let limit = match consumer.group {
                    Some(_) => "say what happens with on_failure = \"skip\"",
                    None => "give the queue `max_deliveries`",
                };
                self.refuse(
                    place,
                    format!(
                        "a message that {} would be tried by `{}` for ever at the same instant: the attempt \
                         takes no time, the retry has no delay, and nothing limits the deliveries",
                        if fails { "always fails" } else { "fails because a call is refused" },
                        consumer.name
                    ),
                    format!("give `service` a length, or the `retry` a `backoff`, or {limit}"),
                );
            }
        }
    }
}

fn always_fails(fault: &Fault, index: usize) -> bool {
    matches!(fault.effect, Effect::ConsumerErrors { consumer, error_rate } if consumer == index && error_rate >= 1.0)
}

/// Every attempt makes the call, and every answer takes its time.
fn takes_time(call: &Call, dependencies: &[Dependency]) -> bool {
    let called = dependencies.get(call.dependency);
    call.share >= 1.0 && called.is_some_and(|called| !called.service.is_zero())
}

/// The call may be refused again and again at one instant.
fn may_fail_at_once(call: &Call, dependencies: &[Dependency], faults: &[Fault]) -> bool {
    let Some(called) = dependencies.get(call.dependency) else { return false };
    let pauses = call.retry.as_ref().is_some_and(|retry| {
        retry.budget.is_none() && !retry.backoff.is_zero() && retry.max_attempts.is_none_or(|attempts| attempts > 1)
    });
    let down = |fault: &Fault| matches!(fault.effect, Effect::DependencyDown { dependency, silent: false } if dependency == call.dependency);
    // Nobody tries again where the breaker refused.
    let full = called.queue_limit.is_some() || called.rate_limit.is_some();
    call.breaker.is_some() || !pauses && (call.bulkhead.is_some() || full || faults.iter().any(down))
}

fn poisons(producer: &Producer) -> bool {
    producer.poison > 0.0 || rows(producer).is_some_and(|rows| rows.iter().any(|row| row.poison))
}

fn takes_no_time(consumer: &Consumer, failing: bool) -> bool {
    let zero = |law: &Option<Distribution>| law.as_ref().is_none_or(Distribution::is_zero);
    let per_batch = consumer.batch.as_ref().and_then(|batch| batch.service_per_batch.as_ref());
    // A group tries a batch again as it is, without collecting it anew.
    let collects = consumer.group.is_none() || !failing;
    let waits = collects && consumer.batch.as_ref().is_some_and(|batch| batch.size > 1 && batch.wait.ns() > 0);
    let work = match (&consumer.failure_service, per_batch, &consumer.service) {
        (Some(law), ..) if failing => law.is_zero(),
        (_, Some(law), _) => law.is_zero(),
        (_, _, Service::Drawn(law)) => law.is_zero(),
        (_, _, Service::ByPriority(laws)) => laws.iter().any(Distribution::is_zero),
        // Recorded times may be zero, but then so are few of them.
        (_, _, Service::Message) => false,
    };
    let overhead = if failing { &consumer.overhead_failure } else { &consumer.overhead_success };
    work && !waits && zero(overhead)
}

/// Attempts after which a message is given up; `None` without a limit.
fn attempts(consumer: &Consumer, flow: Flow<'_>) -> Option<u32> {
    let retry = consumer.retry.as_ref();
    let in_process = retry.is_some_and(|retry| retry.place == RetryPlace::Process);
    let queue = consumer.from.queue().and_then(|queue| flow.queues.get(queue));
    // Where failures do not count, only the consumer's own limit ends the tries.
    let deliveries = queue.and_then(|queue| queue.max_deliveries.filter(|_| queue.traits.counts.nack && !in_process));
    let forgotten = consumer.ack_before || queue.is_some_and(|queue| queue.traits.at_most_once);
    let once = (forgotten && !in_process).then_some(1);
    [retry.and_then(|retry| retry.max_attempts), deliveries, once].into_iter().flatten().min()
}

fn returns_at_once(consumer: &Consumer) -> bool {
    consumer.retry.as_ref().is_none_or(|retry| retry.backoff.is_zero())
}

/// Expected messages into node `j` for each one into node `i`. Consumers of one queue are taken to share it evenly; each
/// group gets all of a stream.
fn onward(flow: Flow<'_>) -> Vec<Vec<f64>> {
    let size = flow.nodes().count();
    let mut matrix = vec![vec![0.0; size]; size];
    for consumer in flow.consumers {
        let readers = match consumer.from {
            Feed::Queue(_) => flow.consumers.iter().filter(|other| other.from == consumer.from).count() as f64,
            Feed::Stream(_) => 1.0,
        };
        let given_up = match attempts(consumer, flow) {
            Some(limit) => consumer.failure.powi(limit.min(10_000) as i32),
            None if consumer.failure >= 1.0 => 1.0,
            None => 0.0,
        };
        let completes = (1.0 - consumer.permanent_failure - given_up).max(0.0);
        let row = &mut matrix[flow.index(consumer.from)];
        if let Some(dead_letter) = flow.dead_letter(consumer) {
            row[dead_letter] += (1.0 - completes) / readers;
        }
        for then in &consumer.then {
            let expected = completes * then.share * f64::from(then.times) / readers;
            for (node, share) in flow.into(then.to) {
                row[flow.index(node)] += expected * share;
            }
        }
    }
    matrix
}

/// Nodes that messages return to without end: those on a circle for which the powers of the matrix do not vanish.
///
/// 2⁴⁰ passes: what remains of a circle that loses one message in 10⁹ is e⁻¹⁰⁰⁰.
fn endless(onward: &[Vec<f64>]) -> Vec<usize> {
    let size = onward.len();
    // Without a circle the powers vanish by themselves; only nodes on a circle take part.
    let reach = closure(onward);
    let on_circle: Vec<usize> = (0..size).filter(|at| reach[*at][*at]).collect();
    let mut power: Vec<Vec<f64>> =
        on_circle.iter().map(|row| on_circle.iter().map(|column| onward[*row][*column]).collect()).collect();
    let n = on_circle.len();
    for _ in 0..40 {
        power = squared(&power);
    }
    (0..n).filter(|row| power[*row].iter().any(|entry| *entry > 1e-9)).map(|row| on_circle[row]).collect()
}

/// Entries are cut at 10³⁰, far beyond what is still asked of them.
fn squared(power: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut next = vec![vec![0.0_f64; power.len()]; power.len()];
    for (row, sums) in power.iter().zip(&mut next) {
        for (through, factors) in row.iter().zip(power).filter(|(through, _)| **through > 0.0) {
            for (sum, factor) in sums.iter_mut().zip(factors) {
                *sum = (*sum + through * factor).min(1e30);
            }
        }
    }
    next
}

/// Which node leads to which, over any number of steps.
fn closure(onward: &[Vec<f64>]) -> Vec<Vec<bool>> {
    let mut reach: Vec<Vec<bool>> = onward.iter().map(|row| row.iter().map(|entry| *entry > 0.0).collect()).collect();
    for via in 0..reach.len() {
        let beyond = reach[via].clone();
        for row in reach.iter_mut().filter(|row| row[via]) {
            row.iter_mut().zip(&beyond).for_each(|(to, more)| *to |= more);
        }
    }
    reach
}

/// A circle among the endless nodes, its first repeated at the end.
fn circle(start: usize, endless: &[usize], onward: &[Vec<f64>]) -> Vec<usize> {
    let mut path = vec![start];
    loop {
        let at = path[path.len() - 1];
        let Some(next) = endless.iter().copied().find(|next| onward[at][*next] > 0.0) else { return path };
        if let Some(first) = path.iter().position(|seen| *seen == next) {
            path.drain(..first);
            path.push(next);
            return path;
        }
        path.push(next);
    }
}
