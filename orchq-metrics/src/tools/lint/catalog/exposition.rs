//! The rules of the formats that need more than one line, whatever the text exposes.

use crate::report::finding::rules;

rules! {
    EMPTY: Error, "exposition-empty" {
        description: "Several texts are checked together, and this one has no sample: nothing of that process was \
                      checked.",
        example: "A scrape that was redirected into a file while the process was starting.",
        help: "scrape the process again, or leave the text out",
    }

    METADATA_TWICE: Error, "exposition-metadata-twice" {
        description: "A family has a second `# HELP`, `# TYPE` or `# UNIT` line. promtool rejects the whole text.",
        example: "The texts of two exporters, concatenated, that share a family.",
        help: "merge the families where the texts are joined",
    }

    METADATA_AFTER_SAMPLES: Error, "exposition-metadata-after-samples" {
        description: "A family's metadata comes after its first sample, which was read without it.",
        example: "`queue_depth 3` on the line before `# TYPE queue_depth gauge`.",
        help: "write `# HELP`, `# TYPE` and `# UNIT` before the samples",
    }

    FAMILY_SPLIT: Error, "exposition-family-split" {
        description: "Lines of other families are between the lines of a family. Duplicates across the gap are not \
                      found.",
        example: "Series of `queue_depth` before and after those of `vram_used_bytes`.",
        help: "write all lines of a family as one group",
    }

    METRIC_SPLIT: Error, "exposition-metric-split" {
        description: "OpenMetrics: lines of other label sets are between the lines of a metric, which has one label set.",
        example: "`latency_sum{pool=\"a\"}` and `latency_sum{pool=\"b\"}`, then `latency_count{pool=\"a\"}`.",
        help: "write all lines of a label set one after the other: the buckets, the sum and the count",
    }

    NAME_CLASH: Error, "exposition-name-clash" {
        description: "A family has the name of another family's samples, so that a sample could belong to either. \
                      promtool rejects the whole text where the other family comes first.",
        example: "`# TYPE latency_ms histogram` and `# TYPE latency_ms_count gauge`; in OpenMetrics a counter `tasks` \
                  and a gauge `tasks_created`.",
        help: "rename one of the two families",
    }

    QUOTED_NAME: Warning, "exposition-quoted-name" {
        description: "A name is in quotes, which only version 1.0.0 of the text format has. A reader of version 0.0.4, \
                      or of OpenMetrics 1.0, rejects the whole scrape.",
        example: "`{\"queue.depth\"} 3`",
        help: "use only letters, digits and `_` in the name; otherwise serve it only to a scraper that accepts \
               `escaping=allow-utf-8`",
    }

    SAMPLE_NAME: Error, "exposition-sample-name" {
        description: "A family of this type has no sample of this name, so that no reader takes it as part of the family.",
        example: "`# TYPE latency_ms histogram` with a sample `latency_ms 3`; in OpenMetrics a counter's sample \
                  without `_total`.",
        help: "give the sample the suffix of its type, or the family another type",
    }

    UNIT_SUFFIX: Error, "exposition-unit-suffix" {
        description: "OpenMetrics: a family's name does not end with its unit, or an info or a state set has a unit.",
        example: "`# UNIT gpu_utilization percent`",
        help: "drop the `# UNIT` line, or end the family's name with `_` and the unit",
    }

    SERIES_TWICE: Error, "exposition-series-twice" {
        description: "Two samples have the same name and label set, where an empty label counts as absent. Prometheus \
                      keeps the first without a warning. promlint calls it \"metric not unique\".",
        example: "`queue_depth{zone=\"\"} 1` and `queue_depth 2`",
        help: "distinguish them by a label, or expose one",
    }

    SERIES_NOT_COMPARED: Note, "exposition-series-not-compared" {
        description: "A text has too many families, or a family too many series: those past the limit are not checked \
                      for duplicates.",
        example: "A family of three million series.",
        help: "lint a part of the text at a time",
    }

    COUNTER_VALUE: Error, "exposition-counter-value" {
        description: "A counter, or a count of observations, is negative, infinite or NaN; or a count of observations is \
                      not a whole number. In OpenMetrics, a sum of observations is negative or NaN.",
        example: "`tasks_started_total -1`",
        help: "expose as a counter only what starts at zero and never falls, and anything else as a gauge",
    }

    HISTOGRAM_LE: Error, "exposition-histogram-le" {
        description: "A bucket has no `le`, or its `le` is not a number; or a sum or a count has one.",
        example: "`latency_ms_bucket{le=\"5ms\"} 3`",
        help: "give every bucket its upper bound as a number, and the last `+Inf`",
    }

    HISTOGRAM_ORDER: Error, "exposition-histogram-order" {
        description: "The buckets of a histogram do not ascend by the number in `le`.",
        example: "`le=\"10\"` before `le=\"5\"`",
        help: "sort the buckets by their upper bounds as numbers, not as text",
    }

    HISTOGRAM_CUMULATIVE: Error, "exposition-histogram-cumulative" {
        description: "A bucket counts less than the one below it, which it includes: its quantiles are wrong.",
        example: "`le=\"5\"` counts 7, `le=\"10\"` counts 3.",
        help: "expose cumulative counts, read at one moment",
    }

    HISTOGRAM_INF: Error, "exposition-histogram-inf" {
        description: "A histogram's series has no bucket `+Inf`; `histogram_quantile` returns nothing for it.",
        example: "Buckets up to `le=\"10\"`, then `_sum` and `_count`.",
        help: "expose the bucket `le=\"+Inf\"` with the count of all observations",
    }

    HISTOGRAM_COUNT: Error, "exposition-histogram-count" {
        description: "The bucket `+Inf` and `_count` differ, and are the same number by definition.",
        example: "`_bucket{le=\"+Inf\"} 7` and `_count 8`",
        help: "expose both from one reading",
    }

    HISTOGRAM_SUM: Error, "exposition-histogram-sum" {
        description: "A histogram or summary lacks `_sum` or `_count`, where it has the other or the format requires \
                      both; or, in OpenMetrics, it has a `_sum` although a bucket ends below zero.",
        example: "`latency_ms_sum 3` without `latency_ms_count`",
        help: "expose `_sum` and `_count` together",
    }

    SUMMARY_QUANTILE: Error, "exposition-summary-quantile" {
        description: "A sample of a summary has no `quantile`, or its `quantile` is not a number from 0 to 1.",
        example: "`latency_seconds{quantile=\"99\"} 3`",
        help: "write the 99th percentile as `quantile=\"0.99\"`",
    }

    STATE_VALUE: Error, "exposition-state-value" {
        description: "OpenMetrics: an info is not 1; or a state is not 0 or 1, or lacks a label of the family's name.",
        example: "`build_info{version=\"1\"} 2`",
        help: "expose another value as a gauge",
    }

    TIMESTAMP_UNIT: Warning, "exposition-timestamp-unit" {
        description: "A timestamp is in milliseconds in the Prometheus text format and in seconds in OpenMetrics. This \
                      one is decades off, unless it is in the unit of the other format.",
        example: "`queue_depth 3 1700000000` in the Prometheus text format: a day in January 1970.",
        help: "write the timestamp in the format's unit, or omit it",
    }

    TIMESTAMP_ORDER: Error, "exposition-timestamp-order" {
        description: "OpenMetrics: the timestamps of a series go back.",
        example: "`queue_depth 3 1700000002` before `queue_depth 4 1700000001`",
        help: "write the samples of a series from oldest to newest, or only the newest",
    }

    EXEMPLAR: Error, "exposition-exemplar" {
        description: "OpenMetrics: only a bucket and a counter's `_total` can have an exemplar, whose labels have at most \
                      128 characters.",
        example: "An exemplar on a gauge.",
        help: "drop the exemplar, or shorten it to a trace id",
    }

    LABEL_RESERVED: Warning, "exposition-label-reserved" {
        description: "A label name is reserved. Prometheus reserves names that begin with two underscores, and drops \
                      them after relabelling; OpenMetrics reserves those that begin with one.",
        example: "`queue_depth{__pool=\"a\"} 3`",
        help: "rename the label",
    }

    LE_SPELLING: Warning, "exposition-le-spelling" {
        description: "OpenMetrics has one spelling of a number in `le` and `quantile`: a whole number ends with `.0`, \
                      and one from a million up, or from a ten-thousandth down, has an exponent. Another spelling becomes \
                      another series after an upgrade.",
        example: "`le=\"1\"` instead of `le=\"1.0\"`, `le=\"1e3\"` instead of `le=\"1000.0\"`",
        help: "spell it as OpenMetrics does: `1.0`, `0.5`, `1e+06`, `+Inf`",
    }
}
