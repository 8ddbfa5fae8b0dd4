//! The ways to violate the contract. Each is a PromQL expression of the violating series: the server counts them, and
//! no series is fetched.

use std::collections::BTreeSet;

use super::promql::{Scope, count_by, differs, equal, name, none_of, one_of};
use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;
use crate::declare::label::{EMPTY, OVERFLOW};

/// One way to violate the contract, for all metrics that can.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Violation {
    pub(super) kind: Kind,
    /// The names of the series to check.
    pub(super) names: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A required label is absent or empty.
    LabelMissing { label: String },
    /// A label that the contract does not have.
    LabelUnknown { label: String },
    /// A value outside the closed set.
    ValueUnknown { label: String, values: Vec<String> },
    /// A label whose condition on another label does not hold.
    OnlyWith { label: String, other: String, values: Vec<String> },
    /// Two labels that exclude each other are both set.
    NotWith { label: String, other: String },
    /// An instance has more values than the budget.
    Budget { label: String, budget: u32 },
    /// An instance has more series than the limit.
    SeriesLimit { limit: u32 },
    /// A value out of range, or NaN.
    Impossible { least: f64, most: f64, finite: bool },
}

/// The series that have a metric's labels: of a histogram's buckets, one is checked.
fn labelled_names(metric: &OwnedMetric) -> Vec<String> {
    let others = ["_bucket", "_sum"].into_iter().filter(|_| metric.kind == MetricKind::Histogram);
    [metric.main_series()].into_iter().chain(others.map(|suffix| format!("{}{suffix}", metric.name))).collect()
}

/// The metric of a series, also of a native histogram. One under an old name has the series of the new one once more.
pub(super) fn metric_named<'c>(contract: &'c OwnedContract, series: &str) -> Option<&'c OwnedMetric> {
    let metric = contract.metric_of_series(series).or_else(|| contract.metric(series));
    metric.filter(|metric| metric.renamed(series).is_none())
}

/// All ways except labels that no metric of the contract has.
pub(super) fn of_contract(contract: &OwnedContract) -> Vec<Violation> {
    let mut all = Violations::default();
    for metric in &contract.metrics {
        for label in &metric.labels {
            all.of_label(metric, label);
        }
        all.add(Kind::SeriesLimit { limit: metric.series_limit }, vec![metric.main_series()]);
        all.impossible(metric);
    }
    // A label of one metric may be on another that does not have it.
    let mut known = BTreeSet::new();
    let labels = contract.metrics.iter().flat_map(|metric| &metric.labels).map(|label| label.name.as_str());
    all.0.extend(labels.filter(|label| known.insert(*label)).filter_map(|label| unknown(contract, label)));
    all.0
}

/// A label on the metrics that do not have it.
pub(super) fn unknown(contract: &OwnedContract, label: &str) -> Option<Violation> {
    let without = contract.metrics.iter().filter(|metric| metric.label(label).is_none());
    // `le` on buckets is neither contracted nor unknown.
    let is_on_buckets = label == "le";
    let names = without.flat_map(labelled_names).filter(|name| !(is_on_buckets && name.ends_with("_bucket")));
    let names: Vec<_> = names.collect();
    (!names.is_empty()).then(|| Violation { kind: Kind::LabelUnknown { label: label.to_owned() }, names })
}

