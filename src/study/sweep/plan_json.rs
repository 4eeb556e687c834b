//! A plan's written form: JSON that holds all that a shard needs, and its own hash.

use super::key::sha256;
use super::plan::{PlanKnob, PlanPoint, SweepPlan};
use crate::study::{KnobUnit, KnobValue};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SCHEMA_VERSION: u64 = 1;

const UNITS: [(KnobUnit, &str); 6] = [
    (KnobUnit::Plain, "number"),
    (KnobUnit::Seconds, "s"),
    (KnobUnit::PerSecond, "per_s"),
    (KnobUnit::Share, "share"),
    (KnobUnit::Bytes, "bytes"),
    (KnobUnit::Words, "words"),
];

/// Version of this program, without which the same scenario may give other figures.
fn tool() -> String {
    format!("tailback {}", env!("CARGO_PKG_VERSION"))
}

/// All but the contents of files: small, and what the hash is of.
pub(super) fn header(plan: &SweepPlan) -> Value {
    let files: Vec<Value> =
        plan.files.iter().map(|(path, bytes)| json!({ "path": path, "sha256": sha256(bytes) })).collect();
    let knobs: Vec<Value> = plan.knobs.iter().map(knob).collect();
    let points: Vec<Value> = plan.points.iter().map(|point| json!({ "point": point.key, "at": point.at })).collect();
    json!({
        "schema_version": SCHEMA_VERSION,
        "tool": tool(),
        "verb": "sweep",
        "scenario": {
            "title": plan.title,
            "path": plan.path,
            "stem": plan.stem,
            "sha256": plan.text_sha256(),
        },
        "seed": plan.seed,
        "runs": plan.runs,
        "engine": plan.engine.to_string(),
        "settings": plan.settings,
        "metrics": plan.asked,
        "knobs": knobs,
        "files": files,
        "points": points,
    })
}

fn knob(knob: &PlanKnob) -> Value {
    let unit = UNITS.iter().find(|(unit, _)| *unit == knob.unit).map(|(_, word)| *word);
    let values: Vec<Value> =
        knob.values.iter().map(|value| json!({ "text": value.text, "number": value.number })).collect();
    json!({ "path": knob.path, "tied": knob.tied, "unit": unit, "values": values })
}

pub(super) fn write(plan: &SweepPlan, shards: usize) -> String {
    let mut all = header(plan);
    let contents: Vec<Value> = plan.files.iter().map(|(path, bytes)| content(path, bytes)).collect();
    if let Some(fields) = all.as_object_mut() {
        fields.insert("hash".into(), plan.hash().into());
        fields.insert("shards".into(), shards.into());
        fields.insert("text".into(), plan.text.clone().into());
        fields.insert("contents".into(), contents.into());
    }
    format!("{all:#}\n")
}

/// As text where it is text, else in hex.
fn content(path: &str, bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!({ "path": path, "text": text }),
        Err(_) => json!({ "path": path, "hex": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() }),
    }
}

pub(super) fn read(text: &str) -> Result<(SweepPlan, usize), String> {
    let all: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    if all["schema_version"] != SCHEMA_VERSION || all["verb"] != "sweep" {
        return Err("it is not a plan of a sweep; `tailback sweep FILE --vary … --shards N` writes one".into());
    }
    if all["tool"] != tool() {
        return Err(format!(
            "it was written by {}, and this is {}: the same scenario may give other figures; make the plan anew",
            all["tool"].as_str().unwrap_or("another version"),
            tool()
        ));
    }
    let plan = fields(&all).ok_or("a field of it is missing or of another kind; make the plan anew")?;
    if all["hash"] != plan.hash() {
        return Err(
            "its content does not fit its `hash`: it was changed by hand or cut short; make the plan anew".into()
        );
    }
    let shards = all["shards"].as_u64().filter(|shards| *shards > 0).ok_or("`shards` is missing")?;
    Ok((plan, shards as usize))
}

fn fields(all: &Value) -> Option<SweepPlan> {
    let text = |value: &Value| value.as_str().map(String::from);
    let scenario = &all["scenario"];
    Some(SweepPlan {
        title: text(&scenario["title"])?,
        path: text(&scenario["path"])?,
        stem: text(&scenario["stem"])?,
        text: text(&all["text"])?,
        files: all["contents"].as_array()?.iter().map(read_content).collect::<Option<BTreeMap<_, _>>>()?,
        settings: all["settings"]
            .as_array()?
            .iter()
            .map(|pair| Some((text(&pair[0])?, text(&pair[1])?)))
            .collect::<Option<_>>()?,
        seed: all["seed"].as_u64()?,
        runs: u32::try_from(all["runs"].as_u64()?).ok()?,
        engine: all["engine"].as_str()?.parse().ok()?,
        knobs: all["knobs"].as_array()?.iter().map(read_knob).collect::<Option<_>>()?,
        asked: all["metrics"].as_array()?.iter().map(text).collect::<Option<_>>()?,
        points: all["points"].as_array()?.iter().map(read_point).collect::<Option<_>>()?,
    })
}

fn read_content(from: &Value) -> Option<(String, Vec<u8>)> {
    let bytes = match from["text"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => {
            let digits = from["hex"].as_str()?.as_bytes();
            let pairs = digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
            pairs.collect::<Option<_>>()?
        }
    };
    Some((from["path"].as_str()?.into(), bytes))
}

fn read_knob(from: &Value) -> Option<PlanKnob> {
    let value = |from: &Value| Some(KnobValue { text: from["text"].as_str()?.into(), number: from["number"].as_f64() });
    Some(PlanKnob {
        path: from["path"].as_str()?.into(),
        tied: from["tied"].as_array()?.iter().map(|path| path.as_str().map(String::from)).collect::<Option<_>>()?,
        unit: UNITS.iter().find(|(_, word)| from["unit"] == *word)?.0,
        values: from["values"].as_array()?.iter().map(value).collect::<Option<_>>()?,
    })
}

fn read_point(from: &Value) -> Option<PlanPoint> {
    let at = from["at"].as_array()?.iter().map(|index| index.as_u64().map(|index| index as usize));
    Some(PlanPoint { key: from["point"].as_str()?.into(), at: at.collect::<Option<_>>()? })
}
