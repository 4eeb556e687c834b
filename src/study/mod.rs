//! Many runs: replications in parallel, their statistics, and the estimate beside them.
//!
//! Architecture invariant: results do not depend on the number of threads. Runs are simulated in any order and summed up
//! in the order of their numbers.

mod cliff;
mod crew;
mod dependencies;
mod findings;
mod halt;
mod headline;
mod judge;
mod knob;
mod measure;
mod memory;
mod models;
mod monitoring;
mod notes;
mod parts;
mod plan;
mod replicate;
mod scaling;
mod search;
mod seen;
mod statistics;
mod stores;
mod summary;
mod verdict;
mod workflows;

pub use cliff::{
    Cell, Class, CliffFindings, CliffOptions, GridPoint, Lattice, MapFindings, MapOptions, Threshold, cliff, map,
};
pub use crew::Crew;
pub use findings::*;
pub use halt::{Halt, Watch, same_system};
pub use headline::{headline, main_figure};
pub use judge::judge;
pub use knob::{Knob, KnobUnit, KnobValue, Span};
pub use measure::{Point, RunFigures, measure};
pub use models::Models;
pub use plan::{Busy, CandidateFindings, PlanFindings, PlanOptions, SloAt, plan, runs_to_show};
pub use replicate::{Failure, Options, replicate};
pub use scaling::{DecisionFindings, ScalingFindings};
pub use search::Belief;
pub use seen::{FigureOverRuns, Seen, over_runs};
pub use statistics::stat;
pub use verdict::{Experiment, Mechanism, Outcome, Verdict};
