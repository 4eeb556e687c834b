//! AWS Step Functions, Standard workflows.

use crate::broker::{Fact, Form, Preset, Setting, Shape};

const JITTER: &[(&str, &str)] = &[("NONE", "none"), ("FULL", "full")];

pub(super) const WORKFLOW: Preset = Preset {
    name: "step-functions",
    shape: Shape::Workflow,
    title: "AWS Step Functions, Standard workflows",
    version: "Amazon States Language as of 2026",
    as_of: "2026-11",
    own: &[
        Fact::new("history_limit", Setting::Number(25_000), "SFN-Q").range("fixed; the execution fails"),
        Fact::assumed("history_events", Setting::Toml("{ start = 1, step = 2, attempt = 3, wait = 2 }"))
            .range("entered and exited; scheduled, started and ended"),
    ],
    consumer: &[
        Fact::new("start_to_close", Setting::Unset, "SFN-T")
            .named(&[("TimeoutSeconds", Form::Seconds)])
            .range("99,999,999 s unless set; in Step Functions it counts from the scheduling of the task"),
        Fact::new("heartbeat", Setting::Unset, "SFN-T").named(&[("HeartbeatSeconds", Form::Seconds)]),
        Fact::new("retry.backoff", Setting::Text("1s"), "SFN-E")
            .only_with("retry")
            .named(&[("IntervalSeconds", Form::Seconds)])
            .range("without a Retry there is one attempt"),
        Fact::new("retry.factor", Setting::Number(2), "SFN-E").only_with("retry").named(&[("BackoffRate", Form::Same)]),
        Fact::new("retry.max_attempts", Setting::Number(4), "SFN-E")
            .only_with("retry")
            .named(&[("MaxAttempts", Form::Redeliveries)])
            .range("MaxAttempts 3 counts retries only"),
        Fact::new("retry.cap", Setting::Unset, "SFN-E").named(&[("MaxDelaySeconds", Form::Seconds)]),
        Fact::new("retry.jitter", Setting::Text("none"), "SFN-E")
            .only_with("retry")
            .named(&[("JitterStrategy", Form::Words(JITTER))]),
    ],
    producer: &[],
    subscriber: &[],
    metrics: &[],
    not_modelled: &[
        "Retriers for single errors: one retry is for all that may fail.",
        "The quotas on starts and state transitions are left out; set the producer's rate below them.",
        "Express workflows, which may run twice and have no history, are left out.",
        "Branches: states come one after another.",
    ],
};
