//! The map of safe operation, in all forms.

use super::value;
use crate::report::figures::{duration, runs};
use crate::report::json::number as json_number;
use crate::report::markdown::escaped;
use crate::report::plan::cell as number_cell;
use crate::report::rows::{Rows, wrapped};
use crate::report::{File, Head, chart};
use crate::study::{Class, MapFindings};
use serde_json::{Value, json};

/// `cliff.json`, `cliff.csv`, `report.md` and the map.
pub fn map_files(head: &Head, findings: &MapFindings) -> Vec<File> {
    let file = |path: &str, bytes: Vec<u8>| File { path: path.into(), bytes };
    let chart = chart::safe_map(head, findings);
    let mut files = vec![
        file("cliff.json", map_json(head, findings).into_bytes()),
        file("cliff.csv", map_csv(findings)),
        file("report.md", written(head, findings, &chart).into_bytes()),
    ];
    files.extend(chart.files());
    files
}

/// What a class is called: in words, and as one letter in the terminal's map.
fn name(class: Class) -> (&'static str, char) {
    match class {
        Class::Quick => ("quick", '·'),
        Class::Slow => ("slow", 's'),
        Class::GaveUp => ("gave up", 'g'),
        Class::Never => ("never", 'N'),
    }
}

/// The map for people, `width` columns wide. Ends with a newline.
pub fn map_terminal(head: &Head, findings: &MapFindings, width: usize, color: bool) -> String {
    let width = width.max(60);
    let mut out = if color { format!("\u{1b}[1m{}\u{1b}[0m\n", head.title) } else { format!("{}\n", head.title) };
    out.push_str(&wrapped(&sentences(findings), width));
    out.push('\n');
    let [across, up] = &findings.lattices;
    let widest = up.values.iter().map(|value| value.text.chars().count()).max().unwrap_or(0);
    for row in (0..up.values.len()).rev() {
        let cells: String = (0..across.values.len())
            .map(|column| {
                let cell = findings.cell(column, row);
                // Capital where the objectives do not hold would be too fine a print: they have a line of their own.
                format!("{} ", name(cell.class).1)
            })
            .collect();
        out.push_str(&format!("{:>widest$}  {}\n", up.values[row].text, cells.trim_end()));
    }
    let ends = (&across.values[0].text, &across.values[across.values.len() - 1].text);
    out.push_str(&format!("{:>widest$}  {} … {}\n", "", ends.0, ends.1));
    out.push_str(&format!("{:>widest$}  across: {}, up: {}\n", "", across.path, up.path));
    out.push('\n');
    out.push_str(&wrapped(&notes(findings), width));
    out
}

fn sentences(findings: &MapFindings) -> Vec<String> {
    let all = findings.cells.len();
    let count = |class: Class| findings.cells.iter().filter(|cell| cell.class == class).count();
    let mut out = vec![format!(
        "Of {all} points every run recovers within {} at {}, takes longer at {}, gives messages up at {}, and never \
         recovers by its end at {}.",
        duration(findings.within_s),
        count(Class::Quick),
        count(Class::Slow),
        count(Class::GaveUp),
        count(Class::Never)
    )];
    if findings.needed.is_some() {
        let safe = findings.cells.iter().filter(|cell| findings.survives(cell)).count();
        let slos = if findings.expressions.len() == 1 { "The SLO holds" } else { "All SLOs hold" };
        out.push(format!("{slos} at {safe} of them ({}).", findings.expressions.join(", ")));
    }
    out
}

fn notes(findings: &MapFindings) -> Vec<String> {
    let edge = if findings.edge_runs > findings.first_runs {
        format!(", {} where a neighbour looks different", findings.edge_runs)
    } else {
        String::new()
    };
    vec![
        "· quick, s slow, g gave messages up (dead-lettered, expired, dropped or refused for good), N never; a point is \
         as bad as its worst run."
            .into(),
        format!("{} of each point{edge}; {} in all.", runs(findings.first_runs), runs(findings.simulated)),
    ]
}

/// `report.md`.
pub fn map_markdown(head: &Head, findings: &MapFindings) -> String {
    written(head, findings, &chart::safe_map(head, findings))
}

