//! A scrape as owned data, to read values from.

use std::collections::HashMap;

use super::catalog::not_text;
use super::event::{EventKind, LabelPairs, Sample};
use super::format::{FamilyType, Format};
use super::number::float;
use super::parser::Parser;
use crate::report::finding::Finding;

/// One family of a scrape.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Family {
    /// Its name. A counter has `_total` in both formats, though OpenMetrics declares it without.
    pub name: String,
    /// Its type.
    pub family_type: FamilyType,
    /// Its help.
    pub help: Option<String>,
    /// Its unit, only in OpenMetrics.
    pub unit: Option<String>,
    /// Its series, in the order of the text.
    pub series: Vec<Series>,
}

/// One series: of a histogram or a summary, all its lines.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Series {
    /// Its labels in order, without `le` and `quantile`.
    pub labels: Vec<(String, String)>,
    /// Its value.
    pub value: Value,
}

/// The value of a series.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// One number.
    Number(f64),
    /// Upper bounds, each with how many observations are at most the bound.
    Histogram(Observations),
    /// Quantiles from 0 to 1, each with its value.
    Summary(Observations),
}

/// The lines of a histogram's or a summary's series.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Observations {
    /// The number of each `le` or `quantile` with that of its line, in the order of the text.
    pub bounds: Vec<(f64, f64)>,
    /// The sum of the observations.
    pub sum: Option<f64>,
    /// How many observations there were.
    pub count: Option<f64>,
}

impl Series {
    /// The value of the label of this name.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_str())
    }

    /// Its number; `None` for a histogram or a summary.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Its buckets, sum and count; `None` if it is not a histogram.
    #[must_use]
    pub fn histogram(&self) -> Option<&Observations> {
        match &self.value {
            Value::Histogram(histogram) => Some(histogram),
            _ => None,
        }
    }
}

/// The families of a scrape, in the order of the text; without a format, the beginning of the text decides.
///
/// ```
/// use orchq_metrics::scrape::{self, FamilyType};
///
/// let families = scrape::families("# TYPE vllm:num_preemptions_total counter\nvllm:num_preemptions_total 3.0\n", None)
///     .unwrap();
/// assert_eq!(families[0].family_type, FamilyType::Counter);
/// assert_eq!(families[0].series[0].number(), Some(3.0));
///
/// let findings = scrape::families("<html>", None).unwrap_err();
/// assert_eq!(findings[0].rule, "exposition-not-text");
/// ```
///
/// # Errors
///
/// Every line that is not valid in the format, or what the body is instead. `lint` checks the rest.
pub fn families(text: &str, format: Option<Format>) -> Result<Vec<Family>, Vec<Finding>> {
    let mut all = Families::default();
    let mut findings = Vec::new();
    // Reading from memory does not fail.
    if let Ok(mut parser) = Parser::new(text.as_bytes(), format) {
        let format = parser.format();
        while let Ok(Some(event)) = parser.next() {
            match event.kind {
                EventKind::Help { name, help } => all.named(&name.unescaped()).help = Some(help.unescaped().into()),
                EventKind::Type { name, family_type, .. } => all.named(&name.unescaped()).family_type = family_type,
                EventKind::Unit { name, unit } => all.named(&name.unescaped()).unit = Some(unit.raw().into()),
                EventKind::Sample(sample) => all.sample(&sample, format),
                EventKind::Problem(problem) => findings.push(problem.finding("-", event.line, event.text)),
                EventKind::Comment | EventKind::Eof => {}
            }
        }
        if format == Format::OpenMetrics {
            let counters = all.families.iter_mut().filter(|family| family.family_type == FamilyType::Counter);
            counters.for_each(|counter| counter.name.push_str("_total"));
        }
    }
    if findings.is_empty() {
        return Ok(all.families);
    }
    let other = not_text("-", &findings).filter(|_| all.families.is_empty());
    Err(other.map_or(findings, |other| vec![other]))
}

/// The family that a sample belongs to, and the sample's suffix: `known` has the types of the declared families.
pub(crate) fn owner(sample: &str, format: Format, known: impl Fn(&str) -> Option<FamilyType>) -> (&str, &'static str) {
    const SUFFIXES: [&str; 8] = ["_bucket", "_count", "_sum", "_total", "_created", "_gcount", "_gsum", "_info"];
    let declared = |suffix: &&'static str| {
        let family = sample.strip_suffix(*suffix)?;
        known(family)?.suffixes(format).contains(suffix).then_some((family, *suffix))
    };
    match known(sample) {
        Some(_) => (sample, ""),
        None => SUFFIXES.iter().find_map(declared).unwrap_or((sample, "")),
    }
}

#[derive(Default)]
struct Families {
    families: Vec<Family>,
    by_name: HashMap<String, usize>,
    /// The index of a series in its family, by the index of the family and the labels.
    series: HashMap<(usize, Vec<(String, String)>), usize>,
}

impl Families {
    fn index(&mut self, name: &str) -> usize {
        if let Some(index) = self.by_name.get(name) {
            return *index;
        }
        self.by_name.insert(name.to_owned(), self.families.len());
        let (name, family_type) = (name.to_owned(), FamilyType::Untyped);
        self.families.push(Family { name, family_type, help: None, unit: None, series: Vec::new() });
        self.families.len() - 1
    }

    fn named(&mut self, name: &str) -> &mut Family {
        let index = self.index(name);
        &mut self.families[index]
    }

    fn sample(&mut self, sample: &Sample<'_>, format: Format) {
        let name = sample.name.unescaped();
        let known = |name: &str| self.by_name.get(name).map(|index| self.families[*index].family_type);
        let (name, suffix) = owner(&name, format, known);
        let index = self.index(name);
        let family = &mut self.families[index];
        let number = sample.value.number;
        let (special, value): (_, fn(Observations) -> Value) = match family.family_type {
            _ if suffix == "_created" => return,
            FamilyType::Histogram | FamilyType::GaugeHistogram => ("le", Value::Histogram),
            FamilyType::Summary => ("quantile", Value::Summary),
            _ => return family.series.push(Series { labels: owned(sample.labels, ""), value: Value::Number(number) }),
        };
        let labels = owned(sample.labels, special);
        let at = *self.series.entry((index, labels)).or_insert_with_key(|(_, labels)| {
            family.series.push(Series { labels: labels.clone(), value: value(Observations::default()) });
            family.series.len() - 1
        });
        let (Value::Histogram(all) | Value::Summary(all)) = &mut family.series[at].value else { return };
        let bound = sample.labels.get(special).and_then(|bound| float(&bound.unescaped()));
        match (suffix, bound) {
            ("_sum" | "_gsum", _) => all.sum = Some(number),
            ("_count" | "_gcount", _) => all.count = Some(number),
            (_, Some(bound)) => all.bounds.push((bound, number)),
            (_, None) => {}
        }
    }
}

fn owned(labels: LabelPairs<'_>, without: &str) -> Vec<(String, String)> {
    let labels = labels.iter().filter(|label| label.name.raw() != without);
    labels.map(|label| (label.name.unescaped().into_owned(), label.value.unescaped().into_owned())).collect()
}
