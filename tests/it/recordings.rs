//! Recordings of real brokers, replayed: the recorded arrivals and service times in, the recorded backlog out.
//!
//! One table of all of them, with the measured overhead per delivery and without it (as a user would run it). The gate
//! holds for the runs with overhead; a miss must stand in `KNOWN_MISSES` with its reason.

#![allow(clippy::print_stderr, reason = "the table is for whoever reads the test run")]

mod recording;
mod replay;

use rayon::prelude::*;
use recording::{Figures, Recording, has_messages, names};

/// Rows outside their gate after investigation: (recording/subscriber, figure, why).
const KNOWN_MISSES: &[(&str, &str, &str)] = &[
    ("js-ackwait-short/main", "recovery s", ACKWAIT),
    ("kafka-rebalance/main", "area %", UNOWNED),
    ("kafka-rebalance/main", "p99 %", UNOWNED),
];

const ACKWAIT: &str = "the recorded backlog comes within 4 messages of the baseline at 53 s, where ours crosses it, then \
    lingers above it until 57 s while slow messages hold the consumers; peak, area, p99 and deliveries agree";
const UNOWNED: &str = "after the member that stopped polling was put out, one of the three others missed the emulator's round, \
    so that nobody read partition 3 for one more round (65.5 s to 70.5 s in the recorded assignments); peak and recovery, \
    which come before, agree";

/// Recovery and areas of smaller peaks are noise.
const LEAST_PEAK: f64 = 100.0;

struct Row {
    name: String,
    recorded: Figures,
    with: Figures,
    without: Figures,
    poisoned: bool,
}

fn row(recording: &Recording, (i, subscriber): (usize, &String)) -> Row {
    let run = |overhead: bool| replay::replay(recording, overhead).swap_remove(i).1;
    Row {
        name: format!("{}/{subscriber}", recording.name),
        recorded: recording.figures(subscriber),
        with: run(true),
        without: run(false),
        poisoned: recording.poisoned(),
    }
}

fn rows(name: &str) -> Vec<Row> {
    let recording = Recording::read(name);
    recording.subscribers().iter().enumerate().map(|entry| row(&recording, entry)).collect()
}

fn percent(got: f64, expected: f64) -> f64 {
    100.0 * (got / expected - 1.0)
}

/// A figure, how far it is off, and how far it may be.
fn checks(row: &Row) -> Vec<(&'static str, f64, f64)> {
    let Row { recorded, with, .. } = row;
    let mut out = vec![];
    if recorded.peak >= LEAST_PEAK {
        let recovery_off = (with.recovery_s - recorded.recovery_s).abs();
        out.push(("peak %", percent(with.peak, recorded.peak).abs(), 5.0));
        out.push(("recovery s", recovery_off, (0.05 * recorded.recovery_s).max(2.0)));
        out.push(("area %", percent(with.area, recorded.area).abs(), 10.0));
        out.push(("p99 %", percent(with.p99_s, recorded.p99_s).abs(), 10.0));
    }
    if row.poisoned {
        out.push(("dead", (with.dead - recorded.dead).abs(), 0.0));
        out.push(("deliveries", (with.deliveries - recorded.deliveries).abs(), 0.0));
    }
    for (name, got, expected) in
        [("rejected %", with.rejected, recorded.rejected), ("dropped %", with.dropped, recorded.dropped)]
    {
        if expected > 0.0 || got > 0.0 {
            out.push((name, percent(got, expected).abs(), 3.0));
        }
    }
    out
}

/// Figures outside their gate; NaN, a recovery that never came, is outside.
fn misses(row: &Row) -> Vec<(&'static str, f64, f64)> {
    checks(row).into_iter().filter(|(_, off, gate)| off.is_nan() || off > gate).collect()
}

fn print(rows: &[Row]) {
    eprintln!(
        "\n{:<28} {:<9} {:>8} {:>10} {:>11} {:>8} {:>10} {:>6} {:>8} {:>7} {:>9}",
        "recording", "", "peak", "recovery s", "area", "p99 s", "deliveries", "dead", "rejected", "dropped", "baseline"
    );
    for row in rows {
        let Row { recorded, with, without, .. } = row;
        for (label, f) in [("recorded", recorded), ("with", with), ("without", without)] {
            let name = if label == "recorded" { row.name.as_str() } else { "" };
            eprintln!(
                "{name:<28} {label:<9} {:>8} {:>10.2} {:>11.1} {:>8.3} {:>10} {:>6} {:>8} {:>7} {:>9}",
                f.peak, f.recovery_s, f.area, f.p99_s, f.deliveries, f.dead, f.rejected, f.dropped, f.baseline_p95
            );
            if label != "recorded" {
                eprintln!(
                    "{:<28} {:<9} {:>+7.1}% {:>+10.2} {:>+10.1}% {:>+7.1}%",
                    "",
                    "  off by",
                    percent(f.peak, recorded.peak),
                    f.recovery_s - recorded.recovery_s,
                    percent(f.area, recorded.area),
                    percent(f.p99_s, recorded.p99_s)
                );
            }
        }
    }
}

#[test]
fn recordings_are_reproduced() {
    let mut chosen = vec![];
    for name in names() {
        if !has_messages(&name) {
            eprintln!("LEFT OUT: {name}: a repeat for noise, without its messages");
        } else {
            chosen.push(name);
        }
    }
    let rows: Vec<Row> = chosen.par_iter().flat_map_iter(|name| rows(name)).collect();
    print(&rows);
    let mut faults = vec![];
    for row in &rows {
        for (figure, off, gate) in misses(row) {
            match KNOWN_MISSES.iter().find(|(name, known, _)| *name == row.name && *known == figure) {
                Some((_, _, why)) => {
                    eprintln!("KNOWN MISS: {} {figure} off by {off:.2} (gate {gate:.2}): {why}", row.name)
                }
                None => faults.push(format!("{} {figure}: off by {off:.2}, gate {gate:.2}", row.name)),
            }
        }
    }
    for (name, figure, _) in KNOWN_MISSES {
        let still = rows.iter().any(|row| row.name == *name && misses(row).iter().any(|(missed, ..)| missed == figure));
        if !still && !rows.is_empty() {
            faults.push(format!("{name} {figure}: no miss any more, strike it from KNOWN_MISSES"));
        }
    }
    assert!(faults.is_empty(), "outside their gates:\n{}", faults.join("\n"));
}
