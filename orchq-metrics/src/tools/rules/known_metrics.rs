//! The metrics that queries can select: the contract's and the library's own.

use std::collections::HashMap;

use super::label_set::{LabelSet, Presence, Why};
use super::options::RulesOptions;
use crate::contract::owned::{HISTOGRAM_SUFFIXES, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;
use crate::expose::own::{OWN, OwnFamily};
use crate::report::nearest;
use crate::tools::namespace::Namespace;

/// The metrics that queries are checked against.
pub(super) struct KnownMetrics<'a> {
    series: HashMap<String, (&'a OwnedMetric, Part)>,
    names: Vec<&'a str>,
    namespace: Namespace,
    target_labels: &'a [String],
}

/// What a series is within its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A counter or a gauge.
    Whole,
    Bucket,
    Sum,
    Count,
    /// The name of a histogram's family, under which there are no series.
    Family,
}

/// A name that a query selects.
#[derive(Clone, Copy, Debug)]
pub(super) enum Known<'a> {
    /// Of the contract, or of this library.
    Series(&'a OwnedMetric, Part),
    /// Looks like one of the contract's, but is not.
    Unknown,
    Foreign,
}

impl<'a> KnownMetrics<'a> {
    pub(super) fn new(contract: &'a OwnedContract, own: &'a [OwnedMetric], options: &'a RulesOptions) -> Self {
        let mut series = HashMap::new();
        for metric in contract.metrics.iter().chain(own) {
            let is_histogram = metric.kind == MetricKind::Histogram;
            for (name, _) in metric.served_names() {
                series.insert(name.to_owned(), (metric, if is_histogram { Part::Family } else { Part::Whole }));
                let suffixes = HISTOGRAM_SUFFIXES.iter().filter(|_| is_histogram);
                for (suffix, part) in suffixes.zip([Part::Bucket, Part::Sum, Part::Count]) {
                    series.insert([name, suffix].concat(), (metric, part));
                }
            }
        }
        let names: Vec<_> = contract.metrics.iter().map(|metric| metric.name.as_str()).collect();
        let namespace = Namespace::new(contract, &options.prefixes);
        Self { series, names, namespace, target_labels: &options.target_labels }
    }

    pub(super) fn lookup(&self, name: &str) -> Known<'a> {
        match self.series.get(name) {
            Some((metric, part)) => Known::Series(metric, *part),
            // A colon is for recording rules, which may be in files that are not given.
            None if name.contains(':') => Known::Foreign,
            None if self.namespace.claims(name) || self.nearest(name).is_some() => Known::Unknown,
            None => Known::Foreign,
        }
    }

    /// A metric of the contract, or of this library.
    pub(super) fn metric(&self, name: &str) -> Option<&'a OwnedMetric> {
        self.series.get(name).map(|(metric, _)| *metric).filter(|metric| metric.name == name)
    }

    pub(super) fn series(&self) -> impl Iterator<Item = (&str, &'a OwnedMetric)> {
        let served = self.series.iter().filter(|(_, (_, part))| *part != Part::Family);
        served.map(|(name, (metric, _))| (name.as_str(), *metric))
    }

    fn nearest(&self, name: &str) -> Option<&'a str> {
        nearest::nearest(name, self.names.iter().copied())
    }

    /// The contract's name that is nearest to this one, with the suffix of a histogram's series where it has one.
    pub(super) fn suggestion(&self, name: &str) -> Option<String> {
        let split = HISTOGRAM_SUFFIXES.iter().find_map(|suffix| Some((name.strip_suffix(suffix)?, *suffix)));
        let histogram = split.and_then(|(family, suffix)| {
            let nearest = self.nearest(family)?;
            let known = [nearest, suffix].concat();
            self.series.contains_key(&known).then_some(known)
        });
        histogram.or_else(|| self.nearest(name).map(str::to_owned))
    }

    pub(super) fn labels(&self, metric: &OwnedMetric, part: Part) -> LabelSet {
        let mut labels = LabelSet::none(Why::NotOf(metric.name.clone()));
        for label in self.target_labels {
            labels.set(label, Presence::Possible);
        }
        let name = metric.name.as_str().into();
        for label in &metric.labels {
            let presence = if label.conditional { Presence::Possible } else { Presence::Guaranteed };
            labels.set_of(&label.name, presence, &name);
        }
        if part == Part::Bucket {
            labels.set("le", Presence::Guaranteed);
        }
        labels
    }
}

/// The families that this library serves about itself.
pub(super) fn own_families() -> Vec<OwnedMetric> {
    let label = |(name, values): &(&str, &[&str])| OwnedLabel {
        name: (*name).to_owned(),
        values: match values {
            [] => OwnedValues::Open { budget: u32::MAX },
            values => OwnedValues::Closed(values.iter().map(|value| (*value).to_owned()).collect()),
        },
        conditional: false,
        conditions: Vec::new(),
    };
    let metric = |own: &OwnFamily| OwnedMetric {
        name: own.name.to_owned(),
        kind: own.kind,
        unit: "1".to_owned(),
        stated_range: None,
        help: String::new(),
        section: String::new(),
        requirement: None,
        labels: own.labels.iter().map(label).collect(),
        buckets: Vec::new(),
        series_limit: u32::MAX,
        renamed_from: None,
        deprecated: None,
    };
    OWN.iter().map(metric).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_the_contract_meant_to_be_or_foreign() {
        let contract = OwnedContract::from(&crate::v1::CONTRACT);
        let (own, options) = (own_families(), RulesOptions::default());
        let known = KnownMetrics::new(&contract, &own, &options);
        assert!(matches!(known.lookup("latency_decode_ms_sum"), Known::Series(_, Part::Sum)));
        assert!(matches!(known.lookup("latency_decode_ms"), Known::Series(_, Part::Family)));
        assert!(matches!(known.lookup("orchq_metrics_overflow_total"), Known::Series(..)));
        assert!(matches!(known.lookup("tasks_done_total"), Known::Unknown));
        assert!(matches!(known.lookup("task_started_total"), Known::Unknown));
        assert!(matches!(known.lookup("node_cpu_seconds_total"), Known::Foreign));
        assert!(matches!(known.lookup("up"), Known::Foreign));
        assert_eq!(known.suggestion("latency_decod_ms_bucket").as_deref(), Some("latency_decode_ms_bucket"));
        assert_eq!(known.suggestion("queue_dept").as_deref(), Some("queue_depth"));
    }
}
