//! What autoscalers do unless the scenario says otherwise: keys of `[consumer.NAME.scaling]`, as presets of brokers are.

use super::{Fact, Form, Setting};
use Form::{Percent, Same, Seconds, Words};
use Setting::{Flag, Number, Text, Toml, Unset};

/// A controller and the keys that it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Autoscaler {
    /// The `policy` of the scenario language.
    pub name: &'static str,
    pub title: &'static str,
    pub facts: &'static [&'static [Fact]],
    /// Keys of its tables `scale_up` and `scale_down`.
    pub scale_up: &'static [Fact],
    pub scale_down: &'static [Fact],
}

impl Autoscaler {
    pub fn all_facts(&self) -> impl Iterator<Item = &'static Fact> {
        self.facts.iter().flat_map(|part| part.iter())
    }

    pub fn has(&self, key: &str) -> bool {
        key == "policy" || self.all_facts().any(|fact| fact.key == key)
    }
}

pub const ALL: [Autoscaler; 6] = [HPA, KEDA, TARGET_TRACKING, STEP, LAMBDA, SCHEDULE];

/// The controller that a scenario names.
pub fn autoscaler(name: &str) -> Option<&'static Autoscaler> {
    ALL.iter().find(|autoscaler| autoscaler.name == name)
}

/// What stands between a decision and a replica that serves.
const LIFE: &[Fact] = &[
    Fact::new("provision", Unset, "CA"),
    Fact::assumed("headroom", Unset),
    Fact::new("node_idle", Text("10m"), "CA").only_with("provision"),
    Fact::assumed("startup", Unset),
    Fact::assumed("warm_speed", Unset),
    Fact::new("drain", Unset, "HPA").named(&[("terminationGracePeriodSeconds", Seconds)]),
];

const METRIC: &[Fact] =
    &[Fact::assumed("metric", Unset), Fact::assumed("metric_delay", Unset), Fact::assumed("metric_period", Unset)];

const SYNC: &[Fact] = &[
    Fact::new("sync_period", Text("15s"), "KEDA-SO").named(&[("horizontal-pod-autoscaler-sync-period", Same)]),
    Fact::new("tolerance", Text("10%"), "HPA").named(&[("horizontal-pod-autoscaler-tolerance", Same)]),
    Fact::new("scale_up", Unset, "HPA").named(&[("scaleUp", Same)]),
    Fact::new("scale_down", Unset, "HPA").named(&[("scaleDown", Same)]),
];

const SCALE_UP: &[Fact] = &[
    Fact::new("stabilization_window", Text("0s"), "HPA").named(WINDOW),
    Fact::new(
        "policies",
        Toml(
            "[{ type = \"percent\", value = 100, period = \"15s\" }, { type = \"pods\", value = 4, period = \"15s\" }]",
        ),
        "HPA",
    ),
    Fact::new("select", Text("max"), "HPA").named(SELECT),
];

const SCALE_DOWN: &[Fact] = &[
    Fact::new("stabilization_window", Text("5m"), "HPA").named(WINDOW),
    Fact::new("policies", Toml("[{ type = \"percent\", value = 100, period = \"15s\" }]"), "HPA"),
    Fact::new("select", Text("max"), "HPA").named(SELECT),
];

const WINDOW: &[(&str, Form)] = &[("stabilizationWindowSeconds", Seconds)];
const SELECT: &[(&str, Form)] = &[("selectPolicy", Words(&[("Max", "max"), ("Min", "min"), ("Disabled", "disabled")]))];

/// Names in the entries of `policies` and of `steps`.
pub const ENTRIES: &[Fact] = &[
    Fact::new("period", Unset, "HPA").named(&[("periodSeconds", Seconds)]),
    Fact::new("from", Unset, "AAS-STEP").named(&[("MetricIntervalLowerBound", Same)]),
    Fact::new("to", Unset, "AAS-STEP").named(&[("MetricIntervalUpperBound", Same)]),
    Fact::new("adjust", Unset, "AAS-STEP").named(&[("ScalingAdjustment", Same)]),
];

const HPA: Autoscaler = Autoscaler {
    name: "hpa",
    title: "Kubernetes HPA",
    facts: &[
        METRIC,
        &[
            Fact::new("target", Unset, "HPA").named(&[
                ("averageValue", Same),
                ("averageUtilization", Percent),
                ("targetCPUUtilizationPercentage", Percent),
            ]),
            Fact::new("min", Number(1), "HPA").named(&[("minReplicas", Same)]),
            Fact::new("max", Unset, "HPA").named(&[("maxReplicas", Same)]),
        ],
        SYNC,
        LIFE,
    ],
    scale_up: SCALE_UP,
    scale_down: SCALE_DOWN,
};

