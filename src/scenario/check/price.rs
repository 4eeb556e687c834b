//! Rules of prices.

use super::Checker;
use crate::scenario::problem::Place;
use crate::scenario::reader::Placed;
use crate::scenario::value::{Billing, Consumer, Counted, Feed, Priced, Prices, Tariff, What};
use crate::scenario::written::{
    BillingWritten, ConsumerPrice, CountedCall, DependencyPrice, OneOr, QueuePrice, StreamPrice, TopicPrice,
    WorkflowPrice,
};
use crate::units::{Per, Price};

/// What a table of prices, or a single price by its unit, is for.
trait Table {
    fn entries(&self) -> Vec<(What, Price)>;

    /// Some key could not be read, which has been told.
    fn broken(&self) -> bool;

    /// What a single price is for; none where its unit leaves it open.
    fn alone(per: Per) -> &'static [What];

    /// Several prices in one table, for people who wrote one that says too little.
    const EXAMPLE: &'static str;
}

macro_rules! tables {
    ($( $table:ty, $example:literal, alone { $( $per:ident => $alone:expr; )* }, entries { $( $field:ident => $what:ident; )* }; )*) => {
        $(
            impl Table for $table {
                const EXAMPLE: &'static str = $example;

                fn entries(&self) -> Vec<(What, Price)> {
                    let all = [$( (What::$what, self.$field.as_ref().map(|price| price.value.0)) ),*];
                    all.into_iter().filter_map(|(what, price)| Some((what, price?))).collect()
                }

                fn broken(&self) -> bool {
                    self.broken
                }

                fn alone(per: Per) -> &'static [What] {
                    match per {
                        $( Per::$per => &$alone, )*
                        #[allow(unreachable_patterns, reason = "some tables know every unit")]
                        _ => &[],
                    }
                }
            }
        )*
    };
}

tables! {
    QueuePrice, "write price = { requests = \"0.40/M\", storage = \"0.10/GB-month\" }",
        alone {
            Count => [What::Requests];
            Time => [What::Fixed];
            Bytes => [What::DataIn, What::DataOut];
            ByteTime => [What::Storage];
        },
        entries {
            requests => Requests; messages => Messages; data_in => DataIn; data_out => DataOut; storage => Storage;
            fixed => Fixed;
        };
    TopicPrice, "write price = { requests = \"0.50/M\", data_out = \"0.09/GB\" }",
        alone { Count => [What::Requests]; Time => [What::Fixed]; Bytes => [What::DataIn, What::DataOut]; },
        entries {
            requests => Requests; deliveries => Deliveries; data_in => DataIn; data_out => DataOut; fixed => Fixed;
        };
    // Partition-hours or the stream's own: both are common.
    StreamPrice, "write price = { partition = \"0.015/h\", requests = \"0.014/M\" }, or { fixed = \"0.60/h\" } for its brokers",
        alone {
            Count => [What::Requests];
            Bytes => [What::DataIn, What::DataOut];
            ByteTime => [What::Storage];
        },
        entries {
            requests => Requests; messages => Messages; data_in => DataIn; data_out => DataOut; storage => Storage;
            fixed => Fixed; partition => Partitions; enhanced => Enhanced;
        };
    DependencyPrice, "write price = { calls = \"2.50/M\", fixed = \"0.30/h\" }",
        alone { Count => [What::Calls]; Time => [What::Fixed]; },
        entries { calls => Calls; fixed => Fixed; };
    WorkflowPrice, "write price = { executions = \"1/M\", steps = \"25/M\" }",
        alone { Time => [What::Fixed]; },
        entries { executions => Executions; steps => Steps; fixed => Fixed; };
}

impl Table for ConsumerPrice {
    const EXAMPLE: &'static str = "write price = \"0.08/h\" for each replica, or { requests = \"0.20/M\", memory = \
                                   { size = \"512 MiB\", price = \"0.0000166667/GB-s\" } }";

    fn entries(&self) -> Vec<(What, Price)> {
        let memory = self.memory.as_ref().map(|memory| (What::Memory { bytes: memory.size.0 }, memory.price.value.0));
        let replica = self.replica.as_ref().map(|price| (What::Replicas, price.value.0));
        let requests = self.requests.as_ref().map(|price| (What::Invocations, price.value.0));
        [replica, requests, memory].into_iter().flatten().collect()
    }

    fn broken(&self) -> bool {
        self.broken
    }

    fn alone(per: Per) -> &'static [What] {
        match per {
            Per::Time => &[What::Replicas],
            Per::Count => &[What::Invocations],
            Per::Bytes | Per::ByteTime => &[],
        }
    }
}

