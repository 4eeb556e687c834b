//! Rules of producers.

use super::Checker;
use crate::arrivals::{BatchSize, Keys};
use crate::scenario::problem::{Problem, listed, nearest};
use crate::scenario::reader::Placed;
use crate::scenario::value::{OnReject, Overflow, Producer, Queue, Reply, Source, Target};
use crate::scenario::written::{self, OnRejectWritten};

impl Checker<'_> {
    pub(super) fn producers(&mut self, queues: &[Queue]) -> Vec<Producer> {
        let file = self.file;
        let mut producers = vec![];
        for (name, producer) in file.producer.iter().flat_map(|named| &named.0) {
            producers.push(self.producer(&name.value, producer, queues));
        }
        producers
    }

    fn producer(&mut self, name: &str, producer: &Placed<written::Producer>, queues: &[Queue]) -> Producer {
        let mut to: Vec<Target> = vec![];
        for target in &producer.to.0 {
            let resolved = self.names.target("to", target);
            match self.keep(resolved) {
                Some(resolved) if to.contains(&resolved) => {
                    self.refuse(&target.place, format!("`to` names {:?} twice", target.value), "name each target once");
                }
                resolved => to.extend(resolved),
            }
        }
        if producer.balance.is_written() && producer.to.0.len() == 1 {
            self.refuse(
                &producer.balance.place,
                "`balance` chooses among several targets, but `to` names one",
                "leave it out, or list several: to = [\"a\", \"b\"]",
            );
        }
        let levels = self.shared_levels(producer, &to, queues);
        let source = self.source(name, producer, &levels).unwrap_or(Source::Messages(vec![]));
        self.topic_rules(producer, &to);
        self.stream_rules(producer, &to, queues);
        self.starting_rules(producer, &to);
        self.closed_loop(producer, &to, queues);
        Producer {
            name: name.into(),
            priority: self.priority_shares(producer, &levels),
            to,
            balance: producer.balance.value,
            batch: match &source {
                Source::Curve { .. } | Source::Mmpp(_) => producer.batch.value.clone(),
                Source::Messages(_) | Source::Clients { .. } => BatchSize::Fixed(1),
            },
            source,
            poison: producer.poison.value.value(),
            keys: self.keys(producer),
            size: producer.size.0,
            duplicate: producer.duplicate.value.value(),
            sticky: producer.batch_size.as_ref().map_or(0, |size| size.0),
            cron: self.cron(producer),
            outbox: self.outbox(producer),
            reply: producer.reply.as_ref().map(|reply| self.reply(name, reply)),
            on_reject: match &producer.on_reject.value {
                OnRejectWritten::Drop => OnReject::Drop,
                OnRejectWritten::Block => OnReject::Block,
                OnRejectWritten::Retry(retry) => {
                    let policy = self.client_retry(retry);
                    if policy.backoff.is_zero() && policy.max_attempts.is_none() {
                        self.refuse(
                            &retry.place,
                            "`on_reject` would retry a full queue for ever at the same instant",
                            "give the retry a `backoff` such as \"1s\"",
                        );
                    }
                    OnReject::Retry(policy)
                }
                OnRejectWritten::Spill(spill) => OnReject::Spill(self.spill(spill)),
            },
        }
    }

    fn keys(&mut self, producer: &Placed<written::Producer>) -> Option<Keys> {
        let written = producer.keys.as_ref()?;
        let count = written.count.u32();
        let shares: Vec<f64> = super::entries(&written.hot).map(|share| share.value.value()).collect();
        if let (Some(zipf), Some(_)) = (&written.zipf, &written.hot) {
            self.refuse(&zipf.place, "`keys` has `zipf` and `hot`, which are two laws", "use one of the two");
        }
        if let Some(hot) = &written.hot {
            let total: f64 = shares.iter().sum();
            if total > 1.0 + 1e-9 {
                self.refuse(&hot.place, format!("the shares of `hot` sum to {total}"), "make them sum to 1 or less");
            } else if shares.len() > count as usize {
                let message = format!("`hot` has {} keys of {count}", shares.len());
                self.refuse(&hot.place, message, "raise `count`, or name fewer");
            } else if shares.len() == count as usize && total < 1.0 - 1e-9 {
                let message = format!("the shares of all {count} keys sum to {total}, not to 1");
                self.refuse(&hot.place, message, "raise `count`: the others share the rest");
            }
        }
        Some(match &written.zipf {
            Some(zipf) => Keys::Zipf { count, exponent: zipf.0 },
            None => Keys::Hot { count, shares },
        })
    }

    fn stream_rules(&mut self, producer: &Placed<written::Producer>, to: &[Target], queues: &[Queue]) {
        let streams = to.iter().any(|target| matches!(target, Target::Stream(_)));
        if let Some(batch) = producer.batch_size.as_ref().filter(|batch| batch.is_written() && !streams) {
            let message = "`batch_size` is about partitions of a stream, and the producer publishes to none";
            self.refuse(&batch.place, message, "leave it out; `batch` says how many messages come at once");
        }
        let by_rate = to.iter().any(|target| match target {
            Target::Stream(_) => true,
            Target::Topic(_) | Target::Workflow(_) => false,
            Target::Queue(index) => queues.get(*index).is_some_and(|queue| {
                (queue.traits.publish_limit.is_some() || queue.traits.operation_limit.is_some())
                    && queue.capacity.is_none()
                    && queue.traits.memory_alarm.is_none()
            }),
        });
        if matches!(producer.on_reject.value, OnRejectWritten::Block) && by_rate {
            let message = "on_reject = \"block\" waits for room, but the target refuses by rate";
            self.refuse(&producer.on_reject.place, message, "use on_reject = { retry = { backoff = \"100ms\" } }");
        }
    }

    /// The levels that all targets share; empty where they have none or disagree (which is noted).
    fn shared_levels(&mut self, producer: &Placed<written::Producer>, to: &[Target], queues: &[Queue]) -> Vec<String> {
        let mut lists: Vec<&[String]> = to.iter().flat_map(|target| self.levels(*target, queues)).collect();
        if to.iter().all(|target| matches!(target, Target::Queue(_))) && lists.iter().all(|list| list.is_empty()) {
            return vec![];
        }
        // A subscriber without priorities takes every level alike.
        lists.retain(|list| !list.is_empty());
        lists.dedup();
        if let [first, second, ..] = lists.as_slice() {
            let message = format!("the targets of `to` have different priorities: {first:?} and {second:?}");
            self.refuse(&producer.to.place, message, "give them the same `priorities`, or use a producer for each");
            return vec![];
        }
        lists.first().map(|list| list.to_vec()).unwrap_or_default()
    }

    fn priority_shares(&mut self, producer: &Placed<written::Producer>, levels: &[String]) -> Vec<f64> {
        let Some(priority) = &producer.priority else {
            let mut shares = vec![0.0; levels.len()];
            if let Some(last) = shares.last_mut() {
                *last = 1.0;
            }
            return shares;
        };
        if levels.is_empty() {
            let targets = producer.to.0.iter().map(|target| target.value.as_str());
            let message = format!("`priority` has no meaning here: {} has no priorities", listed(targets));
            self.refuse(
                &priority.place,
                message,
                "give the queue order = \"priority\" and priorities = [\"high\", \"low\"]",
            );
            return vec![];
        }
        let mut shares = vec![0.0; levels.len()];
        for (name, share) in &priority.0 {
            match levels.iter().position(|level| *level == name.value) {
                Some(level) => shares[level] = share.value.value(),
                None => {
                    let problem = Problem::new(&name.place, format!("the queue has no priority `{}`", name.value));
                    let levels = levels.iter().map(String::as_str);
                    self.problems.push(match nearest(name, levels.clone()) {
                        Some(near) => problem.way_out(format!("did you mean `{near}`?")),
                        None => problem.way_out(format!("it has {}", listed(levels))),
                    });
                    return shares;
                }
            }
        }
        let total: f64 = shares.iter().sum();
        if (total - 1.0).abs() > 1e-6 {
            if !producer.broken {
                let message = format!("the shares of `priority` sum to {}, not to 1", (total * 1e6).round() / 1e6);
                self.refuse(&priority.place, message, "make them sum to 1, such as { high = 0.1, low = 0.9 }");
            }
            return shares;
        }
        shares.iter().map(|share| share / total).collect()
    }

    /// A topic answers nobody: it always accepts, and no one completion is the message's.
    fn topic_rules(&mut self, producer: &Placed<written::Producer>, to: &[Target]) {
        if !to.iter().any(|target| matches!(target, Target::Topic(_))) {
            return;
        }
        if let Some(reply) = &producer.reply {
            self.refuse(
                &reply.place,
                "`reply` waits for one completion, but a topic's message has one in each subscriber",
                "publish to a queue, or leave `reply` out",
            );
        }
        let topics = self.file.topic.iter().flat_map(|named| &named.0);
        let named = |name: &str| producer.to.0.iter().any(|target| target.value == name);
        let limited = topics.into_iter().any(|(name, topic)| topic.publish_limit.is_some() && named(&name.value));
        let retries = matches!(producer.on_reject.value, OnRejectWritten::Retry(_) | OnRejectWritten::Spill(_));
        let drops = matches!(producer.on_reject.value, OnRejectWritten::Drop);
        // So does a fault that refuses publishes.
        let broken = super::entries(&self.file.fault)
            .any(|fault| fault.down.is_some() && fault.topic.as_ref().is_some_and(|topic| named(topic)));
        let honoured = drops || ((limited || broken) && retries);
        if !honoured {
            self.refuse(
                &producer.on_reject.place,
                "`on_reject` has no effect on a topic: it takes every message and each subscriber drops its own",
                "leave it out, or publish to a queue",
            );
        }
    }

    /// A workflow's engine takes every start.
    fn starting_rules(&mut self, producer: &Placed<written::Producer>, to: &[Target]) {
        let starts = to.iter().all(|target| matches!(target, Target::Workflow(_))) && !to.is_empty();
        if starts && !matches!(producer.on_reject.value, OnRejectWritten::Drop) {
            let message = "`on_reject` has no effect on a workflow: its engine takes every start";
            self.refuse(&producer.on_reject.place, message, "leave it out, or publish to a queue");
        }
    }

    fn closed_loop(&mut self, producer: &Placed<written::Producer>, to: &[Target], queues: &[Queue]) {
        let Some(clients) = &producer.clients else { return };
        if producer.reply.is_none() && !producer.broken {
            self.refuse(
                &clients.place,
                "`clients` wait for an answer, so they need `reply`",
                "add reply = { timeout = \"10s\" }",
            );
        }
        let may_refuse = to.iter().any(|target| match target {
            Target::Queue(index) => {
                queues.get(*index).is_some_and(|queue| queue.capacity.is_some() && queue.overflow != Overflow::Block)
            }
            Target::Topic(_) | Target::Stream(_) | Target::Workflow(_) => false,
        });
        if clients.think.is_zero() && may_refuse && matches!(producer.on_reject.value, OnRejectWritten::Drop) {
            self.refuse(
                &clients.think.place,
                "clients that never think would hammer a full queue for ever at the same instant",
                "give `think` a length, or say on_reject = \"block\"",
            );
        }
    }

    fn reply(&mut self, name: &str, reply: &Placed<written::Reply>) -> Reply {
        if reply.retry.is_none() {
            self.default(format!("producer.{name}.reply.retry"), "none: gives up at the first timeout");
        }
        Reply { timeout: reply.timeout.0, retry: reply.retry.as_ref().map(|retry| self.client_retry(retry)) }
    }
}
