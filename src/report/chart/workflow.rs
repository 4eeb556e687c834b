//! Executions of a workflow: how many run and how many of them are being undone, and how they end.

use super::axis::Unit;
use super::plot::{BLUE, GREEN, INK, Line, ORANGE, PURPLE, Plot, SKY, VERMILLION};
use crate::study::{ComponentFindings, Findings};

const STATES: [Line; 3] =
    [("running", "running", BLUE), ("compensating", "compensating", ORANGE), ("waiting", "waiting for a timer", SKY)];

const ENDS: [Line; 5] = [
    ("start_rate_per_s", "started", INK),
    ("complete_rate_per_s", "completed", GREEN),
    ("compensate_rate_per_s", "compensated", ORANGE),
    ("fail_rate_per_s", "failed", VERMILLION),
    ("stuck_rate_per_s", "stuck", PURPLE),
];

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let panels =
        [(&STATES[..], "executions", Unit::Count, 170.0), (&ENDS[..], "executions per second", Unit::Rate, 150.0)];
    Plot::of_means(format!("{}: executions and their ends", part.name), part, findings, &panels)
}
