//! Retry amplification: how many attempts a message costs on average.

use super::{Line, Load};
use crate::scenario::Scenario;
use crate::units::significant;

/// A = (1 − pⁿ) / (1 − p) for at most n attempts that each fail with probability p; 1 / (1 − p) without a limit.
pub(super) fn line(scenario: &Scenario, load: &Load) -> Option<Line> {
    let consumer = &scenario.consumers[*load.consumers.first()?];
    let p = consumer.failure;
    if p <= 0.0 || p >= 1.0 {
        return None;
    }
    let queue = load.feed.queue().map(|queue| &scenario.queues[queue]);
    let deliveries = queue.filter(|queue| queue.traits.counts.nack).and_then(|queue| queue.max_deliveries);
    let limits = [deliveries, consumer.retry.as_ref().and_then(|retry| retry.max_attempts)];
    let limit = limits.into_iter().flatten().min();
    let (arithmetic, amplification) = match limit {
        Some(n) => (
            format!("(1 − {}^{n}) / (1 − {})", significant(p, 3), significant(p, 3)),
            (1.0 - p.powf(f64::from(n))) / (1.0 - p),
        ),
        None => (format!("1 / (1 − {})", significant(p, 3)), 1.0 / (1.0 - p)),
    };
    Some(Line {
        component: load.component.clone(),
        name: "attempts per message".into(),
        formula: "A = (1 − pⁿ) / (1 − p)",
        arithmetic,
        result: significant(amplification, 4),
        caveat: "while no fault adds failures; independent attempts",
    })
}
