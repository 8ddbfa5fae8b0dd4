//! The library's own metrics in a scrape: which contract it serves, and what it lost.

use super::catalog::contract;
use super::context::Context;
use super::messages;
use crate::contract::owned::OwnedContract;
use crate::expose::own::{INFO, OVERFLOWS, VIOLATIONS};
use crate::report::Report;
use crate::report::finding::Finding;

/// The contracts that the scrapes report.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// Whether the contract that is checked is among them.
    found: bool,
    /// What to report if it is not.
    other: Option<Finding>,
}

impl Identity {
    /// Reads a sample of one of the library's own families.
    pub(super) fn read(&mut self, context: &Context<'_>, contract: &OwnedContract, report: &mut Report) {
        let value = context.sample.value;
        let text = |name: &str| context.value_of(name).unwrap_or_default();
        let (rule, message) = match context.family.name.as_str() {
            INFO => return self.info(context, contract, report),
            OVERFLOWS => (&contract::OVERFLOWS, messages::overflows(value.number, &text("label"))),
            VIOLATIONS => (&contract::VIOLATIONS, messages::violations(value.number, &text("kind"))),
            _ => return,
        };
        if value.number > 0.0 {
            report.push(rule.finding(text("metric"), message).at(context.line.at(value.text.span())));
        }
    }

    fn info(&mut self, context: &Context<'_>, contract: &OwnedContract, report: &mut Report) {
        let text = |name: &str| context.value_of(name).unwrap_or_default();
        let differs = |label: &str, message: String| {
            let span =
                context.sample.labels.get(label).map_or_else(|| context.sample.name.span(), |value| value.span());
            contract::OTHER_CONTRACT.finding(contract.name.as_str(), message).at(context.line.at(span))
        };
        let (name, version, fingerprint) = (text("contract"), text("version"), contract.fingerprint());
        if name != contract.name {
            let message = format!("the process was built with \"{name}\", not with this contract");
            self.other = Some(differs("contract", message));
            return;
        }
        self.found = true;
        if version != contract.version {
            let message = format!("the process was built with version \"{version}\", not {}", contract.version);
            report.push(differs("version", message));
        } else if text("fingerprint") != fingerprint {
            let message = format!("the process has another contract of the same version: expected {fingerprint}");
            report.push(differs("fingerprint", message));
        }
    }

    /// What the scrapes report together; whether they name the contract that is checked.
    pub(super) fn finish(self, report: &mut Report) -> bool {
        report.extend(self.other.filter(|_| !self.found));
        self.found
    }
}
