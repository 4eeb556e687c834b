//! A queue in a few options, written out as a scenario: one input for the laws and for the simulation.

use clap::Args;

use crate::broker::{self, Shape};
use crate::envelope::Users;
use crate::units::{Duration, grouped, significant};

use crate::cli::ending::Failure;

use super::words::{count, factor, preset, price, rate, ratio, share, size, spike, time};

/// What stands in for a scenario.
#[derive(Debug, Args)]
#[command(next_help_heading = "A queue in a few options, instead of FILE")]
pub(super) struct Sketch {
    /// Messages that arrive: 800/s, 12k/min
    #[arg(long, value_parser = rate)]
    pub(super) rate: Option<f64>,

    /// Mean time of work on one message: 45ms; drawn exponentially unless --service-p99 or --service-cv says otherwise
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "throughput")]
    pub(super) service: Option<f64>,

    /// 99th percentile of the work: makes it lognormal
    #[arg(long, value_name = "TIME", value_parser = time, requires = "service", conflicts_with = "service_cv")]
    pub(super) service_p99: Option<f64>,

    /// Coefficient of variation of the work: makes it gamma, 0 makes it constant
    #[arg(long, value_name = "CV", value_parser = ratio, requires = "service")]
    pub(super) service_cv: Option<f64>,

    /// Messages that all consumers together finish: 500/min, where the time of one is not known
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(super) throughput: Option<f64>,

    /// Replicas [default: as many as the target utilization asks for]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) consumers: Option<u32>,

    /// Messages that one replica works on at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) concurrency: Option<u32>,

    /// Ten minutes in, so many messages for so long: 6000/s/5m
    #[arg(long, value_name = "RATE/TIME", value_parser = spike)]
    pub(super) spike: Option<(f64, f64)>,

    /// Messages that wait at the beginning: 14000, 4.2M
    #[arg(long, value_name = "N", value_parser = count)]
    pub(super) backlog: Option<f64>,

    /// Length of the time looked at [default: long enough for the spike to drain, at least an hour]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) duration: Option<f64>,

    /// Share of attempts that fail: 2%
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(super) failure: Option<f64>,

    /// Attempts in all before a message is dead-lettered
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_attempts: Option<u32>,

    /// Delay before the first retry, doubled at each further one, with full jitter
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) backoff: Option<f64>,

    /// Lease: a message that is not finished by then is delivered again
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with_all = ["partitions", "retention"])]
    pub(super) visibility_timeout: Option<f64>,

    /// Messages handed over ahead to one replica
    #[arg(long, value_name = "N", conflicts_with_all = ["partitions", "retention"])]
    pub(super) prefetch: Option<u32>,

    /// Messages that there is room for
    #[arg(long, value_name = "N", value_parser = count, conflicts_with_all = ["partitions", "retention"])]
    pub(super) capacity: Option<f64>,

    /// Partitions: makes it a stream
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) partitions: Option<u32>,

    /// How long a stream keeps its messages: 7d
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) retention: Option<f64>,

    /// Bytes of one message: "4 KB", 1KiB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(super) size: Option<u64>,

    /// Take the limits and defaults of this broker: sqs, rabbitmq, kafka …
    #[arg(long, value_name = "NAME", value_parser = preset)]
    pub(super) broker: Option<String>,

    /// Price of a replica: 0.08/h
    #[arg(long, value_name = "PRICE", value_parser = price)]
    pub(super) price: Option<String>,

    /// Price of calls to the broker: 0.40/M
    #[arg(long, value_name = "PRICE", value_parser = price)]
    pub(super) request_price: Option<String>,

    /// Users of a day, instead of --rate: 150M
    #[arg(long, value_name = "N", value_parser = count, conflicts_with = "rate")]
    pub(super) daily_users: Option<f64>,

    /// Requests of each of them [default: 1]
    #[arg(long, value_name = "N", value_parser = ratio, requires = "daily_users")]
    pub(super) requests_per_user: Option<f64>,

    /// How many times busier than the mean the busiest hour is [default: 1]
    #[arg(long, value_name = "N", value_parser = factor, requires = "daily_users", conflicts_with = "spike")]
    pub(super) peak_factor: Option<f64>,
}

/// A scenario and how the options were read.
pub(super) struct Made {
    pub(super) text: String,
    pub(super) reading: Vec<String>,
}

/// When a spike begins, and how long the busiest hour is.
const SPIKE_AT_S: f64 = 600.0;
const BUSIEST_S: f64 = 3600.0;
/// No run is longer than this: a year.
const LONGEST_S: f64 = 31_536_000.0;

