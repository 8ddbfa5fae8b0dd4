//! The records in this binary, compared with the sites that the linker collected.

use std::collections::BTreeMap;

use fixtures as _;
use orchq_metrics::__private::{ORCHQ_METRICS_CONTRACTS, ORCHQ_METRICS_EMISSION_SITES};
use orchq_metrics::__unstable::binary::{self, Records};
use orchq_metrics::sites::{self, Binary, Listing};
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
    extern_labels: Option<Vec<String>>,
}

/// How many there are of each: a macro can make two functions that do not differ in these fields.
fn counted(emissions: impl Iterator<Item = Emission>) -> BTreeMap<Emission, usize> {
    let mut counts = BTreeMap::new();
    emissions.for_each(|emission| *counts.entry(emission).or_default() += 1);
    counts
}

fn linked() -> BTreeMap<Emission, usize> {
    let sites = ORCHQ_METRICS_EMISSION_SITES.iter();
    counted(sites.flat_map(|site| {
        site.emissions().map(move |emits| {
            let desc = emits.metric.desc;
            let extern_labels = emits.extern_labels;
            Emission {
                krate: (site.origin.krate.to_owned(), site.origin.version.to_owned()),
                path: site.path(),
                file: site.origin.file.to_owned(),
                test: site.is_test(),
                metric: (desc.contract.to_owned(), desc.name.to_owned(), desc.kind.as_str()),
                labels: desc.labels.iter().map(|label| (label.name.to_owned(), label.conditional)).collect(),
                lines: emits.lines.to_vec(),
                extern_labels: extern_labels.map(|labels| labels.iter().map(|label| (*label).to_owned()).collect()),
            }
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
        extern_labels: emits.extern_labels.clone(),
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
    // The slice also has the canary.
    assert_eq!(records.sites() + 1, ORCHQ_METRICS_EMISSION_SITES.len());
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
    let binary = Binary::new("queue", this_binary());
    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    let report = sites::check(Some(&contract), std::slice::from_ref(&binary));
    let errors: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(report.examined > 30, "{}", report.examined);
    let json = serde_json::to_value(Listing::new(&contract, &[binary])).expect("it serialises");
    assert_eq!(json["metrics"][0]["name"], "tasks_enqueued_total");
    assert!(json["metrics"][0]["sites"][0]["function"].as_str().expect("a path").starts_with("orchqueue::"));
}
