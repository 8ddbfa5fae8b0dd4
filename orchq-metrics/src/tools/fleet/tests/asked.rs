//! The requests to a server.

use std::convert::Infallible;

use super::super::violation::{self, Kind};
use super::*;

#[test]
fn a_contract_is_a_bounded_number_of_questions() {
    let contract = contract();
    let violations = violation::of_contract(&contract);
    let kinds = |is: fn(&Kind) -> bool| violations.iter().filter(|violation| is(&violation.kind)).count();
    // One for each label, set of values and range, and not for each metric.
    assert_eq!(kinds(|kind| matches!(kind, Kind::NotWith { .. })), 1);
    assert!(violations.len() < 50, "{}", violations.len());
    let scope = FleetOptions::default().selector("{env=\"prod\"}").expect("it is one").scope();
    let mut without = scope.clone();
    without.without = Some("x".to_owned());
    for violation in &violations {
        let vector = violation.vector(&without);
        let parsed = promql_parser::parser::parse(&vector);
        assert!(
            parsed.is_ok() && vector.contains("env=\"prod\"") && vector.contains("unless on (job, instance) x"),
            "{vector}"
        );
    }
    let required =
        violations.iter().find(|violation| violation.kind == Kind::LabelMissing { label: "engine".to_owned() });
    let required = required.expect("it is required");
    assert!(contract.metrics.iter().all(|metric| required.names.contains(&metric.main_series())));
    // A scrape can drop a label from one part of a histogram alone.
    let vector = required.vector(&scope);
    assert!(vector.contains("|latency_decode_ms_bucket|latency_decode_ms_sum"), "{vector}");
    assert!(vector.contains("le=~\"|\\\\+Inf\""), "{vector}");
    let le = violation::unknown(&contract, "le").expect("no metric has it");
    assert!(!le.names.iter().any(|name| name.ends_with("_bucket")), "{:?}", le.names);
}

#[test]
fn options_are_refused_that_would_select_something_else() {
    for (selector, complaint) in [
        ("env=\"prod\"", "not in braces"),
        ("{env=prod}", "is not a selector"),
        ("{__name__=\"up\"}", "metric name"),
        ("{__name__=~\"up\"}", "metric name"),
        ("{a=\"b\"} or x{c=\"d\"}", "more than a selector"),
        ("{a=\"b\"} or {c=\"d\"}", "is not a selector"),
        ("{a=\"b\"}[5m]", "not in braces"),
        ("", "not in braces"),
    ] {
        let error = FleetOptions::default().selector(selector).expect_err(selector).to_string();
        assert!(error.contains(complaint), "{selector}: {error}");
    }
    assert_eq!(
        FleetOptions::default().selector(" { env!~\"a|b\" , } ").expect("it is one").selector.as_deref(),
        Some("env!~\"a|b\"")
    );
    for window in ["", "5", "0s", "5 m", "5m]) or (x", "m"] {
        assert!(FleetOptions::default().window(window).is_err(), "{window}");
    }
    assert_eq!(FleetOptions::default().window("1h30m").expect("it is one").window_seconds(), 5400.0);
}

/// The body of an answer to a query.
fn vector_of(rows: &str) -> Vec<u8> {
    format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{rows}]}}}}"#).into_bytes()
}

