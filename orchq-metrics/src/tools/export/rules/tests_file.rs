//! The unit tests of the rules, for `promtool test rules`: every alert fires when it should and not
//! before, and the recorded series have the values that can be worked out by hand.

use serde_json::{Map, Value, json};

use super::alerts::{Alert, BRACES, name};
use super::recording::{Record, example};
use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::declare::desc::MetricKind;
use crate::declare::label::{Quotes, escape};
use crate::expose::own::{INFO, OVERFLOWS, VIOLATIONS};
use crate::tools::tree::json::{number, without_nulls};

pub(super) fn file(contract: &OwnedContract, rules: &str, alerts: &[Alert], records: &[Record]) -> Value {
    let tests = [
        all_is_well(contract, alerts),
        nothing_is_scraped(contract, alerts),
        metrics_are_absent(contract, alerts),
        skew(contract, alerts),
        lost(contract, alerts),
        recorded(contract, records),
    ];
    json!({ "rule_files": [rules], "evaluation_interval": "1m", "tests": tests })
}

fn test(name: &str, series: Vec<Value>, alerts: Vec<Value>, queries: Vec<Value>) -> Value {
    let some = |list: Vec<Value>| (!list.is_empty()).then_some(list);
    without_nulls(json!({
        "name": name,
        "interval": "1m",
        "input_series": some(series),
        "alert_rule_test": some(alerts),
        "promql_expr_test": some(queries),
    }))
}

fn series(series: impl Into<String>, values: &str) -> Value {
    json!({ "series": series.into(), "values": values })
}

/// The info metric of one process, with a fingerprint.
fn info(contract: &OwnedContract, fingerprint: &str, values: &str) -> Value {
    let OwnedContract { name, version, .. } = contract;
    let version = quoted(version);
    let labels = format!("contract=\"{name}\",version={version},fingerprint=\"{fingerprint}\"");
    series(format!("{INFO}{{{labels},instance=\"{fingerprint}\"}}"), values)
}

/// An alert that is firing with these labels besides its own, and with this value of its templates.
fn firing(alert: &Alert, more: &[(&str, &str)]) -> Value {
    let own = alert.labels.iter().map(|(name, value)| (*name, value.as_str()));
    let labels = own.chain(more.iter().copied().filter(|(name, _)| *name != "$value"));
    let filled = |text: &str| {
        more.iter().fold(text.replace(BRACES, "{{"), |text, (name, value)| {
            let variable = if *name == "$value" { "$value".to_owned() } else { format!("$labels.{name}") };
            text.replace(&format!("{{{{ {variable} }}}}"), value)
        })
    };
    json!({
        "exp_labels": labels.map(|(name, value)| (name.to_owned(), value.into())).collect::<Map<_, _>>(),
        "exp_annotations": { "summary": filled(&alert.summary), "description": filled(&alert.description) },
    })
}

/// Expects the alerts of one name at a time: exactly those that are firing.
fn expect(alert: &Alert, at: &str, firing: Vec<Value>) -> Value {
    json!({ "eval_time": at, "alertname": alert.name, "exp_alerts": firing })
}

/// Alerts by the last words of their name.
fn named<'a>(contract: &OwnedContract, alerts: &'a [Alert], what: &str) -> impl Iterator<Item = &'a Alert> {
    let name = name(contract, what);
    alerts.iter().filter(move |alert| alert.name == name)
}

fn all_is_well(contract: &OwnedContract, alerts: &[Alert]) -> Value {
    let mut input = vec![info(contract, "a", "1x120")];
    input.extend(contract.metrics.iter().map(|metric| series(metric.main_series(), "0x120")));
    let mut names: Vec<&Alert> = Vec::new();
    for alert in alerts {
        if names.iter().all(|known| known.name != alert.name) {
            names.push(alert);
        }
    }
    let quiet = names.into_iter().map(|alert| expect(alert, "2h", Vec::new())).collect();
    test("nothing fires where everything is served", input, quiet, Vec::new())
}

fn nothing_is_scraped(contract: &OwnedContract, alerts: &[Alert]) -> Value {
    let mut expected = Vec::new();
    for alert in named(contract, alerts, "ContractAbsent") {
        // `absent` returns the labels of its selector, which the alert has too.
        expected.push(expect(alert, "14m", Vec::new()));
        expected.push(expect(alert, "15m", vec![firing(alert, &[])]));
    }
    expected.extend(named(contract, alerts, "MetricAbsent").take(1).map(|alert| expect(alert, "1h", Vec::new())));
    test("one alert fires where nothing is scraped", Vec::new(), expected, Vec::new())
}

