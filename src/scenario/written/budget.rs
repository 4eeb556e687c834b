//! Retry budgets as written: a client's name, or the numbers of one of four kinds.

use crate::policy::budget::{Adaptive, Envoy, Finagle, Grpc, Quota, Rules};
use crate::scenario::quantity::{Finite, Positive, Span, Whole, not_a_word};
use crate::scenario::reader::{Read, Reader};
use crate::scenario::tree::{Node, Table};
use crate::units::{SECOND, Share};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// Names of budgets, in the order in which they are listed to the user.
const NAMES: [&str; 6] = ["aws-standard", "aws-adaptive", "aws-standard-2025", "grpc", "finagle", "envoy"];

/// What a retry may cost.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct BudgetWritten(pub(in crate::scenario) Rules);

written! {
    /// Tokens that retries cost and successes give back.
    QuotaWritten called "a budget of tokens" {
        /// What a client begins with, and the most that it has.
        tokens: default Positive = 500;
        /// Cost of a retry after an error.
        retry_cost: default Positive = 14;
        /// Cost of a retry after a timeout. Default: `retry_cost`.
        timeout_cost: optional Positive;
        /// Cost of a retry after a refusal for going over a limit.
        throttle_cost: default Positive = 5;
        /// Given back by a first attempt that succeeds; a retry that succeeds gives back what it cost.
        refund: default Whole<0, 4_294_967_295> = 1;
        /// Also limits the rate of all attempts, first ones too, after a refusal for going over a limit.
        adaptive: default bool = false;
    }
}

written! {
    /// No retries while more fail than succeed.
    GrpcWritten called "a retry throttle" {
        /// What a client begins with, and the most that it has; a failure takes 1, and retries stop at half.
        tokens: default Positive = 10;
        /// What a success gives back. Default: 0.1.
        token_ratio: optional Finite;
    }
    instead {
        "maxTokens" => "tokens";
        "tokenRatio" => "token_ratio";
    }
}

written! {
    /// A share of the requests of the last while, and a rate.
    FinagleWritten called "a budget by share of requests" {
        /// Retries for each first attempt.
        ratio: default Share = "20%";
        /// Retries per second that there are in any case.
        min_per_s: default Whole<0, 1_000_000> = 10;
        /// How long an attempt's credit lasts.
        ttl: default Span = "10s";
    }
}

written! {
    /// A share of the requests under way.
    EnvoyWritten called "a budget by share of requests under way" {
        /// Retries under way ÷ requests under way.
        active_ratio: default Share = "20%";
        /// So many retries may be under way in any case.
        min_concurrency: default Whole<0, 4_294_967_295> = 3;
    }
    instead {
        "budget_percent" => "active_ratio";
        "min_retry_concurrency" => "min_concurrency";
        "max_retries" => "min_concurrency";
    }
}

const QUOTA: Quota = Quota { tokens: 500, retry_cost: 14, timeout_cost: 14, throttle_cost: 5, refund: 1 };

fn named(name: &str) -> Option<Rules> {
    Some(match name {
        "aws-standard" => Rules::Quota(QUOTA),
        "aws-adaptive" => Rules::Adaptive(Adaptive { quota: QUOTA }),
        "aws-standard-2025" => Rules::Quota(Quota { retry_cost: 5, timeout_cost: 10, ..QUOTA }),
        "grpc" => Rules::Grpc(Grpc { tokens: 10, token_ratio: 0.1 }),
        "finagle" => Rules::Finagle(Finagle { ratio: 0.2, min_per_s: 10.0, ttl: 10 * SECOND }),
        "envoy" => Rules::Envoy(Envoy { ratio: 0.2, min_concurrency: 3 }),
        _ => return None,
    })
}

impl Read for BudgetWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<BudgetWritten> {
        let Some(table) = node.as_table() else {
            return match node.as_text().and_then(named) {
                Some(rules) => Some(BudgetWritten(rules)),
                None => not_a_word(node, reader, &NAMES),
            };
        };
        let has = |keys: &[&str]| keys.iter().any(|key| table.get(key).is_some());
        if has(&["token_ratio", "tokenRatio", "maxTokens"]) {
            grpc(node, reader)
        } else if has(&["tokens", "retry_cost", "timeout_cost", "throttle_cost", "refund", "adaptive"]) {
            quota(node, reader)
        } else if has(&["active_ratio", "min_concurrency", "budget_percent", "min_retry_concurrency"]) {
            envoy(node, reader)
        } else if has(&["ratio", "min_per_s", "ttl"]) {
            finagle(node, reader)
        } else {
            strange(node, table, reader)
        }
    }
}

