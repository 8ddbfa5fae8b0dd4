//! The rules of a contract, applied to one that was read from a file. Those that need only texts and numbers are the
//! macros' own, in `declare::rules`; the others are what types and `declare::assertions` show of a contract in code.

use std::collections::{HashMap, HashSet};

use crate::contract::owned::{OwnedCondition, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;
use crate::declare::rules;

/// Where something is wrong, such as `metrics[2].labels[0].name`, and what.
pub(super) type Diagnostic = (String, String);

pub(super) fn name(name: &str) -> Option<Diagnostic> {
    rules::contract_name(name).map(|message| ("name".to_owned(), message))
}

pub(super) fn version(version: &str) -> Option<Diagnostic> {
    semver::Version::parse(version).is_err().then(|| ("version".to_owned(), rules::NOT_A_VERSION.to_owned()))
}

/// One name is one metric. No name of a histogram's series can be another metric's, for those
/// endings are rejected.
pub(super) fn names_are_distinct<'a>(metrics: impl IntoIterator<Item = (String, &'a str)>) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    let again = metrics.into_iter().filter(|(_, name)| !seen.insert(*name));
    again.map(|(path, name)| (format!("{path}.name"), rules::declared_twice(name))).collect()
}

/// The rules of one metric, which is at this path.
pub(super) fn metric(path: &str, metric: &OwnedMetric) -> Vec<Diagnostic> {
    let mut checked = Checked { path, diagnostics: Vec::new() };
    let OwnedMetric { name, kind, unit, .. } = metric;
    checked.report_if("name", rules::metric_name(name));
    checked.report_if("name", rules::name_fits_kind(name, kind.as_str()));
    checked.report_if("unit", rules::unit(unit, name, kind.as_str()));
    checked.texts_are_there(metric);
    checked.buckets_fit(metric);
    checked.report_if("series_limit", rules::series_limit(Some(metric.series_limit)));
    let mut by_name = HashMap::new();
    for (index, label) in metric.labels.iter().enumerate() {
        checked.report_if(&format!("labels[{index}].name"), rules::label_name(&label.name));
        checked.values_fit(index, label);
        if by_name.insert(label.name.as_str(), label).is_some() {
            let message = format!("the label `{}` of `{}` is declared twice; drop one", label.name, metric.name);
            checked.report(&format!("labels[{index}].name"), message);
        }
    }
    for (index, label) in metric.labels.iter().enumerate() {
        checked.conditions_can_hold(index, label, metric, &by_name);
    }
    checked.diagnostics
}

struct Checked<'a> {
    path: &'a str,
    diagnostics: Vec<Diagnostic>,
}

impl Checked<'_> {
    fn report(&mut self, field: &str, message: impl Into<String>) {
        self.diagnostics.push((format!("{}.{field}", self.path), message.into()));
    }

    fn report_if(&mut self, field: &str, message: Option<String>) {
        message.into_iter().for_each(|message| self.report(field, message));
    }

    /// Every text is served or rendered on one line.
    fn texts_are_there(&mut self, metric: &OwnedMetric) {
        let requirement = metric.requirement.as_ref().map(|text| ("requirement", text));
        for (field, text) in [("help", &metric.help), ("section", &metric.section)].into_iter().chain(requirement) {
            if text.trim().is_empty() && field == "help" {
                self.report(field, "this text is empty, and it is served as the help text; fill it in");
            } else if text.trim().is_empty() {
                self.report(field, "this text is empty; fill it in, or leave the field out");
            } else if text.contains(['\n', '\r']) {
                self.report(field, "this text is one line; take the line breaks out");
            }
        }
    }

    fn buckets_fit(&mut self, metric: &OwnedMetric) {
        match (metric.kind, metric.buckets.as_slice()) {
            (MetricKind::Histogram, []) => {
                self.report("buckets", "a histogram has buckets, as in `\"buckets\": [0.1, 1]`");
            }
            (MetricKind::Histogram, buckets) => {
                for (index, (last, bound)) in (1..).zip(buckets.iter().zip(buckets.iter().skip(1))) {
                    self.report_if(&format!("buckets[{index}]"), rules::bounds_ascend(*last, *bound));
                }
            }
            (_, []) => {}
            (kind, _) => self.report("buckets", format!("a {kind} has no buckets; drop them, or make it a histogram")),
        }
    }

    fn values_fit(&mut self, index: usize, label: &OwnedLabel) {
        match &label.values {
            OwnedValues::Closed(values) if values.is_empty() => {
                self.report(&format!("labels[{index}].values"), "a closed label has at least one value; add one");
            }
            OwnedValues::Closed(values) => {
                let mut seen = HashSet::new();
                for (place, value) in values.iter().enumerate() {
                    let field = format!("labels[{index}].values[{place}]");
                    if let Some(message) = rules::label_value(value) {
                        self.report(&field, message);
                    } else if !seen.insert(value) {
                        self.report(&field, format!("the value {value:?} comes twice; drop one"));
                    }
                }
            }
            OwnedValues::Open { budget } => {
                self.report_if(&format!("labels[{index}].budget"), rules::budget(Some(*budget)));
            }
        }
    }

    fn conditions_can_hold(
        &mut self,
        index: usize,
        label: &OwnedLabel,
        metric: &OwnedMetric,
        by_name: &HashMap<&str, &OwnedLabel>,
    ) {
        if !label.conditional && !label.conditions.is_empty() {
            let message = "every series carries this label, so that a condition has no effect";
            let message = format!("{message}; add `\"conditional\": true`, or drop the conditions");
            self.report(&format!("labels[{index}].conditions"), message);
        }
        for (place, condition) in label.conditions.iter().enumerate() {
            let field = format!("labels[{index}].conditions[{place}]");
            let (other, values): (_, &[String]) = match condition {
                OwnedCondition::OnlyWith { label, values } => (label, values),
                OwnedCondition::NotWith { label } => (label, &[]),
            };
            let message = format!("the label `{}` of `{}` has a condition on `{other}`", label.name, metric.name);
            if *other == label.name {
                self.report(&field, format!("{message} itself, which can never hold"));
            } else if let Some(known) = by_name.get(other.as_str()) {
                if let OwnedValues::Closed(allowed) = &known.values
                    && let Some(wrong) = values.iter().find(|value| !allowed.contains(value))
                {
                    let allowed = allowed.join("`, `");
                    self.report(&field, format!("{message}, which is never `{wrong}`, but one of `{allowed}`"));
                }
            } else {
                let labels: Vec<_> = metric.labels.iter().map(|label| label.name.as_str()).collect();
                self.report(&field, format!("{message}, and the metric's labels are {}", labels.join(", ")));
            }
            if matches!(condition, OwnedCondition::OnlyWith { values, .. } if values.is_empty()) {
                self.report(&field, "a condition on no value can never hold; name one");
            }
        }
    }
}
