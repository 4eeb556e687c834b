//! A difference in words: `orders recovers 6m 12s sooner (95 % interval 5m 58s–6m 26s)`.

use crate::report::figures::{Quantity, count, runs};
use crate::study::{Certainty, Difference, Figure, Paired};

/// A figure of the second variant as against the first, named `first`.
pub(in crate::report) fn sentence(figure: &Figure, difference: &Difference, first: &str) -> String {
    let presence = &difference.presence;
    let all = presence.runs();
    let what = |runs_with: u32| match figure.metric.as_str() {
        "recovery_time" if runs_with == 0 => format!("{} never recovers", figure.component),
        "recovery_time" => format!("{} recovers", figure.component),
        _ => format!("{} has a value", figure.expression),
    };
    if presence.both == all {
        return difference.paired.as_ref().map_or_else(String::new, |paired| told(figure, paired));
    }
    if presence.neither == all {
        return match figure.metric.as_str() {
            "recovery_time" => format!("{} recovers in no run, with neither", figure.component),
            _ => format!("{} has no value in any run, with neither", figure.expression),
        };
    }
    let counts = match presence.second() {
        0 => format!("{} in any of {}, with {first} it does in {}", what(0), runs(all), presence.first()),
        second => format!("{} in {second} of {}, with {first} in {}", what(second), runs(all), presence.first()),
    };
    match &difference.paired {
        Some(paired) => format!("{counts}; where it does with both, {}", told(figure, paired)),
        None => counts,
    }
}

fn told(figure: &Figure, paired: &Paired) -> String {
    let phrase = Phrase::of(figure);
    let difference = &paired.difference;
    match (paired.certainty(), difference.ci95) {
        (Certainty::Same, _) => format!("{} is the same in every run", phrase.name()),
        (Certainty::Clear, Some((low, high))) => {
            let (near, far) = if difference.mean < 0.0 { (-high, -low) } else { (low, high) };
            let said = phrase.say(difference.mean);
            // As many digits as the interval is wide.
            let (near, far) = (phrase.amount(near), phrase.amount(far));
            if near == far {
                format!("{said}, in every run alike")
            } else {
                format!("{said} (95 % interval {})", span(&near, &far))
            }
        }
        (Certainty::Unclear, Some((low, high))) => {
            format!("no clear difference: {} to {}, at 95 %", phrase.say(low), phrase.side(high))
        }
        _ => format!("{} (one run: no interval)", phrase.say(difference.mean)),
    }
}

/// `15.2–16.1 s`, the unit said once where both ends have the same one.
fn span(near: &str, far: &str) -> String {
    match (near.rsplit_once(' '), far.rsplit_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other && !number.contains(' ') => format!("{number}–{far}"),
        _ => format!("{near}–{far}"),
    }
}

/// How a figure's difference is said.
struct Phrase<'a> {
    figure: &'a Figure,
    quantity: Quantity,
}

