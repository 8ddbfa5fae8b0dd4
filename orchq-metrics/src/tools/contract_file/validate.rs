//! The rules of a contract, as the attribute `#[contract]` has them: what it refuses in code is
//! refused in a file, in the same words.

use std::collections::{HashMap, HashSet};

use crate::contract::owned::{OwnedCondition, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;
use crate::declare::limits::{MAX_BUDGET, MAX_SERIES_LIMIT, NOT_LABELS_IN_QUERIES, NOT_METRICS_IN_QUERIES};
use crate::declare::units;

/// Where a mistake is, such as `metrics[2].labels[0].name`, and what it is.
pub(super) type Mistake = (String, String);

pub(super) fn name(name: &str) -> Option<Mistake> {
    let message =
        "a contract's name has lowercase letters, digits, `_` and `-`, and begins and ends with a letter or a digit";
    (!is_contract_name(name)).then(|| ("name".to_owned(), message.to_owned()))
}

fn is_contract_name(name: &str) -> bool {
    let is_outer = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    name.starts_with(is_outer)
        && name.ends_with(is_outer)
        && name.chars().all(|char| is_outer(char) || "_-".contains(char))
}

pub(super) fn version(version: &str) -> Option<Mistake> {
    let message = "a contract's version is a semantic version, as in \"1.0.0\" or \"1.0.0-rc.1\"";
    semver::Version::parse(version).is_err().then(|| ("version".to_owned(), message.to_owned()))
}

/// One name is one metric. No name of a histogram's series can be another metric's, for those
/// endings are refused.
pub(super) fn names_are_distinct<'a>(metrics: impl IntoIterator<Item = (String, &'a str)>) -> Vec<Mistake> {
    let mut seen = HashSet::new();
    let again = metrics.into_iter().filter(|(_, name)| !seen.insert(*name));
    let message = |name| format!("`{name}` is declared twice in this contract; rename or drop one");
    again.map(|(path, name)| (format!("{path}.name"), message(name))).collect()
}

/// The rules of one metric, which stands at this path.
pub(super) fn metric(path: &str, metric: &OwnedMetric) -> Vec<Mistake> {
    let mut rules = Rules { path, mistakes: Vec::new() };
    rules.name_is_legal(metric);
    rules.name_fits_kind(metric);
    rules.unit_fits(metric);
    rules.texts_are_there(metric);
    rules.buckets_fit(metric);
    rules.series_limit_is_possible(metric);
    let mut by_name = HashMap::new();
    for (index, label) in metric.labels.iter().enumerate() {
        rules.label_is_legal(index, label);
        rules.values_fit(index, label);
        if by_name.insert(label.name.as_str(), label).is_some() {
            let message = format!("the label `{}` of `{}` comes twice; drop one", label.name, metric.name);
            rules.mistake(&format!("labels[{index}].name"), message);
        }
    }
    for (index, label) in metric.labels.iter().enumerate() {
        rules.conditions_can_hold(index, label, metric, &by_name);
    }
    rules.mistakes
}

struct Rules<'a> {
    path: &'a str,
    mistakes: Vec<Mistake>,
}

