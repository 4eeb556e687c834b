//! What `tailback lint` shows: text, JSON and Markdown of one scenario's findings.

use serde_json::{Value, json};

use super::json::number;
use super::markdown::escaped;
use crate::lint::{Change, Finding, PastedLine, Severity};

/// The findings of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Linted {
    pub title: String,
    /// As given on the command line.
    pub path: String,
    /// Hex SHA-256 of the file's text.
    pub sha256: String,
    pub findings: Vec<Finding>,
}

const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Info];

/// `2 errors, 1 warning`; `nothing found`.
fn counts(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let named = SEVERITIES.iter().filter_map(|severity| match (count(*severity), severity) {
        (0, _) => None,
        (n, Severity::Info) => Some(format!("{n} info")),
        (1, severity) => Some(format!("1 {}", severity.word())),
        (n, severity) => Some(format!("{n} {}s", severity.word())),
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() { "nothing found".into() } else { named.join(", ") }
}

/// For a terminal of `width` columns.
pub fn lint_text(linted: &Linted, width: usize, color: bool) -> String {
    let mut out = format!("{}: {}\n", linted.path, counts(&linted.findings));
    for finding in &linted.findings {
        let word = finding.severity.word();
        let word = match (color, finding.severity) {
            (false, _) => word.to_string(),
            (true, Severity::Error) => format!("\u{1b}[1;31m{word}\u{1b}[0m"),
            (true, Severity::Warning) => format!("\u{1b}[1;33m{word}\u{1b}[0m"),
            (true, Severity::Info) => format!("\u{1b}[1;34m{word}\u{1b}[0m"),
        };
        out.push_str(&format!("\n{word}  {}: {}\n", finding.component, finding.rule));
        out.push_str(&filled(&finding.says, "  ", width));
        for (place, lines) in places(finding) {
            out.push_str(&format!("  {place}\n"));
            lines.iter().for_each(|line| out.push_str(&format!("      {line}\n")));
        }
    }
    out
}

/// Where to paste, and what: lines at one place stand together.
fn places(finding: &Finding) -> Vec<(String, Vec<String>)> {
    if finding.fix.lines.is_empty() {
        let settings = finding.fix.settings.iter().map(|(path, value)| match value.as_str() {
            "" => format!("without {path}"),
            value => format!("--set '{path}={value}'"),
        });
        return vec![("fix: on the command line".into(), settings.collect())];
    }
    let mut places: Vec<(String, Vec<String>)> = vec![];
    for line in &finding.fix.lines {
        let place = place(line);
        let text = line.text.trim().to_string();
        match places.last_mut().filter(|(last, _)| *last == place) {
            Some((_, lines)) => lines.push(text),
            None => places.push((place, vec![text])),
        }
    }
    // The empty line before a new table is no line to show.
    places.iter_mut().for_each(|(_, lines)| lines.retain(|line| !line.is_empty()));
    places
}

fn place(line: &PastedLine) -> String {
    match line.change {
        Change::Added => format!("fix: after line {}, {}", line.line, line.old),
        Change::Replaced => format!("fix: instead of line {}", line.line),
        Change::Removed => format!("fix: take out line {}", line.line),
    }
}

/// Words in lines of at most `width` columns, each with an indent.
fn filled(text: &str, indent: &str, width: usize) -> String {
    let room = width.max(40) - indent.len();
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > room {
            out.push('\n');
            column = 0;
        }
        out.push_str(if column == 0 { indent } else { " " });
        column += length + usize::from(column > 0);
        out.push_str(word);
    }
    out.push('\n');
    out
}

/// The findings as indented JSON with a final newline.
pub fn lint_json(linted: &Linted) -> String {
    let count = |severity| linted.findings.iter().filter(|finding| finding.severity == severity).count();
    let value = json!({
        "schema_version": 1,
        "tool": concat!("tailback ", env!("CARGO_PKG_VERSION")),
        "verb": "lint",
        "scenario": { "title": linted.title, "path": linted.path, "sha256": linted.sha256 },
        "counts": {
            "error": count(Severity::Error),
            "warning": count(Severity::Warning),
            "info": count(Severity::Info),
        },
        "findings": linted.findings.iter().map(finding).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

fn finding(finding: &Finding) -> Value {
    let setting = |(path, value): &(String, String)| json!({ "path": path, "value": if value.is_empty() { Value::Null } else { value.as_str().into() } });
    let line = |line: &PastedLine| {
        let change = match line.change {
            Change::Added => "added",
            Change::Replaced => "replaced",
            Change::Removed => "removed",
        };
        json!({ "line": line.line, "change": change, "text": line.text, "old": line.old })
    };
    json!({
        "rule": finding.rule,
        "severity": finding.severity.word(),
        "component": finding.component,
        "says": finding.says,
        "figure": {
            "name": finding.figure.name,
            "value": number(finding.figure.value),
            "unit": finding.figure.unit,
        },
        "fix": {
            "settings": finding.fix.settings.iter().map(setting).collect::<Vec<_>>(),
            "lines": finding.fix.lines.iter().map(line).collect::<Vec<_>>(),
        },
    })
}

/// The findings as Markdown, to paste into a review.
pub fn lint_markdown(linted: &Linted) -> String {
    let mut out = format!("# {}: {}\n", escaped(&linted.path), counts(&linted.findings));
    for finding in &linted.findings {
        let (component, word) = (escaped(&finding.component), finding.severity.word());
        out.push_str(&format!("\n## {word}: {component}, {}\n\n{}\n", finding.rule, escaped(&finding.says)));
        for (place, lines) in places(finding) {
            let language = if finding.fix.lines.is_empty() { "text" } else { "toml" };
            out.push_str(&format!("\n{}:\n\n```{language}\n{}\n```\n", escaped(&place), lines.join("\n")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{Figure, Fix};

    fn linted() -> Linted {
        let line = PastedLine {
            line: 9,
            change: Change::Replaced,
            text: "visibility_timeout = \"2m\"".into(),
            old: "visibility_timeout = \"30s\"".into(),
        };
        let fix = Fix { settings: vec![("queue.q.visibility_timeout".into(), "\"2m\"".into())], lines: vec![line] };
        let finding = Finding {
            rule: "lease-too-short",
            severity: Severity::Error,
            component: "q".into(),
            says: "The lease of 30s runs out for 7 % of the deliveries, which are worked on twice. "
                .repeat(2)
                .trim()
                .into(),
            figure: Figure { name: "share", value: 0.07, unit: "1" },
            fix,
        };
        Linted { title: "t".into(), path: "s.toml".into(), sha256: "ab".into(), findings: vec![finding] }
    }

    #[test]
    fn a_finding_fits_a_narrow_terminal() {
        let text = lint_text(&linted(), 60, false);
        assert!(text.starts_with("s.toml: 1 error\n\nerror  q: lease-too-short\n  The lease"), "{text}");
        assert!(text.contains("  fix: instead of line 9\n      visibility_timeout = \"2m\"\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
        assert!(lint_text(&linted(), 60, true).contains("\u{1b}[1;31merror\u{1b}[0m"));
    }

    #[test]
    fn json_and_markdown_say_the_same() {
        let json: Value = serde_json::from_str(&lint_json(&linted())).expect("JSON");
        assert_eq!(json["counts"]["error"], 1);
        assert_eq!(json["findings"][0]["fix"]["lines"][0]["line"], 9);
        let markdown = lint_markdown(&linted());
        assert!(markdown.contains("```toml\nvisibility_timeout = \"2m\"\n```"), "{markdown}");
    }

    #[test]
    fn without_a_place_in_the_file_the_command_line_helps() {
        let mut linted = linted();
        linted.findings[0].fix.lines.clear();
        let text = lint_text(&linted, 80, false);
        assert!(text.contains("--set 'queue.q.visibility_timeout=\"2m\"'"), "{text}");
        linted.findings.clear();
        assert_eq!(lint_text(&linted, 80, false), "s.toml: nothing found\n");
    }
}
