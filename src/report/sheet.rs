//! A table whose columns are named by what is compared, for the terminal and for Markdown.

use comfy_table::{Attribute, Cell, CellAlignment};

use super::markdown::escaped;
use super::terminal::bare_grid;

/// Cells as text; the first column holds words, the others are set flush right unless `words` names them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sheet {
    pub(super) title: String,
    pub(super) header: Vec<String>,
    /// Columns of words, beside the first.
    pub(super) words: Vec<usize>,
    pub(super) rows: Vec<Vec<String>>,
    /// Sentences without which the figures mislead.
    pub(super) below: Vec<String>,
}

impl Sheet {
    fn is_words(&self, column: usize) -> bool {
        column == 0 || self.words.contains(&column)
    }

    /// A section with a heading of the second level.
    pub(super) fn markdown(&self) -> String {
        let mut out = format!("## {}\n\n", escaped(&self.title));
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        out.push_str(&row(self.header.iter().map(|cell| escaped(cell)).collect()));
        let rules = (0..self.header.len()).map(|column| if self.is_words(column) { "---" } else { "---:" });
        out.push_str(&row(rules.map(str::to_owned).collect()));
        for cells in &self.rows {
            out.push_str(&row(cells.iter().map(|cell| escaped(cell)).collect()));
        }
        out.push('\n');
        for sentence in &self.below {
            out.push_str(&format!("{}\n\n", escaped(sentence)));
        }
        out
    }

    /// As wide as the terminal at most; the header in bold where `color` says so.
    pub(super) fn text(&self, width: usize, color: bool) -> String {
        let mut grid = bare_grid(width, color);
        let bold = |cell: Cell| if color { cell.add_attribute(Attribute::Bold) } else { cell };
        grid.set_header(self.header.iter().map(|name| bold(Cell::new(name))));
        for row in &self.rows {
            grid.add_row(row.iter().map(|text| mark(text, color)));
        }
        for column in (0..self.header.len()).filter(|column| !self.is_words(*column)) {
            if let Some(column) = grid.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        grid.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

fn mark(text: &str, color: bool) -> Cell {
    let cell = Cell::new(text);
    match text.chars().next() {
        Some('✓') if color => cell.fg(comfy_table::Color::Green),
        Some('✗') if color => cell.fg(comfy_table::Color::Red).add_attribute(Attribute::Bold),
        _ => cell,
    }
}

/// Sentences, wrapped and set in by two columns.
pub(super) fn paragraph(text: &str, width: usize) -> String {
    let mut grid = bare_grid(width, false);
    grid.add_row(["", text]);
    grid.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_a_table_on_either_paper() {
        let sheet = Sheet {
            title: "Figures".into(),
            header: vec!["figure".into(), "a|b".into()],
            rows: vec![vec!["q.peak".into(), "✓ 12".into()]],
            below: vec!["Below.".into()],
            ..Sheet::default()
        };
        assert_eq!(
            sheet.markdown(),
            "## Figures\n\n| figure | a\\|b |\n| --- | ---: |\n| q.peak | ✓ 12 |\n\nBelow.\n\n"
        );
        let text = sheet.text(80, false);
        assert!(text.contains("q.peak") && !text.contains('\u{1b}'), "{text}");
        assert!(sheet.text(80, true).contains('\u{1b}'));
        assert!(paragraph(&"word ".repeat(40), 60).lines().all(|line| line.chars().count() <= 60));
    }
}
