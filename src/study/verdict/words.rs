//! The evidence in a sentence.

use super::lab::Trial;
use super::measure::{Load, Lost, Unit};
use crate::model::{Model, Order};
use crate::study::notes::short;
use crate::study::parts;
use crate::units::{Duration, significant};

pub(super) fn recovered(times_s: &[f64], disturbances: usize) -> String {
    let mean = times_s.iter().sum::<f64>() / times_s.len() as f64;
    let which = if disturbances > 1 { "the worst of its disturbances" } else { "the disturbance" };
    if times_s.iter().all(|time| *time == 0.0) {
        return format!("It was at its baseline when {which} ended.");
    }
    let average = if times_s.len() > 1 { ", on average" } else { "" };
    format!("It was back at its baseline {} after the end of {which}{average}.", spoken(mean))
}

pub(super) fn gave_up(lost: &[Lost], recovered: usize) -> String {
    let mean = |of: fn(&Lost) -> f64| short(lost.iter().map(of).sum::<f64>() / lost.len() as f64);
    format!(
        "Between the start of the disturbance and the recovery {} messages were dead-lettered, {} expired and {} dropped, \
         more than the {} completed{}.",
        mean(|lost| lost.dead_lettered),
        mean(|lost| lost.expired),
        mean(|lost| lost.dropped),
        mean(|lost| lost.completed),
        if lost.len() < recovered { format!(" (in {} of {recovered} runs)", lost.len()) } else { String::new() },
    )
}

pub(super) fn blocked(model: &Model, queue: usize, unit: &Unit) -> String {
    let share = |left: u64, all: u64| significant(100.0 * left as f64 / all as f64, 3);
    match *unit {
        Unit::Partition { number, left, all, others, most_of_others } => format!(
            "Partition {number} holds {} of the {} messages that are left ({} %); the other {others} hold at most {} each.",
            short(left as f64),
            short(all as f64),
            share(left, all),
            short(most_of_others as f64),
        ),
        Unit::Key { key, left, all } => format!(
            "The {} {} holds {} of the {} messages that are left ({} %).",
            if model.queues[queue].order == Order::Session { "session" } else { "key" },
            parts::name(key, &model.key_names),
            short(left as f64),
            short(all as f64),
            share(left, all),
        ),
    }
}

pub(super) fn too_soon(left: f64, left_s: f64) -> String {
    let when = if left_s == 0.0 { "with the fault".into() } else { format!("{} after the fault", spoken(left_s)) };
    format!("The run ends {when}, with {} messages left: too soon to tell; lengthen `duration`.", short(left))
}

pub(super) fn draining(left: f64, more_s: f64) -> String {
    format!(
        "At the end of the run {} messages are left and they grow fewer: at that pace it needs about {} more, so \
         lengthen `duration` to see it.",
        short(left),
        spoken(more_s)
    )
}

pub(super) fn metastable(trial: &Trial, left: f64, copies: f64) -> String {
    let kept = if copies > 1.05 {
        format!(", each request is published {} times", significant(copies, 2))
    } else {
        String::new()
    };
    format!(
        "Without retries and duplicates the same arrivals recover in {}; with them {} messages are left at the end{kept}.",
        in_runs(trial),
        short(left)
    )
}

pub(super) fn scaled_too_late(model: &Model, queue: usize, trial: &Trial, left: f64) -> String {
    let replicas: u32 = model.consumers.iter().filter(|c| c.queue == queue).map(|c| c.most_replicas()).sum();
    format!(
        "With all {replicas} replicas from the start the same arrivals recover in {}; as it is, {} messages are left at \
         the end.",
        in_runs(trial),
        short(left)
    )
}

pub(super) fn under_provisioned(load: Option<&Load>, without_retries: bool) -> String {
    let left_out = if without_retries { ", even without retries and duplicates" } else { "" };
    match load {
        Some(load) if load.capacity <= 0.0 => {
            format!("{}/s are offered after the disturbance and nobody works on them.", short(load.offered))
        }
        Some(load) if load.held_up => format!(
            "{}/s are offered after the disturbance and {}/s are worked on{left_out}, while workers sit idle: a limit, an \
             order or too few partitions hold them up.",
            short(load.offered),
            short(load.capacity)
        ),
        Some(load) => format!(
            "{}/s are offered after the disturbance and {}/s can be done: {} % of the capacity{left_out}.",
            short(load.offered),
            short(load.capacity),
            significant(100.0 * load.ratio(), 3)
        ),
        None => String::new(),
    }
}

pub(super) fn unknown(load: Option<&Load>, without_retries: bool, left: f64) -> String {
    let left_out = if without_retries { ", and taking out retries and duplicates does not help" } else { "" };
    let load = load.map_or_else(
        || "nothing is offered after the disturbance".into(),
        |load| {
            format!(
                "what is offered after the disturbance is {} % of the capacity",
                significant(100.0 * load.ratio(), 3)
            )
        },
    );
    format!("The data do not tell: {} messages are left at the end, {load}{left_out}.", short(left))
}

/// `5 of 5 runs tried, after 42s`.
fn in_runs(trial: &Trial) -> String {
    let experiment = &trial.experiment;
    let runs = match experiment.runs {
        1 => "the run tried".into(),
        runs => format!("{} of {runs} runs tried", experiment.recovered),
    };
    format!("{runs}, {} after the end of the disturbance", spoken(trial.recovery_s))
}

/// Seconds as people say them: whole from ten up.
fn spoken(seconds: f64) -> String {
    let step = if seconds >= 10.0 { 1.0 } else { 0.1 };
    Duration::from_seconds((seconds / step).round() * step).to_string()
}
