//! Decision traces of the HPA by hand.

use super::*;
use crate::policy::scaling::Rules as Any;
use crate::policy::scaling::tests::{row, traced};
use crate::units::SECOND;

/// As a cluster has it where nothing is said.
pub(in crate::policy::scaling) fn standard(target: f64, form: Form) -> Rules {
    let limit = |amount| SpeedLimit { amount, period: 15 * SECOND };
    Rules {
        target: Target { value: target, form },
        sync_period: 15 * SECOND,
        tolerance: 0.1,
        scale_up: Direction {
            window: 0,
            limits: vec![limit(Amount::Percent(100.0)), limit(Amount::Pods(4))],
            select: Select::Max,
        },
        scale_down: Direction {
            window: 300 * SECOND,
            limits: vec![limit(Amount::Percent(100.0))],
            select: Select::Max,
        },
    }
}

fn backlog(change: impl FnOnce(&mut Rules)) -> Any {
    let mut rules = standard(100.0, Form::PerReplica);
    change(&mut rules);
    Any::Hpa(rules)
}

#[test]
fn a_far_target_is_reached_by_doubling_every_15_s() {
    // max(+100 %, +4 pods): 1 + 4, then 5 × 2, 10 × 2, 20 × 2, 40 × 2, and 65 from 80 on is no limit any more.
    let expected = [
        row(15, Some(6_500.0), 1, 5, Why::PolicyLimited),
        row(30, Some(6_500.0), 5, 10, Why::PolicyLimited),
        row(45, Some(6_500.0), 10, 20, Why::PolicyLimited),
        row(60, Some(6_500.0), 20, 40, Why::PolicyLimited),
        row(75, Some(6_500.0), 40, 65, Why::Target),
        row(90, Some(6_500.0), 65, 65, Why::WithinTolerance),
    ];
    traced(&backlog(|_| {}), 1..=100, 1, &expected);
    let capped = [
        row(15, Some(1e9), 1, 5, Why::PolicyLimited),
        row(30, Some(1e9), 5, 8, Why::AtMax),
        row(45, Some(1e9), 8, 8, Why::AtMax),
    ];
    traced(&backlog(|_| {}), 1..=8, 1, &capped);
}

#[test]
fn a_ratio_near_one_changes_nothing() {
    // Ten replicas hold 100 each: from 900 to 1100 nothing happens.
    let expected = [
        row(15, Some(1_100.0), 10, 10, Why::WithinTolerance),
        row(30, Some(1_101.0), 10, 12, Why::Target),
        row(45, Some(1_081.0), 12, 12, Why::WithinTolerance),
        row(60, None, 12, 12, Why::MissingMetric),
        row(75, Some(f64::NAN), 12, 12, Why::MissingMetric),
    ];
    traced(&backlog(|_| {}), 1..=100, 10, &expected);
}

#[test]
fn scale_in_waits_for_the_highest_recommendation_of_five_minutes() {
    let rules = backlog(|rules| {
        rules.sync_period = 60 * SECOND;
        rules.scale_up.limits.clear();
    });
    let expected = [
        // The 10 replicas found at the start count as a recommendation until 300 s.
        row(60, Some(400.0), 10, 10, Why::Stabilized),
        row(120, Some(800.0), 10, 10, Why::Stabilized),
        row(180, Some(400.0), 10, 10, Why::Stabilized),
        row(240, Some(300.0), 10, 10, Why::Stabilized),
        // Those of 60 … 240 s are left: 4, 8, 4, 3.
        row(300, Some(0.0), 10, 8, Why::Stabilized),
        row(360, Some(0.0), 8, 8, Why::Stabilized),
        // The 8 of 120 s has gone; 4 of 180 s rules.
        row(420, Some(0.0), 8, 4, Why::Stabilized),
        row(480, Some(0.0), 4, 3, Why::Stabilized),
        row(540, Some(0.0), 3, 1, Why::AtMin),
        row(600, Some(0.0), 1, 1, Why::AtMin),
    ];
    traced(&rules, 1..=100, 10, &expected);
}

