//! The labels of the result of each kind of expression, and the findings in it.

use super::*;
use crate::contract::owned::{OwnedCondition, OwnedContract};
use crate::tools::rules::known_metrics::own_families;
use crate::tools::rules::label_set::Presence;
use crate::tools::rules::options::{RulesOptions, Source};

/// The contract, with conditions of its conditional labels.
fn contract() -> OwnedContract {
    let mut contract = OwnedContract::from(&crate::v1::CONTRACT);
    for label in contract.metrics.iter_mut().flat_map(|metric| &mut metric.labels) {
        let condition = match label.name.as_str() {
            "trtllm_version" => {
                OwnedCondition::OnlyWith { label: "engine".to_owned(), values: vec!["triton".to_owned()] }
            }
            "model_id" => OwnedCondition::NotWith { label: "model_digest".to_owned() },
            "model_digest" => OwnedCondition::NotWith { label: "model_id".to_owned() },
            _ => continue,
        };
        label.conditions = vec![condition];
    }
    contract
}

/// Analyzes an expression beside a few recording rules: the state of its result, and each finding with the text that
/// it is about.
fn analyzed(expr: &str) -> (LabelState, Vec<(String, String, String)>) {
    let contract = contract();
    let own = own_families();
    let options = RulesOptions { target_labels: vec!["job".to_owned()], ..RulesOptions::default() };
    let known = KnownMetrics::new(&contract, &own, &options);
    let analyze = |rule: &str, recorded: &BTreeMap<String, LabelState>| {
        let text = format!("{{\"groups\": [{{\"rules\": [{{{rule}}}]}}]}}");
        let file = ParsedFile::new(&Source::new("file", &text));
        let parsed = &file.queries[0];
        let expr = parsed.expr.as_ref().unwrap_or_else(|| panic!("{text}: {:?}", file.findings));
        let (query, state) = Analyzer::new(&known, recorded, &file, parsed).analyze(expr);
        (query, state.clone(), state.recorded(&parsed.query))
    };
    let rules = [
        ("tasks:rejected:rate5m", "sum by (engine, reason) (rate(tasks_rejected_total[5m]))"),
        ("tasks:either:rate", "rate(tasks_rejected_total[5m]) or rate(tasks_rejected_total[1h])"),
        ("tasks:lost:rate5m", "rate(tasks_rejected_total[5m]) or rate(tasks_canceled_total[5m])"),
    ];
    let recorded = rules.map(|(name, expr)| {
        let rule =
            format!("\"record\": \"{name}\", \"expr\": \"{expr}\", \"labels\": {{\"team\": \"a\", \"job\": \"\"}}");
        (name.to_owned(), analyze(&rule, &BTreeMap::new()).2)
    });
    let quoted = serde_json::to_string(expr).expect("a text is JSON");
    let (query, state, _) = analyze(&format!("\"alert\": \"it\", \"expr\": {quoted}"), &recorded.into());
    let findings = query.findings.into_iter().map(|finding| {
        let place = finding.location.clone().expect("it is in the file");
        let written = place.text[place.span].replace("\\\"", "\"");
        (finding.rule.to_string(), written, finding.to_string())
    });
    (state, findings.collect())
}

/// The labels that a result always has, those that it may have with `?`, and `*` where others are possible.
fn labels(state: &LabelState) -> String {
    let named: BTreeSet<_> = state.labels.named().collect();
    let mut read = Vec::new();
    for label in named {
        match state.labels.presence(label) {
            Presence::Guaranteed => read.push(label.to_owned()),
            Presence::Possible if state.labels.presence("no such label") == Presence::Impossible => {
                read.push(format!("{label}?"));
            }
            Presence::Possible => {}
            Presence::Impossible if state.labels.presence("no such label") == Presence::Possible => {
                read.push(format!("-{label}"));
            }
            Presence::Impossible => {}
        }
    }
    if state.labels.presence("no such label") == Presence::Possible {
        read.push("*".to_owned());
    }
    read.join(" ")
}

const QUEUE: &str = "engine engine_version job? model_digest? model_id? pool_id priority trtllm_version?";

