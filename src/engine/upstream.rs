//! What stands before a producer's publishes, kept apart from its hot fields.

use super::cron::Herd;
use crate::model::{Model, ProducerModel};

/// The state of one producer's herds.
pub(super) struct Upstream {
    pub(super) herd: Option<Herd>,
}

impl Upstream {
    pub(super) fn new(model: &Model, producer: &ProducerModel, run: u32) -> Upstream {
        Upstream { herd: producer.cron.as_ref().map(|_| Herd::new(model, &producer.name, run)) }
    }
}
