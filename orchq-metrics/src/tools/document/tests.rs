use super::*;
use crate::report::finding::{Finding, Severity};
use crate::v1;

/// The document that OrchQueue's contract was written from, byte for byte.
const ORIGINAL: &str = include_str!("original.md");

fn report(text: &str) -> Report {
    check(&OwnedContract::from(&v1::CONTRACT), "doc.md", text)
}

/// Each finding with its line and the part of it.
fn findings(text: &str) -> Vec<String> {
    let show = |Finding { rule, subject, message, location, .. }: &Finding| match location {
        Some(place) => format!("{rule} {subject} {}[{}] {message}", place.line, &place.text[place.span.clone()]),
        None => format!("{rule} {subject} {message}"),
    };
    report(text).findings.iter().map(show).collect()
}

fn rendered() -> String {
    v1::CONTRACT.to_markdown()
}

/// The rendered document with one part replaced has these findings, which begin with these texts.
#[track_caller]
fn changed(from: &str, to: &str, expected: &[&str]) {
    let text = rendered();
    assert!(text.contains(from), "{from}");
    let found = findings(&text.replacen(from, to, 1));
    let as_expected = found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected));
    assert!(found.len() == expected.len() && as_expected, "{from} -> {to}: {found:#?}");
}

#[test]
fn the_rendered_document_has_no_findings_and_the_original_only_lacks_parts() {
    assert_eq!(findings(&rendered()), Vec::<String>::new());
    let lacking = [
        "document-not-listed tasks_canceled_total 28[reason] the document does not list the values of `reason`; they were \
         not compared",
        "document-not-listed orchqueue the document has no `conditional labels`; those of 11 metrics were not compared",
        "document-not-listed orchqueue the document has no `buckets`; those of 2 metrics were not compared",
        "document-not-listed orchqueue the document has no section `Label values`; 9 labels were not compared",
    ];
    assert_eq!(findings(ORIGINAL), lacking);
    for text in [ORIGINAL, &rendered()] {
        assert_eq!(report(text).examined, 13);
    }
}

#[test]
fn equal_documents_have_equal_findings() {
    let text = rendered();
    for text in [
        text.replace('\n', "\r\n"),
        format!("\u{feff}{text}"),
        text.replace("  - ", "\t- "),
        text.replace("\n- ", "\n* ").replace("  - ", "    + "),
        text.replace("\n- ", "\n1. ").replace("\n  - ", "\n   2) "),
        text.replace("- tasks_enqueued_total", "- `tasks_enqueued_total`  "),
        text.replace("\n  - unit", "\n\n  - unit"),
        text.replace("## Gauges", "### Gauges ##"),
        text.replace("(user|watchdog)", "( `watchdog` | user )").replace("llamacpp|vllm", "vllm|llamacpp"),
        text.replace("buckets: 5, 10,", "buckets: 5.0,1e1,"),
        format!(
            "{text}\n```\n- some_total\n  - type: counter\n```\n<!--\n- some_total\n-->\n~~~~\n~~~\n- some_total\n"
        ),
    ] {
        let found = findings(&text);
        assert!(found.is_empty(), "{text}\n{found:#?}");
    }
}

/// No line of a metric or a label can change, be there twice or be missing without a finding.
#[test]
fn every_line_is_compared() {
    let text = rendered();
    let lines: Vec<_> = text.lines().collect();
    let first = text.lines().position(|line| line == "## Counters").expect("a heading");
    let last = text.lines().position(|line| line.starts_with("## Linter")).expect("a heading");
    let mut items = 0;
    for (index, line) in lines.iter().enumerate().take(last).skip(first) {
        let found = |replacement: &[&str]| {
            let (before, after) = (&lines[..index], &lines[index + 1..]);
            report(&[before, replacement, after].concat().join("\n")).findings
        };
        let at = |line| move |finding: &Finding| finding.location.as_ref().is_some_and(|place| place.line == line);
        if line.starts_with('#') {
            let sections =
                |finding: &Finding| ["document-section-differs", "document-not-listed"].contains(&&*finding.rule);
            assert!(found(&["## Other"]).iter().any(sections), "{line}");
        } else if !line.is_empty() {
            items += 1;
            assert!(found(&[&format!("{line}x")]).iter().any(at(index + 1)), "{line} is not compared");
            assert!(found(&[line, line]).iter().any(at(index + 2)), "a second {line} is not reported");
            assert!(found(&[line, "  - remark: x"]).iter().any(at(index + 2)), "a remark below {line} is not reported");
            assert!(!found(&[]).is_empty(), "a missing {line} is not reported");
        }
    }
    assert!(items > 80, "{items} items");
}

