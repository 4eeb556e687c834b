//! `tailback compare`: variants under the same random numbers, and what differs between them.

use std::path::PathBuf;

use clap::Args;

use crate::report;
use crate::study::{self, Comparison, Variant};

use super::ending::{Done, Failure, Outcome};
use super::load::{self, Loaded};
use super::study::{CommonArguments, StudyFormat, refused};
use super::{announce, memory, outputs, progress, terminal};

/// Run variants under the same random numbers and show what differs between them
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CompareArguments {
    /// Scenario files (TOML); the others are held against the first
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// A variant of the one file, as "NAME: KEY=VALUE, KEY=VALUE" or without a name; may be repeated
    #[arg(long = "with", value_name = "VARIANT")]
    variants: Vec<String>,

    #[command(flatten)]
    common: CommonArguments,
}

const EXAMPLES: &str = "\
Examples:
  tailback compare today.toml proposed.toml
  tailback compare checkout.toml --with consumer.worker.replicas=40
  tailback compare checkout.toml --with \"more: consumer.worker.replicas=40\" \\
                                 --with \"faster: consumer.worker.service.mean=30ms, consumer.worker.prefetch=10\"
  tailback compare today.toml proposed.toml --format json | jq '.figures[0].differences'

All variants run with the first one's seed; producers, consumers and queues that have the same name draw the same random
numbers. Exit status: 0 done; 99 done, and an SLO of a variant does not hold; 2 a scenario or the arguments are wrong;
1 anything else.";

pub(super) fn compare(arguments: &CompareArguments) -> Outcome {
    let common = &arguments.common;
    let loaded = load::read(&arguments.files, &common.overrides()).result?;
    let variants = variants(&loaded, &arguments.variants)?;
    let first = &loaded[0];
    outputs::check(&common.folder(first, "compare"))?;
    let comparison = simulate(first, &variants, common)?;
    let mut head = common.head(first, "compare");
    head.runs = comparison.runs;
    // Written first: a reader of stdout that goes away must not cost the files.
    common.write(first, "compare", &report::compare_files(&head, &comparison))?;
    match common.format {
        StudyFormat::Text => {
            let (width, color) = (terminal::width(), terminal::color_on_stdout());
            terminal::print(report::compare_text(&head, &comparison, width, color))?;
        }
        StudyFormat::Json => terminal::print(report::compare_json(&head, &comparison))?,
        StudyFormat::Csv => terminal::print(report::compare_csv(&comparison))?,
        StudyFormat::Md => terminal::print(report::compare_markdown(&head, &comparison))?,
        StudyFormat::None => {}
    }
    Ok(if comparison.slo_holds() { Done::Well } else { Done::SloBroken })
}

fn simulate(first: &Loaded, variants: &[Variant], common: &CommonArguments) -> Result<Comparison, Failure> {
    let threads = common.threads.map(usize::from);
    if !common.quiet {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let sentences = variants.iter().filter_map(|variant| {
            let sentence = announce::sentence(&variant.scenario, common.engine.engine(), threads.unwrap_or(cores))?;
            Some(format!("{}: {sentence}", variant.name))
        });
        sentences.for_each(|sentence| terminal::say(&sentence));
    }
    let fewest = variants.iter().map(|variant| variant.scenario.runs).min().unwrap_or(0);
    let bar = progress::bar(&first.scenario.title, fewest * variants.len() as u32, common.quiet);
    let options = study::Options {
        threads,
        memory: memory::available(),
        engine: common.engine.engine(),
        ..study::Options::default()
    };
    let result = study::compare(variants, &options, &|_run| bar.inc(1));
    bar.finish_and_clear();
    result.map_err(|failure| refused(&first.path, &failure))
}