#[test]
fn all_questions_are_about_one_time_and_leave_out_other_versions() {
    let mut asked = Vec::new();
    let ask = |request: &Request| {
        let text = request.fields[0].1.clone();
        let body = match request.endpoint {
            Endpoint::Labels => br#"{"status":"success","data":["__name__","engine","job","zone"]}"#.to_vec(),
            Endpoint::Metadata | Endpoint::TargetsMetadata => return Ok::<_, Infallible>(None),
            Endpoint::Query if text == "time()" => {
                br#"{"status":"success","data":{"resultType":"scalar","result":[1750000000.5,"1750000000.5"]}}"#
                    .to_vec()
            }
            Endpoint::Query if text.starts_with("count by (job, contract, version, fingerprint)") => vector_of(
                r#"{"metric":{"job":"w","contract":"orchqueue","version":"0.9.0","fingerprint":"0"},"value":[1,"1"]}"#,
            ),
            Endpoint::Query if text.starts_with("count by (job, __name__) ({__name__=~\"tasks_enqueued_total|") => {
                vector_of(r#"{"metric":{"job":"w","__name__":"queue_depth"},"value":[1,"7"]}"#)
            }
            Endpoint::Query => vector_of(""),
        };
        asked.push(request.clone());
        Ok(Some(body))
    };
    let options = FleetOptions { target_labels: vec!["zone".to_owned()], ..FleetOptions::default() };
    let report = check(&contract(), &options, ask).expect("it answers");
    assert_eq!(report.examined, 7);
    let times = asked.iter().filter(|request| request.endpoint == Endpoint::Query).skip(1);
    assert!(times.clone().all(|request| request.fields[1] == ("time", "1750000000.5".to_owned())));
    let without = format!(
        "unless on (job, instance) \
         ({{__name__=\"orchq_metrics_contract_info\",contract=\"orchqueue\",fingerprint!=\"{0}\"}} unless on (job, \
         instance) {{__name__=\"orchq_metrics_contract_info\",contract=\"orchqueue\",fingerprint=\"{0}\"}})",
        contract().fingerprint()
    );
    assert!(asked.iter().filter(|request| request.fields[0].1.contains(&without)).count() > 20);
    assert!(!asked.iter().any(|request| request.fields[0].1.contains("zone!=")), "it is stated to be added");
    assert!(asked.len() < 100, "{}", asked.len());
}

#[test]
fn an_answer_that_is_not_from_the_api_is_an_error() {
    let none = check(&contract(), &FleetOptions::default(), |_| Ok::<_, Infallible>(None)).expect_err("there is none");
    assert!(none.to_string().contains("`/select/0/prometheus`"), "{none}");
    let html = |_: &Request| Ok::<_, Infallible>(Some(b"<html>".to_vec()));
    let page = check(&contract(), &FleetOptions::default(), html).expect_err("it is a page");
    assert!(page.to_string().starts_with("api/v1/query: the answer is a web page"), "{page}");
    let failed = check(&contract(), &FleetOptions::default(), |_| Err("away")).expect_err("it is away");
    assert_eq!(failed, FleetError::Client("away"));
}

#[test]
fn a_label_of_some_targets_is_asked_for_where_up_lacks_it() {
    let violation = violation::unknown(&contract(), "http.zone").expect("no metric has it");
    let vector = violation.vector(&FleetOptions::default().scope());
    let up = "unless on (job, instance, \"http.zone\") {__name__=\"up\",\"http.zone\"!=\"\"})";
    assert!(vector.ends_with(up), "{vector}");
}

#[test]
fn within_a_window_the_last_report_of_an_instance_counts() {
    let mut asked = Vec::new();
    let options = FleetOptions::default().window("30m").expect("it is one");
    let ask = |request: &Request| {
        asked.push(request.fields[0].1.clone());
        Ok::<_, Infallible>(Some(vector_of("")))
    };
    check(&contract(), &options, ask).expect("it answers");
    let info = "{__name__=\"orchq_metrics_contract_info\"}";
    let expected = format!("({info} or (last_over_time({info}[30m]) unless on (job, instance) {info}))");
    assert!(asked.iter().any(|question| question.contains(&expected)), "{asked:?}");
}

#[test]
fn a_label_that_a_server_refuses_to_be_asked_about_does_not_end_the_check() {
    let refused = br#"{"status":"error","errorType":"422","error":"cannot parse the query"}"#;
    let check_with = |label: &str| {
        let ask = |request: &Request| {
            let text = request.fields[0].1.as_str();
            Ok::<_, Infallible>(Some(match request.endpoint {
                Endpoint::Labels => format!(r#"{{"status":"success","data":["{label}"]}}"#).into_bytes(),
                Endpoint::Query if text.contains(&format!("{label}\"!=")) || text.contains(&format!("{label}!=")) => {
                    refused.to_vec()
                }
                Endpoint::Query if text.starts_with("count by (job, __name__)") && !text.contains("unless") => {
                    vector_of(r#"{"metric":{"job":"w","__name__":"queue_depth"},"value":[1,"7"]}"#)
                }
                Endpoint::Query => vector_of(""),
                Endpoint::Metadata | Endpoint::TargetsMetadata => return Ok(None),
            }))
        };
        check(&contract(), &FleetOptions::default(), ask)
    };
    let findings = check_with("http.status").expect("the rest is answered").findings;
    let found = findings.iter().find(|finding| finding.rule == "fleet-labels-not-known").expect("it is reported");
    assert_eq!(found.message, "the server rejects a query for the label \"http.status\"");
    assert!(check_with("http_status").is_err_and(|error| error.is_refusal()), "that is a name everywhere");
}

#[test]
fn answers_past_the_limits_are_not_kept() {
    let row = r#"{"metric":{"job":"w","contract":"orchqueue","fingerprint":"0"},"value":[1,"1"]}"#;
    let body = vector_of(&vec![row; 40_000].join(","));
    let ask = |request: &Request| {
        let builds = request.fields[0].1.starts_with("count by (job, contract") || request.fields[0].1.contains("topk");
        Ok::<_, Infallible>(Some(match request.endpoint {
            Endpoint::Query if builds || request.fields[0].1.starts_with("count by (job) ") => body.clone(),
            _ => vector_of(""),
        }))
    };
    let findings = check(&contract(), &FleetOptions::default(), ask).expect("it answers").findings;
    let partial: Vec<_> = findings.iter().filter(|finding| finding.rule == "fleet-answer-partial").collect();
    assert_eq!(partial.len(), 1);
    assert!(partial[0].message.contains("too many rows"), "{partial:?}");
}

#[test]
fn no_gauge_is_infinite() {
    let violations = violation::of_contract(&contract());
    let asked: Vec<_> =
        violations.iter().filter(|violation| matches!(violation.kind, Kind::Impossible { .. })).collect();
    for metric in contract().metrics.iter().filter(|metric| metric.kind == crate::declare::desc::MetricKind::Gauge) {
        let violation =
            asked.iter().find(|violation| violation.names == [metric.name.clone()]).expect("every gauge is queried");
        let vector = violation.vector(&FleetOptions::default().scope());
        assert!(vector.contains(" < Inf)") || vector.contains(" <= "), "{vector}");
    }
}
