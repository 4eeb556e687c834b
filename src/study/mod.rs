//! Many runs: replications in parallel, their statistics, and the estimate beside them.
//!
//! Architecture invariant: results do not depend on the number of threads. Runs are simulated in any order and summed up
//! in the order of their numbers.

mod findings;
mod judge;
mod memory;
mod monitoring;
mod notes;
mod parts;
mod replicate;
mod statistics;
mod stores;
mod summary;

pub use findings::*;
pub use replicate::{Failure, Options, replicate};
pub use statistics::stat;
