//! Changes that broke dashboards in other projects, and how they are reported.

use orchq_metrics::diff::{Diff, VersionBump, compare, consumers};
use orchq_metrics::rules::{RulesOptions, Source};
use orchq_metrics::{MetricKind, OwnedContract, OwnedMetric, OwnedValues, Severity};

use super::{both_named, renamed_from, rules, v1};

/// A contract of these metrics: name, kind, unit, help, and the names of the labels.
fn contract(version: &str, metrics: &[(&str, MetricKind, &str, &str, &[&str])]) -> OwnedContract {
    let (mut contract, parts) = (v1(), v1().metrics);
    let (metric, label) = (&parts[0], parts[0].label("pool_id").expect("it is there"));
    version.clone_into(&mut contract.version);
    contract.metrics = Vec::new();
    for (name, kind, unit, help, labels) in metrics {
        let mut metric: OwnedMetric = metric.clone();
        metric.name = (*name).to_owned();
        metric.kind = *kind;
        metric.unit = (*unit).to_owned();
        metric.help = (*help).to_owned();
        metric.labels = vec![label.clone(); labels.len()];
        metric.labels.iter_mut().zip(*labels).for_each(|(label, name)| label.name = (*name).to_owned());
        contract.metrics.push(metric);
    }
    contract
}

/// The renames, the removals and the additions of a difference.
fn outcomes(diff: &Diff) -> Vec<String> {
    let outcomes = diff.changes.iter().filter_map(|change| {
        let name = change.metric.as_deref()?;
        match &*change.rule {
            "diff-metric-renamed" => Some(format!("{name} -> {}", change.after.as_deref()?)),
            "diff-metric-removed" => Some(format!("-{name}")),
            "diff-metric-added" => Some(format!("+{name}")),
            _ => None,
        }
    });
    outcomes.collect()
}

const LABELS: &[&str] = &["model_name", "engine"];

/// vllm#18354: cache metrics lost `gpu_` from their names. Dashboards were blank for months: llm-d#546,
/// production-stack#989, gateway-api-inference-extension#1905.
#[test]
fn vllm_renames_its_cache_metrics_at_once() {
    use MetricKind::{Counter, Gauge};
    const QUERIES: &str = "prefix cache queries, in terms of number of queried tokens.";
    const HITS: &str = "prefix cache hits, in terms of number of cached tokens.";
    let usage = |device: &str| format!("{device}KV-cache usage. 1 means 100 percent usage.");
    let of = |device: &str, text: &str| format!("{device}{text}");
    let old = contract(
        "0.8.5",
        &[
            ("vllm:num_requests_running", Gauge, "1", "Number of requests in model execution batches.", LABELS),
            ("vllm:gpu_cache_usage_perc", Gauge, "ratio", &usage("GPU "), LABELS),
            ("vllm:gpu_prefix_cache_queries_total", Counter, "tokens", &of("GPU ", QUERIES), LABELS),
            ("vllm:gpu_prefix_cache_hits_total", Counter, "tokens", &of("GPU ", HITS), LABELS),
        ],
    );
    let new = contract(
        "0.9.0",
        &[
            ("vllm:num_requests_running", Gauge, "1", "Number of requests in model execution batches.", LABELS),
            ("vllm:kv_cache_usage_perc", Gauge, "ratio", &usage(""), LABELS),
            // In another order, so that the position identifies nothing.
            ("vllm:prefix_cache_hits_total", Counter, "tokens", &of("", HITS), LABELS),
            ("vllm:prefix_cache_queries_total", Counter, "tokens", &of("", QUERIES), LABELS),
        ],
    );
    let diff = compare(&old, &new);
    let expected = [
        "-vllm:gpu_cache_usage_perc",
        "-vllm:gpu_prefix_cache_queries_total",
        "-vllm:gpu_prefix_cache_hits_total",
        "+vllm:kv_cache_usage_perc",
        "+vllm:prefix_cache_hits_total",
        "+vllm:prefix_cache_queries_total",
    ];
    assert_eq!(outcomes(&diff), expected);
    // Below 1.0.0 the minor version is the one that breaks, and it was raised.
    assert_eq!((diff.bump, diff.demanded.as_deref()), (VersionBump::Minor, Some("0.9.0")));
    // Nothing declares a rename. What may be one is a help, and no rule.
    assert_eq!(diff.compatibility_rules(), None);
    let gone = diff.changes.iter().find(|change| change.rule == "diff-metric-removed").expect("three are");
    assert!(gone.help.starts_with("perhaps renamed: `vllm:kv_cache_usage_perc` is new"), "{}", gone.help);
}

