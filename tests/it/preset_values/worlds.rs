//! Scenarios in which about everything happens that a broker has a rule for: bursts, slow and failing work, crashes,
//! consumers that hang, come and go, clients that publish twice.

use super::probes::{Part, Probe};
use tailback::broker::{Fact, Preset, Setting, Shape};

/// The scenario around a fact of a preset, with `line` for the fact itself.
pub(super) fn scenario(preset: &Preset, part: Part, fact: &Fact, probe: &Probe, line: &str) -> String {
    let at = |wanted: &[Part]| if wanted.contains(&part) { format!("{line}\n") } else { String::new() };
    // What a topic's own value needs stands in the topic, all else in the queue or stream.
    let (of_topic, beside) = match part {
        Part::Topic => (lines_of_other(fact), ""),
        _ => ("", lines_of_other(fact)),
    };
    let own =
        if probe.own.contains(beside) { lines_but(probe.own, fact.key) } else { format!("{beside}{}", probe.own) };
    let consumer =
        format!("{}{}", lines_but(probe.consumer, fact.key), at(&[Part::QueueConsumer, Part::StreamConsumer]));
    // With a buffer as large as RabbitMQ's nothing would ever wait in the queue.
    let buffers = preset.consumer.iter().any(|other| other.key == "prefetch" && other.value != Setting::Unset);
    let consumer = if buffers && fact.key != "prefetch" { format!("prefetch = 3\n{consumer}") } else { consumer };
    let producer = format!("{}{}", probe.producer, at(&[Part::Producer]));
    let world = World { broker: preset.name, own, consumer, producer };
    // The clock of a dead letter matters where it is looked at.
    let expiring = if fact.key == "dead_letter_clock" { "[queue.dlq]\nttl = \"60s\"\n" } else { "" };
    match preset.shape {
        Shape::Queue => format!("{}{expiring}", world.queue(&at(&[Part::Queue]))),
        Shape::Topic => world.topic(&format!("{of_topic}{}", at(&[Part::Topic])), &at(&[Part::Subscriber])),
        Shape::Workflow => String::new(),
        Shape::Stream => world.stream(&at(&[Part::Stream]), part == Part::Stream && fact.key == "partitions"),
    }
}

/// What a preset fills in only beside another key needs that key.
fn lines_of_other(fact: &Fact) -> &'static str {
    match fact.only_with {
        Some("dead_letter") => "dead_letter = \"dlq\"\n",
        Some("visibility_timeout") => "visibility_timeout = \"30s\"\n",
        Some("price") => "price = { requests = \"1/M\" }\n",
        Some(other) => panic!("nobody knows how to write {other}"),
        None => "",
    }
}

/// The probe's lines, without one that is the fact itself.
fn lines_but(lines: &str, key: &str) -> String {
    lines.lines().filter(|line| !line.starts_with(&format!("{key} ="))).map(|line| format!("{line}\n")).collect()
}

struct World {
    broker: &'static str,
    own: String,
    consumer: String,
    producer: String,
}

const TOP: &str = "title = \"probe\"\nduration = \"300s\"\nruns = 1\nseed = 5\ntick = \"5s\"\n";

/// Steady, with a burst beyond every limit that a preset has on a rate.
const PRODUCER: &str = "rate = \"10/s\"\nkeys = { count = 12, zipf = 1.0 }\nsize = \"2 KB\"\nduplicate = 0.05\n\
                        spikes = [{ at = \"60s\", for = \"3s\", rate = \"1500/s\" }]\n";

const WORKER: &str = "service = { hyperexp = [{ share = 0.95, mean = \"10ms\" }, { share = 0.05, mean = \"10s\" }] }\n\
                      failure = 0.1\n";

const FAULTS: &str = "[[fault]]\nname = \"crash\"\nat = \"100s\"\nfor = \"20s\"\nconsumer = \"w\"\ncrash = \"40%\"\n\
                      [[fault]]\nname = \"again\"\nat = \"130s\"\nfor = \"5s\"\nconsumer = \"w\"\ncrash = \"60%\"\n\
                      [[fault]]\nname = \"hang\"\nat = \"160s\"\nfor = \"60s\"\nconsumer = \"w\"\nhang = \"20%\"\n";

impl World {
    fn producer(&self) -> String {
        let steady: String = PRODUCER
            .lines()
            .filter(|line| !(self.producer.contains("duplicate") && line.starts_with("duplicate")))
            .map(|line| format!("{line}\n"))
            .collect();
        format!("{steady}{}", self.producer)
    }

    fn queue(&self, line: &str) -> String {
        format!(
            "{TOP}[producer.p]\nto = \"q\"\n{}[queue.q]\nbroker = \"{}\"\n{}{line}\
             [consumer.w]\nfrom = \"q\"\nreplicas = 20\n{WORKER}{}{FAULTS}",
            self.producer(),
            self.broker,
            self.own,
            self.consumer
        )
    }

    fn topic(&self, line: &str, subscriber: &str) -> String {
        format!(
            "{TOP}[producer.p]\nto = \"t\"\n{}[topic.t]\nbroker = \"{}\"\n{line}\
             [queue.q]\nsubscribe = \"t\"\n{}{subscriber}[consumer.w]\nfrom = \"q\"\nreplicas = 20\n{WORKER}{}{FAULTS}\
             [[fault]]\nname = \"down\"\nat = \"230s\"\nfor = \"10s\"\nqueue = \"q\"\ndown = \"refuse\"\n",
            self.producer().replace("1500/s", "15000/s"),
            self.broker,
            self.own,
            self.consumer
        )
    }

    /// Records with and without a key, for two groups.
    fn stream(&self, line: &str, is_partitions: bool) -> String {
        format!(
            "{TOP}[producer.p]\nto = \"s\"\n{}[producer.unkeyed]\nto = \"s\"\nrate = \"10/s\"\nsize = \"2 KB\"\n{}\
             [stream.s]\nbroker = \"{}\"\n{}{}{line}[consumer.w]\nfrom = \"s\"\nreplicas = 5\nconcurrency = 1\n\
             schedule = [{{ at = \"40s\", replicas = 4 }}, {{ at = \"90s\", replicas = 5 }}]\n\
             service = {{ hyperexp = [{{ share = 0.99, mean = \"10ms\" }}, {{ share = 0.01, mean = \"1s\" }}] }}\n\
             failure = 0.05\n{}{FAULTS}[consumer.other]\nfrom = \"s\"\nservice = \"1ms\"\nreplicas = 4\n",
            self.producer(),
            self.producer,
            self.broker,
            if is_partitions { "" } else { "partitions = 6\n" },
            self.own,
            self.consumer
        )
    }
}
