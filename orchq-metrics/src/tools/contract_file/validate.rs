//! The rules of a contract, applied to one that was read from a file. Those that need only texts and numbers are the
//! macros' own, in `declare::rules`; the others are what types and `declare::assertions` show of a contract in code.

use std::collections::{HashMap, HashSet};

use super::read::Reader;
use crate::contract::owned::{OwnedCondition, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::assertions::{CONDITION_WITHOUT_EFFECT, LIMIT_WITHOUT_EFFECT};
use crate::declare::desc::{MAX_KNOWN_LABEL_SETS, MetricKind};
use crate::declare::rules;
use crate::tools::tree::Node;

/// The node of a field, or that of the object without it.
fn field<'a>(node: &'a Node, name: &str) -> &'a Node {
    node.get(name).unwrap_or(node)
}

impl Reader {
    /// The rules of a contract whose name and version are strings, and of the metrics that could be read.
    pub(super) fn validate(
        &mut self,
        root: &Node,
        name: Option<&str>,
        version: Option<&str>,
        metrics: &[(&Node, OwnedMetric)],
    ) {
        self.report_if(field(root, "name"), name.and_then(rules::contract_name));
        if version.is_some_and(|version| !rules::is_version(version)) {
            self.report(field(root, "version"), rules::NOT_A_VERSION);
        }
        // No name of a histogram's series can be another metric's, for those endings are refused.
        let mut seen = HashSet::new();
        for (node, OwnedMetric { name, .. }) in metrics {
            if !seen.insert(name) {
                self.report(field(node, "name"), rules::declared_twice(name));
            }
        }
        for (node, metric) in metrics {
            let Some(old) = &metric.renamed_from else { continue };
            if !seen.insert(&old.name) {
                self.report(field(field(node, "renamed_from"), "name"), rules::old_name_served(&old.name));
            }
        }
        for (node, metric) in metrics {
            self.metric_is_valid(node, metric);
            self.lifecycle_fits(node, metric, version);
        }
    }

    fn metric_is_valid(&mut self, node: &Node, metric: &OwnedMetric) {
        let OwnedMetric { name, kind, unit, .. } = metric;
        self.report_if(field(node, "name"), rules::metric_name(name));
        self.report_if(field(node, "name"), rules::name_fits_kind(name, kind.as_str()));
        self.report_if(field(node, "unit"), rules::unit(unit, name, kind.as_str()));
        if let Some((least, greatest)) = metric.stated_range {
            self.report_if(field(node, "range"), rules::range(least, greatest));
        }
        self.texts_are_there(node, metric);
        self.buckets_fit(node, metric);
        self.series_limit_matters(node, metric);
        let mut by_name = HashMap::new();
        let labels = || node.items("labels").iter().zip(&metric.labels);
        for (node, label) in labels() {
            self.report_if(field(node, "name"), rules::label_name(&label.name));
            self.values_fit(node, label);
            if by_name.insert(label.name.as_str(), label).is_some() {
                let message = format!("the label `{}` of `{name}` is declared twice; drop one", label.name);
                self.report(field(node, "name"), message);
            }
        }
        for (node, label) in labels() {
            self.conditions_can_hold(node, label, metric, &by_name);
        }
    }

    fn lifecycle_fits(&mut self, node: &Node, metric: &OwnedMetric, version: Option<&str>) {
        if let Some(old) = &metric.renamed_from {
            let node = field(node, "renamed_from");
            self.report_if(
                field(node, "name"),
                rules::old_name(&old.name, &metric.name, &metric.unit, metric.kind.as_str()),
            );
            self.versions_fit(node, version, &old.since, Some(&old.until));
        }
        if let Some(deprecated) = &metric.deprecated {
            self.versions_fit(field(node, "deprecated"), version, &deprecated.since, None);
        }
    }

    fn versions_fit(&mut self, node: &Node, version: Option<&str>, since: &str, until: Option<&str>) {
        let version = version.filter(|version| rules::is_version(version)).unwrap_or(since);
        if let Some((argument, message)) = rules::lifecycle(version, since, until) {
            self.report(field(node, argument), message);
        }
    }

    fn report_if(&mut self, node: &Node, message: Option<String>) {
        message.into_iter().for_each(|message| self.report(node, message));
    }

