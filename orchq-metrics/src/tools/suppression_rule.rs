//! The rule about suppressions themselves, in a file that the catalog can import.

use crate::report::finding::{Rule, Severity};

pub(crate) static RULES: &[&Rule] = &[&SUPPRESSION_UNUSED];

pub(crate) static SUPPRESSION_UNUSED: Rule = Rule {
    id: "suppression-unused",
    severity: Severity::Note,
    description: "A suppression matches no finding; it would hide the next one without notice.",
    example: "`orchq-metrics.toml` allows `scrape-family-missing:gpu_utilization`, and the scrape has it.",
    help: "remove the suppression",
};
