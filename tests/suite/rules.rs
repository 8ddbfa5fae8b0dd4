//! Rule files and dashboards as people write them, against the contract.

use std::borrow::Cow;

use orchq_metrics::rules::{RulesOptions, Source, check};
use orchq_metrics::{OwnedContract, Report};

const GOOD_RULES: &str = include_str!("../fixtures/rules/good.yml");
const BAD_RULES: &str = include_str!("../fixtures/rules/bad.yml");
const MANIFEST: &str = include_str!("../fixtures/rules/manifest.yml");
const GOOD_DASHBOARD: &str = include_str!("../fixtures/rules/good.json");
const BAD_DASHBOARD: &str = include_str!("../fixtures/rules/bad.json");
const CHART: &str = include_str!("../fixtures/rules/chart.yaml");

fn report(name: &str, text: &str) -> Report {
    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    check(&contract, &[Source::new(name, text)], &RulesOptions::default())
}

/// Line, column, rule and text of each finding, compared with the file itself.
fn found(text: &str) -> Vec<(usize, usize, String, String)> {
    let findings = report("file", text).findings.into_iter().map(|finding| {
        let location = finding.location.expect("every finding has a place");
        let token = location.text[location.span].to_owned();
        let line = text.lines().nth(location.line - 1).expect("the line is there");
        let rest: String = line.chars().skip(location.column - 1).collect();
        assert!(rest.starts_with(&token), "{token} is not at {}:{}", location.line, location.column);
        (location.line, location.column, finding.rule.into_owned(), token)
    });
    findings.collect()
}

