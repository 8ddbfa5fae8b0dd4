//! Types, buckets, and series that break the contract.

use super::super::collect::FoundViolation;
use super::super::violation::{Kind, Violation};
use super::*;

fn violating(data: &mut FleetData, kind: Kind, name: &str, labels: &[(&str, &str)], value: f64) {
    let of = [&[("job", "worker"), ("__name__", name)], labels].concat();
    let instance = |instance| row(&[("job", "worker"), ("__name__", name), ("instance", instance)], value);
    let violation = Violation { kind, names: vec![name.to_owned()] };
    data.violations.push(FoundViolation {
        violation,
        rows: vec![row(&of, 2.0)],
        examples: vec![instance("b"), instance("a")],
    });
}

#[test]
fn types_are_compared_where_they_are_known() {
    let mut data = fleet(&["worker"]);
    let of = |kind: &str| Metadata { kind: kind.to_owned(), help: String::new() };
    data.metadata.insert("queue_depth".to_owned(), vec![of("unknown"), of("gauge"), of("counter"), of("counter")]);
    data.metadata.insert("tokens_in_total".to_owned(), vec![of("unknown"), of("untyped"), of("")]);
    data.metadata.entry("vram_used_bytes".to_owned()).or_default()[0].help = "Bytes.".to_owned();
    assert_eq!(
        found(&data),
        [
            "fleet-type queue_depth: some target of the server exposes it as a counter; expected \
             a gauge",
            "fleet-help vram_used_bytes: the help of some target of the server differs from the contract's, which is \"VRAM used by the worker process(es).\"",
        ]
    );
    // It may be of a job that was not selected, or of another version.
    let types = |options: &FleetOptions, data: &FleetData| {
        let mut findings = evaluate::report(&contract(), options, data).findings;
        findings.retain(|finding| finding.rule == "fleet-type");
        (findings[0].severity, findings.remove(0).message)
    };
    assert_eq!(types(&FleetOptions::default(), &data).0, crate::report::finding::Severity::Error);
    let selected = FleetOptions::default().selector("{env=\"prod\"}").expect("it is one");
    let (severity, message) = types(&selected, &data);
    assert!(severity == crate::report::finding::Severity::Warning && message.ends_with("may not be selected"));
    data.builds.push(build("edge", "0.9.0", "00ff", 1.0));
    assert_eq!(types(&FleetOptions::default(), &data).0, crate::report::finding::Severity::Warning);
}

#[test]
fn a_server_that_knows_targets_shows_which_have_another_type() {
    let mut data = fleet(&["worker"]);
    let of = |job: &str, kind: &str| TargetMetadata {
        target: [("job", job), ("instance", "w1:9000")].map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        metadata: Metadata { kind: kind.to_owned(), help: String::new() },
    };
    data.metadata.insert("queue_depth".to_owned(), vec![of("", "counter").metadata]);
    let mut found_for = |targets| {
        data.targets_metadata.insert("queue_depth".to_owned(), targets);
        found(&data)
    };
    assert_eq!(found_for(vec![of("of-others", "counter"), of("worker", "gauge")]), [""; 0]);
    assert_eq!(
        found_for(vec![of("worker", "counter"), of("worker", "gauge")]),
        ["fleet-type worker/queue_depth: 1 target (w1:9000) exposes it as a counter; expected a gauge"]
    );
    data.other_instances.insert(("worker".to_owned(), "w1:9000".to_owned()));
    assert_eq!(found(&data), [""; 0], "an instance of another version is not checked");
}

#[test]
fn a_histogram_has_its_parts_and_its_buckets() {
    let mut data = fleet(&["worker", "native"]);
    drop_series(&mut data, "native", "latency_decode_ms");
    data.instances.push(row(&[("job", "native"), ("__name__", "latency_decode_ms")], 3.0));
    drop_series(&mut data, "native", "latency_first_token_ms_sum");
    for bucket in data.buckets.iter_mut().filter(|row| row.label("__name__") == "latency_decode_ms_bucket") {
        let le = match bucket.label("le") {
            "25" => "7",
            // How Prometheus 3 spells it.
            "50" => "50.0",
            "+Inf" => {
                bucket.value = Some(5.0);
                "+Inf"
            }
            _ => continue,
        };
        bucket.labels.insert("le".to_owned(), le.to_owned());
    }
    assert_eq!(
        found(&data),
        [
            "fleet-native-histogram native/latency_decode_ms: the server stores it as a native histogram, without \
             `latency_decode_ms_bucket`",
            "fleet-histogram-parts native/latency_first_token_ms: the job has `latency_first_token_ms_bucket` and \
             `latency_first_token_ms_count`, and not `latency_first_token_ms_sum`",
            "fleet-buckets worker/latency_decode_ms: the job has the buckets `le=\"7\"` on 6 series, and lacks the \
             buckets `le=\"+Inf\"` on 1 of 6 series, `le=\"25\"`",
        ]
    );
}

