//! The totals of one queue.

/// Each is a count of messages or of what happened to them, since the start of the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Publish attempts that reached the queue, rejected ones included.
    pub published: u64,
    pub rejected: u64,
    /// Work started on a hand-over.
    pub deliveries: u64,
    /// Deliveries of a message after its first.
    pub redeliveries: u64,
    /// Messages on which work started at least once.
    pub attempted: u64,
    /// Attempts, those repeated inside the process included.
    pub attempts: u64,
    pub completed: u64,
    /// Successful ends of work on a message after the first.
    pub duplicates: u64,
    pub dead_lettered: u64,
    pub expired: u64,
    pub dropped: u64,
    /// Messages that were completed after one of the same key, or partition, that was published later.
    pub out_of_order: u64,
    /// Publishes that a deduplication window swallowed. They are in none of the other counts.
    pub deduplicated: u64,
    /// Of the completed: moved to another queue by a redrive.
    pub redriven: u64,
    /// Of the dropped or dead-lettered: turned away by a consumer instead of being worked on.
    pub shed: u64,
    /// Of the dropped: not started on, because no client waited for them any more.
    pub skipped: u64,
}

impl Counters {
    /// Name and value of each, in the order they are reported.
    pub fn named(&self) -> [(&'static str, u64); 14] {
        [
            ("published", self.published),
            ("rejected", self.rejected),
            ("deliveries", self.deliveries),
            ("redeliveries", self.redeliveries),
            ("completed", self.completed),
            ("duplicates", self.duplicates),
            ("dead_lettered", self.dead_lettered),
            ("expired", self.expired),
            ("dropped", self.dropped),
            ("out_of_order", self.out_of_order),
            ("deduplicated", self.deduplicated),
            ("redriven", self.redriven),
            ("shed", self.shed),
            ("skipped", self.skipped),
        ]
    }

    /// What was added since `earlier`.
    pub fn since(&self, earlier: &Counters) -> Counters {
        Counters {
            published: self.published - earlier.published,
            rejected: self.rejected - earlier.rejected,
            deliveries: self.deliveries - earlier.deliveries,
            redeliveries: self.redeliveries - earlier.redeliveries,
            attempted: self.attempted - earlier.attempted,
            attempts: self.attempts - earlier.attempts,
            completed: self.completed - earlier.completed,
            duplicates: self.duplicates - earlier.duplicates,
            dead_lettered: self.dead_lettered - earlier.dead_lettered,
            expired: self.expired - earlier.expired,
            dropped: self.dropped - earlier.dropped,
            out_of_order: self.out_of_order - earlier.out_of_order,
            deduplicated: self.deduplicated - earlier.deduplicated,
            redriven: self.redriven - earlier.redriven,
            shed: self.shed - earlier.shed,
            skipped: self.skipped - earlier.skipped,
        }
    }

    /// Attempts started ÷ messages attempted at least once; 1 where none was.
    pub fn work_amplification(&self) -> f64 {
        if self.attempted == 0 { 1.0 } else { self.attempts as f64 / self.attempted as f64 }
    }
}
