//! `tailback plan`: the answers that theory gives, and what is said where there is none.

use serde_json::Value;

use crate::compare::is_described;
use crate::program::{Place, SMALL};

/// P(an arrival waits) of M/M/c with `load` erlangs, by the recursion of Erlang B.
fn erlang_c(servers: u32, load: f64) -> f64 {
    let blocked = (1..=servers).fold(1.0, |b, k| load * b / (f64::from(k) + load * b));
    blocked / (1.0 - load / f64::from(servers) * (1.0 - blocked))
}

/// The smallest number of servers that `holds`, of those that keep up at all.
fn staffing(load: f64, holds: impl Fn(u32) -> bool) -> u32 {
    (load.floor() as u32 + 1..1_000).find(|&servers| holds(servers)).expect("some number is enough")
}

fn staffed(rate: &str, service: &str, slo: &str, duration: &str, warmup: &str) -> String {
    format!(
        "title = \"Staffing\"\nduration = \"{duration}\"\nwarmup = \"{warmup}\"\nruns = 20\nslo = [\"{slo}\"]\n\
         [producer.source]\nto = \"work\"\nrate = \"{rate}\"\n[queue.work]\n[consumer.server]\nfrom = \"work\"\n\
         service = {{ exp = \"{service}\" }}\n"
    )
}

fn plan(text: &str, find: &str) -> Value {
    let place = Place::new();
    place.write("work.toml", text);
    let arguments = ["plan", "work.toml", "--find", find, "--format", "json", "--quiet"];
    place.run(&arguments).with_status(0).json()
}

/// The answer, and the value below it that surely fails.
fn found(plan: &Value) -> (u64, u64) {
    let number = |value: &Value| value["number"].as_u64().unwrap_or_else(|| panic!("{plan:#}"));
    (number(&plan["answer"]), number(&plan["fails"]))
}

#[test]
fn the_answers_are_erlangs() {
    // P(wait > t) = C · e^{−(cμ − λ)t}; the mean wait is C ÷ (cμ − λ).
    let of_tail = |rate: f64, service: f64, t: f64, share: f64| {
        staffing(rate * service, |c| {
            erlang_c(c, rate * service) * (-(f64::from(c) / service - rate) * t).exp() <= share
        })
    };
    let by_tail = of_tail(200.0, 0.05, 0.1, 0.01);
    let text = staffed("200/s", "50ms", "work.wait.p99 <= 100ms", "15m", "1m");
    assert_eq!((by_tail, found(&plan(&text, "consumer.server.replicas=11..20"))), (12, (12, 11)));

    let by_mean = staffing(100.0, |c| erlang_c(c, 100.0) / (f64::from(c) / 0.1 - 1_000.0) <= 0.005);
    let text = staffed("1000/s", "100ms", "work.wait.mean <= 5ms", "5m", "30s");
    assert_eq!((by_mean, found(&plan(&text, "consumer.server.replicas=101..140"))), (108, (108, 107)));

    // P(wait > 0) itself: four in five do not wait at all.
    let by_waiting = of_tail(5.0, 0.1, 0.0, 0.2);
    let text = staffed("5/s", "100ms", "work.wait.p80 <= 0s", "20m", "1m");
    assert_eq!((by_waiting, found(&plan(&text, "consumer.server.replicas=1..8"))), (2, (2, 1)));
}

#[test]
fn a_quantile_of_the_latency_is_staffed_too() {
    // P(T > t) = (1 − C)e^{−μt} + C((cμ − λ)e^{−μt} − μe^{−(cμ − λ)t}) ÷ ((cμ − λ) − μ).
    let (rate, mu, t) = (40.0, 2.0, 3.0_f64);
    let tail = |servers: u32| {
        let (c, spare) = (erlang_c(servers, rate / mu), f64::from(servers) * mu - rate);
        let (own, line) = ((-mu * t).exp(), (-spare * t).exp());
        if (spare - mu).abs() < 1e-9 {
            return (1.0 - c) * own + c * (1.0 + mu * t) * own;
        }
        (1.0 - c) * own + c * (spare * own - mu * line) / (spare - mu)
    };
    let expected = staffing(rate / mu, |servers| tail(servers) <= 0.01);
    let text = staffed("40/s", "500ms", "work.latency.p99 <= 3s", "1h", "10m");
    assert_eq!((expected, found(&plan(&text, "consumer.server.replicas=21..30"))), (22, (22, 21)));
}

