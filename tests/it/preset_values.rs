//! Every value of every preset is read by something: setting it to another one changes a run, under the language's own
//! name and under each of the broker's.

mod probes;
mod worlds;

use probes::{PROBES, Part, Probe};
use std::collections::BTreeMap;
use tailback::broker::presets::ALL;
use tailback::broker::{Fact, Form, Grade, Preset, Setting, Shape, source};

/// The facts of a preset, with the part of a scenario in which each is written.
fn facts(preset: &'static Preset) -> Vec<(Part, &'static Fact)> {
    let (own, consumer) = match preset.shape {
        Shape::Queue => (Part::Queue, Part::QueueConsumer),
        Shape::Topic => (Part::Topic, Part::QueueConsumer),
        Shape::Stream => (Part::Stream, Part::StreamConsumer),
        // Theirs have tests of their own, beside the workflows.
        Shape::Workflow => return vec![],
    };
    let parts = [
        (own, preset.own),
        (consumer, preset.consumer),
        (Part::Producer, preset.producer),
        (Part::Subscriber, preset.subscriber),
    ];
    parts.into_iter().flat_map(|(part, facts)| facts.iter().map(move |fact| (part, fact))).collect()
}

fn probe(part: Part, key: &str) -> Option<&'static Probe> {
    PROBES.iter().find(|probe| probe.key == key && probe.parts.contains(&part))
}

/// A value as the file would hold it; `None` where the broker has none by default.
fn toml(value: Setting) -> Option<String> {
    match value {
        Setting::Text(text) => Some(format!("\"{text}\"")),
        Setting::Number(number) => Some(number.to_string()),
        Setting::Flag(flag) => Some(flag.to_string()),
        Setting::Words(words) => Some(format!("{words:?}")),
        Setting::Toml(text) => Some(text.to_owned()),
        Setting::Unset | Setting::Times(..) => None,
    }
}

/// A value of the language as the broker would write it; `None` where it has no word for it.
fn in_form(value: &str, form: Form) -> Option<String> {
    let bare = value.trim_matches('"');
    let quantity = |units: &[(&str, f64)]| {
        let (unit, factor) = units.iter().find(|(unit, _)| bare.ends_with(unit))?;
        let number: f64 = bare.strip_suffix(unit)?.trim().parse().ok()?;
        Some(format!("{}", number * factor))
    };
    match form {
        Form::Same | Form::CountOrUnlimited | Form::ZeroMeans(_) => Some(value.to_owned()),
        Form::Seconds => quantity(&[("ms", 0.001), ("s", 1.0), ("m", 60.0)]),
        Form::Milliseconds => quantity(&[("ms", 1.0), ("s", 1e3), ("m", 6e4)]),
        Form::Percent => quantity(&[("%", 1.0)]),
        Form::Bytes => quantity(&[(" KB", 1e3), (" B", 1.0)]),
        Form::PerSecond => quantity(&[("/s", 1.0)]),
        Form::Redeliveries => Some((value.parse::<i64>().ok()? - 1).to_string()),
        Form::Words(words) => {
            let (theirs, _) = words.iter().find(|(_, ours)| *ours == bare)?;
            Some(if theirs.parse::<bool>().is_ok() { (*theirs).to_owned() } else { format!("\"{theirs}\"") })
        }
    }
}

/// The first of the probe's values that is not the preset's and that the broker has words for.
fn alternative(probe: &Probe, fact: &Fact) -> Option<&'static str> {
    let is_other = |value: &&&str| toml(fact.value).as_deref() != Some(**value);
    let has_words = |value: &&&str| fact.names.iter().all(|(_, form)| in_form(value, *form).is_some());
    probe.alternatives.iter().filter(is_other).find(has_words).copied()
}

/// What a run of this scenario finds, as text.
fn findings(text: &str) -> String {
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let findings = tailback::simulate(text, &files).unwrap_or_else(|error| panic!("{error}\n{text}"));
    format!("{:?} {:?}", findings.components, findings.cost)
}

#[test]
fn preset_facts_have_a_source_and_a_grade() {
    for preset in ALL {
        for (_, fact) in facts(preset) {
            let what = format!("{} {}", preset.name, fact.key);
            let address = source(fact.source).unwrap_or_else(|| panic!("{what} has no source"));
            match fact.grade {
                Grade::Documented | Grade::Secondary => assert!(address.starts_with("https://"), "{what}: {address}"),
                Grade::Assumed => assert_eq!(fact.source, "ASSUMED", "{what}"),
            }
        }
    }
}

#[test]
fn every_key_of_a_preset_has_a_probe() {
    let all = ALL.into_iter().flat_map(|preset| facts(preset).into_iter().map(move |found| (preset, found)));
    let missing: Vec<String> = all
        .filter(|(_, (part, fact))| probe(*part, fact.key).is_none_or(|probe| alternative(probe, fact).is_none()))
        .map(|(preset, (part, fact))| format!("{} {part:?} {}", preset.name, fact.key))
        .collect();
    assert!(missing.is_empty(), "no probe for {missing:#?}");
}

/// Runs every fact's probe with the preset's value and with another one, under each of its names.
fn try_all(shape: Shape) {
    let (mut tried, mut wrong) = (0, vec![]);
    for preset in ALL.into_iter().filter(|preset| preset.shape == shape) {
        for (part, fact) in facts(preset) {
            let Some(probe) = probe(part, fact.key) else { continue };
            let Some(other) = alternative(probe, fact) else { continue };
            let what = format!("{} {part:?} {} = {other}", preset.name, fact.key);
            let text = |line: &str| worlds::scenario(preset, part, fact, probe, line);
            let as_shipped = findings(&text(""));
            let line = format!("{} = {other}", fact.key);
            let changed = findings(&text(&line));
            if changed == as_shipped {
                wrong.push(format!("{what} changes nothing:\n{}", text(&line)));
            }
            if let Some(value) = toml(fact.value)
                && findings(&text(&format!("{} = {value}", fact.key))) != as_shipped
            {
                wrong.push(format!("{} {} written out is not what is shipped", preset.name, fact.key));
            }
            for (name, form) in fact.names {
                let Some(value) = in_form(other, *form) else { continue };
                if findings(&text(&format!("\"{name}\" = {value}"))) != changed {
                    wrong.push(format!("{what}, written {name} = {value}, is something else"));
                }
            }
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "of {tried} values, {} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_value_of_a_preset_for_queues_changes_a_run() {
    try_all(Shape::Queue);
}

#[test]
fn every_value_of_a_preset_for_topics_changes_a_run() {
    try_all(Shape::Topic);
}

#[test]
fn every_value_of_a_preset_for_streams_changes_a_run() {
    try_all(Shape::Stream);
}
