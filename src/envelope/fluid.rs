//! The backlog as a fluid: what flows in faster than it can flow out stays, as far as there is room for it, and drains
//! at the difference. Ramps are followed exactly; an autoscaler decides on the fluid by its own rules and its own clock.

use super::capacity;
use super::scaled::Fleet;
use super::{Load, capacity::scheduled};
use crate::scenario::{Feed, Scenario};

/// The course of the fluid: its highest level, until when it stood there, and when it was gone again.
#[derive(Debug, Clone, PartialEq)]
pub struct Fluid {
    pub peak: f64,
    pub peak_at_s: f64,
    /// First instant from which something waits, before the peak.
    pub starts_at_s: Option<f64>,
    /// First instant after the peak at which nothing is left; `None` where that does not happen within the run.
    pub empty_at_s: Option<f64>,
    /// What is left at the end of the run.
    pub left: f64,
    /// ∫ level dt, message-seconds.
    pub area: f64,
    /// Messages per second in and out just before the peak (infinite where a herd made it) and just after it.
    pub at_peak: (f64, f64),
    pub after_peak: (f64, f64),
    /// Room for it, when it was used up first.
    pub full_at_s: Option<f64>,
    /// Messages that found no room.
    pub refused: f64,
    /// How long what comes out next has waited, at the worst, and when.
    pub oldest_s: f64,
    pub oldest_at_s: f64,
    /// First instant at which the oldest is as old as the time to live or the retention allows.
    pub aged_at_s: Option<f64>,
    /// Messages that went out, and ∫ slots dt: what the consumers had, in slot-seconds. Both after warm-up.
    pub done: f64,
    pub slot_seconds: f64,
    /// Messages that went out, and those of them that had to wait, over the whole run.
    pub through: f64,
    pub delayed: f64,
    /// ∫ slots dt and ∫ replicas dt over the whole run, replicas that start up counted too.
    pub all_slot_seconds: f64,
    pub all_replica_seconds: f64,
    /// What goes out, from the start of the run to its end.
    pub outflow: Vec<Outflow>,
}

/// From `start` to `end` (seconds) the rate runs in a straight line between the two (per second).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outflow {
    pub start: f64,
    pub end: f64,
    pub rates: (f64, f64),
}

impl Fluid {
    fn new(level: f64) -> Fluid {
        Fluid {
            peak: level,
            peak_at_s: 0.0,
            starts_at_s: (level > 0.0).then_some(0.0),
            empty_at_s: None,
            left: level,
            area: 0.0,
            at_peak: (0.0, 0.0),
            after_peak: (0.0, 0.0),
            full_at_s: None,
            refused: 0.0,
            oldest_s: 0.0,
            oldest_at_s: 0.0,
            aged_at_s: None,
            done: 0.0,
            slot_seconds: 0.0,
            through: 0.0,
            delayed: 0.0,
            all_slot_seconds: 0.0,
            all_replica_seconds: 0.0,
            outflow: vec![],
        }
    }

    /// Of all messages that went out.
    pub fn waited_share(&self) -> f64 {
        if self.through > 0.0 { (self.delayed / self.through).min(1.0) } else { 0.0 }
    }
}

/// What fits: the queue's capacity, which counts ready messages, and those in work.
pub(super) fn room(scenario: &Scenario, load: &Load, slots: f64) -> f64 {
    load.capacity(scenario).map_or(f64::INFINITY, |ready| ready as f64 + slots)
}

/// The oldest that a message may become while it waits; infinite without such a bound.
pub(super) fn oldest_allowed_s(scenario: &Scenario, load: &Load) -> f64 {
    let bound = match load.feed {
        Feed::Queue(queue) => scenario.queues[queue].ttl.as_ref().map(|ttl| ttl.mean()),
        Feed::Stream(stream) => scenario.streams[stream].retention.map(|retention| retention.seconds()),
    };
    bound.unwrap_or(f64::INFINITY)
}

/// Messages per second that the broker takes.
pub(super) fn publish_limit(scenario: &Scenario, load: &Load) -> f64 {
    let limit = match load.feed {
        Feed::Queue(queue) => scenario.queues[queue].traits.publish_limit,
        Feed::Stream(stream) => scenario.streams[stream].publish_limit,
    };
    limit.unwrap_or(f64::INFINITY)
}

/// A stretch on which the rate in is a line and the rate out is level.
struct Piece {
    start: f64,
    end: f64,
    /// Messages per second at the start and at the end.
    inflow: (f64, f64),
    out: f64,
    slots: f64,
    /// That are paid for.
    replicas: f64,
}

/// Follows the level through the run.
struct Course<'s> {
    scenario: &'s Scenario,
    load: &'s Load,
    fluid: Fluid,
    level: f64,
    /// (time, messages in so far): a line in between. Before time 0 stands what waited at the beginning.
    arrived: Vec<(f64, f64)>,
    /// Where in `arrived` the head of the queue came in.
    head: usize,
    gone: f64,
    /// When an age was looked at last, and what it was.
    last_age: (f64, f64),
    allowed_s: f64,
    warmup_s: f64,
}

