//! Which jobs, instances, metrics and versions a fleet has.

use super::*;

#[test]
fn a_fleet_that_keeps_the_contract_has_no_findings() {
    let data = fleet(&["orchestrator", "worker"]);
    assert_eq!(found(&data), [""; 0]);
    assert_eq!(report(&data).examined, 2 * 17 * 6);
    assert_eq!((report(&FleetData::default()).examined, found(&FleetData::default())), (0, Vec::new()));
}

#[test]
fn metrics_are_missing_in_all_jobs_or_in_one() {
    let mut data = fleet(&["orchestrator", "worker"]);
    drop_series(&mut data, "orchestrator", "vram_used_bytes");
    drop_series(&mut data, "orchestrator", "gpu_utilization");
    drop_series(&mut data, "worker", "gpu_utilization");
    assert_eq!(
        found(&data),
        [
            "fleet-metric-missing gpu_utilization: none of the jobs `orchestrator` and `worker` has a series of it",
            "fleet-job-metric-missing orchestrator/vram_used_bytes: the job, of 3 instances, has no series of it, and job `worker` has one",
        ]
    );
    // A known lack is suppressed by its job.
    let mut allowed = report(&data);
    let suppressions = ["fleet-metric-missing:gpu_*", "fleet-job-metric-missing:orchestrator/vram_*"];
    assert_eq!(
        allowed.suppress("fleet", &suppressions.map(|what| crate::tools::suppress::Suppression::new(what, "no GPU"))),
        2
    );
    assert_eq!(allowed.findings, []);
}

#[test]
fn a_metric_that_some_instances_lack_is_reported_with_their_number() {
    let mut data = fleet(&["worker"]);
    let of = |row: &&mut Row| row.label("__name__") == "queue_depth";
    data.instances.iter_mut().find(of).expect("it is there").value = Some(1.0);
    assert_eq!(found(&data), ["fleet-instances-without worker/queue_depth: 2 of 3 instances have no series of it"]);
}

#[test]
fn names_alone_are_not_taken_for_the_contract() {
    let mut data = fleet(&["worker"]);
    let stray = row(&[("job", "rabbit"), ("__name__", "queue_depth")], 4.0);
    data.series.push(stray.clone());
    data.instances.push(stray);
    drop_series(&mut data, "worker", "queue_depth");
    assert_eq!(
        found(&data),
        [
            "fleet-identity-missing rabbit: it has series of 1 of the contract's 13 metrics, and none of its processes reports a contract",
            "fleet-metric-missing queue_depth: job `worker` has no series of it; job `rabbit` has one, and does not report the contract",
        ]
    );
    // If no instance reports its contract, all are expected to have it.
    data.builds.clear();
    let found = found(&data);
    assert_eq!(found.iter().filter(|finding| finding.starts_with("fleet-identity-missing")).count(), 2, "{found:?}");
    assert_eq!(found.iter().filter(|finding| finding.starts_with("fleet-job-metric-missing rabbit/")).count(), 12);
}

#[test]
fn versions_are_distinguished_and_others_are_not_checked() {
    let mut data = fleet(&["worker"]);
    data.builds.push(build("worker", "0.9.0", "00ff", 2.0));
    data.builds.push(build("edge", "1.1.0", "11ff", 1.0));
    data.build_examples = vec![build("worker", "0.9.0", "00ff", 1.0), build("edge", "1.1.0", "11ff", 1.0)];
    data.build_examples[0].labels.insert("instance".to_owned(), "w4:9000".to_owned());
    data.series.push(row(&[("job", "edge"), ("__name__", "queue_depth")], 5.0));
    let fingerprint = contract().fingerprint();
    assert_eq!(
        found(&data),
        [
            format!(
                "fleet-version-skew orchqueue: 3 builds of it run: 1.0.0 ({fingerprint}), which is checked, on 3 \
                 instances of `worker`; 0.9.0 (00ff) on 2 instances of `worker`; 1.1.0 (11ff) on 1 instance of `edge`"
            ),
            "fleet-other-version worker/orchqueue: 2 of 5 instances have 0.9.0 (00ff), behind 1.0.0 that is checked, \
             and its series are not checked, such as w4:9000"
                .to_owned(),
            "fleet-other-version edge/orchqueue: 1 of 1 instance has 1.1.0 (11ff), ahead of 1.0.0 that is checked, and \
             its series are not checked"
                .to_owned(),
        ]
    );
}

#[test]
fn a_fleet_of_another_version_alone_has_not_passed() {
    let mut data = fleet(&["worker"]);
    data.builds = vec![build("worker", "1.0.0", "00ff", 3.0)];
    data.instances.clear();
    data.buckets.clear();
    let found = found(&data);
    assert!(found[0].starts_with("fleet-contract-absent orchqueue: no process of the fleet has 1.0.0 ("), "{found:?}");
    assert!(
        found[1].contains("3 of 3 instances report 1.0.0 with another fingerprint (00ff): built from a changed"),
        "{found:?}"
    );
    assert_eq!((found.len(), report(&data).worst()), (2, Some(crate::report::finding::Severity::Error)));
    // An instance with the same fingerprint and another version is checked.
    data.builds = vec![build("worker", "1.0.1", &contract().fingerprint(), 3.0)];
    let found = self::found(&data);
    assert_eq!(found.iter().filter(|finding| finding.starts_with("fleet-metric-missing")).count(), 13);
    assert!(found.iter().any(|finding| finding.contains("ahead of 1.0.0 that is checked, with the same fingerprint")));
}

#[test]
fn what_cannot_be_checked_is_reported() {
    let mut data = fleet(&["worker"]);
    data.lately.push(row(&[("job", "night")], 1.0));
    data.targets.push(row(&[("job", "night")], 2.0));
    data.down = vec![row(&[("job", "worker")], 1.0), row(&[("job", "night")], 2.0), row(&[("job", "other")], 9.0)];
    data.down_examples = vec![row(&[("job", "worker"), ("instance", "w3:9000")], 1.0)];
    data.warnings.insert("store w is away".to_owned());
    data.labels_known = false;
    data.metadata.values_mut().for_each(Vec::clear);
    let options = FleetOptions {
        jobs: vec!["worker".to_owned(), "day".to_owned(), "night".to_owned()],
        ..FleetOptions::default()
    };
    let findings = evaluate::report(&contract(), &options, &data).findings;
    let found: Vec<_> =
        findings.iter().map(|found| format!("{} {}: {}", found.rule, found.subject, found.message)).collect();
    assert_eq!(
        found,
        [
            "fleet-answer-partial orchqueue: store w is away",
            "fleet-labels-not-known orchqueue: not every label that is missing from the contract could be looked for",
            "fleet-job-absent day: the server has neither series of the contract nor targets in it",
            "fleet-job-absent night: the server has no series of the contract in it: all its targets are down",
            "fleet-targets-down worker: 1 of 3 targets is down (w3:9000)",
            "fleet-targets-down night: 2 of 2 targets are down",
            "fleet-metadata-missing orchqueue: the server does not know the type of any of its metrics, so types were \
             not checked",
        ]
    );
    let gone = evaluate::report(&contract(), &FleetOptions::default(), &data).findings;
    assert!(gone.iter().any(|finding| (&*finding.rule, finding.subject.as_str()) == ("fleet-job-gone", "night")));
}
