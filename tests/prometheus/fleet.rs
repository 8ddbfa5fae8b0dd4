//! The queue as a fleet of one, as `orchq-metrics fleet` sees it.

use orchq_metrics::fleet::{FleetOptions, check};
use orchq_metrics::{Coverage, OwnedContract, Severity};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::api::Api;

/// Only metrics that were not hit are reported, as missing. A fleet that was built with another contract is recognised.
pub(crate) fn keeps_its_contract(api: &Api, contract: &OwnedContract, coverage: &Coverage) {
    let ask = |request: &orchq_metrics::fleet::Request| {
        let fields: Vec<_> = request.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = Handle::current().block_on(api.answer(request.endpoint.path(), &fields));
        Ok::<_, String>(Some(answer.into_bytes()))
    };
    let examine = |contract: &OwnedContract| {
        let report = block_in_place(|| check(contract, &FleetOptions::default(), ask)).expect("it answers");
        assert!(report.examined > 0);
        let errors = report.findings.into_iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| (finding.rule.to_string(), finding.subject)).collect::<Vec<_>>()
    };
    let absent = coverage.metrics.iter().filter(|metric| metric.exemption.is_some());
    let absent: Vec<_> = absent.map(|metric| ("fleet-metric-missing".to_owned(), metric.name().to_owned())).collect();
    assert_eq!(examine(contract), absent);

    let mut newer = contract.clone();
    newer.version = "1.1.0".to_owned();
    newer.metrics[0].labels.pop();
    assert_eq!(examine(&newer), [("fleet-contract-absent".to_owned(), "orchqueue".to_owned())]);
}
