//! Which rules and panels break, and why.

use std::time::{Duration, Instant};

use super::{both_named, closed, contract, label};
use crate::contract::owned::OwnedContract;
use crate::report::Report;
use crate::report::finding::{Finding, Severity};
use crate::tools::diff::{compare, consumers};
use crate::tools::rules::{RulesOptions, Source};

/// One alert after the other, `A0`, `A1` and so on.
fn alerts(exprs: &[&str]) -> String {
    let rules = exprs.iter().enumerate().map(|(at, expr)| format!("      - alert: A{at}\n        expr: '{expr}'\n"));
    format!("groups:\n  - name: g\n    rules:\n{}", rules.collect::<String>())
}

/// The report on the files after an edit of the contract.
fn report(files: &[(&str, &str)], edit: impl Fn(&mut OwnedContract)) -> Report {
    let old = contract();
    let mut new = old.clone();
    edit(&mut new);
    let files: Vec<_> = files.iter().map(|(name, text)| Source::new(name, text)).collect();
    consumers(&old, &new, &files, &RulesOptions::default())
}

/// The alerts that are reported after an edit of the contract, each with the rule that reports it.
fn reported(exprs: &[&str], edit: impl Fn(&mut OwnedContract)) -> Vec<(String, String)> {
    let report = report(&[("a.yml", &alerts(exprs))], edit);
    assert_eq!(report.examined, exprs.len());
    let name = |message: &str| message.split('`').nth(1).unwrap_or_default().to_owned();
    let rule = |rule: &str| rule.trim_start_matches("diff-consumer-").to_owned();
    report.findings.iter().map(|finding| (name(&finding.message), rule(&finding.rule))).collect()
}

fn is(reported: Vec<(String, String)>, expected: &[(&str, &str)]) {
    let reported: Vec<_> = reported.iter().map(|(name, rule)| (name.as_str(), rule.as_str())).collect();
    assert_eq!(reported, expected);
}

#[test]
fn a_query_of_a_removed_metric_breaks() {
    let exprs = ["queue_depth > 1", "rate(latency_first_ms_count[5m]) > 1", "absent(queue_depth)"];
    is(reported(&exprs, |new| drop(new.metrics.remove(0))), &[("A0", "breaks"), ("A2", "breaks")]);
    is(reported(&exprs, |new| drop(new.metrics.pop())), &[("A1", "breaks")]);
    is(reported(&exprs, |_| ()), &[]);
}

#[test]
fn every_broken_consumer_is_named() {
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
    let removed = report(&[("a.yml", &text)], |new| new.metrics[0].name = "queue_length".to_owned());
    let finding = &removed.findings[0];
    let message = "alert `A0` in group `g` reads `queue_depth`: removed: gauge by engine, pool_id, trtllm_version";
    assert_eq!(finding.message, message);
    assert!(finding.help.contains("perhaps renamed: `queue_length`"), "{}", finding.help);
    let place = finding.location.as_ref().expect("it is in a file");
    assert_eq!((place.source.as_str(), place.line, &place.text[place.span.clone()]), ("a.yml", 5, "queue_depth"));
    let relabelled = report(&[("a.yml", &text)], |new| new.metrics[0].labels[1].name = "pool".to_owned());
    let finding = &relabelled.findings[0];
    assert!(finding.message.ends_with(" (label `pool_id` removed: any of up to 64)"), "{}", finding.message);
    assert_eq!(finding.location.as_ref().map(|place| &place.text[place.span.clone()]), Some("pool_id"));
    assert_eq!(relabelled.findings.len(), 1);
}

