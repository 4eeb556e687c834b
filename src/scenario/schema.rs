//! The JSON Schema of the language, for editors.

use super::written::ScenarioFile;

/// JSON Schema (draft 2020-12) made from the same definitions that the reader uses.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::SchemaGenerator::default().into_root_schema_for::<ScenarioFile>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".into(), "Tailback scenario".into());
    }
    schema
}
