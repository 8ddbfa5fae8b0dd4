//! The descriptions of the self-check's rules.

use crate::report::finding::rules;

rules! {
    LINKAGE_LOST: Error, "linkage-lost" {
        description: "The linker dropped the section that holds the emission sites, so nothing is known about them.",
        example: "A binary linked by lld or mold with `-z start-stop-gc`, which drops the section as unused.",
        help: "link with rust-lld or GNU ld, or pass `-C link-arg=-Wl,-z,nostart-stop-gc` to lld and mold",
    }
    NO_CONTRACT: Error, "no-contract" {
        description: "A check of all contracts in a binary found none, so nothing was checked.",
        example: "A test asserts `contracts().coverage()` in a binary that does not link the crate with the contract.",
        help: "link the crate that declares the contract with `use the_crate as _;`",
    }
    METRIC_WITHOUT_SITE: Error, "metric-without-site" {
        description: "No function outside test code emits a metric of the contract, and no exemption says why.",
        example: "`tasks_started_total` is declared, and no function has `#[emits(tasks_started_total)]`.",
        help: "annotate the function that records it; if a crate that nothing else uses holds that function, link it \
               with `use the_crate as _;`",
    }
    UNKNOWN_METRIC: Error, "unknown-metric" {
        description: "A function was built against a contract of this name, and emits a metric that this version does not have.",
        example: "A crate in the binary was built against another version of the contract.",
        help: "build the crate of that function against this version of the contract",
    }
    EXTERN_LABELS_DIFFER: Error, "extern-labels-differ" {
        description: "The labels spelled out in `#[emits(extern ..)]` are not those that the contract served here has.",
        example: "`#[emits(extern queue_depth { engine })]`, where the contract has `pool_id` too.",
        help: "record and list exactly the labels of the contract",
    }
    ADOPTED_COLLECTOR_DIFFERS: Error, "adopted-collector-differs" {
        description: "A collector that was adopted for a metric has another kind, other labels or other buckets than the \
                  contract, or does not have the metric.",
        example: "`CONTRACT.adopt::<queue_depth>(&depth)`, where `depth` is a counter, or lacks `pool_id`.",
        help: "give the collector the kind, labels and buckets of the contract",
    }
    EXTERN_LIST_DIFFERS: Warning, "extern-list-differs" {
        description: "The `extern` list has other labels than the adopted collector, or the same labels in another order. \
                  `with_label_values` takes values by position, so that a function that follows the list records them \
                  under the wrong labels.",
        example: "`#[emits(extern rejected_total { reason, engine })]`, where the vector was made with \
                  `&[\"engine\", \"reason\"]`.",
        help: "list the labels in the order of the collector, and check that the function passes the values in it",
    }
    TAKEN_ON_TRUST: Note, "taken-on-trust" {
        description: "An `extern` list says that another library records a metric, and no collector is adopted for it: \
                  its labels and values are not checked, and it is never hit.",
        example: "`#[emits(extern queue_depth { .. })]` without `CONTRACT.adopt::<queue_depth>(&collector)`.",
        help: "adopt the collector before the check",
    }
    RECORDED_TWICE: Warning, "recorded-twice" {
        description: "Both this library and another record the metric. If both record one label set, a scrape of both has \
                  that series twice.",
        example: "One function has `#[emits(queue_depth)]`, another `#[emits(extern queue_depth { .. })]`.",
        help: "remove one of the two; until then, never record one label set in both",
    }
    CONTRACT_LINKED_TWICE: Error, "contract-linked-twice" {
        description: "The binary has two contracts of one name; the values recorded in one are not served by the other.",
        example: "A module with a `#[contract]` is compiled into a library and into a binary that uses it.",
        help: "declare it in one place, and build every crate against one version of it",
    }
    CONFLICTING_CONTRACTS: Error, "conflicting-contracts" {
        description: "Two contracts in one binary declare one name with different kinds, units, labels or buckets. A \
                  scrape of both serves the first and counts the violation `conflicting_contracts`.",
        example: "A library's contract declares `requests_total`, and the application's declares it with another label.",
        help: "rename one of the two, or build every crate against one version of the contract",
    }
    STALE_EXEMPTION: Error, "stale-exemption" {
        description: "An exemption no longer matches its metric.",
        example: "`expect_elsewhere::<gpu_utilization>(\"the worker\")` in a binary that does emit it.",
        help: "remove the exemption",
    }
    EXEMPTION_WITHOUT_REASON: Error, "exemption-without-reason" {
        description: "An exemption has no reason, so a reader cannot tell whether it still applies.",
        example: "`expect_elsewhere::<gpu_utilization>(\"\")`",
        help: "name the binary that records the metric, or the reason why nothing can",
    }
}
