//! Integration tests, in one binary so that they link once.

// Tables and skipped cases are told to whoever reads the test's output.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod broker_invariants;
mod broker_scenarios;
mod check;
mod cli;
mod cliff;
mod committed;
mod compare;
mod cost;
mod dependencies;
mod determinism;
mod docs;
mod eta;
mod gallery;
mod invariants;
mod lint;
mod mixed_invariants;
mod oracles;
mod plan;
mod preset_values;
mod producers;
mod program;
mod recordings;
mod replicas;
mod resilience;
mod resilience_scenarios;
mod scaled;
mod scaling;
mod sensitivity;
mod short_path;
mod sweep;
mod theory;
mod tidy;
mod traces;
mod uncertain;
mod verdicts;
mod workflows;
