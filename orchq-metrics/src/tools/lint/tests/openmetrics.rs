//! Rules of OpenMetrics that the Prometheus text format does not have, and names that clash in both.

use super::*;

fn openmetrics(text: &str) -> Vec<String> {
    found(&format!("{text}# EOF\n"))
}

#[test]
fn the_lines_of_a_label_set_are_together() {
    let summary = "# TYPE s summary\n";
    let split = "s_sum{a=\"1\"} 1\ns_sum{a=\"2\"} 1\ns_count{a=\"1\"} 1\ns_count{a=\"2\"} 1\n";
    let together =
        "s{a=\"1\",quantile=\"0.5\"} 1\ns_sum{a=\"1\"} 1\ns_count{a=\"1\"} 1\ns_sum{a=\"2\"} 1\ns_count{a=\"2\"} 1\n";
    let quantiles = "s{a=\"1\",quantile=\"0.5\"} 1\ns{a=\"2\",quantile=\"0.5\"} 1\ns{a=\"1\",quantile=\"0.9\"} 1\n";
    assert_eq!(openmetrics(&[summary, together].concat()), [""; 0]);
    assert_eq!(openmetrics(&[summary, split].concat()), ["exposition-metric-split 4:s_count"]);
    assert_eq!(openmetrics(&[summary, quantiles].concat()), ["exposition-metric-split 4:s"]);
    // The text format allows it.
    assert_eq!(found(&[summary, split].concat()), [""; 0]);
    assert_eq!(found(&[summary, quantiles].concat()), [""; 0]);
    for (lines, expected) in [
        (
            "h_bucket{a=\"1\",le=\"+Inf\"} 2\nh_bucket{a=\"2\",le=\"+Inf\"} 3\nh_sum{a=\"1\"} 1\nh_count{a=\"1\"} 2\n",
            &["exposition-metric-split 4:h_sum"][..],
        ),
        (
            "h_bucket{a=\"1\",le=\"+Inf\"} 2\nh_sum{a=\"1\"} 1\nh_count{a=\"1\"} 2\nh_bucket{a=\"2\",le=\"+Inf\"} 3\n\
             h_created{a=\"1\"} 1\n",
            &["exposition-metric-split 6:h_created"],
        ),
        ("h_bucket{le=\"+Inf\"} 2\nh_sum 1\nh_count 2\nh_created 1\n", &[]),
    ] {
        assert_eq!(openmetrics(&format!("# TYPE h histogram\n{lines}")), expected, "{lines}");
    }
    for (lines, expected) in [
        ("c_total{a=\"1\"} 1\nc_created{a=\"1\"} 1\nc_total{a=\"2\"} 1\nc_created{a=\"2\"} 1\n", &[][..]),
        ("c_created{a=\"1\"} 1\nc_total{a=\"1\"} 1\nc_total{a=\"2\"} 1\n", &[]),
        ("c_total{a=\"1\"} 1\nc_total{a=\"2\"} 1\nc_created{a=\"1\"} 1\n", &["exposition-metric-split 4:c_created"]),
        ("c_created{a=\"1\"} 1\nc_created{a=\"2\"} 1\nc_total{a=\"1\"} 1\n", &["exposition-metric-split 4:c_total"]),
    ] {
        assert_eq!(openmetrics(&format!("# TYPE c counter\n{lines}")), expected, "{lines}");
    }
}

#[test]
fn no_family_has_the_name_of_anothers_samples() {
    for (text, expected) in [
        (
            "# TYPE foo counter\nfoo_total 1\n# TYPE foo_created gauge\nfoo_created 1\n",
            &["exposition-name-clash 3:foo_created"][..],
        ),
        ("# TYPE foo counter\n# TYPE foo_total gauge\nfoo_total 1\n", &["exposition-name-clash 2:foo_total"]),
        (
            "# TYPE foo_created gauge\nfoo_created 1\n# TYPE foo counter\nfoo_total 1\n",
            &["exposition-name-clash 3:foo"],
        ),
        ("# TYPE foo summary\n# HELP foo_count x\n# TYPE foo_count gauge\n", &["exposition-name-clash 2:foo_count"]),
        ("# TYPE foo info\n# TYPE foo_info gauge\n", &["exposition-name-clash 2:foo_info"]),
        ("# TYPE foo gauge\n# TYPE foo_created gauge\n# TYPE foo_sum gauge\n", &[]),
    ] {
        assert_eq!(openmetrics(text), expected, "{text}");
    }
    for suffix in ["_bucket", "_sum", "_count"] {
        let text = format!(
            "# TYPE foo histogram\n# HELP foo{suffix} x\n# TYPE foo{suffix} untyped\nfoo{suffix}{{a=\"1\"}} 1\n"
        );
        assert_eq!(found(&text), [format!("exposition-name-clash 2:foo{suffix}")], "{text}");
    }
    assert_eq!(found("# TYPE foo histogram\n# TYPE foo_created gauge\nfoo_created 1\n"), [""; 0]);
    assert_eq!(found("# TYPE foo counter\nfoo 1\n# TYPE foo_total counter\nfoo_total 1\n"), [""; 0]);
}

