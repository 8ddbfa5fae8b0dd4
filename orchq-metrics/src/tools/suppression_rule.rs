//! The rule about suppressions themselves, apart from what suppresses, because the catalog lists it.

use crate::report::finding::{Rule, Severity};

pub(crate) static RULES: &[&Rule] = &[&SUPPRESSION_UNUSED];

pub(crate) static SUPPRESSION_UNUSED: Rule = Rule {
    id: "suppression-unused",
    severity: Severity::Note,
    description: "Something is allowed that was not found, so that the next time it happens nobody is told.",
    example: "`orchq-metrics.toml` allows `scrape-family-missing:gpu_utilization`, and the scrape has it.",
    help: "drop the suppression",
};
