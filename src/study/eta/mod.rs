//! When a backlog is gone: from what waits now, with a band, and what each extra block of consumers buys.

mod incident;
mod row;

use super::{Crew, Failure, Options, Series, Stat};
use crate::envelope::{Load, fluid};
use crate::scenario::{Feed, RecoveredWhen, Scenario, Source};
use crate::units::{Duration, SECOND, significant};
pub use incident::{Incident, Waiting};
use row::Asked;

/// Which consumers are added in the table, and how many at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocks {
    /// Index into `Scenario::consumers`.
    pub consumer: usize,
    pub size: u32,
    pub count: u32,
}

/// A backlog and what paper says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct BacklogNow {
    pub component: String,
    pub messages: u64,
    /// Of the oldest.
    pub age_s: f64,
    /// Rather than guessed from the rate.
    pub age_given: bool,
    /// It is gone when no more than so many messages are unfinished; `None` where the file says when it is recovered.
    pub ordinary: Option<u64>,
    /// Messages per second that come, and that all consumers complete; `None` where paper does not know.
    pub rates: Option<(f64, f64)>,
}

/// When one backlog is gone, over the runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Gone {
    /// Seconds from now, over the runs in which it goes; `None` where it goes in none.
    pub stat: Option<Stat>,
    /// Runs in which it does not go within the horizon.
    pub never: u32,
    /// Seconds sooner than without extra consumers, run by run, over the runs in which it goes either way.
    pub saved: Option<Stat>,
    /// Backlog ÷ (what is completed − what comes), seconds; `None` where no more is completed than comes, or paper does
    /// not know.
    pub paper_s: Option<f64>,
    /// As a fluid that follows rates, schedules and the autoscaler, seconds; `None` where that has no end within 30 days, or
    /// paper does not know.
    pub fluid_s: Option<f64>,
    /// Messages per second that came and that were completed, until it was gone or the horizon.
    pub seen: (f64, f64),
    /// Until then: dead-lettered, expired, dropped, rejected, duplicates.
    pub lost: [Stat; 5],
    /// Attempts per message.
    pub amplification: Stat,
    pub backlog: Series,
}

/// What is lost on the way, as named in results.
pub const LOST: [&str; 5] = ["dead_lettered", "expired", "dropped", "rejected", "duplicates"];

