//! A scenario as it stands in the middle of an incident: what waits now, and what goes on from here.

use crate::arrivals::RateCurve;
use crate::envelope::{Load, Mmc, load_of, load_of_group};
use crate::policy::scaling::Rules;
use crate::scenario::{Effect, Fault, Feed, Scenario, Source, Start, nearest};
use crate::units::{Duration, Nanos};

/// What waits in one queue, or for one group of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// QUEUE, or STREAM/CONSUMER.
    pub component: String,
    pub messages: u64,
    /// Of the oldest; `None` where nobody said.
    pub age: Option<Duration>,
}

/// What is known of an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    pub now: Vec<Waiting>,
    /// Where on the scenario's clock now is. `None`: on no day in particular: the rates and replicas of its start go on.
    pub at: Option<Duration>,
}

/// Where a component's messages wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Queue(usize),
    /// Stream and consumer.
    Group(usize, usize),
}

pub(super) fn place(scenario: &Scenario, component: &str) -> Option<Place> {
    if let Some(queue) = scenario.queues.iter().position(|queue| queue.name == component) {
        return Some(Place::Queue(queue));
    }
    scenario.consumers.iter().enumerate().find_map(|(index, consumer)| match consumer.from {
        Feed::Stream(stream) => {
            let name = format!("{}/{}", scenario.streams[stream].name, consumer.name);
            (name == component).then_some(Place::Group(stream, index))
        }
        Feed::Queue(_) => None,
    })
}

/// What paper knows of the component's arrivals and consumers.
pub(super) fn load(scenario: &Scenario, component: &str) -> Option<Load> {
    match place(scenario, component)? {
        Place::Queue(queue) => load_of(scenario, queue),
        Place::Group(_, consumer) => load_of_group(scenario, consumer),
    }
}

/// Everything that a backlog can be given for.
fn components(scenario: &Scenario) -> Vec<String> {
    let groups = scenario.consumers.iter().filter_map(|consumer| match consumer.from {
        Feed::Stream(stream) => Some(format!("{}/{}", scenario.streams[stream].name, consumer.name)),
        Feed::Queue(_) => None,
    });
    scenario.queues.iter().map(|queue| queue.name.clone()).chain(groups).collect()
}

impl Incident {
    /// What is wrong with it for this scenario, a sentence each.
    pub fn problems(&self, scenario: &Scenario) -> Vec<String> {
        let mut problems = vec![];
        let known = components(scenario);
        for (index, one) in self.now.iter().enumerate() {
            let name = &one.component;
            let Some(place) = place(scenario, name) else {
                let names = known.iter().map(String::as_str);
                problems.push(match nearest(name, names) {
                    Some(near) => format!("--now {name}: nothing of this name holds messages; did you mean {near}?"),
                    None => format!("--now {name}: nothing of this name holds messages; there is {}", known.join(", ")),
                });
                continue;
            };
            if self.now[..index].iter().any(|other| other.component == *name) {
                problems.push(format!("--now {name} is given twice; say once how much waits there"));
            }
            if let Place::Queue(queue) = place
                && let Some(capacity) = scenario.queues[queue].capacity.filter(|capacity| *capacity < one.messages)
            {
                problems.push(format!(
                    "--now {name}: its capacity is {capacity}, so {} messages cannot wait there; raise it with --set \
                     queue.{name}.capacity={}",
                    one.messages, one.messages
                ));
            }
        }
        if let Some(at) = self.at.filter(|at| at.ns() >= scenario.end()) {
            problems.push(format!("--at {at} is beyond the end of the scenario, which lasts {}", scenario.duration));
        }
        problems
    }

    /// Age of the oldest message: as given, else as old as it takes for so many to come, as in a line that is served in
    /// order.
    pub(super) fn age(&self, scenario: &Scenario, one: &Waiting) -> Duration {
        let rate = load(&self.onward(scenario), &one.component).map_or(0.0, |load| load.rate_at(0.0));
        one.age.unwrap_or_else(|| {
            // A guess of more than 30 days says more about the rate than about the backlog.
            let guess = if rate > 0.0 { one.messages as f64 / rate } else { 0.0 };
            Duration::from_seconds(guess.min(2_592_000.0))
        })
    }

