//! One file for each command.

pub(crate) mod explain;

use anyhow::Result;
use clap::CommandFactory as _;

use crate::args::{Args, Command};
use crate::config::Config;
use crate::{Outcome, output};

pub(crate) fn run(args: Args) -> Result<Outcome> {
    output::set_color(args.global.color);
    let config = Config::load(args.global.config.as_deref());
    match &args.command {
        Command::Explain(args) => explain::run(args),
        Command::Completions { shell } => completions(*shell),
        _ => todo(config?),
    }
}

fn todo(_: Config) -> Result<Outcome> {
    Ok(Outcome::Clean)
}

fn completions(shell: clap_complete::Shell) -> Result<Outcome> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "orchq-metrics", &mut out);
    output::print(&String::from_utf8_lossy(&out))?;
    Ok(Outcome::Clean)
}
