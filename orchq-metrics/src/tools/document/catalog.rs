//! The rules of the comparison of a document.

use crate::report::finding::rules;

rules! {
    NOT_COMPARED: Warning, "document-not-compared" {
        description: "The document has a line that was not compared, because it is not in the document's form. It is a \
                      note if the line does not look like part of a metric or a label.",
        example: "`- lables: engine` below a metric, or `- type: gauge` below an item that is not a name.",
        help: "write it in the form of `orchq-metrics export --format markdown`, or move it to a section without metrics",
    }

    METRIC_UNKNOWN: Error, "document-metric-unknown" {
        description: "The document has a metric that the contract does not have.",
        example: "`- task_started_total` in the document and `tasks_started_total` in the contract.",
        help: "declare it in the contract, or remove it from the document",
    }

    METRIC_MISSING: Error, "document-metric-missing" {
        description: "The contract has a metric that the document does not have.",
        example: "`vram_used_bytes` is declared, and the document has no item of that name.",
        help: "add it to the document, or remove it from the contract",
    }

    DUPLICATE: Error, "document-duplicate" {
        description: "The document describes a metric, a field or a label twice. Only the first was compared.",
        example: "`- queue_depth` with its fields under Gauges and again under Backpressure.",
        help: "describe it once",
    }

    FIELD_MISSING: Error, "document-field-missing" {
        description: "A metric of the document lacks a field.",
        example: "`- queue_depth` without an item `- unit: 1` below it.",
        help: "add the field with the contract's value",
    }

    FIELD_DIFFERS: Error, "document-field-differs" {
        description: "The type, unit, range, buckets, requirement, old name or deprecation of a metric differs.",
        example: "`- type: gauge` for `tokens_in_total`, which is a counter.",
        help: "change the wrong one",
    }

    DESCRIPTION_DIFFERS: Warning, "document-description-differs" {
        description: "The description of a metric differs from its help text.",
        example: "`- description: Queue length.` for a metric with the help text `Current queue length.`",
        help: "use one text for both",
    }

    LABELS_DIFFER: Error, "document-labels-differ" {
        description: "The document has a label that the contract does not have there, or lacks one.",
        example: "`- labels: engine, pool` for a metric with the label `pool_id`.",
        help: "change the wrong one",
    }

    VALUES_DIFFER: Error, "document-values-differ" {
        description: "The values, the budget or the conditions of a label differ.",
        example: "`engine (llamacpp|vllm)`, where the contract also has `tgi` and `triton`.",
        help: "change the wrong one",
    }

    SECTION_DIFFERS: Note, "document-section-differs" {
        description: "A metric is under another heading than in the contract.",
        example: "`queue_depth` under Backpressure, where the contract has it under Gauges.",
        help: "move it, or change its section in the contract",
    }

    NOT_LISTED: Note, "document-not-listed" {
        description: "The document leaves out a part of the contract, which was not compared.",
        example: "No metric of the document has `buckets`, and the contract has histograms.",
        help: "add what `orchq-metrics export --format markdown` writes, or ignore this",
    }
}
