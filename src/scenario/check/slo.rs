//! Objectives: `COMPONENT.METRIC[.STAT] OP VALUE`, checked against the component's kind.

use super::{Checker, entries};
use crate::scenario::figure::Catalog;
use crate::scenario::problem::Problem;
use crate::scenario::reader::Placed;
use crate::scenario::value::{Comparison, FigureUnit as Unit, Prices, Slo};
use crate::units::{Duration, Rate, Share};

impl Checker<'_> {
    pub(super) fn slos(&mut self, prices: &Prices) -> Vec<Slo> {
        let file = self.file;
        let mut catalog = self.catalog();
        catalog.priced(prices);
        let mut slos = vec![];
        for text in entries(&file.slo) {
            let slo = slo(&catalog, text);
            slos.extend(self.keep(slo));
        }
        slos
    }

    /// From the written form, so that objectives are checked beside other mistakes.
    fn catalog(&self) -> Catalog {
        let mut catalog = Catalog::default();
        let names = &self.names;
        names.queues.iter().for_each(|name| catalog.queue(name));
        for (name, written) in self.file.consumer.iter().flat_map(|named| &named.0) {
            if names.streams.contains(&written.from.value) {
                catalog.group(&written.from.value, &name.value);
            }
        }
        names.consumers.iter().for_each(|name| catalog.consumer(name));
        for name in &names.dependencies {
            let mut all = self.file.dependency.iter().flat_map(|named| &named.0);
            catalog.dependency(name, all.any(|(other, it)| other.value == *name && it.concurrency.is_some()));
        }
        names.workflows.iter().for_each(|name| catalog.workflow(name));
        for name in &names.producers {
            let mut all = self.file.producer.iter().flat_map(|named| &named.0);
            catalog.producer(name, all.any(|(other, it)| other.value == *name && it.reply.is_some()));
        }
        catalog.streams.clone_from(&names.streams);
        catalog.topics.clone_from(&names.topics);
        catalog
    }
}

fn slo(catalog: &Catalog, text: &Placed<String>) -> Result<Slo, Problem> {
    let Some((left, op, right)) = split(text) else {
        let problem = Problem::new(&text.place, format!("the objective {:?} has no comparison", text.value));
        return Err(problem.way_out("write COMPONENT.METRIC[.STAT] OP VALUE, such as \"orders.latency.p99 < 2s\""));
    };
    let figure = catalog.figure(left, &text.place)?;
    let value = value(text, &figure.metric, figure.unit, right)?;
    let op = match op {
        "<=" => Comparison::AtMost,
        ">=" => Comparison::AtLeast,
        "==" => Comparison::Equal,
        "<" => Comparison::Less,
        _ => Comparison::Greater,
    };
    Ok(Slo { expression: text.trim().into(), figure, op, value })
}

/// Left side, operator, right side.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let at = text.find(['<', '>', '='])?;
    let op = ["<=", ">=", "==", "<", ">"].into_iter().find(|op| text[at..].starts_with(op))?;
    Some((text[..at].trim(), op, text[at + op.len()..].trim()))
}

fn value(text: &Placed<String>, metric: &str, unit: Unit, right: &str) -> Result<f64, Problem> {
    let refuse = |wanted: &str, way_out: &str| {
        Err(Problem::new(&text.place, format!("`{metric}` is {wanted}, and {right:?} is none")).way_out(way_out))
    };
    let number = right.replace('_', "").parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    match unit {
        Unit::Time => match Duration::parse(right) {
            Ok(duration) => Ok(duration.seconds()),
            Err(_) => refuse("a length of time", "write it with its unit, such as 5m or 250ms"),
        },
        Unit::PerTime => match Rate::parse(right) {
            Ok(rate) => Ok(rate.per_second()),
            Err(_) => refuse("a rate", "write it with its unit, such as 800/s"),
        },
        Unit::Count => number.map_or_else(|| refuse("a count", "write a bare number, such as 1000"), Ok),
        Unit::Money => number.map_or_else(|| refuse("an amount of money", "write a bare number, such as 500"), Ok),
        Unit::Ratio => match (number, Share::parse(right)) {
            (Some(number), _) => Ok(number),
            (None, Ok(share)) => Ok(share.value()),
            (None, Err(_)) => refuse("a ratio", "write a bare number such as 0.8, or \"80%\""),
        },
    }
}
