//! What the series of a fleet owe the contract.

use crate::report::finding::{Rule, Severity};

pub(crate) static RULES: &[&Rule] = &[
    &TYPE,
    &HELP,
    &METADATA_MISSING,
    &NATIVE_HISTOGRAM,
    &HISTOGRAM_PARTS,
    &BUCKETS,
    &LABEL_MISSING,
    &LABEL_UNKNOWN,
    &LABEL_CONDITION,
    &VALUE_UNKNOWN,
    &BUDGET,
    &SERIES_LIMIT,
    &VALUE_IMPOSSIBLE,
    &OVERFLOWS,
    &VIOLATIONS,
];

pub(in crate::tools::fleet) static TYPE: Rule = Rule {
    id: "fleet-type",
    severity: Severity::Error,
    description: "A family was scraped with another type than its contract says. Where the server does not know from which \
              target, it may be one that was not selected or that has another version, and is a warning where there \
              can be such; a type that it does not know is no finding.",
    example: "`queue_depth` is a counter to some target, where the contract has a gauge.",
    help: "find the target with `orchq-metrics lint`, and expose the type of the contract",
};

pub(in crate::tools::fleet) static HELP: Rule = Rule {
    id: "fleet-help",
    severity: Severity::Note,
    description: "A family was scraped with a `# HELP` that is not the contract's text.",
    example: "An older build, in which the text was another.",
    help: "serve the contract's help text",
};

pub(in crate::tools::fleet) static METADATA_MISSING: Rule = Rule {
    id: "fleet-metadata-missing",
    severity: Severity::Note,
    description: "The server knows the type of no contracted metric, so that types were not checked. Not every server \
              keeps them, and what comes by remote write can lack them.",
    example: "An older VictoriaMetrics, which answers `/api/v1/metadata` with nothing.",
    help: "lint the scrapes themselves, with `orchq-metrics lint`; allow it where the server does not keep types",
};

pub(in crate::tools::fleet) static NATIVE_HISTOGRAM: Rule = Rule {
    id: "fleet-native-histogram",
    severity: Severity::Error,
    description: "A histogram is kept under its family's own name, as a native one, and has no `_bucket` series beside it. \
              Queries of `_bucket` see nothing of the job.",
    example: "`convert_classic_histograms_to_nhcb` in the scrape configuration of a job.",
    help: "keep the classic series too, with `always_scrape_classic_histograms`, or move all queries",
};

pub(in crate::tools::fleet) static HISTOGRAM_PARTS: Rule = Rule {
    id: "fleet-histogram-parts",
    severity: Severity::Error,
    description: "A histogram of a job lacks its buckets, its sum or its count, though it has the others.",
    example: "A scrape that drops `latency_decode_ms_bucket` to save memory.",
    help: "keep all three, or quantiles and means are gone",
};

pub(in crate::tools::fleet) static BUCKETS: Rule = Rule {
    id: "fleet-buckets",
    severity: Severity::Error,
    description: "Histograms of a job have other buckets than the contract, or lack some of them; histograms with \
              different buckets cannot be summed.",
    example: "`le=\"7\"` on two series, where the contract has 5 and 10.",
    help: "build every process with the contract's buckets, and drop none in the scrape",
};

pub(in crate::tools::fleet) static LABEL_MISSING: Rule = Rule {
    id: "fleet-label-missing",
    severity: Severity::Error,
    description: "Series lack a label that the contract has on every series of the metric, or have it without a value, \
              which is the same to a server.",
    example: "`queue_depth{engine=\"vllm\"}`, without `pool_id`.",
    help: "record the metric with every label of the contract, and drop none in the scrape",
};

pub(in crate::tools::fleet) static LABEL_UNKNOWN: Rule = Rule {
    id: "fleet-label-unknown",
    severity: Severity::Error,
    description: "Series have a label that the contract does not have on the metric, and that neither the scrape nor the \
              server adds: what it adds, `up` of the same instance has with the same value.",
    example: "`queue_depth{..,pool=\"a\"}`, where the contract says `pool_id`.",
    help: "rename or drop the label; if it is added after the scrape, say so with --target-label or `target-labels`",
};

pub(in crate::tools::fleet) static LABEL_CONDITION: Rule = Rule {
    id: "fleet-label-condition",
    severity: Severity::Error,
    description: "Series have a conditional label where it does not apply.",
    example: "`trtllm_version` on a series with `engine=\"vllm\"`; `model_id` and `model_digest` on one series.",
    help: "leave the label out where it does not apply",
};

pub(in crate::tools::fleet) static VALUE_UNKNOWN: Rule = Rule {
    id: "fleet-value-unknown",
    severity: Severity::Error,
    description: "A label has a value outside the closed set of the contract.",
    example: "`engine=\"llama.cpp\"`, where the contract says `llamacpp`.",
    help: "record one of the contract's values, or add the value to the contract",
};

pub(in crate::tools::fleet) static BUDGET: Rule = Rule {
    id: "fleet-budget",
    severity: Severity::Error,
    description: "A label of one metric has more distinct values in one instance than its budget in the contract.",
    example: "A hundred `pool_id`s in an instance where the budget is 64, because each request makes its own.",
    help: "find what puts unbounded values into the label, or raise the budget in the contract",
};

pub(in crate::tools::fleet) static SERIES_LIMIT: Rule = Rule {
    id: "fleet-series-limit",
    severity: Severity::Error,
    description: "A family has more series in one instance than its limit in the contract.",
    example: "20,000 series of a metric whose limit is 10,000.",
    help: "drop a label, or raise the limit in the contract",
};

pub(in crate::tools::fleet) static VALUE_IMPOSSIBLE: Rule = Rule {
    id: "fleet-value-impossible",
    severity: Severity::Error,
    description: "Values are outside of what they can be, or not a number: a counter is finite and from zero on, a gauge \
              is finite, a ratio is from 0 to 1, a percent from 0 to 100, and bytes and times are not negative. \
              VictoriaMetrics gives no NaN back, so that there it is not seen.",
    example: "`kv_cache_usage_ratio 85`",
    help: "expose the value in the contract's unit",
};

pub(in crate::tools::fleet) static OVERFLOWS: Rule = Rule {
    id: "fleet-overflows",
    severity: Severity::Warning,
    description: "Processes of a job count lookups whose labels were lost to a budget or to the limit of series.",
    example: "`orchq_metrics_overflow_total{metric=\"queue_depth\",label=\"pool_id\"} 12`",
    help: "remove what is gone, or raise the budget or the limit in the contract",
};

pub(in crate::tools::fleet) static VIOLATIONS: Rule = Rule {
    id: "fleet-violations",
    severity: Severity::Warning,
    description: "Processes of a job count recorded values that were not a number, infinite, negative or out of range.",
    example: "`orchq_metrics_violations_total{metric=\"kv_cache_usage_ratio\",kind=\"out_of_range\"} 3`",
    help: "find where the metric is recorded, with `orchq-metrics sites`, and mend what is passed",
};
