//! What things cost, and how a broker counts what it bills.

use crate::units::Price;

/// All prices of a scenario.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prices {
    /// What the money is counted in; for the reports only.
    pub currency: Option<String>,
    /// In the order of the file's tables: queues, topics, streams, consumers, dependencies, workflows.
    pub tariffs: Vec<Tariff>,
    /// How requests and bytes are counted, for components with a price.
    pub billing: Vec<(Priced, Billing)>,
}

/// One price of one component.
#[derive(Debug, Clone, PartialEq)]
pub struct Tariff {
    pub of: Priced,
    /// The component's name.
    pub name: String,
    pub what: What,
    pub price: Price,
}

/// A component that may have a price; an index into the list of its kind in `Scenario`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priced {
    Queue(usize),
    Topic(usize),
    Stream(usize),
    Consumer(usize),
    Dependency(usize),
    Workflow(usize),
}

/// What is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Calls to the broker, as its `Billing` counts them.
    Requests,
    /// Messages accepted.
    Messages,
    /// Copies that a topic hands on.
    Deliveries,
    /// Bytes published to it.
    DataIn,
    /// Bytes that it delivers.
    DataOut,
    /// Bytes kept, by time.
    Storage,
    /// The component itself, by time.
    Fixed,
    /// Each partition, by time.
    Partitions,
    /// Each partition for each group with a read limit of its own, by time.
    Enhanced,
    /// Each replica, by time, from the moment at which it is called until it is gone.
    Replicas,
    /// Each time that work on a message or batch begins.
    Invocations,
    /// Memory of so many bytes for every busy work slot, by time.
    Memory { bytes: u64 },
    /// Calls to a dependency.
    Calls,
    /// Executions of a workflow.
    Executions,
    /// Attempts at the steps and compensations of a workflow.
    Steps,
}

impl What {
    /// The key of the `price` table.
    pub fn key(self) -> &'static str {
        match self {
            What::Requests | What::Invocations => "requests",
            What::Messages => "messages",
            What::Deliveries => "deliveries",
            What::DataIn => "data_in",
            What::DataOut => "data_out",
            What::Storage => "storage",
            What::Fixed => "fixed",
            What::Partitions => "partition",
            What::Enhanced => "enhanced",
            What::Replicas => "replica",
            What::Memory { .. } => "memory",
            What::Calls => "calls",
            What::Executions => "executions",
            What::Steps => "steps",
        }
    }

    /// What kind of cost it is.
    pub fn word(self) -> &'static str {
        match self {
            What::Requests => "requests",
            What::Messages => "messages",
            What::Deliveries => "deliveries",
            What::DataIn | What::DataOut => "transfer",
            What::Storage => "storage",
            What::Fixed => "fixed",
            What::Partitions | What::Enhanced => "partitions",
            What::Replicas => "consumers",
            What::Invocations => "invocations",
            What::Memory { .. } => "memory",
            What::Calls => "calls",
            What::Executions => "executions",
            What::Steps => "steps",
        }
    }

    /// What is counted: the unit of a quantity of it.
    pub fn unit(self) -> &'static str {
        match self {
            What::Requests => "requests",
            What::Messages | What::Deliveries => "messages",
            What::DataIn | What::DataOut => "bytes",
            What::Storage | What::Memory { .. } => "byte_s",
            What::Fixed => "s",
            What::Partitions | What::Enhanced => "partition_s",
            What::Replicas => "replica_s",
            What::Invocations => "invocations",
            What::Calls => "calls",
            What::Executions => "executions",
            What::Steps => "steps",
        }
    }

    /// Whether it takes more than the ordinary counters to know it.
    fn is_metered(self) -> bool {
        matches!(
            self,
            What::Requests | What::Deliveries | What::DataIn | What::DataOut | What::Storage | What::Invocations
        )
    }
}

/// How a broker counts the requests and bytes that it bills.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Billing {
    /// A call with more bytes counts once for each such part; 0: once, whatever its size.
    pub chunk: u64,
    /// Messages that publishers put into one call.
    pub publish_batch: u32,
    /// Messages that one receive returns at most; 0: as many as the consumer asks for.
    pub receive_batch: u32,
    /// Messages that consumers settle, or whose leases they extend, with one call.
    pub settle_batch: u32,
    /// Bytes of a message are rounded up to a multiple of this; 0: not at all.
    pub round_up: u64,
    /// Which calls count.
    pub counts: Counted,
}

/// Calls to a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    pub publish: bool,
    pub receive: bool,
    pub empty_receive: bool,
    pub settle: bool,
    pub extend: bool,
}

impl Default for Billing {
    fn default() -> Billing {
        let counts = Counted { publish: true, receive: true, empty_receive: true, settle: true, extend: true };
        Billing { chunk: 0, publish_batch: 1, receive_batch: 0, settle_batch: 1, round_up: 0, counts }
    }
}

impl Billing {
    /// Billed requests of one call with so many bytes.
    pub fn requests(&self, bytes: u64) -> u64 {
        if self.chunk == 0 { 1 } else { bytes.div_ceil(self.chunk).max(1) }
    }

    /// Billed bytes of a message.
    pub fn bytes(&self, size: u64) -> u64 {
        if self.round_up == 0 { size } else { size.div_ceil(self.round_up).saturating_mul(self.round_up) }
    }
}

impl Prices {
    /// The rules of counting, where something has a price for which more than the ordinary counters is needed.
    pub fn meter(&self, of: Priced) -> Option<Billing> {
        // What a stream accepts is in no counter where no group reads it.
        let asks = |tariff: &Tariff| {
            tariff.what.is_metered() || (tariff.what == What::Messages && matches!(of, Priced::Stream(_)))
        };
        let metered = self.tariffs.iter().any(|tariff| tariff.of == of && asks(tariff));
        metered.then(|| self.billing(of))
    }

    pub fn billing(&self, of: Priced) -> Billing {
        self.billing.iter().find(|(other, _)| *other == of).map_or_else(Billing::default, |(_, rules)| *rules)
    }

    /// Something is paid for by the sizes of messages.
    pub fn weighs(&self) -> bool {
        self.tariffs.iter().any(|tariff| match tariff.what {
            What::DataIn | What::DataOut | What::Storage => true,
            What::Requests => self.billing(tariff.of).chunk > 0,
            _ => false,
        })
    }

    pub fn has(&self, of: Priced, what: What) -> bool {
        self.tariffs.iter().any(|tariff| tariff.of == of && tariff.what == what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_once_for_each_part_of_its_payload() {
        let sqs = Billing { chunk: 65_536, ..Billing::default() };
        assert_eq!([0, 1, 65_536, 65_537, 262_144].map(|bytes| sqs.requests(bytes)), [1, 1, 1, 2, 4]);
        assert_eq!(Billing::default().requests(1_000_000), 1);
        let kinesis = Billing { round_up: 1_024, ..Billing::default() };
        assert_eq!([0, 1, 1_024, 4_608].map(|size| kinesis.bytes(size)), [0, 1_024, 1_024, 5_120]);
    }
}
