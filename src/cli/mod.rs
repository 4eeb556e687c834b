//! Arguments, files, the terminal and exit codes.
//!
//! Architecture invariant: this is the only room that reads files, writes, prints, or looks at a clock.

mod announce;
mod check;
mod cliff;
mod compare;
mod completions;
mod ending;
mod engine;
mod eta;
mod explain;
mod hurry;
mod lint;
mod load;
mod memory;
mod merge;
mod new;
mod on;
mod outputs;
mod plan;
mod points;
mod progress;
mod run;
mod schema;
mod sensitivity;
mod shard;
mod study;
mod sweep;
mod terminal;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use ending::Outcome;

/// Predicts what a message queue will do on a bad day: how deep, how old, how long until it has drained, what is lost.
#[derive(Debug, Parser)]
#[command(name = "tailback", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  tailback new checkout                     write checkout.toml to start from
  tailback run checkout.toml                simulate it; charts go to output/checkout/
  tailback check checkout.toml              the back of the envelope, without simulating
  tailback compare checkout.toml --with consumer.worker.replicas=40
  tailback sweep checkout.toml --vary consumer.worker.replicas=4..12:2
  tailback plan checkout.toml --find consumer.worker.replicas
  tailback explain checkout.toml            where each value comes from

Exit status: 0 done; 99 done, and an SLO does not hold; 2 the scenario or the arguments are wrong; 1 anything else.";

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::RunArguments),
    Check(check::CheckArguments),
    Compare(compare::CompareArguments),
    Sweep(sweep::SweepArguments),
    Plan(plan::PlanArguments),
    Cliff(cliff::CliffArguments),
    Sensitivity(sensitivity::SensitivityArguments),
    Eta(eta::EtaArguments),
    Lint(lint::LintArguments),
    Explain(explain::ExplainArguments),
    Schema(schema::SchemaArguments),
    New(new::NewArguments),
    Shard(shard::ShardArguments),
    Merge(merge::MergeArguments),
    Completions(completions::CompletionsArguments),
}

/// Runs the program on the process's arguments.
pub fn main() -> ExitCode {
    // Wrong arguments, `--help` and `--version` end here: clap prints and exits, with 2 for what is wrong.
    let arguments = Arguments::parse();
    ending::finish(dispatch(&arguments.command))
}

fn dispatch(command: &Command) -> Outcome {
    match command {
        Command::Run(arguments) => run::run(arguments),
        Command::Check(arguments) => check::check(arguments),
        Command::Compare(arguments) => compare::compare(arguments),
        Command::Sweep(arguments) => sweep::sweep(arguments),
        Command::Plan(arguments) => plan::plan(arguments),
        Command::Cliff(arguments) => cliff::cliff(arguments),
        Command::Sensitivity(arguments) => sensitivity::sensitivity(arguments),
        Command::Eta(arguments) => eta::eta(arguments),
        Command::Lint(arguments) => lint::lint(arguments),
        Command::Explain(arguments) => explain::explain(arguments),
        Command::Schema(arguments) => schema::schema(arguments),
        Command::New(arguments) => new::new(arguments),
        Command::Shard(arguments) => shard::shard(arguments),
        Command::Merge(arguments) => merge::merge(arguments),
        Command::Completions(arguments) => completions::completions(arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_fit_together() {
        Arguments::command().debug_assert();
    }
}
