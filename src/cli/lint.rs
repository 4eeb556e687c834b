//! `tailback lint`: the known mistakes in scenarios.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::lint::{self, Severity};
use crate::report::{self, Linted};

use super::ending::{Done, Failure, Outcome};
use super::run::key_and_value;
use super::{load, terminal};

/// Find known mistakes in scenarios, each with the number that makes it matter and the fix to paste
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct LintArguments {
    /// Scenario files (TOML)
    #[arg(value_name = "FILE", required_unless_present = "rules")]
    files: Vec<PathBuf>,

    /// Set a value of the files, by its TOML path; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    settings: Vec<(String, String)>,

    /// End with status 99 where there is a finding as bad as this, or worse
    #[arg(long, value_enum, value_name = "SEVERITY")]
    deny: Option<Deny>,

    /// Leave a rule out, by its name; may be repeated
    #[arg(long, value_name = "RULE", value_parser = known_rule)]
    allow: Vec<String>,

    /// List the rules instead
    #[arg(long, conflicts_with_all = ["files", "settings", "deny", "allow", "format"])]
    rules: bool,

    /// What goes to stdout
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  tailback lint scenarios/short-lease.toml
  tailback lint scenarios/*.toml --deny errors       for a build: status 99 where there is an error
  tailback lint checkout.toml --allow single-replica
  tailback lint checkout.toml --format json | jq '.findings[].rule'
  tailback lint --rules

Nothing is simulated and nothing is changed. Exit status: 0 done; 99 done, and --deny found something; 2 a scenario or
the arguments are wrong; 1 anything else.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    Errors,
    Warnings,
    Info,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// The same as JSON, one document a file
    Json,
    /// The same as Markdown
    Md,
}

fn known_rule(name: &str) -> Result<String, String> {
    let names: Vec<&str> = lint::rules().iter().map(|rule| rule.name).collect();
    if names.contains(&name) {
        return Ok(name.into());
    }
    Err(match crate::scenario::nearest(name, names.iter().copied()) {
        Some(near) => format!("no rule is called \"{name}\"; did you mean \"{near}\"?"),
        None => format!("no rule is called \"{name}\"; `tailback lint --rules` lists them"),
    })
}

pub(super) fn lint(arguments: &LintArguments) -> Outcome {
    if arguments.rules {
        return list();
    }
    let loaded = load::load(&arguments.files, &arguments.settings).result?;
    let mut denied = false;
    for (i, one) in loaded.iter().enumerate() {
        let mut findings = lint::lint(&one.scenario, &one.text);
        findings.retain(|finding| !arguments.allow.iter().any(|rule| rule == finding.rule));
        denied |= findings.iter().any(|finding| arguments.deny.is_some_and(|deny| deny.covers(finding.severity)));
        let linted =
            Linted { title: one.scenario.title.clone(), path: one.path.clone(), sha256: one.sha256.clone(), findings };
        let shown = match arguments.format {
            Format::Text => report::lint_text(&linted, terminal::width(), terminal::color_on_stdout()),
            Format::Json => report::lint_json(&linted),
            Format::Md => report::lint_markdown(&linted),
        };
        let between = if i > 0 && arguments.format != Format::Json { "\n" } else { "" };
        terminal::print(format!("{between}{shown}"))?;
    }
    Ok(if denied { Done::SloBroken } else { Done::Well })
}

impl Deny {
    fn covers(self, severity: Severity) -> bool {
        severity
            <= match self {
                Deny::Errors => Severity::Error,
                Deny::Warnings => Severity::Warning,
                Deny::Info => Severity::Info,
            }
    }
}

fn list() -> Result<Done, Failure> {
    let width = lint::rules().iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let lines = lint::rules().into_iter().map(|rule| format!("{:width$}  {}\n", rule.name, rule.finds));
    terminal::print(lines.collect::<String>())?;
    Ok(Done::Well)
}
