//! The same messages as promlint; where promtool is installed, they are compared with its own.

use std::collections::BTreeSet;
use std::path::Path;

use fixtures::programs::{self, are_installed};

use super::{linted, of};

/// A metric, and a message about it.
type Verdicts = BTreeSet<(String, String)>;

/// The messages of `promtool check metrics`.
fn promtool(text: &str) -> Verdicts {
    let (code, printed) = programs::promtool(Path::new("."), &["check", "metrics"], text);
    assert!(matches!(code, Some(0 | 3)), "promtool rejects it: {printed}\n{text}");
    let verdict = |line: &str| line.split_once(' ').map(|(metric, text)| (metric.to_owned(), text.to_owned()));
    printed.lines().filter_map(verdict).collect()
}

fn ours(text: &str) -> Verdicts {
    let report = linted(None, text);
    let findings = of(&report, "promlint-");
    findings.into_iter().map(|finding| (finding.subject.clone(), finding.message.clone())).collect()
}

/// Messages that only 2.42 has, and those that only newer versions have.
const NEWER: [&str; 1] = ["non-gauge metrics should not have \"_timestamp_seconds\" suffix"];

/// Every metric with a help text, a type and a sample.
fn metric(name: &str, family_type: &str) -> String {
    let samples = match family_type {
        "histogram" => format!("{name}_bucket{{le=\"+Inf\"}} 1\n{name}_sum 1\n{name}_count 1\n"),
        "summary" => format!("{name}{{quantile=\"0.5\"}} 1\n{name}_sum 1\n{name}_count 1\n"),
        _ => format!("{name} 1\n"),
    };
    format!("# HELP {name} Help.\n# TYPE {name} {family_type}\n{samples}")
}

/// Names for every message of promlint, each alone in a text.
const NAMES: [&str; 42] = [
    "queue_depth",
    "tasks_total",
    "tasks",
    "x_seconds",
    "x_milliseconds",
    "x_kilobytes_total",
    "x_bits",
    "x_megabits",
    "x_minutes",
    "x_hours_total",
    "x_days",
    "x_weeks",
    "thermometers",
    "x_kilometers",
    "x_fahrenheit",
    "x_kelvins",
    "x_inches",
    "x_calories",
    "x_ounces",
    "x_gibibytes",
    "milliseconds_x",
    "x_ms",
    "x_s_y",
    "x_sec",
    "x_kb",
    "x_m_total",
    "s_x",
    "x_MS",
    "x_d",
    "x_count",
    "x_sum",
    "x_bucket",
    "x_count_y",
    "queueDepth",
    "QueueDepth",
    "a:b",
    "vllm:x_y",
    "x_gauge",
    "x_counter_y",
    "x_histogram",
    "x_summary_total",
    "x_untyped",
];

/// 2.42 reports every type in a name, the newest versions only the family's own type.
fn of_another_type(text: &str, family_type: &str) -> bool {
    text.starts_with("metric name should not include type")
        && (!text.contains(&format!("'{family_type}'")) || family_type == "untyped")
}

#[test]
fn verdicts_are_those_of_promtool() {
    if !are_installed(&["promtool"]) {
        return;
    }
    let mut compared = 0;
    for family_type in ["counter", "gauge", "histogram", "summary", "untyped"] {
        for name in NAMES {
            let text = metric(name, family_type);
            let (theirs, mut ours) = (promtool(&text), ours(&text));
            let theirs: Verdicts = theirs.into_iter().filter(|(_, text)| !of_another_type(text, family_type)).collect();
            ours.retain(|(_, text)| !NEWER.contains(&text.as_str()));
            assert_eq!(ours, theirs, "{text}");
            compared += theirs.len();
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn verdicts_on_texts_are_those_of_promtool() {
    if !are_installed(&["promtool"]) {
        return;
    }
    let engines = [
        include_str!("samples/llamacpp.prom"),
        include_str!("samples/tgi.prom"),
        include_str!("samples/triton.prom"),
        include_str!("samples/vllm.prom"),
    ];
    let texts = [
        "a 1\n",
        "# TYPE a gauge\na 1\n",
        "# HELP a\n# TYPE a gauge\na 1\n",
        "# HELP a \n# TYPE a gauge\na 1\n",
        "# HELP a b\n# TYPE a gauge\n",
        "# TYPE a gauge\na{le=\"1\"} 1\n",
        "# TYPE a counter\na{quantile=\"1\",camelCase=\"x\"} 1\n",
        "a{le=\"1\",quantile=\"1\"} 1\n",
        "# TYPE h histogram\nh_bucket{quantile=\"1\",le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
        "# TYPE s summary\ns{le=\"1\",quantile=\"0.5\"} 1\ns_sum 1\ns_count 1\n",
        "# TYPE a gauge\na{x=\"1\"} 1\n# TYPE b gauge\nb 1\na{fooBar=\"2\"} 1\n",
        "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
        "# TYPE a_total gauge\na_total 1\n# HELP a_total b\n",
        "a_milliseconds_kilobytes 1\n",
    ];
    let mut compared = 0;
    for text in engines.into_iter().chain(texts) {
        let theirs = promtool(text);
        // 2.42 names a random one of several units.
        let unit = |text: &str| text.starts_with("use base unit");
        let others =
            |verdicts: Verdicts| -> Verdicts { verdicts.into_iter().filter(|(_, text)| !unit(text)).collect() };
        let other_types = |verdicts: Verdicts| -> Verdicts {
            verdicts.into_iter().filter(|(_, text)| !text.starts_with("metric name should not include type")).collect()
        };
        assert_eq!(theirs.iter().any(|(_, text)| unit(text)), ours(text).iter().any(|(_, text)| unit(text)), "{text}");
        compared += theirs.len();
        assert_eq!(other_types(others(ours(text))), other_types(others(theirs)), "{text}");
    }
    assert!(compared > 50, "{compared}");
}

/// Messages that promtool 2.42 does not have yet.
#[test]
fn verdicts_of_newer_versions() {
    let printed = ours(&metric("start_timestamp_seconds", "counter"));
    assert!(printed.iter().any(|(_, text)| text == NEWER[0]), "{printed:?}");
    assert!(ours(&metric("x_gauge", "counter")).iter().all(|(_, text)| !text.contains("type")));
    assert!(ours(&metric("x_gauge", "gauge")).iter().any(|(_, text)| text.contains("type 'gauge'")));
    // "metric not unique".
    let report = linted(None, "# HELP a b\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 1\n");
    assert_eq!(of(&report, "exposition-series-twice").len(), 1);
}
