//! What holds for every preset.

use super::{
    Fact, Form, Grade, Preset, QUEUE_BROKERS, STREAM_BROKERS, Setting, Shape, TOPIC_BROKERS, WORKFLOW_BROKERS, clients,
    preset, presets, source,
};

const OF_QUEUES: &[&str] = &[
    "at_most_once",
    "billing",
    "capacity",
    "capacity_bytes",
    "dead_letter",
    "dead_letter_clock",
    "dead_letter_expired",
    "dead_letter_overflow",
    "dedup_window",
    "deliver_limit",
    "delivery_count",
    "delivery_delay",
    "duplicate_delivery",
    "in_flight_includes_delayed",
    "lease_check",
    "lease_extension",
    "log_length",
    "max_deliveries",
    "max_in_flight",
    "memory_alarm",
    "on_crash",
    "on_nack",
    "operation_limit",
    "order",
    "overflow",
    "publish_limit",
    "receive_wait",
    "redelivery",
    "scan_depth",
    "session_idle",
    "single_active",
    "stale_ack",
    "ttl",
    "ttl_at",
    "visibility_timeout",
    "withdraw",
];
const OF_TOPICS: &[&str] = &["billing", "dedup_window", "delivery_retry", "publish_limit"];
const OF_STREAMS: &[&str] =
    &["billing", "deliver_limit", "partition_limit", "partitions", "publish_limit", "retention", "retention_bytes"];
const OF_CONSUMERS_OF_QUEUES: &[&str] = &["heartbeat", "poll", "prefetch", "receive"];
const OF_CONSUMERS_OF_STREAMS: &[&str] = &[
    "assignment",
    "bisect",
    "commit_interval",
    "fan_out",
    "fetch_min_bytes",
    "fetch_wait",
    "heartbeat_interval",
    "max_poll_interval",
    "max_poll_records",
    "max_record_age",
    "offset_reset",
    "on_failure",
    "parallelization",
    "poll",
    "rebalance_delay",
    "session_timeout",
    "start",
    "static_membership",
];
const OF_WORKFLOWS: &[&str] =
    &["decisions", "decisions.concurrency", "decisions.sticky", "decisions.timeout", "history_events", "history_limit"];
const OF_STEPS: &[&str] = &[
    "concurrency",
    "heartbeat",
    "on_crash",
    "poll",
    "poll_from",
    "retry",
    "retry.backoff",
    "retry.cap",
    "retry.factor",
    "retry.jitter",
    "retry.max_attempts",
    "schedule_to_start",
    "start_to_close",
];
const SERIES: &[&str] = &["ready", "in_flight", "delayed", "backlog", "oldest_age_s", "lag"];