#[test]
fn the_answer_comes_with_its_margin_and_its_files() {
    let place = Place::new();
    place.write("small.toml", &SMALL.replace("jobs.dropped == 0", "jobs.peak_backlog < 300"));
    // 80/s for 20 s: with 2 × 25/s the backlog grows to 600, with 3 × 25/s to about 100.
    let arguments = ["plan", "small.toml", "--find", "consumer.worker.replicas"];
    let ended = place.run(&arguments).with_status(0);
    let text = ended.stdout();
    assert!(text.contains("consumer.worker.replicas = 3 is the smallest value from 1 to 128"), "{text}");
    assert!(text.contains("2 fails jobs.peak_backlog < 300 (") && text.contains("3 has "), "{text}");
    assert!(text.contains("to spare"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let listing = place.listing();
    for file in ["plan.json", "plan.csv", "report.md", "charts/tradeoff.svg", "charts/tradeoff.png"] {
        assert!(listing.contains(&format!("output/small/plan/{file}")), "{file} in {listing:?}");
    }
    for (format, file) in [("json", "plan.json"), ("csv", "plan.csv"), ("md", "report.md")] {
        let shown = place.run(&[&arguments[..], &["--format", format, "--quiet", "--threads", "3"]].concat());
        let shown = shown.with_status(0);
        assert_eq!(shown.stdout(), place.read(&format!("output/small/plan/{file}")), "{format}");
    }
    let json: Value = serde_json::from_str(&place.read("output/small/plan/plan.json")).unwrap();
    is_described(&place.read("output/small/plan/plan.json"), &place.read("output/small/plan/plan.csv"));
    // 0.95⁸⁰ is less than a third of 5 %: 80 runs, all of which hold, show that 95 % of all do.
    let candidates = json["candidates"].as_array().unwrap();
    let answer = candidates.iter().find(|one| one["value"] == json["answer"]).unwrap();
    assert_eq!((&answer["runs"], &answer["slo"][0]["runs_holding"]), (&80.into(), &80.into()));
}

#[test]
fn the_largest_value_is_found_from_the_other_end() {
    let place = Place::new();
    place.write("small.toml", &SMALL.replace("jobs.dropped == 0", "jobs.peak_backlog < 300"));
    let find = "producer.app.spikes.rate=30/s..90/s:5/s";
    let json =
        place.run(&["plan", "small.toml", "--find", find, "--largest", "--format", "json"]).with_status(0).json();
    // (r − 50) · 20 s < 300: up to 65/s on average, less for all but one in twenty runs.
    let number = json["answer"]["number"].as_f64().unwrap();
    assert!((50.0..=60.0).contains(&number), "{number}");
    assert_eq!(json["find"]["goal"], "largest");
    assert!(json["fails"]["number"].as_f64().unwrap() > number, "{json}");
}

#[test]
fn what_cannot_be_reached_is_said_with_what_is_in_the_way() {
    let place = Place::new();
    let text = format!(
        "{}\n[stream.log]\npartitions = 4\n",
        SMALL
            .replace("to = \"jobs\"", "to = \"log\"\nkeys = { count = 1000 }")
            .replace("from = \"jobs\"", "from = \"log\"")
            .replace("[queue.jobs]", "")
            .replace("jobs.dropped == 0", "log/worker.peak_backlog < 300")
    );
    place.write("small.toml", &text);
    let range = "consumer.worker.replicas=1..16";
    // Four members of 12.5/s, one a partition, are 50/s for 80/s: 600 are left.
    let slow = ["--set", "consumer.worker.service={ exp = \"80ms\" }"];
    let arguments = [&["plan", "small.toml", "--find", range][..], &slow].concat();
    let ended = place.run(&arguments).with_status(99);
    let said = ended.stdout().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("Not reachable: no value of consumer.worker.replicas from 1 to 16 was found"), "{said}");
    assert!(said.contains("of the 16 members of worker only 4 have a partition to read"), "{said}");
    // Tied to the partitions it is reached.
    let tie = ["--tie", "consumer.worker.replicas=stream.log.partitions"];
    let ended = place.run(&[&arguments[..], &tie, &["--format", "json"]].concat()).with_status(0);
    let json = ended.json();
    assert_eq!(json["find"]["tied"][0], "stream.log.partitions");
    assert!(json["answer"]["number"].as_u64().unwrap() > 4, "{json}");
}

#[test]
fn too_much_may_be_as_bad_as_too_little() {
    // From 10 calls at once on the dependency slows down: 10 do 100/s, 20 do 48/s, 80 do 33/s, of 60/s that come.
    let text = "title = \"Crowd\"\nduration = \"4m\"\nwarmup = \"20s\"\nruns = 4\nslo = [\"jobs.latency.mean < 1s\"]\n\
        [producer.app]\nto = \"jobs\"\nrate = \"60/s\"\n[queue.jobs]\n[consumer.worker]\nfrom = \"jobs\"\nservice = \"1ms\"\n\
        replicas = 8\ncalls = [{ dependency = \"db\", timeout = \"10s\" }]\n[dependency.db]\nconcurrency = 200\n\
        service = \"100ms\"\nslowdown = { factor = 60, from = 0.05 }\n";
    let place = Place::new();
    place.write("crowd.toml", text);
    let ended = place.run(&["plan", "crowd.toml", "--find", "consumer.worker.replicas=1..80"]);
    let said = ended.stdout().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("Not monotone: it holds at"), "{said}{}", ended.stderr());
}

