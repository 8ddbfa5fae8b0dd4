//! The descriptions of the rules that only binaries have; `sites` shares the others with the self-check.

use crate::report::finding::rules;

rules! {
    NO_RECORDS: Error, "no-records" {
        description: "The binary has no section of records: it was not built with this library, or a packer removed them.",
        example: "`orchq-metrics sites /usr/bin/env`",
        help: "name the program itself, not a launcher, and check it before a packer such as UPX runs",
    }

    DAMAGED_RECORD: Error, "damaged-record" {
        description: "A record in the binary cannot be read to its end, so a site or a contract is not known.",
        example: "A binary that is truncated or edited.",
        help: "build the binary again",
    }

    SITE_DIFFERS: Error, "site-differs" {
        description: "A function was compiled against a metric of another kind, or with other labels, than the contract has.",
        example: "A worker that was built before a label was added to `queue_depth`.",
        help: "build the binary against this version of the contract",
    }

    CONTRACT_DIFFERS: Error, "contract-differs" {
        description: "The contract in the binary has another kind, unit, label, value, budget or bucket than the one that it \
                  is checked against, or other metrics.",
        example: "`contract.lock.json` has a bucket that the binary does not have.",
        help: "build the binary against this version of the contract, or check it against its own",
    }

    CONTRACT_VERSION_DIFFERS: Warning, "contract-version-differs" {
        description: "The contract in the binary promises the same as the one that it is checked against, under another version.",
        example: "The binary holds orchqueue 1.0.0, and is checked against 1.0.1.",
        help: "build the binary against this version of the contract",
    }

    BINARIES_DISAGREE: Error, "binaries-disagree" {
        description: "Two binaries that are shipped together hold contracts of one name that promise different things.",
        example: "A new orchestrator beside a worker of the release before, in which a label is missing.",
        help: "build both against one version of the contract",
    }
}
