//! What reacts: retry policies, each jitter one file, and autoscalers, each controller one file. Breakers will stand
//! beside them.

pub mod retry;
pub mod scaling;