    /// What waits, as settings of the file: `(path, value)` as for `--set`. To be called once `problems` has none.
    pub fn settings(&self, scenario: &Scenario) -> Vec<(String, String)> {
        let mut settings = vec![];
        for one in &self.now {
            let age = self.age(scenario, one);
            let initial = |messages: u64, age: Duration| format!("{{ messages = {messages}, age = \"{age}\" }}");
            match place(scenario, &one.component) {
                Some(Place::Queue(_)) => {
                    settings.push((format!("queue.{}.initial", one.component), initial(one.messages, age)));
                }
                Some(Place::Group(stream, consumer)) => {
                    let (stream, name) = (&scenario.streams[stream].name, &scenario.consumers[consumer].name);
                    let path = format!("stream.{stream}.initial");
                    settings.push((format!("consumer.{name}.start"), format!("{{ lag = {} }}", one.messages)));
                    // One log for all groups: it is as long as the longest lag.
                    let others = self.now.iter().filter(|other| other.component.starts_with(&format!("{stream}/")));
                    let longest = others.clone().map(|other| other.messages).max().unwrap_or(one.messages);
                    let oldest = others.map(|other| self.age(scenario, other)).max().unwrap_or(age);
                    settings.retain(|(other, _)| *other != path);
                    settings.push((path, initial(longest, oldest)));
                }
                None => {}
            }
        }
        settings
    }

    /// The scenario from now on: its clock set back by `at`, or without its disturbances.
    pub(super) fn onward(&self, scenario: &Scenario) -> Scenario {
        let mut onward = scenario.clone();
        match self.at {
            Some(at) => later(&mut onward, at),
            None => undisturbed(&mut onward),
        }
        // Groups that nobody named are up to date.
        for consumer in &mut onward.consumers {
            let Feed::Stream(stream) = consumer.from else { continue };
            let (stream, name) = (&scenario.streams[stream].name, &consumer.name);
            let named = |prefix: &str| self.now.iter().any(|one| one.component.starts_with(prefix));
            if named(&format!("{stream}/"))
                && !named(&format!("{stream}/{name}"))
                && let Some(group) = &mut consumer.group
            {
                group.start = Start::Latest;
            }
        }
        onward.warmup = Duration::ZERO;
        onward.slos.clear();
        onward
    }
}

/// What the scenario starts with goes on: no spikes, stages, waves, faults, schedules.
fn undisturbed(scenario: &mut Scenario) {
    for producer in &mut scenario.producers {
        if let Source::Curve { curve, .. } = &mut producer.source {
            curve.spikes.clear();
            *curve = RateCurve::constant(curve.rate_at(0.0));
        }
    }
    scenario.faults.clear();
    scenario.windows.clear();
    scenario.consumers.iter_mut().for_each(|consumer| consumer.schedule.clear());
    scenario.queues.iter_mut().for_each(|queue| queue.redrive = None);
}

