//! What makes a producer publish: exactly one source, and nothing beside it that it would ignore.

use super::Checker;
use crate::arrivals::Process;
use crate::scenario::problem::{Place, listed};
use crate::scenario::reader::Placed;
use crate::scenario::value::Source;
use crate::scenario::written;

impl Checker<'_> {
    /// `None` where it could not be made.
    pub(super) fn source(
        &mut self,
        name: &str,
        producer: &Placed<written::Producer>,
        levels: &[String],
    ) -> Option<Source> {
        let mmpp = matches!(producer.process.value, written::Process::Mmpp(_));
        self.one_source(producer, mmpp);
        let ruler = ruler(producer, mmpp);
        if let Some(ruler) = ruler {
            self.ignored(producer, ruler, mmpp);
        }
        for (scale, key) in [(&producer.time_scale, "time_scale"), (&producer.rate_scale, "rate_scale")] {
            if let Some(scale) = scale
                && producer.trace.is_none()
                && !producer.broken
            {
                self.refuse(
                    &scale.place,
                    format!("`{key}` scales a `trace`, and there is none"),
                    "add trace = \"file.csv\", or leave it out",
                );
            }
        }
        if let Some(clients) = &producer.clients {
            return Some(Source::Clients { count: clients.count.u32(), think: clients.think.value.clone() });
        }
        if let Some(messages) = &producer.messages {
            return Some(Source::Messages(self.recording(producer, messages, levels)?));
        }
        match &producer.process.value {
            written::Process::Mmpp(phases) => {
                Some(Source::Mmpp(phases.iter().map(|phase| (phase.rate.per_second(), phase.mean_stay.0)).collect()))
            }
            written::Process::Simple(process) => Some(self.curve(name, producer, *process)?),
        }
    }

    fn curve(&mut self, name: &str, producer: &Placed<written::Producer>, process: Process) -> Option<Source> {
        let silent = producer.rate.is_none()
            && producer.spikes.is_none()
            && producer.stages.is_none()
            && producer.wave.is_none()
            && producer.daily.is_none()
            && producer.trace.is_none()
            && producer.cron.is_none();
        if silent && !producer.broken {
            self.refuse(
                &producer.place,
                format!("producer `{name}` has no `rate` and nothing in its place: it would never publish"),
                "add rate = \"800/s\", or a `trace`, `messages` or `clients`",
            );
            return None;
        }
        Some(Source::Curve { curve: self.rate_curve(name, producer)?, process })
    }

    /// Of these at most one may stand.
    fn one_source(&mut self, producer: &Placed<written::Producer>, mmpp: bool) {
        let mut given: Vec<(&str, &Place)> = vec![];
        given.extend(producer.stages.as_ref().map(|part| ("stages", &part.place)));
        given.extend(producer.wave.as_ref().map(|part| ("wave", &part.place)));
        given.extend(producer.daily.as_ref().map(|part| ("daily", &part.place)));
        given.extend(producer.trace.as_ref().map(|part| ("trace", &part.place)));
        given.extend(producer.messages.as_ref().map(|part| ("messages", &part.place)));
        given.extend(producer.clients.as_ref().map(|part| ("clients", &part.place)));
        given.extend(mmpp.then_some(("mmpp", &producer.process.place)));
        if given.len() > 1 {
            let names = listed(given.iter().map(|(name, _)| *name));
            let place = given[1].1.clone();
            self.refuse(
                &place,
                format!("{names} each say when messages come; a producer has one of them"),
                "keep one, or use a producer for each",
            );
        }
    }

    /// What the ruling source makes meaningless.
    fn ignored(&mut self, producer: &Placed<written::Producer>, ruler: &str, mmpp: bool) {
        let mut idle: Vec<(&str, Place)> = vec![];
        idle.extend(producer.rate.as_ref().map(|rate| ("rate", rate.place.clone())));
        if ruler != "trace" {
            idle.extend(producer.spikes.as_ref().map(|spikes| ("spikes", spikes.place.clone())));
        }
        if ["messages", "clients"].contains(&ruler) {
            if producer.batch.is_written() {
                idle.push(("batch", producer.batch.place.clone()));
            }
            if producer.process.is_written() && !mmpp {
                idle.push(("process", producer.process.place.clone()));
            }
        }
        for (key, place) in idle {
            self.refuse(
                &place,
                format!("`{key}` has no effect beside `{ruler}`, which says by itself when messages come"),
                format!("leave `{key}` or `{ruler}` out"),
            );
        }
    }
}

/// The source that replaces `rate`, where there is one.
fn ruler(producer: &Placed<written::Producer>, mmpp: bool) -> Option<&'static str> {
    if producer.messages.is_some() {
        return Some("messages");
    }
    if producer.clients.is_some() {
        return Some("clients");
    }
    if mmpp {
        return Some("mmpp");
    }
    producer.trace.as_ref().map(|_| "trace")
}
