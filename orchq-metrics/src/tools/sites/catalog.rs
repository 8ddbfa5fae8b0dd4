//! The descriptions of the rules that only binaries have; `sites` shares the others with the self-check.

use crate::report::finding::{Rule, Severity};

pub(crate) static RULES: &[&Rule] =
    &[&NO_RECORDS, &DAMAGED_RECORD, &SITE_DIFFERS, &CONTRACT_DIFFERS, &CONTRACT_VERSION_DIFFERS, &BINARIES_DISAGREE];

pub(super) static NO_RECORDS: Rule = Rule {
    id: "no-records",
    severity: Severity::Error,
    description: "The binary has no section of records: it was not built with this library, or a packer removed them.",
    example: "`orchq-metrics sites /usr/bin/env`",
    help: "name the program itself, not a launcher, and check it before a packer such as UPX runs",
};

pub(super) static DAMAGED_RECORD: Rule = Rule {
    id: "damaged-record",
    severity: Severity::Error,
    description: "A record in the binary cannot be read to its end, so a site or a contract is not known.",
    example: "A binary that is truncated or edited.",
    help: "build the binary again",
};

pub(super) static SITE_DIFFERS: Rule = Rule {
    id: "site-differs",
    severity: Severity::Error,
    description: "A function was compiled against a metric of another kind, or with other labels, than the contract has.",
    example: "A worker that was built before a label was added to `queue_depth`.",
    help: "build the binary against this version of the contract",
};

pub(super) static CONTRACT_DIFFERS: Rule = Rule {
    id: "contract-differs",
    severity: Severity::Error,
    description: "The contract in the binary has another kind, unit, label, value, budget or bucket than the one that it \
              is checked against, or other metrics.",
    example: "`contract.lock.json` has a bucket that the binary does not have.",
    help: "build the binary against this version of the contract, or check it against its own",
};

pub(super) static CONTRACT_VERSION_DIFFERS: Rule = Rule {
    id: "contract-version-differs",
    severity: Severity::Warning,
    description: "The contract in the binary promises the same as the one that it is checked against, under another version.",
    example: "The binary holds orchqueue 1.0.0, and is checked against 1.0.1.",
    help: "build the binary against this version of the contract",
};

pub(super) static BINARIES_DISAGREE: Rule = Rule {
    id: "binaries-disagree",
    severity: Severity::Error,
    description: "Two binaries that are shipped together hold contracts of one name that promise different things.",
    example: "A new orchestrator beside a worker of the release before, in which a label is missing.",
    help: "build both against one version of the contract",
};
