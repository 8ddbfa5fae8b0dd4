//! What an exposition has to keep to, whatever it exposes.

use crate::report::finding::{Rule, Severity};

pub(crate) static RULES: &[&Rule] = &[
    &EMPTY,
    &METADATA_TWICE,
    &METADATA_AFTER_SAMPLES,
    &FAMILY_SPLIT,
    &METRIC_SPLIT,
    &NAME_CLASH,
    &QUOTED_NAME,
    &SAMPLE_NAME,
    &UNIT_SUFFIX,
    &SERIES_TWICE,
    &SERIES_NOT_COMPARED,
    &COUNTER_VALUE,
    &HISTOGRAM_LE,
    &HISTOGRAM_ORDER,
    &HISTOGRAM_CUMULATIVE,
    &HISTOGRAM_INF,
    &HISTOGRAM_COUNT,
    &HISTOGRAM_SUM,
    &SUMMARY_QUANTILE,
    &STATE_VALUE,
    &TIMESTAMP_UNIT,
    &TIMESTAMP_ORDER,
    &EXEMPLAR,
    &LABEL_RESERVED,
    &LE_SPELLING,
];

pub(in crate::tools::lint) static EMPTY: Rule = Rule {
    id: "exposition-empty",
    severity: Severity::Error,
    description: "Of several texts that are checked together, this one has no sample: a process that is thought to be \
              checked was not.",
    example: "A scrape that was redirected into a file while the process was starting.",
    help: "scrape the process again, or leave the text out",
};

pub(in crate::tools::lint) static METADATA_TWICE: Rule = Rule {
    id: "exposition-metadata-twice",
    severity: Severity::Error,
    description: "A family has a second `# HELP`, `# TYPE` or `# UNIT` line; promtool refuses the whole text.",
    example: "Two exporters' texts put behind each other, which share a family.",
    help: "merge the families where the texts are put together",
};

pub(in crate::tools::lint) static METADATA_AFTER_SAMPLES: Rule = Rule {
    id: "exposition-metadata-after-samples",
    severity: Severity::Error,
    description: "What a family is, is said after its first sample, which was read without it.",
    example: "`queue_depth 3` on the line before `# TYPE queue_depth gauge`.",
    help: "write `# HELP`, `# TYPE` and `# UNIT` before the samples",
};

pub(in crate::tools::lint) static FAMILY_SPLIT: Rule = Rule {
    id: "exposition-family-split",
    severity: Severity::Error,
    description: "The lines of a family are not together: other families are between them. Its duplicates cannot be \
              told across the gap.",
    example: "Series of `queue_depth` before and after those of `vram_used_bytes`.",
    help: "write all lines of a family as one group",
};

pub(in crate::tools::lint) static METRIC_SPLIT: Rule = Rule {
    id: "exposition-metric-split",
    severity: Severity::Error,
    description: "OpenMetrics: the lines of a metric, which has one label set, are not together: lines of other label \
              sets are between them.",
    example: "`latency_sum{pool=\"a\"}` and `latency_sum{pool=\"b\"}`, then `latency_count{pool=\"a\"}`.",
    help: "write all lines of a label set one after the other: the buckets, the sum and the count",
};

pub(in crate::tools::lint) static NAME_CLASH: Rule = Rule {
    id: "exposition-name-clash",
    severity: Severity::Error,
    description: "A family has the name of another family's samples, so that it is not known which of the two a sample \
              is of; promtool refuses the whole text where the other family came first.",
    example: "`# TYPE latency_ms histogram` and `# TYPE latency_ms_count gauge`; in OpenMetrics a counter `tasks` and \
              a gauge `tasks_created`.",
    help: "rename one of the two families",
};

