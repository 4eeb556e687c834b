//! Temporal.

use crate::broker::{Fact, Form, Preset, Setting, Shape};

pub(super) const WORKFLOW: Preset = Preset {
    name: "temporal",
    shape: Shape::Workflow,
    title: "Temporal",
    version: "server 1.2x, default limits of the SDKs",
    as_of: "2026-11",
    own: &[
        Fact::new("history_limit", Setting::Number(51_200), "T-LIM").range("warns from 10,240 on; 50 MB too"),
        Fact::new("history_events", Setting::Toml("{ start = 1, step = 3, wait = 2, decision = 3 }"), "T-EV")
            .range("attempts that are retried leave none"),
        Fact::new("decisions.timeout", Setting::Text("10s"), "T-TR")
            .only_with("decisions")
            .named(&[("workflow_task_timeout", Form::Same)])
            .range("up to 120s"),
        Fact::new("decisions.sticky", Setting::Text("10s"), "T-PY")
            .only_with("decisions")
            .named(&[("sticky_queue_schedule_to_start_timeout", Form::Same)]),
        Fact::new("decisions.concurrency", Setting::Number(100), "T-PY")
            .only_with("decisions")
            .named(&[("max_concurrent_workflow_tasks", Form::Same)]),
    ],
    consumer: &[
        Fact::new("concurrency", Setting::Number(100), "T-PY").named(&[("max_concurrent_activities", Form::Same)]),
        Fact::new("schedule_to_start", Setting::Unset, "T-S2S")
            .named(&[("schedule_to_start_timeout", Form::Same)])
            .range("limits each queueing"),
        Fact::new("start_to_close", Setting::Unset, "T-NET")
            .named(&[("start_to_close_timeout", Form::Same)])
            .range("needed here; Temporal takes schedule-to-close instead"),
        Fact::new("heartbeat", Setting::Unset, "T-NET")
            .named(&[("heartbeat_timeout", Form::Same)])
            .range("SDKs report at four fifths of it"),
        Fact::new("retry.backoff", Setting::Text("1s"), "T-RP").named(&[("initial_interval", Form::Same)]),
        Fact::new("retry.factor", Setting::Number(2), "T-RP").named(&[("backoff_coefficient", Form::Same)]),
        Fact::new("retry.cap", Setting::Times(100, "backoff"), "T-RP").named(&[("maximum_interval", Form::Same)]),
        Fact::new("retry.max_attempts", Setting::Unset, "T-RP")
            .named(&[("maximum_attempts", Form::CountOrUnlimited)])
            .range("unlimited unless set"),
    ],
    producer: &[],
    subscriber: &[],
    metrics: &[],
    not_modelled: &[
        "The four partitions of a task queue are one line here, so their small disorder is left out.",
        "Pollers are always enough: a free slot asks at once.",
        "Schedule-to-close, which bounds an activity with all its retries, is left out.",
        "A worker's cache of workflows never overflows; only its death makes decisions go elsewhere.",
        "Limits on bytes of history, on pending activities, and the Cloud's actions per second are left out.",
    ],
};
