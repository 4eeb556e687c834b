//! Headings, tables and paragraphs as wide as the terminal.

use crate::report::bare_grid;
use comfy_table::{Attribute, Cell};

/// Narrower than this nothing is legible, so the text is allowed to overhang.
const NARROWEST: usize = 60;

pub(super) struct Screen {
    width: usize,
    color: bool,
}

impl Screen {
    pub(super) fn new(width: usize, color: bool) -> Screen {
        Screen { width: width.max(NARROWEST), color }
    }

    pub(super) fn heading(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m\n") } else { format!("{text}\n") }
    }

    /// Rows below a header, every line with its end; columns in which no row says anything are left out.
    pub(super) fn table(&self, header: &[&str], rows: &[Vec<String>]) -> String {
        let said = |column: &usize| rows.iter().any(|row| row.get(*column).is_some_and(|text| !text.is_empty()));
        let columns: Vec<usize> = (0..header.len()).filter(said).collect();
        let mut grid = bare_grid(self.width, self.color);
        if header.iter().any(|name| !name.is_empty()) {
            grid.set_header(columns.iter().map(|column| {
                let cell = Cell::new(header[*column]);
                if self.color { cell.add_attribute(Attribute::Bold) } else { cell }
            }));
        }
        for row in rows {
            grid.add_row(columns.iter().map(|column| row[*column].as_str()));
        }
        grid.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    /// Texts below each other, wrapped.
    pub(super) fn paragraphs<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> String {
        let rows: Vec<Vec<String>> = texts.into_iter().map(|text| vec![text.to_string()]).collect();
        self.table(&[""], &rows)
    }
}

/// Addresses that tables point to by number, as they would not fit in.
#[derive(Default)]
pub(super) struct Footnotes(Vec<&'static str>);

impl Footnotes {
    /// `documented [2]`; what is merely assumed has no address.
    pub(super) fn cite(&mut self, grade: &str, source: &'static str) -> String {
        if !source.contains("://") {
            return grade.into();
        }
        let known = self.0.iter().position(|other| *other == source);
        let index = known.unwrap_or_else(|| {
            self.0.push(source);
            self.0.len() - 1
        });
        format!("{grade} [{}]", index + 1)
    }

    /// One a line and never wrapped, so that they can be followed.
    pub(super) fn text(&self, screen: &Screen) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let lines = self.0.iter().enumerate().map(|(index, source)| format!(" [{}] {source}\n", index + 1));
        format!("\n{}{}", screen.heading("Sources"), lines.collect::<String>())
    }
}
