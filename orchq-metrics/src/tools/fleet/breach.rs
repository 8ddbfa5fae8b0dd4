//! How series can break the contract, each as a vector of those that do: what a server counts, so that no series has to
//! be fetched.

use super::promql::{Scope, count_by, differs, equal, name, none_of, one_of};
use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;
use crate::declare::label::{EMPTY, OVERFLOW};

/// One way, for all metrics that can break the contract so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Breach {
    pub(super) kind: Kind,
    /// The names of the series that are looked at.
    pub(super) names: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A required label is absent, or empty, which is the same.
    LabelMissing { label: String },
    /// A label is there that the contract does not have.
    LabelUnknown { label: String },
    /// A value is not one of the closed set.
    ValueUnknown { label: String, values: Vec<String> },
    /// A label is there where another does not have one of these values.
    OnlyWith { label: String, other: String, values: Vec<String> },
    /// Two labels are there that exclude each other.
    NotWith { label: String, other: String },
    /// An instance has more values than the budget.
    Budget { label: String, budget: u32 },
    /// An instance has more series than the limit.
    SeriesLimit { limit: u32 },
    /// A value is outside of what it can be, or not a number.
    Impossible { least: f64, most: f64, finite: bool },
}

/// The name under which a metric's series are counted: one for each, and without `le`.
pub(super) fn main_name(metric: &OwnedMetric) -> String {
    match metric.kind {
        MetricKind::Histogram => format!("{}_count", metric.name),
        MetricKind::Counter | MetricKind::Gauge => metric.name.clone(),
    }
}

/// The names on which a metric's labels are: of a histogram's buckets, one is looked at.
fn labelled_names(metric: &OwnedMetric) -> Vec<String> {
    let others = ["_bucket", "_sum"].into_iter().filter(|_| metric.kind == MetricKind::Histogram);
    [main_name(metric)].into_iter().chain(others.map(|suffix| format!("{}{suffix}", metric.name))).collect()
}

/// The metric that a series of this name is of, native histograms too.
pub(super) fn metric_named<'c>(contract: &'c OwnedContract, series: &str) -> Option<&'c OwnedMetric> {
    contract.metric_of_series(series).or_else(|| contract.metric(series))
}

/// All ways but those of labels that nobody knows of beforehand.
pub(super) fn of_contract(contract: &OwnedContract) -> Vec<Breach> {
    let mut all = Breaches::default();
    for metric in &contract.metrics {
        let name = main_name(metric);
        for label in &metric.labels {
            all.of_label(metric, label);
        }
        all.add(Kind::SeriesLimit { limit: metric.series_limit }, &name);
        impossible(metric, &mut all);
    }
    // A label of one metric can stand on another that does not have it.
    let mut known: Vec<&str> = Vec::new();
    for label in contract.metrics.iter().flat_map(|metric| &metric.labels) {
        if !known.contains(&label.name.as_str()) {
            known.push(&label.name);
        }
    }
    all.0.extend(known.into_iter().filter_map(|label| unknown(contract, label)));
    all.0
}

/// A label on the metrics that do not have it.
pub(super) fn unknown(contract: &OwnedContract, label: &str) -> Option<Breach> {
    let without = contract.metrics.iter().filter(|metric| metric.label(label).is_none());
    // On buckets, `le` is none of the contract's labels, and no stranger.
    let is_on_buckets = label == "le";
    let names = without.flat_map(labelled_names).filter(|name| !(is_on_buckets && name.ends_with("_bucket")));
    let names: Vec<_> = names.collect();
    (!names.is_empty()).then(|| Breach { kind: Kind::LabelUnknown { label: label.to_owned() }, names })
}

#[derive(Default)]
struct Breaches(Vec<Breach>);

impl Breaches {
    fn add(&mut self, kind: Kind, name: &str) {
        match self.0.iter_mut().find(|breach| breach.kind == kind) {
            Some(breach) => breach.names.push(name.to_owned()),
            None => self.0.push(Breach { kind, names: vec![name.to_owned()] }),
        }
    }

