//! What reacts: retry policies, each jitter one file. Scaling and breakers will stand beside it.

pub mod retry;