pub(in crate::tools::lint) static QUOTED_NAME: Rule = Rule {
    id: "exposition-quoted-name",
    severity: Severity::Warning,
    description: "A name is in quotes, which version 1.0.0 of the text format has alone: what reads version 0.0.4, or \
              OpenMetrics 1.0, refuses the whole scrape.",
    example: "`{\"queue.depth\"} 3`",
    help: "name it with letters, digits and `_`; otherwise serve it only to a scraper that accepts \
           `escaping=allow-utf-8`",
};

pub(in crate::tools::lint) static SAMPLE_NAME: Rule = Rule {
    id: "exposition-sample-name",
    severity: Severity::Error,
    description: "A sample's name is not one that a family of its type has, so that nothing reads it as part of it.",
    example: "`# TYPE latency_ms histogram` with a sample `latency_ms 3`; in OpenMetrics a counter's sample without \
              `_total`.",
    help: "give the sample the suffix of its type, or the family another type",
};

pub(in crate::tools::lint) static UNIT_SUFFIX: Rule = Rule {
    id: "exposition-unit-suffix",
    severity: Severity::Error,
    description: "OpenMetrics: a family has a unit that its name does not end with, or is an info or a state set, which \
              have none.",
    example: "`# UNIT gpu_utilization percent`",
    help: "drop the `# UNIT` line, or end the family's name with `_` and the unit",
};

pub(in crate::tools::lint) static SERIES_TWICE: Rule = Rule {
    id: "exposition-series-twice",
    severity: Severity::Error,
    description: "Two samples have one name and label set, where an empty label counts as absent; Prometheus keeps the \
              first and says nothing. What promlint calls \"metric not unique\".",
    example: "`queue_depth{zone=\"\"} 1` and `queue_depth 2`",
    help: "tell them apart by a label, or expose one",
};

pub(in crate::tools::lint) static SERIES_NOT_COMPARED: Rule = Rule {
    id: "exposition-series-not-compared",
    severity: Severity::Note,
    description: "A text has more families, or a family more series, than are kept in mind; those past it were not \
              compared with each other.",
    example: "A family of three million series.",
    help: "lint a part of the text at a time",
};

pub(in crate::tools::lint) static COUNTER_VALUE: Rule = Rule {
    id: "exposition-counter-value",
    severity: Severity::Error,
    description: "A counter, or a count of observations, is negative, infinite or not a number; a count of observations \
              is not a whole one. In OpenMetrics, the sum of observations is negative or not a number.",
    example: "`tasks_started_total -1`",
    help: "expose what only grows from zero as a counter, and anything else as a gauge",
};

pub(in crate::tools::lint) static HISTOGRAM_LE: Rule = Rule {
    id: "exposition-histogram-le",
    severity: Severity::Error,
    description: "A bucket has no `le`, or one that is not a number; or a sum or a count has one.",
    example: "`latency_ms_bucket{le=\"5ms\"} 3`",
    help: "give every bucket its upper bound as a number, and the last `+Inf`",
};

pub(in crate::tools::lint) static HISTOGRAM_ORDER: Rule = Rule {
    id: "exposition-histogram-order",
    severity: Severity::Error,
    description: "The buckets of a histogram do not ascend by the number in `le`.",
    example: "`le=\"10\"` before `le=\"5\"`",
    help: "write the buckets by their upper bounds as numbers, not as text",
};

pub(in crate::tools::lint) static HISTOGRAM_CUMULATIVE: Rule = Rule {
    id: "exposition-histogram-cumulative",
    severity: Severity::Error,
    description: "A bucket counts less than the one below it, though it includes it: quantiles of it are wrong.",
    example: "`le=\"5\"` counts 7, `le=\"10\"` counts 3.",
    help: "expose cumulative counts, read at one moment",
};

pub(in crate::tools::lint) static HISTOGRAM_INF: Rule = Rule {
    id: "exposition-histogram-inf",
    severity: Severity::Error,
    description: "A histogram's series has no bucket `+Inf`; `histogram_quantile` gives nothing for it.",
    example: "Buckets up to `le=\"10\"`, then `_sum` and `_count`.",
    help: "expose the bucket `le=\"+Inf\"` with the count of all observations",
};

