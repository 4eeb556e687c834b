//! The committed scenarios, their outputs, and what README's table says of them.

use std::fs;

use serde_json::Value;

use crate::program::{Place, repository, scenarios};

fn summary(name: &str) -> Value {
    let path = repository().join("output").join(name).join("summary.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("JSON")
}

/// The cells of README's row for a scenario.
fn readme_row(name: &str) -> Vec<String> {
    let readme = fs::read_to_string(repository().join("README.md")).expect("README.md");
    let link = format!("(scenarios/{name}.toml)");
    let row = readme.lines().find(|line| line.starts_with('|') && line.contains(&link));
    let row = row.unwrap_or_else(|| panic!("README has no row for {name}"));
    row.trim_matches('|').split('|').map(|cell| cell.trim().to_string()).collect()
}

#[test]
fn every_scenario_has_its_row_its_outputs_and_its_place_in_gitignore() {
    let ignored = fs::read_to_string(repository().join(".gitignore")).expect(".gitignore");
    for name in scenarios() {
        assert!(readme_row(&name)[0].contains(&format!("(output/{name}/report.md)")), "{name}: no link to its report");
        assert!(ignored.lines().any(|line| line == format!("!/output/{name}/")), "{name} is ignored by git");
        assert_eq!(summary(&name)["scenario"]["path"], format!("scenarios/{name}.toml"));
        let text = fs::read_to_string(repository().join(format!("scenarios/{name}.toml"))).expect("a scenario");
        for heading in ["# Topology", "# Trigger", "# Mechanism", "# Look for"] {
            assert!(text.lines().any(|line| line.starts_with(heading)), "{name}: {heading} is missing");
        }
    }
}

/// A recovery cell is `–` (no disturbance), or a list of `queue` and the mean over the runs that recovered (within 3 %)
/// or `never`.
#[test]
fn recovery_times_in_the_readme_are_those_of_the_outputs() {
    for name in scenarios() {
        let cell = readme_row(&name).remove(2);
        let summary = summary(&name);
        let components = summary["components"].as_object().expect("components");
        if cell == "–" {
            for (component, findings) in components {
                let disturbances = findings["disturbances"].as_array().map_or(0, Vec::len);
                assert_eq!(disturbances, 0, "{name}: {component} has a recovery time to tell");
            }
            continue;
        }
        for part in cell.split(',') {
            let (queue, time) = part.trim().split_once(' ').expect("`queue` time");
            let recovery = &components[queue.trim_matches('`')]["recovery_time_s"];
            if time == "never" {
                assert_eq!(recovery["never"], summary["runs"], "{name}: {part}");
                continue;
            }
            let said =
                tailback::units::Duration::parse(time).unwrap_or_else(|error| panic!("{name}: {error}")).seconds();
            let mean = recovery["mean"].as_f64().unwrap_or_else(|| panic!("{name}: {queue} never recovered"));
            assert!((said - mean).abs() <= (0.03 * mean).max(1.0), "{name}: {part} is said, {mean} s is so");
        }
    }
}

#[test]
fn the_schema_accepts_every_scenario() {
    let schema = tailback::scenario::schema();
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    for name in scenarios() {
        let text = fs::read_to_string(repository().join(format!("scenarios/{name}.toml"))).expect("a scenario");
        let value: Value = toml::from_str(&text).expect("TOML");
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

/// The committed trace is what the committed generator gives: its publish rate, each row moved to where its tick begins.
#[test]
fn the_trace_is_the_one_that_its_generator_makes() {
    let place = Place::new();
    let generator = repository().join("scenarios/traces/generate.toml");
    let arguments = ["run", &generator.display().to_string(), "--format", "csv", "--quiet"];
    let series = place.run(&arguments).with_status(0).stdout();
    let mut trace = String::from("time_s,rate\n");
    for row in series.lines() {
        let cells: Vec<&str> = row.split(',').collect();
        let (Ok(time), "readings", "publish_rate_per_s") = (cells[0].parse::<u32>(), cells[1], cells[2]) else {
            continue;
        };
        if time > 0 {
            trace.push_str(&format!("{},{}\n", time - 10, cells[3]));
        }
    }
    let path = repository().join("scenarios/traces/bursts.csv");
    assert!(trace == fs::read_to_string(&path).expect("the trace"), "{} is made anew:\n{trace}", path.display());
}