/// The clock set back by `by`: what is over is gone, what is going on began at 0.
fn later(scenario: &mut Scenario, by: Duration) {
    let ago = by.ns();
    for producer in &mut scenario.producers {
        match &mut producer.source {
            Source::Curve { curve, .. } => *curve = curve.later(by.seconds()),
            Source::Messages(rows) => {
                rows.retain(|row| row.at >= ago);
                rows.iter_mut().for_each(|row| row.at -= ago);
            }
            Source::Mmpp(_) | Source::Clients { .. } => {}
        }
        if let Some(cron) = &mut producer.cron {
            let (at, every) = (cron.at.ns(), cron.every.ns().max(1));
            cron.at = Duration(if at >= ago { at - ago } else { (every - (ago - at) % every) % every });
        }
    }
    for consumer in &mut scenario.consumers {
        let passed = consumer.schedule.iter().rev().find(|(at, _)| at.ns() <= ago).map(|(_, replicas)| *replicas);
        consumer.replicas = passed.unwrap_or(consumer.replicas);
        consumer.schedule.retain(|(at, _)| at.ns() > ago);
        consumer.schedule.iter_mut().for_each(|(at, _)| at.0 -= ago);
        if let Some(Rules::Schedule(rules)) = consumer.scaling.as_mut().map(|scaling| &mut scaling.rules) {
            let at = rules.every.map_or(ago, |every| ago % every);
            let (passed, left): (Vec<_>, Vec<_>) = rules.steps.iter().partition(|(step, _)| *step <= at);
            consumer.replicas = passed.last().map_or(consumer.replicas, |(_, replicas)| *replicas);
            // Of a schedule that comes again, what has passed comes at the end of this round.
            let again = rules.every.map(|every| passed.into_iter().map(move |(step, n)| (step + every - at, n)));
            rules.steps = left.into_iter().map(|(step, n)| (step - at, n)).chain(again.into_iter().flatten()).collect();
        }
    }
    for queue in &mut scenario.queues {
        queue.redrive = queue.redrive.filter(|redrive| redrive.at.ns() >= ago);
        if let Some(redrive) = &mut queue.redrive {
            redrive.at.0 -= ago;
        }
    }
    scenario.faults.retain(|fault| ends(fault) > ago && !is_over(fault, ago));
    for fault in &mut scenario.faults {
        let end = ends(fault);
        fault.at = Duration(fault.at.ns().saturating_sub(ago));
        fault.lasts = Duration(end - ago - fault.at.ns());
    }
    scenario.windows.clear();
}

fn ends(fault: &Fault) -> Nanos {
    fault.at.ns() + fault.lasts.ns()
}

/// A rolling restart that has begun goes on by itself; it cannot be joined half-way, so it counts as over.
fn is_over(fault: &Fault, ago: Nanos) -> bool {
    matches!(fault.effect, Effect::ConsumerDeploy { .. }) && fault.at.ns() < ago
}

/// So many replicas more of a consumer; of one under an autoscaler both of its bounds, too.
pub(super) fn add(scenario: &mut Scenario, consumer: usize, extra: u32) {
    let consumer = &mut scenario.consumers[consumer];
    consumer.replicas += extra;
    consumer.schedule.iter_mut().for_each(|(_, replicas)| *replicas += extra);
    if let Some(scaling) = &mut consumer.scaling {
        scaling.limits.min += extra;
        scaling.limits.max += extra;
        if let Rules::Schedule(rules) = &mut scaling.rules {
            rules.steps.iter_mut().for_each(|(_, replicas)| *replicas += extra);
        }
        // They are there when they are asked for, not only once nodes stand.
        scaling.headroom += extra;
    }
}

/// Unfinished messages in ordinary operation, and a little more: what is in work, waits by chance, or waits for a retry.
pub(super) fn ordinary(scenario: &Scenario, load: &Load) -> u64 {
    let (rate, slots) = (load.rate_at(0.0), load.slots_at(scenario, 1e-3));
    let offered = rate * load.work_s;
    let line = Mmc { rate, service_s: load.work_s, servers: slots.max(1.0) as u32 };
    let waiting = if slots > offered { rate * line.mean_wait_s() } else { 0.0 };
    let delays = load.consumers.first().map_or(0.0, |&c| {
        let consumer = &scenario.consumers[c];
        let backoff = consumer.retry.as_ref().map_or(0.0, |retry| retry.backoff.backoff.mean());
        let fill = consumer.batch.as_ref().map_or(0.0, |batch| batch.wait.seconds());
        rate * (consumer.failure * backoff + fill)
    });
    let mean = offered.min(slots.max(1.0)) + waiting + delays;
    (mean + 3.0 * mean.sqrt()).ceil().max(1.0) as u64
}
