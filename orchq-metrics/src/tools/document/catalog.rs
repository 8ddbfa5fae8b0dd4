//! The rules of the comparison of a document.

use crate::report::finding::{Rule, Severity};

/// Every rule of the comparison of a document.
pub(crate) static RULES: &[&Rule] = &[
    &NOT_COMPARED,
    &METRIC_UNKNOWN,
    &METRIC_MISSING,
    &DUPLICATE,
    &FIELD_MISSING,
    &FIELD_DIFFERS,
    &DESCRIPTION_DIFFERS,
    &LABELS_DIFFER,
    &VALUES_DIFFER,
    &SECTION_DIFFERS,
    &NOT_LISTED,
];

pub(super) static NOT_COMPARED: Rule = Rule {
    id: "document-not-compared",
    severity: Severity::Warning,
    description: "The document has a line that looks like part of a metric or a label, is not in the document's form, and was not \
              compared.",
    example: "`- lables: engine` below a metric, or `- type: gauge` below an item that is not a name.",
    help: "write it in the form of `orchq-metrics export --format markdown`, or move the remark out of the metric",
};

pub(super) static METRIC_UNKNOWN: Rule = Rule {
    id: "document-metric-unknown",
    severity: Severity::Error,
    description: "The document has a metric that the contract does not have.",
    example: "`- task_started_total` in the document and `tasks_started_total` in the contract.",
    help: "declare it in the contract, or remove it from the document",
};

pub(super) static METRIC_MISSING: Rule = Rule {
    id: "document-metric-missing",
    severity: Severity::Error,
    description: "The contract has a metric that the document does not have.",
    example: "`vram_used_bytes` is declared, and the document has no item of that name.",
    help: "add it to the document, or remove it from the contract",
};

pub(super) static DUPLICATE: Rule = Rule {
    id: "document-duplicate",
    severity: Severity::Error,
    description: "The document describes a metric, a field or a label twice. Only the first was compared.",
    example: "`- queue_depth` with its fields under Gauges and again under Backpressure.",
    help: "describe it once",
};

pub(super) static FIELD_MISSING: Rule = Rule {
    id: "document-field-missing",
    severity: Severity::Error,
    description: "A metric of the document lacks a field.",
    example: "`- queue_depth` without an item `- unit: 1` below it.",
    help: "add the field with the contract's value",
};

pub(super) static FIELD_DIFFERS: Rule = Rule {
    id: "document-field-differs",
    severity: Severity::Error,
    description: "The type, the unit, the requirement or the buckets of a metric differ.",
    example: "`- type: gauge` for `tokens_in_total`, which is a counter.",
    help: "change the wrong one",
};

pub(super) static DESCRIPTION_DIFFERS: Rule = Rule {
    id: "document-description-differs",
    severity: Severity::Warning,
    description: "The description of a metric differs from its help text.",
    example: "`- description: Queue length.` for a metric with the help text `Current queue length.`",
    help: "use one text for both",
};

pub(super) static LABELS_DIFFER: Rule = Rule {
    id: "document-labels-differ",
    severity: Severity::Error,
    description: "The document has a label that the contract does not have there, or lacks one.",
    example: "`- labels: engine, pool` for a metric with the label `pool_id`.",
    help: "change the wrong one",
};

pub(super) static VALUES_DIFFER: Rule = Rule {
    id: "document-values-differ",
    severity: Severity::Error,
    description: "The values, the budget or the conditions of a label differ.",
    example: "`engine (llamacpp|vllm)`, where the contract also has `tgi` and `triton`.",
    help: "change the wrong one",
};

pub(super) static SECTION_DIFFERS: Rule = Rule {
    id: "document-section-differs",
    severity: Severity::Note,
    description: "A metric is under another heading than in the contract.",
    example: "`queue_depth` under Backpressure, where the contract has it under Gauges.",
    help: "move it, or change its section in the contract",
};

pub(super) static NOT_LISTED: Rule = Rule {
    id: "document-not-listed",
    severity: Severity::Note,
    description: "The document leaves out a part of the contract, which was not compared.",
    example: "No metric of the document has `buckets`, and the contract has histograms.",
    help: "add what `orchq-metrics export --format markdown` writes, or ignore this",
};