/// vllm's policy since: the new name beside the old one for a release, and the old one gone in the next but one.
#[test]
fn an_orderly_rename_is_compatible_and_ends_in_its_version() {
    use MetricKind::Gauge;
    const HELP: &str = "KV-cache usage. 1 means 100 percent usage.";
    let old = contract("1.0.0", &[("gpu_cache_usage_perc", Gauge, "ratio", HELP, LABELS)]);
    let new = |version| contract(version, &[("kv_cache_usage_perc", Gauge, "ratio", HELP, LABELS)]);
    let mut both = new("1.1.0");
    renamed_from(&mut both.metrics[0], "gpu_cache_usage_perc", "2.0.0");
    let first = compare(&old, &both);
    let renamed = "gpu_cache_usage_perc -> kv_cache_usage_perc".to_owned();
    assert_eq!((outcomes(&first), first.demanded.as_deref()), (vec![renamed], Some("1.1.0")));
    assert!(first.report().worst() < Some(Severity::Warning));
    let early = compare(&both, &new("1.2.0"));
    assert_eq!((rules(&early)[1], early.demanded.as_deref()), ("diff-old-name-dropped-early", Some("2.0.0")));
    assert_eq!(early.report().worst(), Some(Severity::Error));
    let second = compare(&both, &new("2.0.0"));
    assert_eq!((rules(&second)[1], second.report().worst()), ("diff-old-name-dropped", Some(Severity::Note)));
    let recorded = second.compatibility_rules().expect("an old name is dropped");
    assert!(recorded.contains("- record: gpu_cache_usage_perc\n        expr: kv_cache_usage_perc\n"), "{recorded}");
}

/// kube-state-metrics#1833: stable metrics were changed twice by labels that only some series carry
/// (kube-state-metrics#1814), and no check found it.
#[test]
fn labels_of_a_stable_metric_are_added_in_a_minor_version() {
    let before: &[&str] = &["persistentvolume", "storageclass"];
    let after: &[&str] = &["persistentvolume", "storageclass", "local_path", "local_fs"];
    let info = |version, labels| {
        let help = "Information about persistentvolume.";
        contract(version, &[("kube_persistentvolume_info", MetricKind::Gauge, "1", help, labels)])
    };
    let old = info("2.5.0", before);
    let mut new = info("2.6.0", after);
    new.metrics[0].labels[2..].iter_mut().for_each(|label| label.conditional = true);
    let diff = compare(&old, &new);
    assert_eq!(rules(&diff)[1..], ["diff-conditional-label-added", "diff-conditional-label-added"]);
    let report = diff.report();
    assert_eq!(report.findings[0].message, "the changes demand 3.0.0, and the new contract has 2.6.0");
    assert_eq!(report.worst(), Some(Severity::Error));
}

/// By default foundations writes an enum's variant as the value, so that renaming a variant renames a value.
#[test]
fn values_become_what_the_variants_are_called() {
    let (old, mut new) = (v1(), v1());
    for label in new.metrics.iter_mut().flat_map(|metric| &mut metric.labels).filter(|label| label.name == "engine") {
        label.values = OwnedValues::Closed(["LlamaCpp", "Vllm", "Tgi", "Triton"].map(str::to_owned).to_vec());
    }
    let diff = compare(&old, &new);
    for rule in ["diff-value-removed", "diff-value-added"] {
        assert_eq!(rules(&diff).iter().filter(|found| **found == rule).count(), 13);
    }
    // Reported once for all metrics, and once for the conditions that name a value.
    let shown = diff.to_string();
    assert!(shown.contains("and 10 more: values removed from `engine`: llamacpp|vllm|tgi|triton\n"), "{shown}");
    assert_eq!(shown.matches("LlamaCpp|Vllm|Tgi|Triton\n").count(), 1, "{shown}");
}

/// Prometheus wants base units, and so the names of the contract may change one day.
#[test]
fn milliseconds_become_seconds() {
    let (old, mut new) = (v1(), v1());
    let metric = new.metrics.iter_mut().find(|metric| metric.name == "latency_first_token_ms").expect("it is there");
    metric.name = "time_to_first_token_seconds".to_owned();
    metric.unit = "seconds".to_owned();
    metric.buckets.iter_mut().for_each(|bound| *bound /= 1e3);
    let diff = compare(&both_named(&old, &new), &new);
    // The bounds are the same, as numbers in another unit.
    assert_eq!(rules(&diff), ["diff-old-name-dropped-early", "diff-unit-changed"]);
    let rules = diff.compatibility_rules().expect("an old name is dropped");
    assert!(!rules.contains("No bucket can restore"), "{rules}");
}

