//! The rules of promlint, the linter of `promtool check metrics`, with its results.

use crate::report::finding::rules;

rules! {
    HELP: Warning, "promlint-help" {
        description: "A family has no help text.",
        example: "`# TYPE queue_depth gauge` without a `# HELP queue_depth ..`.",
        help: "describe the metric in a `# HELP` line",
    }

    UNITS: Warning, "promlint-units" {
        description: "A name spells out a unit that is not a base unit. The result is that of client_golang's newest \
                      validations, which name the first of several units. Older ones, as in promtool 2.42, name any.",
        example: "`latency_milliseconds`",
        help: "measure in the base unit, and name it",
    }

    COUNTER: Warning, "promlint-counter" {
        description: "A counter's name does not end in `_total`, or the name of another type does.",
        example: "`# TYPE tasks_started counter`",
        help: "end a counter's name with `_total`, and no other name",
    }

    GAUGE: Warning, "promlint-gauge" {
        description: "A name ends in `_timestamp_seconds`, and the family is not a gauge. The result is that of \
                      client_golang's newest validations; promtool 2.42 does not have it.",
        example: "`# TYPE last_start_timestamp_seconds counter`",
        help: "expose a point in time as a gauge",
    }

    RESERVED: Warning, "promlint-reserved" {
        description: "A name ends in `_bucket`, `_count` or `_sum`, or a label is `le` or `quantile`, and the family's \
                      type does not have it.",
        example: "`# TYPE request_count counter`",
        help: "rename the family or the label",
    }

    TYPE_IN_NAME: Warning, "promlint-type-in-name" {
        description: "A family's name contains its type. The result is that of client_golang's newest validations; \
                      promtool 2.42 looks for the name of every type.",
        example: "`queue_depth_gauge`",
        help: "drop the type from the name; `# TYPE` states it",
    }

    COLON: Warning, "promlint-colon" {
        description: "A name has a colon, which is reserved for recording rules.",
        example: "`vllm:num_requests_running`",
        help: "write an underscore instead",
    }

    CAMEL_CASE: Warning, "promlint-camel-case" {
        description: "A metric or label name is written in camelCase.",
        example: "`queueDepth`",
        help: "write it in snake_case",
    }

    ABBREVIATED: Warning, "promlint-abbreviated" {
        description: "A name abbreviates a unit.",
        example: "`latency_decode_ms`",
        help: "measure in the base unit and spell it out, or suppress the rule for a metric whose name must stay",
    }
}
