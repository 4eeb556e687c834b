//! The summary for a terminal: what happened, how long it lasted, what it cost.

use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table as Grid, Width, presets,
};

use super::figures::{NOTHING, Quantity, count, duration, instant, runs};
use super::table::{self, Table};
use super::{cost, dependencies, uncertain, workflows};
use super::{parts, verdict};
use crate::study::{ComponentFindings, ComponentKind, Findings, Pooled};

/// Narrower than this nothing is legible, so the text is allowed to overhang.
const NARROWEST: usize = 60;

/// With more disturbances than this only the worst one is shown for each queue.
const MOST_SHOWN: usize = 3;

/// The summary, `width` columns wide, with ANSI colours where `color` says so. Ends with a newline.
pub fn terminal(findings: &Findings, width: usize, color: bool) -> String {
    let screen = Screen { width: width.max(NARROWEST), color };
    let mut out = screen.bold(&findings.title);
    out.push('\n');
    out.push_str(&screen.heading(findings));
    for part in table::seen_queues(findings) {
        out.push('\n');
        out.push_str(&screen.bold(&part.name));
        out.push('\n');
        out.push_str(&screen.pairs(&queue(part, findings)));
        for table in [parts::brief_partitions(part), parts::brief_keys(part)] {
            if !table.rows.is_empty() {
                out.push_str(&screen.grid(&table));
            }
        }
    }
    for part in findings.components.iter().filter(|part| part.total("answered").is_some()) {
        out.push('\n');
        out.push_str(&screen.bold(&part.name));
        out.push('\n');
        out.push_str(&screen.pairs(&clients(part)));
    }
    for part in workflows::workflows(findings) {
        out.push('\n');
        out.push_str(&screen.bold(&part.name));
        out.push('\n');
        out.push_str(&screen.pairs(&workflows::brief(part)));
    }
    for part in dependencies::dependencies(findings) {
        out.push('\n');
        out.push_str(&screen.bold(&part.name));
        out.push('\n');
        out.push_str(&screen.pairs(&dependencies::brief(part)));
    }
    if let Some(text) = cost::brief(findings) {
        out.push('\n');
        out.push_str(&screen.pairs(&[("cost", text)]));
    }
    let (envelope, caveats) = table::brief_envelope(findings);
    let tables = [table::consumers(findings), uncertain::spread(findings), table::slo(findings), envelope];
    for table in tables.iter().filter(|table| !table.rows.is_empty()) {
        out.push('\n');
        out.push_str(&screen.grid(table));
    }
    if !caveats.is_empty() {
        out.push_str(&screen.pairs(&caveats.iter().map(|caveat| ("", format!("({caveat})"))).collect::<Vec<_>>()));
    }
    if !findings.notes.is_empty() {
        out.push('\n');
        let notes: Vec<_> = findings.notes.iter().map(|note| ("note", note.clone())).collect();
        out.push_str(&screen.pairs(&notes));
    }
    out
}

struct Screen {
    width: usize,
    color: bool,
}

impl Screen {
    fn heading(&self, findings: &Findings) -> String {
        // That one run has no interval stands among the notes.
        let interval =
            if findings.runs > 1 { "; ± is the 95 % confidence interval of the mean over the runs" } else { "" };
        let line = format!(
            "{} of {}, seed {}, {} messages {}{interval}",
            runs(findings.runs),
            duration(findings.duration_s),
            findings.seed,
            count(findings.messages as f64),
            if findings.engine.weight > 1 {
                format!("told by {} simulated ones", count(findings.simulated()))
            } else {
                "simulated".into()
            },
        );
        self.pairs(&[("", line)])
    }

