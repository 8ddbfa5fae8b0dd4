//! The unit tests of the rules, for `promtool test rules`: every alert fires when it should and not
//! before, and the recorded series have the values that can be worked out by hand.

use super::alerts::{Alert, BRACES, name};
use super::recording::{Record, example};
use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::declare::desc::MetricKind;
use crate::expose::families::{INFO, OVERFLOWS, VIOLATIONS};
use crate::tools::export::queries::present;
use crate::tools::tree::Node;

pub(super) fn file(contract: &OwnedContract, rules: &str, alerts: &[Alert], records: &[Record]) -> Node {
    let tests = [
        all_is_well(contract, alerts),
        nothing_is_scraped(contract, alerts),
        metrics_are_absent(contract, alerts),
        skew(contract, alerts),
        lost(contract, alerts),
        recorded(contract, records),
    ];
    Node::map([
        ("rule_files", Some(Node::list([rules]))),
        ("evaluation_interval", Some("1m".into())),
        ("tests", Some(Node::List(tests.into_iter().collect()))),
    ])
}

fn test(name: &str, series: Vec<Node>, alerts: Vec<Node>, queries: Vec<Node>) -> Node {
    let some = |list: Vec<Node>| (!list.is_empty()).then_some(Node::List(list));
    Node::map([
        ("name", Some(name.into())),
        ("interval", Some("1m".into())),
        ("input_series", some(series)),
        ("alert_rule_test", some(alerts)),
        ("promql_expr_test", some(queries)),
    ])
}

fn series(series: impl Into<Node>, values: &str) -> Node {
    Node::map([("series", Some(series.into())), ("values", Some(values.into()))])
}

/// The info metric of one process, with a fingerprint.
fn info(contract: &OwnedContract, fingerprint: &str, values: &str) -> Node {
    let OwnedContract { name, version, .. } = contract;
    let version = quoted(version);
    let labels = format!("contract=\"{name}\",version={version},fingerprint=\"{fingerprint}\"");
    series(format!("{INFO}{{{labels},instance=\"{fingerprint}\"}}"), values)
}

/// That an alert is firing at a time, by so many labels more and with this value of a template, or is not.
fn expect(alert: &Alert, at: &str, firing: &[&[(&'static str, &str)]]) -> Node {
    let expected = firing.iter().map(|more| {
        let own = alert.labels.iter().map(|(name, value)| (*name, value.as_str()));
        let labels = own.chain(more.iter().copied().filter(|(name, _)| *name != "$value"));
        let filled = |text: &str| {
            more.iter().fold(text.replace(BRACES, "{{"), |text, (name, value)| {
                let place = if *name == "$value" { "$value".to_owned() } else { format!("$labels.{name}") };
                text.replace(&format!("{{{{ {place} }}}}"), value)
            })
        };
        let annotations = [("summary", filled(&alert.summary)), ("description", filled(&alert.description))];
        Node::map([
            ("exp_labels", Some(Node::map(labels.map(|(name, value)| (name, Some(value.into())))))),
            ("exp_annotations", Some(Node::map(annotations.map(|(name, text)| (name, Some(text.into())))))),
        ])
    });
    Node::map([
        ("eval_time", Some(at.into())),
        ("alertname", Some((&alert.name).into())),
        ("exp_alerts", Some(Node::List(expected.collect()))),
    ])
}

/// Alerts by the last words of their name.
fn named<'a>(contract: &OwnedContract, alerts: &'a [Alert], what: &str) -> impl Iterator<Item = &'a Alert> {
    let name = name(contract, what);
    alerts.iter().filter(move |alert| alert.name == name)
}

/// That several alerts of one name are firing at a time: each expects only itself, and the file lists them together.
fn expect_all<'a>(alerts: impl Iterator<Item = &'a Alert>, at: &str) -> Option<Node> {
    let mut together: Option<(Node, Vec<Node>)> = None;
    for alert in alerts {
        let Node::Map(fields) = expect(alert, at, &[&[]]) else { continue };
        for (key, value) in fields {
            match (key, value, &mut together) {
                ("exp_alerts", Node::List(more), Some((_, all))) => all.extend(more),
                ("alertname", name, none @ None) => *none = Some((name, Vec::new())),
                _ => {}
            }
        }
    }
    together.map(|(name, all)| {
        Node::map([("eval_time", Some(at.into())), ("alertname", Some(name)), ("exp_alerts", Some(Node::List(all)))])
    })
}

