//! What the presets of one broker say, and who says so.

use serde_json::{Value, json};

use crate::broker::{self, BrokerMetric, Fact, Form, Preset, Setting, Shape};

use super::screen::{Footnotes, Screen};

/// Whose keys the facts are: title, word in JSON, facts.
fn parts(preset: &Preset) -> [(&'static str, &'static str, &'static [Fact]); 4] {
    let own = match preset.shape {
        Shape::Queue => "The queue",
        Shape::Topic => "The topic",
        Shape::Stream => "The stream",
        Shape::Workflow => "The workflow",
    };
    let consumers = if preset.shape == Shape::Workflow { "Each step and compensation" } else { "Its consumers" };
    [
        (own, "own", preset.own),
        (consumers, "consumer", preset.consumer),
        ("Its producers", "producer", preset.producer),
        ("Queues that subscribe to it, unless they name a broker", "subscriber", preset.subscriber),
    ]
}

fn word(shape: Shape) -> &'static str {
    match shape {
        Shape::Queue => "queue",
        Shape::Topic => "topic",
        Shape::Stream => "stream",
        Shape::Workflow => "workflow",
    }
}

fn address(fact: &Fact) -> &'static str {
    broker::source(fact.source).unwrap_or(fact.source)
}

/// All presets of one name, one after the other; those that differ in nothing but the shape are one.
pub(super) fn text(presets: &[&Preset], screen: &Screen) -> String {
    let mut groups: Vec<(Preset, Vec<&'static str>)> = vec![];
    for preset in presets {
        let alike = |other: &Preset| *other == Preset { shape: other.shape, ..(*preset).clone() };
        match groups.iter_mut().find(|(other, _)| alike(other)) {
            Some((_, shapes)) => shapes.push(word(preset.shape)),
            None => groups.push(((*preset).clone(), vec![word(preset.shape)])),
        }
    }
    groups.iter().map(|(preset, shapes)| one(preset, shapes, screen)).collect::<Vec<_>>().join("\n")
}

fn one(preset: &Preset, shapes: &[&str], screen: &Screen) -> String {
    let mut notes = Footnotes::default();
    let mut out = screen.heading(&format!("{}: {}", preset.name, preset.title));
    let mut about = format!("a {}", shapes.join(", or a "));
    if !preset.version.is_empty() {
        about.push_str(&format!("; {}", preset.version));
    }
    about.push_str(&format!("; sources read in {}", preset.as_of));
    out.push_str(&screen.paragraphs([about.as_str()]));
    if parts(preset).iter().all(|(_, _, facts)| facts.is_empty()) {
        out.push_str(&screen.paragraphs(["It fills in nothing: what the file leaves out has the language's default."]));
    }
    for (title, _, facts) in parts(preset).iter().filter(|(_, _, facts)| !facts.is_empty()) {
        let rows: Vec<Vec<String>> = facts.iter().map(|fact| row(fact, &mut notes)).collect();
        out.push_str(&format!("\n{}", screen.heading(title)));
        out.push_str(&screen.table(&["key", "value", "the broker's names", "allowed there", "known from"], &rows));
    }
    if !preset.metrics.is_empty() {
        let rows: Vec<Vec<String>> =
            preset.metrics.iter().map(|metric| vec![metric.name.into(), formula(metric)]).collect();
        out.push_str(&format!("\n{}", screen.heading("What its own monitoring shows")));
        out.push_str(&screen.table(&["metric", "made of"], &rows));
    }
    if !preset.not_modelled.is_empty() {
        out.push_str(&format!("\n{}", screen.heading("Not modelled")));
        out.push_str(&screen.paragraphs(preset.not_modelled.iter().copied()));
    }
    out + &notes.text(screen)
}

pub(super) fn row(fact: &Fact, notes: &mut Footnotes) -> Vec<String> {
    let value = match (shown(fact.value), fact.only_with) {
        (value, Some(other)) => format!("{value} (with {other})"),
        (value, None) => value,
    };
    let names: Vec<String> = fact
        .names
        .iter()
        .map(|(name, form)| match written(*form) {
            how if how.is_empty() => (*name).to_string(),
            how => format!("{name} ({how})"),
        })
        .collect();
    let known = notes.cite(fact.grade.word(), address(fact));
    vec![fact.key.into(), value, names.join(", "), fact.range.into(), known]
}

pub(super) fn shown(setting: Setting) -> String {
    match setting {
        Setting::Text(text) | Setting::Toml(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Setting::Number(number) => number.to_string(),
        Setting::Flag(flag) => flag.to_string(),
        Setting::Words(words) => words.join(", "),
        Setting::Times(factor, other) => format!("{factor} × {other}"),
        Setting::Unset => "–".into(),
    }
}

/// How the broker writes the value; empty where it does so as we do.
fn written(form: Form) -> String {
    match form {
        Form::Same => String::new(),
        Form::Seconds => "in s".into(),
        Form::Milliseconds => "in ms".into(),
        Form::Bytes => "in bytes".into(),
        Form::Percent => "in %".into(),
        Form::PerSecond => "per second".into(),
        Form::Redeliveries => "one less".into(),
        Form::CountOrUnlimited => "0 or less: no limit".into(),
        Form::ZeroMeans(count) => format!("0: {count}"),
        Form::Words(words) => {
            words.iter().map(|(theirs, ours)| format!("{theirs}: {ours}")).collect::<Vec<_>>().join(", ")
        }
    }
}

fn formula(metric: &BrokerMetric) -> String {
    let sum = metric.sum_of.join(" + ");
    match metric.sum_of.len() {
        _ if metric.times == 1.0 => sum,
        1 => format!("{} × {sum}", metric.times),
        _ => format!("{} × ({sum})", metric.times),
    }
}

pub(super) fn json(presets: &[&Preset]) -> Value {
    let each = presets.iter().map(|preset| {
        let mut value = json!({
            "shape": word(preset.shape),
            "title": preset.title,
            "version": preset.version,
            "as_of": preset.as_of,
        });
        for (_, name, facts) in parts(preset) {
            value[name] = facts.iter().map(fact_json).collect();
        }
        let metrics = preset.metrics.iter();
        value["metrics"] = metrics
            .map(|metric| json!({ "name": metric.name, "sum_of": metric.sum_of, "times": metric.times }))
            .collect();
        value["not_modelled"] = json!(preset.not_modelled);
        value
    });
    json!({
        "schema_version": 1,
        "broker": presets.first().map(|preset| preset.name),
        "presets": each.collect::<Vec<_>>(),
    })
}

pub(super) fn fact_json(fact: &Fact) -> Value {
    let value = match fact.value {
        Setting::Text(text) => json!(text),
        Setting::Number(number) => json!(number),
        Setting::Flag(flag) => json!(flag),
        Setting::Words(words) => json!(words),
        Setting::Toml(text) => inline(text),
        Setting::Times(..) => json!(shown(fact.value)),
        Setting::Unset => Value::Null,
    };
    json!({
        "key": fact.key,
        "value": value,
        "only_with": fact.only_with,
        "names": fact.names.iter().map(|(name, form)| json!({ "name": name, "form": written(*form) })).collect::<Vec<_>>(),
        "range": fact.range,
        "grade": fact.grade.word(),
        "source": address(fact),
    })
}

/// A value written as TOML, as JSON.
fn inline(text: &str) -> Value {
    let table: Result<toml::Table, _> = toml::from_str(&format!("x = {text}"));
    let value = table.ok().and_then(|mut table| table.remove("x"));
    value.and_then(|value| serde_json::to_value(value).ok()).unwrap_or_else(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::Grade;

    const FACT: Fact = Fact {
        key: "visibility_timeout",
        value: Setting::Text("30s"),
        only_with: None,
        names: &[("VisibilityTimeout", Form::Seconds)],
        range: "0s to 12h",
        source: "https://post.example/rules",
        grade: Grade::Documented,
    };

    fn post() -> Preset {
        Preset {
            name: "post",
            shape: Shape::Queue,
            title: "letters by horse",
            version: "1870",
            as_of: "2026-11",
            own: &[
                FACT,
                Fact { key: "max_deliveries", value: Setting::Unset, only_with: Some("dead_letter"), ..FACT },
                Fact {
                    key: "ttl",
                    value: Setting::Toml("{ exp = \"1h\" }"),
                    source: "ASSUMED",
                    grade: Grade::Assumed,
                    ..FACT
                },
            ],
            consumer: &[Fact { key: "receive", value: Setting::Number(1), names: &[("Take", Form::Same)], ..FACT }],
            producer: &[],
            subscriber: &[],
            metrics: &[BrokerMetric { name: "LettersAgeMs", sum_of: &["oldest_age_s"], times: 1000.0 }],
            not_modelled: &["Horses do not tire."],
        }
    }

    #[test]
    fn everything_stands_in_the_tables() {
        let text = text(&[&post()], &Screen::new(140, false));
        for words in [
            "post: letters by horse\n",
            "a queue; 1870; sources read in 2026-11\n",
            "\nThe queue\n",
            "VisibilityTimeout (in s)",
            "0s to 12h",
            "documented [1]",
            "– (with dead_letter)",
            "{ exp = \"1h\" }",
            "\nIts consumers\n",
            "\nWhat its own monitoring shows\n",
            "1000 × oldest_age_s",
            "\nNot modelled\n",
            "Horses do not tire.",
            "\nSources\n [1] https://post.example/rules\n",
        ] {
            assert!(text.contains(words), "{words} in\n{text}");
        }
        assert!(!text.contains("Its producers") && !text.contains("[2]") && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn it_is_as_wide_as_the_terminal_and_coloured_where_wanted() {
        let narrow = text(&[&post()], &Screen::new(80, true));
        assert!(narrow.contains("\u{1b}[1mpost: letters by horse\u{1b}[0m\n"), "{narrow}");
        let plain = text(&[&post()], &Screen::new(80, false));
        assert!(plain.lines().all(|line| line.chars().count() <= 80), "{plain}");
    }

    #[test]
    fn shapes_that_say_the_same_are_told_once() {
        let both = [&post(), &Preset { shape: Shape::Stream, ..post() }];
        let text = text(&both, &Screen::new(100, false));
        assert_eq!(text.matches("letters by horse").count(), 1);
        assert!(text.contains("a queue, or a stream"), "{text}");
    }

    #[test]
    fn json_has_each_fact() {
        let json = json(&[&post()]);
        assert_eq!(json["broker"], "post");
        let own = &json["presets"][0]["own"];
        assert_eq!((&own[0]["value"], &own[0]["names"][0]["name"]), (&json!("30s"), &json!("VisibilityTimeout")));
        assert_eq!((&own[1]["value"], &own[1]["only_with"]), (&Value::Null, &json!("dead_letter")));
        assert_eq!((&own[2]["value"], &own[2]["grade"]), (&json!({ "exp": "1h" }), &json!("assumed")));
        assert_eq!(json["presets"][0]["consumer"][0]["key"], "receive");
        assert_eq!(json["presets"][0]["producer"], json!([]));
        assert_eq!(json["presets"][0]["metrics"][0]["times"], 1000.0);
    }
}
