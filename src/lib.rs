//! Tailback predicts what a message queue will do on a bad day.

pub mod arrivals;
pub mod broker;
pub mod policy;
pub mod random;
pub mod scenario;
pub mod study;
pub mod units;