/// The four lists of a preset, each with the keys that it may hold.
fn lists(preset: &Preset) -> [(&'static [Fact], &'static [&'static str]); 4] {
    let (own, consumer, producer): (&[&str], &[&str], &[&str]) = match preset.shape {
        Shape::Queue => (OF_QUEUES, OF_CONSUMERS_OF_QUEUES, &[]),
        Shape::Topic => (OF_TOPICS, &[], &[]),
        Shape::Stream => (OF_STREAMS, OF_CONSUMERS_OF_STREAMS, &["batch_size"]),
        Shape::Workflow => (OF_WORKFLOWS, OF_STEPS, &[]),
    };
    let subscriber = if preset.shape == Shape::Topic { OF_QUEUES } else { &[] };
    [(preset.own, own), (preset.consumer, consumer), (preset.producer, producer), (preset.subscriber, subscriber)]
}

fn facts() -> impl Iterator<Item = (&'static Preset, &'static Fact)> {
    presets::ALL.into_iter().flat_map(|preset| {
        lists(preset).into_iter().flat_map(move |(list, _)| list.iter().map(move |fact| (preset, fact)))
    })
}

/// As names are compared: case, dots, dashes and underscores do not count.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !".-_".contains(*c)).flat_map(char::to_lowercase).collect()
}

#[test]
fn every_broker_has_a_preset_of_its_shape() {
    let named = [
        (&QUEUE_BROKERS[..], Shape::Queue),
        (&TOPIC_BROKERS[..], Shape::Topic),
        (&STREAM_BROKERS[..], Shape::Stream),
        (&WORKFLOW_BROKERS[..], Shape::Workflow),
    ];
    for (names, shape) in named {
        for name in names {
            assert!(preset(name, shape).is_some(), "{name} {shape:?}");
        }
    }
    assert_eq!(presets::ALL.len(), named.iter().map(|(names, _)| names.len()).sum::<usize>(), "and there is no other");
}

#[test]
fn every_preset_is_dated_and_says_what_it_leaves_out() {
    for preset in presets::ALL {
        assert_eq!(preset.as_of.len(), "2026-11".len(), "{}", preset.name);
        assert!(!preset.title.is_empty(), "{}", preset.name);
        if preset.name != "generic" {
            assert!(!preset.version.is_empty() && !preset.not_modelled.is_empty(), "{}", preset.name);
        }
        for sentence in preset.not_modelled {
            assert!(sentence.ends_with('.'), "{}: {sentence}", preset.name);
        }
    }
}

#[test]
fn a_fact_says_where_it_was_read() {
    for (preset, fact) in facts() {
        let address = source(fact.source);
        let address = address.unwrap_or_else(|| panic!("{} {}: no source {:?}", preset.name, fact.key, fact.source));
        let on_the_web = address.starts_with("https://") || address.starts_with("http://");
        assert_eq!(on_the_web, fact.grade != Grade::Assumed, "{} {}", preset.name, fact.key);
    }
}

#[test]
fn a_list_holds_keys_of_its_table_each_once() {
    for preset in presets::ALL {
        for (list, keys) in lists(preset) {
            for (index, fact) in list.iter().enumerate() {
                assert!(keys.contains(&fact.key), "{}: {} has no place there", preset.name, fact.key);
                assert!(list[..index].iter().all(|other| other.key != fact.key), "{}: {} twice", preset.name, fact.key);
                if let Some(other) = fact.only_with {
                    // No broker says what anybody pays.
                    let known = keys.contains(&other) || other == "price";
                    assert!(known, "{}: {} only with {other}", preset.name, fact.key);
                }
            }
        }
    }
}

#[test]
fn a_name_means_one_key() {
    for preset in presets::ALL {
        for (list, keys) in lists(preset) {
            let mut seen: Vec<(String, &str)> = vec![];
            for (name, key) in list.iter().flat_map(|fact| fact.names.iter().map(|(name, _)| (plain(name), fact.key))) {
                assert!(seen.iter().all(|(other, _)| *other != name), "{}: {name} twice", preset.name);
                let foreign = keys.iter().find(|other| **other != key && plain(other) == name);
                assert_eq!(foreign, None, "{}: {name} is another key of ours", preset.name);
                seen.push((name, key));
            }
        }
    }
}

#[test]
fn values_and_words_are_sound() {
    for (preset, fact) in facts() {
        if let Setting::Toml(text) = fact.value {
            let table = toml::from_str::<toml::Table>(&format!("value = {text}"));
            assert!(table.is_ok(), "{} {}: {table:?}", preset.name, fact.key);
        }
        for (name, form) in fact.names {
            if let Form::Words(words) = form {
                let theirs = |text| words.iter().any(|(_, ours)| *ours == text);
                let known = !matches!(fact.value, Setting::Text(text) if !theirs(text));
                assert!(known, "{} {}: {name} cannot say the default", preset.name, fact.key);
            }
        }
    }
    for preset in presets::ALL {
        for metric in preset.metrics {
            assert!(metric.sum_of.iter().all(|series| SERIES.contains(series)), "{} {}", preset.name, metric.name);
        }
    }
}

#[test]
fn the_page_about_brokers_has_them_all() {
    let page = include_str!("../../docs/brokers.md");
    for preset in presets::ALL {
        assert!(page.contains(&format!("`{}`", preset.name)), "docs/brokers.md says nothing of {}", preset.name);
    }
}

const OF_RETRIES: &[&str] = &["backoff", "budget", "cap", "factor", "growth", "jitter", "max_attempts"];

#[test]
fn clients_say_where_they_were_read_too() {
    let mut names = vec![];
    for client in clients() {
        assert!(!names.contains(&client.name), "{} is there twice", client.name);
        names.push(client.name);
        assert_eq!(client.as_of.len(), "2026-11".len(), "{}", client.name);
        assert!(!client.title.is_empty() && !client.version.is_empty(), "{}", client.name);
        let all = client.facts.iter().chain(client.on_reject);
        for fact in all.clone().chain(client.calls) {
            let on_the_web = source(fact.source).is_some_and(|address| address.starts_with("https://"));
            assert_eq!(on_the_web, fact.grade != Grade::Assumed, "{} {}", client.name, fact.key);
        }
        assert!(all.clone().all(|fact| OF_RETRIES.contains(&fact.key)), "{}", client.name);
    }
}
