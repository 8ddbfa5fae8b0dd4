//! What a scrape owes its contract.

use crate::report::finding::{Rule, Severity};

pub(crate) static RULES: &[&Rule] = &[
    &FAMILY_MISSING,
    &FAMILY_UNKNOWN,
    &TYPE,
    &LABEL_MISSING,
    &LABEL_UNKNOWN,
    &LABEL_CONDITION,
    &LABEL_EMPTY,
    &VALUE_UNKNOWN,
    &VALUE_OVERFLOW,
    &BUDGET,
    &SERIES_LIMIT,
    &RANGE,
    &BUCKETS,
    &HELP,
    &OTHER_CONTRACT,
    &OVERFLOWS,
    &VIOLATIONS,
];

pub(in crate::tools::lint) static FAMILY_MISSING: Rule = Rule {
    id: "scrape-family-missing",
    severity: Severity::Error,
    description: "No text that was read has a series of a contracted metric: its queries and alerts see nothing.",
    example: "A worker whose `/metrics` has no `vram_used_bytes`.",
    help: "lint all processes that share the contract together; create series at the start with `init`; allow what is \
           known to come later",
};

pub(in crate::tools::lint) static FAMILY_UNKNOWN: Rule = Rule {
    id: "scrape-family-unknown",
    severity: Severity::Warning,
    description: "A family is named as if it belonged to the contract, which does not have it.",
    example: "`tasks_enqueued` where the contract has `tasks_enqueued_total`.",
    help: "add it to the contract, or rename it",
};

pub(in crate::tools::lint) static TYPE: Rule = Rule {
    id: "scrape-type",
    severity: Severity::Error,
    description: "A family is exposed with another type than its contract says.",
    example: "`# TYPE queue_depth counter`, where the contract has a gauge.",
    help: "expose the type of the contract, in a `# TYPE` line before the samples",
};

pub(in crate::tools::lint) static LABEL_MISSING: Rule = Rule {
    id: "scrape-label-missing",
    severity: Severity::Error,
    description: "A series lacks a label that the contract has on every series of the metric.",
    example: "`queue_depth{engine=\"vllm\"} 3`, without `pool_id`.",
    help: "record the metric with every label of the contract",
};

pub(in crate::tools::lint) static LABEL_UNKNOWN: Rule = Rule {
    id: "scrape-label-unknown",
    severity: Severity::Error,
    description: "A series has a label that the contract does not have on the metric.",
    example: "`queue_depth{..,pool=\"a\"} 3`, where the contract says `pool_id`.",
    help: "rename or drop the label, or add it to the contract as a new major version",
};

pub(in crate::tools::lint) static LABEL_CONDITION: Rule = Rule {
    id: "scrape-label-condition",
    severity: Severity::Error,
    description: "A series has a conditional label where it does not apply.",
    example: "`trtllm_version` on a series with `engine=\"vllm\"`; `model_id` and `model_digest` on one series.",
    help: "leave the label out where it does not apply",
};

pub(in crate::tools::lint) static LABEL_EMPTY: Rule = Rule {
    id: "scrape-label-empty",
    severity: Severity::Error,
    description: "A label of the contract is there without a value, which Prometheus takes for absent.",
    example: "`model_id=\"\"`",
    help: "leave a conditional label out where it does not apply, and give a required one its value",
};

pub(in crate::tools::lint) static VALUE_UNKNOWN: Rule = Rule {
    id: "scrape-value-unknown",
    severity: Severity::Error,
    description: "A label has a value outside the closed set of the contract, or one that is reserved for what was lost.",
    example: "`engine=\"llama.cpp\"`, where the contract says `llamacpp`.",
    help: "record one of the contract's values, or add the value to the contract",
};

pub(in crate::tools::lint) static VALUE_OVERFLOW: Rule = Rule {
    id: "scrape-value-overflow",
    severity: Severity::Warning,
    description: "A series has the value `__overflow__`: a budget or the limit of series was reached, and what was \
              recorded past it is summed up here without its detail.",
    example: "`replica_id=\"__overflow__\"`",
    help: "remove what is gone, or raise the budget or the limit in the contract",
};

pub(in crate::tools::lint) static BUDGET: Rule = Rule {
    id: "scrape-budget",
    severity: Severity::Error,
    description: "A label of one metric has more distinct values in one scrape than its budget in the contract.",
    example: "A hundred `pool_id`s where the budget is 64, because each request makes its own.",
    help: "find what puts unbounded values into the label, or raise the budget in the contract",
};

pub(in crate::tools::lint) static SERIES_LIMIT: Rule = Rule {
    id: "scrape-series-limit",
    severity: Severity::Error,
    description: "A family has more series in one scrape than its limit in the contract.",
    example: "20,000 series of a metric whose limit is 10,000.",
    help: "drop a label, or raise the limit in the contract",
};

pub(in crate::tools::lint) static RANGE: Rule = Rule {
    id: "scrape-range",
    severity: Severity::Error,
    description: "A value is outside of what its unit can be: a ratio is from 0 to 1, a percent from 0 to 100, and bytes \
              and times are not negative.",
    example: "`kv_cache_usage_ratio 85`",
    help: "expose the value in the contract's unit",
};

pub(in crate::tools::lint) static BUCKETS: Rule = Rule {
    id: "scrape-buckets",
    severity: Severity::Error,
    description: "A histogram has other buckets than the contract; histograms with different buckets cannot be summed.",
    example: "`le=\"7\"`, where the contract has 5 and 10.",
    help: "build every process with the contract's buckets",
};

pub(in crate::tools::lint) static HELP: Rule = Rule {
    id: "scrape-help",
    severity: Severity::Note,
    description: "A family's `# HELP` is not the contract's text.",
    example: "An older build, in which the text was another.",
    help: "serve the contract's help text",
};

pub(in crate::tools::lint) static OTHER_CONTRACT: Rule = Rule {
    id: "scrape-other-contract",
    severity: Severity::Warning,
    description: "The process says that it was built with another contract, or another version of it, than it was \
              checked against.",
    example: "`orchq_metrics_contract_info{contract=\"orchqueue\",version=\"0.9.0\",..}` checked against 1.0.0.",
    help: "check against the contract of that build, or build anew",
};

pub(in crate::tools::lint) static OVERFLOWS: Rule = Rule {
    id: "scrape-overflows",
    severity: Severity::Warning,
    description: "The process counts lookups whose labels were lost to a budget or to the limit of series.",
    example: "`orchq_metrics_overflow_total{metric=\"queue_depth\",label=\"pool_id\"} 12`",
    help: "remove what is gone, or raise the budget or the limit in the contract",
};

pub(in crate::tools::lint) static VIOLATIONS: Rule = Rule {
    id: "scrape-violations",
    severity: Severity::Warning,
    description: "The process counts recorded values that were not a number, infinite, negative or out of range.",
    example: "`orchq_metrics_violations_total{metric=\"kv_cache_usage_ratio\",kind=\"out_of_range\"} 3`",
    help: "find where the metric is recorded, with `orchq-metrics sites`, and mend what is passed",
};
