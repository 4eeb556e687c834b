//! Last in, first out under overload only.

use super::{component, replay, series, total, totals};

/// A message a second from 0 to 9 s and one worker of 3 s a message: when which message is done.
fn latencies(order: &str) -> tailback::study::Findings {
    let rows: String = (0..10).map(|second| format!("{second}\n")).collect();
    replay(
        "100s",
        &format!("time_s\n{rows}"),
        &format!(
            "[producer.p]\nto = \"jobs\"\nmessages = \"messages.csv\"\n[queue.jobs]\n{order}\n\
             [consumer.w]\nfrom = \"jobs\"\nservice = \"3s\"\n"
        ),
    )
}

#[test]
fn above_the_bound_the_youngest_goes_first() {
    // Work ends, and the next is taken, before the arrival of that instant. At 3 s 1 and 2 wait, so that the oldest goes; at
    // 6 s four wait and 5 goes, at 9 s six and 8 goes. From 12 s on nothing comes any more: 9, 7, 6 and 4 go, and then, with
    // two left, 2 and 3.
    let adaptive = latencies("order = \"adaptive-lifo\"\nlifo_above = 2");
    assert_eq!(totals(&adaptive, "jobs", ["completed"]), [10]);
    let mean = component(&adaptive, "jobs").latency.as_ref().expect("completed").mean;
    // Done at 3 … 30 s in steps of three, whoever it is: their mean is the same in any order.
    let fifo = component(&latencies(""), "jobs").latency.as_ref().expect("completed").mean;
    assert!((mean - fifo).abs() < 1e-9 && (mean - 12.0).abs() < 1e-9, "{mean} {fifo}");
    // The longest: 3 waits until 30 s. First in, first out the last one is; last in, first out the second one.
    for (order, longest) in
        [("order = \"adaptive-lifo\"\nlifo_above = 2", 27.0), ("", 21.0), ("order = \"lifo\"", 29.0)]
    {
        let max = component(&latencies(order), "jobs").latency.as_ref().expect("completed").max;
        assert_eq!(max, longest, "{order}");
    }
    let age = series(&adaptive, "jobs", "oldest_age_s", [3, 6, 12, 24, 27]);
    assert_eq!(age, [2, 4, 10, 22, 24]);
}

#[test]
fn a_bound_that_is_never_reached_is_first_in_first_out() {
    let never = latencies("order = \"adaptive-lifo\"\nlifo_above = 9");
    let plain = latencies("");
    assert_eq!(component(&never, "jobs").latency, component(&plain, "jobs").latency);
}

#[test]
fn a_full_queue_drops_its_oldest_whatever_the_order() {
    let outcome = |order: &str| {
        let findings = latencies(&format!("{order}\ncapacity = 3\noverflow = \"drop-head\""));
        (total(&findings, "jobs", "dropped"), component(&findings, "jobs").latency.as_ref().expect("completed").max)
    };
    // Taken are 0 1 3 6 7 8 9; 2, 4 and 5 had to make room.
    assert_eq!(outcome(""), (3.0, 12.0));
    // Taken are 0 2 5 8 9 7 6, the last of them done at 21 s; 1, 3 and 4 had to make room.
    assert_eq!(outcome("order = \"lifo\""), (3.0, 15.0));
}
