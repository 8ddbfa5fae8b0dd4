//! Every row of the table, and no change without a row.

use std::collections::BTreeSet;

use super::renames::old_name;
use super::{closed, contract, edited, label, metric, only_with, rules};
use crate::contract::owned::OwnedContract;
use crate::contract::owned::OwnedValues;
use crate::declare::desc::MetricKind;
use crate::declare::lifecycle::Deprecation;
use crate::tools::diff::catalog::row::Row;
use crate::tools::diff::catalog::table;
use crate::tools::diff::{ChangeKind, VersionBump};

type Edit = fn(&mut OwnedContract);

/// An edit of the contract, and its one change.
const EDITS: [(&str, &str, Edit); 37] = [
    ("diff-contract-renamed", "renamed: queue -> orchqueue", |new| new.name = "orchqueue".to_owned()),
    ("diff-version-changed", "version changed: 1.2.3 -> 1.3.0", |new| new.version = "1.3.0".to_owned()),
    ("diff-doc-changed", "the contract's text changed", |new| new.doc.push_str(" More.")),
    ("diff-metric-removed", "removed: gauge by engine, pool_id, trtllm_version", |new| drop(new.metrics.remove(0))),
    ("diff-metric-renamed", "renamed, both names are served until 2.0.0: queue_depth -> queue_length", |new| {
        new.metrics[0].name = "queue_length".to_owned();
        new.metrics[0].renamed_from = Some(old_name("queue_depth", "2.0.0"));
    }),
    ("diff-old-name-kept", "old name served too: queue_size", |new| {
        new.metrics[0].renamed_from = Some(old_name("queue_size", "2.0.0"));
    }),
    ("diff-metric-added", "added: counter in tokens without labels", |new| {
        new.metrics.push(metric("tokens_total", MetricKind::Counter, "tokens", "Tokens.", Vec::new()));
    }),
    ("diff-metric-order-changed", "metrics in another order", |new| new.metrics.reverse()),
    ("diff-kind-changed", "kind changed: histogram -> gauge", |new| {
        new.metrics[1].kind = MetricKind::Gauge;
        new.metrics[1].buckets.clear();
    }),
    ("diff-unit-changed", "unit changed: 1 -> seconds", |new| new.metrics[0].unit = "seconds".to_owned()),
    ("diff-unit-annotated", "unit annotated: 1 -> {task}", |new| new.metrics[0].unit = "{task}".to_owned()),
    ("diff-range-narrowed", "range narrowed: any number -> at least 0", |new| {
        new.metrics[0].stated_range = Some((0.0, f64::INFINITY));
    }),
    ("diff-range-widened", "range widened: at least 0 -> at least -1", |new| {
        new.metrics[1].stated_range = Some((-1.0, f64::INFINITY));
    }),
    ("diff-bucket-removed", "buckets removed: 5, 500", |new| new.metrics[1].buckets = vec![50.0]),
    ("diff-bucket-added", "buckets added: 0.5, 75", |new| new.metrics[1].buckets = vec![0.5, 5.0, 50.0, 75.0, 500.0]),
    ("diff-series-limit-lowered", "series limit lowered: 10000 -> 9999", |new| new.metrics[0].series_limit = 9_999),
    ("diff-series-limit-raised", "series limit raised: 10000 -> 10001", |new| new.metrics[0].series_limit = 10_001),
    ("diff-help-changed", r#"help changed: "Current queue length." -> "Queue.""#, |new| {
        new.metrics[0].help = "Queue.".to_owned();
    }),
    ("diff-section-changed", r#"section changed: "Metrics" -> "Gauges""#, |new| {
        new.metrics[0].section = "Gauges".to_owned();
    }),
    ("diff-requirement-changed", "requirement changed: none -> ORCH-1", |new| {
        new.metrics[0].requirement = Some("ORCH-1".to_owned());
    }),
    ("diff-deprecation-changed", "deprecation changed: none -> since 1.2.0, use queue_length", |new| {
        new.metrics[0].deprecated = Some(Deprecation::new("1.2.0".to_owned(), "use queue_length".to_owned()));
    }),
    ("diff-label-removed", "label `pool_id` removed: any of up to 64", |new| drop(new.metrics[0].labels.remove(1))),
    ("diff-label-added", "label `zone` added: a|b", |new| {
        new.metrics[0].labels.insert(0, label("zone", closed(&["a", "b"])));
    }),
    ("diff-conditional-label-added", "label `model_id` added: conditional, any of up to 9", |new| {
        let mut model = label("model_id", OwnedValues::Open { budget: 9 });
        model.conditional = true;
        new.metrics[0].labels.push(model);
    }),
    (
        "diff-label-order-changed",
        "labels in another order: engine, pool_id, trtllm_version -> \
      pool_id, engine, trtllm_version",
        |new| new.metrics[0].labels.swap(0, 1),
    ),
    ("diff-label-made-conditional", "presence of `pool_id` changed: required -> conditional", |new| {
        new.metrics[0].labels[1].conditional = true;
    }),
    ("diff-label-made-required", "presence of `trtllm_version` changed: conditional -> required", |new| {
        new.metrics[0].labels[2].conditional = false;
        new.metrics[0].labels[2].conditions.clear();
    }),
    (
        "diff-condition-tightened",
        "tightened condition of `trtllm_version`: engine=triton -> engine=triton and \
      no pool_id",
        |new| {
            let absent = crate::contract::owned::OwnedCondition::NotWith { label: "pool_id".to_owned() };
            new.metrics[0].labels[2].conditions.push(absent);
        },
    ),
    ("diff-condition-loosened", "loosened condition of `trtllm_version`: engine=triton -> anywhere", |new| {
        new.metrics[0].labels[2].conditions.clear();
    }),
    (
        "diff-condition-respelled",
        "another spelling of the condition of `trtllm_version`: engine=triton -> \
      engine=triton and engine=triton|vllm",
        |new| {
            new.metrics[0].labels[2].conditions.push(only_with("engine", &["triton", "vllm"]));
        },
    ),
    ("diff-value-removed", "values removed from `engine`: llamacpp|vllm", |new| {
        new.metrics[0].labels[0].values = closed(&["triton"]);
    }),
    ("diff-value-added", "values added to `engine`: tgi|sglang", |new| {
        new.metrics[0].labels[0].values = closed(&["llamacpp", "tgi", "vllm", "triton", "sglang"]);
    }),
    (
        "diff-value-order-changed",
        "another order of values in `engine`: llamacpp|vllm|triton -> \
      triton|vllm|llamacpp",
        |new| new.metrics[0].labels[0].values = closed(&["triton", "vllm", "llamacpp"]),
    ),
    ("diff-values-opened", "any value for `engine`: llamacpp|vllm|triton -> any of up to 3", |new| {
        new.metrics[0].labels[0].values = OwnedValues::Open { budget: 3 };
    }),
    ("diff-values-closed", "listed values alone for `pool_id`: any of up to 64 -> a|b", |new| {
        new.metrics[0].labels[1].values = closed(&["a", "b"]);
    }),
    ("diff-budget-lowered", "lowered budget of `pool_id`: 64 -> 63", |new| {
        new.metrics[0].labels[1].values = OwnedValues::Open { budget: 63 };
    }),
    ("diff-budget-raised", "raised budget of `pool_id`: 64 -> 65", |new| {
        new.metrics[0].labels[1].values = OwnedValues::Open { budget: 65 };
    }),
];

