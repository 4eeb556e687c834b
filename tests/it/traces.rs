//! Real arrival traces, from scenario text through to charts, which are left in `target/trace-charts` to be looked at.

#![allow(clippy::print_stderr, reason = "says what was skipped and where the charts are")]

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A trace and how it is scaled to a run of a few million messages at most.
struct Trace {
    name: &'static str,
    bucket_s: f64,
    rate_scale: f64,
    tick_s: f64,
    /// Mean work on one message; the group is sized to 70 % mean utilization.
    service_s: f64,
}

const TRACES: [Trace; 5] = [
    Trace { name: "aws_elb_requests_5min", bucket_s: 300.0, rate_scale: 1.0, tick_s: 300.0, service_s: 12.0 },
    Trace { name: "tweets_goog_5min", bucket_s: 300.0, rate_scale: 1.0, tick_s: 3600.0, service_s: 40.0 },
    Trace { name: "tweets_ibm_5min", bucket_s: 300.0, rate_scale: 1.0, tick_s: 3600.0, service_s: 150.0 },
    Trace { name: "nyc_taxi_30min", bucket_s: 1800.0, rate_scale: 0.01, tick_s: 7200.0, service_s: 60.0 },
    Trace { name: "azure_llm_conv_1s", bucket_s: 1.0, rate_scale: 1.0, tick_s: 5.0, service_s: 4.0 },
];

const UTILIZATION: f64 = 0.7;

fn read(name: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/traces").join(format!("{name}.csv"));
    std::fs::read(path).ok()
}

/// (time, count) of each bucket.
fn buckets(csv: &[u8]) -> Vec<(f64, f64)> {
    let mut reader = csv::Reader::from_reader(csv);
    reader.deserialize().map(|row| row.expect("time_s,count")).collect()
}

fn scenario(trace: &Trace, rows: &[(f64, f64)]) -> String {
    let span = rows.last().expect("rows").0 - rows[0].0 + trace.bucket_s;
    let total: f64 = rows.iter().map(|(_, count)| count).sum();
    let replicas = (total * trace.rate_scale / span * trace.service_s / UTILIZATION).ceil().max(1.0);
    format!(
        r#"title = "{name}"
duration = "{span}s"
seed = 7
runs = 2
tick = "{tick}s"
slo = ["work.oldest_age.p95 < 1h"]

[producer.source]
to = "work"
trace = "{name}.csv"
rate_scale = {scale:?}

[queue.work]

[consumer.worker]
from = "work"
replicas = {replicas}
service = {{ lognormal = {{ mean = "{service}s", cv = 1.0 }} }}
"#,
        name = trace.name,
        tick = trace.tick_s,
        scale = trace.rate_scale,
        service = trace.service_s,
    )
}

/// Published per run against the counts of the file. Buckets that the source lost are few: whether their time counts as
/// empty or as more of the bucket before stays within the chance allowed for here.
fn check(trace: &Trace, csv: Vec<u8>) {
    let rows = buckets(&csv);
    let text = scenario(trace, &rows);
    let files = BTreeMap::from([(format!("{}.csv", trace.name), csv)]);
    let findings = tailback::simulate(&text, &files).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let queue = findings.component("work").expect("the queue");
    let published = queue.total("published").expect("published").mean;
    let expected: f64 = rows.iter().map(|(_, count)| count).sum::<f64>() * trace.rate_scale;
    let off = (published - expected) / (expected / f64::from(findings.runs)).sqrt();
    eprintln!("{:<24} published {published:>10.0} a run, {expected:>10.0} in the file ({off:+.2} sd)", trace.name);
    assert!(off.abs() <= 4.0, "{}: {published} published, {expected} counted in the file", trace.name);
    assert!(queue.total("completed").expect("completed").mean > 0.9 * expected, "{}: hardly any done", trace.name);
    save(trace.name, &findings);
}

fn save(name: &str, findings: &tailback::study::Findings) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/trace-charts").join(name);
    let files = tailback::report::render(findings);
    for ending in [".svg", ".png"] {
        assert!(files.iter().any(|file| file.path.ends_with(ending)), "{name}: no chart in {ending}");
    }
    for file in files {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder under target");
        assert!(!file.bytes.is_empty(), "{name}: {} is empty", file.path);
        std::fs::write(path, &file.bytes).expect("a file under target");
    }
    eprintln!("{name}: charts in {}", folder.display());
}

fn run(name: &str) {
    let trace = TRACES.iter().find(|trace| trace.name == name).expect("a trace of the list");
    match read(name) {
        Some(csv) => check(trace, csv),
        None => eprintln!("SKIPPED: no trace {name} beside the repository"),
    }
}

#[test]
fn aws_elb_requests() {
    run("aws_elb_requests_5min");
}

#[test]
fn tweets_goog() {
    run("tweets_goog_5min");
}

#[test]
fn tweets_ibm() {
    run("tweets_ibm_5min");
}

#[test]
fn nyc_taxi() {
    run("nyc_taxi_30min");
}

#[test]
fn azure_llm_conversations() {
    run("azure_llm_conv_1s");
}
