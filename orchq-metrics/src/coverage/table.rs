//! The coverage table for people.

use std::fmt;

use crate::coverage::evidence::Expectation;
use crate::coverage::{Coverage, MetricCoverage, Rung};
use crate::report::color::{BOLD, CYAN, Color, DIM, GREEN, RED, YELLOW};
use crate::report::finding::{Finding, Severity};

impl Coverage {
    /// The table for people, in colour or without.
    ///
    /// ```
    /// use orchq_metrics::{Color, v1};
    ///
    /// let coverage = v1::CONTRACT.coverage();
    /// println!("{}", coverage.display(Color::auto(&std::io::stdout())));
    /// # assert!(!coverage.display(Color::Never).to_string().contains('\x1b'));
    /// # assert!(coverage.display(Color::Always).to_string().contains('\x1b'));
    /// ```
    #[must_use]
    pub fn display(&self, color: Color) -> impl fmt::Display {
        fmt::from_fn(move |f| write_table(f, self, color))
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_table(f, self, Color::Never)
    }
}

fn write_table(f: &mut fmt::Formatter<'_>, coverage: &Coverage, color: Color) -> fmt::Result {
    let reached = |rung| coverage.metrics.iter().filter(|metric| metric.rung >= rung).count();
    writeln!(
        f,
        "contract {} {} (fingerprint {}): {} metric{}, {} linked, {} hit\n",
        coverage.contract,
        coverage.version,
        coverage.fingerprint,
        coverage.metrics.len(),
        if coverage.metrics.len() == 1 { "" } else { "s" },
        reached(Rung::Linked),
        reached(Rung::Hit),
    )?;
    let width = coverage.metrics.iter().map(|metric| metric.name().len()).max().unwrap_or(0).max("metric".len());
    writeln!(f, "{}", color.paint(BOLD, format_args!("{:width$}  kind       rung      labels", "metric")))?;
    for metric in &coverage.metrics {
        write_metric(f, metric, width, color)?;
    }
    write_findings(f, &coverage.findings, color)
}

/// Findings, each after an empty line.
pub(super) fn write_findings(f: &mut fmt::Formatter<'_>, findings: &[Finding], color: Color) -> fmt::Result {
    for finding in findings {
        let style = if finding.severity == Severity::Error { RED } else { YELLOW };
        let head = format!("{}[{}]", finding.severity, finding.rule);
        writeln!(f, "\n{} {}: {}", color.paint(style, head), finding.subject, finding.message)?;
        writeln!(f, "  help: {}", finding.help)?;
    }
    Ok(())
}

fn write_metric(f: &mut fmt::Formatter<'_>, metric: &MetricCoverage, width: usize, color: Color) -> fmt::Result {
    let style = match metric.rung {
        Rung::Declared if metric.exemption.is_some() => YELLOW,
        Rung::Declared => RED,
        Rung::Linked => CYAN,
        Rung::Hit => GREEN,
    };
    let name = color.paint(BOLD, format_args!("{:width$}", metric.name()));
    let rung = color.paint(style, format_args!("{:8}", metric.rung));
    let labels = metric.desc.labels.iter().map(|label| match label.conditional {
        true => format!("[{}]", label.name),
        false => label.name.to_owned(),
    });
    let labels = labels.collect::<Vec<_>>().join(", ");
    writeln!(f, "{name}  {:9}  {rung}  {labels}", metric.desc.kind)?;
    if let Some(requirement) = metric.desc.requirement {
        writeln!(f, "    requirement {requirement}")?;
    }
    for site in &metric.sites {
        writeln!(f, "    {}", color.paint(DIM, site))?;
    }
    if metric.adopted > 0 {
        let (plural, whose) = if metric.adopted > 1 { ("s", "their") } else { ("", "its") };
        let text = format_args!("{} collector{plural} adopted, which {whose} own registry serves", metric.adopted);
        writeln!(f, "    {}", color.paint(DIM, text))?;
    }
    if let Some(exemption) = &metric.exemption {
        let expected = match exemption.expectation {
            Expectation::Elsewhere => "expected elsewhere",
            Expectation::Unhit => "expected to record nothing",
        };
        writeln!(f, "    {expected}: {}", exemption.reason)?;
    }
    Ok(())
}
