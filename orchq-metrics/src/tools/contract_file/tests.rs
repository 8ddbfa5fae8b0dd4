use super::*;
use crate::contract::owned::OwnedMetric;
use crate::declare::assertions;
use crate::declare::desc::{MetricDesc, MetricKind};
use crate::declare::label::{Condition, LabelDesc, LabelValues};
use crate::declare::rules::DEFAULT_SERIES_LIMIT;
use crate::v1;

/// A contract with one metric, between the lines of which an error can be put.
fn with_metric(fields: &str) -> String {
    format!("{{ \"format\": 1, \"name\": \"shop\", \"version\": \"1.0.0\", \"metrics\": [\n{{ {fields} }}] }}")
}

fn with_label(label: &str) -> String {
    let labels = format!("\"labels\": [\n{{ \"name\": \"other\", \"values\": [\"a\", \"b\"] }},\n{{ {label} }}]");
    with_metric(&format!("\"name\": \"orders\", \"kind\": \"gauge\", \"unit\": \"1\", \"help\": \"x\", {labels}"))
}

/// The text has one error, with this message, where `at` begins.
#[track_caller]
fn one_diagnostic(text: &str, at: &str, expected: &str) {
    let error = OwnedContract::from_json(text).expect_err("it is wrong");
    let [diagnostic] = error.diagnostics() else { panic!("{text}\n{error}") };
    let line = text.lines().nth(diagnostic.line - 1).unwrap_or_default();
    let rest: String = line.chars().skip(diagnostic.column - 1).collect();
    assert!(rest.starts_with(at), "at {rest}\n{error}");
    assert!(diagnostic.message.starts_with(expected), "{error}");
}

#[test]
fn a_contract_is_read_back_as_it_is() {
    let mut contract = OwnedContract::from(&v1::CONTRACT);
    assert_eq!(OwnedContract::from_json(&contract.to_json()), Ok(contract.clone()));
    // With all that the built-in contract does not have, and numbers that are easily lost.
    contract.doc = "\u{2028} \"quoted\" \\ \r\n <!-- metrics -->".to_owned();
    let metric = contract.metrics.iter_mut().find(|metric| !metric.buckets.is_empty()).expect("it has histograms");
    metric.buckets = vec![-0.5, -0.0, 5e-324, 0.1, 0.300_000_000_000_000_04, 1e22, f64::MAX];
    metric.requirement = Some("ORCH-7".to_owned());
    metric.series_limit = 7;
    let json = contract.to_json();
    let read = OwnedContract::from_json(&json).expect("it is its own export");
    assert_eq!(read, contract);
    let bits = |contract: &OwnedContract| {
        contract.metrics.iter().flat_map(|metric| metric.buckets.clone()).map(f64::to_bits).collect::<Vec<_>>()
    };
    assert_eq!(bits(&read), bits(&contract));
    assert_eq!(read.to_json(), json);
}

#[test]
fn a_file_has_the_defaults_of_the_attribute() {
    let text = with_metric("\"name\": \"busy\", \"kind\": \"gauge\", \"unit\": \"{worker}\", \"help\": \"x\"");
    let contract = OwnedContract::from_json(&text).expect("nothing is wrong");
    let [metric] = contract.metrics.as_slice() else { panic!("one metric") };
    assert_eq!((metric.section.as_str(), metric.series_limit, metric.labels.len()), ("Gauges", 10_000, 0));
    assert_eq!((contract.doc.as_str(), &metric.requirement), ("", &None));
}

#[test]
fn a_syntax_error_of_json_has_its_position() {
    for (text, at, expected) in [
        ("", "", "this is not JSON: EOF"),
        ("# a contract", "# a", "this is not JSON: expected value"),
        ("{ \"format\": 1,\n  \"name\" }", "}", "this is not JSON: expected `:`"),
        ("{} {}", "{}", "this is not JSON: trailing characters"),
        ("[]", "[]", "a contract is an object, and this is an array"),
    ] {
        one_diagnostic(text, at, expected);
    }
}