#[test]
fn an_edit_is_one_change_of_its_row() {
    for (rule, text, edit) in EDITS {
        let diff = edited(edit);
        assert_eq!(rules(&diff), [rule], "{text}");
        assert_eq!(diff.changes[0].to_string(), text);
        let row = table().find(|row| row.rule.id == rule).expect("it is in the table");
        assert_eq!((diff.changes[0].kind, diff.gravest()), (row.kind, Some(row.kind)), "{rule}");
        let bump = match row.kind {
            _ if rule == "diff-version-changed" => VersionBump::None,
            ChangeKind::Breaking => VersionBump::Major,
            ChangeKind::Compatible => VersionBump::Minor,
            ChangeKind::Documentation => VersionBump::Patch,
        };
        assert_eq!(diff.bump, bump, "{rule}");
        let finding = diff.report().findings.into_iter().find(|finding| finding.rule == rule).expect("it is reported");
        assert_eq!((finding.severity, finding.message.as_str()), (row.kind.severity(), text));
        let subject = diff.changes[0].metric.as_deref().unwrap_or("queue");
        assert_eq!(finding.subject, subject, "{rule}");
    }
}

#[test]
fn a_range_that_moved_lost_values_and_gained_some() {
    let moved = |new: &mut OwnedContract| new.metrics[1].stated_range = Some((-1.0, 1.0));
    assert_eq!(rules(&edited(moved)), ["diff-range-narrowed", "diff-range-widened"]);
    // The range of the unit, spelled out.
    assert_eq!(rules(&edited(|new| new.metrics[1].stated_range = Some((0.0, f64::INFINITY)))), [""; 0]);
}

