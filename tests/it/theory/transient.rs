//! Spikes and cycles: the mean backlog at given instants, over runs that start in the steady state of the first rate.

use super::case::{Case, Draws, FileMap, per_s, s, shared};
use super::fluid::{curve, points, replicas, servers};
use super::observe;
use super::replicate::{mean_and_se, repeat, simulate};
use super::verdict::{Comparison, Gate, judge, leave_out};
use serde_json::Value;

const RUNS: u64 = 600;
/// Ticks to choose from: the longest that hits every instant.
const TICKS_S: [f64; 6] = [60.0, 30.0, 15.0, 5.0, 2.5, 0.5];
/// The rule of this family, where the standard deviation is exact.
const GATE: Gate = Gate { never: 4.0, rarely: 4.0 };

pub(crate) fn tick_s(times: &[f64]) -> f64 {
    let hits = |tick: f64| times.iter().all(|t| ((t / tick).round() - t / tick).abs() < 1e-9);
    TICKS_S.into_iter().find(|tick| hits(*tick)).expect("a tick that hits every instant")
}

fn listed(case: &Case) -> &Vec<Value> {
    case.expected["at"].as_array().expect("at")
}

/// The law of the number in an M/M/c/K at the first rate: `None` for K is unbounded.
fn stationary(rate: f64, service_s: f64, servers: f64, room: Option<f64>) -> Vec<f64> {
    let most = room.map_or(5000, |room| room as usize);
    let mut weights = vec![1.0];
    for n in 1..=most {
        let next = weights[n - 1] * rate * service_s / (n as f64).min(servers);
        if next < 1e-18 {
            break;
        }
        weights.push(next);
    }
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// Everything of a case's scenario but its seed and its initial backlog.
struct Setup {
    law: Vec<f64>,
    head: String,
    producer: String,
    queue: String,
    consumer: String,
    window: String,
    capacity: Option<f64>,
}

fn setup(case: &Case) -> Setup {
    let rate = &case.parameters["rate"];
    let (first, producer) = match rate["kind"].as_str().expect("kind") {
        "piecewise_linear" => (points(case)[0].1, curve(&points(case))),
        _ => {
            let n = |key: &str| rate[key].as_f64().expect("a number");
            let wave = format!(
                "rate = {}\nwave = {{ amplitude = {}, period = {} }}\n",
                per_s(n("base_per_s")),
                per_s(n("amplitude_per_s")),
                s(n("period_s"))
            );
            (n("base_per_s"), wave)
        }
    };
    let service = case.service();
    let steps = servers(case);
    let room = case.parameters["capacity_in_system"].as_f64();
    let empty = case.parameters["start"].as_str().expect("start").starts_with("empty");
    let law = if empty { vec![1.0] } else { stationary(first, service.mean_s, steps[0].1, room) };
    let capacity = room.map(|room| room - steps[0].1);
    let mut queue = capacity.map_or(String::new(), |capacity| format!("capacity = {capacity}\n"));
    let recovery = &case.parameters["recovery"];
    let mut window = String::new();
    if let Some(end) = recovery["measured_from_s"].as_f64() {
        let n = |key: &str| recovery[key].as_f64().expect("a number");
        queue += &format!("recovered_when = \"backlog <= {}\"\nhold = {}\n", n("baseline_backlog"), s(n("hold_s")));
        let start = points(case)[1].0;
        window = format!("[[window]]\nname = \"spike\"\nat = {}\nfor = {}\n", s(start), s(end - start));
    }
    let times: Vec<f64> = listed(case).iter().map(|at| at["t_s"].as_f64().expect("t_s")).collect();
    let (duration, tick) = (s(case.number("duration_s")), s(tick_s(&times)));
    Setup {
        law,
        head: format!("title = \"{}\"\nduration = {duration}\ntick = {tick}\nruns = 1\n", case.id),
        producer,
        queue,
        consumer: format!("{}service = {}\n", replicas(&steps), service.toml),
        window,
        capacity,
    }
}

impl Setup {
    fn text(&self, seed: u64) -> String {
        let mut left = Draws::new(seed).uniform();
        let drawn = self.law.iter().position(|p| {
            left -= p;
            left < 0.0
        });
        // A backlog of capacity + servers is drawn once in hundreds of runs; `ready` holds one message less then.
        let initial = (drawn.unwrap_or(self.law.len() - 1) as f64).min(self.capacity.unwrap_or(f64::MAX));
        let initial =
            if initial > 0.0 { format!("initial = {{ messages = {initial}, age = \"0s\" }}\n") } else { String::new() };
        let Setup { head, producer, queue, consumer, window, .. } = self;
        format!(
            "{head}seed = {seed}\n\n[producer.p]\nto = \"q\"\n{producer}\n[queue.q]\n{queue}{initial}\n\
             [consumer.w]\nfrom = \"q\"\n{consumer}\n{window}"
        )
    }
}

struct Run {
    at: Vec<f64>,
    backlog: f64,
    ready: f64,
    recovery_s: Option<f64>,
}

fn compare(case: &Case) -> Vec<Comparison> {
    let setup = setup(case);
    let times: Vec<f64> = listed(case).iter().map(|at| at["t_s"].as_f64().expect("t_s")).collect();
    let runs = repeat(RUNS, |seed| {
        let findings = simulate(&setup.text(seed), &FileMap::new());
        let q = observe::component(&findings, "q");
        let recovery = q.recovery.as_ref().and_then(|recovery| recovery.stat.as_ref()).map(|stat| stat.mean);
        Run {
            at: times.iter().map(|t| observe::at(&findings, "q", "backlog", *t)).collect(),
            backlog: observe::average(q, "backlog"),
            ready: observe::average(q, "ready"),
            recovery_s: recovery.filter(|_| !setup.window.is_empty()),
        }
    });
    let mut rows = vec![];
    for (i, at) in listed(case).iter().enumerate() {
        let n = |key: &str| at[key].as_f64().expect("a number");
        let (got, _) = mean_and_se(runs.iter().map(|run| run.at[i]));
        let se = n("backlog_sd") / (RUNS as f64).sqrt();
        rows.push(Comparison::known(&case.id, &format!("backlog at {} s", n("t_s")), n("backlog_mean"), got, se));
    }
    let mut averaged = |metric: &str, values: Vec<f64>| {
        let (got, se) = mean_and_se(values.into_iter());
        let expected = case.expected(metric).expect("an expected number");
        rows.push(Comparison::known(&case.id, metric, expected, got, se));
    };
    averaged("backlog_time_average", runs.iter().map(|run| run.backlog).collect());
    averaged("ready_time_average", runs.iter().map(|run| run.ready).collect());
    let recovered: Vec<f64> = runs.iter().filter_map(|run| run.recovery_s).collect();
    if !setup.window.is_empty() {
        assert_eq!(recovered.len(), runs.len(), "{}: every run recovers long before its end", case.id);
        averaged("recovery_time_mean_s", recovered);
    }
    rows
}

fn family(part: &str, wanted: impl Fn(&Case) -> bool) {
    let rows: Vec<Comparison> = shared("transient").iter().filter(|case| wanted(case)).flat_map(compare).collect();
    leave_out("transient", "first_passage_*, p_wait, p_full, quantiles", "findings hold means over the runs at a tick");
    judge(&format!("transient ({part})"), GATE, &rows);
}

#[test]
fn transient_spikes() {
    family("spikes", |case| case.id.starts_with("spike"));
}

#[test]
fn transient_cycles() {
    family("cycles and a start from empty", |case| !case.id.starts_with("spike"));
}