impl Sketch {
    pub(super) fn users(&self) -> Option<Users> {
        let daily = self.daily_users?;
        Some(Users {
            daily,
            requests: self.requests_per_user.unwrap_or(1.0),
            peak_factor: self.peak_factor.unwrap_or(1.0),
        })
    }

    /// The scenario that the options describe.
    ///
    /// # Errors
    /// Where they describe none.
    pub(super) fn written(&self, target: f64) -> Result<Made, Failure> {
        let rate = match (self.users(), self.rate) {
            (Some(users), _) => users.mean_rate(),
            (None, Some(rate)) => rate,
            (None, None) if self.backlog.is_some() => 0.0,
            (None, None) => return Err(no_rate()),
        };
        let spike = self.spike.or_else(|| {
            let users = self.users().filter(|users| users.peak_factor > 1.0)?;
            Some((users.peak_rate(), BUSIEST_S))
        });
        let mut reading = vec![];
        let workers = self.workers(rate, target, &mut reading)?;
        let duration = self.duration_s(rate, spike, workers.as_ref());
        let mut text = format!("title = \"Envelope\"\nduration = \"{}\"\n", length(duration));
        text.push_str(&self.producer(rate, spike));
        text.push_str(&self.store());
        if let Some(workers) = &workers {
            text.push_str(&self.consumer(workers));
        }
        Ok(Made { text, reading })
    }

    fn is_stream(&self) -> bool {
        let by_broker = self.broker.as_ref().is_some_and(|name| broker::preset(name, Shape::Queue).is_none());
        self.partitions.is_some() || (self.retention.is_some() && self.broker.is_none()) || by_broker
    }