/// The files, or the one file and what `--with` makes of it. All that is wrong is said at once.
fn variants(loaded: &[Loaded], with: &[String]) -> Result<Vec<Variant>, Failure> {
    let mut variants: Vec<Variant> = loaded.iter().map(|one| of_file(one, loaded)).collect();
    if !with.is_empty() && loaded.len() > 1 {
        return Err(Failure::Wrong(
            "--with makes variants of one file, and several are given; leave it out, or compare one file's variants"
                .into(),
        ));
    }
    let mut problems = vec![];
    for text in with {
        match written(text).map_err(Failure::Wrong).and_then(|(name, settings)| {
            let scenario = loaded[0].with(&settings)?;
            Ok(Variant { name, scenario, settings, ..variants[0].clone() })
        }) {
            Ok(variant) => variants.push(variant),
            Err(Failure::Problems(rendered)) => problems.push(rendered),
            Err(Failure::Wrong(text)) => problems.push(format!("error: {text}\n")),
            Err(failure) => return Err(failure),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Problems(problems.join("\n")));
    }
    if variants.len() < 2 {
        let path = &loaded[0].path;
        return Err(Failure::Wrong(format!(
            "{path} alone is nothing to compare; name another file, or a variant: --with consumer.worker.replicas=40"
        )));
    }
    for (index, variant) in variants.iter().enumerate() {
        if variants[..index].iter().any(|other| other.name == variant.name) {
            return Err(Failure::Wrong(format!(
                "two variants are called \"{0}\"; give names that differ: --with \"NAME: {0}\"",
                variant.name
            )));
        }
    }
    Ok(variants)
}

fn of_file(one: &Loaded, all: &[Loaded]) -> Variant {
    // Files of the same name in different folders go by their paths.
    let is_alone = all.iter().filter(|other| other.stem == one.stem).count() == 1;
    Variant {
        name: if is_alone { one.stem.clone() } else { one.path.clone() },
        scenario: one.scenario.clone(),
        path: one.path.clone(),
        sha256: one.sha256.clone(),
        settings: vec![],
    }
}

type Settings = Vec<(String, String)>;

/// `NAME: KEY=VALUE, KEY=VALUE`; without a name it is called by its settings.
fn written(text: &str) -> Result<(String, Settings), String> {
    let hint = "write --with \"NAME: KEY=VALUE, KEY=VALUE\", such as --with \"more: consumer.worker.replicas=40\"";
    // A colon after the first value belongs to it.
    let colon = text.find(':').filter(|colon| text.find('=').is_some_and(|equals| *colon < equals));
    let (name, rest) = colon.map_or((None, text), |at| (Some(text[..at].trim()), &text[at + 1..]));
    if name.is_some_and(str::is_empty) {
        return Err(format!("the variant \"{text}\" has an empty name; {hint}"));
    }
    let mut settings = vec![];
    for part in pieces(rest) {
        match part.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
                settings.push((key.trim().to_string(), value.trim().to_string()));
            }
            _ => return Err(format!("\"{part}\" in the variant \"{text}\" sets nothing; {hint}")),
        }
    }
    if settings.is_empty() {
        return Err(format!("the variant \"{text}\" sets nothing; {hint}"));
    }
    let own = || settings.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ");
    Ok((name.map_or_else(own, String::from), settings))
}

/// Splits at commas that stand in no table, list or quotes.
fn pieces(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_i32, false, 0);
    let mut out = vec![];
    for (at, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                out.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(&text[start..]);
    out.into_iter().map(str::trim).filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_has_a_name_and_settings() {
        let pairs = |list: &[(&str, &str)]| -> Settings {
            list.iter().map(|(key, value)| ((*key).to_string(), (*value).to_string())).collect()
        };
        assert_eq!(written("more: a.b=40"), Ok(("more".into(), pairs(&[("a.b", "40")]))));
        assert_eq!(written("a.b=40, c=1s"), Ok(("a.b=40, c=1s".into(), pairs(&[("a.b", "40"), ("c", "1s")]))));
        let table = "x: c.service={ lognormal = { mean = \"1s\", cv = 2 } }, q.order=key";
        let expected = [("c.service", "{ lognormal = { mean = \"1s\", cv = 2 } }"), ("q.order", "key")];
        assert_eq!(written(table), Ok(("x".into(), pairs(&expected))));
        // The colon belongs to the value.
        assert_eq!(written("a.b=x:y").unwrap().1, pairs(&[("a.b", "x:y")]));
        for wrong in ["", "more:", ": a=1", "a", "a=", "x: a=1, b"] {
            assert!(written(wrong).is_err(), "{wrong}");
        }
    }
}