#[derive(Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, kind: Kind, names: Vec<String>) {
        match self.0.iter_mut().find(|violation| violation.kind == kind) {
            Some(violation) => violation.names.extend(names),
            None => self.0.push(Violation { kind, names }),
        }
    }

    fn of_label(&mut self, metric: &OwnedMetric, label: &OwnedLabel) {
        let (of, main) = (|| label.name.clone(), metric.main_series());
        if !label.conditional {
            self.add(Kind::LabelMissing { label: of() }, labelled_names(metric));
        }
        match &label.values {
            OwnedValues::Closed(values) => {
                self.add(Kind::ValueUnknown { label: of(), values: values.clone() }, labelled_names(metric));
            }
            OwnedValues::Open { budget } => {
                self.add(Kind::Budget { label: of(), budget: *budget }, vec![main.clone()]);
            }
        }
        for condition in &label.conditions {
            let (kind, reverse) = match condition {
                OwnedCondition::OnlyWith { label: other, values } => {
                    (Kind::OnlyWith { label: of(), other: other.clone(), values: values.clone() }, None)
                }
                // Both of two labels that exclude each other have the condition.
                OwnedCondition::NotWith { label: other } => (
                    Kind::NotWith { label: of(), other: other.clone() },
                    Some(Kind::NotWith { label: other.clone(), other: of() }),
                ),
            };
            let is_reverse = |known: &Violation| Some(&known.kind) == reverse.as_ref() && known.names.contains(&main);
            if !self.0.iter().any(is_reverse) {
                self.add(kind, vec![main.clone()]);
            }
        }
    }

    /// The range of a metric's values. A vector of several names cannot be compared with itself, so each has a query.
    fn impossible(&mut self, metric: &OwnedMetric) {
        let range = metric.range();
        let mut add = |name, (least, most), finite| {
            self.0.push(Violation { kind: Kind::Impossible { least, most, finite }, names: vec![name] });
        };
        let own = match metric.kind {
            MetricKind::Gauge => range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY)),
            MetricKind::Counter | MetricKind::Histogram => (0.0, f64::INFINITY),
        };
        // No measurement is infinite.
        add(metric.main_series(), own, true);
        if metric.kind == MetricKind::Histogram && range.is_some_and(|(least, _)| least >= 0.0) {
            add(format!("{}_sum", metric.name), (0.0, f64::INFINITY), false);
        }
    }
}

impl Violation {
    /// The series, or the instances, with the violation, and the labels `job`, `__name__` and `instance`.
    pub(super) fn vector(&self, scope: &Scope) -> String {
        let one_bucket = self.names.iter().any(|name| name.ends_with("_bucket"));
        let one_bucket = one_bucket.then(|| one_of("le", &["", "+Inf"]));
        let series = |matchers: &[String]| {
            scope.series(&self.names, &matchers.iter().chain(&one_bucket).cloned().collect::<Vec<_>>())
        };
        match &self.kind {
            Kind::LabelMissing { label } => series(&[equal(label, "")]),
            // A label that the scrape or the server adds has the same value on the instance's `up`.
            Kind::LabelUnknown { label } => {
                let there = [differs(label, "")];
                let (all, up) = (series(&there), scope.everywhere(&["up".to_owned()], &there));
                format!("({all} unless on (job, instance, {}) {up})", name(label))
            }
            Kind::ValueUnknown { label, values } => {
                let known: Vec<&str> = values.iter().map(String::as_str).chain([OVERFLOW, ""]).collect();
                series(&[none_of(label, &known)])
            }
            Kind::OnlyWith { label, other, values } => {
                let allowed: Vec<&str> = values.iter().map(String::as_str).chain([OVERFLOW]).collect();
                series(&[differs(label, ""), none_of(other, &allowed)])
            }
            Kind::NotWith { label, other } => series(&[differs(label, ""), differs(other, "")]),
            Kind::Budget { label, budget } => {
                let counted = series(&[none_of(label, &["", OVERFLOW, EMPTY])]);
                let values = count_by(&format!("job, __name__, instance, {label}"), &counted);
                format!("{} > {budget}", count_by("job, __name__, instance", &values))
            }
            // One more than the limit is the series that counts everything past it.
            Kind::SeriesLimit { limit } => {
                format!("{} > {}", count_by("job, __name__, instance", &series(&[])), u64::from(*limit) + 1)
            }
            Kind::Impossible { least, most, finite } => {
                let all = scope.everywhere(&self.names, &[]);
                let upper = match (most.is_finite(), finite) {
                    (true, _) => format!(" <= {most}"),
                    (false, true) => " < Inf".to_owned(),
                    (false, false) => String::new(),
                };
                // NaN is neither more nor less than any number.
                let lower = if least.is_finite() { format!(">= {least}") } else { "> -Inf".to_owned() };
                scope.kept(format!("({all} unless {all} {lower}{upper})"))
            }
        }
    }

    /// The label that identifies a violation, besides the job and the name.
    pub(super) fn by(&self) -> Option<&str> {
        match &self.kind {
            Kind::ValueUnknown { label, .. } => Some(label),
            _ => None,
        }
    }

    /// Whether the vector's values matter, and not only their number.
    pub(super) fn shows_values(&self) -> bool {
        matches!(self.kind, Kind::Budget { .. } | Kind::SeriesLimit { .. } | Kind::Impossible { .. })
    }
}
