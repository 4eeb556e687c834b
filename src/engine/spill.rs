//! A local disk for refused messages: `on_reject = { spill = { capacity, rate } }`.

use super::alarms::Alarm;
use super::messages::Draft;
use super::world::World;
use crate::model::OnRejectModel;
use std::collections::VecDeque;

/// What lies on the disk, the oldest first.
#[derive(Default)]
pub(super) struct Spilled {
    drafts: VecDeque<Draft>,
}

impl World<'_> {
    /// A refused message goes to the disk, or is lost where that is full.
    #[inline(never)]
    pub(super) fn spill(&mut self, draft: Draft) {
        let index = draft.producer as usize;
        let OnRejectModel::Spill(spill) = &self.producers[index].model.on_reject else { return };
        let Some(disk) = &mut self.upstream[index].spilled else { return };
        if disk.drafts.len() >= spill.capacity as usize {
            self.producers[index].counters.gave_up += 1;
            return;
        }
        let first = disk.drafts.is_empty();
        disk.drafts.push_back(draft);
        self.producers[index].waiting.enter(self.now);
        if first {
            self.alarm(self.now.saturating_add(spill.gap.ns()), Alarm::Drain, index as u64);
        }
    }

    /// The oldest on the disk is published again; one that is refused stays where it is.
    #[inline(never)]
    pub(super) fn drain(&mut self, index: usize) {
        let OnRejectModel::Spill(spill) = &self.producers[index].model.on_reject else { return };
        let Some(draft) = self.upstream[index].spilled.as_mut().and_then(|disk| disk.drafts.front_mut()) else {
            return;
        };
        draft.publishes += 1;
        let draft = *draft;
        let confirmed = self.publish_from_disk(draft);
        let Some(disk) = &mut self.upstream[index].spilled else { return };
        if confirmed {
            disk.drafts.pop_front();
            self.producers[index].waiting.leave(self.now);
        }
        if !disk.drafts.is_empty() {
            self.alarm(self.now.saturating_add(spill.gap.ns()), Alarm::Drain, index as u64);
        }
    }
}
