//! Timeouts and retries that keep an overload alive after its trigger is gone.

use super::case::{Case, FileMap, per_s, s, shared};
use super::observe;
use super::replicate::{mean_and_se, repeat, simulate};
use super::verdict::{Comparison, KNOWN, judge};

const REFERENCE_RUNS: u64 = 200;
const CLASSIFIED_RUNS: u64 = 40;

/// A scenario whose last window, alone, is after warm-up.
struct Storm {
    rate_per_s: f64,
    service_s: f64,
    room: f64,
    timeout_s: f64,
    attempts: f64,
    /// Total rate, start and end in seconds.
    spike: Option<(f64, f64, f64)>,
    duration_s: f64,
    window_s: f64,
}

impl Storm {
    fn text(&self, id: &str, seed: u64) -> String {
        let spikes = self.spike.map_or(String::new(), |(rate, from, to)| {
            format!("spikes = [{{ at = {}, for = {}, rate = {} }}]\n", s(from), s(to - from), per_s(rate))
        });
        let retry = if self.attempts > 1.0 {
            format!(", retry = {{ max_attempts = {}, backoff = \"0s\" }}", self.attempts)
        } else {
            String::new()
        };
        format!(
            r#"title = "{id}"
duration = {duration}
warmup = {warmup}
seed = {seed}
runs = 1
tick = "10s"

[producer.p]
to = "q"
rate = {rate}
{spikes}reply = {{ timeout = {timeout}{retry} }}
on_reject = "drop"

[queue.q]
capacity = {capacity}

[consumer.w]
from = "q"
service = {{ exp = {service} }}
"#,
            duration = s(self.duration_s),
            warmup = s(self.duration_s - self.window_s),
            rate = per_s(self.rate_per_s),
            timeout = s(self.timeout_s),
            capacity = self.room - 1.0,
            service = s(self.service_s),
        )
    }

    /// Goodput per second, mean backlog, and 1 where the run is stuck: in the last window.
    fn run(&self, id: &str, seed: u64) -> [f64; 3] {
        let findings = simulate(&self.text(id, seed), &FileMap::new());
        let goodput = observe::after(observe::component(&findings, "p"), "answered") / self.window_s;
        let backlog = observe::average(observe::component(&findings, "q"), "backlog");
        [goodput, backlog, f64::from(u8::from(goodput < self.rate_per_s / 2.0))]
    }
}

fn reference(case: &Case) -> Vec<Comparison> {
    let spike = &case.parameters["spike"];
    let n = |key: &str| spike[key].as_f64().expect("a number");
    let storm = Storm {
        rate_per_s: case.number("arrival_rate_per_s"),
        service_s: case.service().mean_s,
        room: case.number("capacity_in_system"),
        timeout_s: case.number("timeout_s"),
        attempts: case.number("max_attempts"),
        spike: (n("to_s") > n("from_s")).then(|| (n("rate_per_s"), n("from_s"), n("to_s"))),
        duration_s: case.number("duration_s"),
        window_s: case.number("window_s"),
    };
    let runs = repeat(REFERENCE_RUNS, |seed| storm.run(&case.id, seed));
    let names = ["goodput_last_window_per_s", "backlog_last_window_mean", "fraction_of_runs_stuck"];
    let compare = |(i, name): (usize, &&str)| {
        let number = |key: &str| case.expected[*name][key].as_f64().expect("a number");
        let (got, se) = mean_and_se(runs.iter().map(|run| run[i]));
        // The truth is itself an estimate here.
        let both = (se * se + number("se").powi(2)).sqrt();
        Comparison::known(&case.id, name, number("mean"), got, both)
    };
    names.iter().enumerate().map(compare).collect()
}

#[test]
fn metastable_reference_simulations() {
    let cases = shared("metastable");
    let rows: Vec<Comparison> = cases.iter().filter(|c| c.id.starts_with("meta-ref")).flat_map(reference).collect();
    judge("metastable (reference simulations)", KNOWN, &rows);
}

/// A second of extra arrivals puts twice the trigger's backlog in; stuck is judged 100 timeouts later.
fn classified(case: &Case) -> (String, bool, f64) {
    let (rate, capacity) = (case.number("arrival_rate_per_s"), case.number("capacity_per_s"));
    let timeout_s = case.number("timeout_s");
    let trigger = 2.0 * case.expected("trigger_backlog_messages").expect("trigger");
    let start = 20.0;
    let end = start + 1.0 + 100.0 * timeout_s;
    let storm = Storm {
        rate_per_s: rate,
        service_s: 1.0 / capacity,
        room: case.number("capacity_in_system"),
        timeout_s,
        attempts: case.number("max_attempts"),
        spike: Some((trigger + capacity, start, start + 1.0)),
        duration_s: end,
        window_s: 20.0,
    };
    let runs = repeat(CLASSIFIED_RUNS, |seed| storm.run(&case.id, seed));
    let stuck = runs.iter().map(|run| run[2]).sum::<f64>() / CLASSIFIED_RUNS as f64;
    (case.id.clone(), case.expected["vulnerable"].as_bool().expect("vulnerable"), stuck)
}

#[test]
fn metastable_classifications() {
    let cases = shared("metastable");
    let fluid = cases.iter().filter(|case| case.id.starts_with("meta-fluid"));
    let judged: Vec<(String, bool, f64)> = fluid.map(classified).collect();
    for (id, vulnerable, stuck) in &judged {
        eprintln!("{id:<30} vulnerable {vulnerable:<6} stuck in {:.0} % of the runs", 100.0 * stuck);
    }
    for (id, vulnerable, stuck) in &judged {
        assert!(if *vulnerable { *stuck >= 0.95 } else { *stuck <= 0.05 }, "{id}: stuck in {stuck} of the runs");
    }
}