    /// Every text is served or rendered on one line.
    fn texts_are_there(&mut self, node: &Node, metric: &OwnedMetric) {
        let requirement = metric.requirement.as_ref().map(|text| ("requirement", text));
        let deprecated = metric.deprecated.as_ref().map(|deprecated| ("deprecated", &deprecated.note));
        let texts = [("help", &metric.help), ("section", &metric.section)].into_iter();
        for (name, text) in texts.chain(requirement).chain(deprecated) {
            let node = field(node, name);
            if text.trim().is_empty() && name == "help" {
                self.report(node, "this text is empty, and it is served as the help text; fill it in");
            } else if text.trim().is_empty() {
                self.report(node, "this text is empty; fill it in, or leave the field out");
            } else if text.contains(['\n', '\r']) {
                self.report(node, "this text is one line; take the line breaks out");
            }
        }
    }

    fn buckets_fit(&mut self, node: &Node, metric: &OwnedMetric) {
        let node = field(node, "buckets");
        match (metric.kind, metric.buckets.as_slice()) {
            (MetricKind::Histogram, []) => {
                self.report(node, format!("{}, as in `\"buckets\": [0.1, 1]`", rules::NO_BOUNDS));
            }
            (MetricKind::Histogram, buckets) => {
                for (pair, node) in buckets.windows(2).zip(node.elements().iter().skip(1)) {
                    self.report_if(node, rules::bounds_ascend(pair[0], pair[1]));
                }
            }
            (_, []) => {}
            (kind, _) => self.report(node, format!("a {kind} has no buckets; drop them, or make it a histogram")),
        }
    }

    fn series_limit_matters(&mut self, node: &Node, metric: &OwnedMetric) {
        let node = field(node, "series_limit");
        if let Some(message) = rules::series_limit(Some(metric.series_limit)) {
            self.report(node, message);
        } else if metric.series_limit != rules::DEFAULT_SERIES_LIMIT && has_known_label_sets(metric) {
            self.report(node, format!("`{}{LIMIT_WITHOUT_EFFECT}", metric.name));
        }
    }

    fn values_fit(&mut self, node: &Node, label: &OwnedLabel) {
        match &label.values {
            OwnedValues::Closed(values) if values.is_empty() => {
                self.report(field(node, "values"), format!("{}; add one", rules::NO_VALUES));
            }
            OwnedValues::Closed(values) => {
                let mut seen = HashSet::new();
                for (value, node) in values.iter().zip(node.items("values")) {
                    if let Some(message) = rules::label_value(value) {
                        self.report(node, message);
                    } else if !seen.insert(value) {
                        self.report(node, format!("{}; drop one", rules::value_repeated(value)));
                    }
                }
            }
            OwnedValues::Open { budget } => {
                self.report_if(field(node, "budget"), rules::budget(Some(*budget)));
            }
        }
    }

    fn conditions_can_hold(
        &mut self,
        node: &Node,
        label: &OwnedLabel,
        metric: &OwnedMetric,
        by_name: &HashMap<&str, &OwnedLabel>,
    ) {
        if !label.conditional && !label.conditions.is_empty() {
            let message = format!("{CONDITION_WITHOUT_EFFECT}; add `\"conditional\": true`, or drop the conditions");
            self.report(field(node, "conditions"), message);
        }
        for (condition, node) in label.conditions.iter().zip(node.items("conditions")) {
            let (other, values): (_, &[String]) = match condition {
                OwnedCondition::OnlyWith { label, values } => (label, values),
                OwnedCondition::NotWith { label } => (label, &[]),
            };
            let message = format!("the label `{}` of `{}` has a condition on `{other}`", label.name, metric.name);
            if *other == label.name {
                self.report(node, format!("{message} itself, which can never hold"));
            } else if let Some(known) = by_name.get(other.as_str()) {
                if let OwnedValues::Closed(allowed) = &known.values
                    && let Some(wrong) = values.iter().find(|value| !allowed.contains(value))
                {
                    let allowed = allowed.join("`, `");
                    self.report(node, format!("{message}, which is never `{wrong}`, but one of `{allowed}`"));
                }
            } else {
                let labels: Vec<_> = metric.labels.iter().map(|label| label.name.as_str()).collect();
                self.report(node, format!("{message}, and the metric's labels are {}", labels.join(", ")));
            }
            if matches!(condition, OwnedCondition::OnlyWith { values, .. } if values.is_empty()) {
                self.report(node, "a condition on no value can never hold; name one");
            }
        }
    }
}

/// Whether all label sets are there from the start: [`label_sets`](crate::declare::desc::label_sets) of owned data.
fn has_known_label_sets(metric: &OwnedMetric) -> bool {
    let mut choices = metric.labels.iter().map(|label| match &label.values {
        OwnedValues::Closed(values) => Some(values.len() + usize::from(label.conditional)),
        OwnedValues::Open { .. } => None,
    });
    let sets = choices.try_fold(1_usize, |sets, choices| sets.checked_mul(choices?));
    sets.is_some_and(|sets| sets <= MAX_KNOWN_LABEL_SETS)
}
