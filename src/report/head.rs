//! What stands at the top of every study's JSON and report.

use serde_json::{Map, Value, json};

/// Which study of which scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// The command: `compare`, `sweep` …
    pub verb: &'static str,
    pub title: String,
    /// As given on the command line.
    pub path: String,
    /// Hex SHA-256 of the scenario's text.
    pub sha256: String,
    pub seed: u64,
    /// Of each point.
    pub runs: u32,
}

impl Head {
    /// `schema_version`, `tool`, `verb`, `scenario`, `seed` and `runs`, to which the study adds its own.
    pub(super) fn json(&self) -> Map<String, Value> {
        let head = json!({
            "schema_version": 1,
            "tool": format!("tailback {}", env!("CARGO_PKG_VERSION")),
            "verb": self.verb,
            "scenario": { "title": self.title, "path": self.path, "sha256": self.sha256 },
            "seed": self.seed,
            "runs": self.runs,
        });
        match head {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    /// Where the figures come from, so that they can be had again.
    pub(super) fn source(&self) -> String {
        format!(
            "Made by tailback {} from {} (SHA-256 {}), seed {}.",
            env!("CARGO_PKG_VERSION"),
            self.path,
            self.sha256,
            self.seed
        )
    }
}
