//! Prices as written: for each kind of component, what may cost something.

use crate::scenario::problem::Problem;
use crate::scenario::quantity::Positive;
use crate::scenario::reader::{Placed, Read, Reader};
use crate::scenario::tree::{Node, Value};
use crate::units::{Per, Price, Size};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

fn read_price(node: &Node, reader: &mut Reader<'_>) -> Option<Price> {
    let Some(text) = node.as_text() else {
        return reader.wrong(node, "a price", "prices are written \"0.08/h\", \"0.40/M\" or \"0.023/GB-month\"");
    };
    match Price::parse(text) {
        Ok(price) => Some(price),
        Err(sentence) => {
            let subject = reader.subject();
            reader.note(Problem::from_sentence(&node.place, &subject, &sentence));
            None
        }
    }
}

macro_rules! prices {
    ($( $(#[doc = $doc:literal])* $name:ident, $per:expr, $wanted:literal, $example:literal, $pattern:literal; )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone, Copy, PartialEq)]
            pub(in crate::scenario) struct $name(pub(in crate::scenario) Price);

            impl Read for $name {
                fn read(node: &Node, reader: &mut Reader<'_>) -> Option<$name> {
                    let price = read_price(node, reader)?;
                    if price.per != $per {
                        return reader.refuse(node, concat!("is no price ", $wanted), concat!("write ", $example));
                    }
                    Some($name(price))
                }
            }

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }
                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({
                        "description": concat!("A price ", $wanted, ": ", $example, "."),
                        "type": "string", "pattern": $pattern
                    })
                }
            }
        )*
    };
}

prices! {
    /// Money by time.
    PricePerTime, Per::Time, "by time", r#""0.08/h""#, r"^\s*\+?[0-9][0-9._]*\s*/\s*[0-9._]*\s*(s|m|min|h|hour|d|day|w|mo|month)\s*$";
    /// Money by number.
    PricePerCount, Per::Count, "by number", r#""0.40/M""#, r"^\s*\+?[0-9][0-9._]*\s*/\s*([0-9._]+|[0-9._]*\s*[kKMG])\s*$";
    /// Money by amount of data.
    PricePerBytes, Per::Bytes, "by amount of data", r#""0.09/GB""#, r"^\s*\+?[0-9][0-9._]*\s*/\s*[0-9._]*\s*[MGTP]i?B\s*$";
    /// Money by amount of data and time.
    PricePerByteTime, Per::ByteTime, "by amount of data and time", r#""0.023/GB-month""#, r"^\s*\+?[0-9][0-9._]*\s*/\s*[0-9._]*\s*[MGT]i?B-(s|h|month)\s*$";
}

/// A single price, whose unit says what it is for, or a table of them.
#[derive(Debug, Clone)]
pub(in crate::scenario) enum OneOr<T> {
    One(Price),
    Table(Box<T>),
}

impl<T: Read> Read for OneOr<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<OneOr<T>> {
        match node.value {
            Value::Table(_) => Some(OneOr::Table(Box::new(T::read(node, reader)?))),
            _ => Some(OneOr::One(read_price(node, reader)?)),
        }
    }
}

impl<T: JsonSchema> JsonSchema for OneOr<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("OnePriceOr{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<T>();
        json_schema!({
            "description": "A price such as \"0.08/h\" whose unit says what it is for, or a table of prices.",
            "anyOf": [{ "type": "string", "pattern": "/" }, table]
        })
    }
}

written! {
    /// What a queue costs.
    QueuePrice called "the price of a queue" {
        /// Each request to the broker, as `billing` counts them.
        requests: optional PricePerCount;
        /// Each message that it accepts.
        messages: optional PricePerCount;
        /// Bytes published to it.
        data_in: optional PricePerBytes;
        /// Bytes that it delivers, redeliveries included.
        data_out: optional PricePerBytes;
        /// Bytes of its unfinished messages, by time.
        storage: optional PricePerByteTime;
        /// The queue itself, by time.
        fixed: optional PricePerTime;
    }
}

