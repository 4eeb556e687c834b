//! Every effective value with its origin, in the file's order of components.

use crate::scenario::problem::Place;
use crate::scenario::value::{Assumption, Origin};

/// `read` are the values the reader met, `defaults` those that no key says.
pub(super) fn collect(
    read: Vec<(String, String, Place)>,
    defaults: Vec<(String, String)>,
    line: impl Fn(&Place) -> usize,
) -> Vec<Assumption> {
    let read = read.into_iter().map(|(path, value, place)| {
        let origin = match place {
            Place::File(_) | Place::Drawn(_) => Origin::File { line: line(&place) },
            Place::Argument(_) => Origin::Argument,
            Place::Preset(fact) => Origin::Preset { broker: fact.broker, source: fact.source, grade: fact.grade },
            Place::Default => Origin::Default,
        };
        Assumption { path, value, origin }
    });
    let defaults = defaults.into_iter().map(|(path, value)| Assumption { path, value, origin: Origin::Default });
    let all: Vec<Assumption> = read.chain(defaults).collect();
    // What belongs to one component stands together, components in order of their first value.
    let mut order: Vec<&str> = vec![];
    for assumption in &all {
        if !order.contains(&component(&assumption.path)) {
            order.push(component(&assumption.path));
        }
    }
    let mut ranked: Vec<(usize, Assumption)> = all
        .iter()
        .map(|assumption| {
            let rank = order.iter().position(|name| *name == component(&assumption.path)).unwrap_or(0);
            (rank, assumption.clone())
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, assumption)| assumption).collect()
}

/// `queue.orders` of `queue.orders.hold`; top-level values stand together.
fn component(path: &str) -> &str {
    let mut dots = path.match_indices('.').map(|(at, _)| at);
    match (dots.next(), dots.next()) {
        (None, _) => "",
        (Some(_), Some(second)) => &path[..second],
        (Some(_), None) => path,
    }
}
