//! Autoscalers as they are read: defaults, the controllers' own names, and what a consumer begins with.

use super::{BASE, parse, shown};
use crate::policy::scaling::rules::{Adjustment, Amount, Select};
use crate::policy::scaling::{Form, Limits, Rules, Target};
use crate::scenario::{Consumer, Origin, Scaling, ScalingMetric, Scenario};
use crate::units::{Duration, SECOND};

fn scenario(text: &str) -> Scenario {
    parse(text).unwrap_or_else(|_| panic!("{text}\n{}", shown(text)))
}

fn consumer(lines: &str) -> Consumer {
    scenario(&format!("{BASE}[consumer.worker.scaling]\n{lines}\n")).consumers.remove(0)
}

fn scaling(lines: &str) -> Scaling {
    consumer(lines).scaling.unwrap_or_else(|| panic!("{lines}: no scaling"))
}

const STREAM: &str = r#"duration = "10m"
[producer.shop]
to = "log"
rate = "10/s"
[stream.log]
partitions = 12
[consumer.worker]
from = "log"
service = "50ms"
"#;

#[test]
fn an_hpa_is_as_kubernetes_has_it() {
    let consumer = consumer("policy = \"hpa\"\ntarget = 100\nmax = 50");
    assert_eq!((consumer.replicas, consumer.schedule.len()), (1, 0));
    let Some(Scaling { rules: Rules::Hpa(hpa), limits, metric, metric_period, .. }) = consumer.scaling else {
        panic!("an hpa")
    };
    assert_eq!((limits, metric), (Limits { min: 1, max: 50 }, ScalingMetric::Backlog));
    assert_eq!((hpa.target, metric_period), (Target { value: 100.0, form: Form::PerReplica }, Duration::ZERO));
    assert_eq!((hpa.sync_period, hpa.tolerance), (15 * SECOND, 0.1));
    let (up, down) = (&hpa.scale_up, &hpa.scale_down);
    assert_eq!((up.window, down.window), (0, 300 * SECOND));
    assert_eq!((up.select, down.select), (Select::Max, Select::Max));
    let amounts: Vec<Amount> = up.limits.iter().chain(&down.limits).map(|limit| limit.amount).collect();
    assert_eq!(amounts, [Amount::Percent(100.0), Amount::Pods(4), Amount::Percent(100.0)]);
    assert!(up.limits.iter().chain(&down.limits).all(|limit| limit.period == 15 * SECOND));
}

#[test]
fn the_controllers_own_names_and_numbers_are_taken() {
    let same = [
        (
            "policy = \"hpa\"\nminReplicas = 2\nmaxReplicas = 9\naverageValue = 30\n\
             scaleUp = { stabilizationWindowSeconds = 60, selectPolicy = \"Min\", policies = [{ type = \"Pods\", value = 3, periodSeconds = 20 }] }",
            "policy = \"hpa\"\nmin = 2\nmax = 9\ntarget = 30\n\
             scale_up = { stabilization_window = \"1m\", select = \"min\", policies = [{ type = \"pods\", value = 3, period = \"20s\" }] }",
        ),
        (
            "policy = \"hpa\"\nmetric = \"utilization\"\naverageUtilization = 70\nmax = 9",
            "policy = \"hpa\"\nmetric = \"utilization\"\ntarget = \"70%\"\nmax = 9",
        ),
        (
            "policy = \"keda\"\nlagThreshold = 30\nminReplicaCount = 0\nmax_replica_count = 40\npollingInterval = 10\n\
             cooldownPeriod = 60\nactivationLagThreshold = 5",
            "policy = \"keda\"\ntarget = 30\nmin = 0\nmax = 40\npolling_interval = \"10s\"\ncooldown = \"1m\"\nactivation = 5",
        ),
        (
            "policy = \"keda\"\nqueue_length = 30\nhorizontal-pod-autoscaler-sync-period = \"30s\"",
            "policy = \"keda\"\ntarget = 30\nsync_period = \"30s\"",
        ),
        (
            "policy = \"target-tracking\"\nTargetValue = 30\nMinCapacity = 1\nMaxCapacity = 9\nScaleOutCooldown = 60\n\
             ScaleInCooldown = 120\nDisableScaleIn = true",
            "policy = \"target-tracking\"\ntarget = 30\nmin = 1\nmax = 9\nscale_out_cooldown = \"1m\"\n\
             scale_in_cooldown = \"2m\"\ndisable_scale_in = true",
        ),
        (
            "policy = \"step\"\nthreshold = 100\nmax = 9\nAdjustmentType = \"PercentChangeInCapacity\"\nCooldown = 60\n\
             EvaluationPeriods = 2\nStepAdjustments = [{ MetricIntervalLowerBound = 0, MetricIntervalUpperBound = 50, ScalingAdjustment = 10 }]",
            "policy = \"step\"\nthreshold = 100\nmax = 9\nadjustment = \"percent\"\ncooldown = \"1m\"\nperiods = 2\n\
             steps = [{ from = 0, to = 50, adjust = 10 }]",
        ),
        ("policy = \"lambda\"\nMaximumConcurrency = 50", "policy = \"lambda\"\nmax = 50"),
    ];
    for (theirs, ours) in same {
        assert_eq!(scaling(theirs), scaling(ours), "{theirs}");
    }
}

#[test]
fn a_direction_that_says_one_thing_keeps_the_rest() {
    let Rules::Keda(keda) =
        scaling("policy = \"keda\"\ntarget = 5\nscale_down = { stabilization_window = \"1m\" }").rules
    else {
        panic!("keda")
    };
    assert_eq!((keda.hpa.scale_down.window, keda.hpa.scale_down.limits.len()), (60 * SECOND, 1));
    assert_eq!((keda.polling_interval, keda.cooldown, keda.activation), (30 * SECOND, 300 * SECOND, 0.0));
}

