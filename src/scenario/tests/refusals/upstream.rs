//! Mistakes in what stands before a publish, and in faults of some partitions.

use super::{BASE, QUEUE, RATE, check, differs};

#[test]
fn herds_outboxes_and_spills() {
    check(&[
        (
            RATE,
            "cron = { every = \"20m\", count = 5 }",
            "4:18",
            "the first herd begins at 20m, but the run ends",
            "earlier",
        ),
        (
            RATE,
            "cron = { every = \"1m\", count = 5, jitter = \"2m\" }",
            "4:44",
            "lets a herd run into the next",
            "`every`",
        ),
        (RATE, "cron = { every = \"1m\", count = 5 }\nbatch = 3", "5:9", "`batch` shapes a rate", "its `count`"),
        (
            RATE,
            "messages = \"plain.csv\"\ncron = { every = \"1m\", count = 5 }",
            "5:8",
            "`cron` cannot stand beside `messages`",
            "a producer for each",
        ),
        (
            RATE,
            "rate = \"10/s\"\noutbox = { poll = \"1s\", batch = 5 }\non_reject = \"block\"",
            "6:13",
            "`on_reject` would change nothing here",
            "leave one",
        ),
        (
            RATE,
            "rate = \"10/s\"\non_reject = { spill = { capacity = 5, rate = \"0/s\" } }",
            "5:46",
            "publishes nothing of what was spilled",
            "500/s",
        ),
        (
            RATE,
            "rate = \"10/s\"\non_reject = { spill = { capacity = 5, rate = \"1/s\" }, retry = {} }",
            "5:13",
            "either `retry` or `spill`",
            "keep one",
        ),
    ]);
}

#[test]
fn faults_of_some_partitions() {
    let fault = |lines: &str| {
        format!("[queue.orders]\n[stream.s]\npartitions = 4\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\n{lines}")
    };
    let rows = [
        ("stream = \"s\"\npartitions = [4]\ndown = \"refuse\"", "12:15", "`s` has no partition 4", "from 0 to 3"),
        ("stream = \"s\"\npartitions = [1, 1]\ndown = \"refuse\"", "12:18", "names 1 twice", "once"),
        ("stream = \"s\"\npartitions = 5\npause = true", "12:14", "`partitions` = 5, but `s` has 4", "whole stream"),
        ("queue = \"orders\"\npartitions = 1\npause = true", "12:14", "are those of a stream", "add stream"),
        ("topic = \"t\"\npause = true", "11:9", "no topic", ""),
    ];
    let rows = rows.map(|(lines, at, message, way_out)| {
        let text = BASE.replace(QUEUE, &fault(lines));
        differs(&text, at, message, way_out)
    });
    let wrong: Vec<String> = rows.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
