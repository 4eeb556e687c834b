//! Retry amplification: how many attempts a message costs on average, how many messages are given up, and after how long.

use super::line::{Law, Line, Unit, clock};
use super::{Load, retries};
use crate::scenario::Scenario;
use crate::units::significant;

const ATTEMPTS: Law = Law {
    id: "attempts",
    name: "attempts per message",
    formula: "A = (1 − pⁿ) / (1 − p)",
    unit: Unit::Ratio,
    caveat: "while no fault adds failures; independent attempts",
    headline: true,
};
const GIVEN_UP: Law = Law {
    id: "given_up_share",
    name: "share of messages given up",
    formula: "pⁿ",
    unit: Unit::Share,
    caveat: "while no fault adds failures; independent attempts",
    headline: true,
};
const GIVEN_UP_RATE: Law = Law {
    id: "given_up_rate",
    name: "messages given up",
    formula: "λ·pⁿ",
    unit: Unit::PerSecond,
    caveat: "at the rate of the start",
    headline: false,
};
const BACKOFF: Law = Law {
    id: "backoff_mean",
    name: "mean delay by retries",
    formula: "Σ pᵏ·E[dₖ]",
    unit: Unit::Seconds,
    caveat: "over all messages; the wait for a slot comes on top",
    headline: false,
};
const TO_THE_LAST: Law = Law {
    id: "to_the_last",
    name: "from the first failure to the last",
    formula: "Σ E[dₖ], k = 1 … n − 1",
    unit: Unit::Seconds,
    caveat: "of a message that always fails; the work and the waits come on top",
    headline: false,
};
const CEILING: Law = Law {
    id: "retry_ceiling",
    name: "part of the capacity left for new messages",
    formula: "E[S] / (work of a message over its attempts)",
    unit: Unit::Share,
    caveat: "1/A where a failing attempt takes as long as another",
    headline: false,
};

pub(super) fn lines(scenario: &Scenario, load: &Load) -> Vec<Line> {
    let attempts = load.attempts;
    if !attempts.any() {
        return vec![];
    }
    let (component, p) = (&load.component, significant(attempts.failure, 3));
    let with_poison = |sum: String, n: &str| match attempts.poison {
        0.0 => sum,
        share => format!("{} × {sum} + {} × {n}", significant(1.0 - share, 4), significant(share, 4)),
    };
    let (sum, power) = match attempts.limit {
        Some(n) => (with_poison(format!("(1 − {p}^{n}) / (1 − {p})"), &n.to_string()), format!("{p}^{n}")),
        None => (with_poison(format!("1 / (1 − {p})"), "∞"), format!("{p}^∞")),
    };
    let mut lines = vec![if attempts.mean().is_finite() {
        ATTEMPTS.line(component, sum, attempts.mean())
    } else {
        ATTEMPTS.said(component, sum, "without end")
    }];
    let given_up = attempts.given_up();
    let mut parts = power;
    if attempts.hopeless > 0.0 {
        parts = format!("{parts} + {} × attempts", significant(attempts.hopeless, 3));
    }
    if attempts.poison > 0.0 && attempts.limit.is_some() {
        parts = format!("{parts} + {} of poison", significant(attempts.poison, 3));
    }
    lines.push(GIVEN_UP.line(component, parts, given_up));
    let rate = load.rate_at(0.0);
    if given_up > 0.0 && rate > 0.0 {
        let product = format!("{} × {}", significant(rate, 4), significant(given_up, 3));
        let a_day = format!("{}; {} a day", Unit::PerSecond.text(rate * given_up), per_day(rate * given_up));
        lines.push(GIVEN_UP_RATE.line(component, product, rate * given_up).reads(a_day));
    }
    if let Some(backoff) = retries::backoff(scenario, load).filter(|backoff| !backoff.is_zero()) {
        let delays: Vec<String> =
            (1..attempts.limit.unwrap_or(u32::MAX).min(6)).map(|k| clock(retries::delay_s(backoff, k))).collect();
        let more = if attempts.limit.is_none_or(|n| n > 6) { " …" } else { "" };
        let mean = retries::backoff_mean_s(&attempts, backoff);
        lines.push(BACKOFF.line(component, format!("p = {p}, d = {}{more}", delays.join(", ")), mean));
        if let Some(last) = retries::to_the_last_s(&attempts, backoff) {
            lines.push(TO_THE_LAST.line(component, format!("{}{more}", delays.join(" + ")), last));
        }
    }
    if load.work_s.is_finite() && load.work_s > 0.0 {
        let ratio = format!("{} / {}", significant(load.service_s, 4), significant(load.work_s, 4));
        lines.push(CEILING.line(component, ratio, load.service_s / load.work_s));
    }
    lines
}

fn per_day(rate: f64) -> String {
    super::line::count((rate * 86_400.0).round())
}
