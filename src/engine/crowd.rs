//! Faults of a closed loop: more or fewer clients for a while, or clients that ask nothing.

use super::world::World;
use crate::model::SourceModel;

/// How a producer's clients are disturbed.
#[derive(Default)]
pub(super) struct Crowd {
    /// Faults and what each multiplies the number of clients by.
    factors: Vec<(usize, f64)>,
    /// How many more than its `count` there are or shall be; negative: fewer.
    extra: i64,
    /// So many go when they would think next.
    leaving: i64,
    paused: u32,
    /// They have thought, and wait for the pause to end.
    resting: u32,
}

impl Crowd {
    /// A client that would think goes instead.
    pub(super) fn leaves(&mut self) -> bool {
        let leaves = self.leaving > 0;
        self.leaving -= i64::from(leaves);
        leaves
    }

    /// A client that would ask rests instead.
    pub(super) fn rests(&mut self) -> bool {
        let rests = self.paused > 0;
        self.resting += u32::from(rests);
        rests
    }
}

impl World<'_> {
    fn crowd(&mut self, index: usize) -> Option<(&mut Crowd, u32)> {
        let SourceModel::Clients { count, .. } = self.producers[index].model.source else { return None };
        Some((self.upstream[index].crowd.as_mut()?, count))
    }

    /// The number of clients is multiplied from now on, or no longer. Those who come think first.
    pub(super) fn crowd_times(&mut self, fault: usize, index: usize, factor: Option<f64>) {
        let Some((crowd, count)) = self.crowd(index) else { return };
        match factor {
            Some(factor) => crowd.factors.push((fault, factor)),
            None => crowd.factors.retain(|(other, _)| *other != fault),
        }
        let wanted = f64::from(count) * crowd.factors.iter().map(|(_, factor)| factor).product::<f64>();
        let extra = wanted.round() as i64 - i64::from(count);
        let change = extra - std::mem::replace(&mut crowd.extra, extra);
        // Those who were about to go stay before others come.
        let stay = change.clamp(0, crowd.leaving);
        crowd.leaving += (-change).max(0) - stay;
        (0..change - stay).for_each(|_| self.think(index));
    }

    pub(super) fn crowd_pauses(&mut self, index: usize) {
        if let Some((crowd, _)) = self.crowd(index) {
            crowd.paused += 1;
        }
    }

    /// All who have thought meanwhile ask at once.
    pub(super) fn crowd_resumes(&mut self, index: usize) {
        let Some((crowd, _)) = self.crowd(index) else { return };
        crowd.paused -= 1;
        if crowd.paused == 0 {
            let resting = std::mem::take(&mut crowd.resting);
            (0..resting).for_each(|_| self.request(index, None));
        }
    }
}
