//! Rolling restarts as written.

use super::PortionWritten;
use crate::random::Distribution;
use crate::scenario::quantity::Span;

written! {
    /// Every replica is restarted, a few at a time: it takes nothing new, finishes its work, and is away for a while.
    DeployWritten called "a deploy" {
        /// How many may be away at once: a count, or a share rounded down, at least one. Default: "25%".
        max_unavailable: optional PortionWritten;
        /// How long a replica may go on with its work; then it is killed, and its work is lost to it. Default: "30s".
        drain: default Span = "30s";
        /// From its end until the replica takes messages again.
        startup: required Distribution = "say how long a start takes: startup = \"20s\"";
    }
    instead {
        "maxUnavailable" => "max_unavailable";
        "terminationGracePeriodSeconds" => "drain";
        "grace" => "drain";
    }
}
