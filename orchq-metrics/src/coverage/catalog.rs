//! The descriptions of the self-check's rules.

use crate::report::finding::{Rule, Severity};

/// Every rule of the self-check.
#[cfg(feature = "tools")]
pub(crate) static RULES: &[&Rule] = &[
    &LINKAGE_LOST,
    &METRIC_WITHOUT_SITE,
    &UNKNOWN_METRIC,
    &EXTERN_LABELS_DIFFER,
    &RECORDED_TWICE,
    &CONTRACT_LINKED_TWICE,
    &CONFLICTING_CONTRACTS,
    &STALE_EXEMPTION,
    &EXEMPTION_WITHOUT_REASON,
];

pub(crate) static LINKAGE_LOST: Rule = Rule {
    id: "linkage-lost",
    severity: Severity::Error,
    description: "The linker dropped the section that holds the emission sites, so nothing is known about them.",
    example: "A binary linked by lld or mold with `-z start-stop-gc`, which drops the section as unused.",
    help: "link with rust-lld or GNU ld, or pass `-C link-arg=-Wl,-z,nostart-stop-gc` to lld and mold",
};

pub(crate) static METRIC_WITHOUT_SITE: Rule = Rule {
    id: "metric-without-site",
    severity: Severity::Error,
    description: "No function outside test code emits a metric of the contract, and no exemption says why.",
    example: "`tasks_started_total` is declared, and no function has `#[emits(tasks_started_total)]`.",
    help: "annotate the function that records it; if a crate that nothing else uses holds that function, link it \
           with `use the_crate as _;`",
};

pub(crate) static UNKNOWN_METRIC: Rule = Rule {
    id: "unknown-metric",
    severity: Severity::Error,
    description: "A function emits a metric of this contract's name that the contract does not have.",
    example: "A crate in the binary was built against another version of the contract.",
    help: "build the crate of that function against this version of the contract",
};

pub(crate) static EXTERN_LABELS_DIFFER: Rule = Rule {
    id: "extern-labels-differ",
    severity: Severity::Error,
    description: "The labels spelled out in `#[emits(extern ..)]` are not those that the contract served here has.",
    example: "`#[emits(extern queue_depth { engine })]`, where the contract has `pool_id` too.",
    help: "record and list exactly the labels of the contract",
};

pub(crate) static RECORDED_TWICE: Rule = Rule {
    id: "recorded-twice",
    severity: Severity::Warning,
    description: "A metric is recorded here and by another library too: where both use one label set, a scrape of both \
              has every series twice.",
    example: "One function has `#[emits(queue_depth)]`, another `#[emits(extern queue_depth { .. })]`.",
    help: "record it in one of the two before both record one label set",
};

pub(crate) static CONTRACT_LINKED_TWICE: Rule = Rule {
    id: "contract-linked-twice",
    severity: Severity::Error,
    description: "The binary has two contracts of one name; the values recorded in one are not served by the other.",
    example: "A module with a `#[contract]` is compiled into a library and into a binary that uses it.",
    help: "declare it in one place, and build every crate against one version of it",
};

pub(super) static CONFLICTING_CONTRACTS: Rule = Rule {
    id: "conflicting-contracts",
    severity: Severity::Error,
    description: "Two contracts in one binary declare one name, which can be one family only.",
    example: "A library's contract declares `requests_total`, and so does the application's.",
    help: "rename one of the two, or build every crate against one version of the contract",
};

pub(super) static STALE_EXEMPTION: Rule = Rule {
    id: "stale-exemption",
    severity: Severity::Error,
    description: "An exemption is no longer true of its metric.",
    example: "`expect_elsewhere::<gpu_utilization>(\"the worker\")` in a binary that does emit it.",
    help: "remove the exemption",
};

pub(super) static EXEMPTION_WITHOUT_REASON: Rule = Rule {
    id: "exemption-without-reason",
    severity: Severity::Error,
    description: "An exemption has no reason, so a reader cannot tell whether it still applies.",
    example: "`expect_elsewhere::<gpu_utilization>(\"\")`",
    help: "name the binary that records the metric, or the reason why nothing can",
};
