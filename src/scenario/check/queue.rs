//! Rules of queues, and what the broker's preset fills in.

use super::Checker;
use crate::broker::{self, Shape};
use crate::random::Distribution;
use crate::scenario::problem::{Place, Problem, nearest};
use crate::scenario::reader::{Placed, Read, Reader};
use crate::scenario::tree::{Node, Table, Value};
use crate::scenario::value::{Initial, Order, Overflow, Queue, RecoveredWhen, Subscription, Target};
use crate::scenario::written::{self, StaleAck};
use crate::units::Duration;

impl Checker<'_> {
    /// Queues with a table, then the dead-letter queues that are made.
    pub(super) fn queues(&mut self) -> Vec<Queue> {
        let file = self.file;
        let mut queues: Vec<Queue> = vec![];
        for index in 0..self.names.queues.len() {
            let name = self.names.queues[index].clone();
            let written = file.queue.iter().flat_map(|named| &named.0).find(|(other, _)| other.value == name);
            queues.push(match written {
                Some((_, queue)) => self.queue(name, queue),
                None => self.implied(name),
            });
        }
        queues
    }

    fn queue(&mut self, name: String, queue: &Placed<written::Queue>) -> Queue {
        self.broker(&name, &queue.broker, "queue");
        let path = |key: &str| format!("queue.{name}.{key}");
        let capacity = self.filled(path("capacity"), &queue.capacity.as_ref().map(|n| n.value.0), None, "no bound");
        let visibility_timeout = match &queue.visibility_timeout {
            Some(lease) => lease.value.0,
            None => self.filled(path("visibility_timeout"), &None, None, "none"),
        };
        let limit = queue.max_deliveries.as_ref().map(|n| n.u32());
        let max_deliveries = self.filled(path("max_deliveries"), &limit, None, "no limit");
        let max_in_flight =
            self.filled(path("max_in_flight"), &queue.max_in_flight.as_ref().map(|n| n.value.0), None, "no bound");
        let ttl = match &queue.ttl {
            Some(ttl) => Some(ttl.value.clone()),
            None => self
                .filled(path("ttl"), &None, None::<Duration>, "for ever")
                .map(|ttl| Distribution::constant(ttl.seconds())),
        };
        if queue.delivery_delay.is_none() {
            self.default(path("delivery_delay"), "0s");
        }
        if capacity.is_some() && queue.overflow.is_none() {
            self.default(path("overflow"), "reject");
        }
        if visibility_timeout.is_some() && queue.stale_ack.is_none() {
            self.default(path("stale_ack"), "accepted");
        }
        let delivery_delay = queue.delivery_delay.as_ref().map(|delay| delay.value);
        self.queue_rules(queue, capacity, visibility_timeout, ttl.as_ref());
        let dead_letter = queue.dead_letter.as_ref().and_then(|dead| self.names.queue(dead));
        if dead_letter.is_none() {
            self.default(path("dead_letter"), "none: hopeless messages are dropped");
        }
        Queue {
            broker: queue.broker.value.clone(),
            implied: false,
            visibility_timeout,
            stale_ack_accepted: queue.stale_ack.as_ref().is_none_or(|ack| ack.value == StaleAck::Accepted),
            withdraw: queue.withdraw.as_ref().is_none_or(|withdraw| withdraw.value),
            max_deliveries,
            dead_letter,
            ttl,
            capacity,
            overflow: queue.overflow.as_ref().map_or(Overflow::Reject, |overflow| overflow.value),
            order: queue.order.value,
            priorities: self.priorities(queue),
            lifo_above: self.lifo_above(queue, capacity),
            delivery_delay: delivery_delay.unwrap_or(Duration::ZERO),
            max_in_flight,
            traits: self.traits(queue, visibility_timeout),
            subscribe: self.subscription(queue),
            initial: queue
                .initial
                .as_ref()
                .map(|initial| Initial { messages: initial.messages.0, age: initial.age.value }),
            recovered_when: queue.recovered_when.as_ref().and_then(|text| {
                let parsed = recovered_when(text);
                self.keep(parsed)
            }),
            hold: queue.hold.value,
            redrive: self.redrive(&name, queue),
            name,
        }
    }

    /// A dead-letter queue without a table is like one with an empty table.
    pub(super) fn implied(&mut self, name: String) -> Queue {
        let empty = Node { value: Value::Table(Table::default()), place: Place::Default };
        let mut reader = Reader::new(self.files);
        match written::Queue::read(&empty, &mut reader) {
            Some(value) => Queue { implied: true, ..self.queue(name, &Placed { value, place: Place::Default }) },
            None => unreachable!("every key of a queue has a default or may be left out"),
        }
    }

    /// The file's value, else the preset's, which is noted as an assumption.
    fn filled<T: Clone + ToString>(
        &mut self,
        path: String,
        written: &Option<T>,
        preset: Option<T>,
        without: &str,
    ) -> Option<T> {
        if written.is_some() {
            return written.clone();
        }
        let shown = preset.as_ref().map_or(without.into(), T::to_string);
        self.default(path, shown);
        preset
    }

    /// The mechanisms of the named broker; those of `generic` where the name is refused.
    pub(super) fn broker(&mut self, component: &str, broker: &Placed<String>, table: &str) {
        let (known, shape) = match table {
            "topic" => (&broker::TOPIC_BROKERS[..], Shape::Topic),
            "stream" => (&broker::STREAM_BROKERS[..], Shape::Stream),
            _ => (&broker::QUEUE_BROKERS[..], Shape::Queue),
        };
        let name = broker.value.as_str();
        // A test holds that each name of the lists has its preset.
        if broker::preset(name, shape).is_some() {
            return;
        }
        let all = || known.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        if let Some((shape, _)) = [
            ("stream", &broker::STREAM_BROKERS[..]),
            ("workflow", &broker::WORKFLOW_BROKERS[..]),
            ("queue", &broker::QUEUE_BROKERS[..]),
            ("topic", &broker::TOPIC_BROKERS[..]),
        ]
        .iter()
        .find(|(shape, brokers)| *shape != table && brokers.contains(&name))
        {
            let as_engine = if *shape == "workflow" { " as its `engine`" } else { "" };
            self.refuse(
                &broker.place,
                format!("broker {name:?} is no {table}: it is a {shape}"),
                format!("it belongs in a table [{shape}.{component}]{as_engine}"),
            );
        } else {
            let way_out = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("a {table} has {}", all()),
            };
            self.refuse(&broker.place, format!("no broker is called {name:?}"), way_out);
        }
    }

    fn queue_rules(
        &mut self,
        queue: &written::Queue,
        capacity: Option<u64>,
        lease: Option<Duration>,
        ttl: Option<&Distribution>,
    ) {
        if let Some(overflow) = queue.overflow.as_ref().filter(|overflow| overflow.is_written())
            && capacity.is_none()
            && queue.capacity_bytes.is_none()
            && !queue.broken
        {
            self.refuse(
                &overflow.place,
                "`overflow` says what a full queue does, but without `capacity` it is never full",
                "set `capacity`, or leave `overflow` out",
            );
        }
        if let Some(overflow) = &queue.overflow
            && capacity == Some(0)
            && overflow.value != Overflow::Reject
        {
            self.refuse(
                &overflow.place,
                "a queue with `capacity` = 0 can only reject",
                "use overflow = \"reject\", or give it some capacity",
            );
        }
        if let Some(ack) = queue.stale_ack.as_ref().filter(|ack| ack.is_written())
            && lease.is_none()
            && !queue.broken
        {
            self.refuse(
                &ack.place,
                "`stale_ack` is about leases that ran out, but there is no `visibility_timeout`",
                "set `visibility_timeout`, or leave `stale_ack` out",
            );
        }
        if let Some(withdraw) = queue.withdraw.as_ref().filter(|withdraw| withdraw.is_written())
            && (lease.is_none() || queue.stale_ack.as_ref().is_some_and(|ack| ack.value == StaleAck::Rejected))
            && !queue.broken
        {
            self.refuse(
                &withdraw.place,
                "`withdraw` is about late acknowledgements that are accepted, and there are none here",
                "set `visibility_timeout` and leave `stale_ack` at \"accepted\", or leave `withdraw` out",
            );
        }
        if let (Some(written), Some(ttl)) = (&queue.ttl, ttl)
            && ttl.is_zero()
        {
            self.refuse(
                &written.place,
                "`ttl` = 0s would remove every message at once",
                "give a length above zero, or leave it out",
            );
        }
        if let (Some(overflow), Some(subscribe)) = (&queue.overflow, &queue.subscribe)
            && overflow.value == Overflow::Block
        {
            let topic = &subscribe.value.topic.value;
            self.refuse(
                &overflow.place,
                format!(
                    "overflow = \"block\" would let one subscriber of `{topic}` stop the publisher for all the others"
                ),
                "use \"reject\", \"drop-head\" or \"drop-new\" on a queue that subscribes",
            );
        }
    }

    fn priorities(&mut self, queue: &written::Queue) -> Vec<String> {
        let ordered = queue.order.value == Order::Priority;
        let Some(levels) = &queue.priorities else {
            if ordered && !queue.broken {
                self.refuse(
                    &queue.order.place,
                    "order = \"priority\" needs to know the levels",
                    "add priorities = [\"high\", \"low\"], served first to last",
                );
            }
            return vec![];
        };
        if !ordered && !queue.broken {
            self.refuse(
                &levels.place,
                "`priorities` mean nothing without order = \"priority\"",
                "add order = \"priority\", or leave them out",
            );
        }
        if levels.is_empty() || levels.len() > 255 {
            self.refuse(
                &levels.place,
                format!("`priorities` has {} levels; it takes 1 to 255", levels.len()),
                "write priorities = [\"high\", \"low\"]",
            );
        }
        let names: Vec<String> = levels.iter().map(|level| level.value.clone()).collect();
        for (index, level) in levels.iter().enumerate() {
            if names[..index].contains(&level.value) {
                self.refuse(
                    &level.place,
                    format!("the level {:?} is there twice", level.value),
                    "give each level its own name",
                );
            }
        }
        names
    }

    fn subscription(&mut self, queue: &written::Queue) -> Option<Subscription> {
        let subscribe = queue.subscribe.as_ref()?;
        let topic = self.names.one_of(&self.names.topics, "topic", "subscribe", &subscribe.value.topic);
        let topic = self.keep(topic)?;
        if subscribe.value.share == 0.0 {
            self.refuse(
                &subscribe.place,
                "a subscription with `share` = 0 receives nothing",
                "raise the share, or leave `subscribe` out",
            );
        }
        Some(Subscription { topic, share: subscribe.value.share })
    }

    /// The levels of the queues that a target reaches, each list once; an empty list for queues without.
    pub(super) fn levels<'q>(&self, target: Target, queues: &'q [Queue]) -> Vec<&'q [String]> {
        match target {
            Target::Queue(index) => queues.get(index).into_iter().map(|queue| queue.priorities.as_slice()).collect(),
            Target::Stream(_) | Target::Workflow(_) => vec![],
            Target::Topic(topic) => queues
                .iter()
                .filter(|queue| queue.subscribe.is_some_and(|subscription| subscription.topic == topic))
                .map(|queue| queue.priorities.as_slice())
                .collect(),
        }
    }
}

