//! The records in this binary, compared with the sites that the linker collected.

use std::collections::BTreeMap;

use fixtures as _;
use orchq_metrics::__unstable::binary::{self, Records};
use orchq_metrics::__unstable::from_records;
use orchq_metrics::private::ORCHQ_METRICS_CONTRACTS;
use orchq_metrics::sites::{self, Listing};
use orchq_metrics::{MetricKind, OwnedContract};
use orchqueue as _;

fn this_binary() -> Records {
    let program = std::fs::read(std::env::current_exe().expect("a path")).expect("this binary");
    binary::read(&program).expect("it is one")
}

/// The fields of an emission, in one order for both sides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Emission {
    krate: (String, String),
    path: String,
    file: String,
    test: bool,
    metric: (String, String, &'static str),
    labels: Vec<(String, bool)>,
    lines: Vec<u32>,
    by_another_library: bool,
}

/// How many there are of each: a macro can make two functions that do not differ in these fields.
fn counted(emissions: impl Iterator<Item = Emission>) -> BTreeMap<Emission, usize> {
    let mut counts = BTreeMap::new();
    emissions.for_each(|emission| *counts.entry(emission).or_default() += 1);
    counts
}

fn linked() -> BTreeMap<Emission, usize> {
    let coverages: Vec<_> = ORCHQ_METRICS_CONTRACTS.iter().map(|contract| contract.coverage()).collect();
    let metrics = coverages.iter().flat_map(|coverage| &coverage.metrics);
    counted(metrics.flat_map(|metric| {
        metric.sites.iter().map(|site| Emission {
            krate: (site.crate_name.clone(), site.crate_version.clone()),
            path: site.function.clone(),
            file: site.file.clone(),
            test: site.test,
            metric: (metric.desc.contract.to_owned(), metric.desc.name.to_owned(), metric.desc.kind.as_str()),
            labels: metric.desc.labels.iter().map(|label| (label.name.to_owned(), label.conditional)).collect(),
            lines: site.lines.clone(),
            by_another_library: site.by_another_library,
        })
    }))
}

fn recorded(records: &Records) -> BTreeMap<Emission, usize> {
    counted(records.emissions().iter().map(|emits| Emission {
        krate: (emits.site.crate_name.clone(), emits.site.crate_version.clone()),
        path: emits.site.function.clone(),
        file: emits.site.file.clone(),
        test: emits.site.test,
        metric: (emits.metric.contract.clone(), emits.metric.name.clone(), emits.metric.kind.as_str()),
        labels: emits.metric.labels.clone(),
        lines: emits.site.lines.clone(),
        by_another_library: emits.extern_labels.is_some(),
    }))
}

#[test]
fn every_linked_site_is_recorded_and_no_other() {
    let records = this_binary();
    assert!(records.is_complete());
    let (linked, recorded) = (linked(), recorded(&records));
    assert!(linked.len() > 30, "{}", linked.len());
    for emission in linked.keys().chain(recorded.keys()) {
        assert_eq!(recorded.get(emission), linked.get(emission), "{emission:#?}");
    }
}

#[test]
fn every_linked_contract_is_recorded_to_the_last_bit() {
    let records = this_binary();
    let mut linked: Vec<_> = ORCHQ_METRICS_CONTRACTS.iter().map(|contract| OwnedContract::from(*contract)).collect();
    let mut recorded = records.contracts().to_vec();
    let place = |contract: &OwnedContract| (contract.name.clone(), contract.version.clone(), contract.metrics.len());
    linked.sort_by_key(place);
    recorded.sort_by_key(place);
    assert!(linked.len() > 3, "{}", linked.len());
    assert_eq!(recorded, linked);
    let bits = |contracts: &[OwnedContract]| -> Vec<u64> {
        let metrics = contracts.iter().flat_map(|contract| &contract.metrics);
        metrics.flat_map(|metric| metric.buckets.iter().map(|bound| bound.to_bits())).collect()
    };
    assert_eq!(bits(&recorded), bits(&linked));
    assert!(linked.iter().flat_map(|contract| &contract.metrics).any(|metric| metric.kind == MetricKind::Histogram));
}

/// The queue's program has the orchestrator and the workers in it: it covers OrchQueue's contract.
#[test]
fn the_queue_covers_its_contract() {
    let binary = from_records("queue", this_binary());
    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    let report = sites::check(Some(&contract), std::slice::from_ref(&binary));
    let errors: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(report.examined > 30, "{}", report.examined);
    let json = serde_json::to_value(Listing::new(&contract, &[binary])).expect("it serialises");
    assert_eq!(json["metrics"][0]["name"], "tasks_enqueued_total");
    assert!(json["metrics"][0]["sites"][0]["function"].as_str().expect("a path").starts_with("orchqueue::"));
}
