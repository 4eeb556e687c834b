//! What a consumer publishes onward when a message is completed.

use super::gate::Verdict;
use super::messages::Draft;
use super::world::{Doing, World};
use crate::model::Target;

impl World<'_> {
    /// Publishes onward at completion.
    pub(super) fn onward(&mut self, slot: usize, draft: Draft) {
        let ci = self.slots[slot].consumer as usize;
        let model = self.consumers[ci].model;
        if model.then.is_empty() {
            return;
        }
        let mut left = if model.route_one { self.consumers[ci].routes.uniform() } else { 0.0 };
        for then in &model.then {
            let chosen = if model.route_one {
                let before = left;
                left -= then.share;
                before >= 0.0 && left < 0.0
            } else {
                self.consumers[ci].routes.chance(then.share)
            };
            if !chosen {
                continue;
            }
            for _ in 0..then.times {
                // What a topic or stream refuses is lost on the way: there is nobody to tell.
                match then.to {
                    Target::Stream(stream) => {
                        self.publish_to_stream(stream, draft);
                    }
                    Target::Topic(topic) => {
                        self.publish_to_topic(topic, draft);
                    }
                    Target::Workflow(workflow) => {
                        self.start_execution(workflow, draft);
                    }
                    Target::Queue(to) => self.forward(slot, to, draft),
                }
            }
        }
    }

    fn forward(&mut self, slot: usize, to: usize, draft: Draft) {
        let level = draft.level.min(self.queues[to].model.levels as u8 - 1);
        let draft = Draft { level, ..draft };
        if self.publish(to, draft, false) == Verdict::Full {
            self.slots[slot].doing = match self.slots[slot].doing {
                Doing::Blocked(n) => Doing::Blocked(n + 1),
                _ => Doing::Blocked(1),
            };
            self.wait_in_line(to, draft, slot as u32);
        }
    }
}
