//! One file for each command.

mod diff;
mod document;
mod explain;
mod export;
mod fleet;
mod lint;
mod rules;
mod sites;

use anyhow::Result;
use clap::CommandFactory as _;

use crate::args::{Args, Command};
use crate::config::Config;
use crate::outcome::Outcome;
use crate::output;

pub(crate) fn run(args: Args) -> Result<Outcome> {
    output::set_color(args.global.color);
    let config = || Config::load(args.global.config.as_deref());
    match &args.command {
        Command::Lint(args) => lint::run(args, &config()?),
        Command::Sites(args) => sites::run(args, &config()?),
        Command::Rules(args) => rules::run(args, &config()?),
        Command::Fleet(args) => fleet::run(args, &config()?),
        Command::Export(args) => export::run(args, &config()?),
        Command::Diff(args) => diff::run(args, &config()?),
        Command::Document(args) => document::run(args, &config()?),
        Command::Explain(args) => explain::run(args),
        Command::Completions { shell } => completions(*shell),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Outcome> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "orchq-metrics", &mut out);
    output::print(&String::from_utf8_lossy(&out))?;
    Ok(Outcome::Clean)
}
