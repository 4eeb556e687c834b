//! Whatever is typed, the answer is a scenario or problems that can be shown; never a panic.

use super::everything::EVERYTHING;
use super::{BASE, files};
use crate::scenario::{Scenario, render};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn survives(text: &str) {
    if let Err(problems) = Scenario::parse(text, &files()) {
        assert!(!problems.is_empty());
        let shown = render(&problems, "s.toml", text, false);
        for problem in problems.iter().filter(|problem| problem.line > 0) {
            let place = format!("--> s.toml:{}:{}", problem.line, problem.column);
            assert!(shown.contains(&place), "{place} is not in\n{shown}");
        }
        assert!(!render(&problems, "s.toml", text, true).is_empty());
    }
}

#[test]
fn what_is_missing_at_the_end_is_placed_on_the_last_line() {
    survives("duration = \"1m\"\nslo = [");
    survives("duration = \"1m\"\nslo = [\n\n");
    survives("duration = \"1m\"\n[producer.p]\nspikes = [{ at = \"1m\"\nfor = \"5m\"\n");
    survives("\n \n");
}

proptest! {
    // The same cases every time: a red run can be repeated, and a green one is not luck.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::with_cases(1000)
    })]

    #[test]
    fn arbitrary_text_is_survived(text in "\\PC{0,200}") {
        survives(&text);
    }

    #[test]
    fn cut_and_mangled_scenarios_are_survived(from in 0..EVERYTHING.len(), length in 0usize..40, with in "[-0-9a-z\"{}\\[\\]=., éµ\n]{0,12}") {
        let (Some(before), Some(after)) = (EVERYTHING.get(..from), EVERYTHING.get(from + length..)) else { return Ok(()) };
        survives(&format!("{before}{with}{after}"));
    }

    #[test]
    fn wrong_values_everywhere_are_survived(line in 0usize..200, with in prop::sample::select(vec![
        "0", "-1", "1e999", "nan", "inf", "\"\"", "\"0s\"", "\"-1s\"", "true", "[]", "{}", "[[1, 2]]", "{ exp = 1 }",
        "99999999999999999999999", "\"1e30w\"", "\"0/s\"", "2020-01-01", "{ a = { b = [ { c = 1 } ] } }",
    ])) {
        let lines: Vec<String> = EVERYTHING
            .lines()
            .enumerate()
            .map(|(at, text)| match text.split_once(" = ") {
                Some((key, _)) if at == line => format!("{key} = {with}"),
                _ => text.to_string(),
            })
            .collect();
        survives(&lines.join("\n"));
    }

    #[test]
    fn arbitrary_overrides_are_survived(path in "[a-z.0-9]{0,30}", value in "\\PC{0,20}") {
        let _ = Scenario::parse_with(BASE, &files(), &[(path, value.clone())]);
        for path in ["producer.shop.rate", "consumer.worker.service.mean", "queue.orders.x.y", "slo", "fault.a.b"] {
            let _ = Scenario::parse_with(BASE, &files(), &[(path.into(), value.clone())]);
        }
    }
}
