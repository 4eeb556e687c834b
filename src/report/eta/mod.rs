//! What `tailback eta` found: text, JSON, CSV, Markdown and a chart of each backlog.

mod json;
mod tables;

use super::chart::{Chart, draining};
use super::figures::{NOTHING, Quantity, count, duration, runs};
use super::markdown::escaped;
use super::sheet::paragraph;
use super::{File, Head};
use crate::study::{BacklogNow, Eta, Gone};

/// `eta.json`, `eta.csv`, `report.md` and the charts.
pub fn eta_files(head: &Head, eta: &Eta) -> Vec<File> {
    let charts = draining::charts(head, eta);
    let file = |path: &str, bytes| File { path: path.into(), bytes };
    let mut files = vec![
        file("eta.json", eta_json(head, eta).into_bytes()),
        file("eta.csv", eta_csv(eta)),
        file("report.md", written(head, eta, &charts).into_bytes()),
    ];
    files.extend(charts.iter().flat_map(Chart::files));
    files
}

/// `eta.json`, indented, with a final newline.
pub fn eta_json(head: &Head, eta: &Eta) -> String {
    format!("{:#}\n", json::value(head, eta))
}

/// `eta.csv`: a row a backlog and block.
pub fn eta_csv(eta: &Eta) -> Vec<u8> {
    tables::csv(eta)
}

/// `report.md`.
pub fn eta_markdown(head: &Head, eta: &Eta) -> String {
    written(head, eta, &draining::charts(head, eta))
}

/// For a terminal of `width` columns, with ANSI colours where `color` says so.
pub fn eta_text(head: &Head, eta: &Eta, width: usize, color: bool) -> String {
    let width = width.max(60);
    let bold = |text: &str| if color { format!("\u{1b}[1m{text}\u{1b}[0m\n") } else { format!("{text}\n") };
    let mut out = bold(&head.title);
    out.push_str(&paragraph(&heading(head, eta), width));
    for (index, one) in eta.now.iter().enumerate() {
        out.push('\n');
        out.push_str(&bold(&one.component));
        for sentence in sentences(eta, index) {
            out.push_str(&paragraph(&sentence, width));
        }
        out.push('\n');
        out.push_str(&tables::blocks(eta, index).text(width, color));
    }
    for (index, note) in eta.notes.iter().enumerate() {
        if index == 0 {
            out.push('\n');
        }
        out.push_str(&paragraph(&format!("note: {note}"), width));
    }
    out
}

fn written(head: &Head, eta: &Eta, charts: &[Chart]) -> String {
    let mut out = format!("# {}: when it is gone\n\n{}\n\n", escaped(&head.title), escaped(&heading(head, eta)));
    for note in &eta.notes {
        out.push_str(&format!("> {}\n\n", escaped(note)));
    }
    for (index, one) in eta.now.iter().enumerate() {
        out.push_str(&format!("## {}\n\n", escaped(&one.component)));
        for sentence in sentences(eta, index) {
            out.push_str(&format!("{}\n\n", escaped(&sentence)));
        }
        let sheet = tables::blocks(eta, index);
        let (_, table) = sheet
            .markdown()
            .split_once("\n\n")
            .map_or((String::new(), String::new()), |(head, rest)| (head.to_string(), rest.to_string()));
        out.push_str(&table);
    }
    for chart in charts {
        out.push_str(&format!("![{}](<charts/{}.svg>)\n\n", escaped(&chart.title), chart.name));
    }
    out.push_str(&format!(
        "Made by tailback {} from {} (SHA-256 {}), seed {}, {}.\n",
        env!("CARGO_PKG_VERSION"),
        escaped(&head.path),
        head.sha256,
        head.seed,
        runs(eta.runs)
    ));
    out
}

fn heading(head: &Head, eta: &Eta) -> String {
    let at = eta.at_s.map_or(String::new(), |at| format!(", {} into the scenario", duration(at)));
    let band = if eta.runs > 1 { "; ± is the 95 % confidence interval of the mean" } else { "" };
    format!("From now on{at}, in {} with seed {}{band}.", runs(eta.runs), head.seed)
}

/// When it is gone, what paper says, and what is lost on the way.
fn sentences(eta: &Eta, index: usize) -> Vec<String> {
    let (one, gone) = (&eta.now[index], &eta.rows[0].gone[index]);
    let mut out = vec![when(one, gone, eta)];
    out.push(on_paper(one, gone));
    // Where the two agree, one of them is enough.
    let differs = |fluid: f64| gone.paper_s.is_none_or(|paper| (fluid / paper - 1.0).abs() > 0.01);
    if let Some(fluid) = gone.fluid_s.filter(|fluid| differs(*fluid)) {
        let follows = if eta.scaled { "rates, schedules and the autoscaler" } else { "rates and schedules" };
        out.push(format!("As a fluid that follows the {follows}: {}.", duration(fluid)));
    }
    out.extend(losses(gone));
    out
}

fn when(one: &BacklogNow, gone: &Gone, eta: &Eta) -> String {
    let oldest = if one.age_s > 0.0 { format!(", the oldest {} old", duration(one.age_s)) } else { String::new() };
    let waiting = format!("{} messages wait{oldest}", count(one.messages as f64));
    let horizon = duration(eta.rows[0].horizon_s);
    let Some(stat) = &gone.stat else {
        return format!("{waiting}. They are not gone within {horizon}, in any of {}.", runs(eta.runs));
    };
    let level = match one.ordinary {
        Some(n) => format!("down to the {} of ordinary operation", count(n as f64)),
        None => "recovered as the file says".into(),
    };
    let band = if eta.runs > 1 {
        format!(" (5 to 95 % of the runs: {} to {})", duration(stat.p05), duration(stat.p95))
    } else {
        String::new()
    };
    let never = match gone.never {
        0 => String::new(),
        n => format!("; in {n} of {} not within {horizon}", runs(eta.runs)),
    };
    format!("{waiting}. It is {level} after {}{band}{never}.", Quantity::Seconds.stat(stat))
}

fn on_paper(one: &BacklogNow, gone: &Gone) -> String {
    let Some((rate, capacity)) = one.rates else {
        return "On paper: nothing, as no producer publishes to it directly.".into();
    };
    let arithmetic = format!("{} / ({}/s − {}/s)", count(one.messages as f64), count(capacity), count(rate));
    match gone.paper_s {
        Some(paper) => format!("On paper: backlog / (completed − published) = {arithmetic} = {}.", duration(paper)),
        None if capacity <= 0.0 => {
            format!("On paper: never with the replicas of this moment, which complete nothing; {}/s come.", count(rate))
        }
        None => format!(
            "On paper: never with the replicas of this moment, as {}/s come and {}/s are completed.",
            count(rate),
            count(capacity)
        ),
    }
}

/// What does not end well, in words; nothing where nothing is lost.
fn losses(gone: &Gone) -> Option<String> {
    let words = ["dead-lettered", "expired", "dropped", "rejected", "duplicates"];
    let lost = gone.lost.iter().zip(words).filter(|(stat, _)| stat.mean > 0.0);
    let lost: Vec<String> = lost.map(|(stat, word)| format!("{} {word}", Quantity::Count.stat(stat))).collect();
    (!lost.is_empty()).then(|| format!("On the way: {}.", lost.join(", ")))
}

/// A length of time with its band, or how often it is never.
fn cell(gone: &Gone) -> String {
    match &gone.stat {
        None => "never".into(),
        Some(stat) => duration(stat.mean),
    }
}

fn optional(value: Option<f64>, text: impl Fn(f64) -> String) -> String {
    value.map_or(NOTHING.into(), text)
}
