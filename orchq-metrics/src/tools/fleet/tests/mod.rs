//! Fleet data made by hand, and the findings in it.

mod asked;
mod presence;
mod series;

use super::answer::{Metadata, Row, TargetMetadata};
use super::collect::FleetData;
use super::*;
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

fn drop_series(data: &mut FleetData, job: &str, metric: &str) {
    let other = |row: &Row| row.label("job") != job || !row.label("__name__").starts_with(metric);
    data.series.retain(other);
    data.instances.retain(other);
    data.buckets.retain(other);
}
