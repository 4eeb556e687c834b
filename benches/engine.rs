//! What a message costs, from a scenario's text to its observations: `cargo bench` (`cargo bench -- w3` for one).
//!
//! `thrpt` is messages per second. Clocks vary with the machine; `instructions.sh` gates on what does not.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use tailback::engine;
use tailback::model::Model;
use tailback::scenario::Scenario;

/// The three workloads as committed, shortened to about a million messages, still with 600 samples.
fn workloads(criterion: &mut Criterion) {
    let mut group = group(criterion, "workload");
    let short = [("duration", "2m"), ("tick", "200ms")];
    bench(&mut group, "w1", include_str!("w1.toml"), &short);
    bench(&mut group, "w2", include_str!("w2.toml"), &short);
    bench(&mut group, "w3", include_str!("w3.toml"), &[]);
    group.finish();
}

/// M/M/c at utilization 0.9: as many ends of work are pending as there are consumers.
fn fleets(criterion: &mut Criterion) {
    let mut group = group(criterion, "consumers");
    for (replicas, duration) in [(1_000, "60s"), (100_000, "1s")] {
        let text = scenario(duration, &format!("rate = \"{}/s\"", replicas * 18), replicas, "50ms");
        bench(&mut group, &replicas.to_string(), &text, &[]);
    }
    group.finish();
}

/// Four messages in five wait: 1e7 of them at 2.5 s, when the spike ends and the backlog starts to drain.
fn backlog(criterion: &mut Criterion) {
    let mut group = group(criterion, "backlog");
    let spike = "spikes = [{ at = \"0s\", for = \"2500ms\", rate = \"5000000/s\" }]";
    let text = scenario("13s", spike, 1_000, "1ms");
    bench(&mut group, "1e7", &text, &[]);
    group.finish();
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    // One simulation takes a good part of a second: each is a sample of its own, not one of a growing number.
    group.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(3));
    group
}

fn scenario(duration: &str, traffic: &str, replicas: u32, service: &str) -> String {
    format!(
        r#"
        title    = "One queue"
        duration = "{duration}"
        runs     = 1

        [producer.source]
        to = "line"
        {traffic}

        [queue.line]

        [consumer.worker]
        from     = "line"
        replicas = {replicas}
        service  = {{ exp = "{service}" }}
        "#
    )
}

fn bench(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, text: &str, settings: &[(&str, &str)]) {
    let settings: Vec<(String, String)> =
        settings.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    group.throughput(Throughput::Elements(simulate(text, &settings)));
    group.bench_function(name, |bencher| bencher.iter(|| simulate(black_box(text), black_box(&settings))));
}

/// The messages that were published.
fn simulate(text: &str, settings: &[(String, String)]) -> u64 {
    let none: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let scenario = Scenario::parse_with(text, &none, settings).expect("a scenario without mistakes");
    let model = Model::compile(&scenario);
    let seen = engine::run(black_box(&model), black_box(0)).expect("a run that passes its audit");
    black_box(&seen).queues.iter().map(|queue| queue.totals.published).sum()
}

criterion_group!(benches, workloads, fleets, backlog);
criterion_main!(benches);
