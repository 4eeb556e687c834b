//! Redrive as written: dead letters that are moved back.

use crate::units::{Duration, Rate, Share};

written! {
    /// What lies in the queue at a time is moved to another, such as dead letters after the repair.
    RedriveWritten called "a redrive" {
        /// Where it goes. Default: the queue whose dead letter this is.
        to: optional String;
        /// When it begins.
        at: required Duration = "write { at = \"30m\", rate = \"100/s\" }";
        /// Messages moved per second. Default: all at once, or what the broker moves at most.
        rate: optional Rate;
        /// Share of them that fails at every further attempt. Default: those that did before.
        still_failing: optional Share;
    }
    instead {
        "start" => "at";
        "max_per_second" => "rate";
        "MaxNumberOfMessagesPerSecond" => "rate";
    }
}