/// Integrates d(level)/dt = λ(t) − c(t)/E\[S\], never below 0 nor above what the queue has room for.
pub fn fluid(scenario: &Scenario, load: &Load) -> Fluid {
    let mut fleet = Fleet::new(scenario, load);
    let level = load.initial(scenario);
    let age = initial_age_s(scenario, load);
    let mut course = Course {
        scenario,
        load,
        fluid: Fluid::new(level),
        level,
        arrived: vec![(-age, 0.0), (0.0, level)],
        head: 0,
        gone: 0.0,
        last_age: (0.0, 0.0),
        allowed_s: oldest_allowed_s(scenario, load),
        warmup_s: scenario.warmup.seconds(),
    };
    let breaks = load.breaks(scenario);
    let publish_limit = publish_limit(scenario, load);
    for pair in breaks.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        // The rate may jump at either end, so it is read inside; on a piece it is a line.
        let width = end - start;
        let (a, b) = (load.flow_at(start + width * 0.25), load.flow_at(start + width * 0.75));
        course.herd(start, load.herd_at(start));
        let rate = |t: f64| (a + (b - a) * ((t - start) / width * 2.0 - 0.5)).clamp(0.0, publish_limit);
        let mut from = start;
        while from < end {
            let to = fleet.next_at(from).min(end);
            let middle = f64::midpoint(from, to);
            let inside = middle.max(1e-9);
            let (out, slots, replicas) = match fleet.is_scaled() {
                true => (capacity::per_second(scenario, load, middle, &fleet.serving()), fleet.slots(), fleet.called()),
                false => (
                    scheduled(scenario, load, middle),
                    load.slots_at(scenario, inside),
                    load.replicas_at(scenario, inside),
                ),
            };
            course.follow(Piece { start: from, end: to, inflow: (rate(from), rate(to)), out, slots, replicas });
            fleet.look(to, rate(to), out, course.level, course.oldest_at(to));
            from = to;
        }
    }
    course.fluid.left = course.level;
    course.fluid
}

fn initial_age_s(scenario: &Scenario, load: &Load) -> f64 {
    let initial = match load.feed {
        Feed::Queue(queue) => scenario.queues[queue].initial,
        Feed::Stream(stream) => scenario.streams[stream].initial,
    };
    initial.map_or(0.0, |initial| initial.age.seconds())
}

