//! A broker that does only what it is told: no lease, no delivery limit, no lifetime, no delay, no bound unless set.

use crate::broker::{Preset, Shape};

const fn generic(shape: Shape) -> Preset {
    Preset {
        name: "generic",
        shape,
        title: "a neutral broker that does only what it is told",
        version: "",
        as_of: "2026-11",
        own: &[],
        consumer: &[],
        producer: &[],
        subscriber: &[],
        metrics: &[],
        not_modelled: &[],
    }
}

pub(super) const QUEUE: Preset = generic(Shape::Queue);
pub(super) const TOPIC: Preset = generic(Shape::Topic);
pub(super) const STREAM: Preset = generic(Shape::Stream);
pub(super) const WORKFLOW: Preset = generic(Shape::Workflow);