/// The same incident with so many replicas more.
#[derive(Debug, Clone, PartialEq)]
pub struct EtaRow {
    pub extra: u32,
    /// In all, of the consumer that is added to; under an autoscaler what it may have.
    pub replicas: u32,
    /// Seconds that were simulated.
    pub horizon_s: f64,
    /// Backlog by backlog.
    pub gone: Vec<Gone>,
    /// What the extra replicas cost until the last backlog is gone; `None` without a price.
    pub cost: Option<Stat>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Eta {
    pub now: Vec<BacklogNow>,
    /// Where on the scenario's clock now is, where somebody said so.
    pub at_s: Option<f64>,
    /// Whose replicas the rows add to.
    pub consumer: String,
    /// They are under an autoscaler, which may have so many.
    pub scaled: bool,
    pub runs: u32,
    /// From one sample of the backlog to the next.
    pub tick_s: f64,
    /// Without extra consumers first.
    pub rows: Vec<EtaRow>,
    pub currency: Option<String>,
    pub notes: Vec<String>,
}

/// Longer than this nobody waits for an answer.
const LONGEST_S: f64 = 30.0 * 86_400.0;
/// A run with more messages than this is not made longer.
const MOST_MESSAGES: f64 = 20e6;
/// Times that a run is doubled in which the backlog did not go.
const DOUBLINGS: u32 = 2;
/// Samples of the backlog until it is gone, about.
const SAMPLES: f64 = 300.0;

impl Blocks {
    /// About a quarter of what reads the first backlog, rounded to 1, 2 or 5 times a power of ten; of several readers the
    /// one with most replicas.
    pub fn usual(scenario: &Scenario, incident: &Incident) -> Option<Blocks> {
        let component = &incident.now.first()?.component;
        let reads = |index: &usize| match incident::place(scenario, component) {
            Some(incident::Place::Queue(queue)) => scenario.consumers[*index].from == Feed::Queue(queue),
            Some(incident::Place::Group(_, consumer)) => *index == consumer,
            None => false,
        };
        let most = |index: usize| {
            let consumer = &scenario.consumers[index];
            consumer.scaling.as_ref().map_or(consumer.replicas, |scaling| scaling.limits.max)
        };
        // Of equals the first.
        let readers = (0..scenario.consumers.len()).filter(reads);
        let consumer = readers.reduce(|best, next| if most(next) > most(best) { next } else { best })?;
        let quarter = (f64::from(most(consumer)) / 4.0).max(1.0);
        let power = 10f64.powf(quarter.log10().floor());
        let size = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
        let nearest = size.into_iter().min_by(|a, b| (a - quarter).abs().total_cmp(&(b - quarter).abs()))?;
        Some(Blocks { consumer, size: nearest as u32, count: 5 })
    }
}

/// Simulates the incident as it is, and with each block of replicas more. `scenario` holds what waits already, as
/// `Incident::settings` says it. `progress` hears of each finished run, from any thread.
///
/// # Errors
/// `Failure::Engine` where a run fails its audit or stands still; `Failure::Memory` where it needs more than
/// `options.memory`; `Failure::Draws` where what is uncertain makes no scenario.
pub fn eta(
    scenario: &Scenario,
    incident: &Incident,
    blocks: &Blocks,
    options: &Options,
    progress: &(dyn Fn() + Sync),
) -> Result<Eta, Failure> {
    let base = incident.onward(scenario);
    let now: Vec<BacklogNow> = incident.now.iter().map(|one| backlog_now(&base, scenario, incident, one)).collect();
    let crew = Crew::new(if scenario.runs == 1 { Some(1) } else { options.threads })?.simulating(options.engine);
    let first = horizon(&fluid_ends(&base, &now));
    let tick = tick(first.unwrap_or_else(|| without_an_end(scenario)));
    let asked = Asked { scenario, incident, now: &now, blocks, crew: &crew, options, tick, progress };
    let mut rows: Vec<EtaRow> = vec![];
    let mut alone = None;
    for block in 0..=blocks.count {
        let mut more = base.clone();
        incident::add(&mut more, blocks.consumer, block * blocks.size);
        let fluid = fluid_ends(&more, &now);
        let paper = horizon(&fluid);
        let made =
            asked.row(block * blocks.size, paper.unwrap_or_else(|| without_an_end(scenario)), paper.is_some())?;
        let first = alone.get_or_insert_with(|| made.clone());
        rows.push(asked.sum_up(&more, &made, first, &fluid));
    }
    Ok(Eta {
        notes: notes(scenario, incident, &base, &now, &rows),
        now,
        at_s: incident.at.map(Duration::seconds),
        consumer: scenario.consumers[blocks.consumer].name.clone(),
        scaled: scenario.consumers[blocks.consumer].scaling.is_some(),
        runs: scenario.runs,
        tick_s: tick.seconds(),
        rows,
        currency: scenario.prices.currency.clone(),
    })
}

fn backlog_now(base: &Scenario, scenario: &Scenario, incident: &Incident, one: &Waiting) -> BacklogNow {
    let load = incident::load(base, &one.component);
    let says = match incident::place(scenario, &one.component) {
        Some(incident::Place::Queue(queue)) => scenario.queues[queue].recovered_when,
        Some(incident::Place::Group(stream, _)) => scenario.streams[stream].recovered_when,
        None => None,
    };
    BacklogNow {
        component: one.component.clone(),
        messages: one.messages,
        age_s: incident.age(scenario, one).seconds(),
        age_given: one.age.is_some(),
        ordinary: says.is_none().then(|| load.as_ref().map_or(1, |load| incident::ordinary(base, load))),
        rates: load.map(|load| rates(base, &load)),
    }
}

/// Messages per second in and out at time 0.
fn rates(scenario: &Scenario, load: &Load) -> (f64, f64) {
    (load.rate_at(0.0), load.slots_at(scenario, 0.0) / load.work_s)
}

/// Seconds until each backlog is gone as a fluid.
fn fluid_ends(scenario: &Scenario, now: &[BacklogNow]) -> Vec<Option<f64>> {
    let mut long = scenario.clone();
    // What needs an hour is not followed for a month.
    let lengths = [3_600.0, 6.0 * 3_600.0, 86_400.0, 7.0 * 86_400.0, LONGEST_S];
    let mut end = |one: &BacklogNow| {
        lengths.into_iter().find_map(|length| {
            long.duration = Duration::from_seconds(length);
            fluid(&long, &incident::load(&long, &one.component)?).empty_at_s
        })
    };
    now.iter().map(|one| if one.messages == 0 { Some(0.0) } else { end(one) }).collect()
}

/// Seconds to simulate until all backlogs are gone on paper, with room for chance; `None` where paper sees no end.
fn horizon(ends: &[Option<f64>]) -> Option<f64> {
    let longest = ends.iter().copied().collect::<Option<Vec<f64>>>()?.into_iter().fold(0.0, f64::max);
    Some(longest * 1.5 + 120.0)
}

/// How long a backlog is watched that does not go: as long as the scenario, within reason.
fn without_an_end(scenario: &Scenario) -> f64 {
    scenario.duration.seconds().clamp(3_600.0, 86_400.0)
}

/// A round step that gives about `SAMPLES`.
fn tick(horizon_s: f64) -> Duration {
    let least = horizon_s / SAMPLES;
    let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0];
    Duration(steps.into_iter().find(|step| *step >= least).unwrap_or(21_600.0) as u64 * SECOND)
}