impl Course<'_> {
    /// So many come at once.
    fn herd(&mut self, at: f64, count: f64) {
        if count <= 0.0 {
            return;
        }
        self.level += count;
        self.arrived.push((at, self.arrived.last().map_or(0.0, |last| last.1) + count));
        self.fluid.starts_at_s = self.fluid.starts_at_s.or(Some(at));
        if self.level >= self.fluid.peak {
            (self.fluid.peak, self.fluid.peak_at_s, self.fluid.empty_at_s) = (self.level, at, None);
            self.fluid.at_peak = (f64::INFINITY, 0.0);
        }
    }

    /// Cut where the level turns, so that it is monotone on each part.
    fn follow(&mut self, piece: Piece) {
        let net = (piece.inflow.0 - piece.out, piece.inflow.1 - piece.out);
        if net.0 * net.1 < 0.0 {
            let share = net.0 / (net.0 - net.1);
            let turn = piece.start + (piece.end - piece.start) * share;
            if turn > piece.start && turn < piece.end {
                let level = piece.out;
                let first = Piece { end: turn, inflow: (piece.inflow.0, level), ..piece };
                let second = Piece { start: turn, inflow: (level, piece.inflow.1), ..piece };
                self.monotone(&first);
                return self.monotone(&second);
            }
        }
        self.monotone(&piece);
    }

    fn monotone(&mut self, piece: &Piece) {
        let span = piece.end - piece.start;
        if span <= 0.0 {
            return;
        }
        let net = (piece.inflow.0 - piece.out, piece.inflow.1 - piece.out);
        let room = room(self.scenario, self.load, piece.slots);
        let before = self.level;
        let free = before + f64::midpoint(net.0, net.1) * span;
        // Where a bound is met, the level stays there for the rest of the piece.
        let bound = if free < 0.0 { 0.0 } else { room.max(before.min(free)) };
        let met = if free < 0.0 || free > bound { reach(before, net, span, bound) } else { span };
        self.level = if met < span { bound } else { free.max(0.0) };
        let came = f64::midpoint(piece.inflow.0, piece.inflow.1) * span;
        let refused = if free > bound { free - bound } else { 0.0 };
        let went = (before + came - refused - self.level).max(0.0);
        self.note(piece, before, met, bound, refused);
        self.arrived.push((piece.end, self.arrived.last().map_or(0.0, |last| last.1) + came - refused));
        let gone_before = self.gone;
        self.gone += went;
        self.age(piece, gone_before);
        let counted = ((piece.end - self.warmup_s) / span).clamp(0.0, 1.0);
        self.fluid.done += went * counted;
        self.fluid.slot_seconds += piece.slots * span * counted;
        self.fluid.through += went;
        self.fluid.all_slot_seconds += piece.slots * span;
        self.fluid.all_replica_seconds += piece.replicas * span;
    }

    fn note(&mut self, piece: &Piece, before: f64, met: f64, bound: f64, refused: f64) {
        let (fluid, level) = (&mut self.fluid, self.level);
        let net = (piece.inflow.0 - piece.out, piece.inflow.1 - piece.out);
        let slope = (net.1 - net.0) / (piece.end - piece.start);
        fluid.area += before * met + net.0 * met * met / 2.0 + slope * met.powi(3) / 6.0;
        fluid.area += bound.min(level) * (piece.end - piece.start - met);
        fluid.refused += refused;
        if refused > 1e-9 && fluid.full_at_s.is_none() {
            fluid.full_at_s = Some(piece.start + met);
        }
        if before <= 0.0 && level > 0.0 && fluid.starts_at_s.is_none() {
            fluid.starts_at_s = Some(piece.start);
        }
        if before > 0.0 && level <= 0.0 && fluid.empty_at_s.is_none() {
            fluid.empty_at_s = Some(piece.start + met);
        }
        if fluid.peak_at_s == piece.start {
            fluid.after_peak = (piece.inflow.0, piece.out);
        }
        if before > 0.0 || net.0 > 0.0 || level > 0.0 {
            fluid.delayed += piece.out * if bound > 0.0 { piece.end - piece.start } else { met };
        }
        fluid.outflow.push(Outflow {
            start: piece.start,
            end: piece.start + met,
            rates: if before > 0.0 || net.0 > 0.0 { (piece.out, piece.out) } else { piece.inflow },
        });
        if met < piece.end - piece.start {
            // At the floor what comes in goes out; at the ceiling as much as can be done.
            let rest = if bound > 0.0 { (piece.out, piece.out) } else { piece.inflow };
            fluid.outflow.push(Outflow { start: piece.start + met, end: piece.end, rates: rest });
        }
        if level > 0.0 && level >= fluid.peak {
            fluid.peak = level;
            fluid.peak_at_s = piece.end;
            fluid.empty_at_s = None;
            fluid.at_peak = (piece.inflow.1, piece.out);
            fluid.after_peak = fluid.at_peak;
        }
    }

    /// How long the next message out has waited. The worst lies where the arrivals bend, when that bend comes out.
    fn age(&mut self, piece: &Piece, gone_before: f64) {
        while let Some(&(came_at, count)) = self.arrived.get(self.head + 1).filter(|next| next.1 <= self.gone) {
            self.head += 1;
            let out_at = piece.start + (count - gone_before).max(0.0) / piece.out.max(1e-12);
            if out_at <= piece.end && out_at > came_at {
                self.seen(out_at, out_at - came_at);
            }
        }
        let age = self.oldest_at(piece.end);
        self.seen(piece.end, age);
    }

    fn seen(&mut self, at: f64, age: f64) {
        if age > self.fluid.oldest_s {
            (self.fluid.oldest_s, self.fluid.oldest_at_s) = (age, at);
        }
        let (before_at, before) = std::mem::replace(&mut self.last_age, (at, age));
        if age >= self.allowed_s && self.fluid.aged_at_s.is_none() {
            let share = if age > before { ((self.allowed_s - before) / (age - before)).clamp(0.0, 1.0) } else { 1.0 };
            self.fluid.aged_at_s = Some(before_at + (at - before_at) * share);
        }
    }

    /// Seconds since the head of the queue came in.
    fn oldest_at(&self, now: f64) -> f64 {
        if self.level <= 1e-9 {
            return 0.0;
        }
        let (from, count) = self.arrived[self.head];
        let Some(&(to, next)) = self.arrived.get(self.head + 1) else { return 0.0 };
        let share = if next > count { ((self.gone - count) / (next - count)).clamp(0.0, 1.0) } else { 0.0 };
        now - (from + (to - from) * share)
    }
}

/// When a level that starts at `before` and moves at a rate from `net.0` to `net.1` over `span` is at `bound`.
fn reach(before: f64, net: (f64, f64), span: f64, bound: f64) -> f64 {
    let (a, b, c) = ((net.1 - net.0) / (2.0 * span), net.0, before - bound);
    if c == 0.0 {
        return 0.0;
    }
    // The root of a·t² + b·t + c in the form that does not cancel.
    let root = (b * b - 4.0 * a * c).max(0.0).sqrt();
    let sum = if b >= 0.0 { b + root } else { b - root };
    let roots = [-2.0 * c / sum, if a == 0.0 { f64::NAN } else { -sum / (2.0 * a) }];
    let within = roots.into_iter().filter(|t| (-1e-9..=span * (1.0 + 1e-9)).contains(t));
    within.fold(span, f64::min).max(0.0)
}
