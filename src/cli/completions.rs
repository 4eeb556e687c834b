//! `tailback completions`: what a shell needs to complete our arguments.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::ending::{Done, Outcome};
use super::{Arguments, terminal};

/// Print the completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tailback completions bash > ~/.local/share/bash-completion/completions/tailback
  tailback completions zsh > ~/.zfunc/_tailback
  tailback completions fish > ~/.config/fish/completions/tailback.fish")]
pub(super) struct CompletionsArguments {
    shell: Shell,
}

pub(super) fn completions(arguments: &CompletionsArguments) -> Outcome {
    let mut script = vec![];
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "tailback", &mut script);
    terminal::print(script)?;
    Ok(Done::Well)
}