#[test]
fn every_row_has_an_edit() {
    let edited = EDITS.iter().map(|(rule, ..)| *rule);
    let edited: BTreeSet<_> = edited.chain(["diff-old-name-dropped", "diff-old-name-dropped-early"]).collect();
    let rows: BTreeSet<_> = table().map(|row| row.rule.id).collect();
    assert_eq!(edited, rows);
}

#[test]
fn a_row_is_as_severe_as_its_kind_and_every_rule_is_listed() {
    for row in table() {
        assert_eq!(row.rule.severity, row.kind.severity(), "{}", row.rule.id);
        assert!(
            crate::report::finding::Rule::all().any(|(command, rule)| (command, rule) == ("diff", &row.rule)),
            "{}",
            row.rule.id
        );
    }
}

#[test]
fn nothing_changed_says_nothing_and_has_looked() {
    let diff = edited(|_| ());
    let report = diff.report();
    assert_eq!((diff.changes.len(), diff.bump, report.findings.len(), report.examined), (0, VersionBump::None, 0, 2));
    assert_eq!(diff.to_string(), "queue 1.2.3 -> 1.2.3: nothing changed\n");
}

#[test]
fn the_document_has_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tools/diff/table.md");
    let row =
        |row: &Row| format!("| `{}` | {} | {} |\n", row.rule.id, row.kind, row.rule.description.replace('|', "\\|"));
    let rows: String = table().map(row).collect();
    let rendered = format!("| change | kind | why |\n| --- | --- | --- |\n{rows}");
    snapbox::assert_data_eq!(rendered, snapbox::Data::read_from(path.as_ref(), None).raw());
}

#[test]
fn what_came_and_went_is_reported_in_the_old_order() {
    let diff = edited(|new| {
        new.metrics[0].help.push('!');
        new.metrics[1].series_limit = 1;
        new.metrics.insert(0, metric("retries_total", MetricKind::Counter, "1", "Retries.", Vec::new()));
    });
    let reported: Vec<_> =
        diff.changes.iter().map(|change| (&*change.rule, change.metric.as_deref().unwrap())).collect();
    let expected = [
        ("diff-help-changed", "queue_depth"),
        ("diff-series-limit-lowered", "latency_first_ms"),
        ("diff-metric-added", "retries_total"),
    ];
    assert_eq!(reported, expected);
    assert_eq!(diff.compared, 3);
    let shown = "queue 1.2.3 -> 1.2.3: 1 breaking, 1 compatible, 1 documentation; demands 2.0.0 (major)\n\n\
                 breaking\n  latency_first_ms: series limit lowered: 10000 -> 1\n\n\
                 compatible\n  retries_total: added: counter without labels\n\n\
                 documentation\n  queue_depth: help changed: \"Current queue length.\" -> \"Current queue length.!\"\n";
    assert_eq!(diff.to_string(), shown);
}

#[test]
fn malformed_contracts_are_compared_all_the_same() {
    let twice = |new: &mut OwnedContract| {
        new.metrics.extend(contract().metrics);
        new.metrics[0].labels.extend(contract().metrics[0].labels.clone());
        new.metrics[1].buckets = vec![f64::NAN, f64::INFINITY, -0.0];
    };
    assert!(edited(twice).changes.len() > 2);
    let mut odd = contract();
    twice(&mut odd);
    assert_eq!(crate::tools::diff::compare(&odd, &odd).changes, []);
}
