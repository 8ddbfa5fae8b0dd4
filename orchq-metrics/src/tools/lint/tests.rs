//! One text for each rule, and the finding in it: the rule, the line and the token.

mod openmetrics;
mod texts;

use super::*;
use crate::report::finding::Finding;
use crate::tools::scrape::Format;

fn linted(contract: Option<&OwnedContract>, text: &str) -> Report {
    scrape(contract, "t", text.as_bytes(), &LintOptions::default()).expect("memory")
}

/// A finding as `rule line:token`.
fn brief(finding: &Finding) -> String {
    let place = finding.location.as_ref().map(|place| {
        let token = place.text.get(place.span.clone()).expect("a span within the text");
        format!(" {}:{token}", place.line)
    });
    finding.rule.to_string() + &place.unwrap_or_default()
}

fn brief_all(report: &Report) -> Vec<String> {
    report.findings.iter().map(brief).collect()
}

/// Without promlint's rules, which have a test of their own.
fn found(text: &str) -> Vec<String> {
    let all = brief_all(&linted(None, text));
    all.into_iter().filter(|finding| !finding.starts_with("promlint-")).collect()
}

/// Texts, each with its findings.
const EXPOSITIONS: &[(&str, &[&str])] = &[
    ("", &[]),
    ("\n\n", &[]),
    ("a 1\nb 2\n", &[]),
    ("<html>\n<body>\n", &["exposition-not-text 1:<html>"]),
    ("\"# HELP a b\\na 1\\n\"", &["exposition-not-text 1:\"# HELP a b\\na 1\\n\""]),
    ("{\"status\":\"ok\"}\n", &["exposition-not-text 1:{\"status\":\"ok\"}"]),
    ("a 1\nb 2", &["exposition-truncated 2:"]),
    ("a 1\nb{c=\"d", &["exposition-truncated 2:"]),
    ("a 1\n?\n", &["exposition-syntax 2:?"]),
    ("a{b=\"1\",b=\"2\"} 1\n", &["exposition-label-twice 1:b"]),
    ("a 1\r\nb 1\r\n", &["exposition-encoding 1:\r"]),
    ("# HELP a b\n# HELP a c\na 1\n", &["exposition-metadata-twice 2:a"]),
    ("# TYPE a gauge\n# TYPE a gauge\na 1\n", &["exposition-metadata-twice 2:a"]),
    ("a 1\n# TYPE a gauge\n", &["exposition-metadata-after-samples 2:a"]),
    ("a 1\n# HELP a b\n", &[]),
    ("h_sum 1\n# TYPE h histogram\n", &["exposition-metadata-after-samples 2:h"]),
    ("a{x=\"1\"} 1\nb 1\na{x=\"2\"} 1\n", &["exposition-family-split 3:a"]),
    (
        "# TYPE h histogram\nh 1\n",
        &["exposition-sample-name 2:h", "exposition-histogram-inf 2:h", "exposition-histogram-sum 2:h"],
    ),
    ("a 1\na 2\n", &["exposition-series-twice 2:a"]),
    ("a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\n", &["exposition-series-twice 2:a"]),
    ("a{z=\"\"} 1\na 2\n", &["exposition-series-twice 2:a"]),
    ("a{x=\"1\",y=\"2\"} 1\na{x=\"2\",y=\"1\"} 2\n", &[]),
    ("# TYPE a counter\na -1\n", &["exposition-counter-value 2:-1"]),
    ("# TYPE a counter\na NaN\n", &["exposition-counter-value 2:NaN"]),
    ("# TYPE a gauge\na NaN\n", &[]),
    ("a{__x=\"1\"} 1\n", &["exposition-label-reserved 1:__x"]),
    ("a 1 1700000000\n", &["exposition-timestamp-unit 1:1700000000"]),
    ("a 1 1700000000000\n", &[]),
    ("# TYPE s summary\ns 1\n", &["exposition-summary-quantile 2:s"]),
    ("# TYPE s summary\ns{quantile=\"99\"} 1\n", &["exposition-summary-quantile 2:99"]),
    ("# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.50\"} 1\n", &["exposition-series-twice 3:s"]),
    ("# TYPE s summary\ns_sum 1\n", &["exposition-histogram-sum 2:s_sum"]),
];

