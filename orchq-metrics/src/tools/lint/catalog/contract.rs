//! The rules that compare a scrape with its contract.

use crate::report::finding::rules;

rules! {
    FAMILY_MISSING: Error, "scrape-family-missing" {
        description: "None of the texts has a series of a contracted metric: its queries and alerts see nothing.",
        example: "A worker whose `/metrics` has no `vram_used_bytes`.",
        help: "lint all processes that share the contract together; create series at startup, with `init` or with the \
               collector that is adopted; suppress metrics that are known to appear later",
    }

    FAMILY_UNKNOWN: Warning, "scrape-family-unknown" {
        description: "A family's name begins like the contract's names, and the contract does not have it.",
        example: "`tasks_enqueued` where the contract has `tasks_enqueued_total`.",
        help: "add it to the contract, or rename it",
    }

    TYPE: Error, "scrape-type" {
        description: "A family is exposed with another type than the contract's.",
        example: "`# TYPE queue_depth counter`, where the contract has a gauge.",
        help: "expose the type of the contract, in a `# TYPE` line before the samples",
    }

    LABEL_MISSING: Error, "scrape-label-missing" {
        description: "A series lacks a label that the contract has on every series of the metric.",
        example: "`queue_depth{engine=\"vllm\"} 3`, without `pool_id`.",
        help: "record the metric with every label of the contract",
    }

    LABEL_UNKNOWN: Error, "scrape-label-unknown" {
        description: "A series has a label that the contract does not have on the metric.",
        example: "`queue_depth{..,pool=\"a\"} 3`, where the contract has `pool_id`.",
        help: "rename or drop the label, or add it to the contract as a new major version; if the process adds it to \
               every series, name it with --constant-label, or as `constant-labels` in orchq-metrics.toml",
    }

    LABEL_CONDITION: Error, "scrape-label-condition" {
        description: "A series has a conditional label where it does not apply.",
        example: "`trtllm_version` on a series with `engine=\"vllm\"`; `model_id` and `model_digest` on one series.",
        help: "leave the label out where it does not apply",
    }

    LABEL_EMPTY: Error, "scrape-label-empty" {
        description: "A label of the contract has an empty value. To Prometheus the label is absent.",
        example: "`model_id=\"\"`",
        help: "leave a conditional label out where it does not apply, and give a required one its value",
    }

    VALUE_UNKNOWN: Error, "scrape-value-unknown" {
        description: "A label has a value outside the closed set of the contract, or a reserved value.",
        example: "`engine=\"llama.cpp\"`, where the contract has `llamacpp`.",
        help: "record one of the contract's values, or add the value to the contract",
    }

    VALUE_OVERFLOW: Warning, "scrape-value-overflow" {
        description: "A series has the value `__overflow__`: a budget or the series limit was reached, and this series \
                      counts everything past it without the detail.",
        example: "`replica_id=\"__overflow__\"`",
        help: "remove series that are no longer needed, or raise the budget or the limit in the contract",
    }

    BUDGET: Error, "scrape-budget" {
        description: "In one scrape, a label of one metric has more distinct values than its budget in the contract.",
        example: "A hundred `pool_id`s where the budget is 64, because each request creates its own.",
        help: "find what puts unbounded values into the label, or raise the budget in the contract",
    }

    SERIES_LIMIT: Error, "scrape-series-limit" {
        description: "In one scrape, a family has more series than its limit in the contract.",
        example: "20,000 series of a metric whose limit is 10,000.",
        help: "drop a label, or raise the limit in the contract",
    }

    RANGE: Error, "scrape-range" {
        description: "A value is out of the metric's range: the one that the contract states, or else that of the unit. A \
                      ratio is from 0 to 1, a percent from 0 to 100, and bytes and times are not negative.",
        example: "`kv_cache_usage_ratio 85`",
        help: "expose the value in the contract's unit, or state the range that the metric really has",
    }

    BUCKETS: Error, "scrape-buckets" {
        description: "A histogram has other buckets than the contract. Histograms with different buckets cannot be \
                      summed.",
        example: "`le=\"7\"`, where the contract has 5 and 10.",
        help: "build every process with the contract's buckets",
    }

    HELP: Note, "scrape-help" {
        description: "A family's `# HELP` is not the contract's text.",
        example: "An older build, whose text was different.",
        help: "serve the contract's help text",
    }

    OTHER_CONTRACT: Warning, "scrape-other-contract" {
        description: "The process reports another contract, or another version of it, than the one to check against.",
        example: "`orchq_metrics_contract_info{contract=\"orchqueue\",version=\"0.9.0\",..}` checked against 1.0.0.",
        help: "check against the contract of that build, or rebuild the process",
    }

    OVERFLOWS: Warning, "scrape-overflows" {
        description: "The process counts lookups whose label values were lost to a budget or to the series limit.",
        example: "`orchq_metrics_overflow_total{metric=\"queue_depth\",label=\"pool_id\"} 12`",
        help: VALUE_OVERFLOW.help,
    }

    VIOLATIONS: Warning, "scrape-violations" {
        description: "The process counts violations: values out of range or not a number, series of an adopted \
                      collector that break the contract, or a name that two contracts define differently.",
        example: "`orchq_metrics_violations_total{metric=\"kv_cache_usage_ratio\",kind=\"out_of_range\"} 3`",
        help: "find where the metric is recorded, with `orchq-metrics sites`, and correct the value; give an adopted collector \
               the labels and values of the contract; rename the metric in one of two conflicting contracts",
    }
}
