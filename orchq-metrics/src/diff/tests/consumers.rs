//! Which rules and panels break, and why.

use super::{closed, contract, label};
use crate::diff::{compare, consumers};
use crate::rules::{Options, Source};
use crate::{OwnedContract, Report};

/// One alert after the other, `A0`, `A1` and so on.
fn alerts(exprs: &[&str]) -> String {
    let rules = exprs.iter().enumerate().map(|(at, expr)| format!("      - alert: A{at}\n        expr: '{expr}'\n"));
    format!("groups:\n  - name: g\n    rules:\n{}", rules.collect::<String>())
}

/// What is said of the files when the contract is edited.
fn report(files: &[(&str, &str)], edit: impl Fn(&mut OwnedContract)) -> Report {
    let old = contract();
    let mut new = old.clone();
    edit(&mut new);
    let files: Vec<_> = files.iter().map(|(name, text)| Source::new(name, text)).collect();
    consumers(&old, &new, &files, &Options::default())
}

/// Which alert is told of by which rule, where the contract is edited.
fn told(exprs: &[&str], edit: impl Fn(&mut OwnedContract)) -> Vec<(String, String)> {
    let report = report(&[("a.yml", &alerts(exprs))], edit);
    assert_eq!(report.examined, exprs.len());
    let name = |message: &str| message.split('`').nth(1).unwrap_or_default().to_owned();
    let rule = |rule: &str| rule.trim_start_matches("diff-consumer-").to_owned();
    report.findings.iter().map(|finding| (name(&finding.message), rule(finding.rule))).collect()
}

fn is(told: Vec<(String, String)>, expected: &[(&str, &str)]) {
    let told: Vec<_> = told.iter().map(|(name, rule)| (name.as_str(), rule.as_str())).collect();
    assert_eq!(told, expected);
}

#[test]
fn who_reads_a_metric_that_is_gone_breaks() {
    let exprs = ["queue_depth > 1", "rate(latency_first_ms_count[5m]) > 1", "absent(queue_depth)"];
    is(told(&exprs, |new| drop(new.metrics.remove(0))), &[("A0", "breaks"), ("A2", "breaks")]);
    is(told(&exprs, |new| drop(new.metrics.pop())), &[("A1", "breaks")]);
    is(told(&exprs, |_| ()), &[]);
}

#[test]
fn everybody_who_breaks_is_named() {
    let exprs: Vec<_> = (0..30).map(|bound| format!("queue_depth > {bound}")).collect();
    let text = alerts(&exprs.iter().map(String::as_str).collect::<Vec<_>>());
    let consumers = report(&[("a.yml", &text)], |new| drop(new.metrics.remove(0)));
    assert_eq!((consumers.findings.len(), consumers.omitted.len()), (30, 0));
    let diff = super::edited(|new| drop(new.metrics.remove(0)));
    let whole = diff.report_with(consumers);
    assert_eq!((whole.findings.len(), whole.examined), (diff.report().findings.len() + 30, 2));
}

#[test]
fn a_finding_says_where_and_why_and_what_to_do() {
    let text = alerts(&["sum by (pool_id) (queue_depth) > 1"]);
    let renamed = report(&[("a.yml", &text)], |new| new.metrics[0].name = "queue_length".to_owned());
    let finding = &renamed.findings[0];
    assert_eq!(finding.message, "alert `A0` in group `g` reads `queue_depth`: renamed: queue_depth -> queue_length");
    assert!(finding.help.contains("compatibility recording rules"), "{}", finding.help);
    let place = finding.location.as_ref().expect("it is in a file");
    assert_eq!((place.source.as_str(), place.line, &place.text[place.span.clone()]), ("a.yml", 5, "queue_depth"));
    let relabelled = report(&[("a.yml", &text)], |new| new.metrics[0].labels[1].name = "pool".to_owned());
    let finding = &relabelled.findings[0];
    assert!(finding.message.ends_with(" (label renamed: pool_id -> pool)"), "{}", finding.message);
    assert_eq!(finding.location.as_ref().map(|place| &place.text[place.span.clone()]), Some("pool_id"));
    assert_eq!(relabelled.findings.len(), 1);
}

