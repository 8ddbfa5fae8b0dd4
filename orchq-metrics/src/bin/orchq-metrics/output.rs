//! Standard output and error: where everything that is shown goes through.

use std::io::{self, Write};

use anyhow::{Context as _, Result};
use orchq_metrics::{Report, render};

use crate::Outcome;
use crate::args::{ColorChoice, Findings, Format};
use crate::config::Config;

/// Colours on a terminal, unless it was said otherwise.
pub(crate) fn set_color(choice: ColorChoice) {
    match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// Prints a text. A reader that has gone away, such as `head`, has seen what it wanted.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

/// Says why the command could not run.
pub(crate) fn error(error: &anyhow::Error) {
    let chain: Vec<_> = error.chain().map(ToString::to_string).collect();
    // With standard error gone there is nobody to tell.
    let _ = writeln!(anstream::stderr(), "error: {}", chain.join(": "));
}

/// Shows a report, and decides by it how the run ended.
pub(crate) fn report(
    mut report: Report,
    command: &str,
    things: &str,
    config: &Config,
    findings: &Findings,
) -> Result<Outcome> {
    let allowances = config.allowances(&findings.allow)?;
    let allowed = report.allow(command, &allowances);
    print(&match findings.format {
        Format::Human => render::people(&report, things, allowed),
        Format::Json => render::json(&report, command, allowed),
        Format::Github => render::github(&report, things, allowed),
    })?;
    let fail_on = findings.fail_on.or(config.fail_on).map_or(orchq_metrics::Severity::Error, Into::into);
    Ok(match report.worst() {
        Some(worst) if worst >= fail_on => Outcome::Findings,
        _ if report.examined == 0 => Outcome::NothingExamined,
        _ => Outcome::Clean,
    })
}