/// The lines of a histogram `h` after its type, with their findings.
const HISTOGRAMS: &[(&str, &[&str])] = &[
    ("h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n", &[]),
    ("h_count 2\nh_sum 3\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\n", &[]),
    ("h_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n", &["exposition-histogram-cumulative 3:2"]),
    ("h_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 4\n", &["exposition-histogram-count 4:4"]),
    ("h_count 4\nh_sum 3\nh_bucket{le=\"+Inf\"} 2\n", &["exposition-histogram-count 4:2"]),
    ("h_bucket{le=\"1\"} 2\nh_sum 3\nh_count 2\n", &["exposition-histogram-inf 2:h_bucket"]),
    ("h_bucket{le=\"+Inf\"} 2\nh_count 2\n", &["exposition-histogram-sum 2:h_bucket"]),
    ("h_bucket{le=\"+Inf\"} 2\nh_sum 2\n", &["exposition-histogram-sum 2:h_bucket"]),
    ("h_bucket{le=\"+Inf\"} 2\n", &["exposition-histogram-sum 2:h_bucket"]),
    (
        "h_bucket{le=\"10\"} 1\nh_bucket{le=\"5\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n",
        &["exposition-histogram-order 3:5"],
    ),
    (
        "h_bucket{le=\"1\"} 1\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n",
        &["exposition-series-twice 3:1.0"],
    ),
    ("h_bucket{le=\"x\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n", &["exposition-histogram-le 2:x"]),
    ("h_bucket 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n", &["exposition-histogram-le 2:h_bucket"]),
    ("h_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\nh_count 2\n", &["exposition-series-twice 5:h_count"]),
    (
        "h_bucket{le=\"+Inf\"} 0.5\nh_sum 3\nh_count 0.5\n",
        &["exposition-counter-value 2:0.5", "exposition-counter-value 4:0.5"],
    ),
    // All buckets, then all sums and counts: the text format allows it.
    (
        "h_bucket{a=\"1\",le=\"+Inf\"} 2\nh_bucket{a=\"2\",le=\"+Inf\"} 3\nh_sum{a=\"1\"} 1\nh_sum{a=\"2\"} 1\n\
         h_count{a=\"1\"} 2\nh_count{a=\"2\"} 4\n",
        &["exposition-histogram-count 7:4"],
    ),
    // Nothing counts as missing after the end of a truncated text.
    ("h_bucket{le=\"1\"} 1\nh_buck", &["exposition-truncated 3:"]),
];

#[test]
fn an_exposition_by_itself() {
    for (text, expected) in EXPOSITIONS {
        assert_eq!(found(text), *expected, "{text}");
    }
    for (lines, expected) in HISTOGRAMS {
        assert_eq!(found(&format!("# TYPE h histogram\n{lines}")), *expected, "{lines}");
    }
}

#[test]
fn openmetrics_by_itself() {
    for (text, expected) in [
        ("# TYPE a counter\na_total 1\na_created 2\n# TYPE b info\nb_info{v=\"1\"} 1\n", &[][..]),
        ("# TYPE a counter\na 1\n", &["exposition-sample-name 2:a"]),
        ("# TYPE a_total counter\na_total 1\n", &["exposition-sample-name 2:a_total"]),
        ("# TYPE a_ms gauge\n# UNIT a_ms ms\na_ms 1\n", &[]),
        ("# TYPE a gauge\n# UNIT a ms\na 1\n", &["exposition-unit-suffix 2:ms"]),
        ("# TYPE a gauge\na 1\n# HELP a b\n", &["exposition-metadata-after-samples 3:a"]),
        ("# TYPE a gauge\na 1 1700000000000\n", &["exposition-timestamp-unit 2:1700000000000"]),
        ("# TYPE a gauge\na 1 1\na 2 2\n", &[]),
        ("# TYPE a gauge\na 1 1\na 2 1\n", &["exposition-series-twice 3:a"]),
        ("# TYPE a counter\na_total 1 # {t=\"x\"} 1\n", &[]),
        ("# TYPE a gauge\na 1 # {t=\"x\"} 1\n", &["exposition-exemplar 2:1"]),
        ("# TYPE a info\na_info 2\n", &["exposition-state-value 2:2"]),
        ("# TYPE a stateset\na{a=\"x\"} 1\na{a=\"y\"} 0.5\n", &["exposition-state-value 3:0.5"]),
        ("# TYPE a stateset\na 1\n", &["exposition-state-value 2:a"]),
        ("# TYPE h histogram\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 1\n", &[]),
        ("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\n", &["exposition-le-spelling 2:1"]),
        (
            "# TYPE h histogram\nh_bucket{le=\"-1.0\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
            &["exposition-histogram-sum 2:h_bucket"],
        ),
        ("# TYPE h gaugehistogram\nh_bucket{le=\"+Inf\"} 1\nh_gsum 1\nh_gcount 1\n", &[]),
    ] {
        assert_eq!(found(&format!("{text}# EOF\n")), expected, "{text}");
    }
    let long = format!("# TYPE a counter\na_total 1 # {{t=\"{}\"}} 1\n# EOF\n", "x".repeat(128));
    assert_eq!(found(&long), ["exposition-exemplar 2:1"]);
    let mut linter = Linter::new(None, &LintOptions::default());
    linter.read("t", Some(Format::OpenMetrics), &b"# TYPE a gauge\na 1\n"[..]).expect("memory");
    assert!(brief_all(&linter.finish()).contains(&"exposition-truncated 3:".to_owned()));
}

