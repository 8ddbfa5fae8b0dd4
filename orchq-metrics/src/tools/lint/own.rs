//! What the library says of itself in a scrape: who it is, and what it lost.

use super::catalog::contract;
use super::promises::{INFO, OVERFLOWS, VIOLATIONS};
use super::sample::Seen;
use crate::contract::owned::OwnedContract;
use crate::report::Report;
use crate::report::finding::Finding;

/// The contracts that the scrapes name.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// Whether the contract that is checked is among them.
    found: bool,
    /// What to say where it is not.
    other: Option<Finding>,
}

impl Identity {
    /// Reads a sample of one of the library's own families.
    pub(super) fn read(&mut self, seen: &Seen<'_>, contract: &OwnedContract, report: &mut Report) {
        match seen.family.name.as_str() {
            INFO => self.info(seen, contract, report),
            OVERFLOWS => counted(seen, &contract::OVERFLOWS, "lookups lost a value of", "label", report),
            VIOLATIONS => counted(seen, &contract::VIOLATIONS, "recorded values were", "kind", report),
            _ => {}
        }
    }

    fn info(&mut self, seen: &Seen<'_>, contract: &OwnedContract, report: &mut Report) {
        let labels = seen.sample.labels;
        let text = |name: &str| labels.get(name).map(|value| value.unescaped().into_owned()).unwrap_or_default();
        let differs = |label: &str, message: String| {
            let finding = contract::OTHER_CONTRACT.finding(contract.name.as_str(), message);
            match labels.get(label) {
                Some(value) => finding.at(seen.line.at(value.span())),
                None => seen.at_name(finding),
            }
        };
        if text("contract") != contract.name {
            let message = format!("the process was built with \"{}\", not with this contract", text("contract"));
            self.other = Some(differs("contract", message));
            return;
        }
        self.found = true;
        let fingerprint = contract.fingerprint();
        if text("version") != contract.version {
            let message =
                format!("the process was built with version \"{}\", not {}", text("version"), contract.version);
            report.push(differs("version", message));
        } else if text("fingerprint") != fingerprint {
            let message = format!("the process promises something else under the same version: expected {fingerprint}");
            report.push(differs("fingerprint", message));
        }
    }

    /// What the scrapes say together.
    pub(super) fn finish(self, report: &mut Report) {
        if let Some(other) = self.other.filter(|_| !self.found) {
            report.push(other);
        }
    }
}

fn counted(seen: &Seen<'_>, rule: &'static crate::report::finding::Rule, what: &str, label: &str, report: &mut Report) {
    let count = seen.sample.value.number;
    if count > 0.0 {
        let text = |name: &str| seen.sample.labels.get(name).map(|value| value.unescaped()).unwrap_or_default();
        let finding = rule.finding(text("metric"), format!("{count} {what} `{}`", text(label)));
        report.push(seen.at_value(finding));
    }
}
