//! Many runs.

mod findings;

pub use findings::*;