fn notes(
    scenario: &Scenario,
    incident: &Incident,
    base: &Scenario,
    now: &[BacklogNow],
    rows: &[EtaRow],
) -> Vec<String> {
    let mut notes = vec![];
    let disturbed = !scenario.faults.is_empty()
        || scenario
            .producers
            .iter()
            .any(|producer| matches!(&producer.source, Source::Curve { curve, .. } if !curve.spikes.is_empty()));
    if incident.at.is_none() && disturbed {
        notes.push(
            "The rates and replicas of the scenario's start go on, without its spikes and faults; --at says where in the \
             scenario now is."
                .into(),
        );
    }
    for one in now.iter().filter(|one| !one.age_given && one.messages > 0) {
        notes.push(format!(
            "The age of the oldest message of {} is taken to be what it takes for so many to come; give it as {}={}@AGE.",
            one.component, one.component, one.messages
        ));
    }
    for (index, one) in now.iter().enumerate() {
        let gone = &rows[0].gone[index];
        if one.rates.is_none() {
            notes.push(format!("Nothing is published to {} directly, so paper knows no rate for it.", one.component));
        }
        notes.extend(kept_up(one, gone));
        if let Some(incident::Place::Group(stream, consumer)) = incident::place(base, &one.component) {
            let partitions = base.streams[stream].partitions;
            let most = rows.last().map_or(0, |row| row.replicas);
            if most > partitions && base.consumers[consumer].scaling.is_none() {
                notes.push(format!("{} has {partitions} partitions: replicas beyond read nothing.", one.component));
            }
        }
    }
    notes
}

/// Why a backlog stays that should go on paper, as far as the runs tell.
fn kept_up(one: &BacklogNow, gone: &Gone) -> Option<String> {
    let (rate, capacity) = one.rates.filter(|_| gone.never > 0 && gone.fluid_s.is_some())?;
    let ((came, done), tries) = (gone.seen, gone.amplification.mean);
    let per_s = |rate: f64| significant(rate, 3);
    let why = if came > rate * 1.1 {
        format!(
            "{}/s are published, not the {}/s of the file: clients that get no answer in time ask again, and so \
             keep up what they suffer from",
            per_s(came),
            per_s(rate)
        )
    } else if tries > 1.1 {
        format!("a message takes {} attempts", per_s(tries))
    } else {
        format!(
            "{}/s are completed, and the replicas have room for {}/s: the work is not spread over them, as with a hot \
             key or partition, or a limit holds them back",
            per_s(done),
            per_s(capacity)
        )
    };
    Some(format!(
        "{} should drain on paper and does not, in {} of the runs: {why}. `tailback run` tells causes apart by experiment.",
        one.component, gone.never
    ))
}

/// Recovery as the file says it, or when the backlog is the ordinary one.
fn recovered_when(scenario: &mut Scenario, one: &BacklogNow) {
    let Some(ordinary) = one.ordinary else { return };
    let when = Some(RecoveredWhen::BacklogAtMost(ordinary));
    // The first time counts: what waits after that is an ordinary day's.
    match incident::place(scenario, &one.component) {
        Some(incident::Place::Queue(queue)) => {
            let queue = &mut scenario.queues[queue];
            (queue.recovered_when, queue.hold) = (when, Duration::ZERO);
        }
        Some(incident::Place::Group(stream, _)) => {
            let stream = &mut scenario.streams[stream];
            (stream.recovered_when, stream.hold) = (when, Duration::ZERO);
        }
        None => {}
    }
}
