//! Known mistakes in a scenario: one rule a file, each finding with the number that makes it matter here, and the fix.
//!
//! Architecture invariant: this room works from the scenario alone, on paper. It simulates nothing.

mod hold;
mod rules;
mod view;
mod words;

use crate::scenario::{Origin, Scenario, paste};
use rules::Found;
use view::View;

pub use crate::scenario::{Change, PastedLine};

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
    pub fix: Fix,
}

/// What ends it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// `(path, TOML value)` as `scenario::paste` takes them; an empty value takes the key out.
    pub settings: Vec<(String, String)>,
    /// The same as lines of the file; empty where they have no place there, as where a `--set` rules.
    pub lines: Vec<PastedLine>,
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

/// All findings, the worst first; of one severity in the order of the rules. `text` is the file that the scenario was
/// read from.
pub fn lint(scenario: &Scenario, text: &str) -> Vec<Finding> {
    let view = View::new(scenario);
    let ruled = |path: &str| {
        let is_set = |origin: &Origin| matches!(origin, Origin::Argument);
        scenario.assumptions.iter().any(|assumption| assumption.path == path && is_set(&assumption.origin))
    };
    let mut findings = vec![];
    for rule in rules::ALL {
        let finding = |found: Found| {
            let placed = found.fix.iter().all(|(path, _)| !ruled(path));
            let pasted = paste(text, &found.fix).filter(|_| placed);
            Finding {
                rule: rule.name,
                severity: found.severity,
                component: found.component,
                says: found.says,
                figure: found.figure,
                fix: Fix { settings: found.fix, lines: pasted.map_or(vec![], |pasted| pasted.lines) },
            }
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
