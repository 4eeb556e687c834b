//! The engine's short path and its general path agree to the last bit.

use std::collections::BTreeMap;
use tailback::engine;
use tailback::model::Model;
use tailback::observe::Observations;
use tailback::scenario::Scenario;

/// Everything seen, as text: two runs agree in every bit of it or not at all.
fn seen(observations: Observations) -> String {
    format!("{observations:?}")
}

#[test]
fn both_paths_agree_to_the_last_bit() {
    let plain = "[queue.q]\nmax_deliveries = 4\ndead_letter = \"dlq\"\n";
    let retry = "failure = 0.1\nretry = { backoff = \"200ms\", factor = 2, jitter = \"full\" }\n";
    let cases = [
        ("plain", plain, "replicas = 6\n", ""),
        ("one slot", plain, "replicas = 1\nservice = { exp = \"4ms\" }\n", ""),
        ("retries", plain, &format!("replicas = 8\n{retry}"), ""),
        (
            "schedule",
            plain,
            "replicas = 7\nschedule = [{ at = \"20s\", replicas = 3 }, { at = \"40s\", replicas = 9 }]\n",
            "",
        ),
        ("crash", plain, "replicas = 6\n", "[[fault]]\nat = \"20s\"\nfor = \"10s\"\nconsumer = \"w\"\ncrash = 3\n"),
        ("hang", plain, "replicas = 6\n", "[[fault]]\nat = \"20s\"\nfor = \"10s\"\nconsumer = \"w\"\nhang = 2\n"),
        ("slow", plain, "replicas = 6\n", "[[fault]]\nat = \"20s\"\nfor = \"10s\"\nconsumer = \"w\"\nslow = 3\n"),
        (
            "errors",
            plain,
            "replicas = 6\n",
            "[[fault]]\nat = \"20s\"\nfor = \"5s\"\nconsumer = \"w\"\nerror_rate = 0.7\n",
        ),
        ("pause", plain, "replicas = 6\n", "[[fault]]\nat = \"20s\"\nfor = \"10s\"\nqueue = \"q\"\npause = true\n"),
        ("mtbf", plain, "replicas = 6\ncrash = { mtbf = \"20s\", restart = \"2s\" }\n", ""),
    ];
    for (name, queue, consumer, rest) in cases {
        let service = if consumer.contains("service") { "" } else { "service = { exp = \"40ms\" }\n" };
        let text = format!(
            "duration = \"60s\"\nwarmup = \"5s\"\ntick = \"1s\"\nruns = 1\n\n[producer.p]\nto = \"q\"\nrate = \"120/s\"\n\
             spikes = [{{ at = \"10s\", for = \"5s\", rate = \"300/s\" }}]\n\n{queue}\n[consumer.w]\nfrom = \"q\"\n{service}{consumer}\n{rest}"
        );
        let scenario =
            Scenario::parse(&text, &BTreeMap::new()).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        let model = Model::compile(&scenario);
        let general = seen(engine::run_without_short_path(&model, 0).unwrap());
        let short = seen(engine::run(&model, 0).unwrap());
        let at = general.bytes().zip(short.bytes()).position(|(a, b)| a != b).unwrap_or(0);
        let around = |text: &str| text[at.saturating_sub(200)..(at + 60).min(text.len())].to_string();
        assert!(general == short, "{name}: the paths part at\n{}\n{}", around(&general), around(&short));
    }
}
