//! Load shedding as written.

use crate::random::Distribution;
use crate::scenario::quantity::{Messages, Span};

written! {
    /// Messages that are turned away instead of being worked on: one rule.
    ShedWritten called "a shed" {
        /// Those that have waited longer.
        older_than: optional Span;
        /// Those behind which more than so many are ready.
        deeper_than: optional Messages;
        /// Controlled delay (RFC 8289): now and then one, as long as the wait stays above a target.
        codel: optional CodelWritten;
        /// What becomes of them.
        to: default ShedTo = "drop";
        /// How long turning one away takes.
        cost: default Distribution = "0s";
    }
    instead {
        "max_age" => "older_than";
        "max_depth" => "deeper_than";
    }
}

written! {
    /// Controlled delay.
    CodelWritten called "a codel" {
        /// The wait that is acceptable.
        target: required Span = "write { target = \"100ms\", interval = \"1s\" }";
        /// How long it may be exceeded before the first message goes.
        interval: required Span = "write { target = \"100ms\", interval = \"1s\" }";
    }
}

/// What becomes of messages that are turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum ShedTo {
    Drop,
    DeadLetter,
}

words! {
    /// What becomes of messages that are turned away.
    ShedTo {
        /// They are dropped.
        "drop" => ShedTo::Drop;
        /// They go to the queue's `dead_letter`.
        "dead-letter" => ShedTo::DeadLetter;
    }
}