    fn place(&self) -> &'static str {
        if self.is_stream() { "stream" } else { "queue" }
    }

    fn producer(&self, rate: f64, spike: Option<(f64, f64)>) -> String {
        let mut text = format!("\n[producer.requests]\nto = \"{}\"\nrate = \"{rate}/s\"\n", self.place());
        if let Some((level, lasts)) = spike {
            let (at, lasts, level) = (length(SPIKE_AT_S), length(lasts), format!("{level}/s"));
            text.push_str(&format!("spikes = [{{ at = \"{at}\", for = \"{lasts}\", rate = \"{level}\" }}]\n"));
        }
        if let Some(size) = self.size {
            text.push_str(&format!("size = {size}\n"));
        }
        text
    }

    fn store(&self) -> String {
        let mut text = format!("\n[{0}.{0}]\n", self.place());
        let mut say = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
        if let Some(broker) = &self.broker {
            say("broker", format!("\"{broker}\""));
        }
        if self.is_stream() {
            say("partitions", self.partitions.or(self.consumers).unwrap_or(1).to_string());
        }
        if let Some(retention) = self.retention {
            say(if self.is_stream() { "retention" } else { "ttl" }, format!("\"{}\"", length(retention)));
        }
        if let Some(lease) = self.visibility_timeout {
            say("visibility_timeout", format!("\"{}\"", length(lease)));
        }
        if let Some(capacity) = self.capacity {
            say("capacity", format!("{capacity:.0}"));
        }
        if let Some(price) = &self.request_price {
            say("price", format!("{{ requests = \"{price}\" }}"));
        }
        if let Some(attempts) = self.max_attempts.filter(|_| !self.is_stream()) {
            say("max_deliveries", attempts.to_string());
            say("dead_letter", "\"dead-letters\"".into());
        }
        if let Some(backlog) = self.backlog.filter(|backlog| *backlog > 0.0) {
            say("initial", format!("{{ messages = {backlog:.0}, age = \"0s\" }}"));
        }
        text
    }

    fn consumer(&self, workers: &Workers) -> String {
        let mut text = format!("\n[consumer.workers]\nfrom = \"{}\"\nreplicas = {}\n", self.place(), workers.replicas);
        let mut say = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
        if let Some(concurrency) = self.concurrency {
            say("concurrency", concurrency.to_string());
        }
        let mean = length(workers.service_s);
        say(
            "service",
            match (self.service_p99, self.service_cv) {
                (Some(p99), _) => format!("{{ lognormal = {{ mean = \"{mean}\", p99 = \"{}\" }} }}", length(p99)),
                (None, Some(0.0)) => format!("\"{mean}\""),
                (None, Some(cv)) => format!("{{ gamma = {{ mean = \"{mean}\", cv = {cv:?} }} }}"),
                (None, None) => format!("{{ exp = \"{mean}\" }}"),
            },
        );
        if let Some(price) = &self.price {
            say("price", format!("\"{price}\""));
        }
        if let Some(prefetch) = self.prefetch {
            say("prefetch", prefetch.to_string());
        }
        if let Some(failure) = self.failure {
            say("failure", format!("{failure:?}"));
        }
        let attempts = self.max_attempts.map(|n| format!("max_attempts = {n}"));
        let backoff = self.backoff.map(|d| format!("backoff = \"{}\", factor = 2, jitter = \"full\"", length(d)));
        match (self.is_stream(), attempts, backoff) {
            (false, _, Some(backoff)) | (true, None, Some(backoff)) => say("retry", format!("{{ {backoff} }}")),
            (true, Some(attempts), backoff) => {
                let more = backoff.map_or(", backoff = \"0s\"".into(), |backoff| format!(", {backoff}"));
                say("on_failure", "\"skip\"".into());
                say("retry", format!("{{ {attempts}{more} }}"));
            }
            (_, _, None) => {}
        }
        if self.is_stream() && self.backlog.is_some() {
            say("start", "\"earliest\"".into());
        }
        text
    }

    /// How many consumers there are and how long each takes; `None` where nothing is said of them.
    fn workers(&self, rate: f64, target: f64, reading: &mut Vec<String>) -> Result<Option<Workers>, Failure> {
        let slots = f64::from(self.concurrency.unwrap_or(1));
        if let Some(throughput) = self.throughput {
            if throughput <= 0.0 {
                return Err(Failure::Wrong(
                    "--throughput 0: nothing is ever finished; leave it out for no consumer".into(),
                ));
            }
            let replicas = self.consumers.unwrap_or((throughput / slots / 1000.0).ceil().max(1.0) as u32);
            reading.push(
                "Of the consumers only their throughput is known: nothing is said of waiting below full load.".into(),
            );
            return Ok(Some(Workers { replicas, service_s: f64::from(replicas) * slots / throughput }));
        }
        let Some(service_s) = self.service else {
            let given = self.consumers.is_some() || self.failure.is_some() || self.visibility_timeout.is_some();
            if given {
                let way = "give --service, the mean time of work on one message, or --throughput";
                return Err(Failure::Wrong(format!("what consumers can do is not known: {way}")));
            }
            return Ok(None);
        };
        if self.service_p99.is_none() && self.service_cv.is_none() {
            let law = "Arrivals are Poisson, and the work is drawn exponentially; --service-p99 or --service-cv say otherwise.";
            reading.push(law.into());
        }
        if let Some(replicas) = self.consumers {
            return Ok(Some(Workers { replicas, service_s }));
        }
        let needed = (rate * service_s / target / slots * (1.0 - 1e-12)).ceil().max(1.0);
        if needed > 1e6 {
            let found = grouped(needed, 0);
            return Err(Failure::Wrong(format!(
                "{found} replicas would be needed, more than a scenario may have: give --consumers"
            )));
        }
        reading.push(format!(
            "Consumers were not given: {} of them, which {} % utilization asks for.",
            grouped(needed, 0),
            significant(target * 100.0, 3)
        ));
        Ok(Some(Workers { replicas: needed as u32, service_s }))
    }

    /// Long enough for what piles up to drain, by the fluid.
    fn duration_s(&self, rate: f64, spike: Option<(f64, f64)>, workers: Option<&Workers>) -> f64 {
        if let Some(duration) = self.duration {
            return duration;
        }
        let slots = f64::from(self.concurrency.unwrap_or(1));
        let capacity = workers.map_or(0.0, |workers| f64::from(workers.replicas) * slots / workers.service_s);
        let (end, piled) =
            spike.map_or((0.0, 0.0), |(level, lasts)| (SPIKE_AT_S + lasts, (level - capacity).max(0.0) * lasts));
        let waiting = piled + self.backlog.unwrap_or(0.0);
        let drain = if capacity > rate { waiting / (capacity - rate) } else { 0.0 };
        let needed = end + drain * 1.2 + SPIKE_AT_S;
        ((needed.max(3600.0) / SPIKE_AT_S).ceil() * SPIKE_AT_S).min(LONGEST_S)
    }
}

fn no_rate() -> Failure {
    Failure::Wrong(
        "nothing says how many messages arrive: give --rate 800/s, --daily-users, or --backlog for what waits already"
            .into(),
    )
}

struct Workers {
    replicas: u32,
    service_s: f64,
}

/// A duration in the scenario language, to the nanosecond.
fn length(seconds: f64) -> String {
    Duration::from_seconds(seconds).to_string()
}