    fn of_label(&mut self, metric: &OwnedMetric, label: &OwnedLabel) {
        let (of, name) = (|| label.name.clone(), &*main_name(metric));
        for name in labelled_names(metric) {
            if !label.conditional {
                self.add(Kind::LabelMissing { label: of() }, &name);
            }
            if let OwnedValues::Closed(values) = &label.values {
                self.add(Kind::ValueUnknown { label: of(), values: values.clone() }, &name);
            }
        }
        match &label.values {
            OwnedValues::Closed(_) => {}
            OwnedValues::Open { budget } => self.add(Kind::Budget { label: of(), budget: *budget }, name),
        }
        for condition in &label.conditions {
            let kind = match condition {
                OwnedCondition::OnlyWith { label: other, values } => {
                    Kind::OnlyWith { label: of(), other: other.clone(), values: values.clone() }
                }
                OwnedCondition::NotWith { label: other } => Kind::NotWith { label: of(), other: other.clone() },
            };
            // That two labels exclude each other, each of them says.
            let reverse = |known: &Breach| match (&known.kind, &kind) {
                (Kind::NotWith { label: one, other }, Kind::NotWith { label, other: another }) => {
                    (one, other) == (another, label) && known.names.iter().any(|known| known == name)
                }
                _ => false,
            };
            if !self.0.iter().any(reverse) {
                self.add(kind, name);
            }
        }
    }
}

/// What a metric's values can be. Vectors of several names cannot be compared with themselves, so each is asked alone.
fn impossible(metric: &OwnedMetric, all: &mut Breaches) {
    let range = metric.range();
    let mut add = |name: String, least, most, finite| {
        all.0.push(Breach { kind: Kind::Impossible { least, most, finite }, names: vec![name] });
    };
    match metric.kind {
        MetricKind::Counter => add(metric.name.clone(), 0.0, f64::INFINITY, true),
        // Nothing that is measured is infinite.
        MetricKind::Gauge => {
            let (least, most) = range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
            add(metric.name.clone(), least, most, true);
        }
        MetricKind::Histogram => {
            add(main_name(metric), 0.0, f64::INFINITY, true);
            if let Some((least, _)) = range {
                add(format!("{}_sum", metric.name), least, f64::INFINITY, false);
            }
        }
    }
}

impl Breach {
    /// The series, or the instances, that break the contract so, with the labels `job`, `__name__` and `instance`.
    pub(super) fn vector(&self, scope: &Scope) -> String {
        let one_bucket = self.names.iter().any(|name| name.ends_with("_bucket"));
        let one_bucket = one_bucket.then(|| one_of("le", &["", "+Inf"]));
        let with_bucket = |matchers: &[String]| matchers.iter().chain(&one_bucket).cloned().collect::<Vec<_>>();
        let series = |matchers: &[String]| scope.series(&self.names, &with_bucket(matchers));
        match &self.kind {
            Kind::LabelMissing { label } => series(&[equal(label, "")]),
            // What the scrape or the server adds, the instance's `up` has with the same value.
            Kind::LabelUnknown { label } => {
                let there = [differs(label, "")];
                let (all, up) =
                    (scope.series(&self.names, &with_bucket(&there)), scope.everywhere(&["up".to_owned()], &there));
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
            // One more than the limit is the series of those that found no room.
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
                // What is not a number is neither more nor less than any.
                let lower = if least.is_finite() { format!(">= {least}") } else { "> -Inf".to_owned() };
                scope.kept(format!("({all} unless {all} {lower}{upper})"))
            }
        }
    }

    /// The labels by which breaches are told apart, besides the job and the name.
    pub(super) fn by(&self) -> Option<&str> {
        match &self.kind {
            Kind::ValueUnknown { label, .. } => Some(label),
            _ => None,
        }
    }

    /// Whether the vector's values say something, and not only how many there are.
    pub(super) fn shows_values(&self) -> bool {
        matches!(self.kind, Kind::Budget { .. } | Kind::SeriesLimit { .. } | Kind::Impossible { .. })
    }
}
