//! Fleet data made by hand, and the findings in it.

mod asked;
mod presence;
mod series;

use super::answer::{Metadata, Row, TargetMetadata};
use super::collect::FleetData;
use super::*;
use crate::declare::lifecycle::{Deprecation, OldName};
use crate::v1;

fn contract() -> OwnedContract {
    OwnedContract::from(&v1::CONTRACT)
}

fn row(labels: &[(&str, &str)], value: f64) -> Row {
    let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Row { labels, value: Some(value) }
}

fn build(job: &str, version: &str, fingerprint: &str, instances: f64) -> Row {
    row(&[("job", job), ("contract", "orchqueue"), ("version", version), ("fingerprint", fingerprint)], instances)
}

/// A fleet of these jobs, each with three instances that keep the contract.
fn fleet(jobs: &[&str]) -> FleetData {
    let contract = contract();
    let (mut names, mut buckets) = (Vec::new(), Vec::new());
    for metric in &contract.metrics {
        names.extend(metric.series_names());
        if !metric.buckets.is_empty() {
            let bounds = metric.buckets.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
            buckets.extend(bounds.map(|bound| (format!("{}_bucket", metric.name), bound)));
        }
    }
    let mut data = FleetData { labels_known: true, ..FleetData::default() };
    for job in jobs {
        data.builds.push(build(job, &contract.version, &contract.fingerprint(), 3.0));
        data.lately.push(row(&[("job", job)], 3.0));
        data.targets.push(row(&[("job", job)], 3.0));
        let of = |name: &String, count| row(&[("job", job), ("__name__", name)], count);
        data.series.extend(names.iter().map(|name| of(name, 6.0)));
        data.instances.extend(names.iter().map(|name| of(name, 3.0)));
        let bucket = |(name, le): &(String, String)| row(&[("job", job), ("__name__", name), ("le", le)], 6.0);
        data.buckets.extend(buckets.iter().map(bucket));
    }
    for metric in &contract.metrics {
        let known = Metadata { kind: metric.kind.as_str().to_owned(), help: metric.help.clone() };
        data.metadata.insert(metric.name.clone(), vec![known]);
    }
    data
}

fn report(data: &FleetData) -> Report {
    evaluate::report(&contract(), &FleetOptions::default(), data)
}

/// What is found, as `rule subject: message`.
fn found(data: &FleetData) -> Vec<String> {
    let findings = report(data).findings.into_iter();
    findings.map(|finding| format!("{} {}: {}", finding.rule, finding.subject, finding.message)).collect()
}

#[test]
fn an_old_name_is_not_required_and_does_not_count_for_the_new_one() {
    let mut contract = contract();
    contract.metrics[0].renamed_from =
        Some(OldName::new("jobs_total".to_owned(), "1.0.0".to_owned(), "2.0.0".to_owned()));
    let named = |series| super::violation::metric_named(&contract, series).map(|metric| metric.name.as_str());
    assert_eq!(named(&contract.metrics[0].name), Some(&*contract.metrics[0].name));
    assert_eq!(named("jobs_total"), None);
}

#[test]
fn the_help_of_a_deprecated_metric_says_so() {
    let mut metric = contract().metrics.remove(0);
    metric.deprecated = Some(Deprecation::new("1.0.0".to_owned(), "use another".to_owned()));
    let of = |help: &str| Metadata { kind: metric.kind.as_str().to_owned(), help: help.to_owned() };
    assert!(of(&metric.help).is_another_help(&metric));
    assert!(!of(&format!("Deprecated since 1.0.0: use another. {}", metric.help)).is_another_help(&metric));
}

fn drop_series(data: &mut FleetData, job: &str, metric: &str) {
    let other = |row: &Row| row.label("job") != job || !row.label("__name__").starts_with(metric);
    data.series.retain(other);
    data.instances.retain(other);
    data.buckets.retain(other);
}