impl<'a> Phrase<'a> {
    fn of(figure: &'a Figure) -> Phrase<'a> {
        Phrase { figure, quantity: Quantity::of_figure(figure) }
    }

    /// Without sign.
    fn amount(&self, difference: f64) -> String {
        match self.quantity {
            // A share of 5 % more than 20 % is ambiguous; points are not.
            Quantity::Share => format!("{} points", count(difference.abs() * 100.0)),
            other => other.text(difference.abs()),
        }
    }

    /// The words for less and for more.
    fn words(&self) -> [&'static str; 2] {
        match self.figure.metric.as_str() {
            "recovery_time" | "peak_at" => ["sooner", "later"],
            "oldest_age" => ["younger", "older"],
            "wait" | "latency" | "journey" | "duration" => ["shorter", "longer"],
            "cost" | "cost_per_30_days" => ["less", "more"],
            "replicas" | "desired_replicas" => ["fewer", "more"],
            _ if self.noun().is_some() => ["fewer", "more"],
            _ => ["lower", "higher"],
        }
    }

    /// Of what there are fewer or more, for counts of the whole run.
    fn noun(&self) -> Option<String> {
        let noun = match self.figure.metric.as_str() {
            "dead_lettered" => "dead-lettered messages",
            "completed" | "expired" | "dropped" | "published" | "redriven" | "shed" | "skipped" | "deduplicated" => {
                return Some(format!("messages {}", self.figure.metric));
            }
            "rejected" => "rejected publishes",
            "gave_up" => "requests given up",
            "out_of_order" => "messages out of order",
            "duplicates" | "deliveries" | "redeliveries" | "timeouts" | "errors" | "retries" | "requests" | "calls" => {
                return Some(self.figure.metric.clone());
            }
            "client_retries" => "client retries",
            "compensated" | "failed" | "stuck" | "started" => {
                return Some(format!("executions {}", self.figure.metric));
            }
            _ => return None,
        };
        Some(noun.into())
    }

    fn name(&self) -> String {
        match self.figure.metric.as_str() {
            "recovery_time" => format!("the recovery time of {}", self.figure.component),
            _ => self.figure.expression.clone(),
        }
    }

    /// `6m 12s sooner`, `120 messages lower`.
    fn side(&self, difference: f64) -> String {
        let word = self.words()[usize::from(difference > 0.0)];
        let unit = if self.figure.metric.ends_with("backlog") { " messages" } else { "" };
        format!("{}{unit} {word}", self.amount(difference))
    }

    fn say(&self, difference: f64) -> String {
        let (component, side) = (&self.figure.component, self.side(difference));
        let stat = self.figure.stat.as_deref();
        let named = self.figure.metric.replace('_', " ");
        match self.figure.metric.as_str() {
            "recovery_time" => format!("{component} recovers {side}"),
            "peak_backlog" => format!("the backlog of {component} peaks {side}"),
            "peak_at" => format!("the backlog of {component} peaks {side}"),
            "oldest_age" if stat == Some("max") => format!("the oldest message of {component} is {side}"),
            "replicas" if stat == Some("mean") => format!("{component} has on average {side} replicas"),
            "cost" => format!("{} costs {side}", if component.is_empty() { "it" } else { component }),
            "cost_per_30_days" => {
                let what = if component.is_empty() { "it" } else { component };
                format!("over 30 days {what} costs {side}")
            }
            _ => match self.noun() {
                Some(noun) => format!("{component} has {side} {noun}"),
                None => format!("the {}{named} of {component} is {side}", stat.map_or_else(String::new, spoken)),
            },
        }
    }
}

/// `p99 `, `mean `, `greatest `.
fn spoken(stat: &str) -> String {
    match stat {
        "max" => "greatest ".into(),
        other => format!("{other} "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::{FigureUnit, difference};

    fn figure(metric: &str, stat: Option<&str>, unit: FigureUnit) -> Figure {
        let suffix = stat.map_or_else(String::new, |stat| format!(".{stat}"));
        Figure {
            expression: format!("orders.{metric}{suffix}"),
            component: "orders".into(),
            metric: metric.into(),
            stat: stat.map(String::from),
            unit,
            pooled: stat.is_some(),
        }
    }

    fn said(figure: &Figure, first: &[Option<f64>], second: &[Option<f64>]) -> String {
        sentence(figure, &difference(first, second), "base")
    }

    #[test]
    fn differences_are_said_as_people_say_them() {
        let recovery = figure("recovery_time", None, FigureUnit::Time);
        // Differences −370, −372, −374: mean −372, half width 4.3027 · 2/√3 = 4.97.
        let [a, b] = [[Some(872.0), Some(880.0), Some(890.0)], [Some(502.0), Some(508.0), Some(516.0)]];
        assert_eq!(said(&recovery, &a, &b), "orders recovers 6m 12s sooner (95 % interval 6m 07s–6m 17s)");
        assert_eq!(said(&recovery, &b, &a), "orders recovers 6m 12s later (95 % interval 6m 07s–6m 17s)");
        assert_eq!(said(&recovery, &a, &a), "the recovery time of orders is the same in every run");
        let unclear = said(&recovery, &[Some(10.0), Some(20.0)], &[Some(11.0), Some(19.0)]);
        assert_eq!(unclear, "no clear difference: orders recovers 12.7 s sooner to 12.7 s later, at 95 %");
        let latency = figure("latency", Some("p99"), FigureUnit::Time);
        let shorter = said(&latency, &[Some(2.0), Some(3.0)], &[Some(1.5), Some(2.5)]);
        assert_eq!(shorter, "the p99 latency of orders is 500 ms shorter, in every run alike");
        let dead = figure("dead_lettered", None, FigureUnit::Count);
        assert_eq!(
            said(&dead, &[Some(120.0)], &[Some(0.0)]),
            "orders has 120 fewer dead-lettered messages (one run: no interval)"
        );
        let busy = figure("utilization", Some("mean"), FigureUnit::Ratio);
        let lower = said(&busy, &[Some(0.9), Some(0.9)], &[Some(0.75), Some(0.75)]);
        assert_eq!(lower, "the mean utilization of orders is 15 points lower, in every run alike");
    }

    #[test]
    fn a_recovery_that_never_comes_is_counted() {
        let recovery = figure("recovery_time", None, FigureUnit::Time);
        let never = [None, None];
        let some = [Some(60.0), Some(90.0)];
        assert_eq!(said(&recovery, &never, &some), "orders recovers in 2 of 2 runs, with base in 0");
        assert_eq!(said(&recovery, &some, &never), "orders never recovers in any of 2 runs, with base it does in 2");
        assert_eq!(said(&recovery, &never, &never), "orders recovers in no run, with neither");
        let mixed = said(&recovery, &[Some(60.0), None], &[Some(50.0), Some(90.0)]);
        assert_eq!(
            mixed,
            "orders recovers in 2 of 2 runs, with base in 1; where it does with both, orders recovers 10 s sooner (one \
             run: no interval)"
        );
    }
}
