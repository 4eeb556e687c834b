//! Many runs: replications in parallel, their statistics, and the estimate beside them.
//!
//! Architecture invariant: results do not depend on the number of threads. Runs are simulated in any order and summed up
//! in the order of their numbers.

mod compare;
mod cost;
mod crew;
mod dependencies;
mod engine_choice;
mod findings;
mod headline;
mod judge;
mod knob;
mod measure;
mod memory;
mod models;
mod monitoring;
mod notes;
mod paired;
mod parts;
mod precision;
mod replicate;
mod scaling;
mod seen;
mod sensitivity;
mod statistics;
mod stores;
mod summary;
mod transient;
mod uncertain;
mod verdict;
mod work;
mod workflows;

pub use compare::{Comparison, FigureCompared, Variant, VariantFindings, compare};
pub use cost::{CostFindings, CostPart, What};
pub use crew::Crew;
pub use engine_choice::{Chosen, EXACT_BUDGET, Engine, EngineFindings, SCALED_BUDGET};
pub use findings::*;
pub use headline::{headline, main_figure};
pub use judge::judge;
pub use knob::{Knob, KnobUnit, KnobValue, Span};
pub use measure::{Point, RunFigures, measure};
pub use models::Models;
pub use paired::{Certainty, Difference, Paired, Presence, difference};
pub use precision::{Precision, PrecisionFindings};
pub use replicate::{Failure, Options, replicate};
pub use scaling::{DecisionFindings, ScalingFindings};
pub use seen::{FigureOverRuns, Seen, over_runs};
pub use sensitivity::{Bar, End, EndFindings, LeftOut, Move, Sensitivity, Tornado, end, moves, sensitivity};
pub use statistics::stat;
pub use uncertain::{InputFindings, Spread, SpreadFindings, UncertaintyFindings, repeated_runs};
pub use verdict::{Experiment, Mechanism, Outcome, Verdict};