#[test]
fn fields_are_those_of_the_format() {
    let rest = "\"kind\": \"gauge\", \"unit\": \"1\", \"help\": \"x\"";
    for (fields, at, expected) in [
        (
            format!("\"name\": \"a\", {rest}, \"lables\": []"),
            "\"lables\"",
            "a metric has no field `lables`; did you mean `labels`?",
        ),
        (format!("\"name\": \"a\", {rest}, \"q\": 1"), "\"q\"", "a metric has no field `q`; it has name, kind, unit"),
        (format!("\"name\": \"a\", {rest}, \"unit\": \"1\""), "\"unit\": \"1\" }", "the field `unit` is given twice"),
        (rest.to_owned(), "{ \"kind\"", "a metric has the field `name`, a string; add it"),
        (format!("\"name\": 1, {rest}"), "1,", "`name` must be a string"),
        (format!("\"name\": \"a\", {rest}, \"labels\": {{}}"), "{}", "`labels` must be an array"),
        (format!("\"name\": \"a\", {rest}, \"labels\": [1]"), "1]", "a label is an object, and this is a number"),
        (format!("\"name\": \"a\", {rest}, \"series_limit\": 1.5"), "1.5", "`series_limit` must be a number of series"),
        (
            "\"name\": \"a\", \"kind\": \"summary\", \"unit\": \"1\", \"help\": \"x\"".to_owned(),
            "\"summary\"",
            "`kind` must be \"counter\"",
        ),
    ] {
        one_diagnostic(&with_metric(&fields), at, expected);
    }
    one_diagnostic(
        &with_metric(&format!("\"name\": \"a\", {rest}")).replace("\"format\": 1", "\"format\": 2"),
        "2,",
        "this is format 2",
    );
    one_diagnostic(
        &with_label("\"name\": \"b\""),
        "{ \"name\": \"b\"",
        "a label has `values`, if they are known, or a `budget`",
    );
    one_diagnostic(
        &with_label("\"name\": \"b\", \"values\": [\"a\"], \"budget\": 1"),
        "1 }",
        "a label with `values` has no `budget`",
    );
    one_diagnostic(
        &with_label("\"name\": \"b\", \"values\": [\"a\", 1]"),
        "1]",
        "a label's value is a string, and this is a number",
    );
    let condition = |condition: &str| {
        with_label(&format!("\"name\": \"b\", \"budget\": 1, \"conditional\": true, \"conditions\": [{condition}]"))
    };
    for wrong in [
        "{ \"only_with\": \"other\" }",
        "{ \"not_with\": \"other\", \"values\": [] }",
        "{}",
        "{ \"not_with\": \"other\", \"only_with\": \"other\", \"values\": [] }",
    ] {
        one_diagnostic(
            &condition(wrong),
            "{",
            "a condition is `only_with` a label and its `values`, or `not_with` a label",
        );
    }
}