/// Expressions, and the labels of their results.
const LABELS: &[(&str, &str)] = &[
    // Selectors.
    ("queue_depth", QUEUE),
    ("tasks_rejected_total", "engine job? reason"),
    (
        "latency_decode_ms_bucket",
        "engine engine_version job? le model_digest? model_id? pool_id priority trtllm_version?",
    ),
    ("latency_decode_ms_sum", QUEUE),
    ("orchq_metrics_contract_info", "contract fingerprint job? version"),
    ("orchq_metrics_violations_total", "job? kind metric"),
    ("orchq_metrics_overflow_total", "job? label metric"),
    ("up", "*"),
    ("up{instance=\"a\", team!=\"\", x=\"\"}", "instance team -x *"),
    ("tasks_rejected_total{job=\"a\"}", "engine job reason"),
    ("tasks_rejected_total{job=~\".*\"}", "engine job? reason"),
    ("tasks_rejected_total{job=~\".+\"}", "engine job reason"),
    ("tasks_rejected_total{job=\"\"}", "engine reason"),
    ("{__name__=\"tasks_rejected_total\"}", "engine job? reason"),
    ("{\"tasks_rejected_total\", engine=\"vllm\"}", "engine job? reason"),
    ("{__name__=~\"tasks_.*\"}", "*"),
    ("{__name__=~\"tasks_rejected_total\"}", "engine job? reason"),
    ("queue_depth{engine=\"vllm\"}", "engine engine_version job? model_digest? model_id? pool_id priority"),
    ("queue_depth{engine!=\"triton\"}", "engine engine_version job? model_digest? model_id? pool_id priority"),
    ("queue_depth{engine=\"triton\"}", QUEUE),
    ("queue_depth{model_id=\"a\", job=\"b\"}", "engine engine_version job model_id pool_id priority trtllm_version?"),
    ("tasks_rejected_total[5m] offset 1h @ end()", "engine job? reason"),
    // Aggregations.
    ("sum(queue_depth)", ""),
    ("sum by () (queue_depth)", ""),
    ("sum without () (tasks_rejected_total)", "engine job? reason"),
    ("sum by (engine) (queue_depth)", "engine"),
    ("sum(queue_depth) by (engine, trtllm_version)", "engine trtllm_version?"),
    ("sum by (engine, reason) (queue_depth)", "engine"),
    ("sum without (reason, job) (tasks_rejected_total)", "engine"),
    ("max by (engine) (sum by (engine, pool_id) (queue_depth))", "engine"),
    ("max by (engine, pool_id) (sum by (engine) (queue_depth))", "engine"),
    ("topk by (engine) (3, tasks_rejected_total)", "engine job? reason"),
    ("bottomk(3, sum by (reason) (tasks_rejected_total))", "reason"),
    ("limitk(3, tasks_rejected_total)", "engine job? reason"),
    ("quantile by (engine) (0.9, queue_depth)", "engine"),
    ("count_values(\"value\", queue_depth)", "value"),
    ("count_values by (engine) (\"value\", queue_depth)", "engine value"),
    ("group by (pool_id, engine) (queue_depth)", "engine pool_id"),
    ("sum by (a) (up)", "a?"),
    // Operators between two results.
    ("queue_depth + queue_depth", QUEUE),
    ("sum by (engine) (queue_depth) / on (engine) sum by (engine, pool_id) (queue_depth)", "engine"),
    (
        "sum by (engine, job) (queue_depth) * on (job) group_left (version, x) orchq_metrics_contract_info",
        "engine job? version",
    ),
    ("sum by (engine) (queue_depth) * on () group_left (version, x) orchq_metrics_contract_info", "engine version"),
    ("up * on (job) group_left (engine) tasks_rejected_total", "engine *"),
    ("orchq_metrics_contract_info * on (job) group_right (version) tasks_rejected_total", "engine job? reason version"),
    (
        "tasks_rejected_total / ignoring (reason) group_left sum by (engine, job) (tasks_rejected_total)",
        "engine job? reason",
    ),
    ("tasks_rejected_total - ignoring (reason, job) sum by (engine) (tasks_rejected_total)", "engine"),
    ("tasks_rejected_total * on (engine, job) up", "engine job?"),
    ("sum by (engine) (queue_depth) and on (engine) up", "engine"),
    ("queue_depth unless on (pool_id) up{x=\"y\"}", QUEUE),
    ("sum by (engine) (queue_depth) or sum by (engine, pool_id) (queue_depth)", "engine pool_id?"),
    ("sum by (engine) (queue_depth) or vector(0)", "engine?"),
    ("sum by (engine) (queue_depth) or up", "*"),
    ("sum by (engine) (queue_depth) > 5", "engine"),
    ("5 < sum by (engine) (queue_depth)", "engine"),
    ("sum by (engine) (queue_depth) > bool 5", "engine"),
    ("sum by (engine) (queue_depth) > on () group_left sum(queue_depth)", "engine"),
    ("-sum by (engine) (queue_depth)", "engine"),
    ("(sum by (engine) ((queue_depth)))", "engine"),
    // Functions.
    ("rate(tasks_rejected_total[5m])", "engine job? reason"),
    ("max_over_time(sum by (engine) (queue_depth)[1h:5m])", "engine"),
    ("absent(queue_depth)", ""),
    ("absent(queue_depth{engine=\"vllm\", pool_id=~\"a\", priority!=\"b\", job=\"c\"})", "engine job"),
    ("absent(queue_depth{engine=\"vllm\", engine=\"tgi\"})", ""),
    ("absent(sum by (engine) (queue_depth{engine=\"vllm\"}))", ""),
    ("absent_over_time(queue_depth{engine=\"vllm\"}[5m])", "engine"),
    ("vector(1)", ""),
    ("vector(scalar(queue_depth))", ""),
    ("scalar(queue_depth) + 1", ""),
    ("time() - timestamp(tasks_rejected_total)", "engine job? reason"),
    ("label_replace(sum by (engine) (queue_depth), \"x\", \"$1\", \"engine\", \"(.*)\")", "engine x?"),
    ("label_replace(sum by (engine) (queue_depth), \"x\", \"y\", \"\", \"\")", "engine x"),
    ("label_join(sum by (engine, job) (queue_depth), \"x\", \"-\", \"engine\", \"job\")", "engine job? x"),
    ("label_join(sum by (job) (queue_depth), \"x\", \"-\", \"job\")", "job? x?"),
    ("histogram_quantile(0.9, sum by (le, engine) (rate(latency_decode_ms_bucket[5m])))", "engine"),
    ("histogram_quantile(0.9, rate(latency_decode_ms_bucket[5m]))", QUEUE),
    ("sort_desc(sum by (engine) (queue_depth))", "engine"),
    ("clamp_max(sum by (engine) (queue_depth), scalar(up))", "engine"),
    ("day_of_week()", ""),
    // Recording rules.
    ("tasks:rejected:rate5m", "engine reason team"),
    ("sum without (team) (tasks:rejected:rate5m{engine=\"vllm\"})", "engine reason"),
    ("tasks:other:rate5m", "*"),
];