    fn bold(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.into() }
    }

    /// Names and what they are, in two columns, the second one wrapped.
    fn pairs(&self, pairs: &[(&str, String)]) -> String {
        let mut grid = bare_grid(self.width, self.color);
        for (name, text) in pairs {
            if name.is_empty() {
                grid.add_row([text]);
            } else {
                grid.add_row([*name, text]);
            }
        }
        if let Some(column) = grid.column_mut(0).filter(|_| pairs.iter().any(|(name, _)| !name.is_empty())) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(18)));
        }
        lines(&grid)
    }

    fn grid(&self, table: &Table) -> String {
        let mut grid = bare_grid(self.width, self.color);
        grid.set_header(table.header.iter().map(|name| self.attribute(Cell::new(name), Attribute::Bold)));
        for row in &table.rows {
            grid.add_row(row.iter().map(|text| self.cell(text)));
        }
        for &index in &table.figures {
            if let Some(column) = grid.column_mut(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        lines(&grid)
    }

    fn cell(&self, text: &str) -> Cell {
        let cell = Cell::new(text);
        match text.chars().next() {
            Some('✓') if self.color => cell.fg(comfy_table::Color::Green),
            Some('✗') if self.color => self.attribute(cell.fg(comfy_table::Color::Red), Attribute::Bold),
            _ => cell,
        }
    }

    fn attribute(&self, cell: Cell, attribute: Attribute) -> Cell {
        if self.color { cell.add_attribute(attribute) } else { cell }
    }
}

/// A table without rules as wide as the terminal at most; styled where `color` says so, whatever the output is.
pub fn bare_grid(width: usize, color: bool) -> Grid {
    let mut grid = Grid::new();
    grid.load_style(presets::NOTHING);
    grid.set_content_arrangement(ContentArrangement::Dynamic);
    grid.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    grid.force_no_tty();
    if color {
        grid.enforce_styling();
    }
    grid
}

fn lines(grid: &Grid) -> String {
    grid.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn queue(part: &ComponentFindings, findings: &Findings) -> Vec<(&'static str, String)> {
    let figure = |name: &str| part.total(name).map(|stat| Quantity::of(name).stat(stat));
    let mut pairs = Vec::new();
    if let Some(peak) = figure("peak_backlog") {
        pairs.push(("peak backlog", format!("{peak}{}", table::when_peaked(part, findings))));
    }
    // Nobody waits for dead letters, unless a consumer reads them too.
    if part.kind == ComponentKind::DeadLetterQueue && part.wait.is_none() {
        return pairs;
    }
    if let Some(age) = figure("oldest_age_max_s") {
        pairs.push(("oldest age", format!("{age} at most")));
    }
    pairs.extend(recoveries(part, findings));
    pairs.extend(part.verdict.as_ref().map(|verdict| ("verdict", verdict::words(verdict))));
    let whole = ["dead_lettered", "expired", "dropped", "rejected", "duplicates"].map(|name| {
        let text = part.total(name).map_or_else(|| NOTHING.into(), |stat| count(stat.mean));
        format!("{text} {}", name.replace('_', "-"))
    });
    let rare = table::RARE.iter().filter_map(|(name, word)| {
        let seen = part.total(name).filter(|stat| stat.max > 0.0)?;
        Some(format!("{} {word}", count(seen.mean)))
    });
    pairs.push(("whole run", whole.into_iter().chain(rare).collect::<Vec<_>>().join(", ")));
    for (name, messages) in [("wait", &part.wait), ("latency", &part.latency)] {
        if let Some(messages) = messages {
            pairs.push((name, quantiles(messages)));
        }
    }
    pairs.extend(table::still_waiting(part).map(|text| ("still waiting", text)));
    for level in &part.by_priority {
        if let Some(messages) = &level.latency {
            pairs.push(("by priority", format!("{}: latency {}", level.level, quantiles(messages))));
        }
    }
    pairs.extend(parts::deepest(part).map(|text| ("partitions", text)));
    pairs.extend(parts::busiest(part).map(|text| ("busiest key", text)));
    pairs
}

/// What became of requests whose producer waits for the answer.
fn clients(part: &ComponentFindings) -> Vec<(&'static str, String)> {
    let figure = |name: &str| part.total(name).map_or_else(|| NOTHING.into(), |stat| Quantity::of(name).stat(stat));
    let text = format!(
        "{}, {} answered in time, {} given up, {} timeouts",
        figure("requests"),
        figure("answered"),
        figure("gave_up"),
        figure("timeouts")
    );
    let goodput = format!("{}, {} copies published a request", figure("goodput"), figure("publish_amplification"));
    vec![("requests", text), ("goodput", goodput)]
}

/// Each recovery with what was lost on the way; of many disturbances only the worst.
fn recoveries(part: &ComponentFindings, findings: &Findings) -> Vec<(&'static str, String)> {
    let worst = table::worst(part).map(|(index, _)| index);
    let count = part.disturbances.len();
    let mut pairs = Vec::new();
    for (index, (known, seen)) in findings.disturbances.iter().zip(&part.disturbances).enumerate() {
        if count > MOST_SHOWN && worst != Some(index) {
            continue;
        }
        let others = if count > MOST_SHOWN { format!(", the worst of {count} disturbances") } else { String::new() };
        let span = format!("{}–{}", instant(known.start_s), instant(known.end_s));
        let label = format!("{} ({span}{others})", known.label);
        let text = match &seen.recovery.stat {
            Some(stat) if stat.max == 0.0 && seen.recovery.never == 0 => {
                format!("0 s, at its baseline when {label} ended")
            }
            _ => table::recovery(&seen.recovery, &format!(" after {label}"), findings),
        };
        pairs.push(("recovery time", text));
        pairs.push(("lost on the way", table::losses(seen)));
    }
    pairs
}

fn quantiles(messages: &Pooled) -> String {
    format!(
        "p50 {}, p99 {}, mean {}",
        duration(messages.p50),
        duration(messages.p99),
        Quantity::Seconds.interval(messages.mean, messages.ci95)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_headline_fits_a_screen() {
        let text = terminal(&fixture::flash_sale(), 100, false);
        for part in [
            "1,498,210 ± 1,420 at 15:00",
            "14m 32s ± 4 s after spike of checkout (10:00–15:00)",
            "✗ fails",
            "20 of 20 runs",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(text.lines().count() <= 40, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(!text.contains('\u{1b}'));
        assert!(terminal(&fixture::flash_sale(), 100, true).contains('\u{1b}'));
    }

    #[test]
    fn no_recovery_without_its_losses() {
        let all = [
            fixture::flash_sale(),
            fixture::never_recovers(),
            fixture::fan_out(),
            fixture::undisturbed(),
            fixture::busy_week(),
        ];
        for findings in all {
            let text = terminal(&findings, 100, false);
            let lines: Vec<_> = text.lines().map(str::trim_start).collect();
            let named = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
            assert_eq!(named("recovery time"), named("lost on the way"), "{text}");
            for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("recovery time")) {
                let next = lines[index + 1..].iter().find(|next| next.starts_with("lost on the way"));
                for word in ["dead-lettered", "expired", "dropped", "rejected", "duplicates"] {
                    assert!(next.is_some_and(|next| next.contains(word)), "{line}");
                }
            }
        }
    }

    #[test]
    fn never_is_said() {
        let mut findings = fixture::never_recovers();
        let text = terminal(&findings, 100, false);
        assert!(text.contains("never by the run's end at 45:00 in any of 20 runs"), "{text}");
        findings.components[0].disturbances[0].recovery = crate::study::Recovery {
            stat: fixture::flash_sale().components[0].disturbances[0].recovery.stat.clone(),
            never: 3,
        };
        assert!(terminal(&findings, 140, false).contains("but never by the run's end at 45:00 in 3 of 20 runs"));
    }

    #[test]
    fn latency_does_not_hide_who_still_waits() {
        let mut findings = fixture::never_recovers();
        let said = "at the end 40,000 wait still, the oldest for 28m";
        assert!(!terminal(&findings, 140, false).contains("wait still"));
        let orders = &mut findings.components[0];
        orders.totals.push(("unfinished_ready", orders.totals[0].1.clone()));
        if let Some((_, stat)) = orders.totals.last_mut() {
            stat.mean = 40_000.0;
        }
        let age = orders.series.iter_mut().find(|series| series.metric == "oldest_age_s");
        age.and_then(|series| series.mean.last_mut()).map(|last| *last = 1_680.0).unwrap();
        orders.latency.as_mut().unwrap().p99 = 100.0;
        assert!(terminal(&findings, 140, false).contains(said));
        assert!(crate::report::markdown(&findings).contains(said));
        findings.components[0].latency.as_mut().unwrap().p99 = 2_000.0;
        assert!(!terminal(&findings, 140, false).contains(said));
    }

    #[test]
    fn a_group_shows_its_deepest_partition_and_busiest_key() {
        let text = terminal(&fixture::hot_partition(), 120, false);
        for part in ["partition 3 is the deepest of 4", "celebrity with 58 % of the messages", "41 out of order"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(!text.contains("deduplicated"));
        assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    }

    #[test]
    fn one_run_shows_no_interval_and_says_so() {
        let text = terminal(&fixture::single_run(), 100, false);
        assert!(text.contains("no interval") && !text.contains('±'), "{text}");
    }
}
