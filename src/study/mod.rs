//! Many runs: replications in parallel, their statistics, and the estimate beside them.
//!
//! Architecture invariant: results do not depend on the number of threads. Runs are simulated in any order and summed up
//! in the order of their numbers.

mod crew;
mod dependencies;
mod findings;
mod headline;
mod judge;
mod knob;
mod measure;
mod memory;
mod models;
mod monitoring;
mod notes;
mod parts;
mod precision;
mod replicate;
mod scaling;
mod seen;
mod statistics;
mod stores;
mod summary;
mod transient;
mod uncertain;
mod verdict;
mod workflows;

pub use crew::Crew;
pub use findings::*;
pub use headline::{headline, main_figure};
pub use judge::judge;
pub use knob::{Knob, KnobUnit, KnobValue, Span};
pub use measure::{Point, RunFigures, measure};
pub use models::Models;
pub use precision::{Precision, PrecisionFindings};
pub use replicate::{Failure, Options, replicate};
pub use scaling::{DecisionFindings, ScalingFindings};
pub use seen::{FigureOverRuns, Seen, over_runs};
pub use statistics::stat;
pub use uncertain::{InputFindings, Spread, SpreadFindings, UncertaintyFindings, repeated_runs};
pub use verdict::{Experiment, Mechanism, Outcome, Verdict};
