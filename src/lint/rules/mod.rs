//! The rules, one file each.

mod ack_before;
mod activity_timeout;
mod batch_wait;
mod call_timeout;
mod client_retries;
mod dead_letter_clock;
mod eager;
mod endless;
mod hot_key;
mod idle_members;
mod in_flight;
mod in_process;
mod jitter;
mod layers;
mod lease;
mod lost_publishes;
mod no_dead_letter;
mod no_timeout;
mod outage;
mod outlives_caller;
mod overloaded;
mod poll_interval;
mod prefetch;
mod redrive;
mod requeue;
mod reserved;
mod retention;
mod runs;
mod scaling_late;
mod scaling_max;
mod scaling_swings;
mod scaling_target;
mod single;
mod storm;
mod storm_dependency;
mod too_short;
mod unbounded;
mod warmup;

use super::view::View;
use super::{Figure, Severity};

/// What to look for.
pub(super) struct Rule {
    pub(super) name: &'static str,
    /// What it finds, in one sentence.
    pub(super) finds: &'static str,
    pub(super) find: fn(&View<'_>) -> Vec<Found>,
}

/// A finding before it has its rule's name.
pub(super) struct Found {
    pub(super) severity: Severity,
    pub(super) component: String,
    pub(super) says: String,
    pub(super) figure: Figure,
    pub(super) fix: Vec<(String, String)>,
}

pub(super) const ALL: [Rule; 38] = [
    lease::RULE,
    batch_wait::RULE,
    in_process::RULE,
    prefetch::RULE,
    in_flight::RULE,
    endless::RULE,
    client_retries::RULE,
    no_dead_letter::RULE,
    outage::RULE,
    requeue::RULE,
    jitter::RULE,
    layers::RULE,
    storm::RULE,
    storm_dependency::RULE,
    no_timeout::RULE,
    call_timeout::RULE,
    outlives_caller::RULE,
    activity_timeout::RULE,
    overloaded::RULE,
    unbounded::RULE,
    lost_publishes::RULE,
    hot_key::RULE,
    idle_members::RULE,
    poll_interval::RULE,
    eager::RULE,
    retention::RULE,
    dead_letter_clock::RULE,
    ack_before::RULE,
    redrive::RULE,
    scaling_max::RULE,
    scaling_late::RULE,
    scaling_swings::RULE,
    scaling_target::RULE,
    reserved::RULE,
    single::RULE,
    too_short::RULE,
    runs::RULE,
    warmup::RULE,
];

/// A setting of a fix.
fn set(path: impl Into<String>, value: impl Into<String>) -> (String, String) {
    (path.into(), value.into())
}

/// Setting of a consumer's key.
fn of_consumer(name: &str, key: &str, value: impl Into<String>) -> (String, String) {
    set(format!("consumer.{name}.{key}"), value)
}

/// Setting of a queue's key.
fn of_queue(name: &str, key: &str, value: impl Into<String>) -> (String, String) {
    set(format!("queue.{name}.{key}"), value)
}

#[cfg(test)]
mod bench {
    use crate::lint::{Finding, lint};
    use crate::scenario::{Files, Scenario, paste, render};
    use std::collections::BTreeMap;

    /// A producer at 10/s, a queue and a consumer of one second with 20 slots; tests add to it or replace its lines.
    pub(in crate::lint) const PLAIN: &str = "title = \"plain\"\nduration = \"1h\"\n\n[producer.p]\nto = \"q\"\n\
        rate = \"10/s\"\n\n[queue.q]\n\n[consumer.c]\nfrom = \"q\"\nreplicas = 20\nservice = \"1s\"\n";

    /// PLAIN with texts replaced, each of which must be there.
    pub(in crate::lint) fn plain(changes: &[(&str, &str)]) -> String {
        let mut text = PLAIN.to_string();
        for (old, new) in changes {
            assert!(text.contains(old), "no {old:?} in\n{text}");
            text = text.replace(old, new);
        }
        text
    }

    fn findings(text: &str, rule: &str) -> Vec<Finding> {
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let scenario = Scenario::parse(text, &files as &dyn Files)
            .unwrap_or_else(|problems| panic!("{}", render(&problems, "t.toml", text, false)));
        lint(&scenario, text).into_iter().filter(|finding| finding.rule == rule).collect()
    }

    /// The only finding of the rule. Pasting its fix ends it.
    #[track_caller]
    pub(in crate::lint) fn found(text: &str, rule: &str) -> Finding {
        let found = findings(text, rule);
        assert_eq!(found.len(), 1, "{rule} in\n{text}\n{found:?}");
        let finding = found.into_iter().next().expect("one");
        let pasted =
            paste(text, &finding.fix.settings).unwrap_or_else(|| panic!("{:?} has no place in\n{text}", finding.fix));
        let left = findings(&pasted.text, rule);
        assert!(!finding.fix.lines.is_empty());
        assert!(left.is_empty(), "still there: {left:?}\n{}", pasted.text);
        finding
    }

    #[track_caller]
    pub(in crate::lint) fn silent(text: &str, rule: &str) {
        assert_eq!(findings(text, rule), [], "{text}");
    }
}