#[test]
fn the_rules_of_the_attribute_hold() {
    let metric = |name: &str, kind: &str, unit: &str, more: &str| {
        with_metric(&format!("\"name\": \"{name}\", \"kind\": \"{kind}\", \"unit\": \"{unit}\", \"help\": \"x\"{more}"))
    };
    let gauge = |more: &str| metric("orders", "gauge", "1", more);
    let histogram = |more: &str| metric("orders", "histogram", "1", more);
    for (text, at, expected) in [
        (metric("2_orders_total", "counter", "1", ""), "\"2_orders_total\"", "a metric's name has lowercase letters"),
        (metric("orchq_metrics_a", "gauge", "1", ""), "\"orchq_", "names that start with `orchq_metrics_`"),
        (
            metric("orders", "counter", "1", ""),
            "\"orders\"",
            "a counter's name ends in `_total`; call it `orders_total`",
        ),
        (
            metric("orders_total", "gauge", "1", ""),
            "\"orders_total\"",
            "only a counter's name ends in `_total`, and this is a gauge",
        ),
        (metric("orders_count", "gauge", "1", ""), "\"orders_count\"", "names that end in `_count` are derived"),
        (metric("orders", "gauge", "metres", ""), "\"metres\"", "`metres` is not a unit; did you mean `meters`?"),
        (metric("orders_total", "counter", "ratio", ""), "\"ratio\"", "a counter cannot count in `ratio`"),
        (
            metric("size_bytes", "gauge", "1", ""),
            "\"1\"",
            "the name ends in `bytes`, which means bytes, but the unit is 1",
        ),
        (gauge(", \"section\": \" \""), "\" \"", "this text is empty; fill it in, or leave the field out"),
        (gauge(", \"section\": \"a\\nb\""), "\"a\\nb\"", "this text is one line"),
        (gauge(", \"series_limit\": 0"), "0", "a family's limit is a number of series, from 1"),
        (gauge(", \"buckets\": [1]"), "[1]", "a gauge has no buckets"),
        (histogram(""), "{ \"name\"", "a histogram has at least one bucket bound, as in"),
        (histogram(", \"buckets\": []"), "[] }", "a histogram has at least one bucket bound"),
        (histogram(", \"buckets\": [1, 1.0]"), "1.0]", "this bucket bound is repeated"),
        (histogram(", \"buckets\": [2, 1]"), "1]", "bucket bounds must ascend, but this one is less than 2"),
        (histogram(", \"buckets\": [1e999]"), "1e999", "a bucket bound is a finite number"),
        (gauge("").replace("\"x\"", "\"\""), "\"\" }", "this text is empty, and it is served"),
        (gauge("").replace("shop", "Shop"), "\"Shop\"", "a contract's name has lowercase letters"),
        (gauge("").replace("1.0.0", "1.0"), "\"1.0\"", "a contract's version is a semantic version"),
        (with_metric("").replace("{  }", ""), "[", "this contract has no metrics"),
    ] {
        one_diagnostic(&text, at, expected);
    }
}

#[test]
fn the_rules_of_labels_hold() {
    let conditional = |condition: &str| {
        with_label(&format!(
            "\"name\": \"b\", \"budget\": 1, \"conditional\": true, \"conditions\": [{{ {condition} }}]"
        ))
    };
    for (text, at, expected) in [
        (with_label("\"name\": \"le\", \"budget\": 1"), "\"le\"", "`le` is reserved by the exposition format"),
        (with_label("\"name\": \"__a\", \"budget\": 1"), "\"__a\"", "`__a` is reserved"),
        (with_label("\"name\": \"poolId\", \"budget\": 1"), "\"poolId\"", "a label's name has lowercase letters"),
        (
            with_label("\"name\": \"other\", \"budget\": 1"),
            "\"other\"",
            "the label `other` of `orders` is declared twice",
        ),
        (with_label("\"name\": \"b\", \"budget\": 0"), "0 ", "a budget is from 1 to 1000000"),
        (with_label("\"name\": \"b\", \"values\": []"), "[]", "a closed label has at least one value"),
        (
            with_label("\"name\": \"b\", \"values\": [\"\"]"),
            "\"\"",
            "prometheus reads an empty value as an absent label",
        ),
        (with_label("\"name\": \"b\", \"values\": [\"__x\"]"), "\"__x\"", "values that start with `__`"),
        (with_label("\"name\": \"b\", \"values\": [\"a\", \"a\"]"), "\"a\"]", "the value \"a\" is repeated"),
        (
            with_label("\"name\": \"b\", \"budget\": 1, \"conditions\": [{ \"not_with\": \"other\" }]"),
            "[{ \"not_with\"",
            "every series carries this label",
        ),
        (conditional("\"not_with\": \"b\""), "{ \"", "the label `b` of `orders` has a condition on `b` itself"),
        (
            conditional("\"not_with\": \"c\""),
            "{ \"",
            "the label `b` of `orders` has a condition on `c`, and the metric's labels are other, b",
        ),
        (
            conditional("\"only_with\": \"other\", \"values\": [\"c\"]"),
            "{ \"",
            "the label `b` of `orders` has a condition on `other`, which is never `c`, but one of `a`, `b`",
        ),
        (
            conditional("\"only_with\": \"other\", \"values\": []"),
            "{ \"only_with\"",
            "a condition on no value can never hold",
        ),
    ] {
        one_diagnostic(&text, at, expected);
    }
    for right in ["\"not_with\": \"other\"", "\"only_with\": \"other\", \"values\": [\"b\"]"] {
        OwnedContract::from_json(&conditional(right)).expect("nothing is wrong");
    }
}

