//! A text to a contract: first its fields, then the rules on what could be read.

use std::rc::Rc;

use super::error::{ContractFileDiagnostic, ContractFileError};
use super::format::FORMAT;
use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::assertions::BOUND_NOT_FINITE;
use crate::declare::desc::MetricKind;
use crate::declare::lifecycle::{Deprecation, OldName};
use crate::declare::rules::{DEFAULT_SERIES_LIMIT, UnitRule, default_section};
use crate::report::nearest::did_you_mean;
use crate::tools::tree::{Node, ReadError, Style, Value, json, shortened};

/// The number of diagnostics that an error keeps.
const MAX_DIAGNOSTICS: usize = 50;

const METRIC_FIELDS: [&str; 12] = [
    "name",
    "kind",
    "unit",
    "range",
    "help",
    "section",
    "requirement",
    "labels",
    "buckets",
    "series_limit",
    "renamed_from",
    "deprecated",
];

pub(super) fn contract(text: &str) -> Result<OwnedContract, ContractFileError> {
    // Some editors write a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::default();
    match json::read(text) {
        Ok(root) => {
            let contract = reader.contract(&root);
            reader.check_fingerprint(&root, &contract);
            if reader.diagnostics.is_empty() { Ok(contract) } else { Err(located(text, reader.diagnostics)) }
        }
        Err(ReadError { at, message }) => Err(located(text, vec![(at, format!("this is not JSON: {message}"))])),
    }
}

/// The diagnostics in the order of the text, with lines and columns for bytes.
fn located(text: &str, mut diagnostics: Vec<(usize, String)>) -> ContractFileError {
    diagnostics.sort_by_key(|(at, _)| *at);
    let omitted = diagnostics.len().saturating_sub(MAX_DIAGNOSTICS);
    diagnostics.truncate(MAX_DIAGNOSTICS);
    let locate = |(at, message)| {
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        ContractFileDiagnostic { line, column, message }
    };
    ContractFileError { diagnostics: diagnostics.into_iter().map(locate).collect(), omitted }
}

#[derive(Default)]
pub(super) struct Reader {
    /// Each with the byte that it is about.
    diagnostics: Vec<(usize, String)>,
}

/// How a field is read, if it is of its type.
type Read<'a, T> = fn(&'a Node) -> Option<T>;

/// An object of the format.
struct Object<'a> {
    what: &'static str,
    node: &'a Node,
}

impl Reader {
    pub(super) fn report(&mut self, node: &Node, message: impl Into<String>) {
        self.diagnostics.push((node.raw.start, message.into()));
    }

    fn contract(&mut self, root: &Node) -> OwnedContract {
        let known = ["$schema", "format", "name", "version", "fingerprint", "doc", "metrics"];
        let mut contract =
            OwnedContract { name: String::new(), version: String::new(), doc: String::new(), metrics: Vec::new() };
        let Some(object) = self.object(root, "a contract", &known) else { return contract };
        self.format(&object);
        let _ = self.optional(&object, "$schema", "a string", string);
        let (name, version) = (self.required_string(&object, "name"), self.required_string(&object, "version"));
        contract.doc = self.strings(&object, "doc", "a line of the document").unwrap_or_default().join("\n");
        let metrics = self.metrics(&object);
        self.validate(root, name.as_deref(), version.as_deref(), &metrics);
        contract.name = name.unwrap_or_default();
        contract.version = version.unwrap_or_default();
        contract.metrics = metrics.into_iter().map(|(_, metric)| metric).collect();
        contract
    }

    fn format(&mut self, object: &Object<'_>) {
        if let Some(format) = self.required(object, "format", "a number", integer)
            && format != FORMAT
            && let Some(node) = object.node.get("format")
        {
            let message = format!("this is format {format}, and this version reads only format {FORMAT}");
            self.report(node, format!("{message}; read it with the version that wrote it"));
        }
    }

