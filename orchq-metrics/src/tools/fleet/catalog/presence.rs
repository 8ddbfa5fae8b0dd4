//! The rules about which jobs, targets, versions of the contract and metrics exist.

use crate::report::finding::rules;

rules! {
    ANSWER_PARTIAL: Error, "fleet-answer-partial" {
        description: "The server warns that an answer is not complete: a store is unavailable, or a limit was reached. A \
                      metric that seems missing may exist, and violations may be missed.",
        example: "A Thanos querier one of whose stores does not answer, with `partial_response` allowed.",
        help: "restore what the server lacks, or narrow the check with --job or --selector, and check again",
    }

    LABELS_NOT_KNOWN: Warning, "fleet-labels-not-known" {
        description: "Labels that the contract does not have may have been missed: the server does not list the labels \
                      of the series, lists very many, or rejects a query for one, such as `http.status` before \
                      Prometheus 3.",
        example: "A proxy that only lets `/api/v1/query` through.",
        help: "let `/api/v1/labels` through, or narrow the check with --job or --selector",
    }

    JOB_ABSENT: Error, "fleet-job-absent" {
        description: "A requested job has no series of the contract, and none of its processes reports the contract.",
        example: "`--job worker`, where the scrape configuration calls it `workers`.",
        help: "use the job's name on the server, or find out why it is not scraped",
    }

    JOB_GONE: Warning, "fleet-job-gone" {
        description: "A job reported the contract within the last hour, and nothing of it is there now.",
        example: "The only worker of a job was stopped, or its scrape was removed from the configuration.",
        help: "start it again; one hour after a permanent removal the finding disappears",
    }

    TARGETS_DOWN: Warning, "fleet-targets-down" {
        description: "The last scrape of some targets of a job failed. Their series were not checked.",
        example: "`up{job=\"worker\",instance=\"worker-3:9000\"} 0`",
        help: "repair the target or its scrape, and check again",
    }

    IDENTITY_MISSING: Warning, "fleet-identity-missing" {
        description: "A job has series with the contract's names, and none of its processes reports the contract with \
                      `orchq_metrics_contract_info`. Its series are checked nevertheless: a query that selects the names \
                      selects them too.",
        example: "Another system's queue that has a `queue_depth`; a scrape that drops the info metric.",
        help: "serve the info metric; if the series belong to another system, exclude them with --job or --selector, and \
               rename them where alerts could mistake them for the contract's",
    }

    CONTRACT_ABSENT: Error, "fleet-contract-absent" {
        description: "No process of the fleet has the contract to check against, although some have another version of \
                      it: nothing could be checked.",
        example: "A check against the contract of the next release, before the rollout.",
        help: "check against the contract of the running release, with --contract",
    }

    VERSION_SKEW: Warning, "fleet-version-skew" {
        description: "Processes of the fleet were built with different versions of the contract. Until they agree, \
                      queries and alerts miss part of them.",
        example: "A worker that was forgotten in the last release.",
        help: "finish the release, or roll it back",
    }

    OTHER_VERSION: Warning, "fleet-other-version" {
        description: "Instances of a job have another version of the contract than the one to check against. If its \
                      fingerprint differs, their series are not checked.",
        example: "Three of ten workers report 0.9.0, checked against 1.0.0.",
        help: "roll them out again, or check them against their own contract, with --contract",
    }

    METRIC_MISSING: Error, "fleet-metric-missing" {
        description: "No job of the fleet has a series of a contracted metric: its queries and alerts see nothing.",
        example: "A fleet without `vram_used_bytes`, since the exporter was renamed.",
        help: "find out what should emit it, with `orchq-metrics sites`; suppress a metric that is known to appear later",
    }

    JOB_METRIC_MISSING: Warning, "fleet-job-metric-missing" {
        description: "A job that has the contract lacks a metric that other jobs have. The subject is the job and the \
                      metric. Jobs that share the contract, such as an orchestrator and its workers, differ by design: \
                      suppress it once.",
        example: "`worker-eu` has no `vram_used_bytes`, and `worker-us` has.",
        help: "find out why the job does not emit it, or suppress it, as `orchestrator/gpu_*`",
    }

    INSTANCES_WITHOUT: Note, "fleet-instances-without" {
        description: "Some instances of a job have no series of a metric that other instances have. With open labels, a \
                      series appears when its first value is recorded.",
        example: "2 of 10 workers have no `tasks_canceled_total` yet.",
        help: "create series at startup with `init`, or suppress a metric that is known to appear later",
    }
}
