//! Prometheus's own tool reads the recording rules, if it is installed.

use fixtures::programs::{self, are_installed};
use orchq_metrics::OwnedContract;
use orchq_metrics::diff::compare;

use super::{both_named, v1};

/// The output of promtool for rules, or for a test of them if there is one; an error if promtool rejects them.
fn promtool(name: &str, rules: &str, test: Option<&str>) -> Result<String, String> {
    let folder = std::env::temp_dir().join(format!("orchq-metrics-diff-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    std::fs::write(folder.join("rules.yml"), rules).expect("a temporary file can be written");
    let arguments = match test {
        Some(test) => {
            std::fs::write(folder.join("test.yml"), test).expect("a temporary file can be written");
            ["test", "rules", "test.yml"]
        }
        None => ["check", "rules", "rules.yml"],
    };
    let (code, printed) = programs::promtool(&folder, &arguments, "");
    std::fs::remove_dir_all(&folder).expect("the folder was made");
    if code == Some(0) { Ok(printed) } else { Err(printed) }
}

fn rules(edit: impl FnOnce(&mut OwnedContract)) -> String {
    let old = v1();
    let mut new = old.clone();
    edit(&mut new);
    compare(&both_named(&old, &new), &new).compatibility_rules().expect("old names are dropped")
}

fn in_seconds(new: &mut OwnedContract) {
    let metric = new.metrics.iter_mut().find(|metric| metric.name == "latency_decode_ms").expect("it is there");
    metric.name = "latency_decode_seconds".to_owned();
    metric.unit = "seconds".to_owned();
    metric.buckets.iter_mut().for_each(|bound| *bound /= 1e3);
}

#[test]
fn promtool_accepts_the_rules_and_counts_them() {
    if !are_installed(&["promtool"]) {
        return;
    }
    let every = rules(|new| new.metrics.iter_mut().for_each(|metric| metric.name.insert_str(0, "orchq_")));
    let converted = rules(in_seconds);
    // Eleven metrics of one series and two histograms; a count, a sum, fourteen bounds and the infinite one.
    for (name, rules, count) in [("every", every, 17), ("converted", converted, 17)] {
        assert_eq!(rules.matches("record: ").count(), count, "{rules}");
        let printed = promtool(name, &rules, None).unwrap_or_else(|printed| panic!("{printed}\n{rules}"));
        assert!(printed.contains(&format!("SUCCESS: {count} rules found")), "{printed}\n{rules}");
    }
    let wrong = "groups: [{name: a, rules: [{record: a, expr: 'rate('}]}]";
    assert!(promtool("wrong", wrong, None).is_err(), "promtool rejects nothing");
}

#[test]
fn the_old_series_have_the_numbers_and_labels_that_they_had() {
    if !are_installed(&["promtool"]) {
        return;
    }
    let rules = rules(|new| {
        in_seconds(new);
        new.metrics[2].name = "tasks_cancelled_total".to_owned();
    });
    // Whole bounds as Prometheus 2 has them and as Prometheus 3 does.
    let test = r#"
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'latency_decode_seconds_bucket{engine="vllm",le="0.5"}', values: '0+30x10'}
      - {series: 'latency_decode_seconds_bucket{engine="vllm",le="1"}', values: '0+60x10'}
      - {series: 'latency_decode_seconds_bucket{engine="tgi",le="1.0"}', values: '0+6x10'}
      - {series: 'latency_decode_seconds_bucket{engine="vllm",le="+Inf"}', values: '0+60x10'}
      - {series: 'latency_decode_seconds_sum{engine="vllm"}', values: '0+1.5x10'}
      - {series: 'latency_decode_seconds_count{engine="vllm"}', values: '0+60x10'}
      - {series: 'tasks_cancelled_total{pool_id="chat",reason="watchdog"}', values: '0+60x10'}
    promql_expr_test:
      - expr: sort_desc(latency_decode_ms_bucket{le=~"500|1000"})
        eval_time: 10m
        exp_samples:
          - {labels: 'latency_decode_ms_bucket{engine="vllm",le="1000"}', value: 600}
          - {labels: 'latency_decode_ms_bucket{engine="vllm",le="500"}', value: 300}
          - {labels: 'latency_decode_ms_bucket{engine="tgi",le="1000"}', value: 60}
      - expr: histogram_quantile(0.75, rate(latency_decode_ms_bucket{engine="vllm"}[5m]))
        eval_time: 10m
        exp_samples: [{labels: '{engine="vllm"}', value: 750}]
      - expr: latency_decode_ms_sum / latency_decode_ms_count
        eval_time: 10m
        exp_samples: [{labels: '{engine="vllm"}', value: 25}]
      - expr: rate(tasks_canceled_total[5m])
        eval_time: 10m
        exp_samples: [{labels: '{pool_id="chat",reason="watchdog"}', value: 1}]
"#;
    promtool("series", &rules, Some(test)).unwrap_or_else(|printed| panic!("{printed}\n{rules}"));
}
