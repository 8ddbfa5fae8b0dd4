//! What is said of two contracts as a whole: of their versions, and of those who read the metrics.

use crate::report::finding::{Rule, Severity};

/// The rules that are no row of the table.
pub(in crate::tools::diff) static VERDICTS: [&Rule; 7] = [
    &VERSION_TOO_LOW,
    &VERSION_NOT_RAISED,
    &VERSION_LOWERED,
    &VERSION_UNREADABLE,
    &DIFFERENT_CONTRACTS,
    &CONSUMER_BREAKS,
    &CONSUMER_AFFECTED,
];

pub(in crate::tools::diff) static VERSION_TOO_LOW: Rule = Rule {
    id: "diff-version-too-low",
    severity: Severity::Error,
    description: "The new contract's version does not announce its changes. A breaking change demands the next major \
              version, a compatible one the next minor version; of `0.y.z` the next `0.y` and the next `z`.",
    example: "A label is removed between `1.0.0` and `1.1.0`.",
    help: "raise the version as the changes demand",
};

pub(in crate::tools::diff) static VERSION_NOT_RAISED: Rule = Rule {
    id: "diff-version-not-raised",
    severity: Severity::Warning,
    description: "Texts of the contract changed alone, and its version did not: two contracts of one version differ.",
    example: "A help text is mended, and the version still is `1.0.0`.",
    help: "raise the patch version",
};

pub(in crate::tools::diff) static VERSION_LOWERED: Rule = Rule {
    id: "diff-version-lowered",
    severity: Severity::Error,
    description: "The new contract has a lower version than the old one.",
    example: "`1.1.0` becomes `1.0.0`.",
    help: "give the contracts in their order, the old one first; or raise the version",
};

pub(in crate::tools::diff) static VERSION_UNREADABLE: Rule = Rule {
    id: "diff-version-unreadable",
    severity: Severity::Error,
    description: "A contract's version is not of the form of <https://semver.org>, so that nothing says whether it \
              announces the changes.",
    example: "The version is `2026-05`.",
    help: "write three numbers, as in `1.2.0`",
};

pub(in crate::tools::diff) static DIFFERENT_CONTRACTS: Rule = Rule {
    id: "diff-different-contracts",
    severity: Severity::Error,
    description: "The two contracts have different names and no metric in common: they are not two versions of one.",
    example: "`diff orchqueue.json billing.json`",
    help: "compare two versions of one contract",
};

pub(in crate::tools::diff) static CONSUMER_BREAKS: Rule = Rule {
    id: "diff-consumer-breaks",
    severity: Severity::Error,
    description: "A rule or a panel is right by the old contract, and wrong by the new one.",
    example: "An alert selects `gpu_cache_usage_perc`, which is `kv_cache_usage_perc` in the new contract.",
    help: "change the query before the new contract is deployed, or load the compatibility recording rules",
};

pub(in crate::tools::diff) static CONSUMER_AFFECTED: Rule = Rule {
    id: "diff-consumer-affected",
    severity: Severity::Warning,
    description: "A rule or a panel reads a metric that has a breaking change, and the query cannot tell whether it \
              breaks: it still is right, and may mean something else.",
    example: "An alert compares `latency_decode_ms` with 500, and the metric is in seconds now.",
    help: "read the query with the change in mind",
};
