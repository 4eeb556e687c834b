//! Fan-out: every subscription gets a copy of its own, and a topic that retries offers it again.

use super::gate::Verdict;
use super::limits::Bucket;
use super::memory::Memory;
use super::messages::Draft;
use super::meter::Meter;
use super::world::World;
use crate::model::{Model, RetryPhase, Target, TopicModel};
use crate::policy::budget::Trouble;
use crate::units::Nanos;
use std::collections::VecDeque;

/// The state of one topic.
pub(super) struct Topic {
    publish_bucket: Option<Bucket>,
    memory: Option<Memory>,
    /// Faults that keep it from handing on, those of them that refuse publishes, and of these the ones that tell nobody.
    stopped: u32,
    down: u32,
    pub(super) silent: u32,
    /// Publishes and copies for when it hands on again.
    held: VecDeque<Draft>,
    pub(super) meter: Option<Box<Meter>>,
}

impl Topic {
    pub(super) fn new(model: &TopicModel, origin: Nanos, weight: u32) -> Topic {
        Topic {
            publish_bucket: Bucket::optional(model.publish_limit, origin),
            memory: (model.dedup_window > 0).then(|| Memory::new(model.dedup_window)),
            stopped: 0,
            down: 0,
            silent: 0,
            held: VecDeque::new(),
            meter: Meter::optional(model.meter, weight, 1.0),
        }
    }
}

impl World<'_> {
    /// A publish to a topic. Only the topic itself can refuse it.
    pub(super) fn publish_to_topic(&mut self, topic: usize, draft: Draft) -> Verdict {
        let now = self.now;
        let state = &mut self.topics[topic];
        if state.down > 0 {
            return if state.silent > 0 { Verdict::Lost } else { Verdict::Rejected };
        }
        if let Some(meter) = &mut state.meter {
            meter.published(draft.size);
        }
        if let Some(bucket) = &mut state.publish_bucket
            && !bucket.take(1.0, now)
        {
            self.trouble = Trouble::Throttle;
            return Verdict::Rejected;
        }
        let identity = draft.identity();
        if let Some(memory) = &mut state.memory
            && identity != u64::MAX
        {
            if memory.knows(identity, now) {
                return Verdict::Lost;
            }
            memory.note(identity, now);
        }
        if self.topics[topic].stopped > 0 {
            self.topics[topic].held.push_back(draft);
        } else {
            self.fan_out(topic, draft);
        }
        Verdict::Accepted
    }

    /// A copy that is offered again has to wait where a fault holds up its topic.
    pub(super) fn deliver_or_hold(&mut self, copy: Draft) {
        let topic = &mut self.topics[copy.topic as usize];
        if topic.stopped > 0 { topic.held.push_back(copy) } else { self.deliver_copy(copy) }
    }

    /// A fault keeps a topic from handing on, and from taking publishes where it is down.
    pub(super) fn topic_stops(&mut self, topic: usize, down: bool, silent: bool) {
        let state = &mut self.topics[topic];
        state.stopped += 1;
        state.down += u32::from(down);
        state.silent += u32::from(silent);
    }

    /// What was held up is handed on in the order in which it came.
    pub(super) fn topic_resumes(&mut self, topic: usize, down: bool, silent: bool) {
        let state = &mut self.topics[topic];
        state.stopped -= 1;
        state.down -= u32::from(down);
        state.silent -= u32::from(silent);
        if state.stopped > 0 {
            return;
        }
        for draft in std::mem::take(&mut state.held) {
            match draft.topic {
                u32::MAX => self.fan_out(topic, draft),
                _ => self.deliver_copy(draft),
            }
        }
    }

    fn fan_out(&mut self, topic: usize, draft: Draft) {
        let model: &Model = self.model;
        for &(queue, share) in &model.topics[topic].subscriptions {
            if share < 1.0 && !self.queues[queue].chance.chance(share) {
                continue;
            }
            let level = draft.level.min(self.queues[queue].model.levels as u8 - 1);
            let copy = Draft { level, target: Target::Queue(queue), topic: topic as u32, publishes: 0, ..draft };
            self.deliver_copy(copy);
        }
    }

    /// Offers a copy to its subscriber. A subscriber that refuses loses its own copy only, once the topic's retries are
    /// used up; the publisher hears nothing of it.
    pub(super) fn deliver_copy(&mut self, mut copy: Draft) {
        let Target::Queue(queue) = copy.target else { return };
        copy.publishes += 1;
        if let Some(meter) = &mut self.topics[copy.topic as usize].meter {
            meter.copied(copy.size);
        }
        match self.publish(queue, copy, false) {
            Verdict::Accepted => {}
            Verdict::Full => self.wait_in_line(queue, Draft { producer: u32::MAX, ..copy }, u32::MAX),
            // What a queue takes and throws away is its own affair; one that is down has not taken it.
            Verdict::Lost if self.queues[queue].down == 0 => {}
            Verdict::Lost | Verdict::Rejected => {
                let phases = &self.model.topics[copy.topic as usize].delivery_retry;
                if let Some(delay) = delay_of(phases, copy.publishes) {
                    self.offer_again(copy, delay);
                }
            }
        }
    }
}

/// Delay before the n-th retry, from 1; `None` where the schedule has ended.
fn delay_of(phases: &[RetryPhase], n: u32) -> Option<Nanos> {
    let mut left = n - 1;
    for phase in phases {
        if left < phase.attempts {
            let (from, to) = (phase.from.ns() as f64, phase.to.ns() as f64);
            if from == 0.0 || phase.attempts == 1 || from == to {
                return Some(from as Nanos);
            }
            let place = f64::from(left) / f64::from(phase.attempts - 1);
            return Some((from * (to / from).powf(place)).round() as Nanos);
        }
        left -= phase.attempts;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Duration, SECOND};

    #[test]
    fn phases_follow_one_another() {
        let s = |n| Duration(n * SECOND);
        let phases = [
            RetryPhase { attempts: 3, from: s(0), to: s(0) },
            RetryPhase { attempts: 2, from: s(1), to: s(1) },
            RetryPhase { attempts: 3, from: s(1), to: s(4) },
        ];
        let delays: Vec<Option<Nanos>> = (1..=9).map(|n| delay_of(&phases, n)).collect();
        let expected = [0, 0, 0, 1, 1, 1, 2, 4].map(|n| Some(n * SECOND));
        assert_eq!(delays[..8], expected);
        assert_eq!(delays[8], None);
    }
}
