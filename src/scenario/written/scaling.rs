//! Autoscalers as written.

use crate::broker::{autoscaler, autoscalers};
use crate::policy::scaling::rules::{Adjustment, Select};
use crate::random::Distribution;
use crate::scenario::problem::{Place, Problem, listed};
use crate::scenario::quantity::{Count, Factor, Finite, Positive, Span};
use crate::scenario::reader::{Placed, Read, Reader};
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::ScalingMetric;
use crate::units::{Duration, Rate, Share};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use std::ops::Deref;

written! {
    /// What decides over a consumer's replicas, as the real controller does, and what it takes until they serve. What
    /// is left out is as the controller has it.
    ScalingTable called "a scaling" {
        /// Which controller decides.
        policy: required ScalingPolicy = "write policy = \"keda\", or \"hpa\", \"target-tracking\", \"step\", \"lambda\", \"schedule\"";
        /// What it looks at. Default: the backlog of a queue, the lag of a stream's group.
        metric: optional ScalingMetric;
        /// It sees what was so long ago.
        metric_delay: optional Duration;
        /// It sees the last full period of so long: its end, or its mean for utilization. Default: the alarm's period; of
        /// utilization 15 s; else the value of the moment.
        metric_period: optional Duration;
        /// What the metric shall be: messages a replica, a share for utilization, a length of time for the oldest age.
        target: optional Level;
        /// Never fewer replicas.
        min: optional Count;
        /// Never more replicas.
        max: optional Positive;
        /// Time until a new node stands, for replicas beyond those for which there is one. Default: nodes abound.
        provision: optional Distribution;
        /// Replicas beyond the first ones for which nodes stand from the beginning.
        headroom: optional Count;
        /// An empty node is kept for so long.
        node_idle: optional Duration;
        /// From the node to serving: image, process, connections.
        startup: optional Distribution;
        /// A new replica works at this speed at first.
        warm_speed: optional WarmWritten;
        /// A replica that is scaled in is killed when its work takes longer. Default: it finishes its work.
        drain: optional Duration;
        /// Of hpa and keda: time between two decisions.
        sync_period: optional Span;
        /// Of hpa and keda: a metric so near its target changes nothing.
        tolerance: optional Share;
        /// Of hpa and keda: how fast replicas may be added.
        scale_up: optional DirectionWritten;
        /// Of hpa and keda: how fast replicas may be taken away.
        scale_down: optional DirectionWritten;
        /// Of keda: how often it looks whether there is work at all.
        polling_interval: optional Span;
        /// Of keda: from the last poll that saw work to no replicas. Of step: what a scale-out adds counts as part of the
        /// next for so long, and one scale-in follows another after it.
        cooldown: optional Duration;
        /// Of keda: there is work when the metric is above this. Default: 0.
        activation: optional Level;
        /// Of keda: more replicas than partitions, whose surplus idles.
        allow_idle_consumers: optional bool;
        /// Of target-tracking and step: period of the alarms.
        alarm_period: optional Span;
        /// Of target-tracking: periods in a row above the target before it scales out.
        scale_out_periods: optional Positive;
        /// Of target-tracking: periods in a row well below the target before it scales in.
        scale_in_periods: optional Positive;
        /// Of target-tracking: share of the target that is well below.
        scale_in_below: optional Share;
        /// Of target-tracking: only a larger scale-out follows another within it.
        scale_out_cooldown: optional Duration;
        /// Of target-tracking: no scale-in follows another within it.
        scale_in_cooldown: optional Duration;
        /// Of target-tracking: it never scales in.
        disable_scale_in: optional bool;
        /// Of step: the alarm's threshold; bounds of `steps` count from it.
        threshold: optional Level;
        /// Of step: what to do how far from the threshold. Of schedule: replicas from a time on.
        steps: optional Vec<Placed<ScalingStep>>;
        /// Of step: what `adjust` means.
        adjustment: optional Adjustment;
        /// Of step: periods in a row on the same side before anything happens.
        periods: optional Positive;
        /// Of lambda: invocations at the beginning and where it idles.
        start: optional Positive;
        /// Of lambda: more invocations with each minute, at most.
        ramp: optional Rate;
        /// Of lambda: invocations beyond it are throttled after their messages were received.
        reserved_concurrency: optional Positive;
        /// Of schedule: the steps come again with this period.
        every: optional Span;
    }
    instead {
        "type" => "policy";
        "replicas" => "replicas of the consumer";
        "min_instances" => "min";
        "max_instances" => "max";
        "startup_time" => "startup";
        "grace" => "drain";
        "behavior" => "scale_up and scale_down";
    }
}

/// A scaling whose keys belong to its policy.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Scaling(ScalingTable);

impl Deref for Scaling {
    type Target = ScalingTable;

    fn deref(&self) -> &ScalingTable {
        &self.0
    }
}

impl Read for Scaling {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Scaling> {
        let read = ScalingTable::read(node, reader);
        let table = node.as_table()?;
        let policy = table.get("policy").and_then(Node::as_text).and_then(autoscaler)?;
        for entry in &table.entries {
            let key = entry.key.as_str();
            let foreign = !policy.has(key) && ScalingTable::keys().contains(&key);
            if !foreign || matches!(entry.key_place, Place::Preset(_)) {
                continue;
            }
            let owners = autoscalers::ALL.iter().filter(|other| other.has(key)).map(|other| other.name);
            let message = format!("`{key}` is no key of policy = {:?}, but of {}", policy.name, listed(owners));
            let way_out = match (key, policy.has("target")) {
                ("threshold", true) => "here it is called `target`",
                ("target", _) if policy.has("threshold") => "here it is called `threshold`",
                ("sync_period", _) if policy.has("alarm_period") => "here it is called `alarm_period`",
                ("min", _) if policy.has("start") => "here it is called `start`",
                _ => "leave it out, or choose another policy",
            };
            reader.note(Problem::new(&entry.key_place, message).way_out(way_out));
        }
        read.map(Scaling)
    }
}

