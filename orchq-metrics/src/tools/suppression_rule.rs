//! The rule about suppressions themselves, in a file that the catalog can import.

use crate::report::finding::rules;

rules! {
    SUPPRESSION_UNUSED: Note, "suppression-unused" {
        description: "A suppression matches no finding; it would hide the next one without notice.",
        example: "`orchq-metrics.toml` suppresses `scrape-family-missing:gpu_utilization`, and the scrape has it.",
        help: "remove the suppression",
    }
}