pub(in crate::tools::lint) static HISTOGRAM_COUNT: Rule = Rule {
    id: "exposition-histogram-count",
    severity: Severity::Error,
    description: "The bucket `+Inf` and `_count` are the same number by definition, and are not.",
    example: "`_bucket{le=\"+Inf\"} 7` and `_count 8`",
    help: "expose both from one reading",
};

pub(in crate::tools::lint) static HISTOGRAM_SUM: Rule = Rule {
    id: "exposition-histogram-sum",
    severity: Severity::Error,
    description: "A histogram or summary lacks `_sum` or `_count`, where it has the other or the format needs both; or, \
              in OpenMetrics, has a `_sum` although a bucket ends below zero.",
    example: "`latency_ms_sum 3` without `latency_ms_count`",
    help: "expose `_sum` and `_count` together",
};

pub(in crate::tools::lint) static SUMMARY_QUANTILE: Rule = Rule {
    id: "exposition-summary-quantile",
    severity: Severity::Error,
    description: "A sample of a summary has no `quantile`, or one that is not a number from 0 to 1.",
    example: "`latency_seconds{quantile=\"99\"} 3`",
    help: "write the 99th percentile as `quantile=\"0.99\"`",
};

pub(in crate::tools::lint) static STATE_VALUE: Rule = Rule {
    id: "exposition-state-value",
    severity: Severity::Error,
    description: "OpenMetrics: an info is 1; a state is 0 or 1 and has a label of the family's name.",
    example: "`build_info{version=\"1\"} 2`",
    help: "expose another value as a gauge",
};

pub(in crate::tools::lint) static TIMESTAMP_UNIT: Rule = Rule {
    id: "exposition-timestamp-unit",
    severity: Severity::Warning,
    description: "A timestamp is in milliseconds in the Prometheus text format and in seconds in OpenMetrics; this one \
              is decades off, unless it is in the other.",
    example: "`queue_depth 3 1700000000` in the Prometheus text format: a day in January 1970.",
    help: "write the timestamp in the format's unit, or none",
};

pub(in crate::tools::lint) static TIMESTAMP_ORDER: Rule = Rule {
    id: "exposition-timestamp-order",
    severity: Severity::Error,
    description: "OpenMetrics: the samples of a series have times that fall.",
    example: "`queue_depth 3 1700000002` before `queue_depth 4 1700000001`",
    help: "write the samples of a series from the oldest on, or the newest alone",
};

pub(in crate::tools::lint) static EXEMPLAR: Rule = Rule {
    id: "exposition-exemplar",
    severity: Severity::Error,
    description: "OpenMetrics: an exemplar stands on a bucket or a counter's `_total` alone, and its labels have 128 \
              characters at most.",
    example: "An exemplar behind a gauge.",
    help: "drop the exemplar, or shorten it to a trace's id",
};

pub(in crate::tools::lint) static LABEL_RESERVED: Rule = Rule {
    id: "exposition-label-reserved",
    severity: Severity::Warning,
    description: "Label names that begin with two underscores are Prometheus's own, which drops them after relabelling; \
              OpenMetrics reserves those that begin with one.",
    example: "`queue_depth{__pool=\"a\"} 3`",
    help: "rename the label",
};

pub(in crate::tools::lint) static LE_SPELLING: Rule = Rule {
    id: "exposition-le-spelling",
    severity: Severity::Warning,
    description: "OpenMetrics spells a number in `le` and `quantile` in one way: a whole one with `.0`, one from a million \
              on or below a ten-thousandth with an exponent; another spelling is another series after an upgrade.",
    example: "`le=\"1\"` instead of `le=\"1.0\"`, `le=\"1e3\"` instead of `le=\"1000.0\"`",
    help: "spell it as OpenMetrics does: `1.0`, `0.5`, `1e+06`, `+Inf`",
};