#[test]
fn a_text_of_another_kind_is_one_finding() {
    let prose = "Call me Ishmael - some years ago.\n".repeat(1000);
    assert_eq!(found(&prose), ["exposition-not-text 1:me"]);
    // Ten wrong lines behind one that is right are ten findings.
    let wrong = "a 1\n".to_owned() + &"?\n".repeat(15);
    assert_eq!(found(&wrong).len(), 15);
}

/// A contract of one metric of each kind, with every kind of label.
fn contract() -> OwnedContract {
    let mut contract = OwnedContract::from(&crate::v1::CONTRACT);
    contract
        .metrics
        .retain(|metric| ["queue_depth", "kv_cache_usage_ratio", "latency_decode_ms"].contains(&&*metric.name));
    contract
}

const POOL: &str = r#"engine="vllm",engine_version="1",pool_id="p""#;

/// A text that keeps the contract.
fn promised() -> String {
    let mut text = format!(
        "# HELP queue_depth Current queue length per pool/priority.\n# TYPE queue_depth gauge\n\
         queue_depth{{{POOL},priority=\"high\"}} 3\n# TYPE kv_cache_usage_ratio gauge\n\
         kv_cache_usage_ratio{{{POOL},replica_id=\"r\"}} 0.5\n# TYPE latency_decode_ms histogram\n"
    );
    for le in [
        "10", "25", "50", "100", "250", "500", "1e3", "2500", "5000", "10000", "30000", "60000", "120000", "300000",
        "+Inf",
    ] {
        text += &format!("latency_decode_ms_bucket{{{POOL},priority=\"high\",le=\"{le}\"}} 4\n");
    }
    text + &format!(
        "latency_decode_ms_sum{{{POOL},priority=\"high\"}} 30.5\nlatency_decode_ms_count{{{POOL},priority=\"high\"}} 4\n"
    )
}

fn against_contract(text: &str) -> Vec<String> {
    let all = brief_all(&linted(Some(&contract()), text));
    all.into_iter().filter(|finding| !finding.starts_with("promlint-")).collect()
}

#[test]
fn the_expected_scrape_has_no_findings() {
    assert_eq!(against_contract(&promised()), [""; 0]);
    assert_eq!(linted(Some(&contract()), &promised()).examined, 19);
}

const QUEUE: &str = r#"queue_depth{engine="vllm",engine_version="1",pool_id="p",priority="high"} 3"#;