fn written(head: &Head, findings: &MapFindings, chart: &chart::Chart) -> String {
    let mut out = format!("# {}: the map of safe operation\n\n", escaped(&head.title));
    for sentence in sentences(findings) {
        out.push_str(&format!("{}\n\n", escaped(&sentence)));
    }
    out.push_str(&format!("![{}](<charts/{}.svg>)\n\n", escaped(&chart.title), chart.name));
    out.push_str(&farthest(findings).markdown());
    for sentence in notes(findings) {
        out.push_str(&format!("{}\n\n", escaped(&sentence)));
    }
    out.push_str(&format!("{}\n", escaped(&head.source())));
    out
}

/// For each value upwards, the range across in which it is quick and in which it survives.
fn farthest(findings: &MapFindings) -> Rows {
    let [across, up] = &findings.lattices;
    let span = |row: usize, is: &dyn Fn(&crate::study::Cell) -> bool| {
        let columns: Vec<usize> = (0..across.values.len()).filter(|&column| is(findings.cell(column, row))).collect();
        match (columns.first(), columns.last()) {
            (Some(&first), Some(&last)) if first == last => across.values[first].text.clone(),
            (Some(&first), Some(&last)) => {
                let gap = if last - first + 1 > columns.len() { " (with gaps)" } else { "" };
                format!("{} to {}{gap}", across.values[first].text, across.values[last].text)
            }
            _ => "nowhere".into(),
        }
    };
    let rows = (0..up.values.len()).rev().map(|row| {
        let quick = span(row, &|cell| cell.class == Class::Quick);
        let recovers = span(row, &|cell| cell.class <= Class::Slow);
        let survives = span(row, &|cell| findings.survives(cell));
        vec![up.values[row].text.clone(), quick, recovers, survives]
    });
    let header = [up.path.as_str(), "recovers quickly", "recovers", "survives"];
    Rows { header: header.iter().map(|name| (*name).into()).collect(), figures: vec![], rows: rows.collect() }
}

/// The map as JSON. Ends with a newline.
pub fn map_json(head: &Head, findings: &MapFindings) -> String {
    let mut root = head.json();
    let axis = |index: usize| {
        let lattice = &findings.lattices[index];
        json!({ "path": lattice.path, "values": lattice.values.iter().map(value).collect::<Vec<_>>() })
    };
    let width = findings.lattices[0].values.len();
    let found = json!({
        "across": axis(0),
        "up": axis(1),
        "within_s": json_number(findings.within_s),
        "first_runs": findings.first_runs,
        "edge_runs": findings.edge_runs,
        "simulated": findings.simulated,
        "needed": findings.needed,
        "slo": findings.expressions,
        "points": findings.cells.iter().enumerate().map(|(index, cell)| json!({
            "across": index % width,
            "up": index / width,
            "class": name(cell.class).0,
            "runs": cell.runs,
            "runs_by_class": { "quick": cell.counts[0], "slow": cell.counts[1], "gave_up": cell.counts[2],
                               "never": cell.counts[3] },
            "survived": cell.survived,
            "survives": findings.survives(cell),
            "recovery_s": cell.recovery_s.map(json_number),
            "given_up": json_number(cell.given_up),
        })).collect::<Vec<_>>(),
    });
    if let Value::Object(found) = found {
        root.extend(found);
    }
    format!("{:#}\n", Value::Object(root))
}

/// One row a point.
pub fn map_csv(findings: &MapFindings) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // A writer over memory has nothing that could fail.
    let mut row = |cells: &[String]| writer.write_record(cells).expect("memory takes every row");
    let [across, up] = &findings.lattices;
    let header = ["across", "up", "class", "runs", "survived", "survives", "recovery_mean_s", "given_up"];
    row(&header.map(String::from));
    for (index, cell) in findings.cells.iter().enumerate() {
        let (x, y) = (index % across.values.len(), index / across.values.len());
        row(&[
            across.values[x].text.clone(),
            up.values[y].text.clone(),
            name(cell.class).0.into(),
            cell.runs.to_string(),
            cell.survived.to_string(),
            findings.survives(cell).to_string(),
            number_cell(cell.recovery_s),
            number_cell(Some(cell.given_up)),
        ]);
    }
    writer.into_inner().expect("memory takes every row")
}
