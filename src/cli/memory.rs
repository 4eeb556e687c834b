//! Whether a run fits into the machine, asked before it starts: a process that is killed half-way tells nobody why.

use std::fs;

use crate::envelope;
use crate::scenario::{Origin, Overflow, Scenario};
use crate::units::{Size, significant};

use super::ending::Failure;
use super::load::Loaded;

/// Of a waiting message: its time and its place in line, with room for those that carry more.
const BYTES_PER_MESSAGE: f64 = 16.0;

/// Series of one component, each a number a tick and run: the bands are quantiles over the runs, so all are kept.
const SERIES_PER_COMPONENT: f64 = 16.0;
const BYTES_PER_SAMPLE: f64 = 8.0;

/// Refuses a scenario that needs more memory than there is. It errs on the side of running: the backlog is that of a
/// fluid without failures, and where the machine cannot be asked nothing is refused.
pub(super) fn check(one: &Loaded, threads: usize) -> Result<(), Failure> {
    let Some(available) = available() else { return Ok(()) };
    refuse_beyond(available, &one.scenario, threads).map_err(|sentence| {
        let place = line_of(&one.scenario, "duration").map_or(one.path.clone(), |line| format!("{}:{line}:1", one.path));
        Failure::Wrong(format!("{place}: {sentence}"))
    })
}

fn refuse_beyond(available: f64, scenario: &Scenario, threads: usize) -> Result<(), String> {
    let abreast = (threads.min(scenario.runs as usize)).max(1) as f64;
    for (index, queue) in scenario.queues.iter().enumerate() {
        let peak = peak_backlog(scenario, index);
        let bytes = peak * BYTES_PER_MESSAGE * abreast;
        if bytes > available {
            return Err(format!(
                "queue `{}` would hold about {} messages at its peak, which takes {} with {abreast} at a time and there is \
                 {}; lower the rate, shorten `duration`, bound it with `capacity`, or use fewer --threads",
                queue.name,
                significant(peak, 2),
                size(bytes),
                size(available),
            ));
        }
    }
    let components = (scenario.queues.len() + scenario.producers.len() + scenario.consumers.len()) as f64;
    let ticks = scenario.duration.seconds() / scenario.tick.seconds().max(1e-9);
    let bytes = ticks * components * SERIES_PER_COMPONENT * BYTES_PER_SAMPLE * f64::from(scenario.runs);
    if bytes > available {
        return Err(format!(
            "the time series of {} ticks and {} runs would take {} and there is {}; give a longer `tick` or fewer `runs`",
            significant(ticks, 2),
            scenario.runs,
            size(bytes),
            size(available),
        ));
    }
    Ok(())
}

/// The backlog that a queue surely reaches.
fn peak_backlog(scenario: &Scenario, index: usize) -> f64 {
    let queue = &scenario.queues[index];
    let initial = queue.initial.map_or(0.0, |initial| initial.messages as f64);
    let peak = envelope::load_of(scenario, index).map_or(initial, |load| envelope::fluid(scenario, &load).peak);
    match queue.capacity {
        // A publisher that waits keeps its messages elsewhere.
        Some(capacity) if queue.overflow != Overflow::Block => peak.min(capacity as f64),
        _ => peak,
    }
}

fn line_of(scenario: &Scenario, path: &str) -> Option<usize> {
    scenario.assumptions.iter().find(|assumption| assumption.path == path).and_then(|assumption| match assumption.origin {
        Origin::File { line } => Some(line),
        _ => None,
    })
}

fn size(bytes: f64) -> Size {
    Size(bytes as u64)
}

/// Bytes that this process may still take: what Linux says is available, less where a container is bounded.
fn available() -> Option<f64> {
    let machine = meminfo(&fs::read_to_string("/proc/meminfo").ok()?)?;
    let bound = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<f64>().ok();
    let container = bound("/sys/fs/cgroup/memory.max")
        .zip(bound("/sys/fs/cgroup/memory.current"))
        .map(|(most, taken)| (most - taken).max(0.0));
    Some(container.map_or(machine, |container| container.min(machine)))
}

/// `MemAvailable`, in bytes.
fn meminfo(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_says_is_read() {
        let text = "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    2000000 kB\n";
        assert_eq!(meminfo(text), Some(2_048_000_000.0));
        assert_eq!(meminfo("MemTotal: 8 kB\n"), None);
    }
}
