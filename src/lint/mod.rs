//! Known mistakes in a scenario: one rule a file, each finding with the number that makes it matter here, and the fix.
//!
//! Architecture invariant: this room works from the scenario alone, on paper. It simulates nothing.

mod hold;
mod rules;
mod view;
mod words;

use crate::scenario::Scenario;
use rules::Found;
use view::View;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// This scenario loses, doubles or never finishes something because of it.
    Error,
    /// It makes a bad day worse.
    Warning,
    /// Worth knowing; it may be meant.
    Info,
}

impl Severity {
    /// The word in outputs.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// One mistake at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's name: `lease-too-short`.
    pub rule: &'static str,
    pub severity: Severity,
    /// The queue, group, consumer or producer that it is about; `scenario` for what is about all of it.
    pub component: String,
    /// What is wrong, with this scenario's numbers.
    pub says: String,
    pub figure: Figure,
    /// Settings that end it, `(path, TOML value)` as `scenario::paste` takes them; an empty value takes the key out.
    pub fix: Vec<(String, String)>,
}

/// The number that makes it matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// `share of deliveries whose lease runs out`.
    pub name: &'static str,
    pub value: f64,
    /// `s`, `1/s`, `1`, `messages` …; `1` for shares and ratios.
    pub unit: &'static str,
}

/// A rule, for lists of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleName {
    pub name: &'static str,
    /// What it finds, in one sentence.
    pub finds: &'static str,
}

/// All findings, the worst first; of one severity in the order of the rules.
pub fn lint(scenario: &Scenario) -> Vec<Finding> {
    let view = View::new(scenario);
    let mut findings = vec![];
    for rule in rules::ALL {
        let finding = |found: Found| Finding {
            rule: rule.name,
            severity: found.severity,
            component: found.component,
            says: found.says,
            figure: found.figure,
            fix: found.fix,
        };
        findings.extend((rule.find)(&view).into_iter().map(finding));
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// Every rule there is, in their order.
pub fn rules() -> Vec<RuleName> {
    rules::ALL.iter().map(|rule| RuleName { name: rule.name, finds: rule.finds }).collect()
}
