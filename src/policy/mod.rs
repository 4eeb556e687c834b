//! What reacts: retry policies, budgets that bound them, circuit breakers; one file each.

pub mod breaker;
pub mod budget;
pub mod retry;