impl Checker<'_> {
    /// All prices of the file. `consumers` are those of the file, then the workers of the workflows.
    pub(super) fn prices(&mut self, consumers: &[Consumer]) -> Prices {
        let file = self.file;
        let mut prices = Prices { currency: None, tariffs: vec![], billing: vec![] };
        for (index, name) in self.names.queues.clone().iter().enumerate() {
            let written = file.queue.iter().flat_map(|named| &named.0).find(|(other, _)| other.value == *name);
            let Some((_, queue)) = written else { continue };
            self.tariffs(&mut prices, Priced::Queue(index), name, queue.price.as_ref());
            self.billing(&mut prices, Priced::Queue(index), queue.billing.as_ref());
        }
        for (index, (name, topic)) in file.topic.iter().flat_map(|named| &named.0).enumerate() {
            self.tariffs(&mut prices, Priced::Topic(index), name, topic.price.as_ref());
            self.billing(&mut prices, Priced::Topic(index), topic.billing.as_ref());
        }
        for (index, (name, stream)) in file.stream.iter().flat_map(|named| &named.0).enumerate() {
            self.tariffs(&mut prices, Priced::Stream(index), name, stream.price.as_ref());
            self.billing(&mut prices, Priced::Stream(index), stream.billing.as_ref());
            self.enhanced(stream.price.as_ref(), index, consumers);
        }
        let mut of_consumers: Vec<(String, Option<&Placed<OneOr<ConsumerPrice>>>)> = vec![];
        for (name, consumer) in file.consumer.iter().flat_map(|named| &named.0) {
            of_consumers.push((name.value.clone(), consumer.price.as_ref()));
        }
        for (name, workflow) in file.workflow.iter().flat_map(|named| &named.0) {
            for step in &workflow.steps.value {
                let step_name = &step.name.value;
                of_consumers.push((format!("{}/{step_name}-workers", name.value), step.price.as_ref()));
                let undo = step.compensate.as_ref().and_then(|undo| undo.price.as_ref());
                of_consumers.push((format!("{}/{step_name}-undo-workers", name.value), undo));
            }
            let decisions = workflow.decisions.as_ref().and_then(|decisions| decisions.price.as_ref());
            of_consumers.push((format!("{}/decisions-workers", name.value), decisions));
        }
        for (name, price) in of_consumers {
            if let Some(index) = consumers.iter().position(|consumer| consumer.name == name) {
                self.tariffs(&mut prices, Priced::Consumer(index), &name, price);
            }
        }
        for (index, (name, dependency)) in file.dependency.iter().flat_map(|named| &named.0).enumerate() {
            self.tariffs(&mut prices, Priced::Dependency(index), name, dependency.price.as_ref());
        }
        for (index, (name, workflow)) in file.workflow.iter().flat_map(|named| &named.0).enumerate() {
            self.tariffs(&mut prices, Priced::Workflow(index), name, workflow.price.as_ref());
        }
        self.currency(&mut prices);
        prices
    }

    fn tariffs<T: Table>(&mut self, prices: &mut Prices, of: Priced, name: &str, price: Option<&Placed<OneOr<T>>>) {
        let Some(written) = price else { return };
        let entries = match &written.value {
            OneOr::Table(table) => table.entries(),
            OneOr::One(price) => T::alone(price.per).iter().map(|what| (*what, *price)).collect(),
        };
        let told = matches!(&written.value, OneOr::Table(table) if table.broken());
        if entries.is_empty() && !told {
            let message = match &written.value {
                OneOr::One(price) => format!("`price` = \"{price}\" leaves open what of `{name}` it is for"),
                OneOr::Table(_) => format!("the `price` of `{name}` says nothing"),
            };
            self.refuse(&written.place, message, T::EXAMPLE);
        }
        let tariff = |(what, price)| Tariff { of, name: name.into(), what, price };
        prices.tariffs.extend(entries.into_iter().map(tariff));
    }

    fn billing(&mut self, prices: &mut Prices, of: Priced, billing: Option<&Placed<BillingWritten>>) {
        let Some(written) = billing else { return };
        let has = |what| prices.has(of, what);
        let used = has(What::Requests) || (written.round_up.is_some() && (has(What::DataIn) || has(What::DataOut)));
        if !used && !matches!(written.place, Place::Preset(_)) && !written.broken {
            let message = "`billing` says how requests are counted, but there is no price for them";
            self.refuse(&written.place, message, "add price = { requests = \"0.40/M\" }, or leave `billing` out");
        }
        let counts = match &written.counts {
            None => Billing::default().counts,
            Some(calls) => {
                let has = |call| calls.iter().any(|other| other.value == call);
                Counted {
                    publish: has(CountedCall::Publish),
                    receive: has(CountedCall::Receive),
                    empty_receive: has(CountedCall::EmptyReceive),
                    settle: has(CountedCall::Settle),
                    extend: has(CountedCall::Extend),
                }
            }
        };
        let rules = Billing {
            chunk: written.chunk.as_ref().map_or(0, |size| size.0),
            publish_batch: written.publish_batch.u32(),
            receive_batch: written.receive_batch.as_ref().map_or(0, |most| most.u32()),
            settle_batch: written.settle_batch.u32(),
            round_up: written.round_up.as_ref().map_or(0, |size| size.0),
            counts,
        };
        prices.billing.push((of, rules));
    }

    /// A price for read limits of one's own needs a group that has them.
    fn enhanced(&mut self, price: Option<&Placed<OneOr<StreamPrice>>>, stream: usize, consumers: &[Consumer]) {
        let Some(OneOr::Table(table)) = price.map(|price| &price.value) else { return };
        let Some(written) = &table.enhanced else { return };
        let enhanced = |consumer: &Consumer| {
            consumer.from == Feed::Stream(stream) && consumer.group.as_ref().is_some_and(|group| group.enhanced)
        };
        if !consumers.iter().any(enhanced) {
            let message = "`enhanced` is paid for groups with a read limit of their own, and no consumer has one";
            self.refuse(&written.place, message, "add fan_out = \"enhanced\" to a consumer, or leave the price out");
        }
    }

    fn currency(&mut self, prices: &mut Prices) {
        let Some(currency) = &self.file.currency else { return };
        if prices.tariffs.is_empty() && self.problems.is_empty() {
            let message = "`currency` says what prices are counted in, and nothing has a `price`";
            self.refuse(&currency.place, message, "add price = \"0.08/h\" to a consumer, or leave it out");
        }
        prices.currency = Some(currency.value.trim().into());
    }
}
