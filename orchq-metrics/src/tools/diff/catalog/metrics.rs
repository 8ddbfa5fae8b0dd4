//! Changes of a contract and of its metrics.

super::row::changes! {
    CONTRACT_RENAMED: Breaking, "diff-contract-renamed" {
        description: "The contract has another name. The info metric has the name as a label, so that a query that \
                      selects a fleet's builds by the old name returns nothing.",
        example: "`orchqueue` becomes `orchestrator-queue`.",
        help: "keep the name, or change each query that has `contract=\"..\"` in it",
    }

    VERSION_CHANGED: Documentation, "diff-version-changed" {
        description: "The contract has another version. That alone changes no metric; whether the version is high enough \
                      is checked separately.",
        example: "`1.0.0` becomes `1.1.0`.",
        help: "nothing to do",
    }

    DOC_CHANGED: Documentation, "diff-doc-changed" {
        description: "The contract's own text changed. No metric changes with it.",
        example: "The conventions have one more sentence.",
        help: "read the difference as its consumers will",
    }

    METRIC_REMOVED: Breaking, "diff-metric-removed" {
        description: "A metric was removed. Its queries return nothing, and its alerts never fire.",
        example: "`vram_used_bytes` is no longer in the contract.",
        help: "keep it until no rule or dashboard reads it, and raise the major version when you remove it",
    }

    METRIC_RENAMED: Compatible, "diff-metric-renamed" {
        description: "A metric has another name, and declares the old one with `renamed_from`. Both names are served, \
                      with the same series, until the version that drops the old one.",
        example: "`gpu_cache_usage_perc` becomes `kv_cache_usage_perc`, both served until `2.0.0`.",
        help: "change the queries of the old name before the version that drops it",
    }

    OLD_NAME_DROPPED: Compatible, "diff-old-name-dropped" {
        description: "A metric has lost its old name, and the version that was declared for this is reached.",
        example: "`gpu_cache_usage_perc` was to be served until `2.0.0`, and the new version is `2.0.0`.",
        help: "change the queries that still read the old name, or load the compatibility recording rules",
    }

    OLD_NAME_DROPPED_EARLY: Breaking, "diff-old-name-dropped-early" {
        description: "A metric loses its old name earlier than was declared: now, or in an earlier version. Queries of the \
                      old name were promised to work until then.",
        example: "`gpu_cache_usage_perc` was to be served until `2.0.0`, and the new version is `1.3.0`.",
        help: "keep `renamed_from` until the version that it names; or load the compatibility recording rules",
    }

    OLD_NAME_KEPT: Compatible, "diff-old-name-kept" {
        description: "A metric is served under an old name that the old contract did not have, or for longer than it said.",
        example: "`gpu_cache_usage_perc` is served until `3.0.0`, and was to be until `2.0.0`.",
        help: "nothing to do",
    }

    METRIC_ADDED: Compatible, "diff-metric-added" {
        description: "A metric was added. No existing query reads it.",
        example: "`tasks_moved_total` is new.",
        help: "annotate the function that records it",
    }

    METRIC_ORDER_CHANGED: Compatible, "diff-metric-order-changed" {
        description: "The metrics are listed in another order. No query depends on it; the fingerprint that identifies \
                      a build does, so that a fleet with both builds shows two.",
        example: "`queue_depth` is moved above the counters.",
        help: "nothing to do, once the fleet runs one build",
    }

    KIND_CHANGED: Breaking, "diff-kind-changed" {
        description: "A metric is of another kind. `rate` needs counters, `histogram_quantile` histograms, and a plain \
                      comparison gauges: a right query becomes wrong without an error.",
        example: "The gauge `queue_depth` becomes a histogram.",
        help: "declare a new metric under a new name, and remove the old one later",
    }

    UNIT_CHANGED: Breaking, "diff-unit-changed" {
        description: "A metric has another unit. Every threshold and every axis is wrong by the factor between the two, \
                      even if the name stays.",
        example: "`latency_decode_ms` is recorded in seconds.",
        help: "declare a new metric whose name has the new unit, and remove the old one later",
    }

    UNIT_ANNOTATED: Compatible, "diff-unit-annotated" {
        description: "The unit of a count gained or lost an annotation: `1` and `{task}` are the same unit to every \
                      number. The fingerprint that identifies a build contains the unit, so that a fleet with both \
                      builds shows two.",
        example: "`queue_depth` is in `{task}`, and was in `1`.",
        help: "nothing to do, once the fleet runs one build",
    }

    RANGE_NARROWED: Breaking, "diff-range-narrowed" {
        description: "The metric's range is smaller. A comparison with a value outside the new range never holds, and \
                      an alert on it never fires.",
        example: "`clock_skew_seconds` could be any number, and is at least 0.",
        help: "keep the range, and let fewer values of it occur",
    }

    RANGE_WIDENED: Compatible, "diff-range-widened" {
        description: "A metric may have values that were out of its range. Values in the old range mean the same; a \
                      panel with a fixed axis does not show the others.",
        example: "`clock_skew_seconds` was at least 0, and can be any number.",
        help: "check each query that relies on the old range, such as a difference to its end",
    }

    BUCKET_REMOVED: Breaking, "diff-bucket-removed" {
        description: "A histogram lost a bucket. A query of exactly that `le`, as most latency objectives have, returns \
                      nothing, and quantiles around it become coarser.",
        example: "`latency_first_token_ms` no longer has the bound 500.",
        help: "keep every old bound, and add new ones between them",
    }

    BUCKET_ADDED: Compatible, "diff-bucket-added" {
        description: "A histogram gained a bucket. Buckets are cumulative, so the others do not change, and quantiles \
                      become finer.",
        example: "`latency_first_token_ms` gains the bound 750.",
        help: "count the series: each label set has one more for each bound",
    }

    SERIES_LIMIT_LOWERED: Breaking, "diff-series-limit-lowered" {
        description: "A family holds fewer series. Label sets past the limit share one overflow series, where they \
                      cannot be distinguished.",
        example: "The limit of `queue_depth` goes from 10000 to 500.",
        help: "keep the limit, unless no process comes near the new one",
    }

    SERIES_LIMIT_RAISED: Compatible, "diff-series-limit-raised" {
        description: "A family holds more series. Existing series do not change; a scrape may become larger.",
        example: "The limit of `queue_depth` goes from 10000 to 20000.",
        help: "make sure that Prometheus has room for the series",
    }

    HELP_CHANGED: Documentation, "diff-help-changed" {
        description: "A metric's help changed. People read it; no query does. If the meaning changed, the metric needs \
                      another name.",
        example: "\"Queue length.\" becomes \"Current queue length.\"",
        help: "make sure that both texts mean the same",
    }

    SECTION_CHANGED: Documentation, "diff-section-changed" {
        description: "A metric is listed under another heading of the document. The heading is not served.",
        example: "`tokens_in_total` moves to the counters.",
        help: "nothing to do",
    }

    REQUIREMENT_CHANGED: Documentation, "diff-requirement-changed" {
        description: "A metric has another requirement. Reports show it, and it is not served.",
        example: "`queue_depth` now answers ORCH-17.",
        help: "make sure that the requirement is the right one",
    }

    DEPRECATION_CHANGED: Documentation, "diff-deprecation-changed" {
        description: "A metric became deprecated, or no longer is, or its note changed. It is served as before.",
        example: "`gpu_utilization` is deprecated since `1.2.0`.",
        help: "read the note, and change the queries of the metric",
    }
}
