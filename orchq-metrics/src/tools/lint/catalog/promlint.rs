//! The rules of promlint, the linter behind `promtool check metrics`, with its verdicts.

use crate::report::finding::{Rule, Severity};

pub(crate) static RULES: &[&Rule] =
    &[&HELP, &UNITS, &COUNTER, &GAUGE, &RESERVED, &TYPE_IN_NAME, &COLON, &CAMEL_CASE, &ABBREVIATED];

pub(in crate::tools::lint) static HELP: Rule = Rule {
    id: "promlint-help",
    severity: Severity::Warning,
    description: "A family has no help text.",
    example: "`# TYPE queue_depth gauge` without a `# HELP queue_depth ..`.",
    help: "say in a `# HELP` line what is measured",
};

pub(in crate::tools::lint) static UNITS: Rule = Rule {
    id: "promlint-units",
    severity: Severity::Warning,
    description: "A name spells out a unit that is not a base unit. The verdict is that of client_golang's newest \
              validations, and of several units names the first; older ones, as in promtool 2.42, name one of several \
              by chance.",
    example: "`latency_milliseconds`",
    help: "measure in the base unit, and name it",
};

pub(in crate::tools::lint) static COUNTER: Rule = Rule {
    id: "promlint-counter",
    severity: Severity::Warning,
    description: "A counter's name ends in `_total`, and no other's does.",
    example: "`# TYPE tasks_started counter`",
    help: "add `_total` to a counter's name, and take it from others",
};

pub(in crate::tools::lint) static GAUGE: Rule = Rule {
    id: "promlint-gauge",
    severity: Severity::Warning,
    description: "A name ends in `_timestamp_seconds` though the family is no gauge. The verdict is that of \
              client_golang's newest validations; promtool 2.42 does not know it.",
    example: "`# TYPE last_start_timestamp_seconds counter`",
    help: "expose a point in time as a gauge",
};

pub(in crate::tools::lint) static RESERVED: Rule = Rule {
    id: "promlint-reserved",
    severity: Severity::Warning,
    description: "A name ends in `_bucket`, `_count` or `_sum`, or a label is `le` or `quantile`, on a family whose type \
              has none of it.",
    example: "`# TYPE request_count counter`",
    help: "rename the family or the label",
};

pub(in crate::tools::lint) static TYPE_IN_NAME: Rule = Rule {
    id: "promlint-type-in-name",
    severity: Severity::Warning,
    description: "A family's name holds its type. The verdict is that of client_golang's newest validations; promtool \
              2.42 looks for the name of every type.",
    example: "`queue_depth_gauge`",
    help: "drop the type from the name; `# TYPE` says it",
};

pub(in crate::tools::lint) static COLON: Rule = Rule {
    id: "promlint-colon",
    severity: Severity::Warning,
    description: "A name has a colon, which is for the names of recording rules.",
    example: "`vllm:num_requests_running`",
    help: "write an underscore instead",
};

pub(in crate::tools::lint) static CAMEL_CASE: Rule = Rule {
    id: "promlint-camel-case",
    severity: Severity::Warning,
    description: "A metric or label name is written in camelCase.",
    example: "`queueDepth`",
    help: "write it in snake_case",
};

pub(in crate::tools::lint) static ABBREVIATED: Rule = Rule {
    id: "promlint-abbreviated",
    severity: Severity::Warning,
    description: "A name abbreviates a unit.",
    example: "`latency_decode_ms`",
    help: "measure in the base unit and spell it out, or allow the rule for a metric whose name is a promise already",
};
