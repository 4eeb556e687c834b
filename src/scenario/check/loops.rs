//! Circles: dead letters that come back, messages that multiply for ever, attempts that repeat without time passing.

use super::consumer::{reaches, upstream};
use super::{Checker, entries, rows};
use crate::random::Distribution;
use crate::scenario::problem::Place;
use crate::scenario::value::{Consumer, Effect, Fault, Producer, Queue, RetryPlace, Service, Source, Target};

impl Checker<'_> {
    pub(super) fn dead_letter_cycles(&mut self, queues: &[Queue]) {
        let file = self.file;
        for (index, queue) in queues.iter().enumerate() {
            let mut path = vec![index];
            let mut at = queue.dead_letter;
            while let Some(next) = at {
                if next == index {
                    // A circle is told once, at its first queue.
                    if path.iter().all(|other| *other >= index) {
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
    pub(super) fn publishing_cycles(&mut self, queues: &[Queue], consumers: &[Consumer]) {
        let onward = onward(queues, consumers);
        let endless = endless(&onward);
        let Some(start) = endless.first().copied() else { return };
        let circle = circle(start, &endless, &onward);
        let names: Vec<String> =
            circle.iter().filter_map(|at| queues.get(*at)).map(|queue| format!("`{}`", queue.name)).collect();
        let place = self.then_place(&circle, queues, consumers);
        self.refuse(
            &place,
            format!(
                "messages go round {} and never get out: each leads to one or more of its kind for ever",
                names.join(" → ")
            ),
            "give a `then` on the way a `share` below 1",
        );
    }

    fn then_place(&self, circle: &[usize], queues: &[Queue], consumers: &[Consumer]) -> Place {
        let (Some(from), Some(to)) = (circle.first(), circle.get(1)) else { return Place::Default };
        for consumer in consumers.iter().filter(|consumer| consumer.from.queue() == Some(*from)) {
            let written =
                self.file.consumer.iter().flat_map(|named| &named.0).find(|(name, _)| name.value == consumer.name);
            let Some((_, written)) = written else { continue };
            for (then, written) in consumer.then.iter().zip(entries(&written.then)) {
                if reaches(then.to, queues, &[*to]) {
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
        queues: &[Queue],
        consumers: &[Consumer],
        faults: &[Fault],
    ) {
        let file = self.file;
        for (index, consumer) in consumers.iter().enumerate() {
            let written = file.consumer.iter().flat_map(|named| &named.0).find(|(name, _)| name.value == consumer.name);
            let (Some((_, written)), Some(queue)) = (written, consumer.from.queue().and_then(|from| queues.get(from)))
            else {
                continue;
            };
            let closed = producers.iter().any(|producer| {
                matches!(&producer.source, Source::Clients { think, .. } if think.is_zero())
                    && producer.to.contains(&Target::Queue(consumer.from.queue().unwrap_or(usize::MAX)))
            });
            let place = written.service.as_ref().map_or(&written.place, |service| &service.place);
            if closed && takes_no_time(consumer, false) {
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
                    let into = upstream(consumer.from.queue().unwrap_or(usize::MAX), queues, consumers);
                    poisons(producer) && producer.to.iter().any(|target| reaches(*target, queues, &into))
                });
            if fails
                && takes_no_time(consumer, true)
                && !is_limited(consumer, queue)
                && returns_at_once(consumer)
                && !consumer.ack_before
            {
                self.refuse(
                    place,
                    format!(
                        "a message that always fails would be tried by `{}` for ever at the same instant: the attempt \
                         takes no time, the retry has no delay, and nothing limits the deliveries",
                        consumer.name
                    ),
                    "give `service` a length, the `retry` a `backoff`, or the queue `max_deliveries`",
                );
            }
        }
    }
}

fn always_fails(fault: &Fault, index: usize) -> bool {
    matches!(fault.effect, Effect::ConsumerErrors { consumer, error_rate } if consumer == index && error_rate >= 1.0)
}

fn poisons(producer: &Producer) -> bool {
    producer.poison > 0.0 || rows(producer).is_some_and(|rows| rows.iter().any(|row| row.poison))
}

fn takes_no_time(consumer: &Consumer, failing: bool) -> bool {
    let zero = |law: &Option<Distribution>| law.as_ref().is_none_or(Distribution::is_zero);
    let per_batch = consumer.batch.as_ref().and_then(|batch| batch.service_per_batch.as_ref());
    let waits = consumer.batch.as_ref().is_some_and(|batch| batch.size > 1 && batch.wait.ns() > 0);
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

fn is_limited(consumer: &Consumer, queue: &Queue) -> bool {
    let retry = consumer.retry.as_ref();
    let in_process = retry.is_some_and(|retry| retry.place == RetryPlace::Process);
    retry.is_some_and(|retry| retry.max_attempts.is_some()) || (!in_process && queue.max_deliveries.is_some())
}

fn returns_at_once(consumer: &Consumer) -> bool {
    consumer.retry.as_ref().is_none_or(|retry| retry.backoff.is_zero())
}

/// Expected messages into queue `j` for each one into queue `i`. Consumers of one queue are taken to share it evenly.
fn onward(queues: &[Queue], consumers: &[Consumer]) -> Vec<Vec<f64>> {
    let mut matrix = vec![vec![0.0; queues.len()]; queues.len()];
    for consumer in consumers {
        let Some(from) = consumer.from.queue() else { continue };
        let readers = consumers.iter().filter(|other| other.from == consumer.from).count() as f64;
        let limit = queues.get(from).and_then(|queue| queue.max_deliveries);
        let dead = match limit {
            Some(limit) => consumer.failure.powi(limit.min(10_000) as i32),
            None if consumer.failure >= 1.0 => 1.0,
            None => 0.0,
        };
        let completes = (1.0 - consumer.permanent_failure - dead).max(0.0);
        if let Some(dead_letter) = queues.get(from).and_then(|queue| queue.dead_letter) {
            matrix[from][dead_letter] += (1.0 - completes) / readers;
        }
        for then in &consumer.then {
            let expected = completes * then.share * f64::from(then.times) / readers;
            match then.to {
                Target::Queue(queue) => matrix[from][queue] += expected,
                Target::Stream(_) => {}
                Target::Topic(topic) => {
                    for (index, queue) in queues.iter().enumerate() {
                        if let Some(subscription) = queue.subscribe.filter(|subscription| subscription.topic == topic) {
                            matrix[from][index] += expected * subscription.share;
                        }
                    }
                }
            }
        }
    }
    matrix
}

/// Queues that messages return to without end: those on a circle for which the powers of the matrix do not vanish.
///
/// 2⁴⁰ passes: what remains of a circle that loses one message in 10⁹ is e⁻¹⁰⁰⁰.
fn endless(onward: &[Vec<f64>]) -> Vec<usize> {
    let size = onward.len();
    // Without a circle the powers vanish by themselves; only queues on a circle take part.
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

/// Which queue leads to which, over any number of steps.
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

/// A circle among the endless queues, its first repeated at the end.
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