#[test]
fn it_begins_with_its_least_unless_the_consumer_says_more() {
    let begins = |lines: &str| consumer(lines).replicas;
    assert_eq!(begins("policy = \"keda\"\ntarget = 5"), 0);
    assert_eq!(begins("policy = \"hpa\"\ntarget = 5\nmin = 3\nmax = 9"), 3);
    assert_eq!(begins("policy = \"lambda\""), 5);
    assert_eq!(begins("policy = \"lambda\"\nmaximum_concurrency = 2"), 2);
    assert_eq!(begins("policy = \"schedule\"\nsteps = [{ at = \"1m\", replicas = 4 }]"), 1);
    let text = format!("{BASE}replicas = 7\nscaling = {{ policy = \"keda\", target = 5 }}\n");
    assert_eq!(scenario(&text).consumers[0].replicas, 7);
}

#[test]
fn metrics_have_their_own_units_and_periods() {
    let age = scaling("policy = \"hpa\"\nmetric = \"oldest_age\"\ntarget = \"30s\"\nmax = 9");
    assert_eq!(age.rules.target(), Some(Target { value: 30.0, form: Form::Value }));
    let busy = scaling("policy = \"hpa\"\nmetric = \"utilization\"\ntarget = 0.7\nmax = 9");
    assert_eq!(busy.rules.target(), Some(Target { value: 0.7, form: Form::MeanOfReplicas }));
    assert_eq!(busy.metric_period, Duration(15 * SECOND));
    let alarms = scaling("policy = \"target-tracking\"\ntarget = 5\nmax = 9\nmetric_delay = \"1m\"");
    assert_eq!((alarms.metric_period, alarms.metric_delay), (Duration(60 * SECOND), Duration(60 * SECOND)));
    let text = format!("{STREAM}scaling = {{ policy = \"keda\", target = 10 }}\n");
    let lag = scenario(&text).consumers.remove(0).scaling.map(|scaling| scaling.metric);
    assert_eq!(lag, Some(ScalingMetric::Lag));
}

#[test]
fn steps_lie_on_both_sides_of_the_threshold() {
    let step = scaling(
        "policy = \"step\"\nmetric = \"utilization\"\nthreshold = \"60%\"\nmax = 9\n\
         steps = [{ from = 0, to = \"20%\", adjust = 1 }, { from = 0.2, adjust = 3 }, { to = \"-30%\", adjust = -1 }]",
    );
    let Rules::Step(step) = step.rules else { panic!("step") };
    let bounds: Vec<_> = step.steps.iter().map(|step| (step.from, step.to)).collect();
    assert_eq!(bounds, [(Some(0.0), Some(0.2)), (Some(0.2), None), (None, Some(-0.3))]);
    assert_eq!((step.threshold, step.adjustment, step.cooldown), (0.6, Adjustment::Change, 300 * SECOND));
}

#[test]
fn lambda_takes_batches_of_a_queue_and_partitions_of_a_stream() {
    let text =
        format!("{BASE}batch = {{ size = 10 }}\nscaling = {{ policy = \"lambda\", reserved_concurrency = 100 }}\n");
    let Some(queue) = scenario(&text).consumers.remove(0).scaling else { panic!("a scaling") };
    assert!(
        matches!(&queue.rules, Rules::Lambda(lambda) if (lambda.per_minute, lambda.batch, lambda.lanes) == (300, 10, None))
    );
    assert_eq!((queue.limits, queue.reserved_concurrency), (Limits { min: 5, max: 1_000 }, Some(100)));
    let text = format!("{STREAM}parallelization = 2\nscaling = {{ policy = \"lambda\" }}\n");
    let consumer = scenario(&text).consumers.remove(0);
    let Some(Scaling { rules: Rules::Lambda(lambda), limits, .. }) = consumer.scaling else { panic!("lambda") };
    assert_eq!((consumer.replicas, lambda.lanes, limits), (24, Some(24), Limits { min: 24, max: 24 }));
}

#[test]
fn the_way_to_serving_is_read_and_nodes_idle_for_ten_minutes() {
    let life = scaling(
        "policy = \"hpa\"\ntarget = 5\nmax = 9\nprovision = \"4m\"\nheadroom = 2\nstartup = { exp = \"20s\" }\n\
         warm_speed = { speed = 0.3, for = \"2m\" }\nterminationGracePeriodSeconds = 30",
    );
    assert_eq!((life.headroom, life.node_idle), (2, Duration(600 * SECOND)));
    assert_eq!(life.warm.map(|warm| (warm.speed, warm.lasts)), Some((0.3, Duration(120 * SECOND))));
    assert_eq!(life.drain, Some(Duration(30 * SECOND)));
    assert!(life.provision.is_some() && life.startup.is_some());
}

#[test]
fn defaults_name_their_source() {
    let text = format!("{BASE}[consumer.worker.scaling]\npolicy = \"keda\"\ntarget = 5\n");
    let scenario = scenario(&text);
    let of = |key: &str| {
        let path = format!("consumer.worker.scaling.{key}");
        scenario.assumptions.iter().find(|assumption| assumption.path == path).map(|it| (it.value.as_str(), &it.origin))
    };
    let Some(("30s", Origin::Preset { broker: "keda", source, .. })) = of("polling_interval") else {
        panic!("{:?}", of("polling_interval"))
    };
    assert!(source.contains("scaledobject-spec"), "{source}");
    assert!(matches!(of("scale_down.stabilization_window"), Some(("5m", Origin::Preset { .. }))));
    assert_eq!(of("metric"), Some(("backlog", &Origin::Default)));
    assert!(matches!(of("target"), Some(("5", Origin::File { line: 11 }))));
}
