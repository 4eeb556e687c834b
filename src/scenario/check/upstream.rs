//! Rules of what stands before a producer's publishes.

use super::Checker;
use crate::scenario::problem::Place;
use crate::scenario::reader::Placed;
use crate::scenario::value::{Cron, Outbox, Spill};
use crate::scenario::written::{self, SpillWritten};
use crate::units::Duration;

impl Checker<'_> {
    pub(super) fn cron(&mut self, producer: &Placed<written::Producer>) -> Option<Cron> {
        let cron = producer.cron.as_ref()?;
        let every = cron.every.0;
        match &cron.at {
            Some(at) => self.within_run("the first herd", at.value, &at.place),
            None => self.within_run("the first herd", every, &cron.every.place),
        }
        if cron.jitter.value > every {
            let message = format!("`jitter` = {} lets a herd run into the next one", cron.jitter.value);
            self.refuse(&cron.jitter.place, message, "make it as long as `every` at most; a steady stream is a `rate`");
        }
        let alone: [(&str, Option<&Place>); 2] = [
            ("messages", producer.messages.as_ref().map(|messages| &messages.place)),
            ("clients", producer.clients.as_ref().map(|clients| &clients.place)),
        ];
        for (key, _) in alone.iter().filter(|(_, place)| place.is_some()) {
            self.refuse(
                &cron.place,
                format!("`cron` cannot stand beside `{key}`, which says by itself who asks and when"),
                "use a producer for each",
            );
        }
        if !has_rate(producer) {
            let idle: [(&str, Option<&Place>); 2] = [
                ("batch", Some(&producer.batch.place).filter(|_| producer.batch.is_written())),
                ("process", Some(&producer.process.place).filter(|_| producer.process.is_written())),
            ];
            for (key, place) in idle {
                if let Some(place) = place {
                    let message = format!("`{key}` shapes a rate, and besides `cron` there is none");
                    self.refuse(place, message, "leave it out, or add a `rate`; a herd has its `count`");
                }
            }
        }
        Some(Cron {
            at: cron.at.as_ref().map_or(every, |at| at.value),
            every,
            count: cron.count.u32(),
            jitter: cron.jitter.value,
        })
    }

    pub(super) fn outbox(&mut self, producer: &Placed<written::Producer>) -> Option<Outbox> {
        let outbox = producer.outbox.as_ref()?;
        if producer.on_reject.is_written() {
            self.refuse(
                &producer.on_reject.place,
                "`on_reject` would change nothing here: what the broker refuses stays in the `outbox`",
                "leave one of the two out",
            );
        }
        self.within_run("the relay's first look", outbox.poll.0, &outbox.poll.place);
        Some(Outbox { poll: outbox.poll.0, batch: outbox.batch.u32() })
    }

    pub(super) fn spill(&mut self, spill: &Placed<SpillWritten>) -> Spill {
        let per_second = spill.rate.per_second();
        if per_second <= 0.0 {
            let way_out = "write a rate such as \"500/s\"; what is never sent again is on_reject = \"drop\"";
            self.refuse(&spill.rate.place, "`rate` = 0 publishes nothing of what was spilled", way_out);
        }
        let gap = Duration::from_seconds(1.0 / per_second.max(1e-9)).ns().max(1);
        Spill { capacity: spill.capacity.u32(), gap: Duration(gap) }
    }
}

/// Something besides herds says when messages come.
fn has_rate(producer: &Placed<written::Producer>) -> bool {
    matches!(producer.process.value, written::Process::Mmpp(_))
        || producer.rate.is_some()
        || producer.spikes.is_some()
        || producer.stages.is_some()
        || producer.wave.is_some()
        || producer.daily.is_some()
        || producer.trace.is_some()
        || producer.messages.is_some()
        || producer.clients.is_some()
}
