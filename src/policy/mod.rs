//! What reacts: retry policies, each jitter one file; load shedding. Scaling and breakers will stand beside them.

pub mod retry;
pub mod shed;
