//! Flags that say how runs are simulated: `--engine`, `--weight`, `--verify`, `--max-time`.

use clap::{Args, ValueEnum};

use crate::study::Engine;
use crate::units::Duration;

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

/// Of `run` alone.
#[derive(Debug, Clone, Args)]
pub(super) struct CheckArguments {
    /// Simulate with a second, smaller weight too, and print how far the figures are apart
    #[arg(long)]
    pub verify: bool,

    /// Scale the traffic so that all runs of a file end in this time, and stop when it is over
    #[arg(long, value_name = "DURATION", value_parser = time)]
    pub max_time: Option<std::time::Duration>,
}

fn time(text: &str) -> Result<std::time::Duration, String> {
    let length = Duration::parse(text)?;
    if length.ns() == 0 {
        Err("some time is needed, such as 30s".into())
    } else {
        Ok(std::time::Duration::from_nanos(length.ns()))
    }
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
