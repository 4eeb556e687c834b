//! A dependency: what comes of the calls to it, how many are with it, and how many breakers are open.

use super::axis::Unit;
use super::plot::{BLUE, GREEN, INK, Line, ORANGE, PURPLE, Plot, SKY, VERMILLION};
use crate::study::{ComponentFindings, Findings};

const RATES: [Line; 5] = [
    ("call_rate_per_s", "calls", BLUE),
    ("complete_rate_per_s", "answered", GREEN),
    ("error_rate_per_s", "errors and refusals", VERMILLION),
    ("timeout_rate_per_s", "given up by callers", ORANGE),
    ("abandoned_rate_per_s", "worked on for nobody", PURPLE),
];

const STATES: [Line; 2] = [("busy", "in work", INK), ("waiting", "waiting", SKY)];

const BREAKERS: [Line; 1] = [("open_breakers", "open breakers", VERMILLION)];

pub(super) fn plot(part: &ComponentFindings, findings: &Findings) -> Option<Plot> {
    let panels = [
        (&RATES[..], "calls per second", Unit::Rate, 170.0),
        (&STATES[..], "calls at it", Unit::Count, 130.0),
        (&BREAKERS[..], "open breakers", Unit::Count, 90.0),
    ];
    Plot::of_means(format!("{}: calls and what comes of them", part.name), part, findings, &panels)
}
