//! Rules of redrive: where it goes, and how fast the broker moves messages.

use super::Checker;
use crate::broker;
use crate::scenario::problem::listed;
use crate::scenario::reader::Placed;
use crate::scenario::value::Redrive;
use crate::scenario::written::{self, RedriveWritten};

impl Checker<'_> {
    pub(super) fn redrive(&mut self, name: &str, queue: &Placed<written::Queue>) -> Option<Redrive> {
        let redrive = queue.redrive.as_ref()?;
        self.within_run("the redrive", redrive.at.value, &redrive.at.place);
        let to = self.redrive_target(name, redrive);
        let rate = self.redrive_rate(name, queue, redrive);
        Some(Redrive {
            to: to?,
            at: redrive.at.value,
            rate,
            still_failing: redrive.still_failing.as_ref().map(|share| share.value.value()),
        })
    }

    /// The queue that is named, else the only one whose dead letter this is.
    fn redrive_target(&mut self, name: &str, redrive: &Placed<RedriveWritten>) -> Option<usize> {
        if let Some(to) = &redrive.to {
            if to.value == name {
                let message = format!("`{name}` would be moved into itself");
                self.refuse(&to.place, message, "name the queue that is to try again");
                return None;
            }
            let found = self.names.one_of(&self.names.queues, "queue", "to", to);
            return self.keep(found);
        }
        let sources = self.sources(name);
        match sources.as_slice() {
            [only] => {
                self.default(format!("queue.{name}.redrive.to"), only.clone());
                self.names.queue(only)
            }
            [] => {
                let message = format!("`{name}` is no queue's dead letter, so the redrive does not know where to");
                self.refuse(&redrive.place, message, "say where: to = \"orders\"");
                None
            }
            several => {
                let names = listed(several.iter().map(String::as_str));
                let message = format!("`{name}` is the dead letter of {names}: the redrive does not know where to");
                self.refuse(&redrive.place, message, format!("say where: to = \"{}\"", several[0]));
                None
            }
        }
    }

    /// The queues whose dead letter it is.
    fn sources(&self, name: &str) -> Vec<String> {
        let all = self.file.queue.iter().flat_map(|named| &named.0);
        all.filter(|(_, queue)| queue.dead_letter.as_ref().is_some_and(|dead| dead.value == name))
            .map(|(source, _)| source.value.clone())
            .collect()
    }

    /// What the broker moves at most, where it has a limit: that of this queue, else that of one that feeds it.
    fn redrive_rate(
        &mut self,
        name: &str,
        queue: &Placed<written::Queue>,
        redrive: &Placed<RedriveWritten>,
    ) -> Option<f64> {
        let rate = redrive.rate.as_ref().map(|rate| rate.per_second());
        if let Some(written) = redrive.rate.as_ref().filter(|rate| rate.per_second() == 0.0) {
            self.refuse(&written.place, "at `rate` = 0 nothing is ever moved", "raise it, or leave it out");
        }
        let sources = self.sources(name);
        let feeding =
            self.file.queue.iter().flat_map(|named| &named.0).filter(|(other, _)| sources.contains(&other.value));
        let brokers: Vec<String> = [queue.broker.value.clone()]
            .into_iter()
            .chain(feeding.map(|(_, other)| other.broker.value.clone()))
            .collect();
        let limit = brokers.iter().find_map(|broker| Some((broker.clone(), broker::redrive_limit(broker)?)));
        let Some((broker, limit)) = limit else {
            if rate.is_none() {
                self.default(format!("queue.{name}.redrive.rate"), "all at once");
            }
            return rate;
        };
        match (&redrive.rate, rate) {
            (Some(written), Some(rate)) if rate > limit => {
                let message = format!("`rate` = {} is more than {broker} moves: {limit}/s a queue", written.value);
                self.refuse(&written.place, message, format!("write rate = \"{limit}/s\" or less"));
            }
            (None, _) => self.default(format!("queue.{name}.redrive.rate"), format!("{limit}/s, the most of {broker}")),
            _ => {}
        }
        Some(rate.unwrap_or(limit))
    }
}