/// `backlog <= 20`, `backlog < 20` or `oldest_age < 5s`.
pub(super) fn recovered_when(text: &Placed<String>) -> Result<RecoveredWhen, Problem> {
    let refuse = |message: String| {
        let problem = Problem::new(&text.place, message);
        Err(problem.way_out("write \"backlog <= 20\" or \"oldest_age < 5s\""))
    };
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [metric, op, value] = parts.as_slice() else {
        return refuse(format!("`recovered_when` = {:?} is not METRIC OP VALUE", text.value));
    };
    match (*metric, *op) {
        ("backlog", "<=" | "<") => match value.replace('_', "").parse::<u64>() {
            Ok(0) if *op == "<" => refuse("no backlog is below 0".into()),
            Ok(count) => Ok(RecoveredWhen::BacklogAtMost(if *op == "<" { count - 1 } else { count })),
            Err(_) => refuse(format!("`recovered_when`: {value:?} is not a count of messages")),
        },
        ("oldest_age", "<" | "<=") => match Duration::parse(value) {
            Ok(age) if age > Duration::ZERO => Ok(RecoveredWhen::OldestAgeBelow(age)),
            Ok(_) => refuse("no age is below 0s".into()),
            Err(why) => Err(Problem::from_sentence(&text.place, "`recovered_when`", &why)),
        },
        ("backlog" | "oldest_age", _) => {
            refuse(format!("`recovered_when` has no comparison {op:?}: recovery means falling below"))
        }
        _ => refuse(format!("`recovered_when` is about `backlog` or `oldest_age`, not about `{metric}`")),
    }
}