#[test]
fn recording_the_old_name_keeps_its_readers_whole() {
    let renames = |new: &mut OwnedContract| {
        new.metrics[0].name = "queue_length".to_owned();
        new.metrics[1].name = "time_to_first_ms".to_owned();
    };
    let old = contract();
    let mut new = old.clone();
    renames(&mut new);
    let rules = compare(&old, &new).compatibility_rules().expect("two were renamed");
    let text = alerts(&[
        "queue_depth{engine=\"vllm\"} > 1",
        "histogram_quantile(0.9, sum by (le) (rate(latency_first_ms_bucket[5m]))) > 500",
    ]);
    assert_eq!(report(&[("a.yml", &text)], renames).findings.len(), 2);
    let kept = report(&[("a.yml", &text), ("renames.yml", &rules)], renames);
    assert_eq!(kept.findings, []);
    assert!(kept.examined > 2);
}

#[test]
fn a_label_that_is_gone_breaks_who_names_it_and_affects_who_returns_it() {
    let exprs = [
        "sum by (pool_id) (queue_depth) > 1",
        "sum by (engine) (queue_depth) > 1",
        "queue_depth > 1",
        "queue_depth{pool_id=\"a\"} > 1",
    ];
    let without = |new: &mut OwnedContract| drop(new.metrics[0].labels.remove(1));
    is(told(&exprs, without), &[("A0", "breaks"), ("A2", "affected"), ("A3", "breaks")]);
    let with = |new: &mut OwnedContract| new.metrics[0].labels.push(label("zone", closed(&["a"])));
    is(told(&exprs, with), &[("A2", "affected"), ("A3", "affected")]);
}

#[test]
fn values_break_who_names_them() {
    let exprs =
        ["sum(queue_depth{engine=\"llamacpp\"}) > 1", "sum(queue_depth{engine=\"vllm\"}) > 1", "sum(queue_depth) > 1"];
    let edit = |new: &mut OwnedContract| new.metrics[0].labels[0].values = closed(&["vllm", "triton"]);
    is(told(&exprs, edit), &[("A0", "breaks"), ("A1", "affected")]);
}

#[test]
fn what_no_query_shows_affects_every_reader() {
    let exprs = ["sum(queue_depth) > 1", "sum(rate(latency_first_ms_count[5m])) > 1"];
    is(told(&exprs, |new| new.metrics[0].series_limit = 5), &[("A0", "affected")]);
    is(told(&exprs, |new| new.metrics[0].series_limit = 50_000), &[]);
    is(told(&exprs, |new| new.metrics[1].buckets = vec![5.0]), &[("A1", "affected")]);
    is(told(&exprs, |new| new.metrics[0].help.push('!')), &[]);
}

#[test]
fn the_name_of_the_contract_is_a_label_too() {
    let exprs =
        ["count(orchq_metrics_contract_info{contract=\"queue\"}) > 1", "count(orchq_metrics_contract_info) > 1"];
    is(told(&exprs, |new| new.name = "orchqueue".to_owned()), &[("A0", "affected")]);
}

#[test]
fn what_was_wrong_before_is_not_told_and_what_cannot_be_read_is() {
    let exprs = ["sum by (nothing) (queue_depth) > 1", "queue_depth{engine=\"nobody\"} > 1"];
    is(told(&exprs, |new| new.metrics[1].series_limit = 1), &[]);
    let text = alerts(&["sum(queue_depth"]);
    let unread = report(&[("a.yml", &text), ("b.yml", "{")], |_| ());
    let rules: Vec<_> = unread.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["promql-syntax", "rules-unreadable"]);
}