fn strange(node: &Node, table: &Table, reader: &mut Reader<'_>) -> Option<BudgetWritten> {
    let keys = ["tokens", "retry_cost", "token_ratio", "ratio", "min_per_s", "ttl", "active_ratio", "min_concurrency"];
    reader.known(table, "a budget", &keys, &[]);
    if table.entries.is_empty() {
        let way_out =
            "write \"aws-standard\", { tokens = 500, retry_cost = 14 } or { ratio = \"20%\", min_per_s = 10 }";
        return reader.refuse(node, "says nothing", way_out);
    }
    None
}

fn quota(node: &Node, reader: &mut Reader<'_>) -> Option<BudgetWritten> {
    let table = QuotaWritten::read(node, reader)?;
    let retry_cost = table.retry_cost.u32();
    let quota = Quota {
        tokens: table.tokens.u32(),
        retry_cost,
        timeout_cost: table.timeout_cost.as_ref().map_or(retry_cost, |cost| cost.u32()),
        throttle_cost: table.throttle_cost.u32(),
        refund: table.refund.u32(),
    };
    if quota.tokens < quota.retry_cost.min(quota.timeout_cost).min(quota.throttle_cost) {
        return reader.refuse(node, "pays for no retry at all", "raise `tokens`, or leave the retry out");
    }
    let adaptive = table.adaptive.value;
    Some(BudgetWritten(if adaptive { Rules::Adaptive(Adaptive { quota }) } else { Rules::Quota(quota) }))
}

fn grpc(node: &Node, reader: &mut Reader<'_>) -> Option<BudgetWritten> {
    let table = GrpcWritten::read(node, reader)?;
    let token_ratio = table.token_ratio.as_ref().map_or(0.1, |ratio| ratio.0);
    if !(0.001..=1e6).contains(&token_ratio) {
        let way_out = "write a `token_ratio` from 0.001 up, such as 0.1";
        return reader.refuse(node, "gives nothing back, or too much", way_out);
    }
    Some(BudgetWritten(Rules::Grpc(Grpc { tokens: table.tokens.u32(), token_ratio })))
}

fn finagle(node: &Node, reader: &mut Reader<'_>) -> Option<BudgetWritten> {
    let table = FinagleWritten::read(node, reader)?;
    let (ratio, min_per_s) = (table.ratio.value.value(), table.min_per_s.0 as f64);
    if ratio < 0.001 && min_per_s == 0.0 {
        return reader.refuse(node, "pays for no retry at all", "raise `ratio` or `min_per_s`, or leave the retry out");
    }
    Some(BudgetWritten(Rules::Finagle(Finagle { ratio, min_per_s, ttl: table.ttl.0.ns() })))
}

fn envoy(node: &Node, reader: &mut Reader<'_>) -> Option<BudgetWritten> {
    let table = EnvoyWritten::read(node, reader)?;
    let (ratio, min_concurrency) = (table.active_ratio.value.value(), table.min_concurrency.u32());
    if ratio == 0.0 && min_concurrency == 0 {
        return reader.refuse(node, "pays for no retry at all", "raise `active_ratio` or `min_concurrency`");
    }
    Some(BudgetWritten(Rules::Envoy(Envoy { ratio, min_concurrency })))
}

impl JsonSchema for BudgetWritten {
    fn schema_name() -> Cow<'static, str> {
        "RetryBudget".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let choices: Vec<serde_json::Value> = vec![
            serde_json::json!({ "enum": NAMES }),
            generator.subschema_for::<QuotaWritten>().to_value(),
            generator.subschema_for::<GrpcWritten>().to_value(),
            generator.subschema_for::<FinagleWritten>().to_value(),
            generator.subschema_for::<EnvoyWritten>().to_value(),
        ];
        json_schema!({ "description": "A client whose budget is known, or the numbers of one of four kinds.", "anyOf": choices })
    }
}
