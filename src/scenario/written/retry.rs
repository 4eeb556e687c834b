//! How retries are written: delays, named policies of clients, budgets.

use crate::broker::{self, Client};
use crate::policy::retry::{Growth, Jitter};
use crate::random::Distribution;
use crate::scenario::quantity::{Factor, Positive, not_a_word};
use crate::scenario::reader::{Placed, Read, Reader};
use crate::scenario::tree::Node;
use crate::scenario::value::{RetryPlace, RetryPosition};
use crate::scenario::written::budget::BudgetWritten;
use crate::units::Duration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

written! {
    /// How failed messages are tried again: delay before the n-th retry is `backoff` × `factor`^(n−1), at most `cap`,
    /// then spread by `jitter`.
    RetryWritten called "a retry" {
        /// A client whose own values stand in for what is left out.
        policy: optional PolicyName;
        /// Attempts in all, the first included. Default: no limit.
        max_attempts: optional Positive;
        /// Delay before the first retry.
        backoff: default Distribution = "0s";
        /// Each further delay is so many times the one before.
        factor: default Factor = 1;
        /// No delay is longer.
        cap: optional Duration;
        /// How the delay is spread.
        jitter: default Jitter = "none";
        /// How delays grow.
        growth: default Growth = "exponential";
        /// What retries may cost; a retry that it does not grant is given up. One for each replica.
        budget: optional BudgetWritten;
        /// Where the message waits for it.
        r#where: default RetryPlace = "queue";
        /// Where it joins the queue again when the delay is over.
        position: default RetryPosition = "tail";
    }
    instead {
        "max_retries" => "max_attempts";
        "attempts" => "max_attempts";
        "max_backoff" => "cap";
        "multiplier" => "factor";
    }
}

written! {
    /// How a publisher tries again.
    ClientRetry called "a publisher's retry" {
        /// A client whose own values stand in for what is left out.
        policy: optional PolicyName;
        /// Attempts in all, the first included. Default: no limit.
        max_attempts: optional Positive;
        /// Delay before the first retry.
        backoff: default Distribution = "0s";
        /// Each further delay is so many times the one before.
        factor: default Factor = 1;
        /// No delay is longer.
        cap: optional Duration;
        /// How the delay is spread.
        jitter: default Jitter = "none";
        /// How delays grow.
        growth: default Growth = "exponential";
        /// What retries may cost; a retry that it does not grant is given up. One for all of the producer.
        budget: optional BudgetWritten;
    }
    instead {
        "max_retries" => "max_attempts";
        "attempts" => "max_attempts";
        "max_backoff" => "cap";
        "multiplier" => "factor";
    }
}

written! {
    /// How a call is tried again.
    CallRetryWritten called "a call's retry" {
        /// A client whose own values stand in for what is left out.
        policy: optional PolicyName;
        /// Tries in all, the first included. Default: no limit.
        max_attempts: optional Positive;
        /// Delay before the first retry.
        backoff: default Distribution = "0s";
        /// The same after a try that the dependency's `rate_limit` refused. Default: as `backoff`.
        throttle_backoff: optional Distribution;
        /// Each further delay is so many times the one before.
        factor: default Factor = 1;
        /// No delay is longer.
        cap: optional Duration;
        /// How the delay is spread.
        jitter: default Jitter = "none";
        /// How delays grow.
        growth: default Growth = "exponential";
        /// What retries may cost; where it does not grant one, the call fails. One for each replica.
        budget: optional BudgetWritten;
    }
    instead {
        "max_retries" => "max_attempts";
        "attempts" => "max_attempts";
        "max_backoff" => "cap";
        "multiplier" => "factor";
    }
}

/// A client's policy. Its values are in the table already.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) struct PolicyName(pub(in crate::scenario) &'static Client);

impl Read for PolicyName {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<PolicyName> {
        let named = |name: &str| broker::clients().iter().copied().find(|client| client.name == name);
        match node.as_text().and_then(named) {
            Some(client) => Some(PolicyName(client)),
            None => {
                let names: Vec<&str> = broker::clients().iter().map(|client| client.name).collect();
                not_a_word(node, reader, &names)
            }
        }
    }
}

impl JsonSchema for PolicyName {
    fn schema_name() -> Cow<'static, str> {
        "RetryPolicy".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let choices: Vec<serde_json::Value> = broker::clients()
            .iter()
            .map(|client| serde_json::json!({ "const": client.name, "description": client.title }))
            .collect();
        json_schema!({ "description": "A client whose retries are known.", "oneOf": choices })
    }
}

words! {
    /// Where a message joins the queue again when its retry is due.
    RetryPosition {
        /// Behind all that waits.
        "tail" => RetryPosition::Tail;
        /// Before all that waits: brokers that serve redeliveries first.
        "head" => RetryPosition::Head;
    }
}

words! {
    /// Where a failed message waits for its retry.
    RetryPlace {
        /// Back in the queue, at its tail.
        "queue" => RetryPlace::Queue;
        /// In the consumer, which holds its slot and lease meanwhile.
        "process" => RetryPlace::Process;
    }
}

words! {
    /// How a delay d is spread.
    Jitter {
        /// Exactly d.
        "none" => Jitter::None;
        /// Uniform from 0 to d.
        "full" => Jitter::Full;
        /// Half of d, and uniform from 0 to half of d.
        "equal" => Jitter::Equal;
        /// Uniform from `backoff` to three times the delay before, capped.
        "decorrelated" => Jitter::Decorrelated;
        /// A fifth more or less: uniform from 0.8 d to 1.2 d, after the cap.
        "fifth" => Jitter::Fifth;
    }
}

words! {
    /// How delays grow from retry to retry.
    Growth {
        /// `backoff` × `factor`^(n−1).
        "exponential" => Growth::Exponential;
        /// `backoff` × (2^n − 1).
        "envoy" => Growth::Envoy;
        /// k⁴ + 15 + a random whole number below 30 × (k + 1) seconds, with k = n − 1.
        "sidekiq" => Growth::Sidekiq;
    }
}

/// The keys that all retries have, for the checks.
pub(in crate::scenario) struct Delays<'a> {
    pub(in crate::scenario) policy: Option<&'a Placed<PolicyName>>,
    pub(in crate::scenario) max_attempts: Option<&'a Placed<Positive>>,
    pub(in crate::scenario) backoff: &'a Placed<Distribution>,
    pub(in crate::scenario) factor: &'a Placed<Factor>,
    pub(in crate::scenario) cap: &'a Option<Placed<Duration>>,
    pub(in crate::scenario) jitter: &'a Placed<Jitter>,
    pub(in crate::scenario) growth: &'a Placed<Growth>,
}

macro_rules! delays {
    ($( $table:ident ),*) => {
        $( impl $table {
            pub(in crate::scenario) fn delays(&self) -> Delays<'_> {
                Delays {
                    policy: self.policy.as_ref(),
                    max_attempts: self.max_attempts.as_ref(),
                    backoff: &self.backoff,
                    factor: &self.factor,
                    cap: &self.cap,
                    jitter: &self.jitter,
                    growth: &self.growth,
                }
            }
        } )*
    };
}

delays!(RetryWritten, ClientRetry, CallRetryWritten);
