//! The families that this library serves about itself.

use crate::declare::desc::MetricKind;
use crate::declare::unit::Violation;
use crate::expose::push_stats::{POINT_OUTCOMES, REQUEST_OUTCOMES};

/// Served with 1 and the contract's identity, so that a query can find skew in a fleet.
pub(crate) const INFO: &str = "orchq_metrics_contract_info";
pub(crate) const VIOLATIONS: &str = "orchq_metrics_violations_total";
pub(crate) const OVERFLOWS: &str = "orchq_metrics_overflow_total";

/// A family that this library serves about itself.
pub(crate) struct OwnFamily {
    pub(crate) name: &'static str,
    pub(crate) kind: MetricKind,
    pub(crate) help: &'static str,
    /// Each with its values; an open one has none.
    pub(crate) labels: &'static [(&'static str, &'static [&'static str])],
}

/// All of them, in the order of a scrape.
pub(crate) static OWN: [OwnFamily; 7] = [
    OwnFamily {
        name: VIOLATIONS,
        kind: MetricKind::Counter,
        help: "Number of values, series and definitions that violate the contract, by kind.",
        labels: &[("metric", &[]), ("kind", &VIOLATION_KINDS)],
    },
    OwnFamily {
        name: OVERFLOWS,
        kind: MetricKind::Counter,
        help: "Number of lookups that a limit sent to `__overflow__`, by label.",
        labels: &[("metric", &[]), ("label", &[])],
    },
    OwnFamily {
        name: "orchq_metrics_on_scrape_panics_total",
        kind: MetricKind::Counter,
        help: "Number of panics in functions of `on_scrape`, by contract.",
        labels: &[("contract", &[])],
    },
    OwnFamily {
        name: "orchq_metrics_otlp_requests_total",
        kind: MetricKind::Counter,
        help: "Number of requests to the OTLP endpoint, by outcome.",
        labels: &[("endpoint", &[]), ("outcome", &REQUEST_OUTCOMES)],
    },
    OwnFamily {
        name: "orchq_metrics_otlp_points_total",
        kind: MetricKind::Counter,
        help: "Number of data points, by delivery outcome.",
        labels: &[("endpoint", &[]), ("outcome", &POINT_OUTCOMES)],
    },
    OwnFamily {
        name: "orchq_metrics_otlp_last_success_timestamp_seconds",
        kind: MetricKind::Gauge,
        help: "Unix time at which the OTLP endpoint last accepted data points; 0 if it never did.",
        labels: &[("endpoint", &[])],
    },
    OwnFamily {
        name: INFO,
        kind: MetricKind::Gauge,
        help: "Contract that this process was built with; the value is always 1.",
        labels: &[("contract", &[]), ("version", &[]), ("fingerprint", &[])],
    },
];

/// The values of the label `kind`.
const VIOLATION_KINDS: [&str; Violation::ALL.len()] = {
    let mut kinds = [""; Violation::ALL.len()];
    let mut i = 0;
    while i < kinds.len() {
        kinds[i] = Violation::ALL[i].as_str();
        i += 1;
    }
    kinds
};
