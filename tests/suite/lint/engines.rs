//! The scrapes of inference engines, and how some of them break the format.

use orchq_metrics::scrape::{self, FamilyType};

use super::{grave, linted, of};

const LLAMACPP: &str = include_str!("samples/llamacpp.prom");
const TGI: &str = include_str!("samples/tgi.prom");
const TRITON: &str = include_str!("samples/triton.prom");
const VLLM: &str = include_str!("samples/vllm.prom");

#[test]
fn what_engines_serve_is_read() {
    for (text, families, samples) in [(LLAMACPP, 13, 13), (TGI, 12, 33), (TRITON, 11, 31), (VLLM, 11, 24)] {
        let report = linted(None, text);
        let read = scrape::families(text, None).expect("valid");
        assert_eq!((read.len(), report.examined), (families, samples), "{text}");
        assert!(grave(&report).is_empty(), "{:#?}", grave(&report));
    }
}

#[test]
fn values_are_read_as_they_are_meant() {
    let families = scrape::families(LLAMACPP, None).expect("valid");
    let predicted = families.iter().find(|family| family.name == "llamacpp:tokens_predicted_total").expect("there");
    assert_eq!(predicted.series[0].number(), Some(1_204_710.0));
    assert_eq!(predicted.family_type, FamilyType::Counter);

    let families = scrape::families(VLLM, None).expect("valid");
    let first_token = families.iter().find(|family| family.name == "vllm:time_to_first_token_seconds").expect("there");
    let series = &first_token.series[0];
    assert_eq!(series.label("model_name"), Some("Qwen/Qwen3-8B"));
    let histogram = series.histogram().expect("a histogram");
    assert_eq!(histogram.bounds.len(), 5);
    assert_eq!(histogram.bounds[4], (f64::INFINITY, 1837.0));
    assert_eq!((histogram.count, histogram.sum), (Some(1837.0), Some(301.7)));

    // Triton writes the count and the sum before the buckets.
    let families = scrape::families(TRITON, None).expect("valid");
    let first = families.iter().find(|family| family.name == "nv_inference_first_response_histogram_ms");
    let histogram = first.expect("there").series[0].histogram().expect("a histogram");
    assert_eq!((histogram.bounds.len(), histogram.count), (5, Some(320.0)));
}

#[test]
fn a_body_that_is_not_an_exposition_is_one_clear_error() {
    let in_json = serde_json::to_string(LLAMACPP).expect("a string");
    let cut = &VLLM[..VLLM.len() / 2];
    let windows = TGI.replace('\n', "\r\n");
    for (body, rule, message) in [
        (in_json.as_str(), "exposition-not-text", "a JSON string"),
        ("{\"error\":{\"code\":404,\"message\":\"File Not Found\"}}", "exposition-not-text", "JSON"),
        ("<!doctype html>\n<html><body>502 Bad Gateway</body></html>\n", "exposition-not-text", "HTML"),
        ("\u{1f}\u{8b}\u{8}", "exposition-not-text", "binary"),
        (cut, "exposition-truncated", "no line feed"),
        (windows.as_str(), "exposition-encoding", "carriage return"),
        ("404 page not found\n", "exposition-not-text", "no line is a sample"),
        ("null\n", "exposition-not-text", "no line is a sample"),
        ("HTTP/1.1 200 OK\r\n\r\nup 1\n", "exposition-not-text", "headers"),
    ] {
        let report = linted(None, body);
        let [finding] = grave(&report)[..] else { panic!("{body}: {:#?}", report.findings) };
        assert_eq!(finding.rule, rule);
        assert!(finding.message.contains(message), "{}", finding.message);
        assert!(finding.location.is_some());
        assert!(scrape::families(body, None).expect_err("no exposition").iter().any(|finding| finding.rule == rule));
    }
    assert_eq!(linted(None, "").examined, 0);
    assert!(of(&linted(None, "\n"), "").is_empty());
}
