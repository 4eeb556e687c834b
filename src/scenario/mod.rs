//! The scenario language.

mod value;

pub use value::*;
