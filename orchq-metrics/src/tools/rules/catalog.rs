//! The rules of rules and dashboards, as they are explained.

use crate::report::finding::{Rule, Severity};

/// Every rule of the command, in the order in which they are looked for.
pub(crate) static RULES: &[&Rule] = &[
    &UNREADABLE,
    &SYNTAX,
    &SKIPPED,
    &FILE_SKIPPED,
    &UNKNOWN_METRIC,
    &HISTOGRAM_SERIES,
    &UNKNOWN_LABEL,
    &UNKNOWN_VALUE,
    &CONTRADICTION,
    &DEAD_LABEL,
    &NEVER_MATCHES,
    &COUNTER_WITHOUT_RATE,
    &RATE_ON_GAUGE,
    &DELTA_ON_COUNTER,
    &QUANTILE_WITHOUT_LE,
    &QUANTILE_OF_NON_HISTOGRAM,
    &IMPLAUSIBLE_THRESHOLD,
    &TEMPLATE_LABEL,
    &SUPPRESSION,
    &UNUSED,
];

pub(super) static UNREADABLE: Rule = Rule {
    id: "rules-unreadable",
    severity: Severity::Error,
    description: "The file is no YAML or JSON, or nothing in it is a rule file, a PrometheusRule or a dashboard, so that \
              nothing in it was checked.",
    example: "A Helm chart's `templates/rules.yaml`, which is YAML only once it is rendered.",
    help: "give the file as Prometheus or Grafana reads it; render templates first, with `helm template` for one",
};

pub(super) static SYNTAX: Rule = Rule {
    id: "promql-syntax",
    severity: Severity::Error,
    description: "An expression is no PromQL: Prometheus refuses the rule file, and Grafana shows an error in the panel.",
    example: "`sum(rate(tasks_started_total[5m])`, which lacks a parenthesis.",
    help: "correct the expression; `promtool check rules` tells what Prometheus makes of it",
};

pub(super) static SKIPPED: Rule = Rule {
    id: "rules-query-skipped",
    severity: Severity::Note,
    description: "A query was not checked: it is for another data source than Prometheus, its variables stand where only \
              Grafana can tell what they become, it is in another file, or it is longer or nests deeper than can be \
              read here, or calls a function of another version of Prometheus.",
    example: "`$aggregation(rate(tasks_started_total[5m]))`, where a variable names the operator.",
    help: "nothing, where the query is for another data source; else write the operator out",
};

pub(super) static FILE_SKIPPED: Rule = Rule {
    id: "rules-file-skipped",
    severity: Severity::Note,
    description: "A file was not checked: it lies beside rules and dashboards, and is known to be something else.",
    example: "`orchqueue-rules-tests.yml`, the unit tests of rules for `promtool test rules`.",
    help: "nothing; name only rules and dashboards to be rid of the note",
};

pub(super) static UNKNOWN_METRIC: Rule = Rule {
    id: "rules-unknown-metric",
    severity: Severity::Error,
    description: "A query selects a metric that the contract does not have and that looks like one of its own, so that it \
              never returns anything. Metrics that share neither the first word nor most letters with one of the \
              contract are taken for somebody else's.",
    example: "`rate(task_started_total[5m])`, where the contract has `tasks_started_total`.",
    help: "use the contract's name; where the metric is another system's, allow the finding for it",
};

pub(super) static HISTOGRAM_SERIES: Rule = Rule {
    id: "rules-histogram-series",
    severity: Severity::Error,
    description: "A query selects a histogram by its family's name, under which no series is scraped: they are called \
              `_bucket`, `_sum` and `_count`.",
    example: "`avg(latency_decode_ms)`",
    help: "select `_bucket` for quantiles, or divide the rate of `_sum` by that of `_count` for a mean",
};

pub(super) static UNKNOWN_LABEL: Rule = Rule {
    id: "rules-unknown-label",
    severity: Severity::Error,
    description: "A matcher, a grouping or a join names a label that the metric has never had.",
    example: "`sum by (pool) (queue_depth)`, where the label is `pool_id`.",
    help: "use a label of the metric, or declare it as a target label if the scrape adds it",
};

pub(super) static UNKNOWN_VALUE: Rule = Rule {
    id: "rules-unknown-value",
    severity: Severity::Error,
    description: "A matcher compares a label with a value that it cannot take, or with a pattern that none or all of its \
              values match, so that it selects nothing or excludes nothing.",
    example: "`tasks_canceled_total{reason=\"timeout\"}`, where the reasons are `user` and `watchdog`.",
    help: "use a value of the contract",
};

