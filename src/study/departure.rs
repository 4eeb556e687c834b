//! Why a simulated value departs from its estimate: the effects that paper leaves out, each with its size here.

use super::{ComponentKind, Findings};
use crate::envelope::{Line, Load, Mmc};
use crate::scenario::{Assignment, Effect, Order, Scenario};
use crate::units::{Duration, grouped, significant};

/// Where the estimate and the value come from.
pub(super) struct Place<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) findings: &'s Findings,
    pub(super) load: Option<&'s Load>,
    /// Nothing disturbs the run.
    pub(super) steady: bool,
}

/// Closer than this nobody asks why.
const CLOSE: f64 = 0.01;
/// More reasons than this are a list, not an explanation.
const MOST: usize = 3;

/// The effects that push in the right direction; `None` where none is known, or nothing is to be explained.
pub(super) fn explain(line: &Line, seen: f64, estimate: f64, place: &Place<'_>) -> Option<String> {
    let departure = if estimate > 0.0 { seen / estimate - 1.0 } else { f64::INFINITY };
    if let Some(reason) = rare(line, estimate, place) {
        return Some(reason);
    }
    if departure.abs() < CLOSE || (seen - estimate).abs() < 1e-12 {
        return None;
    }
    let more = departure > 0.0;
    let mut reasons: Vec<String> = vec![];
    match line.law {
        "wait_mean" | "wait_p50" | "wait_p99" | "latency_mean" | "latency_p99" | "backlog_mean" => {
            reasons.extend(of_waiting(line, seen, estimate, place, more));
        }
        "peak_backlog" | "peak_backlog_hottest" | "drain" | "oldest_age" | "refused" => {
            reasons.extend(of_the_fluid(line, seen, estimate, place, more))
        }
        "cost" | "cost_total" | "requests" | "attempts" | "given_up_share" | "lease_duplicates"
        | "utilization_start" | "utilization_run" | "busy" => {
            reasons.extend(of_work(line, place, more));
        }
        _ => {}
    }
    reasons.truncate(MOST);
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// √T times the relative standard deviation of the mean backlog over a time T: of M/M/1, its server as fast as all are.
fn scatter(fleet: &Mmc) -> f64 {
    let (rho, capacity) = (fleet.utilization(), f64::from(fleet.servers) / fleet.service_s);
    (2.0 * (1.0 + rho) / (rho * capacity * (1.0 - rho).powi(2))).sqrt()
}

/// So few of them are to be expected that none need be seen.
fn rare(line: &Line, estimate: f64, place: &Place<'_>) -> Option<String> {
    if line.law != "given_up_share" {
        return None;
    }
    let published = place.findings.component(&line.component)?.total("published")?.mean;
    let expected = estimate * published * f64::from(place.findings.runs);
    (expected < 10.0).then(|| format!("too rare to tell: {} are expected in all runs", significant(expected, 2)))
}

fn of_waiting(line: &Line, seen: f64, estimate: f64, place: &Place<'_>, more: bool) -> Vec<String> {
    let mut reasons = common(place, more);
    if line.caveat.contains("an approximation") {
        reasons.push("the formula is an approximation".into());
    }
    let Some(load) = place.load else { return reasons };
    let (rate, slots) = (load.rate_at(0.0), load.slots_at(place.scenario, 0.0));
    let utilization = rate * load.work_s / slots;
    if (0.5..1.0).contains(&utilization) {
        let fleet = Mmc { rate, service_s: load.work_s, servers: (slots as u32).max(1) };
        let span = place.findings.duration_s - place.findings.warmup_s;
        let relaxation = fleet.relaxation_s();
        if !more && place.findings.warmup_s < 5.0 * relaxation && span < 200.0 * relaxation {
            reasons.push(format!(
                "it starts empty: what a moment leaves behind lasts for {} at ρ = {}",
                short(relaxation),
                significant(utilization, 3)
            ));
        }
        let scatter = scatter(&fleet) / (span * f64::from(place.findings.runs)).sqrt();
        let off = (seen / estimate - 1.0).abs();
        if off < 4.0 * scatter {
            reasons.push(format!(
                "randomness at ρ = {}: the mean of {} of {} scatters by {} %",
                significant(utilization, 3),
                if place.findings.runs == 1 { "1 run".into() } else { format!("{} runs", place.findings.runs) },
                short(span),
                significant(scatter * 100.0, 2)
            ));
        }
    }
    reasons
}

fn of_the_fluid(line: &Line, seen: f64, estimate: f64, place: &Place<'_>, more: bool) -> Vec<String> {
    let mut reasons = vec![];
    let Some(load) = place.load else { return reasons };
    let name = &load.component;
    let part = place.findings.component(name);
    let peak_at = part.and_then(|part| part.total("peak_at_s")).map_or(0.0, |stat| stat.mean);
    if line.law == "peak_backlog" {
        let in_work = load.slots_at(place.scenario, peak_at.max(1e-9));
        let arrivals = part.and_then(|part| part.total("published")).map_or(0.0, |stat| stat.mean);
        let random = arrivals.sqrt();
        if more && in_work > 0.05 * (seen - estimate) {
            reasons.push(format!("the {} in work count too", grouped(in_work, 0)));
        }
        if random > 0.2 * (seen - estimate - in_work).abs() {
            let sd = significant(random, 2);
            reasons.push(format!(
                "randomness: arrivals alone scatter by about {sd}, and a peak is the highest of many moments"
            ));
        }
    }
    if line.law == "oldest_age" && more && load.attempts.any() {
        reasons.push("a message that fails joins the end again and waits the line a second time".into());
    }
    if line.law == "drain" {
        if !more {
            reasons.push(
                "recovered is at the level of before, or what `recovered_when` says; the estimate is down to nothing"
                    .into(),
            );
        } else if load.attempts.any() {
            reasons.push("retries come back when their delays are over".into());
        }
    }
    if !more {
        let gone = |name: &str| part.and_then(|part| part.total(name)).map_or(0.0, |stat| stat.mean);
        let gone: f64 = ["dead_lettered", "dropped", "expired"].map(gone).iter().sum();
        if gone > 0.01 * estimate && line.law != "refused" {
            reasons.push(format!("{} messages were given up on the way", grouped(gone, 0)));
        }
    }
    reasons.extend(common(place, more));
    reasons
}

fn of_work(line: &Line, place: &Place<'_>, more: bool) -> Vec<String> {
    let mut reasons = common(place, more);
    let members = place.load.and_then(|load| {
        let end = place.findings.duration_s;
        let members = load.slots_in_all(place.scenario, 0.0).max(load.slots_in_all(place.scenario, end));
        load.lanes().filter(|lanes| members > *lanes).map(|lanes| (members, lanes))
    });
    if let Some((members, lanes)) = members.filter(|_| !more) {
        let (members, lanes) = (grouped(members, 0), grouped(lanes, 0));
        reasons.push(format!("{members} members count, of which {lanes} have a partition"));
    }
    let hot = place.load.is_some_and(|load| load.lanes().is_some() && !more);
    if hot {
        reasons.push("a partition that falls behind leaves work undone while other readers idle".into());
    }
    let dependency = place.findings.component(&line.component).is_some_and(|p| p.kind == ComponentKind::Dependency);
    if dependency && more {
        reasons.push("retries and hedges are calls too".into());
    }
    reasons
}

/// Effects that paper leaves out wherever they are: faults, retries, buffers, order, autoscalers.
fn common(place: &Place<'_>, more: bool) -> Vec<String> {
    let mut reasons = vec![];
    let scenario = place.scenario;
    if !place.steady {
        let errors = scenario.faults.iter().filter(|fault| {
            matches!(
                fault.effect,
                Effect::ConsumerErrors { .. }
                    | Effect::DependencyErrors { .. }
                    | Effect::DependencyDown { .. }
                    | Effect::DependencySlow { .. }
                    | Effect::ConsumerDeploy { .. }
                    | Effect::TopicPause { .. }
            )
        });
        let names: Vec<&str> = errors.map(|fault| fault.name.as_str()).collect();
        if !names.is_empty() {
            reasons.push(format!("what {} does to attempts is only roughly in the estimate", names.join(", ")));
        }
    }
    let Some(load) = place.load else { return reasons };
    let Some(consumer) = load.consumers.first().map(|&c| &scenario.consumers[c]) else { return reasons };
    let queue = load.feed.queue().map(|queue| &scenario.queues[queue]);
    let amplification = place.findings.component(&load.component).and_then(|part| part.total("work_amplification"));
    if let Some(seen) = amplification.map(|stat| stat.mean)
        && more
        && seen > load.attempts.mean() * 1.02
    {
        let planned = significant(load.attempts.mean(), 3);
        reasons.push(format!("retries: {} attempts per message rather than {planned}", significant(seen, 3)));
    }
    let copies = scenario.producers.iter().filter(|producer| producer.reply.is_some()).filter_map(|producer| {
        place.findings.component(&producer.name)?.total("publish_amplification").map(|stat| stat.mean)
    });
    if let Some(copies) = copies.reduce(f64::max).filter(|copies| more && *copies > 1.02) {
        reasons.push(format!("clients give up and publish again: {} copies per request", significant(copies, 3)));
    }
    let moves = !consumer.schedule.is_empty() || consumer.scaling.is_some() || consumer.crash.is_some();
    if more && load.lanes().is_some() && (moves || !scenario.faults.is_empty()) {
        let stops = consumer.group.as_ref().is_some_and(|group| group.assignment == Assignment::Eager);
        let word = if stops { "rebalances stop the whole group" } else { "rebalances stop the partitions that move" };
        reasons.push(format!("{word}, and what was not committed is done again"));
    }
    let lease = queue.is_some_and(|queue| queue.visibility_timeout.is_some());
    let redelivered = place.findings.component(&load.component).and_then(|part| part.total("duplicates"));
    if more && lease && redelivered.is_some_and(|stat| stat.mean > 0.5) {
        reasons.push("leases that run out: work is done twice".into());
    }
    let words = [
        (!consumer.calls.is_empty(), "calls wait at their dependency when it is busy"),
        (consumer.prefetch.is_some_and(|n| n > consumer.concurrency), "prefetched messages wait while others are idle"),
        (consumer.batch.is_some(), "batches wait to be full, or go without being full"),
        (consumer.poll.ns() > 0, "an idle consumer waits for its next poll"),
        (consumer.receive.is_some_and(|n| n > 1), "messages received together are worked on one after another"),
        (queue.is_some_and(|q| matches!(q.order, Order::Key | Order::Session)), "one key at a time holds others up"),
        (load.lanes().is_some(), "partitions are not loaded alike"),
        (consumer.scaling.is_some(), "the autoscaler sees the random backlog, not the fluid"),
        (consumer.crash.is_some(), "crashes take replicas away"),
        (queue.is_some_and(|q| q.order == Order::Lifo || q.order == Order::AdaptiveLifo), "the last come is first"),
    ];
    if more || consumer.scaling.is_some() {
        reasons.extend(words.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word.to_owned()));
    }
    reasons
}

fn short(seconds: f64) -> String {
    let step = if seconds >= 60.0 { 1.0 } else { 0.01 };
    Duration::from_seconds((seconds / step).round() * step).to_string()
}
