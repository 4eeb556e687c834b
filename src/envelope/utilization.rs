//! Utilization: how much of the consumers' time the arrivals ask for. Above 1 the backlog grows without end.

use super::{Line, Load};
use crate::scenario::Scenario;
use crate::units::significant;

const FORMULA: &str = "ρ = λ·E[S] / c";
const CAVEAT: &str = "without retries, duplicates and faults; full batches where there are batches";

pub(super) fn lines(scenario: &Scenario, load: &Load) -> Vec<Line> {
    let component = &load.component;
    let line = |name: &str, t: f64| {
        let (rate, slots) = (load.rate_at(t), load.slots_at(scenario, t));
        let result = if slots == 0.0 { "no consumer".into() } else { significant(rate * load.service_s / slots, 3) };
        Line {
            component: component.clone(),
            name: name.into(),
            formula: FORMULA,
            arithmetic: format!(
                "{} × {} / {}",
                significant(rate, 4),
                significant(load.service_s, 4),
                significant(slots, 6)
            ),
            result,
            caveat: CAVEAT,
        }
    };
    let busiest = load.busiest(scenario);
    let mut lines = vec![line("utilization at the start", 0.0)];
    if load.rate_at(busiest) > load.rate_at(0.0) * 1.01 {
        lines.push(line("utilization at the highest rate", busiest));
    }
    lines
}