pub(super) static CONTRADICTION: Rule = Rule {
    id: "rules-contradiction",
    severity: Severity::Error,
    description: "The matchers of one selector can be true one by one, and no series can have them all.",
    example: "`queue_depth{engine=\"vllm\", trtllm_version!=\"\"}`: only `triton` has a `trtllm_version`.",
    help: "drop one of the matchers",
};

pub(super) static DEAD_LABEL: Rule = Rule {
    id: "rules-dead-label",
    severity: Severity::Error,
    description: "A grouping, a join or a function names a label that the metric has, and that the expression has lost \
              before.",
    example: "`sum by (engine, pool_id) (sum by (engine) (queue_depth))`",
    help: "keep the label in the aggregation further in, or drop it here",
};

pub(super) static NEVER_MATCHES: Rule = Rule {
    id: "rules-never-matches",
    severity: Severity::Error,
    description: "No series of one side of an operator can match a series of the other, because a label that is compared \
              is on every series of one side and on none of the other.",
    example: "`sum by (engine) (queue_depth) / sum by (pool_id) (queue_depth)`",
    help: "aggregate both sides by the same labels, or say with `on (..)` which are compared",
};

pub(crate) static COUNTER_WITHOUT_RATE: Rule = Rule {
    id: "rules-counter-without-rate",
    severity: Severity::Error,
    description: "A counter's value is used as it is. It says how much was counted since the process began, and falls to \
              zero when that is restarted.",
    example: "`tasks_rejected_total > 100`",
    help: "say how fast it grows, with `rate(..[5m])`, or by how much, with `increase(..[1h])`",
};

pub(super) static RATE_ON_GAUGE: Rule = Rule {
    id: "rules-rate-on-gauge",
    severity: Severity::Error,
    description: "A function for counters is used on a gauge, or on what is a rate already: every fall is taken for a \
              restart, and the result is too great.",
    example: "`rate(queue_depth[5m])`",
    help: "use `deriv` or `delta` for the change of a gauge, or `avg_over_time` for its level",
};

pub(super) static DELTA_ON_COUNTER: Rule = Rule {
    id: "rules-delta-on-counter",
    severity: Severity::Error,
    description: "A function for gauges is used on a counter: a restart is taken for a great fall.",
    example: "`delta(tasks_started_total[5m])`",
    help: "use `increase` or `rate`",
};

pub(super) static QUANTILE_WITHOUT_LE: Rule = Rule {
    id: "rules-quantile-without-le",
    severity: Severity::Error,
    description: "A quantile is worked out from buckets without the label `le`, which says what they are; the result is \
              empty.",
    example: "`histogram_quantile(0.9, sum by (engine) (rate(latency_decode_ms_bucket[5m])))`",
    help: "keep `le` in the aggregation: `sum by (le, ..)`",
};

pub(super) static QUANTILE_OF_NON_HISTOGRAM: Rule = Rule {
    id: "rules-quantile-of-non-histogram",
    severity: Severity::Error,
    description: "A quantile is worked out from something that has no buckets.",
    example: "`histogram_quantile(0.9, rate(tasks_started_total[5m]))`",
    help: "give it the rate of a histogram's `_bucket` series",
};

pub(super) static IMPLAUSIBLE_THRESHOLD: Rule = Rule {
    id: "rules-implausible-threshold",
    severity: Severity::Warning,
    description: "A value is compared with a number that its unit makes implausible: out of the unit's range, beyond the \
              last bucket, or off by a factor that suggests another unit.",
    example: "`kv_cache_usage_ratio > 90`, where the ratio goes from 0 to 1.",
    help: "give the number in the unit of the metric",
};

pub(super) static TEMPLATE_LABEL: Rule = Rule {
    id: "rules-template-label",
    severity: Severity::Error,
    description: "The text of an alert or a legend uses a label that the result of the expression cannot have, so that it \
              is empty there.",
    example: "`{{ $labels.replica_id }}` behind `sum by (pool_id) (..)`",
    help: "keep the label in the expression, or use one that is there",
};

pub(super) static SUPPRESSION: Rule = Rule {
    id: "rules-suppression",
    severity: Severity::Error,
    description: "A comment that allows a finding names no rule of this command, or gives no reason.",
    example: "`# orchq:allow rules-counter-without-rate`",
    help: "write `# orchq:allow RULE reason`",
};

pub(super) static UNUSED: Rule = Rule {
    id: "metric-unused",
    severity: Severity::Warning,
    description: "No query of the given files uses a metric of the contract.",
    example: "`vram_used_bytes` is served by every worker, and no alert or panel selects it.",
    help: "use the metric in a rule or a dashboard, or take it out of the contract",
};