fn expect(text: &str, expected: &[(usize, usize, &'static str, &str)]) {
    let found = found(text);
    let expected = expected.iter();
    let expected: Vec<_> =
        expected.map(|(line, column, rule, token)| (*line, *column, (*rule).to_owned(), (*token).to_owned())).collect();
    assert_eq!(found, expected);
}

/// The rules that a file violates, in order.
fn broken(text: &str) -> Vec<Cow<'static, str>> {
    report("file", text).findings.into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn good_rules_have_no_findings() {
    let report = report("good.yml", GOOD_RULES);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    assert_eq!(report.examined, 13);
}

#[test]
fn a_good_dashboard_has_no_findings_but_that_logs_are_not_read() {
    let report = report("good.json", GOOD_DASHBOARD);
    let messages: Vec<_> = report.findings.iter().map(|finding| (&*finding.rule, finding.message.as_str())).collect();
    assert_eq!(messages, [("rules-query-skipped", "3 queries are for other data sources than Prometheus")]);
    assert_eq!(report.examined, 12);
}

#[test]
fn bad_rules_are_pointed_at() {
    expect(
        BAD_RULES,
        &[
            (5, 34, "rules-unknown-metric", "queue_dept"),
            (8, 19, "rules-unknown-label", "pool_ids"),
            (9, 34, "rules-unknown-value", "vlm"),
            (13, 11, "rules-quantile-without-le", "histogram_quantile"),
            (20, 93, "rules-implausible-threshold", "0.5"),
            (22, 20, "rules-counter-without-rate", "tasks_rejected_total"),
            (22, 50, "rules-unknown-value", "TIMEOUT"),
            (26, 32, "rules-template-label", "engine"),
            (26, 66, "rules-template-label", "severity"),
            (28, 15, "rules-rate-on-gauge", "rate"),
            (28, 77, "rules-implausible-threshold", "90"),
            (30, 15, "promql-syntax", "sum(rate(tasks_started_total[5m])"),
            (34, 23, "rules-dead-label", "engine"),
            (34, 59, "rules-never-matches", "/"),
            (35, 9, "rules-suppression", "orchq:suppress"),
            (37, 15, "rules-counter-without-rate", "tasks_enqueued_total"),
        ],
    );
}

#[test]
fn a_bad_dashboard_is_pointed_at() {
    expect(
        BAD_DASHBOARD,
        &[
            (6, 85, "rules-unknown-value", "vlm"),
            (6, 93, "rules-unknown-label", "pool_ids"),
            (11, 37, "rules-rate-on-gauge", "resets"),
            (21, 53, "rules-unknown-label", "pool"),
            (22, 45, "rules-template-label", "pool_id"),
            (29, 62, "rules-unknown-value", "$reason"),
            (30, 37, "rules-query-skipped", "$function(tasks_canceled_total[5m]) $operator"),
            (31, 37, "promql-syntax", "tasks_canceled_total{"),
            (43, 65, "rules-implausible-threshold", "90"),
        ],
    );
}

#[test]
fn queries_in_manifests_are_found_in_the_file() {
    expect(
        MANIFEST,
        &[
            (13, 45, "rules-unknown-value", "vlm"),
            (26, 38, "rules-unknown-label", "trtllm_versions"),
            (32, 75, "rules-unknown-metric", "queue_depht"),
        ],
    );
}

#[test]
fn what_cannot_be_read_is_a_finding() {
    let only = |text: &str| {
        let report = report("file", text);
        assert_eq!((report.findings.len(), report.examined), (1, 0), "{text}: {:?}", report.findings);
        assert_eq!(report.findings[0].rule, "rules-unreadable");
        report.findings[0].message.clone()
    };
    assert!(only(CHART).contains("a template"));
    assert!(only("groups:\n  - name: [").contains("cannot be read"));
    assert!(only("{\"panels\": [").contains("cannot be read"));
    assert!(only("{\"panels\": [],}").contains("cannot be read"));
    assert!(only("hello").contains("nothing in it is a rule file"));
    assert!(only("").contains("nothing in it"));
    assert!(only("{}").contains("nothing in it"));
    assert!(only("groups: [{rules: [{alert: A, expr: {a: b}}]}]").contains("has no `expr`"));
    assert!(only("groups: [{rules: [{alert: A, expr: 'a{b=\"{{ .Values.c }}\"}'}]}]").contains("has a template"));
    assert!(only("groups: [{name: g, rule: [{alert: A, expr: up}]}]").contains("where `rules` is meant"));
    assert!(only("groups: [{rules: [{alert: A, expr: a, expr: b}]}]").contains("duplicate key `expr`"));
    assert!(only("groups: [{rules: [{alert: A, expr: ~}]}]").contains("has no `expr`"));
    assert!(only("[{\"targets\": [\"host:9090\"]}]").contains("nothing in it"));
    assert!(only("annotations: {a: b}").contains("nothing in it"));
    assert!(only(&"[".repeat(100_000)).contains("cannot be read"));
    assert!(only(&"- ".repeat(100_000)).contains("cannot be read"));
}

#[test]
fn expressions_that_nest_too_deep_are_findings() {
    let nested = |open: &str, depth: usize| open.repeat(depth) + "a" + &")".repeat(depth);
    for deep in [nested("(", 30_000), nested("sum(", 10_000), "-".repeat(50_000) + "a", "a+".repeat(30_000) + "a"] {
        let text = format!("groups: [{{rules: [{{record: a, expr: '{deep}'}}]}}]");
        let report = report("deep.yml", &text);
        assert_eq!(report.findings.len(), 1);
        assert_eq!(report.findings[0].rule, "rules-query-skipped");
    }
}

#[test]
fn recording_rules_are_known_in_every_file_whatever_their_order() {
    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    let uses = "groups: [{rules: [{alert: A, expr: 'sum by (pool_id) (queue_depth_by_engine)'}]}]";
    let records = "groups: [{rules: [{record: queue_depth_by_engine, expr: 'sum by (engine) (queue_depth)'}]}]";
    let rules = |files: &[Source<'_>]| {
        let report = check(&contract, files, &RulesOptions::default());
        report.findings.into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    let (uses, records) = (Source::new("uses", uses), Source::new("records", records));
    assert_eq!(rules(&[uses]), ["rules-unknown-metric"]);
    assert_eq!(rules(&[uses, records]), ["rules-dead-label"]);
    assert_eq!(rules(&[records, uses]), ["rules-dead-label"]);
}

#[test]
fn target_labels_are_those_that_are_declared() {
    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    let text = "groups: [{rules: [{alert: A, expr: 'sum by (job, cluster) (queue_depth{cluster=\"a\"})'}]}]";
    let count = |options: &RulesOptions| check(&contract, &[Source::new("file", text)], options).findings.len();
    assert_eq!(count(&RulesOptions::default()), 2);
    assert_eq!(count(&RulesOptions::default().target_label("cluster")), 0);
}

#[test]
fn unused_metrics_are_reported_on_request() {
    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    let files = [Source::new("good.yml", GOOD_RULES), Source::new("good.json", GOOD_DASHBOARD)];
    let unused = |files: &[Source<'_>]| {
        let report = check(&contract, files, &RulesOptions::default().unused(true));
        let unused = report.findings.into_iter().filter(|finding| finding.rule == "metric-unused");
        unused.map(|finding| finding.subject).collect::<Vec<_>>()
    };
    assert_eq!(unused(&files), ["tasks_canceled_total"]);
    assert_eq!(unused(&[]).len(), 13);
}

#[test]
fn queries_go_to_the_data_source_that_is_named() {
    let element = |query: &str| {
        format!(
            r#"{{"elements": {{"a": {{"kind": "Panel", "spec": {{"title": "t", "data": {{"kind": "QueryGroup", "spec":
            {{"queries": [{{"kind": "PanelQuery", "spec": {{{query}}}}}]}}}}}}}}}}}}"#
        )
    };
    let expr = r#""spec": {"expr": "{a=\"queue\"} |= \"b\""}"#;
    for query in [
        format!(r#""query": {{"kind": "loki", {expr}}}"#),
        format!(r#""query": {{"kind": "DataQuery", "group": "loki", {expr}}}"#),
        format!(r#""datasource": {{"type": "loki"}}, "query": {{"kind": "DataQuery", {expr}}}"#),
    ] {
        assert_eq!(broken(&element(&query)), ["rules-query-skipped"], "{query}");
    }
    let wrong = r#""query": {"kind": "prometheus", "spec": {"expr": "queue_dept"}}"#;
    assert_eq!(broken(&element(wrong)), ["rules-unknown-metric"]);
    let named = |source: &str| {
        broken(&format!(r#"{{"panels": [{{"datasource": "{source}", "targets": [{{"expr": "queue_dept"}}]}}]}}"#))
    };
    assert_eq!(named("My-SQL-Prom"), ["rules-unknown-metric"]);
    assert_eq!(named("Loki"), ["rules-query-skipped"]);
}

#[test]
fn a_variable_may_ask_for_names() {
    let asked = |label: &str| {
        let query = format!("label_values(tasks_started_total, {label})");
        broken(&format!(
            r#"{{"panels": [], "templating": {{"list": [{{"type": "query", "name": "v", "query": "{query}"}}]}}}}"#
        ))
    };
    assert!(asked("__name__").is_empty());
    assert_eq!(asked("pool_idd"), ["rules-unknown-label"]);
}

#[test]
fn a_label_without_a_value_is_taken_away() {
    let rules = |value: &str| {
        broken(&format!(
            "groups: [{{rules: [{{record: 'a:a', expr: sum by (pool_id) (queue_depth), labels: {{pool_id: {value}}}}}, \
             {{record: 'a:b', expr: sum(queue_depth) / a:a}}]}}]"
        ))
    };
    assert!(rules("\"\"").is_empty());
    assert!(rules("~").is_empty());
    assert_eq!(rules("b"), ["rules-never-matches"]);
}

#[test]
fn rules_of_victoria_metrics_are_read() {
    let rules = "{groups: [{name: g, rules: [{alert: A, expr: queue_dept}]}]}";
    assert_eq!(broken(&format!("kind: VMRule\nspec: {rules}")), ["rules-unknown-metric"]);
}

#[test]
fn a_library_panel_is_reported_as_not_checked() {
    let panel = r#"{"panels": [{"title": "t", "libraryPanel": {"uid": "a", "name": "n"}}]}"#;
    assert_eq!(broken(panel), ["rules-query-skipped"]);
}

#[test]
fn each_variable_is_a_name_or_a_number_by_itself() {
    let panel = |expr: &str| broken(&format!(r#"{{"panels": [{{"targets": [{{"expr": "{expr}"}}]}}]}}"#));
    let quantile = |name: &str| panel(&format!("histogram_quantile($q, sum by (le, $by) (rate({name}[5m])))"));
    assert_eq!(quantile("queue_dept"), ["rules-unknown-metric"]);
    assert!(quantile("latency_decode_ms_bucket").is_empty());
    assert_eq!(panel("$f(queue_depth[5m]) $g $h $i"), ["rules-query-skipped"]);
}

#[test]
fn options_are_those_that_are_typed_in() {
    let dashboard = |query: &str| {
        broken(&format!(
            r#"{{"panels": [{{"targets": [{{"expr": "queue_depth{{engine=\"$e\"}}"}}]}}], "templating": {{"list":
            [{{"type": "custom", "name": "e", "query": "{query}", "options": []}}]}}}}"#
        ))
    };
    assert!(dashboard("vllm, TGI : tgi").is_empty());
    assert_eq!(dashboard("vllm,vlm"), ["rules-unknown-value"]);
}

#[test]
fn messages_are_one_line() {
    let report =
        report("file", r#"groups: [{name: "g\n\u001b[1m", rules: [{alert: "A\n::error::b", expr: "queue_dept"}]}]"#);
    assert!(report.findings[0].message.contains("A ::error::b"));
    assert!(!report.findings[0].message.contains(char::is_control));
}
