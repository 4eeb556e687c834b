//! Faults begin and end: what each one does to what it hits.

use super::world::{Doing, Life, NO_TICKET, World};
use crate::model::Effect;

impl World<'_> {
    pub(super) fn fault_starts(&mut self, fault: usize) {
        match self.model.effects[fault] {
            Effect::ConsumerErrors { consumer, error_rate } => {
                self.consumers[consumer].error_rates.push((fault, error_rate));
                self.consumers[consumer].refresh();
            }
            Effect::ConsumerSlow { consumer, factor } => {
                self.consumers[consumer].slow_factors.push((fault, factor));
                self.consumers[consumer].refresh();
            }
            Effect::ConsumerCrash { consumer, replicas } => {
                for ri in self.strike(fault, consumer, replicas) {
                    self.replicas[ri].faults += 1;
                    self.crash_replica(ri);
                }
            }
            Effect::ConsumerHang { consumer, replicas } => {
                for ri in self.strike(fault, consumer, replicas) {
                    self.replicas[ri].hung = true;
                    self.tasks_fall_silent(ri);
                    let queue = self.consumers[consumer].model.queue;
                    if self.queues[queue].group.is_some() {
                        self.slots_of(ri).for_each(|slot| self.member_hangs(slot));
                    }
                    for slot in self.slots_of(ri) {
                        if self.slots[slot].doing != Doing::Filling {
                            self.slots[slot].ticket = NO_TICKET;
                        }
                    }
                }
            }
            Effect::ConsumerDeploy { consumer, deploy } => self.deploy_starts(consumer, deploy),
            Effect::ConsumerPause { consumer } => {
                self.consumers[consumer].paused += 1;
                for ri in self.replicas_of(consumer) {
                    self.leave_takers(ri);
                    // Idle slots of a prefetching replica still work off its buffer, which is empty while any is idle.
                }
            }
            Effect::QueuePause { queue } => self.queues[queue].barred += 1,
            Effect::QueueDown { queue, silent } => {
                let q = &mut self.queues[queue];
                q.barred += 1;
                q.down += 1;
                q.silent += u32::from(silent);
            }
            Effect::DependencyErrors { dependency, error_rate } => {
                self.dependency_fails(dependency, fault, Some(error_rate));
            }
            Effect::DependencySlow { dependency, factor } => self.dependency_slows(dependency, fault, Some(factor)),
            Effect::DependencyDown { dependency, silent } => self.dependency_stops(dependency, silent),
            Effect::StreamPause { stream } => self.stream_stops(fault, stream, false, false),
            Effect::StreamDown { stream, silent } => self.stream_stops(fault, stream, true, silent),
            Effect::TopicPause { topic } => self.topic_stops(topic, false, false),
            Effect::TopicDown { topic, silent } => self.topic_stops(topic, true, silent),
            // A producer's curve has the fault in it already; its clients have not.
            Effect::ProducerTimes { producer, factor } => self.crowd_times(fault, producer, Some(factor)),
            Effect::ProducerPause { producer } => self.crowd_pauses(producer),
        }
    }

    pub(super) fn fault_ends(&mut self, fault: usize) {
        match self.model.effects[fault] {
            Effect::ConsumerErrors { consumer, .. } => {
                self.consumers[consumer].error_rates.retain(|(f, _)| *f != fault);
                self.consumers[consumer].refresh();
            }
            Effect::ConsumerSlow { consumer, .. } => {
                self.consumers[consumer].slow_factors.retain(|(f, _)| *f != fault);
                self.consumers[consumer].refresh();
            }
            Effect::ConsumerCrash { .. } => {
                for ri in std::mem::take(&mut self.struck[fault]) {
                    self.restart_replica(ri);
                }
            }
            Effect::ConsumerHang { .. } => {
                // It is killed and started again: what it held is lost to it.
                for ri in std::mem::take(&mut self.struck[fault]) {
                    self.replicas[ri].hung = false;
                    self.replicas[ri].faults += 1;
                    self.crash_replica(ri);
                    self.restart_replica(ri);
                }
            }
            Effect::ConsumerPause { consumer } => {
                self.consumers[consumer].paused -= 1;
                if self.consumers[consumer].paused == 0 {
                    let live: Vec<usize> =
                        self.replicas_of(consumer).filter(|&ri| self.replicas[ri].life == Life::Live).collect();
                    live.into_iter().for_each(|ri| self.rejoin(ri));
                }
            }
            Effect::QueuePause { queue } => {
                self.queues[queue].barred -= 1;
                self.reopen(queue);
            }
            Effect::QueueDown { queue, silent } => {
                let q = &mut self.queues[queue];
                q.barred -= 1;
                q.down -= 1;
                q.silent -= u32::from(silent);
                self.reopen(queue);
            }
            Effect::DependencyErrors { dependency, .. } => self.dependency_fails(dependency, fault, None),
            Effect::DependencySlow { dependency, .. } => self.dependency_slows(dependency, fault, None),
            Effect::DependencyDown { dependency, silent } => self.dependency_resumes(dependency, silent),
            // It ends by itself, when the last replica is back.
            Effect::ConsumerDeploy { .. } => {}
            Effect::StreamPause { stream } => self.stream_resumes(fault, stream, false, false),
            Effect::StreamDown { stream, silent } => self.stream_resumes(fault, stream, true, silent),
            Effect::TopicPause { topic } => self.topic_resumes(topic, false, false),
            Effect::TopicDown { topic, silent } => self.topic_resumes(topic, true, silent),
            Effect::ProducerTimes { producer, .. } => self.crowd_times(fault, producer, None),
            Effect::ProducerPause { producer } => self.crowd_resumes(producer),
        }
    }

    fn reopen(&mut self, queue: usize) {
        self.pump(queue);
        self.unblock(queue);
    }
}