#[test]
fn names_and_numbers_are_spelled_in_one_way() {
    let histogram = |le: &str| format!("# TYPE h histogram\nh_bucket{{le=\"{le}\"}} 1\nh_bucket{{le=\"+Inf\"}} 1\n");
    for le in ["1.50", ".5", "1e3", "1000000.0", "01.0"] {
        assert_eq!(openmetrics(&histogram(le)), [format!("exposition-le-spelling 2:{le}")]);
    }
    for le in ["1.5", "0.5", "1000.0", "1e+06", "2.5e-05"] {
        assert_eq!(openmetrics(&histogram(le)), [""; 0], "{le}");
    }
    assert_eq!(openmetrics("# TYPE a gauge\na{_b=\"1\"} 1\n"), ["exposition-label-reserved 2:_b"]);
    assert_eq!(found("a{_b=\"1\"} 1\n"), [""; 0]);
    for (text, name) in [
        ("{\"a.b\"} 1\n{\"a.b\",c=\"1\"} 1\n", "a.b"),
        ("{\"a_b\"} 1\n", "a_b"),
        ("a{b=\"1\"} 1\na{\"b.c\"=\"1\"} 1\na{\"b.c\"=\"2\"} 1\n", "b.c"),
    ] {
        let line = if name == "b.c" { 2 } else { 1 };
        assert_eq!(found(text), [format!("exposition-quoted-name {line}:{name}")], "{text}");
        assert_eq!(openmetrics(text), [format!("exposition-quoted-name {line}:{name}")], "{text}");
    }
}

#[test]
fn values_times_and_units() {
    for (text, expected) in [
        ("# TYPE a gauge\na 1 5\na 1 4\n", &["exposition-timestamp-order 3:4"][..]),
        ("# TYPE a gauge\na{x=\"1\"} 1 5\na{x=\"2\"} 1 4\n", &[]),
        ("# TYPE a info\n# UNIT a a\n", &["exposition-unit-suffix 2:a"]),
        ("# UNIT a_s s\n# TYPE a_s stateset\n", &["exposition-unit-suffix 2:a_s"]),
        ("# TYPE s summary\ns_sum -1\ns_count 1\n", &["exposition-counter-value 2:-1"]),
        ("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum NaN\nh_count 1\n", &["exposition-counter-value 3:NaN"]),
    ] {
        assert_eq!(openmetrics(text), expected, "{text}");
    }
    assert_eq!(found("# TYPE s summary\ns_sum -1\ns_count 1\n"), [""; 0]);
}

#[test]
fn a_sum_and_a_count_have_no_bound() {
    let text = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum{le=\"1\"} 1\nh_count{le=\"+Inf\"} 1\n";
    assert_eq!(found(text), ["exposition-histogram-le 3:1", "exposition-histogram-le 4:+Inf"]);
    let text = "# TYPE s summary\ns_sum{quantile=\"1\"} 1\ns_count 1\n";
    assert_eq!(found(text), ["exposition-histogram-le 2:1"]);
}

#[test]
fn a_counter_that_is_declared_with_total_has_one_finding() {
    let contract = OwnedContract::from(&crate::v1::CONTRACT);
    let text = "# HELP tasks_rejected_total Number of rejected tasks with the typed reason.\n\
                # TYPE tasks_rejected_total counter\ntasks_rejected_total{reason=\"QUEUE_FULL\",engine=\"vllm\"} 1\n# EOF\n";
    let report = linted(Some(&contract), text);
    let missing = |finding: &&Finding| finding.rule != "scrape-family-missing";
    let findings: Vec<_> = report.findings.iter().filter(missing).collect();
    let [name, value] = findings[..] else { panic!("{findings:#?}") };
    assert_eq!((&*name.rule, name.subject.as_str()), ("exposition-sample-name", "tasks_rejected_total"));
    assert!(name.message.ends_with("declare `tasks_rejected`"), "{}", name.message);
    assert_eq!(brief(value), "scrape-value-unknown 3:QUEUE_FULL");
    assert!(report.findings.iter().all(|finding| finding.subject != "tasks_rejected_total" || missing(&finding)));
}

#[test]
fn infinity_is_written_as_in_the_text() {
    let message = |text: &str| linted(None, text).findings.swap_remove(0).message;
    assert!(message("# TYPE a counter\na +Inf\n").starts_with("a counter is +Inf;"));
    let order = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n";
    assert!(message(order).starts_with("the bucket 1 is after the bucket +Inf;"), "{}", message(order));
    let last = promised().replacen("le=\"300000\"", "le=\"+Inf\"", 1);
    let report = linted(Some(&contract()), &last);
    let bounds = report.findings.iter().find(|finding| finding.rule == "scrape-buckets").expect("found");
    assert!(bounds.message.starts_with("the bucket is +Inf, where"), "{}", bounds.message);
}
