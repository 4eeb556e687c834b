//! Tailback predicts what a message queue will do on a bad day.

pub mod arrivals;
pub mod engine;
pub mod envelope;
pub mod model;
pub mod observe;
pub mod policy;
pub mod random;
pub mod report;
pub mod scenario;
pub mod study;
pub mod units;
