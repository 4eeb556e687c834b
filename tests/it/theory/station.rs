//! One queue `q` with one consumer group `w`: the scenario most families share.

use super::case::{Case, FileMap, Law, per_s, s};
use super::observe;
use super::replicate::{Experiment, MOST_MESSAGES, Metric, Plan, measure};
use super::verdict::{Comparison, leave_out};

/// The lines of a station's tables, and what sizes its runs.
#[derive(Clone)]
pub(crate) struct Station {
    /// Below `to = "q"`.
    pub(crate) producer: String,
    pub(crate) queue: String,
    /// Below `from = "w"`: replicas and service.
    pub(crate) consumer: String,
    /// Messages per second.
    pub(crate) rate_per_s: f64,
    pub(crate) relaxation_s: f64,
}

impl Station {
    /// Poisson arrivals, unbounded FIFO queue, `servers` alike.
    pub(crate) fn poisson(rate_per_s: f64, service: &Law, servers: f64) -> Station {
        let variability = (1.0 + service.scv) / 2.0;
        Station {
            producer: format!("rate = {}", per_s(rate_per_s)),
            queue: String::new(),
            consumer: format!("replicas = {servers}\nservice = {}", service.toml),
            rate_per_s,
            relaxation_s: relaxation_s(rate_per_s, service.mean_s, servers) * variability.max(1.0),
        }
    }

    pub(crate) fn queue(mut self, line: &str) -> Station {
        self.queue += line;
        self.queue.push('\n');
        self
    }

    /// Relaxation of a bounded queue with `room` messages in all: never longer than diffusion across the room takes.
    pub(crate) fn bounded(mut self, capacity_per_s: f64, room: f64, service_s: f64) -> Station {
        let across = room * room / (4.0 * capacity_per_s);
        let drift = room / (self.rate_per_s - capacity_per_s).abs().max(1e-9);
        self.relaxation_s = self.relaxation_s.min(across.min(drift) + 2.0 * service_s);
        self
    }

    pub(crate) fn text(&self, title: &str, plan: &Plan) -> String {
        let Station { producer, queue, consumer, .. } = self;
        format!(
            "{}[producer.p]\nto = \"q\"\n{producer}\n\n[queue.q]\n{queue}\n[consumer.w]\nfrom = \"q\"\n{consumer}\n",
            plan.head(title)
        )
    }

    /// The case's metrics on this station.
    pub(crate) fn experiment(&self, case: &Case, skip: &[&str]) -> Experiment {
        let (station, id) = (self.clone(), case.id.clone());
        Experiment {
            id: case.id.clone(),
            scenario: Box::new(move |plan| (station.text(&id, plan), FileMap::new())),
            rate_per_s: self.rate_per_s,
            relaxation_s: self.relaxation_s,
            most_messages: MOST_MESSAGES,
            pool: true,
            metrics: metrics(case, skip),
        }
    }
}

/// 1/(√(cμ) − √λ)², and at least two service times; for an overloaded station infinite (the caller bounds it).
pub(crate) fn relaxation_s(rate_per_s: f64, service_s: f64, servers: f64) -> f64 {
    let capacity = servers / service_s;
    if rate_per_s >= capacity {
        return f64::MAX / 4.0;
    }
    (capacity.sqrt() - rate_per_s.sqrt()).powi(-2).max(2.0 * service_s)
}

/// Every expected number whose name findings can answer for queue `q` and consumer `w`.
pub(crate) fn metrics(case: &Case, skip: &[&str]) -> Vec<Metric> {
    let expected = case.expected.as_object().expect("expected");
    let numbers = expected.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)));
    let chosen = numbers.filter(|(name, _)| observed(name) && !skip.contains(&name.as_str()));
    let chosen = chosen.filter(|(name, expected)| !(*expected == 0.0 && at_the_edge(case, name)));
    chosen.map(|(name, expected)| plain(case, &name, expected)).collect()
}

/// Half of the messages wait, so that the median is 0 or a little more by the toss of a coin: no statistics cover it.
fn at_the_edge(case: &Case, name: &str) -> bool {
    let edge = name == "wait_p50_s" && case.expected("p_wait").is_some_and(|p| (p - 0.5).abs() < 1e-3);
    if edge {
        leave_out(&case.id, name, "exactly at the edge of the atom at zero");
    }
    edge
}

pub(crate) fn plain(case: &Case, name: &str, expected: f64) -> Metric {
    let key = name.to_owned();
    Metric {
        name: name.to_owned(),
        expected,
        numeric_error: case.numeric_error,
        remark: remark(case, name),
        read: Box::new(move |findings| observe::metric(findings, "q", "w", &key).expect("an observed metric")),
    }
}

/// A Pareto service without a third moment gives waits without a second one: their mean exists, their spread does not.
fn remark(case: &Case, name: &str) -> &'static str {
    let service = &case.parameters["service"];
    let heavy = service["dist"] == "pareto" && service["alpha"].as_f64().is_some_and(|alpha| alpha <= 3.0);
    if heavy && ["wait_mean_s", "latency_mean_s", "ready_mean", "backlog_mean"].contains(&name) {
        "; waits of infinite variance, so this standard error shrinks slower than with 1/√n"
    } else {
        ""
    }
}

/// Names that `observe::metric` answers.
fn observed(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "ready_mean",
        "in_flight_mean",
        "delayed_mean",
        "backlog_mean",
        "busy_mean",
        "utilization",
        "utilization_server",
        "wait_mean_s",
        "wait_served_mean_s",
        "latency_mean_s",
        "p_wait",
        "p_wait_accepted",
        "p_wait_any_attempt",
        "reject_fraction",
        "expired_fraction",
        "dead_letter_fraction",
        "complete_rate_per_s",
        "throughput_per_s",
        "delivery_rate_per_s",
        "dead_letter_rate_per_s",
        "reject_rate_per_s",
        "publish_attempt_rate_per_s",
        "publish_amplification",
        "work_amplification",
    ];
    NAMES.contains(&name) || name.starts_with("wait_p") || name.starts_with("latency_p")
}

/// Measures all experiments, one after another; each spreads its runs over the cores.
pub(crate) fn measure_all(experiments: &[Experiment]) -> Vec<Comparison> {
    experiments.iter().flat_map(measure).collect()
}

/// Lists, once a family, the expected numbers that are no figure of the findings.
pub(crate) fn list_unobserved(family: &str, cases: &[Case]) {
    let names = |case: &Case| case.expected.as_object().expect("expected").keys().cloned().collect::<Vec<_>>();
    let mut seen: Vec<String> = cases.iter().flat_map(names).filter(|name| !observed(name)).collect();
    seen.sort();
    seen.dedup();
    if !seen.is_empty() {
        leave_out(family, &seen.join(", "), "inputs or figures that findings do not hold");
    }
}

/// An exponential law of this mean, in the scenario language.
pub(crate) fn exp(mean_s: f64) -> String {
    format!("{{ exp = {} }}", s(mean_s))
}
