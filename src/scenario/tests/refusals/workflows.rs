//! What is wrong with workflows, and the way out.

use super::differs;
use crate::scenario::tests::parse;

const FLOW: &str = "duration = \"10m\"\n[producer.shop]\nto = \"saga\"\nrate = \"1/s\"\n[workflow.saga]\nsteps = [\n\
                    { name = \"a\", service = \"1s\", compensate = { service = \"1s\" } },\n\
                    { name = \"b\", service = \"1s\" },\n]\n";

#[test]
fn of_workflows_and_steps() {
    let with = |from: &str, to: &str| FLOW.replace(from, to);
    let b = "{ name = \"b\", service = \"1s\" }";
    let rows = [
        (with("to = \"saga\"", "to = \"sagas\""), "3:6", "no queue, topic, stream or workflow", "\"saga\""),
        (
            with("[workflow.saga]", "[workflow.saga]\nengine = \"temporl\""),
            "6:10",
            "no workflow engine",
            "\"temporal\"",
        ),
        (with(b, "{ name = \"a\", service = \"1s\" }"), "8:10", "\"a\" is there twice", "its own name"),
        (with(b, "{ name = \"a-undo\", service = \"1s\" }"), "8:1", "two activities", "another name"),
        (with(b, "{ name = \"b c\", service = \"1s\" }"), "8:10", "cannot be a name", "write b-c"),
        (with(b, "{ name = \"b\" }"), "8:1", "needs `service`", "service = "),
        (
            with(b, "{ name = \"b\", service = \"1s\", failure = 0.6, permanent_failure = 0.5 }"),
            "8:66",
            "sum to 1.1",
            "lower one",
        ),
        (
            with(b, "{ name = \"b\", service = \"1s\", start_to_close = \"5s\", heartbeat = \"5s\" }"),
            "8:66",
            "`heartbeat` = 5s would change nothing here",
            "shorter",
        ),
        (
            with(b, "{ name = \"b\", service = \"1s\", poll_from = \"5s\" }"),
            "8:43",
            "`poll_from` would",
            "longer `poll`",
        ),
        (with(b, "{ name = \"b\", service = \"0s\", retry = {} }"), "8:1", "for ever at the same instant", "`backoff`"),
        (with("[workflow.saga]", "[workflow.saga]\nhistory_limit = 9"), "6:17", "nothing counts", "history_events"),
        (
            with("[workflow.saga]", "[workflow.saga]\nhistory_events = { step = 1 }"),
            "6:18",
            "no history is too long",
            "`history_limit`",
        ),
        (with("to = \"saga\"", "to = \"saga\"\non_reject = \"block\""), "4:13", "takes every start", "leave it out"),
        (
            with(b, &format!("{b}]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nconsumer = \"saga/b\"\ncrash = 3\n#")),
            "13:9",
            "never has more than 1 replicas",
            "smaller count",
        ),
    ];
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(text, at, message, way_out)| {
            // The list of steps is closed by the row itself where something follows it.
            let text = if text.contains("#,\n]") { text.replace("#,\n]\n", "") } else { text.clone() };
            differs(&text, at, message, way_out)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(parse(FLOW).is_ok());
}

#[test]
fn temporal_asks_for_a_bound() {
    let text = FLOW.replace("[workflow.saga]", "[workflow.saga]\nengine = \"temporal\"");
    let bounded = text.replace("service = \"1s\"", "service = \"1s\", start_to_close = \"9s\"");
    assert!(parse(&bounded).is_ok());
    let text =
        bounded.replace("name = \"b\", service = \"1s\", start_to_close = \"9s\"", "name = \"b\", service = \"1s\"");
    assert_eq!(differs(&text, "9:1", "no activity without a bound", "start_to_close"), None);
}