#[test]
fn all_mistakes_come_at_once_and_in_order() {
    let metric = "{ \"name\": \"a_total\", \"kind\": \"gauge\", \"unit\": \"metres\", \"help\": \"x\" }";
    let text = format!("{{ \"version\": \"one\", \"metrics\": [\n{metric},\n{{ \"kind\": 7 }},\n{metric}] }}");
    let error = OwnedContract::from_json(&text).expect_err("it is wrong");
    let lines: Vec<_> = error.diagnostics().iter().map(|diagnostic| diagnostic.line).collect();
    assert_eq!(lines, [1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4], "{error}");
    let many = format!("[{}]", vec!["{}"; 100].join(","));
    let error = OwnedContract::from_json(&format!("{{ \"metrics\": {many} }}")).expect_err("wrong");
    assert_eq!(error.diagnostics().len(), 50);
    assert!(error.to_string().ends_with("and 353 more"), "{error}");
}

#[test]
fn an_edited_file_is_reported() {
    let text = OwnedContract::from(&v1::CONTRACT).to_json();
    let edited = text.replace("\"budget\": 256", "\"budget\": 257");
    assert_ne!(edited, text);
    one_diagnostic(&edited, "\"", "this file was edited after its export: its content has the fingerprint ");
    // What the fingerprint does not cover may be edited, and so may a file without one.
    let documented = text.replace("GPU utilization percent.", "How busy the GPU is.");
    assert!(OwnedContract::from_json(&documented).is_ok());
    let without: String = edited.lines().filter(|line| !line.contains("\"fingerprint\"")).collect();
    assert!(OwnedContract::from_json(&without).is_ok());
}

#[test]
fn a_mistake_that_is_hard_to_see_is_named() {
    let file = |kind: &str, value: &str| {
        format!(
            "\u{feff}{{ \"format\": 1, \"name\": \"shop\", \"version\": \"1.0.0\", \"metrics\": [{{ \"name\": \"orders\", \
             \"kind\": \"{kind}\", \"unit\": \"1\", \"help\": \"a\", \"labels\": [{{ \"name\": \"x\", \"values\": [\"{value}\"] }}] }}] }}"
        )
    };
    let read = |kind, value| OwnedContract::from_json(&file(kind, value)).map_err(|error| error.to_string());
    assert!(read("gauge", "a").is_ok(), "a byte order mark is not part of the text");
    let error = read("gaug", "a").expect_err("no kind");
    assert!(error.contains("must be \"counter\", \"gauge\" or \"histogram\"; did you mean `gauge`?"), "{error}");
    let error = read("gauge", "\\ud800").expect_err("half a character");
    assert!(
        error.contains("this is not JSON: invalid unicode escape sequence. 'd800 (unpaired high surrogate)'"),
        "{error}"
    );
}

/// What the compiler evaluates of a metric, as `#[contract]` and `#[label(only_with = ..)]` demand it; the first error.
fn by_compiler(desc: &MetricDesc) -> Option<String> {
    let evaluated = std::panic::catch_unwind(|| {
        // Each label as a group of its own.
        let _ = (0..desc.labels.len()).fold(0, |at, _| assertions::labels_fit(desc, at, 1));
        let conditional = desc.labels.iter().filter(|label| !label.conditions.is_empty());
        conditional.for_each(|label| assertions::condition_matters(label.conditional));
        if desc.kind == MetricKind::Histogram {
            assertions::buckets_ascend(desc.buckets);
        }
        if desc.series_limit != DEFAULT_SERIES_LIMIT {
            assertions::series_limit_matters(desc);
        }
    });
    let payload = evaluated.err()?;
    payload
        .downcast::<String>()
        .map_or_else(|payload| payload.downcast_ref::<&str>().map(ToString::to_string), |text| Some(*text))
}

const fn label(name: &'static str, conditions: &'static [Condition]) -> LabelDesc {
    LabelDesc { name, values: LabelValues::Closed(&["a", "b"]), conditional: true, conditions }
}

