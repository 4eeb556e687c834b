//! The written form: every table of the language with its keys, their meaning and their defaults.
//!
//! What is said here is the reader's rule, the JSON Schema and the documentation at once.

mod alternatives;
mod budget;
mod consumer;
mod dependency;
mod deploy;
mod fault;
pub(super) mod group;
pub(super) mod law;
mod partitions;
mod price;
mod producer;
mod queue;
mod redrive;
mod retry;
mod scaling;
mod shed;
mod stream;
mod uncertain;
mod upstream;
mod workflow;

pub(super) use alternatives::*;
pub(super) use consumer::*;
pub(super) use dependency::*;
pub(super) use deploy::*;
pub(super) use fault::*;
pub(super) use partitions::*;
pub(super) use price::*;
pub(super) use producer::*;
pub(super) use queue::*;
pub(super) use redrive::*;
pub(super) use retry::*;
pub(super) use scaling::*;
pub(super) use shed::*;
pub(super) use stream::*;
pub(super) use uncertain::*;
pub(super) use upstream::*;
pub(super) use workflow::*;

use super::quantity::{LeadIn, Positive, Span, Whole};
use super::reader::{Named, Placed};
use crate::units::Share;

written! {
    /// A scenario: what publishes, what queues, what consumes, and what goes wrong.
    ScenarioFile called "a scenario" {
        /// Version of this language; 1, or nothing at all.
        schema_version: optional Positive;
        /// Heads every report.
        title: default String = "untitled scenario";
        /// How long a run lasts on its own clock.
        duration: required Span = "say how long a run lasts: duration = \"45m\"";
        /// Left out of the statistics; the baseline of recovery is taken after it. `"auto"` finds the time that a steady
        /// state takes to come.
        warmup: default LeadIn = "0s";
        /// From which all randomness follows: same seed, same results to the last byte.
        seed: default Whole<0, 18_446_744_073_709_551_615> = 1;
        /// Independent replications.
        runs: default Whole<1, 1_000_000> = 20;
        /// Sampling step of the time series. Default: a round step that gives about 600 points.
        tick: optional Span;
        /// Objectives: `COMPONENT.METRIC[.STAT] OP VALUE`, such as `orders.recovery_time < 20m`.
        slo: optional Vec<Placed<String>>;
        /// Share of the runs in which an objective on a per-run metric must hold.
        slo_runs: default Share = "95%";
        /// What prices are counted in, for the reports: "USD", "EUR".
        currency: optional String;
        /// What publishes.
        producer: optional Named<Producer>;
        /// Work queues.
        queue: optional Named<Queue>;
        /// Fan-out to every queue that subscribes.
        topic: optional Named<Topic>;
        /// Partitioned logs.
        stream: optional Named<Stream>;
        /// Groups of identical replicas that process.
        consumer: optional Named<Consumer>;
        /// What consumers call: downstreams that they share.
        dependency: optional Named<Dependency>;
        /// Durable workflows and sagas.
        workflow: optional Named<Workflow>;
        /// What breaks, and when.
        fault: optional Vec<Placed<Fault>>;
        /// Times to be judged like a disturbance, without any effect.
        window: optional Vec<Placed<Window>>;
        /// What you do not know: paths as for `--set`, each with a range or a law, from which every run draws once.
        uncertain: optional Beliefs;
    }
}
