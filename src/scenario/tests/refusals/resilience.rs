//! Mistakes in what a system does about trouble: redrive, deploys, shedding.

use super::{BASE, QUEUE, check, differs};

#[test]
fn redrives_that_cannot_be() {
    check(&[
        (QUEUE, "[queue.orders]\nredrive = { at = \"5m\" }", "6:11", "`orders` is no queue's dead letter", "say where"),
        (
            QUEUE,
            "[queue.orders]\nredrive = { at = \"5m\", to = \"orders\" }",
            "6:29",
            "`orders` would be moved into itself",
            "name the queue",
        ),
    ]);
    // The dead-letter queue of `orders`, and of `others` where that is there.
    let wrong: Vec<String> = [
        ("", "at = \"20m\"", "9:18", "the run ends at 10m", "begin it earlier"),
        ("", "at = \"5m\", rate = \"0/s\"", "9:31", "nothing is ever moved", "raise it"),
        ("", "at = \"5m\", to = \"order\"", "9:29", "no queue has this name", "did you mean \"orders\"?"),
        ("", "rate = \"5/s\"", "9:11", "a redrive needs `at`", "write { at"),
        ("[queue.others]\ndead_letter = \"dlq\"", "at = \"5m\"", "10:11", "is the dead letter of", "say where: to"),
        ("broker = \"sqs\"", "at = \"5m\", rate = \"501/s\"", "9:31", "more than sqs moves: 500/s a queue", "500/s"),
    ]
    .into_iter()
    .filter_map(|(more, redrive, at, message, way_out)| {
        let queues = format!("{QUEUE}\ndead_letter = \"dlq\"\n{more}\n[queue.dlq]\nredrive = {{ {redrive} }}");
        let queues = queues.replace("\n\n", "\n#\n");
        differs(&BASE.replace(QUEUE, &queues), at, message, way_out).map(|why| format!("{redrive}: {why}"))
    })
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn deploys_that_cannot_be() {
    let fault = |keys: &str| format!("{BASE}\n[[fault]]\nat = \"1m\"\nconsumer = \"worker\"\n{keys}\n");
    let wrong: Vec<String> = [
        ("crash = 1", "a fault needs `for`", "for = \"3m\""),
        ("deploy = { drain = \"10s\" }", "a deploy needs `startup`", "startup = \"20s\""),
        ("deploy = { startup = \"10s\", max_unavailable = 100 }", "never has more than", "smaller count"),
        ("deploy = { startup = \"10s\", max_unavailable = \"0%\" }", "means nothing", "a share such as"),
        ("deploy = { startup = \"10s\", drain = \"0s\" }", "must be longer than zero", "\"30s\""),
        ("deploy = { startup = \"10s\", grace = \"5s\" }", "`grace` is not a key of a deploy", "`drain`"),
        ("deploy = { startup = \"10s\" }\ncrash = 1\nfor = \"1m\"", "a fault has one effect", "for each"),
    ]
    .into_iter()
    .filter_map(|(keys, message, way_out)| said(&fault(keys), message, way_out))
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One problem, with these words, wherever it points.
fn said(text: &str, message: &str, way_out: &str) -> Option<String> {
    let shown = super::shown(text);
    let help = shown.split_once("help:").map_or("", |(_, help)| help);
    let title = shown.lines().next().unwrap_or_default();
    let right = shown.matches("error:").count() == 1 && title.contains(message) && help.contains(way_out);
    (!right).then_some(shown)
}

#[test]
fn sheds_that_cannot_be() {
    let shed = |keys: &str| BASE.replace("service = \"50ms\"", &format!("service = \"50ms\"\nshed = {{ {keys} }}"));
    let wrong: Vec<String> = [
        ("to = \"drop\"", "does not say which messages go", "older_than"),
        ("older_than = \"1s\", deeper_than = 5", "has one rule", "keep one"),
        ("older_than = \"1s\", to = \"dead-letter\"", "has no `dead_letter`", "to = \"drop\""),
        ("older_than = \"0s\"", "must be longer than zero", "\"30s\""),
        ("codel = { target = \"5ms\" }", "a codel needs `interval`", "interval = \"1s\""),
        ("max_age = \"5s\"", "`max_age` is not a key of a shed", "older_than"),
    ]
    .into_iter()
    .filter_map(|(keys, message, way_out)| said(&shed(keys), message, way_out))
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let bounded = shed("deeper_than = 10").replace(QUEUE, &format!("{QUEUE}\ncapacity = 10"));
    assert_eq!(said(&bounded, "never holds more than 10 ready", "below the queue's `capacity`"), None);
    let stream = shed("deeper_than = 10").replace(QUEUE, "[stream.orders]");
    assert_eq!(said(&stream, "`shed` belongs to consumers of queues", "`max_record_age`"), None);
}

#[test]
fn orders_that_cannot_be() {
    check(&[
        (
            QUEUE,
            "[queue.orders]\norder = \"adaptive-lifo\"",
            "6:9",
            "needs to know from which depth",
            "lifo_above = 100",
        ),
        (QUEUE, "[queue.orders]\nlifo_above = 5", "6:14", "without order = \"adaptive-lifo\"", "add order"),
        (
            QUEUE,
            "[queue.orders]\norder = \"adaptive-lifo\"\ncapacity = 50\nlifo_above = 50",
            "8:14",
            "never holds more ready messages than that",
            "below the queue's `capacity`",
        ),
    ]);
}

#[test]
fn deadlines_are_those_of_clients() {
    let skips = BASE.replace("service = \"50ms\"", "service = \"50ms\"\nskip_expired_requests = true");
    assert_eq!(differs(&skips, "9:25", "would change nothing here: no client waits", "a `reply`"), None);
    let stream = skips.replace(QUEUE, "[stream.orders]").replace("rate =", "reply = { timeout = \"1s\" }\nrate =");
    assert_eq!(said(&stream, "`skip_expired_requests` belongs to consumers of queues", "`retention`"), None);
}
