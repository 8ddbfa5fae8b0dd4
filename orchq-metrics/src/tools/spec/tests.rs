use super::*;
use crate::v1;

/// The document that the contract was written from, byte for byte.
const ORIGINAL: &str = include_str!("original.md");

fn findings(text: &str) -> Vec<String> {
    let report = check(&OwnedContract::from(&v1::CONTRACT), "doc.md", text);
    let place = |finding: &Finding| match &finding.location {
        Some(place) => place.text.get(place.span.clone()).unwrap_or("?").to_owned(),
        None => "-".to_owned(),
    };
    let show =
        |finding: &Finding| format!("{} {} [{}] {}", finding.rule, finding.subject, place(finding), finding.message);
    report.findings.iter().map(show).collect()
}

fn rendered() -> String {
    v1::CONTRACT.to_markdown()
}

/// The original with one thing changed has these findings, which begin so.
#[track_caller]
fn changed(from: &str, to: &str, expected: &[&str]) {
    assert!(ORIGINAL.contains(from), "{from}");
    let found = findings(&ORIGINAL.replacen(from, to, 1));
    let as_expected = found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected));
    assert!(found.len() == expected.len() && as_expected, "{from} -> {to}: {found:#?}");
}

#[track_caller]
fn one(from: &str, to: &str, expected: &str) {
    changed(from, to, &[expected]);
}

#[test]
fn the_original_and_the_rendered_document_say_what_the_contract_says() {
    assert_eq!(findings(ORIGINAL), Vec::<String>::new());
    assert_eq!(findings(&rendered()), Vec::<String>::new());
    for text in [ORIGINAL, &rendered()] {
        assert_eq!(check(&OwnedContract::from(&v1::CONTRACT), "", text).examined, 13);
    }
}

#[test]
fn the_form_may_be_written_in_other_ways() {
    let original = ORIGINAL.to_owned();
    for text in [
        original.replace('\n', "\r\n"),
        format!("\u{feff}{original}"),
        original.replace("  - ", "\t- "),
        original.replace("  - ", "    * "),
        original.replace("\n- ", "\n* "),
        original.replace("\n- ", "\n1. ").replace("\n  - ", "\n   + "),
        original.replace("  - type", "   - type"),
        original.replace("  - labels:", "  - **Labels:**").replace("- type:", "- `type`:"),
        original.replace("- tasks_enqueued_total", "- `tasks_enqueued_total`:"),
        original.replace("- tasks_enqueued_total", "- **tasks_enqueued_total**"),
        original.replace("\n  - unit", "\n\n  - unit"),
        original.replace("(user or watchdog). ", "(user or\n    watchdog)."),
        original.replace("labels: engine, policy (", "labels:\n    - engine\n    - policy ("),
        original.replace("(reject|drop-lru|shed-low-priority)", "(`reject`, `drop-lru`, `shed-low-priority`)"),
        original.replace(
            "- queue_depth\n  - type: gauge\n  - labels: engine, engine_version, pool_id, priority\n  - unit: 1\n  - d",
            "- Levels:\n  - queue_depth\n    - type: gauge\n    - labels: engine, engine_version, pool_id, priority\n    \
             - unit: 1\n    - d",
        ),
        format!("- queue_depth\n- tasks_started_total\n\n{original}"),
        format!(
            "{original}\n```\n- some_total\n  - type: counter\n```\n<!--\n- some_total\n-->\n~~~~\n~~~\n- some_total\n"
        ),
    ] {
        let found = findings(&text);
        assert!(found.is_empty(), "{text}\n{found:#?}");
    }
}

#[test]
fn a_document_without_a_metric_was_not_examined() {
    for text in ["", "\n\n", "# Metrics\n\nThere are none.\n", "- a\n- b: c\n  - `d` (e|f)\n"] {
        let report = check(&OwnedContract::from(&v1::CONTRACT), "doc.md", text);
        assert_eq!((report.examined, report.findings.len()), (0, 0), "{text}");
    }
}

#[test]
fn metrics_are_compared_in_both_directions() {
    changed(
        "- queue_depth",
        "- queue_depht",
        &[
            "spec-metric-unknown queue_depht [queue_depht] the contract has no metric of this name; did you mean `queue_depth`?",
            "spec-metric-missing queue_depth [-] the contract has this metric, and the document does not",
        ],
    );
    let twice = format!("{ORIGINAL}\n## Gauges\n\n- queue_depth\n  - type: counter\n");
    assert_eq!(
        findings(&twice),
        ["spec-metric-twice queue_depth [queue_depth] the document has described this metric already"]
    );
}