#[test]
fn prose_is_not_compared() {
    for text in [
        "",
        "\n\n",
        "# Metrics\n\nThere are none.\n",
        "- a b\n- b: c\n  - `d` (e, f)\n- - -\n***\n| type: |\n```\n- d (e|f)\n```\n",
    ] {
        assert_eq!((report(text).examined, findings(text).len()), (0, 0), "{text}");
    }
    let text = rendered().replace(
        "## Conventions\n",
        "Intro.\n\n## Conventions\n\nSome `queue_depth`: text.\n\n1. One thing\n   - more\n",
    );
    assert_eq!(findings(&text), Vec::<String>::new());
}

#[test]
fn metrics_are_compared_in_both_directions() {
    changed(
        "- queue_depth",
        "- queue_depht",
        &[
            "document-metric-unknown queue_depht 42[queue_depht] the contract has no metric of this name; did you mean `queue_depth`?",
            "document-metric-missing queue_depth the contract has this metric, and the document does not",
        ],
    );
    changed(
        "## Linter",
        "- queue_depth\n  - type: counter\n\n## Linter",
        &["document-duplicate queue_depth 116[queue_depth] the document already describes this metric"],
    );
}

#[test]
fn fields_are_compared() {
    for (from, to, expected) in [
        (
            "type: histogram",
            "type: summary",
            "document-field-differs latency_first_token_ms 70[summary] the document says `summary`, and the contract `histogram`",
        ),
        ("unit: ratio", "unit: percent", "document-field-differs kv_cache_usage_ratio 52[percent] "),
        (
            "Ratio of KV cache",
            "Share of KV cache",
            "document-description-differs kv_cache_usage_ratio 53[Share of KV cache used vs capacity.] ",
        ),
        (
            "  - unit: ratio\n",
            "",
            "document-field-missing kv_cache_usage_ratio 48[kv_cache_usage_ratio] the document has no unit, and the contract has `ratio`",
        ),
        (
            "## Backpressure",
            "## Admission",
            "document-section-differs admission_backpressure_events_total 98[admission_backpressure_events_total] the document says `Admission`",
        ),
        ("buckets: 5, 10,", "buckets: 5, 11,", "document-field-differs latency_first_token_ms 74[5, 11, 25"),
        ("buckets: 5, 10,", "buckets: 5, ten,", "document-field-differs latency_first_token_ms 74[5, ten, 25"),
        ("  - type: gauge\n", "", "document-field-missing queue_depth 42[queue_depth] the document has no type"),
    ] {
        changed(from, to, &[expected]);
    }
}

#[test]
fn lines_below_a_metric_are_its_fields() {
    for (more, expected) in [
        ("  - unit: 1\n", "document-duplicate kv_cache_usage_ratio 53[unit] the metric has a second `unit`"),
        (
            "  - units: 1\n",
            "document-not-compared kv_cache_usage_ratio 53[units] `units` is not a field; it was not compared; did you mean `unit`?",
        ),
        ("    - unit: 1\n", "document-not-compared kv_cache_usage_ratio 53[unit: 1] this line is not a field"),
        ("of all\n", "document-not-compared kv_cache_usage_ratio 53[of all] this line is not a field"),
        ("  ```\n  - unit: 1\n  ```\n", "document-not-compared kv_cache_usage_ratio 53[```] this line is not a field"),
        (
            "  - requirement: ORCH-7\n",
            "document-field-differs kv_cache_usage_ratio 53[ORCH-7] the document says `ORCH-7`, and the contract has none",
        ),
        (
            "  - buckets: 1\n",
            "document-field-differs kv_cache_usage_ratio 53[1] the document says `1`, and the contract has none",
        ),
    ] {
        changed("unit: ratio\n", &format!("unit: ratio\n{more}"), &[expected]);
    }
}

