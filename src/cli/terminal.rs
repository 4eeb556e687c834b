//! The two streams: results to stdout, everything said to the user to stderr.

use std::io::{self, ErrorKind, IsTerminal, Write};

use super::ending::Failure;

/// Columns where nobody can be asked.
const DEFAULT_WIDTH: usize = 100;

/// Writes a result to stdout.
pub(super) fn print(result: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(result.as_ref()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::World(format!("cannot write to stdout: {error}")),
    })
}

/// Says a line on stderr. Where stderr is gone there is nobody to tell.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Progress is drawn only for somebody who watches.
pub(super) fn stderr_is_watched() -> bool {
    io::stderr().is_terminal()
}

pub(super) fn color_on_stdout() -> bool {
    io::stdout().is_terminal() && color_is_welcome()
}

pub(super) fn color_on_stderr() -> bool {
    io::stderr().is_terminal() && color_is_welcome()
}

/// `NO_COLOR` set to anything but nothing turns colour off (no-color.org), as does a dumb terminal.
fn color_is_welcome() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
}

/// Columns of stdout.
pub(super) fn width() -> usize {
    match terminal_size::terminal_size_of(io::stdout()) {
        Some((terminal_size::Width(columns), _)) if columns > 0 => usize::from(columns),
        _ => DEFAULT_WIDTH,
    }
}
