//! Flags that say how runs are simulated: `--engine`, `--weight`.

use clap::{Args, ValueEnum};

use crate::study::Engine;

#[derive(Debug, Clone, Args)]
pub(super) struct EngineArguments {
    /// How runs are simulated
    #[arg(long, value_enum, default_value = "auto")]
    engine: Kind,

    /// Let each simulated message stand for N real ones
    #[arg(long, value_name = "N", conflicts_with = "engine", value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    weight: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Exact up to 20 million messages a run, scaled beyond
    Auto,
    /// Message by message
    Exact,
    /// Each simulated message stands for many
    Scaled,
}

impl EngineArguments {
    pub(super) fn engine(&self) -> Engine {
        match (self.weight, self.engine) {
            (Some(weight), _) => Engine::Weight(weight),
            (None, Kind::Auto) => Engine::Auto,
            (None, Kind::Exact) => Engine::Exact,
            (None, Kind::Scaled) => Engine::Scaled,
        }
    }
}
