//! From the broker's way of writing a value to the scenario language's.

use crate::broker::Form;
use crate::scenario::problem::Place;
use crate::scenario::tree::{Node, Value, read_bare};

/// The value in the language's own form; `None` means no limit at all. What has a form that brokers do not write is left
/// for the reader to judge.
pub(super) fn convert(node: Node, form: Form) -> Option<Node> {
    let value = match (form, number(&node)) {
        (Form::Same, _) => return Some(node),
        (Form::Words(words), _) => return Some(word(node, words)),
        (_, None) => return Some(node),
        // Brokers write "for ever" and "of any size" so.
        (Form::Seconds | Form::Milliseconds | Form::Bytes, Some(-1.0)) => return None,
        (Form::Seconds, Some(_)) => Value::Text(format!("{}s", node.plain())),
        (Form::Milliseconds, Some(_)) => Value::Text(format!("{}ms", node.plain())),
        (Form::Bytes, Some(_)) => Value::Text(format!("{} B", node.plain())),
        (Form::Percent, Some(_)) => Value::Text(format!("{}%", node.plain())),
        (Form::PerSecond, Some(_)) => Value::Text(format!("{}/s", node.plain())),
        (Form::Redeliveries, Some(below)) if below < 0.0 => return None,
        (Form::Redeliveries, Some(_)) => match node.value {
            Value::Whole(redeliveries) => Value::Whole(redeliveries.saturating_add(1)),
            Value::Number(drawn) if matches!(node.place, Place::Drawn(_)) => Value::Number(drawn + 1.0),
            value => value,
        },
        (Form::CountOrUnlimited, Some(count)) if count <= 0.0 => return None,
        (Form::ZeroMeans(count), Some(0.0)) => Value::Whole(i128::from(count)),
        (Form::CountOrUnlimited | Form::ZeroMeans(_), Some(_)) => node.value,
    };
    Some(Node { value, place: node.place })
}

fn number(node: &Node) -> Option<f64> {
    match node.value {
        Value::Whole(number) => Some(number as f64),
        Value::Number(number) => Some(number),
        _ => None,
    }
}

fn word(node: Node, words: &[(&str, &str)]) -> Node {
    let written = match &node.value {
        Value::Text(text) => text.clone(),
        Value::Flag(flag) => flag.to_string(),
        _ => return node,
    };
    match words.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(&written)) {
        // Ours may be a flag, a number or a list as well as a word.
        Some((_, ours)) => read_bare(ours, &node.place),
        None => node,
    }
}
