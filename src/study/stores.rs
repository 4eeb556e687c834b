//! Remarks on what producers keep with them: outboxes that a relay does not get through, disks that were full.

use super::{ComponentFindings, ComponentKind};
use crate::model::{Model, OnRejectModel, ProducerModel};
use crate::units::{grouped, significant};

pub(super) fn notes(model: &Model, components: &[ComponentFindings]) -> Vec<String> {
    let part = |name: &str| components.iter().find(|part| part.kind == ComponentKind::Producer && part.name == name);
    let of = |producer: &ProducerModel| note(producer, part(&producer.name)?);
    model.producers.iter().filter_map(of).collect()
}

fn note(producer: &ProducerModel, part: &ComponentFindings) -> Option<String> {
    let mean = |metric: &str| part.total(metric).map_or(0.0, |stat| stat.mean);
    if let Some(outbox) = &producer.outbox {
        let left = mean("waiting");
        // What one look takes may lie there at any time.
        return (left > f64::from(outbox.batch)).then(|| {
            format!(
                "The relay of `{}` publishes {} messages every {}, {}/s at most: {} lie in the outbox at the end.",
                producer.name,
                grouped(outbox.batch.into(), 0),
                outbox.poll,
                significant(f64::from(outbox.batch) / outbox.poll.seconds(), 3),
                grouped(left.round(), 0),
            )
        });
    }
    let OnRejectModel::Spill(spill) = &producer.on_reject else { return None };
    let lost = mean("gave_up");
    (lost > 0.0 && producer.reply.is_none()).then(|| {
        format!(
            "The disk of `{}`, with room for {}, was full: {} refused messages were lost.",
            producer.name,
            grouped(spill.capacity.into(), 0),
            significant(lost, 3),
        )
    })
}