const NOT_WITH_Y: &[Condition] = &[Condition::NotWith { label: "y" }];
const ONLY_WITH_C: &[Condition] = &[Condition::OnlyWith { label: "y", values: &["a", "c"] }];
const ONLY_WITH_A: &[Condition] = &[Condition::OnlyWith { label: "y", values: &["a"] }];
const REQUIRED: LabelDesc = LabelDesc { conditional: false, ..label("x", NOT_WITH_Y) };

/// 3 to the power of 7 label sets, more than are there from the start.
const MANY: [LabelDesc; 7] = [
    label("a", &[]),
    label("b", &[]),
    label("c", &[]),
    label("d", &[]),
    label("e", &[]),
    label("f", &[]),
    label("g", &[]),
];

/// Labels of a gauge, and why they are rejected.
static LABELS: [(&[LabelDesc], Option<&str>); 6] = [
    (&[label("x", &[]), label("x", &[])], Some("is declared twice")),
    (&[label("x", NOT_WITH_Y)], Some("and the metric's labels are x")),
    (&[label("x", ONLY_WITH_C), label("y", &[])], Some("which is never `c`, but one of `a`, `b`")),
    (&[REQUIRED, label("y", &[])], Some("so that a condition has no effect")),
    (&[label("x", ONLY_WITH_A), label("y", &[])], None),
    (&[label("x", NOT_WITH_Y), label("y", &[])], None),
];

/// Buckets of a histogram, and why they are rejected.
static BUCKETS: [(&[f64], Option<&str>); 5] = [
    (&[], Some("a histogram has at least one bucket bound")),
    (&[0.5, 0.5], Some("this bucket bound is repeated")),
    (&[-0.0, 0.0], Some("this bucket bound is repeated")),
    (&[1.0, 0.5], Some("bucket bounds must ascend")),
    (&[-1.0, 0.5], None),
];

/// One table for the assertions that the compiler evaluates and the rules of a file: both reject the same contracts
/// with the same message; only the help differs.
#[test]
fn what_the_compiler_evaluates_holds_for_a_file_too() {
    let gauge = *v1::CONTRACT.metric("queue_depth").expect("it is declared");
    let histogram = *v1::CONTRACT.metric("latency_decode_ms").expect("it is declared");
    let no_effect = Some("has all its label sets from the start, so that a `series_limit` has no effect");
    let open = gauge.labels;
    const CLOSED: &[LabelDesc] = &[label("x", &[])];
    let limits: [(&[LabelDesc], u32, Option<&str>); 5] = [
        (&[], 8, no_effect),
        (CLOSED, 8, no_effect),
        (CLOSED, DEFAULT_SERIES_LIMIT, None),
        (open, 8, None),
        (&MANY, 8, None),
    ];
    let of_labels = LABELS.iter().map(|(labels, expected)| (MetricDesc { labels, ..gauge }, *expected));
    let of_buckets = BUCKETS.iter().map(|(buckets, expected)| (MetricDesc { buckets, ..histogram }, *expected));
    let of_limits =
        limits.map(|(labels, series_limit, expected)| (MetricDesc { labels, series_limit, ..gauge }, expected));
    for (desc, expected) in of_labels.chain(of_buckets).chain(of_limits) {
        let contract = OwnedContract { metrics: vec![OwnedMetric::from(&desc)], ..OwnedContract::from(&v1::CONTRACT) };
        let in_a_file = OwnedContract::from_json(&contract.to_json()).err();
        let in_a_file = in_a_file.map(|error| error.diagnostics().to_vec()).unwrap_or_default();
        let in_a_file: Vec<_> = in_a_file.into_iter().map(|diagnostic| diagnostic.message).collect();
        let Some(expected) = expected else {
            assert_eq!((by_compiler(&desc), in_a_file), (None, Vec::new()));
            continue;
        };
        let [message] = in_a_file.as_slice() else { panic!("one finding: {in_a_file:?}") };
        let by_compiler = by_compiler(&desc).expect("it is rejected");
        let ends = ["; ", ", but this", ", as in "].iter().filter_map(|end| message.find(end));
        let cause = &message[..ends.min().unwrap_or(message.len())];
        assert!(cause.ends_with(expected) && by_compiler.starts_with(cause), "{message}\n{by_compiler}");
    }
}
