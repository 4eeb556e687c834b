//! Completing every `retry` that names a client's `policy` with what that client does by default.

use super::fill;
use crate::broker::{self, Client};
use crate::scenario::problem::Problem;
use crate::scenario::tree::{Node, Table, Value};
use crate::scenario::written;

/// Whose retry it is, told by the tables around it.
#[derive(Clone, Copy, PartialEq)]
enum Whose {
    Message,
    /// Of a workflow: a retry of another kind, without clients.
    Step,
    Call,
    /// A publish that was refused.
    Refusal,
}

pub(super) fn complete(tree: &mut Node, problems: &mut Vec<Problem>) {
    within(tree, Whose::Message, problems);
}

fn within(node: &mut Node, whose: Whose, problems: &mut Vec<Problem>) {
    match &mut node.value {
        Value::Table(table) => {
            for entry in &mut table.entries {
                let inner = match entry.key.as_str() {
                    "workflow" => Whose::Step,
                    "calls" => Whose::Call,
                    "on_reject" => Whose::Refusal,
                    _ => whose,
                };
                if let (true, Value::Table(retry)) =
                    (entry.key == "retry" && whose != Whose::Step, &mut entry.node.value)
                    && let Some(client) = client(retry)
                {
                    fill_in(retry, client, whose, problems);
                }
                within(&mut entry.node, inner, problems);
            }
        }
        Value::List(list) => list.iter_mut().for_each(|inner| within(inner, whose, problems)),
        _ => {}
    }
}

fn client(retry: &Table) -> Option<&'static Client> {
    let name = retry.get("policy")?.as_text()?;
    broker::clients().iter().copied().find(|client| client.name == name)
}

fn fill_in(retry: &mut Table, client: &'static Client, whose: Whose, problems: &mut Vec<Problem>) {
    let keys = match whose {
        Whose::Message | Whose::Step => written::RetryWritten::keys(),
        Whose::Call => written::CallRetryWritten::keys(),
        Whose::Refusal => written::ClientRetry::keys(),
    };
    match whose {
        Whose::Message | Whose::Step => {}
        Whose::Call => fill(retry, client.name, client.calls, &keys, problems),
        Whose::Refusal => fill(retry, client.name, client.on_reject, &keys, problems),
    }
    fill(retry, client.name, client.facts, &keys, problems);
}