#[test]
fn labels_are_known_behind_each_expression() {
    assert!(LABELS.len() >= 60);
    let wrong = LABELS.iter().filter_map(|(text, expected)| {
        let found = labels(&analyzed(text).0);
        (found != *expected).then(|| format!("{text}\n  has {found}\n  and not {expected}"))
    });
    assert_eq!(wrong.collect::<Vec<_>>().join("\n"), "");
}

/// Expressions, the rule that each breaks, and the text that the finding is about.
const WRONG: &[(&str, &str, &str)] = &[
    ("task_started_total", "rules-unknown-metric", "task_started_total"),
    ("{__name__=\"tasks_done_total\"}", "rules-unknown-metric", "tasks_done_total"),
    ("{__name__=~\"queue_dept\"}", "rules-unknown-metric", "queue_dept"),
    ("{__name__=~\"up|queue_dept\"}", "rules-unknown-metric", "up|queue_dept"),
    ("{__name__=~\"queue_dpth.*\"}", "rules-unknown-metric", "queue_dpth.*"),
    ("sum(latency_decode_ms)", "rules-histogram-series", "latency_decode_ms"),
    ("queue_depth{replica_id=\"a\"}", "rules-unknown-label", "replica_id"),
    ("queue_depth{cluster=\"a\"}", "rules-unknown-label", "cluster"),
    ("sum by (engine, replica_id) (queue_depth)", "rules-unknown-label", "replica_id"),
    ("sum without (replica) (queue_depth)", "rules-unknown-label", "replica"),
    ("up * on (replica_id) group_left queue_depth", "rules-unknown-label", "replica_id"),
    ("up * on (job) group_left (reason) queue_depth", "rules-unknown-label", "reason"),
    ("queue_depth / ignoring (reason) queue_depth", "rules-unknown-label", "reason"),
    ("label_replace(queue_depth, \"x\", \"$1\", \"replica_id\", \"(.+)\")", "rules-unknown-label", "\"replica_id\""),
    ("label_join(queue_depth, \"x\", \"\", \"engine\", \"replica_id\")", "rules-unknown-label", "\"replica_id\""),
    ("tasks:rejected:rate5m{pool_id=\"a\"}", "rules-unknown-label", "pool_id"),
    ("tasks:rejected:rate5m{job=\"a\"}", "rules-dead-label", "job"),
    ("sum by (engin) (sum by (engine) (queue_depth))", "rules-unknown-label", "engin"),
    ("tasks:rejected:rate5m{reason=\"TIMEOUT\"}", "rules-unknown-value", "TIMEOUT"),
    ("tasks:either:rate{reason=\"TIMEOUT\"}", "rules-unknown-value", "TIMEOUT"),
    ("queue_depth{engine=\"vlm\"}", "rules-unknown-value", "vlm"),
    ("queue_depth{engine!=\"vlm\"}", "rules-unknown-value", "vlm"),
    ("queue_depth{engine=~\"v.+x\"}", "rules-unknown-value", "v.+x"),
    ("queue_depth{engine=~\"vllm|trition\"}", "rules-unknown-value", "trition"),
    ("queue_depth{engine!~\".+\"}", "rules-unknown-value", ".+"),
    ("queue_depth{engine!~\"x.*\"}", "rules-unknown-value", "x.*"),
    ("queue_depth{engine=\"\"}", "rules-unknown-value", ""),
    ("rate(tasks_canceled_total{reason=\"timeout\"}[5m])", "rules-unknown-value", "timeout"),
    ("rate(latency_decode_ms_bucket{le=\"30\"}[5m])", "rules-unknown-value", "30"),
    ("rate(latency_decode_ms_bucket{le=\"Inf\"}[5m])", "rules-unknown-value", "Inf"),
    ("rate(latency_decode_ms_bucket{le=\"1e3\"}[5m])", "rules-unknown-value", "1e3"),
    ("rate(latency_decode_ms_bucket{le=\"+1000\"}[5m])", "rules-unknown-value", "+1000"),
    ("rate(latency_decode_ms_bucket{le=~\"7|8\"}[5m])", "rules-unknown-value", "7|8"),
    ("queue_depth{engine=\"vllm\", trtllm_version=~\".+\"}", "rules-contradiction", "trtllm_version"),
    ("queue_depth{model_id=\"a\", model_digest!=\"\"}", "rules-contradiction", "model_id"),
    ("queue_depth{engine=\"vllm\", engine=\"tgi\"}", "rules-contradiction", "engine"),
    ("queue_depth{pool_id=\"a\", pool_id!~\"a|b\"}", "rules-contradiction", "pool_id"),
    ("sum by (engine, pool_id) (sum by (engine) (queue_depth))", "rules-dead-label", "pool_id"),
    ("sum by (le) (histogram_quantile(0.9, rate(latency_decode_ms_bucket[5m])))", "rules-dead-label", "le"),
    ("sum(queue_depth) / on (engine) sum by (engine) (queue_depth)", "rules-never-matches", "/"),
    ("sum by (engine) (queue_depth) * on (job) group_left () queue_depth", "rules-dead-label", "job"),
    ("sum by (engine) (queue_depth) / sum by (pool_id) (queue_depth)", "rules-never-matches", "/"),
    ("sum by (engine) (queue_depth) > sum(queue_depth)", "rules-never-matches", ">"),
    ("queue_depth * vector(1)", "rules-never-matches", "*"),
    ("sum by (engine) (queue_depth) and sum by (pool_id) (queue_depth)", "rules-never-matches", "and"),
    ("tasks_started_total", "rules-counter-without-rate", "tasks_started_total"),
    ("sum(tasks_started_total) > 5", "rules-counter-without-rate", "tasks_started_total"),
    ("topk(3, tasks_started_total)", "rules-counter-without-rate", "tasks_started_total"),
    ("rate(sum(tasks_started_total)[5m:1m])", "rules-counter-without-rate", "tasks_started_total"),
    ("histogram_quantile(0.9, latency_decode_ms_bucket)", "rules-counter-without-rate", "latency_decode_ms_bucket"),
    ("up unless tasks_started_total > 100", "rules-counter-without-rate", "tasks_started_total"),
    ("up unless 2 * tasks_started_total", "rules-counter-without-rate", "tasks_started_total"),
    (
        "queue_depth and on (engine) (max by (engine) (tasks_started_total) > 100)",
        "rules-counter-without-rate",
        "tasks_started_total",
    ),
    ("queue_depth unless on (pool_id) sum by (engine) (queue_depth)", "rules-never-matches", "unless"),
    ("queue_depth unless sum by (engine) (queue_depth)", "rules-never-matches", "unless"),
    ("rate(queue_depth[5m])", "rules-rate-on-gauge", "rate"),
    ("increase(tasks:rejected:rate5m[1h])", "rules-rate-on-gauge", "increase"),
    ("resets(queue_depth[5m])", "rules-rate-on-gauge", "resets"),
    ("delta(tasks_started_total[5m])", "rules-delta-on-counter", "delta"),
    (
        "histogram_quantile(0.9, sum by (engine) (rate(latency_decode_ms_bucket[5m])))",
        "rules-quantile-without-le",
        "histogram_quantile",
    ),
    ("histogram_quantile(0.9, rate(tasks_started_total[5m]))", "rules-quantile-of-non-histogram", "histogram_quantile"),
    (
        "histogram_quantile(0.9, rate(latency_decode_ms_sum[5m]))",
        "rules-quantile-of-non-histogram",
        "histogram_quantile",
    ),
    ("kv_cache_usage_ratio > 90", "rules-implausible-threshold", "90"),
    ("sum(rate(tasks_started_total[5m])) < -1", "rules-implausible-threshold", "1"),
    ("90 < max by (pool_id) (avg_over_time(kv_cache_usage_ratio[5m]))", "rules-implausible-threshold", "90"),
    ("kv_cache_usage_ratio * 100 > 101", "rules-implausible-threshold", "101"),
    ("gpu_utilization >= bool 0.9", "rules-implausible-threshold", "0.9"),
    ("avg(vram_used_bytes) < 80", "rules-implausible-threshold", "80"),
    (
        "histogram_quantile(0.9, sum by (le) (rate(latency_decode_ms_bucket[5m]))) > 0.5",
        "rules-implausible-threshold",
        "0.5",
    ),
    (
        "histogram_quantile(0.9, sum by (le) (rate(latency_decode_ms_bucket[5m]))) > 1e6",
        "rules-implausible-threshold",
        "1e6",
    ),
    (
        "sum(rate(latency_decode_ms_sum[5m])) / sum(rate(latency_decode_ms_count[5m])) > 0.5",
        "rules-implausible-threshold",
        "0.5",
    ),
];

