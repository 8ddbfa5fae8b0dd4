//! The command `orchq-metrics`: reads arguments, calls the library, shows its report.
//!
//! Exit codes: 0 no findings, 1 findings, 2 could not run, 3 no findings, and nothing was examined.

mod args;
mod commands;
mod config;
mod contract;
mod input;
mod outcome;
mod output;
mod rule;
mod server;

use std::process::ExitCode;

use clap::Parser;

use outcome::Outcome;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let outcome = commands::run(args).unwrap_or_else(|error| {
        output::error(&error);
        Outcome::CouldNotRun
    });
    ExitCode::from(outcome as u8)
}