#[test]
fn every_way_to_break_the_contract_is_put_into_words() {
    let of = str::to_owned;
    let values = vec![of("llamacpp"), of("vllm")];
    for (kind, labels, expected) in [
        (Kind::LabelMissing { label: of("pool_id") }, &[] as &[_], "2 series lack `pool_id`, as on a, b"),
        (
            Kind::LabelUnknown { label: of("pool_ids") },
            &[],
            "2 series have the label `pool_ids`, which the contract does not have, as on a, b; did you mean `pool_id`?",
        ),
        (
            Kind::ValueUnknown { label: of("engine"), values },
            &[("engine", "vlm")],
            "2 series, as on a, b: `engine` has the value \"vlm\", which the contract does not have; did you mean \
             `vllm`?",
        ),
        (
            Kind::OnlyWith { label: of("trtllm_version"), other: of("engine"), values: vec![of("triton")] },
            &[],
            "2 series, as on a, b: `trtllm_version` is only for `engine` of \"triton\"",
        ),
        (
            Kind::NotWith { label: of("model_id"), other: of("model_digest") },
            &[],
            "2 series, as on a, b: `model_id` cannot be together with `model_digest`",
        ),
        (
            Kind::Budget { label: of("pool_id"), budget: 256 },
            &[],
            "`pool_id` has more than 256 values (300) in 2 instances, as on a, b",
        ),
        (Kind::SeriesLimit { limit: 10 }, &[], "there are more than 10 series (300) in 2 instances, as on a, b"),
        (
            Kind::Impossible { least: 0.0, most: 1.0, finite: false },
            &[],
            "2 series, as on a, b: the value is out of range (300); expected a ratio, from 0 to 1",
        ),
        (
            Kind::Impossible { least: f64::NEG_INFINITY, most: f64::INFINITY, finite: true },
            &[],
            "2 series, as on a, b: the value is out of range (300); expected a finite number",
        ),
    ] {
        let mut data = fleet(&["worker"]);
        violating(&mut data, kind, "queue_depth", labels, 300.0);
        let report = report(&data);
        let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
        assert_eq!((finding.subject.as_str(), finding.message.as_str()), ("worker/queue_depth", expected));
    }
}

#[test]
fn labels_that_a_scrape_adds_are_not_checked() {
    let found_with = |targets: f64, all_targets: f64, processes: f64, label: &str| {
        let mut data = fleet(&["worker"]);
        violating(&mut data, Kind::LabelUnknown { label: label.to_owned() }, "queue_depth", &[], 1.0);
        data.targets = vec![row(&[("job", "worker")], all_targets)];
        let on = |count| vec![row(&[("job", "worker")], count), row(&[("job", "other")], 99.0)];
        data.target_labels.insert(label.to_owned(), [on(targets), on(processes)]);
        report(&data).findings
    };
    assert_eq!(found_with(3.0, 3.0, 0.0, "zone").len(), 0, "every target has it");
    assert_eq!(found_with(2.0, 3.0, 3.0, "zone").len(), 1, "a target lacks it");
    assert_eq!(found_with(0.0, 0.0, 3.0, "zone").len(), 0, "there are no targets, and every process has it");
    assert_eq!(found_with(0.0, 0.0, 2.0, "zone").len(), 1, "a process lacks it");
    let renamed = found_with(0.0, 3.0, 0.0, "exported_pool_id");
    assert!(renamed[0].help.contains("the scrape adds its own `pool_id`"), "{renamed:?}");
}

#[test]
fn what_the_library_lost_is_reported() {
    let mut data = fleet(&["worker"]);
    let of = |metric, label, value| row(&[("job", "worker"), ("metric", metric), (label, value)], 12.0);
    data.self_overflows = vec![of("queue_depth", "label", "pool_id"), of("of_another_contract", "label", "x")];
    data.self_violations = vec![of("kv_cache_usage_ratio", "kind", "out_of_range")];
    assert_eq!(
        found(&data),
        [
            "fleet-overflows worker/queue_depth: 12 lookups lost a value of `pool_id` in job `worker`",
            "fleet-violations worker/kv_cache_usage_ratio: 12 recorded values were `out_of_range` in job `worker`",
        ]
    );
}

#[test]
fn no_label_turns_a_message_around_or_fills_it() {
    let mut data = fleet(&["worker"]);
    let kind = Kind::ValueUnknown { label: "engine".to_owned(), values: vec!["vllm".to_owned()] };
    let value = format!("a\u{202e}b{}", "x".repeat(10_000));
    violating(&mut data, kind, "queue_depth", &[("engine", &value)], 1.0);
    let found = found(&data);
    assert!(found[0].contains("a\u{fffd}b") && found[0].len() < 500, "{found:?}");
}

#[test]
fn a_label_that_one_part_of_a_histogram_lacks_is_reported_and_one_that_all_lack_once() {
    let mut data = fleet(&["worker"]);
    let kind = || Kind::LabelMissing { label: "engine".to_owned() };
    let of = |name| row(&[("job", "worker"), ("__name__", name)], 2.0);
    let violation = Violation { kind: kind(), names: Vec::new() };
    let mut found_for = |names: &[&'static str]| {
        let rows = names.iter().map(|name| of(*name)).collect();
        data.violations = vec![FoundViolation { violation: violation.clone(), rows, examples: Vec::new() }];
        found(&data)
    };
    let parts = ["latency_decode_ms_bucket", "latency_decode_ms_sum", "latency_decode_ms_count"];
    assert_eq!(found_for(&parts), ["fleet-label-missing worker/latency_decode_ms: 2 series lack `engine`"]);
    assert_eq!(
        found_for(&parts[1..2]),
        ["fleet-label-missing worker/latency_decode_ms: 2 series of `latency_decode_ms_sum` lack `engine`"]
    );
}