#[test]
fn every_defect_is_found_at_its_place_and_nothing_else() {
    let wrong = WRONG.iter().filter_map(|(text, rule, place)| {
        let found: Vec<_> = analyzed(text).1.into_iter().map(|(rule, written, _)| (rule, written)).collect();
        (found != [((*rule).to_owned(), (*place).to_owned())])
            .then(|| format!("{text}\n  gives {found:?}\n  and not {rule} at {place}"))
    });
    assert_eq!(wrong.collect::<Vec<_>>().join("\n"), "");
}

/// Expressions that are right, or about other systems' metrics.
const RIGHT: &[&str] = &[
    "node_cpu_seconds_total",
    "rate(node_memory_free_bytes[5m]) > 0.5",
    "sum by (x) (sum by (y) (up)) / on (z) up",
    "queue_depth:sum",
    "{__name__=~\"queue_depth|up\", x=\"y\"}",
    "{__name__=~\"queue_.*|x.*\"}",
    "{__name__=~\"queue_.*:rate5m\"}",
    "{__name__!~\"queue_dept\", job=\"x\"}",
    "latency_decode_ms:p99 > 500",
    "absent(tasks_started_total)",
    "count(tasks_started_total) by (engine)",
    "group(tasks_started_total)",
    "count_over_time(tasks_started_total[5m])",
    "changes(tasks_started_total[5m])",
    "resets(tasks_started_total[5m])",
    "timestamp(tasks_started_total)",
    "queue_depth unless on (engine) tasks_started_total",
    "queue_depth unless on (engine) (tasks_started_total > tasks_started_total offset 1h)",
    "queue_depth unless on (pool_id) sum by (pool_id, engine) (queue_depth)",
    "sum by (engine) (tasks_started_total unless tasks_started_total offset 15m) > 0",
    "queue_depth and on (pool_id) tasks_started_total",
    "rate(tasks_started_total[5m:1m])",
    "delta(queue_depth[5m]) > 0.5",
    "deriv(kv_cache_usage_ratio[5m]) > 2",
    "sum(kv_cache_usage_ratio) > 3",
    "count(kv_cache_usage_ratio) > 3",
    "stddev(gpu_utilization) > 0.5",
    "kv_cache_usage_ratio / kv_cache_usage_ratio > 2",
    "kv_cache_usage_ratio * 100 > 90",
    "gpu_utilization / 100 > 0.9",
    "vram_used_bytes / 1024 ^ 3 > 80",
    "vram_used_bytes / (1024 * 1024 * 1024) > 80",
    "kv_cache_usage_ratio >= 0.95",
    "predict_linear(kv_cache_usage_ratio[1h], 3600) > 1.2",
    "vram_used_bytes > 1",
    "gpu_utilization > 100 - 5",
    "rate(latency_decode_ms_sum[5m]) / rate(latency_decode_ms_count[5m]) > 500",
    "histogram_quantile(0.99, sum by (le) (rate(latency_decode_ms_bucket[5m]))) / 1000 > 0.5",
    "sum(rate(latency_decode_ms_bucket{le=\"1000\"}[5m])) / sum(rate(latency_decode_ms_bucket{le=\"+Inf\"}[5m]))",
    "rate(latency_decode_ms_bucket{le=\"1000.0\"}[5m])",
    "rate(latency_decode_ms_bucket{le=\"1e+03\"}[5m])",
    "rate(latency_decode_ms_bucket{le=~\"1000(.0)?|7\", le!=\"\", le!=\"+Inf\"}[5m])",
    "queue_depth{engine=~\"vllm|tgi\"}",
    "queue_depth{engine!~\"vllm|tgi\"}",
    "queue_depth{engine=~\"v.*\", pool_id=~\"anything.*\"}",
    "queue_depth{engine!=\"__overflow__\"}",
    "queue_depth{trtllm_version=\"\"}",
    "queue_depth{engine=\"triton\", trtllm_version=~\"1.+\"}",
    "queue_depth{job=\"x\"}",
    "sum by (job, engine) (queue_depth)",
    "sum(rate(tasks_rejected_total[5m])) or vector(0)",
    "sum by (engine) (queue_depth) > on () group_left () vector(1)",
    "tasks:lost:rate5m{reason=\"user\"}",
    "queue_depth or tasks:rejected:rate5m",
    "tasks:rejected:rate5m{reason=\"POOL_UNREADY\", team=\"any\"}",
    "queue_depth * on (pool_id) group_left (zone) pool_info",
    "count by (version) (orchq_metrics_contract_info) > 1",
    "increase(orchq_metrics_violations_total{kind=\"nan\"}[1h]) > 0",
    "label_replace(queue_depth, \"x\", \"constant\", \"y\", \"\")",
    "sum without (instance) (node_x) / sum by (a) (b)",
];

#[test]
fn a_correct_query_has_no_finding() {
    for text in RIGHT {
        let found: Vec<_> = analyzed(text).1.into_iter().map(|(.., finding)| finding).collect();
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}
