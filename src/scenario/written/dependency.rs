//! Dependencies and calls as written.

use crate::policy::breaker::Window as BreakerWindow;
use crate::random::Distribution;
use crate::scenario::quantity::{Factor, Messages, Positive, Span};
use crate::scenario::reader::{Placed, Read, Reader};
use crate::scenario::tree::{Node, Value};
use crate::scenario::value::DependencyOrder;
use crate::scenario::written::retry::CallRetryWritten;
use crate::scenario::written::{DependencyPrice, OneOr};
use crate::units::{Duration, Rate, SECOND, Share};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

written! {
    /// A downstream that consumers share: a database, a payment API.
    Dependency called "a dependency" {
        /// Calls worked on at once; the others wait. Default: all of them.
        concurrency: optional Positive;
        /// Time of the work on one call.
        service: required Distribution = "say how long a call takes: service = { lognormal = { p50 = \"80ms\", p99 = \"600ms\" } }";
        /// How long a failing call takes. Default: as `service`.
        failure_service: optional Distribution;
        /// So many calls may wait; more are refused at once. Default: no bound.
        queue_limit: optional Messages;
        /// Which of the waiting calls comes next.
        order: default DependencyOrder = "fifo";
        /// Calls beyond this rate are refused at once.
        rate_limit: optional RateLimitWritten;
        /// Share of calls that fail.
        error_rate: default Share = 0;
        /// The service grows with the load: so many times as long when all of `concurrency` is busy.
        slowdown: optional SlowdownWritten;
        /// What it costs: "2.50/M" for calls, or a table.
        price: optional OneOr<DependencyPrice>;
    }
    instead {
        "capacity" => "concurrency";
        "workers" => "concurrency";
        "connections" => "concurrency";
        "latency" => "service";
        "failure" => "error_rate";
        "max_queue" => "queue_limit";
    }
}

words! {
    /// Which of the waiting calls comes next.
    DependencyOrder {
        /// The one that came first.
        "fifo" => DependencyOrder::Fifo;
        /// The one that came last.
        "lifo" => DependencyOrder::Lifo;
    }
}

written! {
    /// A rate, and how many calls may come at once.
    RateAndBurst called "a rate limit" {
        /// Calls per time.
        rate: required Rate = "write { rate = \"100/s\", burst = 20 }";
        /// Calls that may come at once. Default: what one second allows.
        burst: optional Positive;
    }
}

/// A rate limit: a rate, or a rate and a burst.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct RateLimitWritten {
    pub(in crate::scenario) per_second: f64,
    pub(in crate::scenario) burst: Option<u32>,
}

impl Read for RateLimitWritten {
    const IS_QUANTITY: bool = true;

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<RateLimitWritten> {
        let (rate, burst) = match node.value {
            Value::Table(_) => {
                let table: RateAndBurst = RateAndBurst::read(node, reader)?;
                (table.rate.value, table.burst.map(|burst: Placed<Positive>| burst.u32()))
            }
            _ => (Rate::read(node, reader)?, None),
        };
        if rate.per_second() == 0.0 {
            return reader.refuse(
                node,
                "lets no call through",
                "write a rate above zero; for an outage write a [[fault]]",
            );
        }
        Some(RateLimitWritten { per_second: rate.per_second(), burst })
    }
}

written! {
    /// How the service grows with the load.
    SlowdownTable called "a slowdown" {
        /// The service takes so many times as long when all of `concurrency` is busy.
        factor: required Factor = "write { factor = 3, from = \"50%\" }";
        /// Up to this share of `concurrency` nothing slows down; from there on it grows evenly.
        from: default Share = 0;
    }
}

/// A slowdown: its factor at full load, or a table.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct SlowdownWritten {
    pub(in crate::scenario) factor: f64,
    pub(in crate::scenario) from: f64,
}

impl Read for SlowdownWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<SlowdownWritten> {
        let slowdown = match node.value {
            Value::Table(_) => {
                let table = SlowdownTable::read(node, reader)?;
                SlowdownWritten { factor: table.factor.0, from: table.from.value.value() }
            }
            _ => SlowdownWritten { factor: Factor::read(node, reader)?.0, from: 0.0 },
        };
        if slowdown.factor <= 1.0 {
            return reader.refuse(node, "slows nothing down", "write a factor above 1, such as 3");
        }
        if slowdown.from >= 1.0 {
            return reader.refuse(node, "begins where all is busy already", "let `from` be below \"100%\"");
        }
        Some(slowdown)
    }
}

written! {
    /// A call that is made in every attempt, after the consumer's own work.
    CallWritten called "a call" {
        /// The dependency that is called.
        dependency: required String = "name it: { dependency = \"payments\", timeout = \"2s\" }";
        /// Share of the attempts that make the call.
        share: default Share = 1;
        /// Of one try: the caller gives up, and the dependency goes on. Default: none.
        timeout: optional Span;
        /// How a failed call is tried again, while the message stays in work. Default: it fails the attempt.
        retry: optional CallRetryWritten;
        /// Calls are refused without asking while too many fail. One for each replica.
        breaker: optional BreakerWritten;
        /// So many calls of one replica may be under way at once; more fail at once.
        bulkhead: optional Positive;
        /// Another copy of a call that is not answered yet.
        hedge: optional HedgeWritten;
        /// The dependency does not begin with a call whose caller has given up.
        deadline: default bool = false;
    }
    instead {
        "to" => "dependency";
        "retries" => "retry";
        "circuit_breaker" => "breaker";
        "max_concurrency" => "bulkhead";
    }
}