#[test]
fn what_is_no_knob_is_refused_with_what_rules() {
    let place = Place::with_small();
    let refused = |extra: &[&str], why: &str| {
        let arguments = [&["plan", "small.toml"][..], extra].concat();
        let ended = place.run(&arguments).with_status(2);
        let said = ended.stderr().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(why), "{why} in {said}");
    };
    let replicas = ["--find", "consumer.worker.replicas"];
    let hpa = "consumer.worker.scaling={ policy = \"hpa\", target = 50, min = 1, max = 9 }";
    refused(&[&replicas[..], &["--set", hpa]].concat(), "is overridden by consumer.worker.scaling");
    let schedule = "consumer.worker.schedule=[{ at = \"1m\", replicas = 5 }]";
    refused(&[&replicas[..], &["--set", schedule]].concat(), "is overridden by consumer.worker.schedule");
    refused(&["--find", "runs=1..9"], "changes nothing in it");
    refused(&["--find", "consumer.worker.prefetch"], "so say between which values to look");
    refused(&["--find", "consumer.worker.failure=0..1"], "without a step");
    refused(&["--find", "queue.jobs.broker=sqs,kafka-share"], "takes words");
    refused(&["--find", "consumer.wroker.replicas=1..9"], "did you mean `worker`");
    refused(&[&replicas[..], &["--tie", "a.b=c.d"]].concat(), "neither is consumer.worker.replicas");
    refused(&[&replicas[..], &["--set", "slo=[]"]].concat(), "there is no SLO in the file");
    refused(&[&replicas[..], &["--confidence", "100%"]].concat(), "from 50% to 99.99%");
    refused(&[&replicas[..], &["--metric", "jobs.wiat.p99"]].concat(), "did you mean `wait`");
}

#[test]
fn a_range_of_its_own_keeps_to_what_the_file_allows() {
    let place = Place::new();
    let scaling = "[consumer.worker.scaling]\npolicy = \"hpa\"\ntarget = 20\nmin = 2\nmax = 6\n";
    place
        .write("small.toml", &format!("{}\n{scaling}", SMALL.replace("jobs.dropped == 0", "jobs.peak_backlog < 5000")));
    let arguments = ["plan", "small.toml", "--find", "consumer.worker.scaling.max", "--format", "json"];
    let json = place.run(&arguments).with_status(0).json();
    // `max` is more than `min`, and 64 times what the file says at most.
    assert_eq!((&json["find"]["from"]["number"], &json["find"]["to"]["number"]), (&3.into(), &384.into()), "{json:#}");
}

#[test]
fn the_cost_stands_beside_the_answer() {
    let place = Place::new();
    let text = SMALL
        .replace("jobs.dropped == 0", "jobs.peak_backlog < 300")
        .replace("replicas = 2", "replicas = 2\nprice = \"2/h\"");
    place.write("small.toml", &text);
    let ended = place.run(&["plan", "small.toml", "--find", "consumer.worker.replicas"]).with_status(0);
    // Three replicas for 3 min at 2 an hour are 0.3.
    let answer = ended.stdout().lines().find(|line| line.contains("→ 3")).map(str::to_owned).expect("the answer");
    assert!(answer.trim_end().ends_with(" 0.3"), "{answer}");
    assert!(place.read("output/small/plan/charts/tradeoff.svg").contains("\ncost\n"), "the cost has a panel");
}