fn all_is_well(contract: &OwnedContract, alerts: &[Alert]) -> Node {
    let mut input = vec![info(contract, "a", "1x120")];
    input.extend(contract.metrics.iter().map(|metric| series(present(metric), "0x120")));
    let mut names: Vec<&Alert> = Vec::new();
    for alert in alerts {
        if names.iter().all(|known| known.name != alert.name) {
            names.push(alert);
        }
    }
    let quiet = names.into_iter().map(|alert| expect(alert, "2h", &[])).collect();
    test("nothing fires where everything is served", input, quiet, Vec::new())
}

fn nothing_is_scraped(contract: &OwnedContract, alerts: &[Alert]) -> Node {
    let mut expected = Vec::new();
    for alert in named(contract, alerts, "ContractAbsent") {
        // `absent` has the labels that it was asked for, which the alert has too.
        expected.push(expect(alert, "14m", &[]));
        expected.push(expect(alert, "15m", &[&[]]));
    }
    expected.extend(named(contract, alerts, "MetricAbsent").take(1).map(|alert| expect(alert, "1h", &[])));
    test("one alert fires where nothing is scraped", Vec::new(), expected, Vec::new())
}

fn metrics_are_absent(contract: &OwnedContract, alerts: &[Alert]) -> Node {
    let absent = || named(contract, alerts, "MetricAbsent");
    let mut expected: Vec<_> = absent().take(1).map(|alert| expect(alert, "14m", &[])).collect();
    expected.extend(expect_all(absent(), "15m"));
    let input = vec![info(contract, "a", "1x120")];
    test("each metric that is not served has its alert", input, expected, Vec::new())
}

fn skew(contract: &OwnedContract, alerts: &[Alert]) -> Node {
    let mut expected = Vec::new();
    for alert in named(contract, alerts, "ContractSkew") {
        expected.push(expect(alert, "69m", &[]));
        expected.push(expect(alert, "70m", &[&[("$value", "2")]]));
        expected.push(expect(alert, "90m", &[]));
    }
    let input = vec![info(contract, "a", "1x150"), info(contract, "b", "_x10 1x69 stale _x60")];
    test("a second fingerprint fires after an hour, and until it is gone", input, expected, Vec::new())
}

fn lost(contract: &OwnedContract, alerts: &[Alert]) -> Node {
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
            let firing: &[&[_]] = &[&[("metric", metric.name.as_str()), (label, value)]];
            expected.push(expect(alert, "8m", &[]));
            expected.push(expect(alert, "12m", firing));
            expected.push(expect(alert, "40m", &[]));
            expected.push(expect(alert, "62m", firing));
            expected.push(expect(alert, "100m", &[]));
        }
    }
    test("the first value that is lost fires, and each after it", input, expected, Vec::new())
}

/// A value for every required label, and the labels that a result keeps.
fn labels_of(metric: &OwnedMetric) -> String {
    let required = metric.labels.iter().filter(|label| !label.conditional);
    let pairs = required.map(|label| format!("{}={}", label.name, quoted(example(label))));
    pairs.collect::<Vec<_>>().join(",")
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn recorded(contract: &OwnedContract, records: &[Record]) -> Node {
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
fn buckets(metric: &OwnedMetric, labels: &str) -> Vec<Node> {
    let comma = if labels.is_empty() { "" } else { "," };
    let bounds = metric.buckets.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
    let bucket = |le: String| series(format!("{}_bucket{{{labels}{comma}le=\"{le}\"}}", metric.name), "0+60x30");
    bounds.map(bucket).collect()
}

/// That a recorded series has this value after half an hour, whatever its labels.
fn value_is(record: &Record, value: f64) -> Node {
    let sample = Node::map([("labels", Some("{}".into())), ("value", Some(value.into()))]);
    Node::map([
        ("expr", Some(format!("sum({})", record.name).into())),
        ("eval_time", Some("30m".into())),
        ("exp_samples", Some(Node::list([sample]))),
    ])
}
