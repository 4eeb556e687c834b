//! Faults of a stream, or of some of its partitions.

use super::stream::StreamState;
use super::world::World;
use crate::model::Model;

impl StreamState {
    /// A fault keeps some partition from answering.
    pub(super) fn is_silent(&self) -> bool {
        self.silent > 0 || (self.partial > 0 && self.shards.iter().any(|shard| shard.silent > 0))
    }

    /// A publish to the partition is lost without a word.
    pub(super) fn keeps_silent(&self, partition: u32) -> bool {
        self.silent > 0 || self.shards[partition as usize].silent > 0
    }

    #[inline]
    pub(super) fn has_lost(&self, partition: u32) -> bool {
        self.partial > 0 && self.shards[partition as usize].down > 0
    }

    /// Publishers know that the partition takes nothing.
    pub(super) fn refuses(&self, partition: u32) -> bool {
        self.has_lost(partition) && self.shards[partition as usize].silent == 0
    }

    /// A partition for records without a key, while some take nothing; any where all do.
    pub(super) fn one_that_takes(&mut self) -> u32 {
        let all = self.shards.len() as u32;
        let taking: Vec<u32> = (0..all).filter(|partition| !self.refuses(*partition)).collect();
        let place = self.chance.uniform();
        match taking.len() {
            0 => (place * f64::from(all)) as u32,
            n => taking[(place * n as f64) as usize],
        }
    }
}

impl World<'_> {
    /// A fault stops deliveries of a stream or of some partitions, and publishes too where it is down.
    pub(super) fn stream_stops(&mut self, fault: usize, stream: usize, down: bool, silent: bool) {
        let model: &Model = self.model;
        let (lost, state) = (&model.lost_partitions[fault], &mut self.streams[stream]);
        let groups = &model.streams[stream].groups;
        if lost.is_empty() {
            state.down += u32::from(down);
            state.silent += u32::from(silent);
            return groups.iter().for_each(|&queue| self.queues[queue].barred += 1);
        }
        state.partial += 1;
        for &partition in lost {
            let shard = &mut state.shards[partition as usize];
            shard.down += u32::from(down);
            shard.silent += u32::from(silent);
            for &queue in groups {
                let lanes = self.queues[queue].group.iter_mut().flat_map(|group| group.lanes_of(partition));
                lanes.for_each(|lane| lane.barred += 1);
            }
        }
    }

    pub(super) fn stream_resumes(&mut self, fault: usize, stream: usize, down: bool, silent: bool) {
        let model: &Model = self.model;
        let (lost, state) = (&model.lost_partitions[fault], &mut self.streams[stream]);
        let groups = &model.streams[stream].groups;
        if lost.is_empty() {
            state.down -= u32::from(down);
            state.silent -= u32::from(silent);
            groups.iter().for_each(|&queue| self.queues[queue].barred -= 1);
        } else {
            state.partial -= 1;
            for &partition in lost {
                let shard = &mut state.shards[partition as usize];
                shard.down -= u32::from(down);
                shard.silent -= u32::from(silent);
                for &queue in groups {
                    let lanes = self.queues[queue].group.iter_mut().flat_map(|group| group.lanes_of(partition));
                    lanes.for_each(|lane| lane.barred -= 1);
                }
            }
        }
        groups.iter().for_each(|&queue| self.wake_members(queue));
    }
}
