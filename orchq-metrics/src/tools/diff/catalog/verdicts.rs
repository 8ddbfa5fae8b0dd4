//! The rules about the versions of the two contracts, and about their consumers.

use crate::report::finding::rules;

rules! {
    VERSION_TOO_LOW: Error, "diff-version-too-low" {
        description: "The new contract's version is too low for its changes. A breaking change requires the next major \
                      version, a compatible one the next minor version; after `0.y.z`, the next `0.y` and the next `z`.",
        example: "A label is removed between `1.0.0` and `1.1.0`.",
        help: "raise the version as the changes require",
    }

    VERSION_NOT_RAISED: Warning, "diff-version-not-raised" {
        description: "Only texts of the contract changed, and its version did not: two contracts of one version differ.",
        example: "A help text is corrected, and the version is still `1.0.0`.",
        help: "raise the patch version",
    }

    VERSION_LOWERED: Error, "diff-version-lowered" {
        description: "The new contract has a lower version than the old one.",
        example: "`1.1.0` becomes `1.0.0`.",
        help: "pass the old contract first; or raise the version",
    }

    VERSION_UNREADABLE: Error, "diff-version-unreadable" {
        description: "A contract's version is not a semantic version (<https://semver.org>), so that it cannot be \
                      compared.",
        example: "The version is `2026-05`.",
        help: "write three numbers, as in `1.2.0`",
    }

    DIFFERENT_CONTRACTS: Error, "diff-different-contracts" {
        description: "The two contracts have different names and no metric in common: they are not versions of one \
                      contract.",
        example: "`diff orchqueue.json billing.json`",
        help: "compare two versions of one contract",
    }

    CONSUMER_BREAKS: Error, "diff-consumer-breaks" {
        description: "A rule or a panel is right by the old contract, and wrong by the new one.",
        example: "An alert selects `gpu_cache_usage_perc`, which is `kv_cache_usage_perc` in the new contract.",
        help: "change the query before the new contract is deployed, or load the compatibility recording rules",
    }

    CONSUMER_AFFECTED: Warning, "diff-consumer-affected" {
        description: "A rule or a panel reads a metric that has a breaking change. The query is still valid, and its \
                      result may mean something else.",
        example: "An alert compares `latency_decode_ms` with 500, and the metric is in seconds now.",
        help: "read the query with the change in mind",
    }
}