#[test]
fn recording_the_old_name_keeps_its_readers_whole() {
    let old = contract();
    let mut new = old.clone();
    new.metrics[0].name = "queue_length".to_owned();
    new.metrics[1].name = "time_to_first_ms".to_owned();
    let both = both_named(&old, &new);
    let rules = compare(&both, &new).compatibility_rules().expect("two old names are dropped");
    let text = alerts(&[
        "queue_depth{engine=\"vllm\"} > 1",
        "histogram_quantile(0.9, sum by (le) (rate(latency_first_ms_bucket[5m]))) > 500",
        "queue_length > 1",
    ]);
    let between = |old: &OwnedContract, new: &OwnedContract, files: &[(&str, &str)]| {
        let files: Vec<_> = files.iter().map(|(name, text)| Source::new(name, text)).collect();
        consumers(old, new, &files, &RulesOptions::default())
    };
    let found = |report: &Report| -> Vec<(String, usize)> {
        let place = |finding: &Finding| finding.location.as_ref().map_or(0, |place| place.line);
        report.findings.iter().map(|finding| (finding.rule.to_string(), place(finding))).collect()
    };
    let (file, lines) = (("a.yml", text.as_str()), [5, 7]);
    // While both are served, the readers of the old names work, and are named.
    let renamed = between(&old, &both, &[file]);
    assert_eq!(found(&renamed), lines.map(|line| ("rules-renamed-metric".to_owned(), line)));
    assert_eq!(renamed.worst(), Some(Severity::Warning));
    for version in ["1.3.0", "2.0.0"] {
        new.version = version.to_owned();
        let dropped = between(&both, &new, &[file]);
        assert_eq!(found(&dropped), lines.map(|line| ("diff-consumer-breaks".to_owned(), line)), "{version}");
        assert!(
            dropped.findings[0].message.starts_with("alert `A0` in group `g` reads `queue_depth`: old name dropped ")
        );
        let kept = between(&both, &new, &[file, ("renames.yml", &rules)]);
        assert_eq!(kept.findings, []);
        assert!(kept.examined > 3);
    }
}

#[test]
fn a_removed_label_breaks_queries_that_name_it_and_affects_those_that_return_it() {
    let exprs = [
        "sum by (pool_id) (queue_depth) > 1",
        "sum by (engine) (queue_depth) > 1",
        "queue_depth > 1",
        "queue_depth{pool_id=\"a\"} > 1",
    ];
    let without = |new: &mut OwnedContract| drop(new.metrics[0].labels.remove(1));
    is(reported(&exprs, without), &[("A0", "breaks"), ("A2", "affected"), ("A3", "breaks")]);
    let with = |new: &mut OwnedContract| new.metrics[0].labels.push(label("zone", closed(&["a"])));
    is(reported(&exprs, with), &[("A2", "affected"), ("A3", "affected")]);
}

#[test]
fn values_break_queries_that_name_them() {
    let exprs =
        ["sum(queue_depth{engine=\"llamacpp\"}) > 1", "sum(queue_depth{engine=\"vllm\"}) > 1", "sum(queue_depth) > 1"];
    let edit = |new: &mut OwnedContract| new.metrics[0].labels[0].values = closed(&["vllm", "triton"]);
    is(reported(&exprs, edit), &[("A0", "breaks"), ("A1", "affected")]);
}

#[test]
fn what_no_query_shows_affects_every_reader() {
    let exprs = ["sum(queue_depth) > 1", "sum(rate(latency_first_ms_count[5m])) > 1"];
    is(reported(&exprs, |new| new.metrics[0].series_limit = 5), &[("A0", "affected")]);
    is(reported(&exprs, |new| new.metrics[0].series_limit = 50_000), &[]);
    is(reported(&exprs, |new| new.metrics[1].buckets = vec![5.0]), &[("A1", "affected")]);
    is(reported(&exprs, |new| new.metrics[0].help.push('!')), &[]);
}

#[test]
fn the_name_of_the_contract_is_a_label_too() {
    let exprs =
        ["count(orchq_metrics_contract_info{contract=\"queue\"}) > 1", "count(orchq_metrics_contract_info) > 1"];
    is(reported(&exprs, |new| new.name = "orchqueue".to_owned()), &[("A0", "breaks")]);
    let exprs = [
        "count(orchq_metrics_contract_info{version=\"1.2.3\"})",
        "count(orchq_metrics_contract_info{version=~\"1.2.3|2.0.0\"})",
        "count(orchq_metrics_contract_info{version!=\"1.2.3\"})",
    ];
    is(reported(&exprs, |new| new.version = "2.0.0".to_owned()), &[("A0", "breaks")]);
    let fingerprint = format!("count(orchq_metrics_contract_info{{fingerprint=\"{}\"}})", contract().fingerprint());
    is(reported(&[&fingerprint], |new| new.metrics[0].unit = "{task}".to_owned()), &[("A0", "breaks")]);
    is(reported(&[&fingerprint], |new| new.metrics[0].help.push('!')), &[]);
}

