//! What reacts: retry policies and the budgets that bound them, circuit breakers, autoscalers, load shedding; one file
//! each.

pub mod breaker;
pub mod budget;
pub mod retry;
pub mod scaling;
pub mod shed;
