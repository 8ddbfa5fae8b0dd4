//! The document is rendered from the code, and both have the promises that are listed here.

use crate::assert_file;
use orchq_metrics::{Condition, LabelValues, MetricDesc, MetricKind, v1::CONTRACT};

#[test]
fn the_document_matches_the_code() {
    assert_file("docs/metrics-contract.md", &CONTRACT.to_markdown());
}

#[test]
fn the_rules_are_those_that_findings_are_made_of() {
    assert_file("docs/rules.md", &orchq_metrics::__unstable::rule_list());
}

/// The document's promises as of version 1, typed from it by hand: what the code
/// renders is compared with the code above, and both with this here.
#[test]
fn the_contract_has_the_names_kinds_units_and_labels_of_version_1() {
    use MetricKind::{Counter, Gauge, Histogram};
    const REPLICA: &str = "engine engine_version pool_id replica_id";
    const POOL: &str = "engine engine_version pool_id";
    let expected: [(&str, MetricKind, &str, String); 13] = [
        ("tasks_enqueued_total", Counter, "1", format!("{REPLICA} priority")),
        ("tasks_started_total", Counter, "1", format!("{REPLICA} priority")),
        ("tasks_canceled_total", Counter, "1", format!("{REPLICA} reason")),
        ("tasks_rejected_total", Counter, "1", "reason engine".to_owned()),
        ("queue_depth", Gauge, "1", format!("{POOL} priority")),
        ("kv_cache_usage_ratio", Gauge, "ratio", REPLICA.to_owned()),
        ("gpu_utilization", Gauge, "percent", format!("{REPLICA} device")),
        ("vram_used_bytes", Gauge, "bytes", format!("{REPLICA} device")),
        ("latency_first_token_ms", Histogram, "milliseconds", format!("{POOL} priority")),
        ("latency_decode_ms", Histogram, "milliseconds", format!("{POOL} priority")),
        ("tokens_in_total", Counter, "tokens", REPLICA.to_owned()),
        ("tokens_out_total", Counter, "tokens", REPLICA.to_owned()),
        ("admission_backpressure_events_total", Counter, "1", "engine policy".to_owned()),
    ];
    let declared: Vec<_> = CONTRACT
        .metrics()
        .map(|desc| {
            let labels: Vec<_> = labels(desc, false).collect();
            (desc.name, desc.kind, desc.unit.as_str(), labels.join(" "))
        })
        .collect();
    assert_eq!(declared, expected);
}

fn labels(desc: &MetricDesc, conditional: bool) -> impl Iterator<Item = &'static str> {
    desc.labels.iter().filter(move |label| label.conditional == conditional).map(|label| label.name)
}

#[test]
fn conditional_labels_say_when_they_apply() {
    for label in CONTRACT.metrics().flat_map(|desc| desc.labels) {
        let conditions: &[Condition] = match label.name {
            "trtllm_version" => &[Condition::OnlyWith { label: "engine", values: &["triton"] }],
            "model_id" => &[Condition::NotWith { label: "model_digest" }],
            "model_digest" => &[Condition::NotWith { label: "model_id" }],
            _ => &[],
        };
        assert_eq!(label.conditions, conditions, "{}", label.name);
    }
}

#[test]
fn conditional_labels_go_with_the_engine_version() {
    for desc in CONTRACT.metrics() {
        let conditional: Vec<_> = labels(desc, true).collect();
        let expected: &[&str] = if labels(desc, false).any(|label| label == "engine_version") {
            &["trtllm_version", "model_id", "model_digest"]
        } else {
            &[]
        };
        assert_eq!(conditional, expected, "{}", desc.name);
    }
}

#[test]
fn closed_sets_and_budgets_are_the_decided_ones() {
    let values = |metric: &str, label: &str| {
        let desc = CONTRACT.metric(metric).expect("declared");
        match desc.labels.iter().find(|known| known.name == label).expect("a label of it").values {
            LabelValues::Closed(values) => values.join("|"),
            LabelValues::Open { budget, .. } => budget.to_string(),
            _ => unreachable!("labels are closed or open"),
        }
    };
    let rejections =
        "ADMISSION_REJECT|QUEUE_FULL_DROP_LRU|INVALID_PARAMS|POOL_UNREADY|POOL_UNAVAILABLE|REPLICA_EXHAUSTED";
    assert_eq!(values("tasks_rejected_total", "reason"), rejections);
    assert_eq!(values("tasks_canceled_total", "reason"), "user|watchdog");
    assert_eq!(values("admission_backpressure_events_total", "policy"), "reject|drop-lru|shed-low-priority");
    assert_eq!(values("queue_depth", "engine"), "llamacpp|vllm|tgi|triton");
    let budgets = ["engine_version", "trtllm_version", "pool_id", "replica_id", "device", "model_id", "model_digest"];
    let budgets = budgets.map(|label| values("gpu_utilization", label));
    assert_eq!(budgets, ["64", "64", "256", "1024", "64", "1024", "1024"]);
    assert_eq!(values("queue_depth", "priority"), "8");
}
