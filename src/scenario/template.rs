//! The commented file to start from.

use super::problem::nearest;
use crate::broker::presets;

/// A scenario to start from, for `tailback new NAME --broker BROKER`; it is valid as it stands.
///
/// # Errors
/// A sentence, where there is no preset of that name.
pub fn template(name: &str, broker: &str) -> Result<String, String> {
    let known = || presets::ALL.iter().map(|preset| preset.name);
    let Some(preset) = presets::ALL.iter().find(|preset| preset.name == broker) else {
        let all = known().collect::<Vec<_>>().join(", ");
        return Err(match nearest(broker, known()) {
            Some(near) => format!("no broker is called \"{broker}\"; did you mean \"{near}\"?"),
            None if crate::broker::QUEUE_BROKERS.contains(&broker) => {
                format!("broker \"{broker}\" is not supported yet; there is {all}")
            }
            None => format!("no broker is called \"{broker}\"; there is {all}"),
        });
    };
    let title = toml::Value::String(name.into()).to_string();
    Ok(TEMPLATE.replace("TITLE", &title).replace("BROKER", preset.name))
}

const TEMPLATE: &str = r#"# Topology:  one producer, one queue with a dead-letter queue, one group of consumers.
# Trigger:   a spike to five times the usual rate.
# Mechanism: the consumers are sized for the usual day, so the spike piles up and drains slowly afterwards.
# Look for:  the peak of the backlog, the age of the oldest message, and when the backlog is gone.

title    = TITLE
duration = "45m"       # of the run, on its own clock
warmup   = "5m"        # out of the statistics
seed     = 1           # same seed, same results
runs     = 20          # replications; the bands in the charts are over them
slo      = ["orders.recovery_time < 30m", "orders.latency.p99 < 10m", "orders.dropped == 0"]

[producer.shop]
to     = "orders"
rate   = "200/s"
spikes = [{ at = "10m", for = "2m", rate = "1000/s", ramp = "10s" }]

[queue.orders]
broker             = "BROKER"
visibility_timeout = "60s"          # a message not finished by then is delivered again
max_deliveries     = 5
dead_letter        = "orders-dlq"   # made for you unless it has a table of its own

[consumer.worker]
from        = "orders"
replicas    = 20
concurrency = 1                     # messages worked on at once by one replica
service     = { lognormal = { mean = "60ms", p99 = "300ms" } }
failure     = "1%"                  # of the attempts
retry       = { backoff = "1s", factor = 2, cap = "1m", jitter = "full" }

# What else can go wrong:
#
# [[fault]]
# name     = "half the workers die"
# at       = "25m"
# for      = "3m"
# consumer = "worker"
# crash    = "50%"
"#;