    /// The metrics that could be read, with their nodes.
    fn metrics<'a>(&mut self, object: &Object<'a>) -> Vec<(&'a Node, OwnedMetric)> {
        let Some(items) = self.required(object, "metrics", "an array", list) else { return Vec::new() };
        if items.is_empty() {
            let node = object.node.get("metrics").unwrap_or(object.node);
            self.report(node, "this contract has no metrics, and would pass every check; add one");
        }
        items.iter().filter_map(|item| Some((item.as_ref(), self.metric(item)?))).collect()
    }

    fn metric(&mut self, node: &Node) -> Option<OwnedMetric> {
        let before = self.diagnostics.len();
        let object = self.object(node, "a metric", &METRIC_FIELDS)?;
        let name = self.required_string(&object, "name");
        let misspelt = node.get("kind").and_then(string).unwrap_or_default();
        let nearest = did_you_mean(&misspelt, MetricKind::ALL.iter().map(|kind| kind.as_str()));
        let kind = self.required(&object, "kind", &format!("\"counter\", \"gauge\" or \"histogram\"{nearest}"), kind);
        let unit = self.required_string(&object, "unit");
        let stated_range = node.get("range").and_then(|range| self.range(range, kind));
        let help = self.required_string(&object, "help");
        let section = self.optional(&object, "section", "a string", string);
        let requirement = self.optional(&object, "requirement", "a string", string);
        let labels = self.items(&object, "labels", Self::label);
        let buckets = self.items(&object, "buckets", |reader, node| {
            let message = || BOUND_NOT_FINITE.to_owned();
            reader.read(node, float, message)
        });
        let series_limit = self.optional(&object, "series_limit", "a number of series", integer);
        let renamed_from = node.get("renamed_from").and_then(|node| self.renamed_from(node));
        let deprecated = node.get("deprecated").and_then(|node| self.deprecated(node));
        // A metric that was not wholly read would break rules only for that.
        if self.diagnostics.len() > before {
            return None;
        }
        let kind = kind?;
        Some(OwnedMetric {
            name: name?,
            kind,
            stated_range: stated_range
                .filter(|range| unit.as_deref().is_none_or(|unit| *range != UnitRule::range_of(unit))),
            unit: unit?,
            help: help?,
            section: section.unwrap_or_else(|| default_section(kind.as_str()).to_owned()),
            requirement,
            labels,
            buckets,
            series_limit: series_limit.unwrap_or(DEFAULT_SERIES_LIMIT),
            renamed_from,
            deprecated,
        })
    }

    fn renamed_from(&mut self, node: &Node) -> Option<OldName<String>> {
        let object = self.object(node, "an old name", &["name", "since", "until"])?;
        let [name, since, until] = ["name", "since", "until"].map(|field| self.required_string(&object, field));
        Some(OldName::new(name?, since?, until?))
    }

    fn deprecated(&mut self, node: &Node) -> Option<Deprecation<String>> {
        let object = self.object(node, "a deprecation", &["since", "note"])?;
        let [since, note] = ["since", "note"].map(|field| self.required_string(&object, field));
        Some(Deprecation::new(since?, note?))
    }

    fn range(&mut self, node: &Node, kind: Option<MetricKind>) -> Option<(f64, f64)> {
        if kind == Some(MetricKind::Counter) {
            self.report(node, "a counter begins at zero and only grows, so that it has no range; drop it");
        }
        let object = self.object(node, "a range", &["minimum", "maximum"])?;
        let mut end = |name| self.optional(&object, name, "a finite number; leave it out if there is none", float);
        let (least, greatest) = (end("minimum"), end("maximum"));
        Some((least.unwrap_or(f64::NEG_INFINITY), greatest.unwrap_or(f64::INFINITY)))
    }

    fn label(&mut self, node: &Node) -> Option<OwnedLabel> {
        let object = self.object(node, "a label", &["name", "values", "budget", "conditional", "conditions"])?;
        let name = self.required_string(&object, "name");
        let values = self.strings(&object, "values", "a label's value");
        let budget = self.optional(&object, "budget", "a number of values", integer);
        let conditional = self.optional(&object, "conditional", "true or false", bool).unwrap_or_default();
        let conditions = self.items(&object, "conditions", Self::condition);
        let values = match (values, object.node.get("budget")) {
            (Some(values), None) => OwnedValues::Closed(values),
            (None, Some(_)) => OwnedValues::Open { budget: budget? },
            (None, None) => {
                self.report(node, "a label has `values`, if they are known, or a `budget`; add one of the two");
                return None;
            }
            (Some(_), Some(budget)) => {
                self.report(budget, "a label with `values` has no `budget`: these are all its values; drop one");
                return None;
            }
        };
        Some(OwnedLabel { name: name?, values, conditional, conditions })
    }

    fn condition(&mut self, node: &Node) -> Option<OwnedCondition> {
        let object = self.object(node, "a condition", &["only_with", "values", "not_with"])?;
        let only_with = self.optional(&object, "only_with", "a label's name", string);
        let not_with = self.optional(&object, "not_with", "a label's name", string);
        let values = self.strings(&object, "values", "a label's value");
        match (only_with, not_with, values) {
            (Some(label), None, Some(values)) => Some(OwnedCondition::OnlyWith { label, values }),
            (None, Some(label), None) => Some(OwnedCondition::NotWith { label }),
            _ => {
                self.report(node, "a condition is `only_with` a label and its `values`, or `not_with` a label");
                None
            }
        }
    }

    /// The node as an object, with every field that it has twice or that the format does not have reported.
    fn object<'a>(&mut self, node: &'a Node, what: &'static str, known: &[&str]) -> Option<Object<'a>> {
        let Value::Map(fields) = &node.value else {
            self.report(node, format!("{what} is an object, and this is {}", type_name(node)));
            return None;
        };
        let mut seen = Vec::new();
        for (key, _) in fields {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                let suggestion = did_you_mean(name, known.iter().copied());
                let help = if suggestion.is_empty() { format!("; it has {}", known.join(", ")) } else { suggestion };
                let name = shortened(name, 60).replace(char::is_control, " ");
                self.report(key, format!("{what} has no field `{name}`{help}"));
            } else if seen.contains(&name) {
                self.report(key, format!("the field `{name}` is given twice; give it once"));
            } else {
                seen.push(name);
            }
        }
        Some(Object { what, node })
    }

    fn required_string(&mut self, object: &Object<'_>, name: &str) -> Option<String> {
        self.required(object, name, "a string", string)
    }

    fn required<'a, T>(&mut self, object: &Object<'a>, name: &str, expected: &str, read: Read<'a, T>) -> Option<T> {
        if object.node.get(name).is_none() {
            self.report(object.node, format!("{} has the field `{name}`, {expected}; add it", object.what));
        }
        self.optional(object, name, expected, read)
    }

    fn optional<'a, T>(&mut self, object: &Object<'a>, name: &str, expected: &str, read: Read<'a, T>) -> Option<T> {
        self.read(object.node.get(name)?, read, || format!("`{name}` must be {expected}"))
    }

    /// What a node reads as; reports it if it cannot be read.
    fn read<'a, T>(&mut self, node: &'a Node, read: Read<'a, T>, message: impl FnOnce() -> String) -> Option<T> {
        let read = read(node);
        if read.is_none() {
            self.report(node, message());
        }
        read
    }

    /// The items of an optional array that could be read.
    fn items<T>(&mut self, object: &Object<'_>, name: &str, read: impl Fn(&mut Self, &Node) -> Option<T>) -> Vec<T> {
        let items = self.optional(object, name, "an array", list).unwrap_or_default();
        items.iter().filter_map(|item| read(self, item)).collect()
    }

    /// The strings of an optional array; `None` without the field.
    fn strings(&mut self, object: &Object<'_>, name: &str, what: &str) -> Option<Vec<String>> {
        object.node.get(name)?;
        let message = |node: &Node| format!("{what} is a string, and this is {}", type_name(node));
        Some(self.items(object, name, |reader, node| reader.read(node, string, || message(node))))
    }

    /// A file that was edited after its export would be compared as if it came from the code.
    fn check_fingerprint(&mut self, root: &Node, contract: &OwnedContract) {
        let Some(node) = root.get("fingerprint") else { return };
        let fingerprint = contract.fingerprint();
        let text = self.read(node, string, || "`fingerprint` must be a string".to_owned());
        if text.is_some_and(|text| text != fingerprint) && self.diagnostics.is_empty() {
            let message = "this file was edited after its export: its content has the fingerprint";
            self.report(node, format!("{message} {fingerprint}; export it again, or correct the field, or remove it"));
        }
    }
}

