//! The recording rules are read by Prometheus's own tool, where it is installed.

use std::io::Write as _;
use std::process::{Command, Stdio};

use orchq_metrics::diff::compare;
use orchq_metrics::{OwnedContract, OwnedValues};

use super::v1;

/// What promtool says of a rule file; nothing where there is none.
fn check(rules: &str) -> Option<Result<String, String>> {
    let mut command = Command::new("promtool");
    command.args(["check", "rules"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("skipped: promtool is not installed");
        return None;
    };
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(rules.as_bytes()).expect("promtool reads all of it");
    drop(stdin);
    let output = child.wait_with_output().expect("promtool ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stdout) + &text(&output.stderr))
    })
}

fn rules(edit: impl FnOnce(&mut OwnedContract)) -> String {
    let old = v1();
    let mut new = old.clone();
    edit(&mut new);
    compare(&old, &new).compatibility_rules().expect("something was renamed")
}

#[test]
fn promtool_accepts_the_rules_and_counts_them() {
    let every = rules(|new| new.metrics.iter_mut().for_each(|metric| metric.name.insert_str(0, "orchq_")));
    let converted = rules(|new| {
        let metric = new.metrics.iter_mut().find(|metric| metric.name == "latency_decode_ms").expect("it is there");
        metric.name = "latency_decode_seconds".to_owned();
        metric.unit = "seconds".to_owned();
        metric.buckets.iter_mut().for_each(|bound| *bound /= 1e3);
    });
    let relabelled = rules(|new| {
        let metric = &mut new.metrics[2];
        metric.name = "tasks_cancelled_total".to_owned();
        metric
            .labels
            .iter_mut()
            .filter(|label| label.name == "pool_id")
            .for_each(|label| label.name = "pool".to_owned());
        for label in metric.labels.iter_mut().filter(|label| label.name == "reason") {
            label.values =
                OwnedValues::Closed(vec!["user".to_owned(), "watch'\u{e9}\"\\dog".to_owned(), "watch-dog".to_owned()]);
        }
    });
    // Eleven metrics of one series and two histograms; a count, a sum, fourteen bounds and the infinite one; one.
    for (rules, count) in [(every, 17), (converted, 17), (relabelled, 1)] {
        assert_eq!(rules.matches("record: ").count(), count, "{rules}");
        match check(&rules) {
            Some(Ok(said)) => assert!(said.contains(&format!("SUCCESS: {count} rules found")), "{said}\n{rules}"),
            Some(Err(said)) => panic!("{said}\n{rules}"),
            None => return,
        }
    }
    let refused = check("groups: [{name: a, rules: [{record: a, expr: 'rate('}]}]").expect("it was there before");
    assert!(refused.is_err(), "promtool refuses nothing: {refused:?}");
}