#[test]
fn fields_are_compared() {
    one(
        "type: histogram",
        "type: summary",
        "spec-type-differs latency_first_token_ms [summary] the document says `summary`, and the contract `histogram`",
    );
    one("unit: ratio", "unit: percent", "spec-unit-differs kv_cache_usage_ratio [percent]");
    one(
        "Ratio of KV cache",
        "Share of KV cache",
        "spec-description-differs kv_cache_usage_ratio [Share of KV cache used vs capacity.]",
    );
    one(
        "  - unit: ratio\n",
        "",
        "spec-field-missing kv_cache_usage_ratio [kv_cache_usage_ratio] the document gives no unit",
    );
    one("  - unit: ratio\n", "  - unit: ratio\n  - Unit: 1\n", "spec-field-twice kv_cache_usage_ratio [Unit]");
    one(
        "  - unit: ratio\n",
        "  - unit: ratio\n  - units: 1\n",
        "spec-field-unknown kv_cache_usage_ratio [units] `units` is not a field of a metric; did you mean `unit`?",
    );
    one(
        "  - unit: ratio\n",
        "  - unit: ratio\n  - requirement: ORCH-7\n",
        "spec-requirement-differs kv_cache_usage_ratio [ORCH-7] the document says `ORCH-7`, and the contract names none",
    );
    one(
        "  - unit: ratio\n",
        "  - unit: ratio\n  - buckets: 1\n",
        "spec-buckets-differ kv_cache_usage_ratio [1] the document has buckets, and the contract's gauge has none",
    );
    one(
        "## Backpressure",
        "## Admission",
        "spec-section-differs admission_backpressure_events_total [admission_backpressure_events_total] it stands under `Admission`",
    );
    let buckets = |to: &str| findings(&rendered().replacen("buckets: 5, 10,", to, 1)).join("\n");
    assert!(buckets("buckets: 5, 11,").starts_with("spec-buckets-differ latency_first_token_ms [5, 11, 25"));
    assert!(
        buckets("buckets: 5, ten,")
            .starts_with("spec-unreadable latency_first_token_ms [ten] `ten` is not a bucket bound")
    );
    assert_eq!(buckets("buckets: 5.0, 1e1, +Inf,"), "");
}

#[test]
fn labels_are_compared() {
    let labels = "labels: engine, engine_version, pool_id, replica_id\n";
    for (to, expected) in [
        (
            "labels: engine, engine_version, pool_id\n",
            "spec-label-missing kv_cache_usage_ratio [engine, engine_version, pool_id] the labels lack `replica_id`",
        ),
        (
            "labels: engine, engine_version, pool_id, replica_id, tenant\n",
            "spec-label-unknown kv_cache_usage_ratio [tenant] the metric has no label `tenant`",
        ),
        (
            "labels: engine, engine_version, pool_id, replica_id, replica_id\n",
            "spec-field-twice kv_cache_usage_ratio [replica_id] the label `replica_id` is listed a second time",
        ),
        (
            "labels: engine, pool_id, engine_version, replica_id\n",
            "spec-label-order kv_cache_usage_ratio [engine, pool_id, engine_version, replica_id] the contract has its labels in the order engine, engine_version,",
        ),
        (
            "labels: engine, engine_version, pool_id, replica_id, model_id\n",
            "spec-label-conditional kv_cache_usage_ratio [model_id] the document has `model_id` on every series",
        ),
        (
            "labels: engine, engine_version, pool_id, replica_id (where applicable)\n",
            "spec-label-conditional kv_cache_usage_ratio [replica_id] the document has `replica_id` only where it applies",
        ),
        (
            "labels: engine, engine_version, pool_id, replica_id and so on\n",
            "spec-unreadable kv_cache_usage_ratio [replica_id and so on]",
        ),
        (
            "labels: engine, engine_version (1|2), pool_id, replica_id\n",
            "spec-values-differ kv_cache_usage_ratio [1|2] the document lists values of `engine_version`, which is open",
        ),
    ] {
        let found = findings(&ORIGINAL.replacen(labels, to, 1));
        assert!(found.iter().any(|finding| finding.starts_with(expected)), "{found:#?}");
    }
    one(
        labels,
        "labels: engine, engine_version, pool_id, replica_id, model_id (where applicable)\n  - conditional labels: trtllm_version\n",
        "spec-label-missing kv_cache_usage_ratio [trtllm_version] the conditional labels lack `model_digest`",
    );
    // A conditional label has to be told of somewhere.
    let untold = findings(&ORIGINAL.replace("`model_id` or `model_digest`", "`model_id`"));
    assert_eq!(untold.len(), 11, "{untold:#?}");
    assert!(
        untold.iter().all(|finding| finding.starts_with("spec-label-missing") && finding.contains("`model_digest`"))
    );
    one(
        "`model_id` or",
        "`model_name`, `model_id` or",
        "spec-label-unknown orchqueue [model_name] no metric of the contract has a label `model_name`",
    );
}

