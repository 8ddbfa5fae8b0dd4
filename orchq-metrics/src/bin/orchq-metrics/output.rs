//! Standard output and error: everything that the command shows goes through here.

use std::io::{self, Write};

use anyhow::{Context as _, Result};
use clap::ColorChoice;
use orchq_metrics::__unstable::render;
use orchq_metrics::{Report, Severity};
use serde::Serialize;

use crate::args::{Findings, Format};
use crate::config::Config;
use crate::outcome::Outcome;

/// Sets when to use colours.
pub(crate) fn set_color(choice: ColorChoice) {
    match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// Prints a text. A reader that closes the pipe, such as `head`, is not an error.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

/// Reports why the command could not run.
pub(crate) fn error(error: &anyhow::Error) {
    // Without standard error there is no place to report to.
    let _ = writeln!(anstream::stderr(), "error: {error:#}");
}

/// Reports what the command leaves out.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "note: {text}");
}

/// Shows the report of a command and of the things that it examines, with more data for programs, and returns the
/// outcome that follows from it.
pub(crate) fn report(
    mut report: Report,
    [command, things]: [&str; 2],
    config: &Config,
    findings: &Findings,
    details: Option<impl Serialize>,
) -> Result<Outcome> {
    let suppressed = report.suppress(command, &config.suppressions(&findings.suppress)?);
    print(&match findings.format {
        Format::Human => render::people(&report, things, suppressed),
        Format::Json => render::json(&report, command, suppressed, details),
        Format::Github => render::github(&report, things, suppressed),
    })?;
    let fail_on = findings.fail_on.or(config.fail_on).unwrap_or(Severity::Error);
    Ok(match report.worst() {
        Some(worst) if worst >= fail_on => Outcome::Findings,
        _ if report.examined == 0 => Outcome::NothingExamined,
        _ => Outcome::Clean,
    })
}
