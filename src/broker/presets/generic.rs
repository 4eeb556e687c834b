//! A broker that does only what it is told: no lease, no delivery limit, no lifetime, no delay, no bound unless set.

use crate::broker::{Mechanisms, Overflow, Preset};

pub(super) const GENERIC: Preset = Preset {
    name: "generic",
    source: "Tailback's own neutral broker",
    mechanisms: Mechanisms {
        visibility_timeout: None,
        stale_ack_accepted: true,
        max_deliveries: None,
        ttl: None,
        capacity: None,
        overflow: Overflow::Reject,
        delivery_delay: "0s",
        max_in_flight: None,
    },
};
