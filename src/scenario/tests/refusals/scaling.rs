//! Mistakes in autoscalers.

use super::{SERVICE, check, differs};

const STREAM: &str = "duration = \"10m\"\n[producer.p]\nto = \"log\"\nrate = \"1/s\"\n[stream.log]\npartitions = 12\n\
                      [consumer.worker]\nfrom = \"log\"\nservice = \"1s\"\n";

macro_rules! scaled {
    ($($lines:literal),+) => {
        concat!("service = \"50ms\"\n[consumer.worker.scaling]\n", $($lines, "\n"),+)
    };
}

#[test]
fn keys_belong_to_their_policy() {
    check(&[
        (SERVICE, scaled!("target = 5"), "9:1", "a scaling needs `policy`", "policy = \"keda\""),
        (
            SERVICE,
            scaled!("policy = \"kda\"", "target = 5"),
            "10:10",
            "has no choice \"kda\"",
            "did you mean \"keda\"?",
        ),
        (
            SERVICE,
            scaled!("policy = \"hpa\"", "target = 5", "max = 9", "pollingInterval = 5"),
            "13:1",
            "`polling_interval` is no key of policy = \"hpa\", but of `keda`",
            "leave it out",
        ),
        (
            SERVICE,
            scaled!("policy = \"keda\"", "threshold = 5", "target = 5"),
            "11:1",
            "`threshold` is no key of policy = \"keda\", but of `step`",
            "here it is called `target`",
        ),
        (
            SERVICE,
            scaled!("policy = \"schedule\"", "steps = [{ at = \"1m\", replicas = 2 }]", "min = 1"),
            "12:1",
            "`min` is no key of policy = \"schedule\", but of `hpa`, `keda`, `target-tracking` and `step`",
            "leave it out",
        ),
        (SERVICE, scaled!("policy = \"keda\"", "targt = 5"), "11:1", "`targt` is not a key of a scaling", "`target`"),
        (
            SERVICE,
            scaled!("policy = \"keda\"", "target = 5", "lagThreshold = 5"),
            "12:1",
            "`lagThreshold` says the same as `target`",
            "keep one",
        ),
    ]);
}

#[test]
fn replicas_lie_between_the_least_and_the_most() {
    check(&[
        (SERVICE, scaled!("policy = \"hpa\"", "target = 5"), "9:1", "`max` is missing", "max = 50"),
        (
            SERVICE,
            scaled!("policy = \"hpa\"", "target = 5", "max = 9", "min = 10"),
            "12:7",
            "`min` = 10 is more than",
            "raise",
        ),
        (
            SERVICE,
            scaled!("policy = \"hpa\"", "target = 5", "max = 3", "min = 3"),
            "12:7",
            "nothing to scale",
            "set `replicas`",
        ),
        (
            SERVICE,
            "replicas = 20\nservice = \"50ms\"\nscaling = { policy = \"hpa\", target = 5, max = 9 }",
            "8:12",
            "`replicas` = 20, with which it begins, does not lie between 1 and 9",
            "leave it out",
        ),
        (
            SERVICE,
            scaled!("policy = \"hpa\"", "target = 5", "max = 9", "min = 0"),
            "13:7",
            "does not scale to zero",
            "keda",
        ),
        (
            SERVICE,
            scaled!("policy = \"keda\"", "metric = \"utilization\"", "target = \"70%\""),
            "9:1",
            "it would never come back",
            "min = 1",
        ),
        (
            SERVICE,
            scaled!("policy = \"keda\"", "target = 5", "min = 1", "cooldown = \"1m\""),
            "13:12",
            "`cooldown` would change nothing here",
            "min = 0",
        ),
        (
            SERVICE,
            "service = \"50ms\"\nschedule = [{ at = \"1m\", replicas = 2 }]\nscaling = { policy = \"keda\", target = 5 }",
            "9:12",
            "both say how many replicas",
            "policy = \"schedule\"",
        ),
        (
            SERVICE,
            "service = \"50ms\"\nscaling = { policy = \"keda\", target = 5, max = 9 }\n[[fault]]\nconsumer = \"worker\"\nat = \"1m\"\nfor = \"1m\"\ncrash = 10",
            "14:9",
            "never has more than 9 replicas",
            "smaller",
        ),
    ]);
}

#[test]
fn values_are_of_the_metrics_kind() {
    check(&[
        (SERVICE, scaled!("policy = \"hpa\"", "max = 9"), "9:1", "`target` is missing", "target = 100"),
        (SERVICE, scaled!("policy = \"hpa\"", "max = 9", "target = 0"), "12:10", "above zero", "larger"),
        (SERVICE, scaled!("policy = \"hpa\"", "max = 9", "target = \"70%\""), "12:10", "a number of messages", "100"),
        (
            SERVICE,
            scaled!("policy = \"hpa\"", "max = 9", "metric = \"utilization\"", "target = 70"),
            "13:10",
            "`target` = 70 is no share",
            "\"70%\"",
        ),
        (
            SERVICE,
            scaled!("policy = \"hpa\"", "max = 9", "metric = \"oldest_age\"", "target = 70"),
            "13:10",
            "a length of time",
            "\"30s\"",
        ),
        (SERVICE, scaled!("policy = \"hpa\"", "max = 9", "target = \"100\""), "12:10", "without quotes", "write 100"),
        (
            SERVICE,
            scaled!("policy = \"hpa\"", "max = 9", "target = 5", "metric = \"lag\""),
            "13:10",
            "no lag",
            "backlog",
        ),
        (
            SERVICE,
            scaled!(
                "policy = \"hpa\"",
                "max = 9",
                "metric = \"utilization\"",
                "target = 0.5",
                "metric_period = \"0s\""
            ),
            "14:17",
            "longer than zero",
            "15s",
        ),
        (
            SERVICE,
            scaled!("policy = \"hpa\"", "max = 9", "target = 5", "scale_up = { policies = [] }"),
            "13:25",
            "`policies` is empty",
            "the usual ones",
        ),
        (
            SERVICE,
            scaled!(
                "policy = \"hpa\"",
                "max = 9",
                "target = 5",
                "scale_up = { policies = [{ type = \"pods\", value = 1.5, period = \"1s\" }] }"
            ),
            "13:51",
            "not a whole number of replicas",
            "percent",
        ),
    ]);
}

