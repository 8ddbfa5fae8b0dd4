//! The rules of `sites`, as they are explained. What means the same as in the self-check is a rule of its.

use crate::report::finding::{Rule, Severity};

/// The rules that no other command has.
pub(crate) static RULES: &[&Rule] =
    &[&NO_RECORDS, &DAMAGED_RECORD, &SITE_DIFFERS, &CONTRACT_DIFFERS, &CONTRACT_VERSION_DIFFERS, &BINARIES_DISAGREE];

pub(super) static NO_RECORDS: Rule = Rule {
    id: "no-records",
    severity: Severity::Error,
    description: "The binary has no section of records: it was not built with this library, or was packed since.",
    example: "`orchq-metrics sites /usr/bin/env`",
    help: "name the program itself, not a launcher, and read it before a packer such as UPX does its work",
};

pub(super) static DAMAGED_RECORD: Rule = Rule {
    id: "damaged-record",
    severity: Severity::Error,
    description: "A record begins in the binary and cannot be read to its end, so that a site or a contract is not known.",
    example: "A binary that was cut off, or edited.",
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
