//! Producers as written.

use super::{Batch, ClientRetry, CronWritten, OnRejectWritten, OutboxWritten, Process, Targets};
use crate::arrivals::SpikeLevel;
use crate::random::Distribution;
use crate::scenario::quantity::{Factor, Finite, Positive, Span};
use crate::scenario::reader::{Named, Placed};
use crate::scenario::value::Balance;
use crate::units::{Duration, Rate, Share, Size};

written! {
    /// What publishes messages: a rate over time, a recording, or a closed loop of clients.
    Producer called "a producer" {
        /// A queue, topic, stream or workflow, or a list of them.
        to: required Targets = "say where it publishes: to = \"orders\"";
        /// How it chooses among several targets.
        balance: default Balance = "round-robin";
        /// Base rate, alone or under `spikes`, `stages`, `wave` or `daily`.
        rate: optional Rate;
        /// Times at which the rate is another one. Of overlapping spikes the highest rules.
        spikes: optional Vec<Placed<Spike>>;
        /// Linear ramps one after another, from `rate`; the last target stays.
        stages: optional Vec<Placed<Stage>>;
        /// A sine around `rate`.
        wave: optional Wave;
        /// A sine around `rate` over 24 hours, the scenario starting at midnight.
        daily: optional Daily;
        /// A CSV of `time_s,rate` or `time_s,count` beside the scenario; replaces `rate`.
        trace: optional String;
        /// Multiplies the times of the trace; counts are kept, so squeezing the time raises the rate of a count trace.
        time_scale: optional Factor;
        /// Multiplies the rates of the trace.
        rate_scale: optional Factor;
        /// A CSV (`.gz` too) with one row a message: `time_s` and any of `service_s`, `key`, `priority`, `size`, `poison`;
        /// replayed exactly.
        messages: optional String;
        /// How a rate becomes instants.
        process: default Process = "poisson";
        /// Messages per arrival; `rate` then counts arrivals.
        batch: default Batch = 1;
        /// Share of the messages by level of the target's `priorities`. Without it all are of the last level.
        priority: optional Named<Share>;
        /// Share of messages that fail at every attempt.
        poison: default Share = 0;
        /// Waits for completion, and publishes again when it does not come in time.
        reply: optional Reply;
        /// Closed loop instead of `rate`: each client waits for its answer, thinks, and asks again. Needs `reply`.
        clients: optional Clients;
        /// What it does when the broker refuses a message.
        on_reject: default OnRejectWritten = "drop";
        /// Which of many entities each message is about.
        keys: optional KeysWritten;
        /// Bytes of one message.
        size: default Size = "1 KB";
        /// Herds by the clock, beside a rate or instead of it.
        cron: optional CronWritten;
        /// What is to be published lies in a table until a relay takes it from there.
        outbox: optional OutboxWritten;
        /// Share of the messages that are published twice, as after a lost confirm.
        duplicate: default Share = 0;
        /// Messages without a key go to one partition of a stream for so many bytes.
        batch_size: optional Size;
    }
}

words! {
    /// How a producer chooses among several targets.
    Balance {
        /// One after another.
        "round-robin" => Balance::RoundRobin;
        /// Each with the same chance.
        "random" => Balance::Random;
        /// The one with the least unfinished work.
        "least-backlog" => Balance::LeastBacklog;
    }
}

written! {
    /// A time at which the rate is another one: `rate` or `times`.
    Spike called "a spike" {
        /// When it begins.
        at: required Duration = "write { at = \"10m\", for = \"5m\", rate = \"6000/s\" }";
        /// How long it lasts, its ramp included.
        r#for: required Span = "write { at = \"10m\", for = \"5m\", rate = \"6000/s\" }";
        /// The total rate during it.
        rate: optional Rate;
        /// The base rate times so much, instead of `rate`.
        times: optional Factor;
        /// From the base to the full rate, inside `for`.
        ramp: default Duration = "0s";
        /// From the full rate back to the base, after `for`.
        fall: default Duration = "0s";
    }
}

impl Spike {
    /// `None` where neither or both were given.
    pub(in crate::scenario) fn level(&self) -> Option<SpikeLevel> {
        match (&self.rate, &self.times) {
            (Some(rate), None) => Some(SpikeLevel::Rate(rate.per_second())),
            (None, Some(times)) => Some(SpikeLevel::Times(times.0)),
            _ => None,
        }
    }
}

written! {
    /// A linear ramp to `target`; a duration of "0s" is a jump.
    Stage called "a stage" {
        /// How long the ramp takes.
        duration: required Duration = "write { duration = \"5m\", target = \"900/s\" }";
        /// The rate at its end.
        target: required Rate = "write { duration = \"5m\", target = \"900/s\" }";
    }
}

written! {
    /// `rate` + `amplitude` · sin(2πt/`period` + `phase`), never below 0.
    Wave called "a wave" {
        /// Half the distance from trough to top.
        amplitude: required Rate = "write { amplitude = \"300/s\", period = \"1h\" }";
        /// From top to top.
        period: required Span = "write { amplitude = \"300/s\", period = \"1h\" }";
        /// In radians.
        phase: default Finite = 0;
    }
}

written! {
    /// A sine over 24 hours with mean `rate` and its top `peak` at `at`; the trough is as far below, but not below 0.
    Daily called "a daily curve" {
        /// The rate at the top.
        peak: required Rate = "write { peak = \"900/s\", at = \"14h\" }";
        /// When the top comes: time since midnight, when the scenario starts.
        at: required Duration = "write { peak = \"900/s\", at = \"14h\" }";
    }
}

written! {
    /// One phase of a Markov-modulated Poisson process.
    Phase called "a phase" {
        /// Arrivals while it lasts.
        rate: required Rate = "write { rate = \"900/s\", mean_stay = \"30s\" }";
        /// Its mean length; the length is exponential.
        mean_stay: required Span = "write { rate = \"900/s\", mean_stay = \"30s\" }";
    }
}

written! {
    /// The publisher waits for completion; past the timeout it publishes a new copy while the first is still queued
    /// or in work.
    Reply called "a reply" {
        /// How long it waits.
        timeout: required Span = "write { timeout = \"1s\" }";
        /// How it tries again; without it, it gives up at the first timeout.
        retry: optional ClientRetry;
    }
}

written! {
    /// Keys of messages, from the hottest down. Without `zipf` and `hot` all are alike.
    KeysWritten called "a law of keys" {
        /// How many there are.
        count: required Positive = "write { count = 100000, zipf = 1.1 }";
        /// The n-th key's share is in proportion to n to the minus this.
        zipf: optional Factor;
        /// Shares of the hottest keys; the others share the rest evenly.
        hot: optional Vec<Placed<Share>>;
    }
}

written! {
    /// A closed loop: so many clients, each with one request at a time.
    Clients called "a closed loop" {
        /// How many there are.
        count: required Positive = "write { count = 200, think = \"5s\" }";
        /// The pause between an answer and the next request.
        think: required Distribution = "write { count = 200, think = \"5s\" }";
    }
}
