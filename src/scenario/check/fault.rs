//! Rules of faults and windows: one target, one effect that the target can suffer, inside the run.

use super::scaling::most_replicas;
use super::{Checker, entries};
use crate::scenario::problem::{Place, listed};
use crate::scenario::reader::Placed;
use crate::scenario::value::{Consumer, Effect, Fault, Portion, Producer, Source, Window};
use crate::scenario::written::{self, Down, PortionWritten};
use std::collections::BTreeMap;

const OF_CONSUMER: &[&str] = &["error_rate", "slow", "crash", "hang", "pause", "deploy"];
const OF_QUEUE: &[&str] = &["pause", "down"];
const OF_DEPENDENCY: &[&str] = &["error_rate", "slow", "down"];
const OF_PRODUCER: &[&str] = &["times", "pause"];

/// What a fault hits: an index of its kind.
enum Hit {
    Consumer(usize),
    Queue(usize),
    Stream(usize),
    Topic(usize),
    Dependency(usize),
    Producer(usize),
}

impl Checker<'_> {
    pub(super) fn faults(&mut self, producers: &[Producer], consumers: &[Consumer]) -> (Vec<Fault>, Vec<Window>) {
        let file = self.file;
        let mut names = BTreeMap::new();
        let mut faults = vec![];
        for (index, fault) in entries(&file.fault).enumerate() {
            let name = self.disturbance_name(fault.name.as_ref(), "fault", index, &mut names);
            self.within_run("this fault", fault.at.value, &fault.at.place);
            if let Some(effect) = self.effect(fault, producers) {
                let lasts = self.lasts(&name, fault, effect, consumers);
                let partitions = self.fault_partitions(fault);
                faults.extend(lasts.map(|lasts| Fault { name, at: fault.at.value, lasts, effect, partitions }));
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
                    let way_out = "add one of error_rate, slow, crash, hang, pause, deploy for a consumer; pause, down for a \
                                   queue, stream or topic; error_rate, slow, down for a dependency; times, pause for a producer";
                    self.refuse(&fault.place, "the fault does not say what happens", way_out);
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
            Hit::Stream(_) => ("stream", OF_QUEUE),
            Hit::Topic(_) => ("topic", OF_QUEUE),
            Hit::Dependency(_) => ("dependency", OF_DEPENDENCY),
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
        let targets: Vec<(&str, &Placed<String>)> = [
            ("consumer", &fault.consumer),
            ("queue", &fault.queue),
            ("stream", &fault.stream),
            ("topic", &fault.topic),
            ("dependency", &fault.dependency),
            ("producer", &fault.producer),
        ]
        .into_iter()
        .filter_map(|(kind, name)| Some((kind, name.as_ref()?)))
        .collect();
        match targets.as_slice() {
            [] => {
                if !fault.broken {
                    self.refuse(
                        &fault.place,
                        "the fault does not say what it hits",
                        "add consumer, queue, stream, topic, dependency or producer = \"…\"",
                    );
                }
                None
            }
            [(kind, name)] => {
                let names = match *kind {
                    "consumer" => &self.names.consumers,
                    "queue" => &self.names.queues,
                    "stream" => &self.names.streams,
                    "topic" => &self.names.topics,
                    "dependency" => &self.names.dependencies,
                    _ => &self.names.producers,
                };
                // The workers of a task queue go by its name, too.
                let workers = Placed { value: format!("{}-workers", name.value), place: name.place.clone() };
                let tasks = *kind == "consumer" && name.contains('/') && names.contains(&workers.value);
                let name = if tasks { &workers } else { name };
                let index = self.names.one_of(names, kind, kind, name);
                let index = self.keep(index)?;
                Some(match *kind {
                    "consumer" => Hit::Consumer(index),
                    "queue" => Hit::Queue(index),
                    "stream" => Hit::Stream(index),
                    "topic" => Hit::Topic(index),
                    "dependency" => Hit::Dependency(index),
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
            Hit::Consumer(consumer) => self.consumer_effect(consumer, key, fault, place),
            Hit::Queue(queue) => match &fault.down {
                Some(down) => Some(Effect::QueueDown { queue, silent: down.value == Down::Blackhole }),
                None => Some(Effect::QueuePause { queue }),
            },
            Hit::Stream(stream) => match &fault.down {
                Some(down) => Some(Effect::StreamDown { stream, silent: down.value == Down::Blackhole }),
                None => Some(Effect::StreamPause { stream }),
            },
            Hit::Topic(topic) => match &fault.down {
                Some(down) => Some(Effect::TopicDown { topic, silent: down.value == Down::Blackhole }),
                None => Some(Effect::TopicPause { topic }),
            },
            Hit::Dependency(dependency) => self.dependency_effect(dependency, key, fault, place),
            Hit::Producer(producer) => {
                let name = &self.names.producers[producer];
                let source = producers.iter().find(|other| other.name == *name).map(|other| &other.source);
                let by_itself = match source {
                    // A recording without rows could not be read, which is noted already.
                    Some(Source::Messages(rows)) => !rows.is_empty(),
                    Some(Source::Mmpp(_)) => true,
                    _ => false,
                };
                if by_itself {
                    let message = format!(
                        "`{key}` changes a rate over time, and producer `{name}` has none: its messages or mmpp say \
                         by themselves when it publishes"
                    );
                    let way_out = "give the producer a `rate`, or break the queue or the consumer instead";
                    self.refuse(place, message, way_out);
                }
                match &fault.times {
                    Some(times) => Some(Effect::ProducerTimes { producer, factor: times.value.0 }),
                    None => Some(Effect::ProducerPause { producer }),
                }
            }
        }
    }

    fn consumer_effect(&mut self, consumer: usize, key: &str, fault: &written::Fault, place: &Place) -> Option<Effect> {
        match key {
            "error_rate" => Some(Effect::ConsumerErrors { consumer, error_rate: self.error_rate(fault, place)? }),
            "slow" => Some(Effect::ConsumerSlow { consumer, factor: fault.slow.as_ref()?.value.0 }),
            "crash" => {
                let replicas = self.portion(consumer, key, fault.crash.as_ref()?);
                Some(Effect::ConsumerCrash { consumer, replicas })
            }
            "hang" => {
                let replicas = self.portion(consumer, key, fault.hang.as_ref()?);
                Some(Effect::ConsumerHang { consumer, replicas })
            }
            "deploy" => Some(self.deploy(consumer, fault.deploy.as_ref()?)),
            _ => Some(Effect::ConsumerPause { consumer }),
        }
    }

    fn dependency_effect(
        &mut self,
        dependency: usize,
        key: &str,
        fault: &written::Fault,
        place: &Place,
    ) -> Option<Effect> {
        match key {
            "error_rate" => Some(Effect::DependencyErrors { dependency, error_rate: self.error_rate(fault, place)? }),
            "slow" => Some(Effect::DependencySlow { dependency, factor: fault.slow.as_ref()?.value.0 }),
            _ => Some(Effect::DependencyDown { dependency, silent: fault.down.as_ref()?.value == Down::Blackhole }),
        }
    }

    fn error_rate(&mut self, fault: &written::Fault, place: &Place) -> Option<f64> {
        let error_rate = fault.error_rate.as_ref()?.value.value();
        if error_rate == 0.0 {
            self.refuse(place, "`error_rate` = 0 is a fault without effect", "raise it, or leave the fault out");
        }
        Some(error_rate)
    }

    /// No more replicas can break than there ever are.
    pub(super) fn portion(&mut self, consumer: usize, key: &str, portion: &Placed<PortionWritten>) -> Portion {
        let count = match portion.value {
            PortionWritten::Count(count) => count,
            PortionWritten::Share(share) => return Portion::Share(share),
        };
        let file = self.file;
        let name = self.names.consumers[consumer].clone();
        let written = file.consumer.iter().flat_map(|named| &named.0).find(|(other, _)| other.value == name);
        let most = match written {
            Some((_, written)) => Some(most_replicas(written)),
            None => self.names.task_workers.iter().find(|(workers, _)| *workers == name).map(|(_, count)| *count),
        };
        if let Some(most) = most
            && count > most
        {
            let message = format!("`{key}` = {count}, but `{name}` never has more than {most} replicas");
            self.refuse(&portion.place, message, "write a smaller count, or a share such as \"50%\"");
        }
        Portion::Count(count)
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
    given.extend(fault.deploy.as_ref().map(|value| ("deploy", &value.place)));
    given.extend(fault.times.as_ref().map(|value| ("times", &value.place)));
    given
}