impl JsonSchema for Scaling {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        ScalingTable::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<ScalingTable>()
    }
}

/// Which controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum ScalingPolicy {
    Hpa,
    Keda,
    TargetTracking,
    Step,
    Lambda,
    Schedule,
}

words! {
    /// Which controller decides over the replicas.
    ScalingPolicy {
        /// Kubernetes Horizontal Pod Autoscaler.
        "hpa" => ScalingPolicy::Hpa;
        /// KEDA: from and to zero by its poll, else an HPA.
        "keda" => ScalingPolicy::Keda;
        /// AWS target tracking.
        "target-tracking" => ScalingPolicy::TargetTracking;
        /// AWS step scaling.
        "step" => ScalingPolicy::Step;
        /// Lambda's event source mapping: a replica is an invocation.
        "lambda" => ScalingPolicy::Lambda;
        /// The clock.
        "schedule" => ScalingPolicy::Schedule;
    }
}

words! {
    /// What an autoscaler looks at.
    ScalingMetric {
        /// Unfinished messages: ready, in flight and delayed.
        "backlog" => ScalingMetric::Backlog;
        /// Messages that wait.
        "ready" => ScalingMetric::Ready;
        /// Of a stream: records between the log's end and the committed position, over all partitions.
        "lag" => ScalingMetric::Lag;
        /// Age of the oldest unfinished message.
        "oldest_age" => ScalingMetric::OldestAge;
        /// Share of the work slots in use, over the replicas that serve.
        "utilization" => ScalingMetric::Utilization;
    }
}

written! {
    /// How fast an HPA may go one way.
    DirectionWritten called "a direction of scaling" {
        /// The most cautious recommendation of so long a time rules.
        stabilization_window: optional Duration;
        /// How much change is allowed in how long a time.
        policies: optional Vec<Placed<SpeedLimitWritten>>;
        /// Which of the policies counts.
        select: optional Select;
    }
    instead {
        "window" => "stabilization_window";
    }
}

words! {
    /// Which of several policies counts.
    Select {
        /// The one that allows most change.
        "max" => Select::Max;
        /// The one that allows least.
        "min" => Select::Min;
        /// No change this way.
        "disabled" => Select::Disabled;
    }
}

written! {
    /// At most so much change within a period.
    SpeedLimitWritten called "a policy of scaling" {
        /// Per cent of the replicas at the period's start, or replicas.
        r#type: required LimitType = "write { type = \"percent\", value = 100, period = \"15s\" }";
        /// How many.
        value: required Factor = "write { type = \"pods\", value = 4, period = \"15s\" }";
        /// Within which time.
        period: required Span = "write { type = \"pods\", value = 4, period = \"15s\" }";
    }
}

/// What the value of a speed limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum LimitType {
    Percent,
    Pods,
}

words! {
    /// What the value of a policy counts.
    LimitType {
        /// Per cent of the replicas at the period's start.
        "percent" => LimitType::Percent;
        /// Replicas.
        "pods" => LimitType::Pods;
    }
}

written! {
    /// `{ from, to, adjust }` of step scaling, or `{ at, replicas }` of a schedule.
    ScalingStep called "a step of a scaling" {
        /// The step holds from so far beyond the threshold. Default: without end.
        from: optional Level;
        /// And up to so far. Default: without end.
        to: optional Level;
        /// What is done: replicas more or fewer, per cent of them, or exactly so many, as `adjustment` says.
        adjust: optional Finite;
        /// When.
        at: optional Duration;
        /// How many replicas there are from then on.
        replicas: optional Count;
    }
}

words! {
    /// What a step's `adjust` means.
    Adjustment {
        /// So many replicas more, or fewer.
        "change" => Adjustment::Change;
        /// So many per cent more, or fewer.
        "percent" => Adjustment::Percent;
        /// So many replicas.
        "exact" => Adjustment::Exact;
    }
}

written! {
    /// A new replica is slow at first.
    WarmWritten called "a warm-up" {
        /// Service is divided by it: 0.3 is a third of full speed.
        speed: required Factor = "write { speed = 0.3, for = \"2m\" }";
        /// How long.
        r#for: required Span = "write { speed = 0.3, for = \"2m\" }";
    }
}

/// A value of a metric, or a distance from one: a number, a share, or seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::scenario) enum Level {
    Number(f64),
    Share(f64),
    Time(f64),
}

impl Read for Level {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Level> {
        let Value::Text(text) = &node.value else {
            return Some(Level::Number(Finite::read(node, reader)?.0));
        };
        let (sign, size) = match text.trim().strip_prefix('-') {
            Some(rest) => (-1.0, rest),
            None => (1.0, text.trim()),
        };
        let read = if size.contains('%') {
            Share::parse(size).map(|share| Level::Share(sign * share.value()))
        } else if size.parse::<f64>().is_ok() {
            return reader.wrong(node, "a number without quotes", format!("write {text}"));
        } else {
            Duration::parse(size).map(|time| Level::Time(sign * time.seconds()))
        };
        match read {
            Ok(level) => Some(level),
            Err(sentence) => {
                let subject = reader.subject();
                reader.note(Problem::from_sentence(&node.place, &subject, &sentence));
                None
            }
        }
    }
}

impl JsonSchema for Level {
    fn schema_name() -> Cow<'static, str> {
        "Level".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A value of the metric: messages, a share such as \"70%\", or a length of time such as \"30s\".",
            "anyOf": [{ "type": "number" }, { "type": "string" }]
        })
    }
}