#[test]
fn the_name_of_a_metric_and_of_a_label_is_a_value_too() {
    let exprs = [
        "increase(orchq_metrics_overflow_total{metric=\"queue_depth\",label=\"pool_id\"}[1h]) > 0",
        "increase(orchq_metrics_overflow_total{label=\"pool_id\"}[1h]) > 0",
        "increase(orchq_metrics_violations_total{metric=\"latency_first_ms\"}[1h]) > 0",
    ];
    is(reported(&exprs, |new| drop(new.metrics.remove(0))), &[("A0", "breaks")]);
    is(reported(&exprs, |new| drop(new.metrics[0].labels.remove(1))), &[("A0", "breaks")]);
    is(reported(&exprs, |new| new.metrics[1].name = "latency_firsts_ms".to_owned()), &[("A2", "breaks")]);
}

#[test]
fn a_query_of_a_broken_recording_rule_breaks() {
    let records = "groups:\n  - name: r\n    rules:\n      - {record: 'q:sum', expr: sum(queue_depth)}\n      \
                   - {record: 'q:twice', expr: 'q:sum * 2'}\n      - {record: 'q:other', expr: 'count(up)'}\n";
    let text = alerts(&["q:sum > 4", "q:twice > 4", "q:other > 4"]);
    let files = [("a.yml", text.as_str()), ("r.yml", records)];
    let named = |report: Report| -> Vec<(String, String)> {
        let name = |message: &str| message.split('`').nth(1).unwrap_or_default().to_owned();
        report.findings.iter().map(|finding| (name(&finding.message), finding.rule.to_string())).collect()
    };
    let expected =
        |rule: &str| ["A0", "A1", "q:sum", "q:twice"].map(|name| (name.to_owned(), rule.to_owned())).to_vec();
    let gone = report(&files, |new| drop(new.metrics.remove(0)));
    let message = "alert `A1` in group `g` reads `q:twice`, whose recording rule reads `queue_depth`: removed: gauge by \
                   engine, pool_id, trtllm_version";
    assert_eq!(gone.findings[1].message, message);
    assert_eq!(named(gone), expected("diff-consumer-breaks"));
    let limited = report(&files, |new| new.metrics[0].series_limit = 5);
    assert!(limited.findings[0].message.contains("reads `q:sum`, which is made of `queue_depth`: "));
    assert_eq!(named(limited), expected("diff-consumer-affected"));
    assert_eq!(report(&files, |new| new.metrics[1].series_limit = 5).findings, []);
    // Rules that record each other in a circle have an end.
    let circle = "groups:\n  - name: r\n    rules:\n      - {record: 'a:b', expr: 'b:a + sum(queue_depth)'}\n      \
                  - {record: 'b:a', expr: 'a:b'}\n";
    assert_eq!(report(&[("r.yml", circle)], |new| drop(new.metrics.remove(0))).findings.len(), 2);
}

#[test]
fn a_label_more_or_less_affects_queries_that_count_compare_or_match_series() {
    let exprs = [
        "sum(queue_depth / on (engine, pool_id) queue_depth) > 3",
        "avg by (engine) (queue_depth) > 1",
        "count(queue_depth) > 1",
        "max(queue_depth) > 1",
        "quantile(0.5, queue_depth) > 1",
        "sum(queue_depth > 5) > 1",
        "{__name__=~\"queue_.*\"} > 2",
        "sum by (engine) (queue_depth) * 2 > sum by (engine) (queue_depth)",
    ];
    let names = ["A0", "A1", "A2", "A3", "A4", "A5", "A6"].map(|name| (name, "affected"));
    is(reported(&exprs, |new| new.metrics[0].labels.push(label("zone", closed(&["a"])))), &names);
    // The first names the label, and breaks.
    let removed = reported(&exprs, |new| drop(new.metrics[0].labels.remove(1)));
    assert_eq!(removed.first().map(|(_, rule)| rule.as_str()), Some("breaks"));
    is(removed.into_iter().filter(|(name, _)| name != "A0").collect(), &names[1..]);
}