#[test]
fn labels_are_compared() {
    let labels = "engine, engine_version, pool_id, replica_id";
    for (to, expected) in [
        (
            "engine, engine_version, pool_id",
            "document-labels-differ kv_cache_usage_ratio 50[engine, engine_version, pool_id] the labels lack `replica_id`",
        ),
        (
            "engine, engine_version, pool_id, replica_id, tenant",
            "document-labels-differ kv_cache_usage_ratio 50[tenant] `tenant` is not one of the labels in the contract",
        ),
        (
            "engine, engine_version, pool_id, replica_id, pool_id",
            "document-duplicate kv_cache_usage_ratio 50[pool_id] the label `pool_id` is listed twice",
        ),
        (
            "engine, engine_version (1|2), pool_id, replica_id",
            "document-values-differ kv_cache_usage_ratio 50[engine_version (1|2)] the document says `engine_version (1|2)`, and the contract `engine_version`",
        ),
        (
            "engine (vllm), engine_version, pool_id, replica_id",
            "document-values-differ kv_cache_usage_ratio 50[engine (vllm)] the document says `engine (vllm)`, and the contract `engine (llamacpp|vllm|tgi|triton)`",
        ),
    ] {
        let from = format!("kv_cache_usage_ratio\n  - type: gauge\n  - labels: {labels}\n");
        changed(&from, &from.replace(labels, to), &[expected]);
    }
    changed(
        "labels: engine, engine_version, pool_id, replica_id, priority\n  - conditional labels: trtllm_version, model_id, model_digest",
        "labels: engine, engine_version, pool_id, replica_id, trtllm_version\n  - conditional labels: model_id, model_diget",
        &[
            "document-labels-differ tasks_enqueued_total 18[trtllm_version] `trtllm_version` is not one of the labels in the contract; the contract has it in the other list",
            "document-labels-differ tasks_enqueued_total 18[engine, engine_version, pool_id, replica_id, trtllm_version] the labels lack `priority`",
            "document-labels-differ tasks_enqueued_total 19[model_diget] `model_diget` is not one of the conditional labels in the contract; did you mean `model_digest`?",
            "document-labels-differ tasks_enqueued_total 19[model_id, model_diget] the conditional labels lack `trtllm_version`",
            "document-labels-differ tasks_enqueued_total 19[model_id, model_diget] the conditional labels lack `model_digest`",
        ],
    );
}

#[test]
fn values_are_compared() {
    let policy = "admission_backpressure_events_total 100";
    for (from, to, expected) in [
        ("(reject|drop-lru|", "(reject|drop-lru|drop|", format!("document-values-differ {policy}[policy (reject|drop-lru|drop|shed-low-priority)] the document says")),
        ("(reject|drop-lru|", "(reject|drop-lru|reject|", format!("document-values-differ {policy}[")),
        ("(reject|drop-lru|shed-low-priority)", "(reject|drop-lru)", format!("document-values-differ {policy}[")),
        ("(reject|drop-lru|shed-low-priority)", "", format!("document-not-listed {policy}[policy] the document does not list the values of `policy`")),
        ("engine: llamacpp|", "engine: llamacpp|trt|", "document-values-differ engine 106[llamacpp|trt|vllm|tgi|triton] the document says `llamacpp|trt|vllm|tgi|triton`, and the contract `llamacpp|vllm|tgi|triton`".to_owned()),
        ("pool_id: open, budget 256", "pool_id: open, budget 255", "document-values-differ pool_id 109[open, budget 255] the document says `open, budget 255`, and".to_owned()),
        ("not with model_digest", "not with model_id", "document-values-differ model_id 110[open, ".to_owned()),
        ("- pool_id: open, budget 256\n", "", "document-labels-differ pool_id 104[Label values] the label values lack `pool_id`".to_owned()),
        ("- pool_id: open", "- pool_id: open, budget 256\n- pool_id: open", "document-duplicate pool_id 110[pool_id] `pool_id` is listed twice".to_owned()),
        ("- pool_id: open", "- some words\n- pool_id: open", "document-not-compared orchqueue 109[some words] this is not a label with its values".to_owned()),
        ("- pool_id: open, budget 256", "- pool_id: open, budget 256\n  of which few are used", "document-not-compared orchqueue 110[of which few are used] ".to_owned()),
    ] {
        changed(from, to, &[&expected]);
    }
    let unclosed =
        format!("document-labels-differ {policy}[policy (reject|drop-lru] `policy (reject|drop-lru` is not one of");
    changed("(reject|drop-lru|shed-low-priority)", "(reject|drop-lru", &[&unclosed, "document-labels-differ"]);
    let renamed = "document-labels-differ pool 109[pool] the contract has no label `pool` with values of its own";
    changed("- pool_id: open", "- pool: open", &[renamed, "document-labels-differ pool_id "]);
}

