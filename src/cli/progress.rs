//! The progress bar: runs done, on stderr, only for somebody who watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal;

/// A bar over the runs of one scenario; hidden when `quiet` or when stderr is not a terminal.
pub(super) fn bar(title: &str, runs: u32, quiet: bool) -> ProgressBar {
    bar_of(title, "run", u64::from(runs), quiet)
}

/// A bar over so many things of a kind.
pub(super) fn bar_of(title: &str, what: &str, count: u64, quiet: bool) -> ProgressBar {
    let target = if quiet || !terminal::stderr_is_watched() {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(Some(count), target);
    // The template is fixed text, and the default style still counts where it were ever refused.
    if let Ok(style) =
        ProgressStyle::with_template(&format!("{{msg}} {{bar:30}} {what} {{pos}} of {{len}}, {{eta}} left"))
    {
        bar.set_style(style);
    }
    bar.set_message(title.to_string());
    bar
}

/// Runs done of a number that nobody knows beforehand, and what is looked at now.
pub(super) fn spinner(title: &str, quiet: bool) -> ProgressBar {
    let target = if quiet || !terminal::stderr_is_watched() {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let spinner = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template("{prefix}: {pos} runs done, {elapsed}; {msg}") {
        spinner.set_style(style);
    }
    spinner.set_prefix(title.to_string());
    spinner
}
