//! Integration tests, in one binary so that they link once.

mod cli;
mod determinism;
mod docs;
mod gallery;
mod program;
mod tidy;
