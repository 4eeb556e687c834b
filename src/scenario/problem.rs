//! What is wrong with a scenario: where, what, and the way out.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;

/// Where something was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Bytes of the scenario's text.
    File(Range<usize>),
    /// A `--set`: `path=value`.
    Argument(String),
    /// A value drawn for the line of `[uncertain]` that has these bytes of the text.
    Drawn(Range<usize>),
    /// A fact of a broker's preset.
    Preset(PresetFact),
    /// Nowhere: a default.
    Default,
}

/// Which fact of which preset filled in a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PresetFact {
    pub broker: &'static str,
    /// Address of what says so.
    pub source: &'static str,
    pub grade: crate::broker::Grade,
}

/// One mistake. All of a scenario's mistakes are found in one go.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub place: Place,
    /// From 1; 0 where the place is not in the file.
    pub line: usize,
    /// In characters, from 1; 0 where the place is not in the file.
    pub column: usize,
    /// The value and the rule it breaks.
    pub message: String,
    /// What would be right.
    pub way_out: Option<String>,
}

impl Problem {
    pub(super) fn new(place: &Place, message: impl Into<String>) -> Problem {
        Problem { place: place.clone(), line: 0, column: 0, message: message.into(), way_out: None }
    }

    pub(super) fn way_out(mut self, way_out: impl Into<String>) -> Problem {
        self.way_out = Some(way_out.into());
        self
    }

    /// Splits a sentence of the units, `what is wrong; what would be right`.
    pub(super) fn from_sentence(place: &Place, subject: &str, sentence: &str) -> Problem {
        match sentence.split_once("; ") {
            Some((wrong, right)) => Problem::new(place, format!("{subject}: {wrong}")).way_out(right),
            None => Problem::new(place, format!("{subject}: {sentence}")),
        }
    }

    /// Fills in line and column.
    pub(super) fn locate(&mut self, text: &str) {
        if let Place::File(span) | Place::Drawn(span) = &mut self.place {
            // What is missing at the end of the file is missed after its last character, not on an empty line below.
            if let Some((last, _)) = text.trim_end().char_indices().next_back()
                && span.start > last
            {
                *span = last..last;
            }
            (self.line, self.column) = line_and_column(text, span.start);
        }
    }
}

/// Both from 1, the column in characters.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// `: did you mean …?` material: the nearest of the candidates, where one is near enough.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase().replace('_', "-");
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&word, &candidate.to_lowercase().replace('_', "-")), candidate))
        .filter(|(likeness, candidate)| {
            *likeness > 0.84 || (strsim::damerau_levenshtein(&word, candidate) <= 2 && candidate.len() > 3)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// `` `a`, `b` and `c` ``
pub(super) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => "none".into(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Shows every problem with its line, for people: `file.toml:12:7`, the line, what is wrong, the way out.
///
/// `file_name` is shown as given; `text` is the scenario's text; `color` adds ANSI escapes.
pub fn render(problems: &[Problem], file_name: &str, text: &str, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let shown: Vec<String> =
        problems.iter().map(|problem| renderer.render(&[group(problem, file_name, text)])).collect();
    shown.join("\n\n") + "\n"
}

fn group<'a>(problem: &'a Problem, file_name: &'a str, text: &'a str) -> Group<'a> {
    let title = Level::ERROR.primary_title(problem.message.as_str());
    let group = match &problem.place {
        Place::File(span) | Place::Drawn(span) => title.element(
            Snippet::source(text).path(file_name).annotation(AnnotationKind::Primary.span(within(text, span))),
        ),
        Place::Argument(argument) => title.element(Origin::path(format!("--set {argument}"))),
        Place::Preset(fact) => title.element(Origin::path(format!("the preset {}", fact.broker))),
        Place::Default => title.element(Origin::path(file_name)),
    };
    match &problem.way_out {
        Some(way_out) => group.element(Level::HELP.message(way_out.as_str())),
        None => group,
    }
}

/// The span cut to its first line: a whole table is shown by its head.
fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = (0..=span.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let rest = &text[start..];
    let line_end = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
    let end = span.end.clamp(start, line_end);
    let end = (end..=line_end).find(|at| text.is_char_boundary(*at)).unwrap_or(line_end);
    start..end
}
