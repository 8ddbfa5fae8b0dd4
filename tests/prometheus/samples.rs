//! Samples, as a page serves them and as Prometheus has them, and whether they are what the contract promises.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use orchq_metrics::__unstable::scrape::{EventKind, Parser, Text};
use orchq_metrics::scrape::Format;
use orchq_metrics::v1::CONTRACT;
use orchq_metrics::{OwnedCondition, OwnedContract, OwnedMetric, OwnedValues};
use serde_json::Value;

/// Which contract the process was built with.
pub(crate) const INFO: &str = "orchq_metrics_contract_info";

/// The labels that Prometheus adds to what it scrapes.
const OF_PROMETHEUS: [&str; 2] = ["instance", "job"];

/// Whether Prometheus itself has a series of this name for each target:
/// <https://prometheus.io/docs/concepts/jobs_instances/>.
pub(crate) fn own_of_prometheus(name: &str) -> bool {
    name == "up" || name.starts_with("scrape_")
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    name: String,
    labels: BTreeMap<String, String>,
}

impl Series {
    /// A bound is a number, which may be spelled in more than one way: Prometheus 3 spells `5` as `5.0`.
    fn new(name: String, mut labels: BTreeMap<String, String>) -> Self {
        if let Some(le) = labels.get_mut("le") {
            *le = le.parse::<f64>().expect("a bound").to_string();
        }
        Self { name, labels }
    }
}

/// The value of each series.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(BTreeMap<Series, f64>);

impl Samples {
    /// What a page serves.
    pub(crate) fn of_page(page: &str) -> Self {
        let mut parser = Parser::new(page.as_bytes(), Some(Format::Text)).expect("it is in memory");
        let mut samples = Self::default();
        while let Some(event) = parser.next().expect("it is in memory") {
            match event.kind {
                EventKind::Sample(sample) => {
                    let pair = |text: Text<'_>| text.unescaped().into_owned();
                    let labels = sample.labels.iter().map(|label| (pair(label.name), pair(label.value))).collect();
                    samples.insert(Series::new(pair(sample.name), labels), sample.value.number);
                }
                EventKind::Problem(problem) => panic!("line {}: {}", event.line, problem.message),
                _ => {}
            }
        }
        samples
    }

    /// What a query found.
    pub(crate) fn of_query(found: &[Value]) -> Self {
        let mut samples = Self::default();
        for series in found {
            let labels = series["metric"].as_object().expect("labels").iter();
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let mut labels: BTreeMap<_, _> = labels.map(|(name, value)| (name.clone(), text(value))).collect();
            let name = labels.remove("__name__").expect("a name");
            samples.insert(Series::new(name, labels), text(&series["value"][1]).parse().expect("a number"));
        }
        samples
    }

    fn insert(&mut self, series: Series, value: f64) {
        assert!(self.0.insert(series.clone(), value).is_none(), "twice: {series:?}");
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The sum over the series of a name.
    pub(crate) fn sum(&self, name: &str) -> f64 {
        self.0.iter().filter(|(series, _)| series.name == name).map(|(_, value)| value).sum()
    }

    /// The same, each series with these labels more.
    pub(crate) fn with(mut self, labels: &[(&str, &str)]) -> Self {
        let more = || labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
        let old = std::mem::take(&mut self.0);
        self.0.extend(old.into_iter().map(|(mut series, value)| {
            series.labels.extend(more());
            (series, value)
        }));
        self
    }

    /// The same without the series of some names.
    pub(crate) fn without(&self, unwanted: impl Fn(&str) -> bool) -> Self {
        Self(self.0.iter().filter(|(series, _)| !unwanted(&series.name)).map(|(s, v)| (s.clone(), *v)).collect())
    }

    /// Prometheus stores exactly the series and values that were served.
    pub(crate) fn assert_same(&self, stored: &Self) {
        let mut differences = String::new();
        for (series, served) in &self.0 {
            match stored.0.get(series) {
                None => writeln!(differences, "{series:?} is served and not stored"),
                Some(value) if value.to_bits() != served.to_bits() => {
                    writeln!(differences, "{series:?} is served as {served} and stored as {value}")
                }
                Some(_) => Ok(()),
            }
            .expect("text");
        }
        for series in stored.0.keys().filter(|series| !self.0.contains_key(series)) {
            writeln!(differences, "{series:?} is stored and not served").expect("text");
        }
        assert!(!self.0.is_empty() && differences.is_empty(), "of {} series:\n{differences}", self.len());
    }

    /// The one series that says which contract is served, and its value.
    pub(crate) fn assert_info(&self, contract: &OwnedContract) {
        let infos: Vec<_> = self.0.iter().filter(|(series, _)| series.name == INFO).collect();
        let [(series, value)] = infos.as_slice() else { panic!("{infos:?}") };
        let mut labels = series.labels.clone();
        OF_PROMETHEUS.iter().for_each(|label| assert!(labels.remove(*label).is_some(), "{series:?} lacks {label}"));
        let expected = [
            ("contract", contract.name.as_str()),
            ("version", contract.version.as_str()),
            ("fingerprint", CONTRACT.fingerprint()),
        ];
        assert_eq!(labels, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert_eq!(**value, 1.0);
    }

    /// The series of a metric have the labels that the contract promises, and those of Prometheus. Gives how many
    /// there are.
    pub(crate) fn assert_promises(&self, metric: &OwnedMetric) -> usize {
        let names: Vec<_> = metric.series_names().collect();
        let series = self.0.keys().filter(|series| names.contains(&series.name));
        series.inspect(|series| assert_labels(metric, series)).count()
    }
}

fn assert_labels(metric: &OwnedMetric, series: &Series) {
    let mut labels = series.labels.clone();
    OF_PROMETHEUS.iter().for_each(|label| assert!(labels.remove(*label).is_some(), "{series:?} lacks {label}"));
    assert_eq!(labels.remove("le").is_some(), series.name == format!("{}_bucket", metric.name), "{series:?}");
    for promised in &metric.labels {
        let Some(value) = labels.remove(&promised.name) else {
            assert!(promised.conditional, "{series:?} lacks {}", promised.name);
            continue;
        };
        if let OwnedValues::Closed(values) = &promised.values {
            assert!(values.contains(&value), "{series:?}: {} is not one of {values:?}", promised.name);
        }
        for condition in &promised.conditions {
            let holds = match condition {
                OwnedCondition::OnlyWith { label, values } => {
                    series.labels.get(label).is_some_and(|value| values.contains(value))
                }
                OwnedCondition::NotWith { label } => !series.labels.contains_key(label),
                other => panic!("unknown condition: {other:?}"),
            };
            assert!(holds, "{series:?} has {}, against {condition:?}", promised.name);
        }
    }
    assert!(labels.is_empty(), "{series:?} has what the contract does not promise: {labels:?}");
}