fn metrics_are_absent(contract: &OwnedContract, alerts: &[Alert]) -> Value {
    // All of them have one name.
    let absent: Vec<_> = named(contract, alerts, "MetricAbsent").collect();
    let mut expected = Vec::new();
    if let Some(first) = absent.first() {
        expected.push(expect(first, "14m", Vec::new()));
        expected.push(expect(first, "15m", absent.iter().map(|alert| firing(alert, &[])).collect()));
    }
    let input = vec![info(contract, "a", "1x120")];
    test("each metric that is not served has its alert", input, expected, Vec::new())
}

fn skew(contract: &OwnedContract, alerts: &[Alert]) -> Value {
    let mut expected = Vec::new();
    for alert in named(contract, alerts, "ContractSkew") {
        expected.push(expect(alert, "69m", Vec::new()));
        expected.push(expect(alert, "70m", vec![firing(alert, &[("$value", "2")])]));
        expected.push(expect(alert, "90m", Vec::new()));
    }
    let input = vec![info(contract, "a", "1x150"), info(contract, "b", "_x10 1x69 stale _x60")];
    test("a second fingerprint fires after an hour, and until it is gone", input, expected, Vec::new())
}

fn lost(contract: &OwnedContract, alerts: &[Alert]) -> Value {
    let Some(metric) = contract.metrics.first() else { return test("nothing", Vec::new(), Vec::new(), Vec::new()) };
    let own = format!("metric=\"{}\"", metric.name);
    let input = vec![
        // One count before anything was scraped twice, long quiet, and one more.
        series(format!("{VIOLATIONS}{{{own},kind=\"nan\"}}"), "_x10 1x49 2x60"),
        series(format!("{OVERFLOWS}{{{own},label=\"priority\"}}"), "_x10 1x49 2x60"),
        series(format!("{VIOLATIONS}{{metric=\"of_another\",kind=\"nan\"}}"), "_x10 1x110"),
    ];
    let mut expected = Vec::new();
    for (what, label, value) in [("ValueViolation", "kind", "nan"), ("LabelOverflow", "label", "priority")] {
        for alert in named(contract, alerts, what) {
            let lost = [("metric", metric.name.as_str()), (label, value)];
            for (at, is_firing) in [("8m", false), ("12m", true), ("40m", false), ("62m", true), ("100m", false)] {
                expected.push(expect(alert, at, is_firing.then(|| firing(alert, &lost)).into_iter().collect()));
            }
        }
    }
    test("the first value that is lost fires, and each after it", input, expected, Vec::new())
}

/// A value for every required label, and the labels that a result keeps.
fn labels_of(metric: &OwnedMetric) -> String {
    let pairs = metric.required_labels().map(|label| format!("{}={}", label.name, quoted(example(label))));
    pairs.collect::<Vec<_>>().join(",")
}

fn quoted(value: &str) -> String {
    let mut out = String::from('"');
    escape(value, Quotes::Escaped, &mut out);
    out + "\""
}

fn recorded(contract: &OwnedContract, records: &[Record]) -> Value {
    let mut input = Vec::new();
    for metric in &contract.metrics {
        let labels = labels_of(metric);
        match metric.kind {
            // One a second.
            MetricKind::Counter => input.push(series(format!("{}{{{labels}}}", metric.name), "0+60x30")),
            MetricKind::Histogram => input.extend(buckets(metric, &labels)),
            MetricKind::Gauge => {}
        }
    }
    let queries = records.iter().filter_map(|record| Some(value_is(record, record.in_test?))).collect();
    test("the recorded series have the values that they should", input, Vec::new(), queries)
}

/// One observation a second, in the first bucket.
fn buckets(metric: &OwnedMetric, labels: &str) -> Vec<Value> {
    let comma = if labels.is_empty() { "" } else { "," };
    let bounds = metric.buckets.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
    let bucket = |le: String| series(format!("{}_bucket{{{labels}{comma}le=\"{le}\"}}", metric.name), "0+60x30");
    bounds.map(bucket).collect()
}

/// That a recorded series has this value after half an hour, whatever its labels.
fn value_is(record: &Record, value: f64) -> Value {
    json!({
        "expr": format!("sum({})", record.name),
        "eval_time": "30m",
        "exp_samples": [{ "labels": "{}", "value": number(value) }],
    })
}
