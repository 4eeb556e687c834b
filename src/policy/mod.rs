//! What reacts: retry policies, budgets that bound them, circuit breakers; one file each.
//! What reacts: retry policies, each jitter one file, and autoscalers, each controller one file. Breakers will stand
//! beside them.

pub mod breaker;
pub mod budget;
pub mod retry;
pub mod scaling;
