//! The last part of the demonstration: its own scrape and its own binary, checked against the contract.

use std::io::Write;

use anyhow::Context as _;
use orchq_metrics::v1::CONTRACT;
use orchq_metrics::{OwnedContract, Report, Severity, Suppression, lint, sites};

use super::screen;

/// Checks the page and this program, and writes the findings. Returns those that break the contract.
pub(super) fn write(page: &str, suppressions: &[Suppression], out: &mut dyn Write) -> anyhow::Result<Vec<String>> {
    let contract = OwnedContract::from(&CONTRACT);
    let mut scrape = lint::scrape(Some(&contract), "/metrics", page.as_bytes(), &lint::LintOptions::default())?;
    writeln!(out, "\n`lint` compared all {} samples of this page with the contract", scrape.examined)?;
    suppress(&mut scrape, suppressions, out)?;
    let mut broken = findings(&scrape, "samples in the scrape", out)?;

    let program = std::env::current_exe().context("this program's file cannot be found")?;
    let program = std::fs::read(program).context("this program's file cannot be read")?;
    let binary = sites::check(Some(&contract), &[sites::Binary::read("orchqueue", &program)?]);
    writeln!(out, "\n`sites` read {} records from this program's file, without running it", binary.examined)?;
    writeln!(out, "  one of each annotated function and each contract, and one to show that the linker kept all")?;
    broken.extend(findings(&binary, "records in the binary", out)?);
    Ok(broken)
}

/// Writes what each suppression takes out of the report.
fn suppress(report: &mut Report, suppressions: &[Suppression], out: &mut dyn Write) -> std::io::Result<()> {
    for Suppression { rule, subject, reason, .. } in suppressions {
        let suppressed = report.findings.iter().filter(|finding| finding.rule == *rule);
        let mut subjects: Vec<_> = suppressed.map(|finding| finding.subject.clone()).collect();
        report.suppress("lint", &[Suppression::new(&format!("{rule}:{}", subject.as_deref().unwrap_or("*")), reason)]);
        subjects.retain(|subject| !report.findings.iter().any(|left| left.rule == *rule && left.subject == *subject));
        screen::write(out, 2, format_args!("suppressed {rule} of {}: {reason}", subjects.join(", ")))?;
    }
    Ok(())
}

fn findings(report: &Report, things: &str, out: &mut dyn Write) -> std::io::Result<Vec<String>> {
    let count = report.findings.len();
    screen::write(out, 2, format_args!("{count} finding{} left", if count == 1 { "" } else { "s" }))?;
    for finding in &report.findings {
        screen::write(out, 4, finding)?;
    }
    let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let mut broken: Vec<_> = errors.map(|finding| format!("{}: {}", finding.subject, finding.message)).collect();
    if report.examined == 0 {
        broken.push(format!("there are no {things}"));
    }
    Ok(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_breaks_the_contract_is_reported_and_so_is_a_binary_without_sites() {
        let mut out = Vec::new();
        let absent = Suppression::new("scrape-family-missing:gpu_*", "no GPU");
        let broken = write("queue_depth{engine=\"vlm\"} 1\n", &[absent], &mut out).unwrap();
        assert!(broken.iter().any(|what| what.contains("`vllm`")), "{broken:?}");
        assert!(broken.iter().any(|what| what.starts_with("latency_decode_ms: ")), "{broken:?}");
        assert!(!broken.iter().any(|what| what.starts_with("gpu_utilization: ")), "{broken:?}");
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("\n`lint` compared all 1 samples "), "{out}");
        assert!(out.contains("\n  suppressed scrape-family-missing of gpu_utilization: no GPU\n"), "{out}");
    }
}
