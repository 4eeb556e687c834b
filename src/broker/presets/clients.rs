//! What well-known clients do by default when they try again.

use crate::broker::{Client, Fact, Form, Setting};

const AS_OF: &str = "2026-11";

const FULL_JITTER: Fact = Fact::new("jitter", Setting::Text("full"), "AWS-BC");
const DOUBLING: Fact = Fact::new("factor", Setting::Number(2), "AWS-BC");
const THREE: Fact = Fact::new("max_attempts", Setting::Number(3), "AWS-BC");
const CAP: Fact = Fact::new("cap", Setting::Text("20s"), "AWS-BC");
const BASE: Fact = Fact::new("backoff", Setting::Text("50ms"), "AWS-BC");

pub(super) const AWS_STANDARD: Client = Client {
    name: "aws-standard",
    title: "AWS SDKs, standard mode, rules of 2026",
    version: "2026",
    as_of: AS_OF,
    attempts_limit: None,
    facts: &[THREE, BASE, DOUBLING, CAP, FULL_JITTER, Fact::new("budget", Setting::Text("aws-standard"), "AWS-BC")],
    calls: &[Fact::new("throttle_backoff", Setting::Text("1s"), "AWS-BC")],
    on_reject: &[Fact::new("backoff", Setting::Text("1s"), "AWS-BC")],
};

pub(super) const AWS_ADAPTIVE: Client = Client {
    name: "aws-adaptive",
    title: "AWS SDKs, adaptive mode, rules of 2026",
    facts: &[THREE, BASE, DOUBLING, CAP, FULL_JITTER, Fact::new("budget", Setting::Text("aws-adaptive"), "AWS-RB")],
    ..AWS_STANDARD
};

pub(super) const AWS_STANDARD_2025: Client = Client {
    name: "aws-standard-2025",
    title: "AWS SDKs, standard mode, before the rules of 2026",
    version: "2025",
    as_of: AS_OF,
    attempts_limit: None,
    facts: &[
        Fact::new("max_attempts", Setting::Number(3), "AWS-CPP"),
        Fact::new("backoff", Setting::Text("1s"), "AWS-DIFF"),
        Fact::new("factor", Setting::Number(2), "AWS-CPP"),
        Fact::new("cap", Setting::Text("20s"), "AWS-CPP"),
        Fact::new("jitter", Setting::Text("full"), "AWS-CPP"),
        Fact::new("budget", Setting::Text("aws-standard-2025"), "AWS-CPP").secondary(),
    ],
    calls: &[],
    on_reject: &[],
};

pub(super) const AWS_LEGACY: Client = Client {
    name: "aws-legacy",
    title: "AWS SDK for C++, legacy mode",
    version: "1.11",
    as_of: AS_OF,
    attempts_limit: None,
    facts: &[
        Fact::new("max_attempts", Setting::Number(11), "AWS-CPP"),
        Fact::new("backoff", Setting::Text("25ms"), "AWS-CPP"),
        Fact::new("factor", Setting::Number(2), "AWS-CPP"),
    ],
    calls: &[],
    on_reject: &[],
};

pub(super) const GRPC: Client = Client {
    name: "grpc",
    title: "gRPC, with the numbers of its proposal's example",
    version: "A6",
    as_of: AS_OF,
    attempts_limit: Some(5),
    facts: &[
        Fact::new("max_attempts", Setting::Number(4), "G-A6")
            .secondary()
            .named(&[("maxAttempts", Form::ZeroMeans(1))])
            .range("at most 5"),
        Fact::new("backoff", Setting::Text("100ms"), "G-A6").secondary().named(&[("initialBackoff", Form::Same)]),
        Fact::new("factor", Setting::Number(2), "G-A6").secondary().named(&[("backoffMultiplier", Form::Same)]),
        Fact::new("cap", Setting::Text("1s"), "G-A6").secondary().named(&[("maxBackoff", Form::Same)]),
        Fact::new("jitter", Setting::Text("fifth"), "G-JS"),
        Fact::new("budget", Setting::Text("grpc"), "G-A6").secondary().named(&[("retryThrottling", Form::Same)]),
    ],
    calls: &[],
    on_reject: &[],
};

pub(super) const FINAGLE: Client = Client {
    name: "finagle",
    title: "Finagle",
    version: "6.31 and later",
    as_of: AS_OF,
    attempts_limit: None,
    facts: &[
        Fact::assumed("max_attempts", Setting::Number(3)),
        Fact::assumed("backoff", Setting::Text("0s")),
        Fact::new("budget", Setting::Text("finagle"), "F-RB"),
    ],
    calls: &[],
    on_reject: &[],
};