#[test]
fn scale_out_waits_for_the_lowest_of_its_window() {
    let rules = backlog(|rules| rules.scale_up.window = 30 * SECOND);
    let expected = [
        row(15, Some(500.0), 1, 1, Why::Stabilized),
        row(30, Some(300.0), 1, 3, Why::Target),
        row(45, Some(900.0), 3, 3, Why::Stabilized),
        row(60, Some(900.0), 3, 7, Why::PolicyLimited),
    ];
    traced(&rules, 1..=100, 1, &expected);
}

#[test]
fn policies_count_what_changed_within_their_period() {
    let rules = backlog(|rules| {
        rules.scale_up.limits = vec![
            SpeedLimit { amount: Amount::Pods(4), period: 60 * SECOND },
            SpeedLimit { amount: Amount::Percent(10.0), period: 60 * SECOND },
        ];
        rules.scale_down.window = 0;
        rules.scale_down.limits = vec![SpeedLimit { amount: Amount::Percent(25.0), period: 30 * SECOND }];
    });
    let expected = [
        row(15, Some(1e6), 20, 24, Why::PolicyLimited),
        // Four were added within the minute.
        row(30, Some(1e6), 24, 24, Why::PolicyLimited),
        row(45, Some(1e6), 24, 24, Why::PolicyLimited),
        row(60, Some(1e6), 24, 24, Why::PolicyLimited),
        row(75, Some(1e6), 24, 28, Why::PolicyLimited),
        // A quarter of 28 within 30 s; before that 24, the 4 added being younger than 30 s, of which 18 may stay.
        row(90, Some(0.0), 28, 18, Why::PolicyLimited),
        // Ten were removed since the 28 of a moment ago: 21 would be the least.
        row(105, Some(0.0), 18, 18, Why::PolicyLimited),
        row(120, Some(0.0), 18, 13, Why::PolicyLimited),
    ];
    traced(&rules, 1..=100, 20, &expected);
    let least = backlog(|rules| rules.scale_up.select = Select::Min);
    traced(&least, 1..=100, 1, &[row(15, Some(1e6), 1, 2, Why::PolicyLimited)]);
    let never = backlog(|rules| rules.scale_up.select = Select::Disabled);
    traced(&never, 1..=100, 1, &[row(15, Some(1e6), 1, 1, Why::PolicyLimited)]);
}

#[test]
fn replicas_that_start_damp_the_utilization_of_those_that_serve() {
    let mut controller = Controller::new(standard(0.5, Form::MeanOfReplicas), Limits { min: 1, max: 100 }, 0, 4);
    let mut at = |now: u64, metric: f64, current: u32, ready: u32| {
        let seen = Seen { now: now * SECOND, metric: Some(metric), current, ready, partitions: None };
        let decision = controller.decide(&seen);
        (decision.desired, decision.why)
    };
    // 4 × 0.9 ÷ 0.5 = 7.2.
    assert_eq!(at(15, 0.9, 4, 4), (8, Why::Target));
    // 4 of 8 serve at 0.9: 0.45 over all is within a tenth of 0.5.
    assert_eq!(at(30, 0.9, 8, 4), (8, Why::WithinTolerance));
    // 6 of 8 at 1.0 are 0.75 over all: 8 × 0.75 ÷ 0.5 = 12.
    assert_eq!(at(45, 1.0, 8, 6), (12, Why::Target));
    // Nobody serves: no metric.
    assert_eq!(at(60, 1.0, 12, 0), (12, Why::MissingMetric));
    // Scale-in looks at those that serve alone: 6 × 0.25 ÷ 0.5 = 3, held by the window.
    assert_eq!(at(75, 0.25, 12, 6), (12, Why::Stabilized));
}

#[test]
fn one_value_for_all_multiplies_those_that_serve() {
    // Age 90 s against 30 s: three times as many.
    let rules = Any::Hpa(standard(30.0, Form::Value));
    let expected = [
        row(15, Some(90.0), 3, 7, Why::PolicyLimited),
        row(30, Some(60.0), 7, 14, Why::Target),
        row(45, Some(32.0), 14, 14, Why::WithinTolerance),
    ];
    traced(&rules, 1..=100, 3, &expected);
}
