//! One integration binary: what the library must show, against theory, recordings and its own invariants.

mod invariants;
mod recordings;
mod theory;
mod traces;