written! {
    /// Further copies of a call; the first answer counts.
    HedgeWritten called "a hedge" {
        /// How long a call goes unanswered before the next copy is sent.
        after: required Span = "write { after = \"200ms\", max = 1 }";
        /// Copies besides the first.
        max: default Positive = 1;
    }
}

/// The calls that a breaker looks at: the last so many, or those of the last while.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) struct WindowWritten(pub(in crate::scenario) BreakerWindow);

impl Read for WindowWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<WindowWritten> {
        if !matches!(node.value, Value::Text(_)) {
            return Some(WindowWritten(BreakerWindow::Calls(Positive::read(node, reader)?.u32())));
        }
        let span: Duration = Span::read(node, reader)?.0;
        let seconds = span.ns() / SECOND;
        if !span.ns().is_multiple_of(SECOND) || seconds > 86_400 {
            let way_out = "write whole seconds, up to a day, such as \"10s\"; or a number of calls such as 100";
            return reader.refuse(node, "is kept by the second", way_out);
        }
        Some(WindowWritten(BreakerWindow::Seconds(seconds as u32)))
    }
}

written! {
    /// A circuit breaker. What is left out is Resilience4j's own default.
    BreakerTable called "a breaker" {
        /// It opens from this share of failures on.
        failure_rate: default Share = "50%";
        /// Counted over the last so many calls, or over so many seconds: 100 or "10s".
        window: default WindowWritten = 100;
        /// Below so many calls in the window it stays closed. Default: 100, or the whole window where that is less.
        minimum_calls: optional Positive;
        /// A call that takes longer is a slow one.
        slow_call: default Span = "60s";
        /// It opens from this share of slow calls on, too.
        slow_call_rate: default Share = "100%";
        /// It opens after so many failures in a row, instead of by shares of a window.
        consecutive: optional Positive;
        /// How long it refuses all calls before it lets some through.
        open_for: default Span = "60s";
        /// So many calls it lets through then, which decide. Default: 10; with `consecutive` 1.
        half_open_calls: optional Positive;
    }
    instead {
        "failureRateThreshold" => "failure_rate";
        "slidingWindowSize" => "window";
        "minimumNumberOfCalls" => "minimum_calls";
        "slowCallDurationThreshold" => "slow_call";
        "slowCallRateThreshold" => "slow_call_rate";
        "waitDurationInOpenState" => "open_for";
        "permittedNumberOfCallsInHalfOpenState" => "half_open_calls";
        "timeout" => "open_for";
        "max_requests" => "half_open_calls";
    }
}

/// A breaker: the name of a library whose defaults it takes, or a table.
#[derive(Debug, Clone)]
pub(in crate::scenario) enum BreakerWritten {
    Resilience4j,
    Gobreaker,
    Table(Box<BreakerTable>),
}

impl Read for BreakerWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<BreakerWritten> {
        match node.as_text() {
            Some("resilience4j") => Some(BreakerWritten::Resilience4j),
            Some("gobreaker") => Some(BreakerWritten::Gobreaker),
            Some(_) => crate::scenario::quantity::not_a_word(node, reader, &["resilience4j", "gobreaker"]),
            None => Some(BreakerWritten::Table(Box::new(BreakerTable::read(node, reader)?))),
        }
    }
}

macro_rules! either {
    ($( $type:ty, $name:literal, $doc:literal, |$generator:ident| [$($choice:expr),* $(,)?]; )*) => {
        $( impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }
            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                let choices: Vec<serde_json::Value> = vec![$($choice),*];
                json_schema!({ "description": $doc, "anyOf": choices })
            }
        } )*
    };
}

either! {
    RateLimitWritten, "RateLimit", "A rate, or { rate, burst }.", |generator| [
        generator.subschema_for::<Rate>().to_value(),
        generator.subschema_for::<RateAndBurst>().to_value(),
    ];
    SlowdownWritten, "Slowdown", "A factor, or { factor, from }.", |generator| [
        generator.subschema_for::<Factor>().to_value(),
        generator.subschema_for::<SlowdownTable>().to_value(),
    ];
    WindowWritten, "BreakerWindow", "A number of calls, or whole seconds: 100 or \"10s\".", |generator| [
        generator.subschema_for::<Positive>().to_value(),
        generator.subschema_for::<Span>().to_value(),
    ];
    BreakerWritten, "Breaker", "\"resilience4j\", \"gobreaker\", or a table.", |generator| [
        serde_json::json!({ "enum": ["resilience4j", "gobreaker"] }),
        generator.subschema_for::<BreakerTable>().to_value(),
    ];
}