impl Rules<'_> {
    fn mistake(&mut self, field: &str, message: impl Into<String>) {
        self.mistakes.push((format!("{}.{field}", self.path), message.into()));
    }

    fn name_is_legal(&mut self, metric: &OwnedMetric) {
        if !is_snake_case(&metric.name) {
            self.mistake("name", "a metric's name has lowercase letters, digits and `_`, and starts with a letter");
        } else if metric.name.starts_with("orchq_metrics_") {
            self.mistake("name", "names that start with `orchq_metrics_` are reserved for this library");
        } else if NOT_METRICS_IN_QUERIES.contains(&metric.name.as_str()) {
            let message =
                format!("`{}` is a keyword of PromQL, so that no query could name the metric; rename it", metric.name);
            self.mistake("name", message);
        }
    }

    fn name_fits_kind(&mut self, metric: &OwnedMetric) {
        let OwnedMetric { name, kind, .. } = metric;
        let derived = ["_bucket", "_count", "_sum", "_created"];
        if *kind == MetricKind::Counter && !name.ends_with("_total") {
            let message = format!("a counter's name ends in `_total`; call it `{name}_total`, or make it a gauge");
            self.mistake("name", message);
        } else if *kind != MetricKind::Counter && name.ends_with("_total") {
            let message = "only a counter's name ends in `_total`";
            self.mistake("name", format!("{message}, and this is a {kind}; rename it, or make it a counter"));
        } else if let Some(suffix) = derived.iter().find(|suffix| name.ends_with(**suffix)) {
            let message = "are derived from other names in an exposition; rename it";
            self.mistake("name", format!("names that end in `{suffix}` {message}"));
        }
    }

    fn unit_fits(&mut self, metric: &OwnedMetric) {
        let OwnedMetric { name, kind, unit, .. } = metric;
        if !units::is_known(unit) {
            self.mistake("unit", format!("`{unit}` is not a unit; the units are {}", units::all()));
        } else if *kind == MetricKind::Counter && !units::counts(unit) {
            self.mistake("unit", format!("a counter cannot count in `{unit}`; make it a gauge or a histogram"));
        } else if let Some((suffix, promised)) = units::contradicted_by(unit, name) {
            let message = format!("the name ends in `{suffix}`, which says {promised}, and the unit says {unit}");
            self.mistake("unit", format!("{message}; change one of them"));
        }
    }

    /// Every text is served or rendered on one line.
    fn texts_are_there(&mut self, metric: &OwnedMetric) {
        let requirement = metric.requirement.as_ref().map(|text| ("requirement", text));
        for (field, text) in [("help", &metric.help), ("section", &metric.section)].into_iter().chain(requirement) {
            if text.trim().is_empty() && field == "help" {
                self.mistake(field, "this text is empty, and it is served as the help text; fill it in");
            } else if text.trim().is_empty() {
                self.mistake(field, "this text is empty; fill it in, or leave the field out");
            } else if text.contains(['\n', '\r']) {
                self.mistake(field, "this text is one line; take the line breaks out");
            }
        }
    }

    fn buckets_fit(&mut self, metric: &OwnedMetric) {
        match (metric.kind, metric.buckets.as_slice()) {
            (MetricKind::Histogram, []) => {
                self.mistake("buckets", "a histogram has buckets, as in `\"buckets\": [0.1, 1]`");
            }
            (MetricKind::Histogram, buckets) => {
                for (index, (last, bound)) in (1..).zip(buckets.iter().zip(buckets.iter().skip(1))) {
                    let field = format!("buckets[{index}]");
                    if bound == last {
                        self.mistake(&field, "this bucket bound is repeated; drop one");
                    } else if bound < last {
                        let message = format!("bucket bounds ascend, and this one is less than {last} before it");
                        self.mistake(&field, format!("{message}; sort them"));
                    }
                }
            }
            (_, []) => {}
            (kind, _) => self.mistake("buckets", format!("a {kind} has no buckets; drop them, or make it a histogram")),
        }
    }

    fn series_limit_is_possible(&mut self, metric: &OwnedMetric) {
        if !(1..=MAX_SERIES_LIMIT).contains(&metric.series_limit) {
            let message = format!("a family's limit is a number of series, from 1 to {MAX_SERIES_LIMIT}");
            self.mistake("series_limit", message);
        }
    }

    fn label_is_legal(&mut self, index: usize, OwnedLabel { name, .. }: &OwnedLabel) {
        let field = format!("labels[{index}].name");
        if matches!(name.as_str(), "le" | "quantile") || name.starts_with("__") {
            self.mistake(&field, format!("`{name}` is reserved by the exposition format; rename the label"));
        } else if !is_snake_case(name) {
            self.mistake(&field, "a label's name has lowercase letters, digits and `_`, and starts with a letter");
        } else if NOT_LABELS_IN_QUERIES.contains(&name.as_str()) {
            let message =
                format!("`{name}` is a keyword of PromQL, so that no query could sum by the label; rename it");
            self.mistake(&field, message);
        }
    }

    fn values_fit(&mut self, index: usize, label: &OwnedLabel) {
        match &label.values {
            OwnedValues::Closed(values) if values.is_empty() => {
                self.mistake(&format!("labels[{index}].values"), "a closed label has at least one value; add one");
            }
            OwnedValues::Closed(values) => {
                let mut seen = HashSet::new();
                for (place, value) in values.iter().enumerate() {
                    let field = format!("labels[{index}].values[{place}]");
                    if value.is_empty() {
                        let message = "prometheus reads an empty value as an absent label; give it a value";
                        self.mistake(&field, message);
                    } else if value.starts_with("__") {
                        let message =
                            "values that start with `__` are reserved for this library, such as `__overflow__`";
                        self.mistake(&field, message);
                    } else if !seen.insert(value) {
                        self.mistake(&field, format!("the value {value:?} comes twice; drop one"));
                    }
                }
            }
            OwnedValues::Open { budget } => {
                if !(1..=MAX_BUDGET).contains(budget) {
                    let message = format!("a budget is from 1 to {MAX_BUDGET}");
                    self.mistake(&format!("labels[{index}].budget"), message);
                }
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
            self.mistake(&format!("labels[{index}].conditions"), message);
        }
        for (place, condition) in label.conditions.iter().enumerate() {
            let field = format!("labels[{index}].conditions[{place}]");
            let (other, values): (_, &[String]) = match condition {
                OwnedCondition::OnlyWith { label, values } => (label, values),
                OwnedCondition::NotWith { label } => (label, &[]),
            };
            let message = format!("the label `{}` of `{}` has a condition on `{other}`", label.name, metric.name);
            if *other == label.name {
                self.mistake(&field, format!("{message} itself, and could never hold"));
            } else if let Some(known) = by_name.get(other.as_str()) {
                if let OwnedValues::Closed(allowed) = &known.values
                    && let Some(wrong) = values.iter().find(|value| !allowed.contains(value))
                {
                    let allowed = allowed.join(", ");
                    self.mistake(&field, format!("{message}, which is never `{wrong}`, but one of {allowed}"));
                }
            } else {
                let labels: Vec<_> = metric.labels.iter().map(|label| label.name.as_str()).collect();
                self.mistake(&field, format!("{message}, and the metric's labels are {}", labels.join(", ")));
            }
            if matches!(condition, OwnedCondition::OnlyWith { values, .. } if values.is_empty()) {
                self.mistake(&field, "a condition on no value could never hold; name one");
            }
        }
    }
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
