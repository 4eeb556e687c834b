//! When messages come: a rate over time, and the processes that turn it into instants.
//!
//! Architecture invariant: nothing here knows what happens to a message after it was published.

mod batch;
mod curve;
pub mod keys;
mod mmpp;
mod process;
mod rows;
mod shape;

pub use batch::BatchSize;
pub use curve::{RateCurve, Segment};
pub use keys::Keys;
pub use mmpp::Mmpp;
pub use process::{ArrivalClock, Process};
pub use rows::Row;
pub use shape::{Base, Spike, SpikeLevel, Stage};