#[test]
fn a_known_cause_is_reported_and_nothing_else_is_suggested() {
    let text = alerts(&["sum(rate(latency_first_ms_count[5m])) > 1", "sum(rate(latency_first_ms_bucket[5m])) > 1"]);
    let gauge = report(&[("a.yml", &text)], |new| {
        new.metrics[1].kind = crate::declare::desc::MetricKind::Gauge;
        new.metrics[1].buckets.clear();
    });
    assert_eq!(gauge.findings.len(), 2);
    for finding in &gauge.findings {
        assert!(finding.message.ends_with(": kind changed: histogram -> gauge"), "{}", finding.message);
        assert!(finding.help.starts_with("declare a new metric"), "{}", finding.help);
    }
    let text = alerts(&["sum by (pool_id) (queue_depth) > 1"]);
    let renamed = report(&[("a.yml", &text)], |new| {
        new.metrics[0].labels[1].name = "pool".to_owned();
        new.metrics[0].labels.push(label("pools_id", closed(&["a"])));
    });
    let finding = &renamed.findings[0];
    assert!(!finding.message.contains("did you mean"), "{}", finding.message);
    assert!(finding.message.ends_with(" (label `pool_id` removed: any of up to 64)"), "{}", finding.message);
    assert!(finding.help.starts_with("keep the label"), "{}", finding.help);
}

#[test]
fn what_was_wrong_before_is_not_reported_and_what_cannot_be_read_is() {
    let exprs = ["sum by (nothing) (queue_depth) > 1", "queue_depth{engine=\"nobody\"} > 1"];
    is(reported(&exprs, |new| new.metrics[1].series_limit = 1), &[]);
    let text = alerts(&["sum(queue_depth"]);
    let unread = report(&[("a.yml", &text), ("b.yml", "{")], |_| ());
    let rules: Vec<_> = unread.findings.iter().map(|finding| &*finding.rule).collect();
    assert_eq!(rules, ["promql-syntax", "rules-unreadable"]);
}

/// Each rule reads its neighbours, so that what the first reads reaches the others one after the other.
#[test]
fn a_long_circle_of_rules_is_analyzed_in_one_pass() {
    const RULES: usize = 5_000;
    let neighbours = |at: usize| match at {
        0 => "sum(queue_depth) + job:r0001:sum".to_owned(),
        _ => format!("job:r{:04}:sum + job:r{:04}:sum", at - 1, (at + 1) % RULES),
    };
    let rules = (0..RULES).map(|at| format!("      - record: job:r{at:04}:sum\n        expr: '{}'\n", neighbours(at)));
    let alert = format!("      - alert: A\n        expr: 'job:r{:04}:sum > 1'\n", RULES / 2);
    let text = format!("groups:\n  - name: g\n    rules:\n{}{alert}", rules.collect::<String>());
    let count = |edit: fn(&mut OwnedContract)| {
        let report = report(&[("a.yml", &text)], edit);
        assert_eq!(report.examined, RULES + 1);
        report.findings.len() + report.omitted.iter().map(|omitted| omitted.count).sum::<usize>()
    };
    let started = Instant::now();
    assert_eq!(count(|contract| drop(contract.metrics.remove(0))), RULES + 1);
    assert_eq!(count(|contract| contract.metrics[0].unit = "bytes".to_owned()), RULES + 1);
    assert_eq!(count(|contract| contract.metrics[0].help = "Other.".to_owned()), 0);
    // With a round for each rule it takes minutes.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}
