//! Which setting rules another: a number that something else decides over is no knob.

use super::value::Scenario;
use crate::policy::scaling::Rules;

/// What decides over a setting in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruled {
    /// The path of the setting that rules.
    pub by: String,
    /// What is left of the one that is ruled.
    pub why: String,
    /// What to turn instead.
    pub instead: String,
}

/// Settings of the study, not of the system.
const OF_THE_STUDY: [&str; 8] = ["title", "duration", "warmup", "seed", "runs", "tick", "slo", "slo_runs"];

impl Scenario {
    /// What rules the setting at a path, as of `--set`; `None` where it decides for itself.
    pub fn ruled(&self, path: &str) -> Option<Ruled> {
        if self.uncertain.iter().any(|one| one.path == path.trim()) {
            return Some(Ruled {
                by: format!("[uncertain] \"{}\"", path.trim()),
                why: "every run draws its own value of it".into(),
                instead: "take its line out of [uncertain]".into(),
            });
        }
        let segments: Vec<&str> = path.split('.').map(str::trim).collect();
        match segments.as_slice() {
            [top] if OF_THE_STUDY.contains(top) => Some(Ruled {
                by: (*top).into(),
                why: format!("`{top}` says how the system is looked at, and changes nothing in it"),
                instead: "turn a setting of a producer, queue, stream, consumer or dependency".into(),
            }),
            ["slo", ..] => self.ruled("slo"),
            ["consumer", name, "replicas"] => self.replicas_ruled(name),
            ["consumer", name, "scaling", "max"] => self.max_ruled(name),
            _ => None,
        }
    }

    fn replicas_ruled(&self, name: &str) -> Option<Ruled> {
        let consumer = self.consumers.iter().find(|consumer| consumer.name == name)?;
        if let Some(scaling) = &consumer.scaling {
            let by_steps = matches!(scaling.rules, Rules::Schedule(_));
            // Lambda's pollers on a stream are one a partition, and nothing changes their number.
            if scaling.limits.min == scaling.limits.max && !by_steps {
                return None;
            }
            let instead = match scaling.rules {
                Rules::Schedule(_) => format!("turn consumer.{name}.scaling.steps.0.replicas"),
                Rules::Lambda(_) => format!("turn consumer.{name}.scaling.max"),
                _ => format!("turn consumer.{name}.scaling.min, .max or .target"),
            };
            return Some(Ruled {
                by: format!("consumer.{name}.scaling"),
                why: format!("`replicas` is only what the autoscaler ({}) begins with", scaling.rules.word()),
                instead,
            });
        }
        let (at, _) = consumer.schedule.first()?;
        Some(Ruled {
            by: format!("consumer.{name}.schedule"),
            why: format!("`replicas` is only what there is until its first step at {at}"),
            instead: format!("turn consumer.{name}.schedule.0.replicas, or take the schedule out"),
        })
    }

    fn max_ruled(&self, name: &str) -> Option<Ruled> {
        let consumer = self.consumers.iter().find(|consumer| consumer.name == name)?;
        let reserved = consumer.scaling.as_ref()?.reserved_concurrency?;
        Some(Ruled {
            by: format!("consumer.{name}.scaling.reserved_concurrency"),
            why: format!("pollers beyond {reserved} invocations only get their messages throttled"),
            instead: format!("turn consumer.{name}.scaling.reserved_concurrency"),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::{Files, Scenario};
    use std::collections::BTreeMap;

    fn ruled(consumer: &str, path: &str) -> Option<String> {
        let text = format!(
            "duration = \"10m\"\n[producer.p]\nto = \"q\"\nrate = \"10/s\"\n[queue.q]\n[consumer.w]\nfrom = \"q\"\n\
             service = \"50ms\"\nreplicas = 4\n{consumer}"
        );
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let scenario = Scenario::parse(&text, &files as &dyn Files).unwrap_or_else(|why| panic!("{why:?}"));
        scenario.ruled(path).map(|ruled| ruled.by)
    }

    #[test]
    fn who_decides_over_replicas_is_named() {
        let by = |consumer| ruled(consumer, "consumer.w.replicas");
        assert_eq!(by(""), None);
        assert_eq!(by("schedule = [{ at = \"3m\", replicas = 9 }]"), Some("consumer.w.schedule".into()));
        let hpa = "scaling = { policy = \"hpa\", target = 100, min = 2, max = 20 }";
        assert_eq!(by(hpa), Some("consumer.w.scaling".into()));
        assert_eq!(ruled(hpa, "consumer.w.scaling.max"), None);
    }

    #[test]
    fn how_one_looks_is_no_knob() {
        assert_eq!(ruled("", "runs"), Some("runs".into()));
        assert_eq!(ruled("", "slo.0"), Some("slo".into()));
        assert_eq!(ruled("", "producer.p.rate"), None);
    }
}
