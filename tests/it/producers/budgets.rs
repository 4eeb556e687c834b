//! What publishers may spend on retries.

use super::{run, series, total};

/// Ten a second, all of them refused from the first to the last.
fn refused(retry: &str) -> f64 {
    let findings = run(
        "60500ms",
        &format!(
            "[producer.p]\nto = \"q\"\nrate = \"10/s\"\nprocess = \"constant\"\non_reject = {{ retry = {{ {retry} }} }}\n[queue.q]\n\
             [[fault]]\nat = \"0s\"\nfor = \"2m\"\nqueue = \"q\"\ndown = \"refuse\"\n"
        ),
    );
    let of = |metric| total(&findings, "p", metric);
    assert_eq!(of("requests"), of("published") - of("rejected") + of("gave_up") + of("waiting"));
    assert_eq!(of("published"), of("requests") + of("client_retries"));
    of("client_retries")
}

#[test]
fn a_quota_of_500_pays_for_35_retries_at_14() {
    assert_eq!(refused("backoff = \"100ms\", max_attempts = 3, budget = { tokens = 500, retry_cost = 14 }"), 35.0);
    assert_eq!(refused("backoff = \"100ms\", max_attempts = 3, budget = \"aws-standard\""), 35.0);
    // Without it: two for each request that had the time for them.
    assert!(refused("backoff = \"100ms\", max_attempts = 3") > 1190.0);
}

#[test]
fn grpc_stops_at_half_of_its_tokens() {
    // Failures take one of ten each; after the fifth there are five, and no more retries.
    assert_eq!(refused("backoff = \"100ms\", budget = \"grpc\""), 4.0);
}

#[test]
fn finagle_pays_for_a_fifth_of_the_requests_and_ten_a_second() {
    let retries = refused("backoff = \"100ms\", budget = \"finagle\"");
    // 0.2 × 10/s + 10/s over a minute; windows turn in steps of a second, and the first one's reserve is there at once.
    assert!((12.0 * 60.0 * 0.9..12.0 * 70.0 * 1.1).contains(&retries), "{retries}");
}

#[test]
fn envoy_lets_three_be_under_way() {
    // The first three go round, once a second each, from 1 s to 60 s.
    assert_eq!(refused("backoff = \"1s\", budget = \"envoy\""), 180.0);
}

#[test]
fn timeouts_spend_the_budget_of_the_reply() {
    let findings = run(
        "60500ms",
        "[producer.p]\nto = \"q\"\nrate = \"10/s\"\nprocess = \"constant\"\n\
         reply = { timeout = \"1s\", retry = { backoff = \"100ms\", max_attempts = 3, budget = { tokens = 500, timeout_cost = 10 } } }\n[queue.q]\n",
    );
    assert_eq!(total(&findings, "p", "client_retries"), 50.0);
    assert_eq!(total(&findings, "q", "published"), total(&findings, "p", "requests") + 50.0);
}

#[test]
fn answers_fill_the_budget_again() {
    // One server of 0.15 s for ten a second: after a while all time out, but for those answered in between.
    let text = |budget: &str| {
        format!(
            "[producer.p]\nto = \"q\"\nrate = \"10/s\"\nprocess = \"constant\"\n\
             reply = {{ timeout = \"1s\", retry = {{ max_attempts = 4{budget} }} }}\n[queue.q]\norder = \"lifo\"\n\
             [consumer.w]\nfrom = \"q\"\nservice = \"150ms\"\n"
        )
    };
    let of = |budget: &str| {
        let findings = run("120s", &text(budget));
        (total(&findings, "p", "client_retries"), total(&findings, "p", "answered"))
    };
    let (stingy, _) = of(", budget = { tokens = 20, retry_cost = 10, refund = 0 }");
    let (refunded, answered) = of(", budget = { tokens = 20, retry_cost = 10, refund = 1 }");
    let (free, _) = of("");
    assert!(stingy < refunded && refunded < free, "{stingy} {refunded} {free}");
    // Two from the start, one for each ten first answers, and as many again as retries were answered: never more than answers.
    assert!(refunded <= 2.0 + answered, "{refunded} {answered}");
}

#[test]
fn going_over_a_limit_has_its_own_price() {
    let text = "[producer.p]\nto = \"q\"\nrate = \"10/s\"\nprocess = \"constant\"\n\
                on_reject = { retry = { backoff = \"100ms\", budget = { tokens = 100, retry_cost = 1, throttle_cost = 50 } } }\n\
                [queue.q]\npublish_limit = \"1/h\"\n";
    // The bucket holds one token; all after the first message are over the limit.
    assert_eq!(total(&run("60500ms", text), "p", "client_retries"), 2.0);
}

#[test]
fn adaptive_clients_slow_down_to_what_the_broker_takes() {
    let text = |budget: &str| {
        format!(
            "[producer.p]\nto = \"q\"\nrate = \"50/s\"\nprocess = \"constant\"\n\
             on_reject = {{ retry = {{ backoff = \"100ms\", max_attempts = 3, budget = \"{budget}\" }} }}\n\
             [queue.q]\npublish_limit = \"10/s\"\n"
        )
    };
    let mean = |budget: &str| {
        let findings = run("120s", &text(budget));
        let rates = series(&findings, "p", "publish_rate_per_s");
        rates[60..].iter().sum::<f64>() / (rates.len() - 60) as f64
    };
    let (standard, adaptive) = (mean("aws-standard"), mean("aws-adaptive"));
    assert!(standard > 49.0, "{standard}");
    assert!((8.0..25.0).contains(&adaptive), "{adaptive}");
}