/// A text to replace in the expected scrape, its replacement, and the findings.
const DEVIATIONS: &[(&str, &str, &[&str])] = &[
    ("TYPE queue_depth gauge", "TYPE queue_depth counter", &["scrape-type 2:queue_depth"]),
    ("# TYPE queue_depth gauge\n", "", &["scrape-type 2:queue_depth"]),
    ("length per pool", "length", &["scrape-help 1:Current queue length/priority."]),
    (QUEUE, "", &["scrape-family-missing"]),
    (
        QUEUE,
        r#"queue_depth{engine="vllm",engine_version="1",pool="p",priority="high"} 3"#,
        &["scrape-label-missing 3:queue_depth", "scrape-label-unknown 3:pool"],
    ),
    (
        QUEUE,
        r#"queue_depth{engine="vllm",engine_version="1",priority="high"} 3"#,
        &["scrape-label-missing 3:queue_depth"],
    ),
    (
        QUEUE,
        r#"queue_depth{engine="vllm",engine_version="1",pool_id="p",priority="high",zone="x"} 3"#,
        &["scrape-label-unknown 3:zone"],
    ),
    (
        QUEUE,
        r#"queue_depth{engine="vlm",engine_version="1",pool_id="p",priority="high"} 3"#,
        &["scrape-value-unknown 3:vlm"],
    ),
    (
        QUEUE,
        r#"queue_depth{engine="__empty__",engine_version="__empty__",pool_id="p",priority="high"} 3"#,
        &["scrape-value-unknown 3:__empty__"],
    ),
    (
        QUEUE,
        r#"queue_depth{engine="vllm",engine_version="",pool_id="p",priority="high"} 3"#,
        &["scrape-label-empty 3:engine_version=\"\""],
    ),
    (
        QUEUE,
        r#"queue_depth{engine="vllm",engine_version="1",pool_id="p",priority="high",model_id=""} 3"#,
        &["scrape-label-empty 3:model_id=\"\""],
    ),
    (QUEUE, r#"queue_depth{engine="vllm",engine_version="1",pool_id="p",priority="high",model_id="m"} 3"#, &[]),
    (
        QUEUE,
        r#"queue_depth{engine="vllm",engine_version="1",pool_id="p",priority="__overflow__"} 3"#,
        &["scrape-value-overflow 3:__overflow__"],
    ),
    (
        QUEUE,
        r#"queue_depth{engine="__overflow__",engine_version="__overflow__",pool_id="__overflow__",priority="__overflow__"} 3"#,
        &["scrape-value-overflow 3:__overflow__"],
    ),
    (
        QUEUE,
        r#"queue_depth{engine="vllm",trtllm_version="1",engine_version="1",pool_id="p",priority="high"} 3"#,
        &["scrape-label-condition 3:trtllm_version"],
    ),
    (QUEUE, r#"queue_depth{engine="triton",trtllm_version="1",engine_version="1",pool_id="p",priority="high"} 3"#, &[]),
    (
        QUEUE,
        r#"queue_depth{engine="vllm",engine_version="1",pool_id="p",priority="high",model_id="m",model_digest="d"} 3"#,
        &["scrape-label-condition 3:model_id", "scrape-label-condition 3:model_digest"],
    ),
    (" 0.5", " 85", &["scrape-range 5:85"]),
    (" 0.5", " NaN", &["scrape-range 5:NaN"]),
    (" 30.5", " -1", &["scrape-range 22:-1"]),
    ("le=\"25\"", "le=\"20\"", &["scrape-buckets 8:20"]),
    (
        "# TYPE queue_depth",
        "# TYPE queue_dept gauge\nqueue_dept 1\n# TYPE queue_depth",
        &["exposition-family-split 4:queue_depth", "scrape-family-unknown 2:queue_dept"],
    ),
    ("# HELP queue_depth C", "other_dept 1\n# HELP queue_depth C", &[]),
    (
        "# HELP queue_depth C",
        "orchq_metrics_contract_info{contract=\"orchqueue\",version=\"0.9.0\",fingerprint=\"x\"} 1\n# HELP queue_depth C",
        &["scrape-other-contract 1:0.9.0"],
    ),
    (
        "# HELP queue_depth C",
        "orchq_metrics_contract_info{contract=\"orchqueue\",version=\"1.0.0\",fingerprint=\"x\"} 1\n# HELP queue_depth C",
        &["scrape-other-contract 1:x"],
    ),
    (
        "# HELP queue_depth C",
        "orchq_metrics_contract_info{contract=\"other\",version=\"1.0.0\",fingerprint=\"x\"} 1\n# HELP queue_depth C",
        &["scrape-other-contract 1:other"],
    ),
    (
        "# HELP queue_depth C",
        "orchq_metrics_overflow_total{metric=\"queue_depth\",label=\"pool_id\"} 2\n# HELP queue_depth C",
        &["scrape-overflows 1:2"],
    ),
    (
        "# HELP queue_depth C",
        "orchq_metrics_violations_total{metric=\"queue_depth\",kind=\"nan\"} 2\n# HELP queue_depth C",
        &["scrape-violations 1:2"],
    ),
    (
        "# HELP queue_depth C",
        "orchq_metrics_other 2\n# HELP queue_depth C",
        &["scrape-family-unknown 1:orchq_metrics_other"],
    ),
];

#[test]
fn a_scrape_against_its_contract() {
    for (from, to, expected) in DEVIATIONS {
        assert!(promised().contains(from), "{from}");
        let mut found = against_contract(&promised().replacen(from, to, 1));
        found.sort();
        let mut expected = expected.to_vec();
        expected.sort();
        assert_eq!(found, expected, "{to}");
    }
}

#[test]
fn budgets_and_limits() {
    let mut contract = contract();
    contract.metrics.retain(|metric| metric.name == "queue_depth");
    let series = |pools: usize| -> String {
        let line =
            |n| format!("queue_depth{{engine=\"vllm\",engine_version=\"1\",pool_id=\"{n}\",priority=\"high\"}} 1\n");
        "# HELP queue_depth Current queue length per pool/priority.\n# TYPE queue_depth gauge\n".to_owned()
            + &(0..pools).map(line).collect::<String>()
    };
    assert_eq!(brief_all(&linted(Some(&contract), &series(256))), [""; 0]);
    assert_eq!(brief_all(&linted(Some(&contract), &series(300))), ["scrape-budget 259:256"]);
    contract.metrics[0].series_limit = 20;
    assert_eq!(brief_all(&linted(Some(&contract), &series(21))), [""; 0]);
    assert_eq!(brief_all(&linted(Some(&contract), &series(30))), ["scrape-series-limit 24:queue_depth"]);
}

#[test]
fn texts_of_several_processes_are_one_fleet() {
    let (contract, options) = (contract(), LintOptions::default());
    let mut linter = Linter::new(Some(&contract), &options);
    let text = promised();
    let (first, second) = text.split_at(text.find("# TYPE kv").expect("there"));
    linter.read("a", None, first.as_bytes()).expect("memory");
    linter.read("b", None, second.as_bytes()).expect("memory");
    // The same series in another text is not the same twice.
    linter.read("c", None, second.as_bytes()).expect("memory");
    let report = linter.finish();
    let missing = |finding: &&Finding| finding.rule.starts_with("scrape-") || finding.rule.starts_with("exposition-");
    assert_eq!(report.findings.iter().filter(missing).count(), 0, "{:#?}", report.findings);
    assert_eq!(report.examined, 19 + 18);
}

#[test]
fn after_a_truncated_text_nothing_is_missing() {
    let text = promised();
    assert_eq!(against_contract(&text[..text.len() / 2]).len(), 1, "{:?}", against_contract(&text[..text.len() / 2]));
    assert_eq!(against_contract("<html>"), ["exposition-not-text 1:<html>"]);
    // A text without a sample was not examined, which is not the same as a scrape that lacks everything.
    assert_eq!(against_contract(""), [""; 0]);
}

#[test]
fn openmetrics_against_the_contract() {
    let contract = OwnedContract::from(&crate::v1::CONTRACT);
    let text = "# HELP tasks_rejected Number of rejected tasks with the typed reason.\n# TYPE tasks_rejected counter\n\
                tasks_rejected_total{reason=\"QUEUE_FULL\",engine=\"vllm\"} 1\n# EOF\n";
    let report = linted(Some(&contract), text);
    let found: Vec<_> =
        report.findings.iter().filter(|finding| finding.subject == "tasks_rejected_total").map(brief).collect();
    assert_eq!(found, ["scrape-value-unknown 3:QUEUE_FULL"]);
}

#[test]
fn constant_labels_can_be_stated() {
    let constant_labels = vec!["zone".to_owned()];
    let options = LintOptions { constant_labels, ..LintOptions::default() };
    let text = promised().replace("engine=", "zone=\"eu\",shelf=\"a\",engine=");
    let report = scrape(Some(&contract()), "t", text.as_bytes(), &options).expect("memory");
    let unknown = report.findings.iter().filter(|finding| finding.rule == "scrape-label-unknown");
    let messages: Vec<_> = unknown.map(|finding| finding.message.as_str()).collect();
    assert!(!messages.is_empty() && messages.iter().all(|message| message.contains("`shelf`")), "{messages:?}");
}

#[test]
fn prefixes_can_be_stated() {
    let contract = contract();
    let options = LintOptions { prefixes: vec!["orchq".to_owned(), "oq_".to_owned()], ..LintOptions::default() };
    let text = "queue_x 1\norchq_x 1\norchqx 1\noq_y 1\n";
    let report = scrape(Some(&contract), "t", text.as_bytes(), &options).expect("memory");
    let unknown = report.findings.iter().filter(|finding| finding.rule == "scrape-family-unknown");
    assert_eq!(unknown.map(|finding| finding.subject.as_str()).collect::<Vec<_>>(), ["orchq_x", "oq_y"]);
}
