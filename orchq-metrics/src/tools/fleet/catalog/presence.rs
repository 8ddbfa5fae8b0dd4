//! Who is there, which contract they have, and what is missing.

use crate::report::finding::{Rule, Severity};

pub(crate) static RULES: &[&Rule] = &[
    &ANSWER_PARTIAL,
    &LABELS_NOT_KNOWN,
    &JOB_ABSENT,
    &JOB_GONE,
    &TARGETS_DOWN,
    &IDENTITY_MISSING,
    &CONTRACT_ABSENT,
    &VERSION_SKEW,
    &OTHER_VERSION,
    &METRIC_MISSING,
    &JOB_METRIC_MISSING,
    &INSTANCES_WITHOUT,
];

pub(in crate::tools::fleet) static ANSWER_PARTIAL: Rule = Rule {
    id: "fleet-answer-partial",
    severity: Severity::Error,
    description: "The server warns that an answer is not the whole: a store is away, or a limit was reached. What is \
              missing may be there, and what is wrong may not have been seen.",
    example: "A Thanos querier one of whose stores does not answer, with `partial_response` allowed.",
    help: "bring back what the server misses, or ask for less with --job or --selector, and check again",
};

pub(in crate::tools::fleet) static LABELS_NOT_KNOWN: Rule = Rule {
    id: "fleet-labels-not-known",
    severity: Severity::Warning,
    description: "The server does not say which labels the series have, names very many, or cannot be asked about one, as about \
              `http.status` before Prometheus 3, so that labels which no metric of the contract has were not all \
              looked for.",
    example: "A proxy that lets `/api/v1/query` through alone.",
    help: "let `/api/v1/labels` through, or ask for less with --job or --selector",
};

pub(in crate::tools::fleet) static JOB_ABSENT: Rule = Rule {
    id: "fleet-job-absent",
    severity: Severity::Error,
    description: "A job that was named has no series of the contract, and no process that says that it has the contract.",
    example: "`--job worker`, where the scrape configuration calls it `workers`.",
    help: "name a job as the server does, or find out why it is not scraped",
};

pub(in crate::tools::fleet) static JOB_GONE: Rule = Rule {
    id: "fleet-job-gone",
    severity: Severity::Warning,
    description: "Within the last hour a job said that it has the contract, and now there is nothing of it.",
    example: "The only worker of a job was stopped, or its scrape was removed from the configuration.",
    help: "start it again; an hour after it was ended for good, nothing is said of it",
};

pub(in crate::tools::fleet) static TARGETS_DOWN: Rule = Rule {
    id: "fleet-targets-down",
    severity: Severity::Warning,
    description: "The last scrape of some targets of a job failed. What they would serve is not known: it can neither be \
              missing nor be wrong.",
    example: "`up{job=\"worker\",instance=\"worker-3:9000\"} 0`",
    help: "mend the target or its scrape, and check again",
};

pub(in crate::tools::fleet) static IDENTITY_MISSING: Rule = Rule {
    id: "fleet-identity-missing",
    severity: Severity::Warning,
    description: "A job has series of the contract's names, and none of its processes says with \
              `orchq_metrics_contract_info` that it has the contract. Its series are judged all the same: whatever \
              selects the names selects them too.",
    example: "A queue of another system that has a `queue_depth` of its own; a scrape that drops the info metric.",
    help: "serve the info metric; if the series are somebody else's, leave them out with --job or --selector, and \
           rename them where alerts could take them for the contract's",
};

pub(in crate::tools::fleet) static CONTRACT_ABSENT: Rule = Rule {
    id: "fleet-contract-absent",
    severity: Severity::Error,
    description: "No process of the fleet promises what the contract that is checked does, though some have the contract \
              under another version: nothing could be judged.",
    example: "A check against the contract of the next release, before it was rolled out.",
    help: "check against the contract of the release that runs, with --contract",
};

pub(in crate::tools::fleet) static VERSION_SKEW: Rule = Rule {
    id: "fleet-version-skew",
    severity: Severity::Warning,
    description: "Processes of the fleet were built with different versions of the contract. Until they agree, queries and \
              alerts see some of them in part.",
    example: "A worker that was forgotten in the last release.",
    help: "finish the release, or the way back from it",
};

pub(in crate::tools::fleet) static OTHER_VERSION: Rule = Rule {
    id: "fleet-other-version",
    severity: Severity::Warning,
    description: "Instances of a job have another version of the contract than is checked. If they promise something else, \
              what they serve is not judged.",
    example: "Three of ten workers say 0.9.0, checked against 1.0.0.",
    help: "roll them out anew, or check them against their own contract, with --contract",
};

pub(in crate::tools::fleet) static METRIC_MISSING: Rule = Rule {
    id: "fleet-metric-missing",
    severity: Severity::Error,
    description: "No job of the fleet has a series of a contracted metric: its queries and alerts see nothing.",
    example: "A fleet without `vram_used_bytes`, since the exporter was renamed.",
    help: "find out what should emit it, with `orchq-metrics sites`; allow what is known to come later",
};

pub(in crate::tools::fleet) static JOB_METRIC_MISSING: Rule = Rule {
    id: "fleet-job-metric-missing",
    severity: Severity::Warning,
    description: "A job that has the contract lacks a metric that other jobs have. The subject is the job and the metric. \
              Where jobs share the contract, as an orchestrator and its workers do, that is so by design, and is \
              allowed once.",
    example: "`worker-eu` has no `vram_used_bytes`, and `worker-us` has.",
    help: "find out why the job does not emit it, or allow it, as `orchestrator/gpu_*`",
};

pub(in crate::tools::fleet) static INSTANCES_WITHOUT: Rule = Rule {
    id: "fleet-instances-without",
    severity: Severity::Note,
    description: "Some instances of a job have no series of a metric that others of the job have. With labels that are \
              open, a series is born when something is first recorded.",
    example: "2 of 10 workers have no `tasks_canceled_total` yet.",
    help: "create series at the start with `init`, or allow what is known to come later",
};
