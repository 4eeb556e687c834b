//! Faults of a closed loop.

use super::{run, series, total};

/// Ten clients that are answered after 0.1 s and think 0.9 s: ten requests a second.
fn clients(fault: &str) -> tailback::study::Findings {
    run(
        "60500ms",
        &format!(
            "[producer.p]\nto = \"q\"\nclients = {{ count = 10, think = \"900ms\" }}\nreply = {{ timeout = \"30s\" }}\n[queue.q]\n\
             [consumer.w]\nfrom = \"q\"\nreplicas = 100\nservice = \"100ms\"\n\
             [[fault]]\nat = \"20s\"\nfor = \"20s\"\nproducer = \"p\"\n{fault}\n"
        ),
    )
}

#[test]
fn a_crowd_grows_and_shrinks_with_its_fault() {
    let rates = |fault| series(&clients(fault), "p", "request_rate_per_s");
    let more = rates("times = 3");
    assert_eq!((more[15], more[30], more[45]), (10.0, 30.0, 10.0));
    let fewer = rates("times = 0.5");
    assert_eq!((fewer[15], fewer[30], fewer[45]), (10.0, 5.0, 10.0));
}

#[test]
fn clients_that_were_held_back_ask_together() {
    let findings = clients("pause = true");
    let rates = series(&findings, "p", "request_rate_per_s");
    assert_eq!((rates[15], rates[30], rates[45]), (10.0, 0.0, 10.0));
    // At 40 s all have asked and none is answered.
    assert_eq!((rates[40], series(&findings, "q", "backlog")[40]), (10.0, 10.0));
    assert_eq!(total(&findings, "p", "timeouts"), 0.0);
}
