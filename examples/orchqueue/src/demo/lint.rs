//! The demonstration's last word: its own scrape and its own binary, held to the contract.

use std::io::Write;

use anyhow::Context as _;
use orchq_metrics::v1::CONTRACT;
use orchq_metrics::{OwnedContract, Report, Severity, Suppression, lint, sites};

/// Checks the page and this program, and writes what was found. What breaks the contract is returned.
pub(super) fn write(page: &str, suppressions: &[Suppression], out: &mut dyn Write) -> anyhow::Result<Vec<String>> {
    let contract = OwnedContract::from(&CONTRACT);
    let scrape = lint::scrape(Some(&contract), "/metrics", page.as_bytes(), &lint::Options::default())?;
    let mut broken = tell("lint", "samples of its own scrape", scrape, suppressions, out)?;

    let program = std::env::current_exe().context("this program cannot be found")?;
    let program = std::fs::read(program).context("this program cannot be read")?;
    let binary = sites::check(Some(&contract), &[sites::Binary::read("orchqueue", &program)?]);
    broken.extend(tell("sites", "records of its own binary", binary, suppressions, out)?);
    Ok(broken)
}

fn tell(
    command: &str,
    things: &str,
    mut report: Report,
    suppressions: &[Suppression],
    out: &mut dyn Write,
) -> std::io::Result<Vec<String>> {
    let allowed = report.suppress(command, suppressions);
    let (count, found) = (report.examined, report.findings.len());
    writeln!(out, "\n{command}: {count} {things}, {found} findings, {allowed} allowed")?;
    for finding in &report.findings {
        writeln!(out, "{finding}")?;
    }
    let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let mut broken: Vec<_> = errors.map(|finding| format!("{}: {}", finding.subject, finding.message)).collect();
    if count == 0 {
        broken.push(format!("there are no {things}"));
    }
    Ok(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_breaks_the_contract_is_told_and_so_is_a_binary_without_sites() {
        let mut out = Vec::new();
        let broken = write("queue_depth{engine=\"vlm\"} 1\n", &[], &mut out).unwrap();
        assert!(broken.iter().any(|what| what.contains("`vllm`")), "{broken:?}");
        assert!(broken.iter().any(|what| what.starts_with("latency_decode_ms: ")), "{broken:?}");
        assert!(String::from_utf8(out).unwrap().contains("\nlint: 1 samples of its own scrape, "));
    }
}
