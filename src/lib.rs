//! Tailback predicts what a message queue will do on a bad day: how the backlog grows, how old the messages get, when it
//! has recovered or that it never will, what was duplicated or lost.
//!
//! Data flows one way, and the rooms of this crate are its stations:
//! [`scenario`] → [`model`] → [`engine`] → [`observe`] → [`report`], with [`envelope`] and [`study`] beside it.
//! `ARCHITECTURE.md` has the map.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! let scenario = r#"
//!     title    = "A short spike"
//!     duration = "10m"
//!     runs     = 3
//!
//!     [producer.checkout]
//!     to     = "orders"
//!     rate   = "80/s"
//!     spikes = [{ at = "2m", for = "1m", rate = "300/s" }]
//!
//!     [queue.orders]
//!
//!     [consumer.worker]
//!     from     = "orders"
//!     replicas = 6
//!     service  = { exp = "50ms" }
//! "#;
//! // Files that the scenario names (traces, recorded messages) would stand in this map.
//! let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
//! let findings = tailback::simulate(scenario, &files)?;
//!
//! let orders = findings.component("orders").expect("the queue is in the scenario");
//! let peak = orders.total("peak_backlog").expect("every queue has a peak");
//! // 300/s in, 120/s out, for a minute: about 10,800 messages.
//! assert!((peak.mean / 10_800.0 - 1.0).abs() < 0.1);
//! let recovery = orders.recovery.as_ref().expect("a spike is a disturbance");
//! assert_eq!(recovery.never, 0);
//!
//! for file in tailback::report::render(&findings) {
//!     // summary.json, timeseries.csv, report.md, report.html, charts/…: bytes, to be written wherever they belong.
//!     assert!(!file.bytes.is_empty());
//! }
//! # Ok::<(), tailback::SimulateError>(())
//! ```

pub mod arrivals;
pub mod broker;
pub mod cli;
pub mod engine;
pub mod envelope;
pub mod lint;
pub mod model;
pub mod observe;
pub mod policy;
pub mod random;
pub mod report;
pub mod scenario;
pub mod study;
pub mod units;

use sha2::{Digest, Sha256};

/// Why a scenario gave no findings.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The scenario is wrong; all problems at once.
    #[error("{}", scenario::render(.0, "scenario.toml", .1, false))]
    Scenario(Vec<scenario::Problem>, String),
    #[error(transparent)]
    Study(#[from] study::Failure),
}

/// Hex SHA-256 of a scenario's text, as reports state it.
pub fn fingerprint(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a scenario, simulates all its runs on all cores and sums them up: the library's one entry point.
///
/// `files` holds what the scenario names (traces, recorded messages), by path relative to the scenario.
///
/// # Errors
/// `SimulateError::Scenario` with every mistake in the text; `SimulateError::Study` where a run fails.
pub fn simulate(text: &str, files: &dyn scenario::Files) -> Result<study::Findings, SimulateError> {
    let scenario = scenario::Scenario::parse(text, files)
        .map_err(|problems| SimulateError::Scenario(problems, text.to_string()))?;
    let options = study::Options { sha256: fingerprint(text), path: "scenario.toml".into(), ..Default::default() };
    Ok(study::replicate(&scenario, &options, &|_| {})?)
}
