//! Queueing theory: the truth set's cases as scenarios, simulated with fixed seeds and compared with the exact numbers.
//!
//! Each family prints a table; `theory/verdict.rs` holds the gate. Families lie in `../shared/truth`; a dozen closed
//! forms in `tests/truth` keep theory tested where that folder is absent.

#![allow(clippy::print_stderr, reason = "the tables are for whoever reads the test run")]

mod abandonment;
mod bounded;
mod bursts;
mod case;
mod closed_forms;
mod closed_loop;
mod envelope;
mod exact_trace;
mod fluid;
mod infinite_server;
mod metastable;
mod networks;
mod observe;
mod priority;
mod published;
mod renewal;
mod replicate;
mod retrial;
mod retry_arithmetic;
mod single_station;
mod small;
mod station;
mod storms;
mod transient;
mod verdict;
mod visibility;

/// Families whose features this version of the language refuses.
#[test]
fn families_left_out_are_named() {
    for (family, reason) in [
        ("processor_sharing", "a shared dependency with slowdown belongs to `dependency`, which is refused so far"),
        ("hot_partition", "keys and partitions belong to streams, which are refused so far"),
        ("backoff_contention", "optimistic writers that conflict with one another are no queue with consumers"),
    ] {
        verdict::leave_out(family, "(whole family)", reason);
    }
}
