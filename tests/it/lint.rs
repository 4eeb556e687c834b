//! `tailback lint`: the command, and its fixes on the committed scenarios.

use std::fs;

use tailback::lint::{Finding, lint};
use tailback::scenario::{Files, Scenario, paste, render};

use crate::program::{Place, SMALL, repository, scenarios};

/// Reads what the committed scenarios name.
struct Beside;

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(repository().join("scenarios").join(path)).map_err(|error| error.to_string())
    }
}

fn found(name: &str, text: &str) -> Vec<Finding> {
    let scenario = Scenario::parse(text, &Beside).unwrap_or_else(|why| panic!("{}", render(&why, name, text, false)));
    lint(&scenario, text)
}

#[test]
fn every_fix_can_be_pasted_and_ends_its_finding() {
    let mut count = 0;
    for name in scenarios() {
        let text = fs::read_to_string(repository().join(format!("scenarios/{name}.toml"))).expect("a scenario");
        for finding in found(&name, &text) {
            let pasted = paste(&text, &finding.fix.settings);
            let pasted = pasted.unwrap_or_else(|| panic!("{name}: {:?} has no place", finding.fix.settings));
            assert_eq!(pasted.lines, finding.fix.lines, "{name}: {}", finding.rule);
            let left = found(&name, &pasted.text);
            let same = |other: &&Finding| (other.rule, &other.component) == (finding.rule, &finding.component);
            assert_eq!(left.iter().find(same), None, "{name}\n{}", pasted.text);
            count += 1;
        }
    }
    assert!(count >= 40, "only {count} findings");
}

/// What each of these scenarios is about, lint finds before anything is simulated.
#[test]
fn scenarios_about_a_mistake_are_found_out() {
    for (name, rule) in [
        ("lease-too-short", "lease-too-short"),
        ("short-lease", "lease-too-short"),
        ("metastable", "retry-storm"),
        ("collapse-after-outage", "retry-storm"),
        ("retry-storm", "retry-storm-at-dependency"),
        ("quorum-no-dlx", "no-dead-letter"),
        ("poison-no-dlq", "retries-without-end"),
        ("max-poll-loop", "poll-longer-than-max-poll-interval"),
        ("lambda-throttle-trap", "reserved-concurrency-trap"),
        ("kinesis-hot-shard", "hot-key"),
        ("celebrity-key", "hot-key"),
        ("retention-overtakes", "retention-too-short"),
        ("jetstream-stall", "in-flight-limit"),
        ("thundering-herd", "no-jitter"),
        ("autoscaler-oscillates", "scaling-swings"),
        ("dlq-redrive", "redrive-too-fast"),
        ("slow-dependency", "call-without-timeout"),
        ("bounded-queue", "messages-lost-at-the-door"),
    ] {
        let text = fs::read_to_string(repository().join(format!("scenarios/{name}.toml"))).expect("a scenario");
        assert!(found(name, &text).iter().any(|finding| finding.rule == rule), "{rule} in {name}");
    }
    for (name, rule) in [
        ("collapse-prevented", "retry-storm"),
        ("retry-storm-budget", "retry-storm-at-dependency"),
        ("retry-storm-breaker", "retry-storm-at-dependency"),
        ("poison-with-dlq", "retries-without-end"),
    ] {
        let text = fs::read_to_string(repository().join(format!("scenarios/{name}.toml"))).expect("a scenario");
        assert!(!found(name, &text).iter().any(|finding| finding.rule == rule), "no {rule} in {name}");
    }
}

#[test]
fn findings_end_with_0_unless_they_are_denied() {
    let place = Place::with_small();
    place.write("bad.toml", &SMALL.replace("[queue.jobs]", "[queue.jobs]\nvisibility_timeout = \"50ms\""));
    let ended = place.run(&["lint", "bad.toml", "small.toml"]).with_status(0);
    assert!(ended.stdout().contains("error  jobs: lease-too-short"), "{}", ended.stdout());
    assert!(ended.stdout().contains("fix: instead of line 14\n      visibility_timeout = "), "{}", ended.stdout());
    place.run(&["lint", "bad.toml", "--deny", "errors"]).with_status(99);
    place.run(&["lint", "bad.toml", "--deny", "errors", "--allow", "lease-too-short"]).with_status(0);
    place.run(&["lint", "bad.toml", "--deny", "errors", "--set", "queue.jobs.visibility_timeout=1m"]).with_status(0);
    assert_eq!(place.listing(), ["bad.toml", "small.toml"], "nothing is written");
}

#[test]
fn json_is_one_document_a_file() {
    let place = Place::new();
    place.write("bad.toml", &SMALL.replace("[queue.jobs]", "[queue.jobs]\nvisibility_timeout = \"50ms\""));
    let json = place.run(&["lint", "bad.toml", "--format", "json"]).with_status(0).json();
    assert_eq!(json["verb"], "lint");
    assert_eq!(json["counts"]["error"], 1);
    let first = &json["findings"][0];
    assert_eq!((&first["rule"], &first["component"]), (&"lease-too-short".into(), &"jobs".into()));
    // The work is exponential, 40 ms in the mean.
    let share = first["figure"]["value"].as_f64().expect("a number");
    assert!((share - (-50f64 / 40.0).exp()).abs() < 1e-9, "{share}");
    let markdown = place.run(&["lint", "bad.toml", "--format", "md"]).with_status(0).stdout();
    assert!(markdown.contains("```toml\nvisibility_timeout = "), "{markdown}");
}

#[test]
fn what_is_set_on_the_command_line_is_changed_there() {
    let place = Place::with_small();
    let ended = place.run(&["lint", "small.toml", "--set", "queue.jobs.visibility_timeout=50ms"]).with_status(0);
    assert!(ended.stdout().contains("--set 'queue.jobs.visibility_timeout="), "{}", ended.stdout());
}

#[test]
fn wrong_arguments_of_lint_end_with_2() {
    let place = Place::with_small();
    for arguments in [
        &["lint"][..],
        &["lint", "missing.toml"],
        &["lint", "small.toml", "--deny", "everything"],
        &["lint", "small.toml", "--allow", "no-such-rule"],
        &["lint", "small.toml", "--format", "csv"],
        &["lint", "--rules", "small.toml"],
    ] {
        place.run(arguments).with_status(2);
    }
    let said = place.run(&["lint", "small.toml", "--allow", "no-jiter"]).with_status(2).stderr();
    assert!(said.contains("did you mean \"no-jitter\"?"), "{said}");
}

#[test]
fn every_rule_has_its_row() {
    let page = fs::read_to_string(repository().join("docs/lint.md")).expect("the page");
    let listed = Place::new().run(&["lint", "--rules"]).with_status(0).stdout();
    for rule in tailback::lint::rules() {
        assert!(page.contains(&format!("| `{}` | {} |", rule.name, rule.finds)), "{}", rule.name);
        assert!(listed.lines().any(|line| line.starts_with(rule.name)), "{}", rule.name);
    }
}
