//! Tables of studies, whose columns are not known beforehand: for the terminal and for Markdown.

use super::terminal::bare_grid;
use comfy_table::{Attribute, Cell, CellAlignment, Color};

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Rows {
    pub(super) header: Vec<String>,
    /// Columns of figures, set flush right.
    pub(super) figures: Vec<usize>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Rows {
    pub(super) fn terminal(&self, width: usize, color: bool) -> String {
        let mut grid = bare_grid(width, color);
        let bold = |cell: Cell| if color { cell.add_attribute(Attribute::Bold) } else { cell };
        grid.set_header(self.header.iter().map(|name| bold(Cell::new(name))));
        for row in &self.rows {
            grid.add_row(row.iter().map(|text| match text.chars().next() {
                Some('✓') if color => Cell::new(text).fg(Color::Green),
                Some('✗') if color => bold(Cell::new(text).fg(Color::Red)),
                _ => Cell::new(text),
            }));
        }
        for &index in &self.figures {
            if let Some(column) = grid.column_mut(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        grid.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    pub(super) fn markdown(&self) -> String {
        let row = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| super::markdown::escaped(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule = (0..self.header.len()).map(|column| if self.figures.contains(&column) { "---:" } else { "---" });
        let rule = format!("| {} |\n", rule.collect::<Vec<_>>().join(" | "));
        format!("{}{rule}{}\n", row(&self.header), self.rows.iter().map(|cells| row(cells)).collect::<String>())
    }
}

/// Sentences wrapped at the terminal's width.
pub(super) fn wrapped(sentences: &[String], width: usize) -> String {
    let mut out = String::new();
    for sentence in sentences {
        let mut grid = bare_grid(width, false);
        grid.add_row([sentence]);
        out.extend(grid.lines().map(|line| format!("{}\n", line.trim())));
    }
    out
}
