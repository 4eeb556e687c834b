//! The truth set against the envelope: what pen and paper can say must come out without any simulation.

mod arithmetic;
mod fluids;
mod waits;

use super::case::{Case, FileMap};
use tailback::envelope::{self, Line, Question};
use tailback::scenario::{self, Files, Scenario};

pub(super) fn parsed(text: &str) -> Scenario {
    Scenario::parse(text, &FileMap::new() as &dyn Files)
        .unwrap_or_else(|problems| panic!("{}", scenario::render(&problems, "test.toml", text, false)))
}

pub(super) fn lines(text: &str) -> Vec<Line> {
    envelope::check(&parsed(text), &Question::default())
}

/// The value of one law.
#[track_caller]
pub(super) fn value(lines: &[Line], law: &str) -> f64 {
    let line = lines.iter().find(|line| line.law == law).unwrap_or_else(|| panic!("no line {law} in {lines:#?}"));
    line.value.unwrap_or_else(|| panic!("{law} has no number: {}", line.result))
}

/// One queue, one group of consumers, steady.
pub(super) fn station(producer: &str, queue: &str, consumer: &str) -> Vec<Line> {
    lines(&format!(
        "duration = \"10m\"\n[producer.p]\nto = \"q\"\n{producer}\n[queue.q]\n{queue}\n[consumer.w]\nfrom = \"q\"\n{consumer}\n"
    ))
}

/// Within a relative error, told with everything that was compared.
#[track_caller]
pub(super) fn near(case: &str, what: &str, found: f64, expected: f64, relative: f64) {
    let off = (found - expected).abs();
    assert!(off <= relative * expected.abs() + 1e-9, "{case}: {what} is {found}, not {expected}");
}

/// Every metric of the case that a law says.
#[track_caller]
pub(super) fn agree(case: &Case, lines: &[Line], pairs: &[(&str, &str)], relative: f64) -> usize {
    let mut compared = 0;
    for (metric, law) in pairs {
        if let Some(expected) = case.expected(metric) {
            near(&case.id, metric, value(lines, law), expected, relative);
            compared += 1;
        }
    }
    assert!(compared > 0, "{}: nothing to compare", case.id);
    compared
}