#[test]
fn what_stands_in_the_way_of_serving_must_matter() {
    check(&[
        (SERVICE, scaled!("policy = \"keda\"", "target = 5", "headroom = 3"), "12:12", "is about nodes", "provision"),
        (
            SERVICE,
            scaled!("policy = \"keda\"", "target = 5", "provision = \"4m\"", "headroom = 100"),
            "12:13",
            "`provision` would change nothing here",
            "lower `headroom`",
        ),
        (
            SERVICE,
            scaled!("policy = \"keda\"", "target = 5", "warm_speed = { speed = 1, for = \"1m\" }"),
            "12:24",
            "slower than the work after it",
            "below 1",
        ),
        (
            SERVICE,
            scaled!("policy = \"keda\"", "target = 5", "allow_idle_consumers = true"),
            "12:24",
            "about partitions",
            "read a stream",
        ),
    ]);
}

#[test]
fn steps_make_sense() {
    check(&[
        (
            SERVICE,
            scaled!("policy = \"step\"", "max = 9", "steps = [{ from = 0, adjust = 1 }]"),
            "9:1",
            "`threshold` is missing",
            "",
        ),
        (
            SERVICE,
            scaled!("policy = \"step\"", "max = 9", "threshold = 5"),
            "9:1",
            "there are no `steps`",
            "adjust = 2",
        ),
        (
            SERVICE,
            scaled!("policy = \"step\"", "max = 9", "threshold = 5", "steps = [{ from = 0 }]"),
            "13:10",
            "needs `adjust`",
            "",
        ),
        (
            SERVICE,
            scaled!(
                "policy = \"step\"",
                "max = 9",
                "threshold = 5",
                "steps = [{ from = 0, adjust = 1 }, { from = 5, adjust = 2 }]"
            ),
            "13:36",
            "overlaps",
            "where the other ends",
        ),
        (
            SERVICE,
            scaled!("policy = \"step\"", "max = 9", "threshold = 5", "steps = [{ from = 5, to = 0, adjust = 1 }]"),
            "13:10",
            "`from` = 5 does not lie below `to` = 0",
            "",
        ),
        (
            SERVICE,
            scaled!("policy = \"step\"", "max = 9", "threshold = 5", "steps = [{ from = 0, adjust = 0 }]"),
            "13:31",
            "`adjust` = 0 changes nothing",
            "",
        ),
        (
            SERVICE,
            scaled!("policy = \"step\"", "max = 9", "threshold = 5", "steps = [{ from = 0, adjust = 1, at = \"1m\" }]"),
            "13:39",
            "`at` belongs to the steps of policy = \"schedule\"",
            "leave it out",
        ),
    ]);
}

#[test]
fn steps_by_the_clock_make_sense() {
    check(&[
        (
            SERVICE,
            scaled!("policy = \"schedule\"", "steps = [{ at = \"2m\", replicas = 1 }, { at = \"1m\", replicas = 2 }]"),
            "11:46",
            "does not come after",
            "in order",
        ),
        (
            SERVICE,
            scaled!("policy = \"schedule\"", "steps = [{ at = \"2m\", replicas = 1 }]", "every = \"1m\""),
            "11:17",
            "beyond one round",
            "within one round",
        ),
        (SERVICE, scaled!("policy = \"schedule\""), "9:1", "there are no `steps`", "replicas = 40"),
    ]);
}

#[test]
fn lambda_has_its_own_rules() {
    check(&[
        (
            SERVICE,
            "concurrency = 4\nservice = \"50ms\"\nscaling = { policy = \"lambda\" }",
            "8:15",
            "an invocation works on one batch",
            "leave it out",
        ),
        (SERVICE, scaled!("policy = \"lambda\"", "ramp = \"10/h\""), "11:8", "less than one invocation", "300/min"),
        (
            SERVICE,
            scaled!("policy = \"lambda\"", "max = 50", "reserved_concurrency = 50"),
            "12:24",
            "`reserved_concurrency` would change nothing here",
            "lower it",
        ),
    ]);
    let text = format!("{STREAM}scaling = {{ policy = \"lambda\", start = 3 }}\n");
    assert_eq!(differs(&text, "10:40", "`start` belongs to queues", "`parallelization`"), None);
    let text = format!("{STREAM}replicas = 3\nscaling = {{ policy = \"keda\", target = 5, min = 4 }}\n");
    assert_eq!(differs(&text, "10:12", "does not lie between 4 and 100", "leave it out"), None);
}
