//! Many runs: replications in parallel, their statistics, and the estimate beside them.
//!
//! Architecture invariant: results do not depend on the number of threads. Runs are simulated in any order and summed up
//! in the order of their numbers.

mod beside;
mod cliff;
mod compare;
mod cost;
mod crew;
mod departure;
mod dependencies;
mod engine_choice;
mod eta;
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
mod paired;
mod parts;
mod plan;
mod precision;
mod replicate;
mod scaling;
mod search;
mod seen;
mod sensitivity;
mod statistics;
mod stores;
mod summary;
mod sweep;
mod transient;
mod uncertain;
mod verdict;
mod verify;
mod work;
mod workflows;

pub use beside::{Beside, Simulated, alone, beside};
pub use cliff::{
    Cell, Class, CliffFindings, CliffOptions, GridPoint, Lattice, MapFindings, MapOptions, Threshold, cliff, map,
};
pub use compare::{Comparison, FigureCompared, Variant, VariantFindings, compare};
pub use cost::{CostFindings, CostPart, What};
pub use crew::Crew;
pub use engine_choice::{Chosen, EXACT_BUDGET, Engine, EngineFindings, SCALED_BUDGET, Simulator};
pub use eta::{BacklogNow, Blocks, Eta, EtaRow, Gone, Incident, LOST, Waiting, eta};
pub use findings::*;
pub use halt::{Halt, Watch, same_system};
pub use headline::{headline, main_figure};
pub use judge::judge;
pub use knob::{Knob, KnobUnit, KnobValue, Span};
pub use measure::{Point, RunFigures, measure};
pub use models::Models;
pub use paired::{Certainty, Difference, Paired, Presence, difference};
pub use plan::{Busy, CandidateFindings, PlanFindings, PlanOptions, SloAt, plan, runs_to_show};
pub use precision::{Precision, PrecisionFindings};
pub use replicate::{Failure, Options, replicate};
pub use scaling::{DecisionFindings, ScalingFindings};
pub use search::Belief;
pub use seen::{FigureOverRuns, Seen, over_runs};
pub use sensitivity::{Bar, End, EndFindings, LeftOut, Move, Sensitivity, Tornado, end, moves, sensitivity};
pub use statistics::stat;
pub use sweep::{
    MergeFailure, PlanKnob, PlanPoint, PointFigure, PointResult, PointSlo, PointStore, Slice, SweepFailure,
    SweepFigure, SweepFindings, SweepOrigin, SweepPlan, SweepPoint, SweepValue, compute, merge, missing,
    sweep_findings, unit_word,
};
pub use uncertain::{InputFindings, Spread, SpreadFindings, UncertaintyFindings, repeated_runs};
pub use verdict::{Experiment, Mechanism, Outcome, Verdict};
pub use verify::{Deviation, deviations, other_weight};
