//! Faults and windows as written.

use super::{DeployWritten, PartitionsWritten, PortionWritten};
use crate::scenario::quantity::{Factor, Span};
use crate::units::{Duration, Share};

written! {
    /// Something breaks for a while: one target (`consumer`, `queue`, `stream`, `topic`, `dependency` or `producer`) and
    /// one effect.
    Fault called "a fault" {
        /// Stands in reports and paths. Default: `fault-1` and so on.
        name: optional String;
        /// When it begins.
        at: required Duration = "say when it begins: at = \"20m\"";
        /// How long it lasts. Needed, but for a `deploy`, which ends by itself.
        r#for: optional Span;
        /// The consumer it hits.
        consumer: optional String;
        /// The queue it hits.
        queue: optional String;
        /// The stream it hits.
        stream: optional String;
        /// Of the stream, only these: a count, from the first on, or their numbers.
        partitions: optional PartitionsWritten;
        /// The topic it hits.
        topic: optional String;
        /// The dependency it hits.
        dependency: optional String;
        /// The producer it hits.
        producer: optional String;
        /// Of a consumer: attempts that start meanwhile fail with this share, besides `failure`. Of a dependency: calls do,
        /// besides its own `error_rate`.
        error_rate: optional Share;
        /// Of a consumer or dependency: attempts or calls that start meanwhile take so many times as long.
        slow: optional Factor;
        /// Of a queue, stream or topic: it delivers nothing and refuses publishes. Of a dependency: it answers no call.
        down: optional Down;
        /// Of a consumer: so many replicas die and come back at the end.
        crash: optional PortionWritten;
        /// Of a consumer: so many replicas stay alive and never finish; they restart at the end.
        hang: optional PortionWritten;
        /// Of a consumer: it takes no new messages. Of a queue, stream or topic: it delivers nothing. Of a producer: it
        /// publishes nothing.
        pause: optional bool;
        /// Of a producer: its rate is so many times as high.
        times: optional Factor;
        /// Of a consumer: all its replicas are restarted, a few at a time.
        deploy: optional DeployWritten;
    }
    instead {
        "start" => "at";
        "duration" => "for";
    }
}

/// How a broken queue or dependency answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Down {
    Refuse,
    Blackhole,
}

words! {
    /// How a broken queue or dependency answers.
    Down {
        /// With errors at once.
        "refuse" => Down::Refuse;
        /// Not at all.
        "blackhole" => Down::Blackhole;
    }
}

written! {
    /// A time to be judged like a disturbance, without any effect.
    Window called "a window" {
        /// Stands in reports and paths. Default: `window-1` and so on.
        name: optional String;
        /// When it begins.
        at: required Duration = "say when it begins: at = \"20m\"";
        /// How long it lasts.
        r#for: required Span = "say how long it lasts: for = \"3m\"";
    }
    instead {
        "start" => "at";
        "duration" => "for";
    }
}