fn list(node: &Node) -> Option<&[Rc<Node>]> {
    node.is_list().then(|| node.elements())
}

fn string(node: &Node) -> Option<String> {
    match &node.value {
        Value::Scalar { text, style: Style::DoubleQuoted } => Some(text.clone()),
        _ => None,
    }
}

/// A literal that is not a string.
fn literal(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar { text, style: Style::Plain } => Some(text),
        _ => None,
    }
}

fn bool(node: &Node) -> Option<bool> {
    literal(node)?.parse().ok()
}

fn float(node: &Node) -> Option<f64> {
    literal(node)?.parse().ok().filter(|number: &f64| number.is_finite())
}

fn integer(node: &Node) -> Option<u32> {
    // JSON schema takes `64.0` for an integer.
    literal(node)?.parse().ok().or_else(|| float(node)?.to_string().parse().ok())
}

fn kind(node: &Node) -> Option<MetricKind> {
    MetricKind::named(&string(node)?)
}

fn type_name(node: &Node) -> &'static str {
    match (&node.value, literal(node)) {
        (Value::Map(_), _) => "an object",
        (Value::List(_), _) => "an array",
        (_, None) => "a string",
        (_, Some("")) => "null",
        (_, Some("true" | "false")) => "true or false",
        (_, Some(_)) => "a number",
    }
}
