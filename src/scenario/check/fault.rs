//! Rules of faults and windows: one target, one effect that the target can suffer, inside the run.

use super::{Checker, entries};
use crate::scenario::problem::{Place, listed};
use crate::scenario::reader::Placed;
use crate::scenario::value::{Effect, Fault, Portion, Producer, Source, Window};
use crate::scenario::written::{self, Down, PortionWritten};
use std::collections::BTreeMap;

const OF_CONSUMER: &[&str] = &["error_rate", "slow", "crash", "hang", "pause"];
const OF_QUEUE: &[&str] = &["pause", "down"];
const OF_PRODUCER: &[&str] = &["times", "pause"];

/// What a fault hits: an index of its kind.
enum Hit {
    Consumer(usize),
    Queue(usize),
    Producer(usize),
}

impl Checker<'_> {
    pub(super) fn faults(&mut self, producers: &[Producer]) -> (Vec<Fault>, Vec<Window>) {
        let file = self.file;
        let mut names = BTreeMap::new();
        let mut faults = vec![];
        for (index, fault) in entries(&file.fault).enumerate() {
            let name = self.disturbance_name(fault.name.as_ref(), "fault", index, &mut names);
            self.within_run("this fault", fault.at.value, &fault.at.place);
            if let Some(effect) = self.effect(fault, producers) {
                faults.push(Fault { name, at: fault.at.value, lasts: fault.r#for.0, effect });
            }
        }
        let mut windows = vec![];
        for (index, window) in entries(&file.window).enumerate() {
            let name = self.disturbance_name(window.name.as_ref(), "window", index, &mut names);
            self.within_run("this window", window.at.value, &window.at.place);
            windows.push(Window { name, at: window.at.value, lasts: window.r#for.0 });
        }
        (faults, windows)
    }

    fn disturbance_name(
        &mut self,
        name: Option<&Placed<String>>,
        kind: &'static str,
        index: usize,
        names: &mut BTreeMap<String, &'static str>,
    ) -> String {
        let text = name.map_or_else(|| format!("{kind}-{}", index + 1), |name| name.value.clone());
        if let Some(other) = names.insert(text.clone(), kind) {
            let place = name.map_or(&Place::Default, |name| &name.place);
            self.refuse(
                place,
                format!("the name {text:?} is taken by a {other} already"),
                "give each fault and window its own name",
            );
        }
        text
    }

    fn effect(&mut self, fault: &Placed<written::Fault>, producers: &[Producer]) -> Option<Effect> {
        let hit = self.hit(fault)?;
        let given = given(fault);
        let ((key, place), rest) = match given.as_slice() {
            [] => {
                if !fault.broken {
                    self.refuse(&fault.place, "the fault does not say what happens", "add one of error_rate, slow, crash, hang, pause (consumer), pause, down (queue), times, pause (producer)");
                }
                return None;
            }
            [first, rest @ ..] => (*first, rest),
        };
        if let Some((second, place)) = rest.first() {
            self.refuse(
                place,
                format!("a fault has one effect, and this one has `{key}` and `{second}`"),
                "write a [[fault]] for each",
            );
            return None;
        }
        let (kind, effects) = match hit {
            Hit::Consumer(_) => ("consumer", OF_CONSUMER),
            Hit::Queue(_) => ("queue", OF_QUEUE),
            Hit::Producer(_) => ("producer", OF_PRODUCER),
        };
        if !effects.contains(&key) {
            self.refuse(
                place,
                format!("a {kind} has no fault `{key}`"),
                format!("it has {}", listed(effects.iter().copied())),
            );
            return None;
        }
        if let Some(pause) = &fault.pause
            && !pause.value
        {
            self.refuse(
                &pause.place,
                "`pause` = false is a fault without effect",
                "write pause = true, or leave the fault out",
            );
        }
        self.possible(hit, key, fault, place, producers)
    }

    /// The one target of a fault.
    fn hit(&mut self, fault: &Placed<written::Fault>) -> Option<Hit> {
        let targets: Vec<(&str, &Placed<String>)> =
            [("consumer", &fault.consumer), ("queue", &fault.queue), ("producer", &fault.producer)]
                .into_iter()
                .filter_map(|(kind, name)| Some((kind, name.as_ref()?)))
                .collect();
        match targets.as_slice() {
            [] => {
                if !fault.broken {
                    self.refuse(
                        &fault.place,
                        "the fault does not say what it hits",
                        "add consumer = \"…\", queue = \"…\" or producer = \"…\"",
                    );
                }
                None
            }
            [(kind, name)] => {
                let names = match *kind {
                    "consumer" => &self.names.consumers,
                    "queue" => &self.names.queues,
                    _ => &self.names.producers,
                };
                let index = self.names.one_of(names, kind, kind, name);
                let index = self.keep(index)?;
                Some(match *kind {
                    "consumer" => Hit::Consumer(index),
                    "queue" => Hit::Queue(index),
                    _ => Hit::Producer(index),
                })
            }
            [(first, _), (second, name), ..] => {
                let message = format!("a fault has one target, and this one has `{first}` and `{second}`");
                self.refuse(&name.place, message, "write a [[fault]] for each");
                None
            }
        }
    }

    fn possible(
        &mut self,
        hit: Hit,
        key: &str,
        fault: &written::Fault,
        place: &Place,
        producers: &[Producer],
    ) -> Option<Effect> {
        match hit {
            Hit::Consumer(consumer) => match key {
                "error_rate" => {
                    let error_rate = fault.error_rate.as_ref()?.value.value();
                    if error_rate == 0.0 {
                        self.refuse(
                            place,
                            "`error_rate` = 0 is a fault without effect",
                            "raise it, or leave the fault out",
                        );
                    }
                    Some(Effect::ConsumerErrors { consumer, error_rate })
                }
                "slow" => Some(Effect::ConsumerSlow { consumer, factor: fault.slow.as_ref()?.value.0 }),
                "crash" => Some(Effect::ConsumerCrash { consumer, replicas: portion(fault.crash.as_ref()?) }),
                "hang" => Some(Effect::ConsumerHang { consumer, replicas: portion(fault.hang.as_ref()?) }),
                _ => Some(Effect::ConsumerPause { consumer }),
            },
            Hit::Queue(queue) => match &fault.down {
                Some(down) => Some(Effect::QueueDown { queue, silent: down.value == Down::Blackhole }),
                None => Some(Effect::QueuePause { queue }),
            },
            Hit::Producer(producer) => {
                let name = &self.names.producers[producer];
                let source = producers.iter().find(|other| other.name == *name).map(|other| &other.source);
                if let Some(Source::Messages(_) | Source::Mmpp(_) | Source::Clients { .. }) = source {
                    let message = format!(
                        "`{key}` changes a rate over time, and producer `{name}` has none: it publishes by itself (messages, mmpp or clients)"
                    );
                    self.refuse(
                        place,
                        message,
                        "give the producer a `rate`, or break the queue or the consumer instead",
                    );
                }
                match &fault.times {
                    Some(times) => Some(Effect::ProducerTimes { producer, factor: times.value.0 }),
                    None => Some(Effect::ProducerPause { producer }),
                }
            }
        }
    }
}

/// The effects that were written, with their places.
fn given(fault: &written::Fault) -> Vec<(&'static str, &Place)> {
    let mut given: Vec<(&'static str, &Place)> = vec![];
    given.extend(fault.error_rate.as_ref().map(|value| ("error_rate", &value.place)));
    given.extend(fault.slow.as_ref().map(|value| ("slow", &value.place)));
    given.extend(fault.down.as_ref().map(|value| ("down", &value.place)));
    given.extend(fault.crash.as_ref().map(|value| ("crash", &value.place)));
    given.extend(fault.hang.as_ref().map(|value| ("hang", &value.place)));
    given.extend(fault.pause.as_ref().map(|value| ("pause", &value.place)));
    given.extend(fault.times.as_ref().map(|value| ("times", &value.place)));
    given
}

fn portion(portion: &Placed<PortionWritten>) -> Portion {
    match portion.value {
        PortionWritten::Count(count) => Portion::Count(count),
        PortionWritten::Share(share) => Portion::Share(share),
    }
}
