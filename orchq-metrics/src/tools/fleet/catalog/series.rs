//! The rules that compare the series of a fleet with the contract.

use crate::report::finding::rules;
use crate::tools::lint::catalog::contract as lint;

rules! {
    TYPE: Error, "fleet-type" {
        description: "A family was scraped with another type than the contract's. Where the server does not keep the \
                      target, the family may come from a target that is not selected or has another version; if there \
                      can be such targets, the finding is a warning. A type that the server does not know is ignored.",
        example: "`queue_depth` is a counter on some target, where the contract has a gauge.",
        help: "find the target with `orchq-metrics lint`, and expose the type of the contract",
    }

    HELP: Note, "fleet-help" {
        description: "A family was scraped with a `# HELP` that is not the contract's text.",
        example: lint::HELP.example,
        help: lint::HELP.help,
    }

    METADATA_MISSING: Note, "fleet-metadata-missing" {
        description: "The server knows the type of no contracted metric, so types were not checked. Not every server \
                      keeps types, and remote write may not send them.",
        example: "An older VictoriaMetrics, whose `/api/v1/metadata` is empty.",
        help: "lint the scrapes themselves, with `orchq-metrics lint`; suppress it where the server does not keep types",
    }

    NATIVE_HISTOGRAM: Error, "fleet-native-histogram" {
        description: "The server stores a histogram under its family's name, as a native histogram, without `_bucket` \
                      series. Queries of `_bucket` see nothing of the job.",
        example: "`convert_classic_histograms_to_nhcb` in the scrape configuration of a job.",
        help: "keep the classic series too, with `always_scrape_classic_histograms`, or migrate all queries",
    }

    HISTOGRAM_PARTS: Error, "fleet-histogram-parts" {
        description: "A job has some series of a histogram, and lacks its buckets, its sum or its count.",
        example: "A scrape that drops `latency_decode_ms_bucket` to save memory.",
        help: "keep all three; without them there are no quantiles or no means",
    }

    BUCKETS: Error, "fleet-buckets" {
        description: "Histograms of a job have other buckets than the contract, or lack some of them. Histograms with \
                      different buckets cannot be summed.",
        example: "`le=\"7\"` on two series, where the contract has 5 and 10.",
        help: "build every process with the contract's buckets, and do not drop any in the scrape",
    }

    LABEL_MISSING: Error, "fleet-label-missing" {
        description: "Series lack a label that the contract has on every series of the metric, or its value is empty, \
                      which is the same to a server.",
        example: "`queue_depth{engine=\"vllm\"}`, without `pool_id`.",
        help: "record the metric with every label of the contract, and do not drop any in the scrape",
    }

    LABEL_UNKNOWN: Error, "fleet-label-unknown" {
        description: "Series have a label that the contract does not have on the metric, and that neither the scrape nor \
                      the server adds. An added label has the same value on `up` of the same instance.",
        example: "`queue_depth{..,pool=\"a\"}`, where the contract has `pool_id`.",
        help: "rename or drop the label; if it is added after the scrape, declare it with --target-label or \
               `target-labels`",
    }

    LABEL_CONDITION: Error, "fleet-label-condition" {
        description: "Series have a conditional label where it does not apply.",
        example: lint::LABEL_CONDITION.example,
        help: lint::LABEL_CONDITION.help,
    }

    VALUE_UNKNOWN: Error, "fleet-value-unknown" {
        description: "A label has a value outside the closed set of the contract.",
        example: lint::VALUE_UNKNOWN.example,
        help: lint::VALUE_UNKNOWN.help,
    }

    BUDGET: Error, "fleet-budget" {
        description: "In one instance, a label of one metric has more distinct values than its budget in the contract.",
        example: "A hundred `pool_id`s in an instance where the budget is 64, because each request creates its own.",
        help: lint::BUDGET.help,
    }

    SERIES_LIMIT: Error, "fleet-series-limit" {
        description: "In one instance, a family has more series than its limit in the contract.",
        example: lint::SERIES_LIMIT.example,
        help: lint::SERIES_LIMIT.help,
    }

    VALUE_IMPOSSIBLE: Error, "fleet-value-impossible" {
        description: "Values are out of range or NaN: a counter is finite and not negative, and a gauge is finite and in \
                      the range that the contract states, or else in that of the unit: a ratio is from 0 to 1, a percent \
                      from 0 to 100, and bytes and times are not negative. VictoriaMetrics does not return NaN, so it is \
                      not found there.",
        example: lint::RANGE.example,
        help: lint::RANGE.help,
    }

    OVERFLOWS: Warning, "fleet-overflows" {
        description: "Processes of a job count lookups whose label values were lost to a budget or to the series limit.",
        example: lint::OVERFLOWS.example,
        help: lint::VALUE_OVERFLOW.help,
    }

    VIOLATIONS: Warning, "fleet-violations" {
        description: "Processes of a job count violations: values out of range or not a number, series of an \
                      adopted collector that break the contract, or a name that two contracts define differently.",
        example: lint::VIOLATIONS.example,
        help: lint::VIOLATIONS.help,
    }
}