/// A metric that is split in two is removed, and neither half counts as renamed.
#[test]
fn a_split_is_not_a_rename() {
    use MetricKind::Counter;
    let old = contract("1.0.0", &[("tokens_total", Counter, "tokens", "Tokens processed, prompt and output.", LABELS)]);
    let new = contract(
        "2.0.0",
        &[
            ("prompt_tokens_total", Counter, "tokens", "Prompt tokens.", LABELS),
            ("generation_tokens_total", Counter, "tokens", "Generated tokens.", LABELS),
        ],
    );
    let outcomes = outcomes(&compare(&old, &new));
    assert_eq!(outcomes, ["-tokens_total", "+prompt_tokens_total", "+generation_tokens_total"]);
}

/// One of two spellings of a value (`canceled`, `cancelled`) is removed.
#[test]
fn one_of_two_spellings_is_removed() {
    let with = |values: &[&str]| {
        let mut contract = v1();
        let labels = contract.metrics[2].labels.iter_mut();
        let values = OwnedValues::Closed(values.iter().map(|value| (*value).to_owned()).collect());
        labels.filter(|label| label.name == "reason").for_each(|label| label.values = values.clone());
        contract
    };
    let diff = compare(&with(&["canceled", "cancelled", "watchdog"]), &with(&["canceled", "watchdog"]));
    assert_eq!(diff.changes[0].to_string(), "values removed from `reason`: cancelled");
    assert_eq!(rules(&diff), ["diff-value-removed"]);
}

/// What the renames did to the consumers of the old names: a panel without a line, an autoscaler without a signal, and
/// no error anywhere (llm-d#546, sample-genai-on-eks#27). Here each is named, and the recording rules mend them all.
#[test]
fn a_dashboard_that_would_go_blank_is_named() {
    const DASHBOARD: &str = r#"{
  "title": "vLLM",
  "schemaVersion": 39,
  "panels": [
    {
      "title": "Cache",
      "type": "timeseries",
      "datasource": {"type": "prometheus", "uid": "p"},
      "targets": [{"expr": "max by (model_name) (gpu_cache_usage_perc{model_name=~\"$model\"})", "refId": "A"}]
    },
    {
      "title": "Requests",
      "type": "timeseries",
      "datasource": {"type": "prometheus", "uid": "p"},
      "targets": [{"expr": "sum(num_requests_running)", "refId": "A"}]
    }
  ]
}"#;
    const ALERTS: &str = "groups:\n  - name: cache\n    rules:\n      - alert: CacheIsFull\n        \
                          expr: gpu_cache_usage_perc > 0.95\n";
    let of = |version, usage| {
        contract(
            version,
            &[
                ("num_requests_running", MetricKind::Gauge, "1", "Number of requests in execution.", LABELS),
                (usage, MetricKind::Gauge, "ratio", "KV-cache usage. 1 means 100 percent usage.", LABELS),
            ],
        )
    };
    let new = of("2.0.0", "kv_cache_usage_perc");
    let old = both_named(&of("1.0.0", "gpu_cache_usage_perc"), &new);
    let files = [Source::new("vllm.json", DASHBOARD), Source::new("alerts.yml", ALERTS)];
    let report = consumers(&old, &new, &files, &RulesOptions::default());
    let broken: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            let place = finding.location.as_ref().expect("it is in a file");
            (&*finding.rule, place.source.as_str(), place.line, &place.text[place.span.clone()])
        })
        .collect();
    let expected = [
        ("diff-consumer-breaks", "vllm.json", 9, "gpu_cache_usage_perc"),
        ("diff-consumer-breaks", "alerts.yml", 5, "gpu_cache_usage_perc"),
    ];
    assert_eq!(broken, expected);
    assert_eq!(report.examined, 3);

    let rules = compare(&old, &new).compatibility_rules().expect("an old name is dropped");
    let mended = [files[0], files[1], Source::new("renames.yml", &rules)];
    assert_eq!(consumers(&old, &new, &mended, &RulesOptions::default()).findings, []);
}
