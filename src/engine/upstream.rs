//! What stands before a producer's publishes, kept apart from its hot fields.

use super::cron::Herd;
use super::crowd::Crowd;
use super::outbox::Outbox;
use super::purse::Purse;
use super::spill::Spilled;
use crate::model::{Model, OnRejectModel, ProducerModel, SourceModel};

/// The state of one producer's herds, outbox, disk, budgets and clients, where it has them.
pub(super) struct Upstream {
    pub(super) herd: Option<Herd>,
    pub(super) outbox: Option<Outbox>,
    pub(super) spilled: Option<Spilled>,
    pub(super) purse: Option<Purse>,
    pub(super) crowd: Option<Crowd>,
}

impl Upstream {
    pub(super) fn new(model: &Model, producer: &ProducerModel, run: u32) -> Upstream {
        Upstream {
            herd: producer.cron.as_ref().map(|_| Herd::new(model, &producer.name, run)),
            outbox: producer.outbox.map(|_| Outbox::default()),
            spilled: matches!(producer.on_reject, OnRejectModel::Spill(_)).then(Spilled::default),
            purse: Purse::of(producer),
            crowd: matches!(producer.source, SourceModel::Clients { .. }).then(Crowd::default),
        }
    }
}