written! {
    /// What a topic costs.
    TopicPrice called "the price of a topic" {
        /// Each publish, as `billing` counts them.
        requests: optional PricePerCount;
        /// Each copy that it hands on, repeated ones included.
        deliveries: optional PricePerCount;
        /// Bytes published to it.
        data_in: optional PricePerBytes;
        /// Bytes that it hands on.
        data_out: optional PricePerBytes;
        /// The topic itself, by time.
        fixed: optional PricePerTime;
    }
}

written! {
    /// What a stream costs.
    StreamPrice called "the price of a stream" {
        /// Each publish, as `billing` counts them: Kinesis' PUT payload units.
        requests: optional PricePerCount;
        /// Each record that it accepts.
        messages: optional PricePerCount;
        /// Bytes published to it.
        data_in: optional PricePerBytes;
        /// Bytes that its groups read.
        data_out: optional PricePerBytes;
        /// Bytes that it keeps, by time: as long as `retention` and `retention_bytes` say, read or not.
        storage: optional PricePerByteTime;
        /// The stream itself, by time: its brokers.
        fixed: optional PricePerTime;
        /// Each partition, by time: shard-hours.
        partition: optional PricePerTime;
        /// Each partition for each group with `fan_out = "enhanced"`, by time.
        enhanced: optional PricePerTime;
    }
    instead {
        "shard" => "partition";
        "broker" => "fixed";
    }
}

written! {
    /// What a consumer costs.
    ConsumerPrice called "the price of a consumer" {
        /// Each replica, by time, from the moment at which it is called until it is gone.
        replica: optional PricePerTime;
        /// Each time that work on a message, or on a batch, begins: invocations of a function.
        requests: optional PricePerCount;
        /// Memory held by every busy work slot.
        memory: optional MemoryPrice;
    }
    instead {
        "invocations" => "requests";
        "replicas" => "replica";
    }
}

written! {
    /// Memory that is paid for while work is done.
    MemoryPrice called "the price of memory" {
        /// Of one work slot.
        size: required Size = "write { size = \"512 MiB\", price = \"0.0000166667/GB-s\" }";
        /// By amount and time.
        price: required PricePerByteTime = "write { size = \"512 MiB\", price = \"0.0000166667/GB-s\" }";
    }
}

written! {
    /// What a dependency costs.
    DependencyPrice called "the price of a dependency" {
        /// Each call that reaches it.
        calls: optional PricePerCount;
        /// The dependency itself, by time.
        fixed: optional PricePerTime;
    }
    instead {
        "requests" => "calls";
    }
}

written! {
    /// What a workflow costs, beside its workers.
    WorkflowPrice called "the price of a workflow" {
        /// Each execution that starts.
        executions: optional PricePerCount;
        /// Each attempt at a step or compensation: state transitions, actions.
        steps: optional PricePerCount;
        /// The engine itself, by time.
        fixed: optional PricePerTime;
    }
    instead {
        "transitions" => "steps";
        "actions" => "steps";
    }
}

written! {
    /// How the requests and bytes are counted that a price is for.
    BillingWritten called "a way of billing" {
        /// Which calls count. Default: all of them.
        counts: optional Vec<Placed<CountedCall>>;
        /// A call counts once for each such part of its payload. Default: once, whatever its size.
        chunk: optional Size;
        /// Messages that publishers put into one call.
        publish_batch: default Positive = 1;
        /// Messages that one receive returns at most. Default: as many as the consumer asks for.
        receive_batch: optional Positive;
        /// Messages that consumers settle, or whose leases they extend, with one call.
        settle_batch: default Positive = 1;
        /// Bytes of each message are rounded up to a multiple of this, for prices by amount of data.
        round_up: optional Size;
    }
}

/// A call to a broker that it bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum CountedCall {
    Publish,
    Receive,
    EmptyReceive,
    Settle,
    Extend,
}

words! {
    /// A call to a broker that it bills.
    CountedCall {
        /// A publish.
        "publish" => CountedCall::Publish;
        /// A receive that returns messages, or a message pushed.
        "receive" => CountedCall::Receive;
        /// A receive that returns nothing.
        "empty-receive" => CountedCall::EmptyReceive;
        /// An acknowledgement, a refusal, a delete.
        "settle" => CountedCall::Settle;
        /// The extension of a lease.
        "extend" => CountedCall::Extend;
    }
}
