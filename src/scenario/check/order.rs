//! Rules of the order in which a queue gives its messages out.

use super::Checker;
use crate::scenario::value::Order;
use crate::scenario::written;

impl Checker<'_> {
    /// From which depth on the youngest message goes first.
    pub(super) fn lifo_above(&mut self, queue: &written::Queue, capacity: Option<u64>) -> Option<u64> {
        let adaptive = queue.order.value == Order::AdaptiveLifo;
        match &queue.lifo_above {
            None if adaptive && !queue.broken => {
                let message = "order = \"adaptive-lifo\" needs to know from which depth on the youngest goes first";
                self.refuse(&queue.order.place, message, "add lifo_above = 100");
                None
            }
            None => None,
            Some(above) if !adaptive => {
                let message = "`lifo_above` means nothing without order = \"adaptive-lifo\"";
                self.refuse(&above.place, message, "add order = \"adaptive-lifo\", or leave it out");
                None
            }
            Some(above) if capacity.is_some_and(|capacity| above.0 >= capacity) => {
                let message = "the queue never holds more ready messages than that: it is plain first in, first out";
                self.refuse(&above.place, message, "write a `lifo_above` below the queue's `capacity`");
                None
            }
            Some(above) => Some(above.0),
        }
    }
}