#[test]
fn values_are_compared_where_they_stand() {
    changed(
        "REPLICA_EXHAUSTED)",
        "REPLICA_EXHAUSTD)",
        &[
            "spec-values-differ tasks_rejected_total [ADMISSION_REJECT|",
            "spec-values-differ tasks_rejected_total [REPLICA_EXHAUSTD] the contract has no value `REPLICA_EXHAUSTD` of \
             `reason`; did you mean `REPLICA_EXHAUSTED`?",
        ],
    );
    one(
        "(reject|drop-lru|",
        "(reject|drop-lru|drop|",
        "spec-values-differ admission_backpressure_events_total [drop] the contract has no value `drop` of `policy`",
    );
    one(
        "(reject|drop-lru|shed-low-priority)",
        "(reject|drop-lru)",
        "spec-values-differ admission_backpressure_events_total [reject|drop-lru] the values of `policy` lack `shed-low-priority`",
    );
    one(
        "(reject|drop-lru|shed-low-priority)",
        "",
        "spec-values-unstated admission_backpressure_events_total [policy] `policy` is one of `reject`, `drop-lru`",
    );
    one(
        "(reject|drop-lru|shed-low-priority)",
        "(reject|drop-lru",
        "spec-unreadable admission_backpressure_events_total [policy (reject|drop-lru]",
    );
    one(
        "`engine` (llamacpp|vllm|tgi|triton)",
        "`engine` (llamacpp|vllm|tgi)",
        "spec-values-differ tasks_enqueued_total [llamacpp|vllm|tgi] the values of `engine` lack `triton`",
    );
    one(
        "`engine` (llamacpp|vllm|tgi|triton)",
        "`engine` (llamacpp|vllm|tgi|triton|trt)",
        "spec-values-differ tasks_enqueued_total [trt]",
    );
    // Both of its values are in the description.
    one("(user or watchdog)", "(watchdog)", "spec-description-differs");
    let rendered = rendered();
    for (from, to, expected) in [
        (
            "pool_id: open, budget 256",
            "pool_id: open, budget 255",
            "spec-budget-differs tasks_enqueued_total [255] the document gives `pool_id` the budget 255, and the contract has a budget of 256",
        ),
        (
            "engine: llamacpp|vllm|tgi|triton",
            "engine: open, budget 4",
            "spec-budget-differs tasks_enqueued_total [4] the document gives `engine` the budget 4, and the contract lists its values",
        ),
        (
            "pool_id: open, budget 256",
            "pool: open, budget 256",
            "spec-label-unknown orchqueue [pool] no metric of the contract has a label `pool`",
        ),
        (
            "pool_id: open, budget 256",
            "pool_id: a|b",
            "spec-values-differ tasks_enqueued_total [a|b] the document lists values of `pool_id`, which is open",
        ),
        (", reason (user|watchdog)", ", reason", "spec-description-differs"),
    ] {
        let found = findings(&rendered.replacen(from, to, 1));
        if expected != "spec-description-differs" {
            assert!(found.iter().any(|finding| finding.starts_with(expected)), "{found:#?}");
        } else {
            assert_eq!(found, Vec::<String>::new());
        }
    }
}

#[test]
fn nothing_that_looks_like_a_metric_is_skipped() {
    changed(
        "- queue_depth",
        "- queue depth",
        &["spec-unreadable orchqueue [queue depth] this has the fields", "spec-metric-missing queue_depth"],
    );
    for (from, to, expected) in [
        ("- queue_depth", "- the queue's depth", "spec-unreadable orchqueue ["),
        ("- queue_depth", "- **Queue depth**", "spec-"),
        (
            "- queue_depth",
            "- queue_depth (per pool)",
            "spec-unreadable orchqueue [(per pool)] an item with the name `queue_depth` has nothing behind it",
        ),
        (
            "- queue_depth",
            "- queue_depth\n\n  Which is long.",
            "spec-unreadable orchqueue [Which is long.] this stands between",
        ),
        ("- queue_depth\n", "", "spec-"),
        (
            "## Backpressure\n",
            "## Backpressure\n\n- unit: 1\n",
            "spec-unreadable orchqueue [unit] this is a field of a metric, and stands at none",
        ),
        ("## Backpressure\n", "## Backpressure\n\n- other_total\n", "spec-metric-unknown other_total"),
    ] {
        let found = findings(&ORIGINAL.replacen(from, to, 1));
        assert!(found.iter().any(|finding| finding.starts_with(expected)), "{to}: {found:#?}");
    }
}