#[test]
fn what_looks_like_a_metric_is_reported() {
    for to in ["- queue depth\n", "- **queue_depth**\n", "- queue_depth (per pool)\n", "- queue_depth:\n"] {
        let expected = "document-not-compared orchqueue 42[";
        changed("- queue_depth\n", to, &[expected, "document-metric-missing queue_depth"]);
    }
    changed(
        "- queue_depth\n",
        "- queue_depth\n\n  Which is long.\n\n",
        &["document-not-compared queue_depth 44[Which is long.] this line is not a field"],
    );
    changed(
        "## Backpressure\n",
        "## Backpressure\n\n- unit: 1\n",
        &["document-not-compared orchqueue 98[unit: 1] this field does not belong to a metric"],
    );
    changed(
        "## Backpressure\n",
        "## Backpressure\n\nText\n  - unit: 1\n",
        &["document-not-compared orchqueue 99[unit: 1] "],
    );
    changed(
        "## Backpressure\n",
        "## Backpressure\n\n- other_total\n",
        &[
            "document-not-compared orchqueue 98[other_total] this name has no fields and is not a metric of the contract",
        ],
    );
    changed(
        "## Backpressure\n",
        "## Backpressure\n\n- other_total\n  - what: x\n",
        &[
            "document-not-compared orchqueue 98[other_total] this name has no fields and is not a metric of the contract",
        ],
    );
}

/// Only paragraphs and comments are prose in a section that has metrics or label values.
#[test]
fn what_is_not_read_beside_metrics_is_reported() {
    for (more, lines) in [
        ("| metric | label |\n| --- | --- |\n| queue_depth | tenant |", &[1, 2, 3][..]),
        ("metric | label\n--- | ---\nqueue_depth | tenant", &[1, 2, 3]),
        ("```\n- bogus_total\n  - type: counter\n```", &[1]),
        ("~~~~ text\n- bogus_total\n~~~\n~~~~", &[1]),
        ("- All of these are sampled every second.", &[1]),
        ("These are sampled:\n- every second or\n  - never", &[2, 3]),
        ("These are sampled:\n\n  1. every second\n  2. never", &[3, 4]),
        ("These are sampled every second.\n<!--\n- every second\n-->\n\nOr never (a|b).", &[]),
    ] {
        for (heading, first) in [("## Gauges\n", 42), ("## Label values\n", 106)] {
            let expected: Vec<_> =
                lines.iter().map(|line| format!("document-not-compared orchqueue {}[", first + line - 1)).collect();
            let expected: Vec<_> = expected.iter().map(String::as_str).collect();
            changed(heading, &format!("{heading}\n{more}\n"), &expected);
        }
        // Under `Label values`, an item is taken for a label, which is a warning.
        let text = rendered().replace("## Gauges\n", &format!("## Gauges\n\n{more}\n"));
        assert!(report(&text).findings.iter().all(|finding| finding.severity == Severity::Note), "{more}");
        let elsewhere = format!("{}\n## Notes\n\n{more}\n", rendered());
        assert_eq!(findings(&elsewhere), Vec::<String>::new(), "{more}");
    }
}

#[test]
fn values_in_other_sections_are_compared() {
    for (to, expected) in [
        ("`engine` (triton|vllm|tgi|llamacpp)", &[][..]),
        ("engine (llamacpp|vllm|tgi|triton), reason (watchdog|user)", &[]),
        ("see `engine`", &[]),
        (
            "`engine` (llamacpp|vllm)",
            &[
                "document-values-differ engine 8[`engine` (llamacpp|vllm)] the document says `engine (llamacpp|vllm)`, and the contract `engine (llamacpp|vllm|tgi|triton)`",
            ],
        ),
        ("pool_id (a|b)", &["document-values-differ pool_id 8[pool_id (a|b)] "]),
        (
            "`engin` (llamacpp|vllm)",
            &["document-not-compared orchqueue 8[- `engin` (llamacpp|vllm)] this line was not compared"],
        ),
        ("`engine` (llamacpp|vllm).", &["document-not-compared orchqueue 8["]),
        ("`engine` is llamacpp|vllm", &["document-not-compared orchqueue 8["]),
    ] {
        changed("`engine` (llamacpp|vllm|tgi|triton)", to, expected);
    }
}

#[test]
fn a_huge_document_takes_little_time_and_memory() {
    let many = [
        "- x_total\n  - type: y\n  - zz\n",
        "- pool_x: open\n",
        "- queue depth\n  - unit: 1\n",
        "`",
        "- ",
        "  - unit: 1\n",
        "- é\n",
    ];
    let text = many.map(|part| part.repeat(50_000)).join("\n## Label values\n\n");
    let report = report(&text);
    assert!(report.examined >= 50_000 && report.findings.len() < 1_000);
    assert!(report.count_of(Severity::Error) >= 100_000 && report.count_of(Severity::Warning) >= 100_000);
    let labels = format!("- queue_depth\n  - labels: {}\n", "a (b|`c), ".repeat(50_000));
    assert!(!findings(&labels).is_empty());
}
