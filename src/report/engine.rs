//! How the runs were simulated, for `summary.json`.

use serde_json::{Map, Value, json};

use super::json::number;
use crate::study::EngineFindings;

/// Nothing where each message was simulated by itself.
pub(super) fn json(engine: &EngineFindings) -> Map<String, Value> {
    if engine.weight <= 1 {
        return Map::new();
    }
    let rounded = engine.rounded.iter().map(|it| json!({ "what": it.what, "real": it.real, "used": number(it.used) }));
    let fields = [
        ("weight", engine.weight.into()),
        ("rounded", rounded.collect::<Vec<Value>>().into()),
        ("coarse", engine.coarse.clone().into()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}
