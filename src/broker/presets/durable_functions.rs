//! Azure Durable Functions on Azure Storage.

use crate::broker::{Fact, Form, Preset, Setting, Shape};

pub(super) const WORKFLOW: Preset = Preset {
    name: "durable-functions",
    shape: Shape::Workflow,
    title: "Azure Durable Functions, Azure Storage provider",
    version: "extension 2.x",
    as_of: "2026-11",
    own: &[Fact::new("decisions.concurrency", Setting::Number(10), "DF-H")
        .only_with("decisions")
        .named(&[("maxConcurrentOrchestratorFunctions", Form::Same)])],
    consumer: &[
        Fact::new("concurrency", Setting::Number(10), "DF-H")
            .named(&[("maxConcurrentActivityFunctions", Form::Same)])
            .range("ten for each processor outside the Consumption plan"),
        Fact::new("poll", Setting::Text("30s"), "DF-H").named(&[("maxQueuePollingInterval", Form::Same)]),
        Fact::new("poll_from", Setting::Text("50ms"), "DF-TQ").range("fixed in the extension's source"),
        Fact::new("heartbeat", Setting::Text("5m"), "DF-H")
            .named(&[("workItemQueueVisibilityTimeout", Form::Same)])
            .range("hidden so long; renewed while the work goes on"),
        Fact::new("on_crash", Setting::Text("again"), "DF-TQ").range("the storage queue's message shows up again"),
        Fact::new("retry.backoff", Setting::Unset, "DF-E").named(&[("firstRetryInterval", Form::Same)]),
        Fact::new("retry.max_attempts", Setting::Unset, "DF-E")
            .named(&[("maxNumberOfAttempts", Form::Same)])
            .range("without retry options there is one attempt"),
        Fact::new("retry.factor", Setting::Number(1), "DF-E")
            .only_with("retry")
            .named(&[("backoffCoefficient", Form::Same)]),
        Fact::new("retry.cap", Setting::Unset, "DF-E").named(&[("maxRetryInterval", Form::Same)]),
    ],
    producer: &[],
    subscriber: &[],
    metrics: &[],
    not_modelled: &[
        "The four control queues are one queue of decisions, and only where `decisions` stands.",
        "Pauses between polls double exactly; the extension spreads them by chance.",
        "A message put into a queue wakes the poller of the same host at once; here all hosts wait for their poll.",
        "All activities of an app share one work-item queue; here each step has its own.",
        "Replays of long histories, extended sessions, and other storage providers are left out.",
    ],
};
