//! Rules of what a consumer turns away.

use super::Checker;
use super::flow::Flow;
use crate::policy::shed::Rules;
use crate::scenario::reader::Placed;
use crate::scenario::value::{Producer, Queue, Shed};
use crate::scenario::written::{self, ShedTo, ShedWritten};

impl Checker<'_> {
    pub(super) fn shed(&mut self, consumer: &written::Consumer, read: Option<&Queue>) -> Option<Shed> {
        let shed = consumer.shed.as_ref()?;
        let rules = self.shed_rules(shed)?;
        let queue = read?;
        let dead_letter = shed.to.value == ShedTo::DeadLetter;
        if dead_letter && queue.dead_letter.is_none() {
            let message = format!("to = \"dead-letter\", but `{}` has no `dead_letter`", queue.name);
            self.refuse(&shed.to.place, message, "give the queue a `dead_letter`, or write to = \"drop\"");
        }
        if let (Rules::DeeperThan(most), Some(capacity), Some(written)) = (rules, queue.capacity, &shed.deeper_than)
            && most >= capacity
        {
            let message = format!("`{}` never holds more than {capacity} ready messages", queue.name);
            self.refuse(&written.place, message, "write a `deeper_than` below the queue's `capacity`");
        }
        Some(Shed { rules, dead_letter, cost: shed.cost.value.clone() })
    }

    /// Only requests have a deadline that could be over.
    pub(super) fn expired_requests(&mut self, producers: &[Producer], flow: Flow<'_>) {
        for consumer in flow.consumers.iter().filter(|consumer| consumer.skip_expired_requests) {
            let asked = producers.iter().any(|producer| {
                producer.reply.is_some() && producer.to.iter().any(|to| flow.reaches(*to, &[consumer.from]))
            });
            let written = self.file.consumer.iter().flat_map(|named| &named.0);
            let written = written.into_iter().find(|(name, _)| name.value == consumer.name);
            let place = written.and_then(|(_, written)| Some(written.skip_expired_requests.as_ref()?.place.clone()));
            if let Some(place) = place.filter(|_| !asked) {
                let message = "`skip_expired_requests` would change nothing here: no client waits for its messages";
                self.refuse(&place, message, "give a producer of the queue a `reply`; or leave it out");
            }
        }
    }

    /// The one rule.
    fn shed_rules(&mut self, shed: &Placed<ShedWritten>) -> Option<Rules> {
        let codel = shed.codel.as_ref().map(|codel| {
            let rules = Rules::Codel { target: codel.target.0.ns(), interval: codel.interval.0.ns() };
            (&codel.place, rules)
        });
        let given = [
            shed.older_than.as_ref().map(|age| (&age.place, Rules::OlderThan(age.0.ns()))),
            shed.deeper_than.as_ref().map(|count| (&count.place, Rules::DeeperThan(count.0))),
            codel,
        ];
        let given: Vec<_> = given.into_iter().flatten().collect();
        match given.as_slice() {
            [(_, rules)] => Some(*rules),
            [] => {
                if !shed.broken {
                    let way_out = "write { older_than = \"5s\" }, { deeper_than = 1000 } or \
                                   { codel = { target = \"100ms\", interval = \"1s\" } }";
                    self.refuse(&shed.place, "`shed` does not say which messages go", way_out);
                }
                None
            }
            [_, (place, _), ..] => {
                self.refuse(place, "`shed` has one rule, and here are several", "keep one of them");
                None
            }
        }
    }
}
