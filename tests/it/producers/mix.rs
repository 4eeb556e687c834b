//! Nothing is lost between a request and the broker but what is counted, whatever the producer's side is made of.

use super::{component, total};
use std::collections::BTreeMap;
use tailback::study::Findings;

/// Small numbers that look random and are the same at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

fn scenario(dice: &mut Dice) -> String {
    let source = dice.one_of(&[
        "rate = \"30/s\"",
        "cron = { every = \"7s\", count = 90, jitter = \"3s\" }",
        "rate = \"10/s\"\ncron = { every = \"10s\", count = 200 }",
    ]);
    let store = dice.one_of(&[
        "outbox = { poll = \"700ms\", batch = 40 }",
        "on_reject = { spill = { capacity = 100, rate = \"40/s\" } }",
        "on_reject = { spill = { capacity = 100000, rate = \"7/s\" } }",
        "on_reject = { retry = { backoff = \"500ms\", jitter = \"full\", max_attempts = 4 } }",
        "on_reject = { retry = { backoff = \"300ms\", budget = \"aws-adaptive\", max_attempts = 6 } }",
        "on_reject = { retry = { backoff = \"300ms\", budget = \"finagle\" } }",
    ]);
    let keys = dice.one_of(&["", "keys = { count = 50 }"]);
    let to = dice.one_of(&["q", "s", "t"]);
    let queue = dice.one_of(&["", "capacity = 30", "publish_limit = \"20/s\"", "capacity = 20\noverflow = \"block\""]);
    let queue = if to == "t" && queue.contains("block") { "" } else { queue };
    let topic = if to == "t" { "[topic.t]\npublish_limit = \"25/s\"\n" } else { "" };
    let subscribe = if to == "t" { "subscribe = \"t\"\n" } else { "" };
    let fault = match (to, dice.below(3)) {
        ("q", _) => "queue = \"q\"\ndown = \"refuse\"",
        ("t", 0) => "topic = \"t\"\npause = true",
        ("t", _) => "topic = \"t\"\ndown = \"refuse\"",
        (_, 0) => "stream = \"s\"\ndown = \"refuse\"",
        (_, 1) => "stream = \"s\"\npartitions = 2\ndown = \"refuse\"",
        _ => "stream = \"s\"\npartitions = [1, 2]\npause = true",
    };
    let (from, length) = (5 + dice.below(20), 3 + dice.below(20));
    let rest = if to == "s" {
        "[stream.s]\npartitions = 4\npartition_limit = { write = \"9/s\" }\n[consumer.w]\nfrom = \"s\"\nreplicas = 4\nservice = { exp = \"80ms\" }\n".into()
    } else {
        format!(
            "{topic}[queue.q]\n{subscribe}{queue}\n[consumer.w]\nfrom = \"q\"\nreplicas = 2\nservice = {{ exp = \"60ms\" }}\n"
        )
    };
    format!(
        "duration = \"60s\"\nwarmup = \"3s\"\nruns = 2\nseed = {}\n[producer.p]\nto = \"{to}\"\n{source}\n{store}\n{keys}\n{rest}\
         [[fault]]\nat = \"{from}s\"\nfor = \"{length}s\"\n{fault}\n",
        dice.below(1000)
    )
}

fn simulate(text: &str) -> Findings {
    tailback::simulate(text, &BTreeMap::new()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn requests_are_published_given_up_or_still_there() {
    let mut dice = Dice(20261124);
    let mut refused = 0;
    for _ in 0..150 {
        let text = scenario(&mut dice);
        let findings = simulate(&text);
        let of = |metric| total(&findings, "p", metric);
        let sum = of("published") - of("rejected") + of("gave_up") + of("waiting");
        assert!((of("requests") - sum).abs() < 1e-9 * sum.max(1.0), "{} requests, {sum} found\n{text}", of("requests"));
        refused += usize::from(of("rejected") > 0.0);
        let queue = component(&findings, if text.contains("stream") { "s/w" } else { "q" });
        assert!(queue.total("published").is_some_and(|stat| stat.mean > 0.0), "{text}");
    }
    assert!(refused > 75, "{refused} of 150 scenarios refuse something");
}
