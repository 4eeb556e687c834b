//! Integration tests, in one binary so that they link once.

mod cli;
mod determinism;
mod docs;
mod gallery;
mod invariants;
mod program;
mod recordings;
mod short_path;
mod theory;
mod tidy;
mod traces;
