//! Clock-aligned herds.

use super::{component, run, series, total};

const QUEUE: &str = "[queue.q]\n[consumer.w]\nfrom = \"q\"\nreplicas = 10\nservice = \"1s\"\n";

#[test]
fn a_herd_comes_at_every_multiple_and_waits_in_line() {
    let text = format!("[producer.p]\nto = \"q\"\ncron = {{ every = \"60s\", count = 100 }}\n{QUEUE}");
    let findings = run("200s", &text);
    assert_eq!(total(&findings, "p", "requests"), 300.0);
    assert_eq!(total(&findings, "q", "completed"), 300.0);
    // A hundred at once, ten a second: the last ten wait nine seconds, the mean is 4.5.
    let wait = component(&findings, "q").wait.as_ref().expect("served");
    assert!((wait.mean - 4.5).abs() < 1e-9 && (wait.max - 9.0).abs() < 1e-9, "{} {}", wait.mean, wait.max);
    // Work that ends and a herd that comes at a tick have happened when it is sampled.
    let backlog = series(&findings, "q", "backlog");
    assert_eq!(&backlog[58..72], [0., 0., 100., 90., 80., 70., 60., 50., 40., 30., 20., 10., 0., 0.]);
    assert_eq!(total(&findings, "q", "peak_at_s"), 60.0);
}

#[test]
fn the_first_herd_may_come_earlier_and_the_rate_goes_on() {
    let text = format!(
        "[producer.p]\nto = \"q\"\nrate = \"2/s\"\nprocess = \"constant\"\ncron = {{ every = \"60s\", count = 50, at = \"0s\" }}\n{QUEUE}"
    );
    let findings = run("100s", &text);
    assert_eq!(total(&findings, "p", "requests"), 200.0 + 100.0);
    // The rate's first comes at once as well.
    assert_eq!(series(&findings, "q", "backlog")[0], 51.0);
}

#[test]
fn jitter_spreads_a_herd_evenly() {
    let text = "[producer.p]\nto = \"q\"\ncron = { every = \"100s\", count = 10000, jitter = \"50s\" }\n[queue.q]\n";
    let findings = run("250s", text);
    let backlog = series(&findings, "q", "backlog");
    assert_eq!(backlog[100], 0.0);
    // Binomial: 5000 ± 5 × 50 in the first half.
    assert!((backlog[125] - 5000.0).abs() < 250.0, "{}", backlog[125]);
    assert!((backlog[110] - 2000.0).abs() < 200.0, "{}", backlog[110]);
    assert_eq!(backlog[150], 10_000.0);
    assert_eq!(backlog[199], 10_000.0);
    assert_eq!(backlog[250], 20_000.0);
}

#[test]
fn faults_change_the_herds_that_begin_in_them() {
    let text = format!(
        "[producer.p]\nto = \"q\"\ncron = {{ every = \"10s\", count = 7 }}\n{QUEUE}\
         [[fault]]\nat = \"15s\"\nfor = \"10s\"\nproducer = \"p\"\npause = true\n\
         [[fault]]\nat = \"30s\"\nfor = \"10s\"\nproducer = \"p\"\ntimes = 3\n"
    );
    // At 10 s seven, at 20 s none, at 30 s 21, at 40 s and 50 s seven.
    assert_eq!(total(&run("55s", &text), "p", "requests"), 7.0 + 21.0 + 14.0);
}

#[test]
fn those_who_ask_in_a_herd_wait_for_their_answers() {
    // Ten are answered each second; by their timeout of 4.5 s, forty of a hundred. Each of the others asks once more, behind
    // all that lies there: 60 old copies, answered to nobody, until 10 s, then forty by 14 s; the second timeout is at 9 s.
    let text = format!(
        "[producer.p]\nto = \"q\"\ncron = {{ every = \"60s\", count = 100 }}\n\
         reply = {{ timeout = \"4500ms\", retry = {{ max_attempts = 2 }} }}\n{QUEUE}"
    );
    let findings = run("100s", &text);
    assert_eq!(total(&findings, "p", "answered"), 40.0);
    assert_eq!(total(&findings, "p", "timeouts"), 120.0);
    assert_eq!(total(&findings, "p", "gave_up"), 60.0);
    assert_eq!(total(&findings, "q", "completed"), 160.0);
}