const KEDA: Autoscaler = Autoscaler {
    name: "keda",
    title: "KEDA",
    facts: &[
        METRIC,
        &[
            Fact::new("target", Unset, "KEDA-S").named(&[
                ("lagThreshold", Same),
                ("queueLength", Same),
                ("messageCount", Same),
                ("value", Same),
            ]),
            Fact::new("min", Number(0), "KEDA-SO").named(&[("minReplicaCount", Same)]),
            Fact::new("max", Number(100), "KEDA-SO").named(&[("maxReplicaCount", Same)]),
            Fact::new("polling_interval", Text("30s"), "KEDA-SO").named(&[("pollingInterval", Seconds)]),
            Fact::new("cooldown", Text("5m"), "KEDA-SO").named(&[("cooldownPeriod", Seconds)]),
            Fact::new("activation", Unset, "KEDA-ACT").named(&[
                ("activationLagThreshold", Same),
                ("activationQueueLength", Same),
                ("activationMessageCount", Same),
                ("activationValue", Same),
            ]),
            Fact::new("allow_idle_consumers", Flag(false), "KEDA-K").named(&[("allowIdleConsumers", Same)]),
        ],
        SYNC,
        LIFE,
    ],
    scale_up: SCALE_UP,
    scale_down: SCALE_DOWN,
};

const TARGET_TRACKING: Autoscaler = Autoscaler {
    name: "target-tracking",
    title: "AWS target tracking",
    facts: &[
        METRIC,
        &[
            Fact::new("target", Unset, "AAS-API").named(&[("TargetValue", Same)]),
            Fact::assumed("min", Number(1)).named(&[("MinCapacity", Same)]),
            Fact::new("max", Unset, "AAS").named(&[("MaxCapacity", Same)]),
            Fact::assumed("alarm_period", Text("1m")),
            Fact::assumed("scale_out_periods", Number(3)),
            Fact::assumed("scale_in_periods", Number(15)),
            Fact::assumed("scale_in_below", Text("90%")),
            Fact::new("scale_out_cooldown", Text("5m"), "AAS-API").named(&[("ScaleOutCooldown", Seconds)]),
            Fact::new("scale_in_cooldown", Text("5m"), "AAS-API").named(&[("ScaleInCooldown", Seconds)]),
            Fact::new("disable_scale_in", Flag(false), "AAS-API").named(&[("DisableScaleIn", Same)]),
        ],
        LIFE,
    ],
    scale_up: &[],
    scale_down: &[],
};

const STEP: Autoscaler = Autoscaler {
    name: "step",
    title: "AWS step scaling",
    facts: &[
        METRIC,
        &[
            Fact::new("threshold", Unset, "AAS-STEP").named(&[("Threshold", Same)]),
            Fact::new("steps", Unset, "AAS-STEP").named(&[("StepAdjustments", Same)]),
            Fact::new("adjustment", Text("change"), "AAS-SPC").named(&[(
                "AdjustmentType",
                Words(&[
                    ("ChangeInCapacity", "change"),
                    ("PercentChangeInCapacity", "percent"),
                    ("ExactCapacity", "exact"),
                ]),
            )]),
            Fact::assumed("min", Number(1)).named(&[("MinCapacity", Same), ("MinSize", Same)]),
            Fact::new("max", Unset, "AAS-SPC").named(&[("MaxCapacity", Same), ("MaxSize", Same)]),
            Fact::assumed("alarm_period", Text("1m")),
            Fact::assumed("periods", Number(1)).named(&[("EvaluationPeriods", Same)]),
            Fact::new("cooldown", Text("5m"), "AAS-SPC").named(&[
                ("Cooldown", Seconds),
                ("EstimatedInstanceWarmup", Seconds),
                ("warmup", Seconds),
            ]),
        ],
        LIFE,
    ],
    scale_up: &[],
    scale_down: &[],
};

const LAMBDA: Autoscaler = Autoscaler {
    name: "lambda",
    title: "Lambda event source mapping",
    facts: &[
        &[
            Fact::new("start", Number(5), "L-SQS"),
            Fact::new("ramp", Text("300/min"), "L-SQS"),
            Fact::new("max", Number(1_000), "L-SQS").named(&[("MaximumConcurrency", Same)]).range("2 … 1 000"),
            Fact::new("reserved_concurrency", Unset, "L-REV")
                .named(&[("ReservedConcurrentExecutions", Same)])
                .secondary(),
        ],
        LIFE,
    ],
    scale_up: &[],
    scale_down: &[],
};

const SCHEDULE: Autoscaler = Autoscaler {
    name: "schedule",
    title: "the clock",
    facts: &[&[Fact::assumed("steps", Unset), Fact::assumed("every", Unset)], LIFE],
    scale_up: &[],
    scale_down: &[],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{Grade, source};

    #[test]
    fn every_fact_says_where_it_was_read() {
        for autoscaler in &ALL {
            let parts = [autoscaler.scale_up, autoscaler.scale_down, ENTRIES];
            for fact in autoscaler.all_facts().chain(parts.into_iter().flatten()) {
                let what = format!("{} {}", autoscaler.name, fact.key);
                let address = source(fact.source).unwrap_or_else(|| panic!("{what}: no source {}", fact.source));
                assert_eq!(address.starts_with("https://"), fact.grade != Grade::Assumed, "{what}");
            }
            let keys: Vec<&str> = autoscaler.all_facts().map(|fact| fact.key).collect();
            for (n, key) in keys.iter().enumerate() {
                assert!(!keys[..n].contains(key), "{}: {key} twice", autoscaler.name);
            }
        }
    }
}