pub(super) const ENVOY: Client = Client {
    name: "envoy",
    title: "Envoy, with a retry policy that names nothing else",
    version: "1.39",
    as_of: AS_OF,
    attempts_limit: None,
    facts: &[
        Fact::new("max_attempts", Setting::Number(2), "EN-RT").named(&[("num_retries", Form::Redeliveries)]),
        Fact::new("backoff", Setting::Text("25ms"), "EN-RT").named(&[("base_interval", Form::Same)]),
        Fact::new("cap", Setting::Text("250ms"), "EN-RT").named(&[("max_interval", Form::Same)]),
        Fact::new("growth", Setting::Text("envoy"), "EN-RT"),
        Fact::new("jitter", Setting::Text("full"), "EN-RT"),
        Fact::new("budget", Setting::Toml("{ active_ratio = 0, min_concurrency = 3 }"), "EN")
            .named(&[("retry_budget", Form::Same)]),
    ],
    calls: &[],
    on_reject: &[],
};

pub(super) const CELERY: Client = Client {
    name: "celery",
    title: "Celery, task.retry()",
    version: "5.7",
    as_of: AS_OF,
    attempts_limit: None,
    facts: &[
        Fact::new("max_attempts", Setting::Number(4), "C").named(&[("max_retries", Form::Redeliveries)]),
        Fact::new("backoff", Setting::Text("180s"), "C").named(&[("default_retry_delay", Form::Seconds)]),
    ],
    calls: &[],
    on_reject: &[],
};

pub(super) const CELERY_BACKOFF: Client = Client {
    name: "celery-backoff",
    title: "Celery, autoretry_for with retry_backoff = True",
    version: "5.7",
    as_of: AS_OF,
    attempts_limit: None,
    facts: &[
        Fact::new("max_attempts", Setting::Number(4), "C").named(&[("max_retries", Form::Redeliveries)]),
        Fact::new("backoff", Setting::Text("1s"), "C").named(&[("retry_backoff", Form::Seconds)]),
        Fact::new("factor", Setting::Number(2), "C"),
        Fact::new("cap", Setting::Text("600s"), "C").named(&[("retry_backoff_max", Form::Seconds)]),
        Fact::new("jitter", Setting::Text("full"), "C")
            .named(&[("retry_jitter", Form::Words(&[("true", "full"), ("false", "none")]))]),
    ],
    calls: &[],
    on_reject: &[],
};

pub(super) const SIDEKIQ: Client = Client {
    name: "sidekiq",
    title: "Sidekiq",
    version: "7",
    as_of: AS_OF,
    attempts_limit: None,
    facts: &[
        Fact::new("max_attempts", Setting::Number(26), "SK").named(&[("retries", Form::Redeliveries)]),
        Fact::new("growth", Setting::Text("sidekiq"), "SK").secondary(),
    ],
    calls: &[],
    on_reject: &[],
};

pub(super) const BULLMQ: Client = Client {
    name: "bullmq",
    title: "BullMQ, which does not retry unless told to",
    version: "6.7",
    as_of: AS_OF,
    attempts_limit: None,
    facts: &[
        Fact::new("max_attempts", Setting::Number(1), "B").named(&[("attempts", Form::Same)]),
        Fact::new("backoff", Setting::Text("0s"), "B").named(&[("delay", Form::Milliseconds)]),
    ],
    calls: &[],
    on_reject: &[],
};

pub(super) const TEMPORAL: Client = Client {
    name: "temporal",
    title: "Temporal, activities",
    version: "1.27",
    as_of: AS_OF,
    attempts_limit: None,
    facts: &[
        Fact::new("max_attempts", Setting::Unset, "T-RP").named(&[("maximum_attempts", Form::CountOrUnlimited)]),
        Fact::new("backoff", Setting::Text("1s"), "T-RP").named(&[("initial_interval", Form::Same)]),
        Fact::new("factor", Setting::Number(2), "T-RP").named(&[("backoff_coefficient", Form::Same)]),
        Fact::new("cap", Setting::Text("100s"), "T-RP").named(&[("maximum_interval", Form::Same)]),
    ],
    calls: &[],
    on_reject: &[],
};

/// Bounded by time there (`delivery.timeout.ms`, 120 s), by attempts here: as many as there are when each is refused at
/// once.
pub(super) const KAFKA_PRODUCER: Client = Client {
    name: "kafka-producer",
    title: "Kafka's producer",
    version: "4.0",
    as_of: AS_OF,
    attempts_limit: None,
    facts: &[
        Fact::assumed("max_attempts", Setting::Number(123)),
        Fact::new("backoff", Setting::Text("100ms"), "K-PROD").named(&[("retry.backoff.ms", Form::Milliseconds)]),
        Fact::new("factor", Setting::Number(2), "K-PROD"),
        Fact::new("cap", Setting::Text("1s"), "K-PROD").named(&[("retry.backoff.max.ms", Form::Milliseconds)]),
        Fact::new("jitter", Setting::Text("fifth"), "K-PROD").secondary(),
    ],
    calls: &[],
    on_reject: &[],
};
