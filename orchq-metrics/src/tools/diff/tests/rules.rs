//! The recording rules for old names that were dropped.

use super::{closed, contract, dropped, label};

fn rules(edit: impl FnOnce(&mut crate::contract::owned::OwnedContract)) -> Option<String> {
    let old = contract();
    let mut new = old.clone();
    edit(&mut new);
    dropped(&old, &new).compatibility_rules()
}

#[test]
fn a_gauge_is_recorded_under_its_old_name() {
    let expected = "# The old names of renamed metrics, until every consumer reads the new ones.\n\
                    # A recorded counter works with rate() and increase(); all of these are one evaluation late.\n\
                    groups:\n  - name: 'queue-renames'\n    rules:\n      # queue_depth is queue_length now.\n      \
                    - record: queue_depth\n        expr: queue_length\n";
    assert_eq!(rules(|new| new.metrics[0].name = "queue_length".to_owned()).as_deref(), Some(expected));
    assert_eq!(rules(|new| drop(new.metrics.pop())), None);
}

#[test]
fn a_histogram_is_three_series() {
    let file = rules(|new| new.metrics[1].name = "time_to_first_ms".to_owned()).expect("it is renamed");
    for suffix in ["_bucket", "_sum", "_count"] {
        let rule = format!("- record: latency_first_ms{suffix}\n        expr: time_to_first_ms{suffix}\n");
        assert!(file.contains(&rule), "{file}");
    }
}

#[test]
fn another_unit_is_multiplied_and_bounds_are_made_one_by_one() {
    let file = rules(|new| {
        new.metrics[1].name = "latency_first_seconds".to_owned();
        new.metrics[1].unit = "seconds".to_owned();
        new.metrics[1].buckets = vec![0.005, 0.5, 5.0];
    })
    .expect("it is renamed");
    assert!(
        file.contains("- record: latency_first_ms_sum\n        expr: 'latency_first_seconds_sum * 1000'\n"),
        "{file}"
    );
    assert!(file.contains("- record: latency_first_ms_count\n        expr: latency_first_seconds_count\n"), "{file}");
    let bucket = "- record: latency_first_ms_bucket\n        expr: 'latency_first_seconds_bucket{le=~\"0\\\\.5\"}'\n        \
                  labels:\n          le: '500'\n";
    assert!(file.contains(bucket), "{file}");
    assert!(file.contains("le: '+Inf'"), "{file}");
    assert_eq!(file.matches("record: latency_first_ms_bucket").count(), 3, "{file}");
    assert!(file.contains("# No bucket can restore these bounds: 50.\n"), "{file}");
}

#[test]
fn bounds_are_found_in_every_spelling_that_prometheus_has() {
    let in_ms = |new: &mut crate::contract::owned::OwnedContract| {
        new.metrics[1].name = "latency_first_milliseconds".to_owned();
        new.metrics[1].unit = "milliseconds".to_owned();
        new.metrics[1].buckets = vec![0.01, 1.0, 100.0, 3_600_000.0];
    };
    let mut old = super::contract();
    old.metrics[1].unit = "seconds".to_owned();
    old.metrics[1].buckets = vec![0.000_01, 0.001, 0.1, 3_600.0];
    let mut new = old.clone();
    in_ms(&mut new);
    let file = dropped(&old, &new).compatibility_rules().expect("it is renamed");
    for (selector, le) in [
        (r#"{le=~"3600000|3\\.6e\\+06"}"#, "3600"),
        (r#"{le=~"100|100\\.0"}"#, "0.1"),
        (r#"{le=~"1|1\\.0"}"#, "0.001"),
        (r#"{le=~"0\\.01"}"#, "0.00001"),
        (r#"{le=~"\\+Inf"}"#, "+Inf"),
    ] {
        let rule = format!("{selector}'\n        labels:\n          le: '{le}'\n");
        assert!(file.contains(&rule), "{rule}\n{file}");
    }
    assert!(file.contains("# Each le is recorded as processes serve it (1000); "), "{file}");
    let back = dropped(&new, &old).compatibility_rules().expect("it is renamed");
    assert!(back.contains(r#"{le=~"0\\.00001|1e-05"}"#), "{back}");
}

#[test]
fn values_that_came_and_went_are_remarked() {
    let file = rules(|new| {
        new.metrics[0].name = "queue_length".to_owned();
        new.metrics[0].labels[0].values = closed(&["vllm", "tri\nton"]);
    })
    .expect("it is renamed");
    assert!(
        file.contains("# No series of the label engine has these values any more: \"llamacpp\", \"triton\".\n"),
        "{file}"
    );
    let file = rules(|new| {
        new.metrics[0].name = "queue_length".to_owned();
        new.metrics[0].labels[0].values = closed(&["llamacpp", "vllm", "triton", "a\nb"]);
    });
    let remark = "# The label engine has these new values on these series too: \"a\\nb\".\n";
    assert!(file.as_deref().is_some_and(|file| file.contains(remark)), "{file:?}");
}

#[test]
fn labels_that_came_and_went_are_remarked() {
    let file = rules(|new| {
        new.metrics[0].name = "queue_length".to_owned();
        new.metrics[0].labels[1].name = "pool".to_owned();
        new.metrics[0].labels.push(label("zone", closed(&["a"])));
    })
    .expect("it is renamed");
    for remark in ["label pool_id was removed, and is not restored", "label zone is new, and is on these series too"] {
        assert!(file.contains(&format!("# The {remark}.\n")), "{file}");
    }
}

#[test]
fn no_rule_is_written_of_names_that_are_none() {
    assert_eq!(rules(|new| new.metrics[0].name = "queue_depth'\n".to_owned()), None);
}
