//! One recorded run of a real broker: its scenario, its messages and its figures.

use flate2::read::GzDecoder;
use serde_json::Value;
use std::path::PathBuf;

pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) scenario: Value,
    pub(crate) summary: Value,
    pub(crate) messages: Vec<Message>,
}

/// Times in units of 0.1 ms, as recorded.
pub(crate) struct Message {
    /// Since the start of the run.
    pub(crate) sent: u64,
    pub(crate) service: u64,
    pub(crate) high_priority: bool,
    pub(crate) poison: bool,
    /// 0 where there are none.
    pub(crate) key: u64,
    /// Length of the first attempt where it succeeded, for each subscriber in the summary's order.
    pub(crate) worked: Vec<Option<u64>>,
}

/// The recorder's figures of one subscriber, or ours computed in the same way.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) peak: f64,
    /// From the end of the disturbance; NaN for never.
    pub(crate) recovery_s: f64,
    pub(crate) area: f64,
    pub(crate) p99_s: f64,
    pub(crate) deliveries: f64,
    pub(crate) dead: f64,
    pub(crate) rejected: f64,
    pub(crate) dropped: f64,
    pub(crate) baseline_p95: f64,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/recordings")
}

/// All folders of recordings; none, with a line on stderr, where the shared folder is absent.
pub(crate) fn names() -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder()) else {
        eprintln!("SKIPPED: no recordings beside the repository");
        return vec![];
    };
    let folders = entries.filter_map(Result::ok).filter(|entry| entry.path().join("scenario.json").exists());
    let mut names: Vec<String> = folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

pub(crate) fn has_messages(name: &str) -> bool {
    folder().join(name).join("messages.csv.gz").exists()
}

impl Recording {
    pub(crate) fn read(name: &str) -> Recording {
        let path = |file: &str| folder().join(name).join(file);
        let json = |file: &str| -> Value {
            let text = std::fs::read_to_string(path(file)).expect("a file of the recording");
            serde_json::from_str(&text).expect("JSON")
        };
        let summary = json("summary.json");
        let subscribers = subscribers(&summary);
        let file = std::fs::File::open(path("messages.csv.gz")).expect("the recorded messages");
        let messages = messages(GzDecoder::new(file), &subscribers);
        Recording { name: name.to_owned(), scenario: json("scenario.json"), summary, messages }
    }

    pub(crate) fn subscribers(&self) -> Vec<String> {
        subscribers(&self.summary)
    }

    /// Start and end of the disturbance in seconds.
    pub(crate) fn disturbance(&self) -> (f64, f64) {
        let at = |i: usize| self.scenario["disturbance"][i].as_f64().expect("disturbance");
        (at(0), at(1))
    }

    pub(crate) fn keyed(&self) -> bool {
        self.scenario["keys"].is_object()
    }

    pub(crate) fn poisoned(&self) -> bool {
        self.scenario["poison_frac"].is_number()
    }

    pub(crate) fn figures(&self, subscriber: &str) -> Figures {
        let sub = &self.summary["subs"][subscriber];
        let outstanding = |key: &str| sub["outstanding"][key].as_f64().unwrap_or(f64::NAN);
        let count = |key: &str| sub[key].as_f64().expect("a count");
        let dropped = sub["dead_reasons"]["maxlen"].as_f64().unwrap_or(0.0);
        Figures {
            peak: outstanding("peak"),
            recovery_s: outstanding("recovery_after_disturbance_s"),
            area: outstanding("message_seconds"),
            p99_s: sub["latency_s"]["p99"].as_f64().expect("p99"),
            deliveries: count("deliveries"),
            dead: count("dead") - dropped,
            rejected: self.summary["rejected"].as_f64().expect("rejected"),
            dropped,
            baseline_p95: outstanding("baseline_p95"),
        }
    }
}

fn subscribers(summary: &Value) -> Vec<String> {
    summary["subs"].as_object().expect("subs").keys().cloned().collect()
}

fn messages(source: impl std::io::Read, subscribers: &[String]) -> Vec<Message> {
    let mut reader = csv::Reader::from_reader(source);
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|title| title == name);
    let (sent, service) = (column("pub").expect("pub"), column("svc").expect("svc"));
    let (priority, poison, key) = (column("prio"), column("poison"), column("key"));
    let spans: Vec<[usize; 3]> = subscribers
        .iter()
        .map(|name| ["start", "fin", "n"].map(|kind| column(&format!("{kind}_{name}")).expect("a subscriber's column")))
        .collect();
    let mut clock = 0;
    let mut out = vec![];
    for record in reader.records() {
        let record = record.expect("a row");
        let number = |i: usize| record[i].parse::<u64>().ok();
        clock += number(sent).expect("a gap");
        let span = |[start, fin, n]: &[usize; 3]| {
            let once = number(*n) == Some(1);
            once.then(|| Some(number(*fin)?.saturating_sub(number(*start)?))).flatten()
        };
        out.push(Message {
            sent: clock,
            service: number(service).expect("a service time"),
            high_priority: priority.is_some_and(|i| &record[i] == "1"),
            key: key.and_then(number).unwrap_or(0),
            poison: poison.is_some_and(|i| &record[i] == "1"),
            worked: spans.iter().map(span).collect(),
        });
    }
    out
}
