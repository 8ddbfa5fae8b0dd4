//! Changes of a contract and of its metrics.

use super::{Row, breaking, compatible, documentation};
use crate::report::finding::{Rule, Severity};

pub(in crate::tools::diff) static CONTRACT_RENAMED: Row = breaking(Rule {
    id: "diff-contract-renamed",
    severity: Severity::Error,
    description: "The contract has another name. The info metric carries the name as a label, so that whatever selects a \
              fleet's builds by it finds none.",
    example: "`orchqueue` becomes `orchestrator-queue`.",
    help: "keep the name, or change each query that has `contract=\"..\"` in it",
});

pub(in crate::tools::diff) static VERSION_CHANGED: Row = documentation(Rule {
    id: "diff-version-changed",
    severity: Severity::Note,
    description: "The contract has another version. By itself that changes no metric: whether it is high enough for the \
              other changes is judged apart.",
    example: "`1.0.0` becomes `1.1.0`.",
    help: "nothing is to be done",
});

pub(in crate::tools::diff) static DOC_CHANGED: Row = documentation(Rule {
    id: "diff-doc-changed",
    severity: Severity::Note,
    description: "The contract's own text reads otherwise. No metric changes with it.",
    example: "The conventions have one sentence more.",
    help: "read the difference as its consumers will",
});

pub(in crate::tools::diff) static METRIC_REMOVED: Row = breaking(Rule {
    id: "diff-metric-removed",
    severity: Severity::Error,
    description: "A metric is gone. A query of it gives nothing, and an alert on nothing never fires.",
    example: "`vram_used_bytes` is no longer in the contract.",
    help: "keep it until no rule or dashboard reads it, and raise the major version when it goes",
});

pub(in crate::tools::diff) static METRIC_RENAMED: Row = breaking(Rule {
    id: "diff-metric-renamed",
    severity: Severity::Error,
    description: "A metric is gone, and a new one is plainly the same: of the same kind, with the same labels for the most \
              part, under another spelling of its name or with its help. To those who read the old name it is gone.",
    example: "`gpu_cache_usage_perc` becomes `kv_cache_usage_perc`.",
    help: "load the compatibility recording rules until every consumer reads the new name",
});

pub(in crate::tools::diff) static METRIC_ADDED: Row = compatible(Rule {
    id: "diff-metric-added",
    severity: Severity::Note,
    description: "There is a metric more. No query that was written before reads it.",
    example: "`tasks_moved_total` is new.",
    help: "annotate the function that records it",
});

pub(in crate::tools::diff) static METRIC_ORDER_CHANGED: Row = compatible(Rule {
    id: "diff-metric-order-changed",
    severity: Severity::Note,
    description: "The metrics are listed in another order. No query sees it; the fingerprint that tells builds apart is \
              made in this order, so that a fleet of both shows two.",
    example: "`queue_depth` is moved above the counters.",
    help: "nothing is to be done, once the fleet runs one build",
});

pub(in crate::tools::diff) static KIND_CHANGED: Row = breaking(Rule {
    id: "diff-kind-changed",
    severity: Severity::Error,
    description: "A metric is of another kind. `rate` is for counters, `histogram_quantile` for histograms, a bare \
              comparison for gauges: what was right is wrong, and says so nowhere.",
    example: "The gauge `queue_depth` becomes a histogram.",
    help: "declare a new metric under a new name, and remove the old one later",
});

pub(in crate::tools::diff) static UNIT_CHANGED: Row = breaking(Rule {
    id: "diff-unit-changed",
    severity: Severity::Error,
    description: "A metric's numbers are of another unit. Every threshold and every axis is wrong by the factor between \
              the two, also where the name stays.",
    example: "`latency_decode_ms` is recorded in seconds.",
    help: "declare a new metric whose name has the new unit, and remove the old one later",
});

pub(in crate::tools::diff) static UNIT_ANNOTATED: Row = compatible(Rule {
    id: "diff-unit-annotated",
    severity: Severity::Note,
    description: "A count says what it counts, or no longer does: `1` and `{task}` are the same unit to every number. The \
              fingerprint that tells builds apart has the unit in it, so that a fleet of both shows two.",
    example: "`queue_depth` is in `{task}`, and was in `1`.",
    help: "nothing is to be done, once the fleet runs one build",
});

pub(in crate::tools::diff) static BUCKET_REMOVED: Row = breaking(Rule {
    id: "diff-bucket-removed",
    severity: Severity::Error,
    description: "A histogram lost a bucket. A query with that very `le` gives nothing, which is how most objectives of \
              latency are written, and quantiles around it become coarser.",
    example: "`latency_first_token_ms` no longer has the bound 500.",
    help: "keep every old bound, and add new ones between them",
});

pub(in crate::tools::diff) static BUCKET_ADDED: Row = compatible(Rule {
    id: "diff-bucket-added",
    severity: Severity::Note,
    description: "A histogram gained a bucket. Buckets count everything up to their bound, so that the others stay as they \
              are, and quantiles become finer.",
    example: "`latency_first_token_ms` gains the bound 750.",
    help: "count the series: each label set has one more for each bound",
});

pub(in crate::tools::diff) static SERIES_LIMIT_LOWERED: Row = breaking(Rule {
    id: "diff-series-limit-lowered",
    severity: Severity::Error,
    description: "A family holds fewer series. Label sets past the limit fold into one overflow series, where they no \
              longer can be told apart.",
    example: "The limit of `queue_depth` goes from 10000 to 500.",
    help: "keep the limit, unless no process comes near the new one",
});

pub(in crate::tools::diff) static SERIES_LIMIT_RAISED: Row = compatible(Rule {
    id: "diff-series-limit-raised",
    severity: Severity::Note,
    description: "A family holds more series. Those that there were stay as they are; a scrape may become larger.",
    example: "The limit of `queue_depth` goes from 10000 to 20000.",
    help: "see that Prometheus has room for the series",
});

pub(in crate::tools::diff) static HELP_CHANGED: Row = documentation(Rule {
    id: "diff-help-changed",
    severity: Severity::Note,
    description: "A metric's help reads otherwise. It is shown to people, and no query reads it. If it now says something \
              else, the metric means something else, and wants another name.",
    example: "\"Queue length.\" becomes \"Current queue length.\"",
    help: "see that both texts mean the same",
});

pub(in crate::tools::diff) static SECTION_CHANGED: Row = documentation(Rule {
    id: "diff-section-changed",
    severity: Severity::Note,
    description: "A metric is listed under another heading of the document. It is not served.",
    example: "`tokens_in_total` moves to the counters.",
    help: "nothing is to be done",
});

pub(in crate::tools::diff) static REQUIREMENT_CHANGED: Row = documentation(Rule {
    id: "diff-requirement-changed",
    severity: Severity::Note,
    description: "A metric answers another requirement. It is shown in reports, and not served.",
    example: "`queue_depth` now answers ORCH-17.",
    help: "see that the requirement is the right one",
});
