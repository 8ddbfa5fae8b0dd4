//! The rules that check queries.

use crate::report::finding::rules;

rules! {
    UNREADABLE: Error, "rules-unreadable" {
        description: "The file is not YAML or JSON, or nothing in it is a rule file, a PrometheusRule or a dashboard, \
                      so that nothing in it was checked.",
        example: "A Helm chart's `templates/rules.yaml`, which is YAML only once it is rendered.",
        help: "give the file as Prometheus or Grafana reads it; render templates first, for example with \
               `helm template`",
    }

    SYNTAX: Error, "promql-syntax" {
        description: "An expression is not valid PromQL: Prometheus rejects the rule file, and Grafana shows an error \
                      in the panel.",
        example: "`sum(rate(tasks_started_total[5m])`, which lacks a parenthesis.",
        help: "correct the expression; `promtool check rules` shows the error of Prometheus",
    }

    SKIPPED: Note, "rules-query-skipped" {
        description: "A query was not checked: it is for another data source than Prometheus, it has variables where \
                      only Grafana knows their values, it is in another file, it is too long or nests too deep, or it \
                      calls a function of another version of Prometheus.",
        example: "`$aggregation(rate(tasks_started_total[5m]))`, where a variable names the operator.",
        help: "nothing, where the query is for another data source; otherwise write the operator out",
    }

    FILE_SKIPPED: Note, "rules-file-skipped" {
        description: "A file was not checked: it is known to be neither rules nor a dashboard.",
        example: "`orchqueue-rules-tests.yml`, the unit tests of rules for `promtool test rules`.",
        help: "nothing; give only rules and dashboards to avoid the note",
    }

    UNKNOWN_METRIC: Error, "rules-unknown-metric" {
        description: "A query selects a metric that the contract does not have, but whose name looks like one of its \
                      own, so that the query never returns anything. A name that shares neither the first word nor \
                      most letters with one of the contract is taken for a metric of another system.",
        example: "`rate(task_started_total[5m])`, where the contract has `tasks_started_total`.",
        help: "use the contract's name; suppress the finding if the metric is another system's",
    }

    RENAMED_METRIC: Warning, "rules-renamed-metric" {
        description: "A query selects a metric by the name that it had before. Both names are served until the version of \
                      the contract that drops the old one; from then on the query returns nothing.",
        example: "`rate(tasks_begun_total[5m])`, where the contract has `tasks_started_total`, with \
                  `renamed_from = \"tasks_begun_total\"`.",
        help: "select the new name; old data is under the old one, so that a query over a longer time needs both: \
               `rate(new[5m]) or rate(old[5m])`",
    }

    DEPRECATED_METRIC: Warning, "rules-deprecated-metric" {
        description: "A query selects a metric that the contract declares as `deprecated`.",
        example: "`gpu_utilization`, with `deprecated(since = \"1.2.0\", note = \"use kv_cache_usage_ratio\")`.",
        help: "do what the note of the contract says",
    }

    HISTOGRAM_SERIES: Error, "rules-histogram-series" {
        description: "A query selects a histogram by the name of its family, under which no series is scraped: the \
                      names of its series end in `_bucket`, `_sum` and `_count`.",
        example: "`avg(latency_decode_ms)`",
        help: "select `_bucket` for quantiles, or divide the rate of `_sum` by that of `_count` for a mean",
    }

    UNKNOWN_LABEL: Error, "rules-unknown-label" {
        description: "A matcher, a grouping or a join names a label that the metric has never had.",
        example: "`sum by (pool) (queue_depth)`, where the label is `pool_id`.",
        help: "use a label of the metric, or declare it as a target label if the scrape adds it",
    }

    UNKNOWN_VALUE: Error, "rules-unknown-value" {
        description: "A matcher compares a label with a value that it cannot have, or with a pattern that none or all \
                      of its values match, so that it selects nothing or excludes nothing.",
        example: "`tasks_canceled_total{reason=\"timeout\"}`, where the reasons are `user` and `watchdog`.",
        help: "use a value of the contract",
    }

    CONTRADICTION: Error, "rules-contradiction" {
        description: "Each matcher of a selector matches some series, but no series matches all of them.",
        example: "`queue_depth{engine=\"vllm\", trtllm_version!=\"\"}`: only `triton` has a `trtllm_version`.",
        help: "remove one of the matchers",
    }

    DEAD_LABEL: Error, "rules-dead-label" {
        description: "A grouping, a join or a function names a label that the metric has, but that an inner part of \
                      the expression drops.",
        example: "`sum by (engine, pool_id) (sum by (engine) (queue_depth))`",
        help: "keep the label in the inner aggregation, or drop it here",
    }

    NEVER_MATCHES: Error, "rules-never-matches" {
        description: "No series of one side of an operator can match a series of the other side: a label that is compared \
                      is on every series of one side, and on none of the other.",
        example: "`sum by (engine) (queue_depth) / sum by (pool_id) (queue_depth)`",
        help: "aggregate both sides by the same labels, or list the labels to compare with `on (..)`",
    }

    COUNTER_WITHOUT_RATE: Error, "rules-counter-without-rate" {
        description: "The value of a counter is used without `rate` or `increase`. It is the count since the process \
                      started, and falls to zero at a restart.",
        example: "`tasks_rejected_total > 100`",
        help: "take its rate with `rate(..[5m])`, or its growth with `increase(..[1h])`",
    }

    RATE_ON_GAUGE: Error, "rules-rate-on-gauge" {
        description: "A function for counters is used on a gauge or on a rate: it takes every fall for a restart, and \
                      its result is too great.",
        example: "`rate(queue_depth[5m])`",
        help: "use `deriv` or `delta` for the change of a gauge, or `avg_over_time` for its level",
    }

    DELTA_ON_COUNTER: Error, "rules-delta-on-counter" {
        description: "A function for gauges is used on a counter: it takes a restart for a great fall.",
        example: "`delta(tasks_started_total[5m])`",
        help: "use `increase` or `rate`",
    }

    QUANTILE_WITHOUT_LE: Error, "rules-quantile-without-le" {
        description: "A quantile is calculated from buckets without the label `le`, which has their bounds; the result \
                      is empty.",
        example: "`histogram_quantile(0.9, sum by (engine) (rate(latency_decode_ms_bucket[5m])))`",
        help: "keep `le` in the aggregation: `sum by (le, ..)`",
    }

    QUANTILE_OF_NON_HISTOGRAM: Error, "rules-quantile-of-non-histogram" {
        description: "A quantile is calculated from series that are not buckets.",
        example: "`histogram_quantile(0.9, rate(tasks_started_total[5m]))`",
        help: "give it the rate of a histogram's `_bucket` series",
    }

    IMPLAUSIBLE_THRESHOLD: Warning, "rules-implausible-threshold" {
        description: "A value is compared with a number that is implausible in its unit: out of the unit's range, \
                      beyond the last bucket, or off by a factor that suggests another unit.",
        example: "`kv_cache_usage_ratio > 90`, where the ratio goes from 0 to 1.",
        help: "give the number in the unit of the metric",
    }

    TEMPLATE_LABEL: Error, "rules-template-label" {
        description: "The text of an alert or a legend uses a label that the result of the expression cannot have, so \
                      that it is empty there.",
        example: "`{{ $labels.replica_id }}` behind `sum by (pool_id) (..)`",
        help: "keep the label in the expression, or use a label of the result",
    }

    SUPPRESSION: Error, "rules-suppression" {
        description: "A comment that suppresses a finding does not name a rule of this command, or gives no reason.",
        example: "`# orchq:suppress rules-counter-without-rate`",
        help: "write `# orchq:suppress RULE reason`",
    }

    UNUSED: Warning, "metric-unused" {
        description: "No query of the given files uses a metric of the contract.",
        example: "`vram_used_bytes` is served by every worker, and no alert or panel selects it.",
        help: "use the metric in a rule or a dashboard, or remove it from the contract",
    }
}
