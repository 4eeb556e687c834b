//! A sweep: the points of a grid of knobs, each a scenario of its own, kept one by one so that none is computed twice.
//!
//! Architecture invariant: what a point gives depends on its key only: text, named files, settings, runs, seed and
//! version. So points may be computed in any order, anywhere, and put together again exactly.

mod compute;
mod findings;
mod key;
mod merge;
mod plan;
mod plan_json;
mod point;

pub use compute::{PointStore, SweepFailure, compute, missing};
pub use findings::{SweepFigure, SweepFindings, SweepPoint, sweep_findings};
pub use merge::{MergeFailure, Slice, merge};
pub use plan::{PlanKnob, PlanPoint, SweepOrigin, SweepPlan};
pub use point::{PointFigure, PointResult, PointSlo, SweepValue, word as unit_word};
