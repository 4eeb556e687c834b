//! Many runs: replications in parallel, their statistics, and the estimate beside them.
//!
//! Architecture invariant: results do not depend on the number of threads. Runs are simulated in any order and summed up
//! in the order of their numbers.

mod dependencies;
mod findings;
mod judge;
mod memory;
mod monitoring;
mod notes;
mod parts;
mod replicate;
mod scaling;
#[allow(dead_code)]
mod search;
mod statistics;
mod stores;
mod summary;
mod verdict;
mod workflows;

pub use findings::*;
pub use replicate::{Failure, Options, replicate};
pub use scaling::{DecisionFindings, ScalingFindings};
pub use statistics::stat;
pub use verdict::{Experiment, Mechanism, Outcome, Verdict};
