//! A text to a contract: its fields first, and then the rules on what could be read.

use std::collections::HashMap;

use super::document::{Field, Value};
use super::{ContractFileError, ContractFileMistake, FORMAT, KEPT, validate};
use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;
use crate::report::nearest::did_you_mean;

/// What `#[contract]` takes where a metric says nothing else.
const DEFAULT_SERIES_LIMIT: u32 = 10_000;

const KINDS: [MetricKind; 3] = [MetricKind::Counter, MetricKind::Gauge, MetricKind::Histogram];

pub(super) fn contract(text: &str) -> Result<OwnedContract, ContractFileError> {
    // Some editors put a byte order mark in front, which is no part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = Value::of(text).map_err(|error| not_json(&error))?;
    let mut reader = Reader::default();
    let contract = reader.contract(root);
    reader.check_fingerprint(root, &contract);
    if reader.mistakes.is_empty() { Ok(contract) } else { Err(placed(text, reader.mistakes)) }
}

fn not_json(error: &serde_json::Error) -> ContractFileError {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    let message = format!("this is not JSON: {what}");
    let (line, column) = (error.line().max(1), error.column().max(1));
    ContractFileError { mistakes: vec![ContractFileMistake { line, column, message }], omitted: 0 }
}

/// The mistakes in the order of the text, with lines and columns for bytes.
fn placed(text: &str, mut mistakes: Vec<(usize, String)>) -> ContractFileError {
    mistakes.sort_by_key(|(at, _)| *at);
    let omitted = mistakes.len().saturating_sub(KEPT);
    mistakes.truncate(KEPT);
    let place = |(at, message)| {
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        ContractFileMistake { line, column, message }
    };
    ContractFileError { mistakes: mistakes.into_iter().map(place).collect(), omitted }
}

#[derive(Default)]
struct Reader {
    /// By the byte that each is about.
    mistakes: Vec<(usize, String)>,
    /// Where each value is, by its path.
    places: HashMap<String, usize>,
}

/// The fields of one object that the format has, and where the object is.
struct Object<'a> {
    what: &'static str,
    path: String,
    at: usize,
    fields: Vec<Field<'a>>,
}

impl<'a> Object<'a> {
    fn get(&self, name: &str) -> Option<Value<'a>> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.value)
    }

    fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

impl Reader {
    fn mistake(&mut self, at: usize, message: impl Into<String>) {
        self.mistakes.push((at, message.into()));
    }

    /// What is wrong with the value at a path, or at the nearest place around it that is known.
    fn mistake_at(&mut self, path: &str, message: String) {
        let mut known = path;
        while !self.places.contains_key(known) {
            let Some(end) = known.rfind(['.', '[']) else { break };
            known = known.get(..end).unwrap_or_default();
        }
        let at = self.places.get(known).copied().unwrap_or_default();
        self.mistake(at, message);
    }

    fn contract(&mut self, root: Value<'_>) -> OwnedContract {
        let known = ["$schema", "format", "name", "version", "fingerprint", "doc", "metrics"];
        let mut contract =
            OwnedContract { name: String::new(), version: String::new(), doc: String::new(), metrics: Vec::new() };
        let Some(object) = self.object(root, "a contract", String::new(), &known) else { return contract };
        self.format(&object);
        let _ = self.optional(&object, "$schema", "a text", Value::text);
        let (name, version) = (self.required_text(&object, "name"), self.required_text(&object, "version"));
        contract.doc = self.items(&object, "doc", Self::doc_line).join("\n");
        let metrics = self.metrics(&object);
        let broken = name.as_deref().and_then(validate::name).into_iter();
        let broken = broken.chain(version.as_deref().and_then(validate::version));
        let names = metrics.iter().map(|(path, metric)| (path.clone(), metric.name.as_str()));
        let broken = broken.chain(validate::names_are_distinct(names));
        let of_metrics = metrics.iter().flat_map(|(path, metric)| validate::metric(path, metric));
        for (path, message) in broken.chain(of_metrics) {
            self.mistake_at(&path, message);
        }
        contract.name = name.unwrap_or_default();
        contract.version = version.unwrap_or_default();
        contract.metrics = metrics.into_iter().map(|(_, metric)| metric).collect();
        contract
    }

    fn format(&mut self, object: &Object<'_>) {
        match self.required(object, "format", "a number", Value::integer) {
            Some(FORMAT) | None => {}
            Some(other) => {
                let message = format!("this is format {other}, and only format {FORMAT} is known here");
                self.mistake_at("format", format!("{message}; read it with the version that wrote it"));
            }
        }
    }

    /// The metrics that could be read, with their paths.
    fn metrics(&mut self, object: &Object<'_>) -> Vec<(String, OwnedMetric)> {
        let Some(items) = self.required(object, "metrics", "a list", Value::list) else { return Vec::new() };
        if items.is_empty() {
            self.mistake_at("metrics", "this contract has no metrics, and would pass every check; add one".to_owned());
        }
        let read = items.into_iter().enumerate().filter_map(|(index, item)| {
            let path = format!("metrics[{index}]");
            Some((path.clone(), self.metric(item, path)?))
        });
        read.collect()
    }

    fn metric(&mut self, value: Value<'_>, path: String) -> Option<OwnedMetric> {
        let known = ["name", "kind", "unit", "help", "section", "requirement", "labels", "buckets", "series_limit"];
        let before = self.mistakes.len();
        let object = self.object(value, "a metric", path, &known)?;
        let name = self.required_text(&object, "name");
        let kind = self.kind(&object);
        let unit = self.required_text(&object, "unit");
        let help = self.required_text(&object, "help");
        let section = self.optional(&object, "section", "a text", Value::text);
        let requirement = self.optional(&object, "requirement", "a text", Value::text);
        let labels = self.items(&object, "labels", Self::label);
        let buckets = self.items(&object, "buckets", Self::bound);
        let series_limit = self.optional(&object, "series_limit", "a number of series", Value::integer);
        // What was not wholly read has said why, and would break rules for that alone.
        if self.mistakes.len() > before {
            return None;
        }
        let kind = kind?;
        Some(OwnedMetric {
            name: name?,
            kind,
            unit: unit?,
            help: help?,
            section: section.unwrap_or_else(|| default_section(kind).to_owned()),
            requirement,
            labels,
            buckets,
            series_limit: series_limit.unwrap_or(DEFAULT_SERIES_LIMIT),
        })
    }

    fn kind(&mut self, object: &Object<'_>) -> Option<MetricKind> {
        let read = self.required(object, "kind", "\"counter\", \"gauge\" or \"histogram\"", kind);
        if read.is_none()
            && let Some(text) = object.get("kind").and_then(Value::text)
            && let Some((_, message)) = self.mistakes.last_mut()
        {
            message.push_str(&did_you_mean(&text, KINDS.map(MetricKind::as_str)));
        }
        read
    }

    fn bound(&mut self, value: Value<'_>, path: String) -> Option<f64> {
        self.places.insert(path, value.at());
        let bound = value.float();
        if bound.is_none() {
            self.mistake(value.at(), "a bucket bound is a finite number; `+Inf` is added by itself");
        }
        bound
    }

    fn label(&mut self, value: Value<'_>, path: String) -> Option<OwnedLabel> {
        let object = self.object(value, "a label", path, &["name", "values", "budget", "conditional", "conditions"])?;
        let name = self.required_text(&object, "name");
        let values = object.get("values").map(|_| self.items(&object, "values", Self::label_value));
        let budget = self.optional(&object, "budget", "a number of values", Value::integer);
        let conditional = self.optional(&object, "conditional", "true or false", Value::bool).unwrap_or_default();
        let conditions = self.items(&object, "conditions", Self::condition);
        let values = match (values, object.get("budget")) {
            (Some(values), None) => OwnedValues::Closed(values),
            (None, Some(_)) => OwnedValues::Open { budget: budget? },
            (None, None) => {
                self.mistake(
                    object.at,
                    "a label has `values`, where they are known, or a `budget`; add one of the two",
                );
                return None;
            }
            (Some(_), Some(budget)) => {
                self.mistake(budget.at(), "a label with `values` has no `budget`: these are all its values; drop one");
                return None;
            }
        };
        Some(OwnedLabel { name: name?, values, conditional, conditions })
    }

    fn doc_line(&mut self, value: Value<'_>, path: String) -> Option<String> {
        self.item_text(value, path, "a line of the document")
    }

    fn label_value(&mut self, value: Value<'_>, path: String) -> Option<String> {
        self.item_text(value, path, "a label's value")
    }

    fn item_text(&mut self, value: Value<'_>, path: String, what: &str) -> Option<String> {
        self.places.insert(path, value.at());
        let text = value.text();
        if text.is_none() {
            self.mistake(value.at(), format!("{what} is a text, and this is {}", value.what()));
        }
        text
    }

    fn condition(&mut self, value: Value<'_>, path: String) -> Option<OwnedCondition> {
        let object = self.object(value, "a condition", path, &["only_with", "values", "not_with"])?;
        let only_with = self.optional(&object, "only_with", "a label's name", Value::text);
        let not_with = self.optional(&object, "not_with", "a label's name", Value::text);
        let values = object.get("values").map(|_| self.items(&object, "values", Self::label_value));
        match (only_with, not_with, values) {
            (Some(label), None, Some(values)) => Some(OwnedCondition::OnlyWith { label, values }),
            (None, Some(label), None) => Some(OwnedCondition::NotWith { label }),
            _ => {
                let message = "a condition is `only_with` a label and its `values`, or `not_with` a label";
                self.mistake(object.at, message);
                None
            }
        }
    }

    /// The object at a path, what the format does not have noted and left out.
    fn object<'a>(&mut self, value: Value<'a>, what: &'static str, path: String, known: &[&str]) -> Option<Object<'a>> {
        self.places.insert(path.clone(), value.at());
        let Some(all) = value.object() else {
            self.mistake(value.at(), format!("{what} is an object in braces, and this is {}", value.what()));
            return None;
        };
        let mut fields: Vec<Field<'a>> = Vec::new();
        for field in all {
            if !known.contains(&field.name.as_str()) {
                let instead = did_you_mean(&field.name, known.iter().copied());
                let has = if instead.is_empty() { format!("; it has {}", known.join(", ")) } else { instead };
                self.mistake(field.at, format!("{what} has no field `{}`{has}", shown(&field.name)));
            } else if fields.iter().any(|other| other.name == field.name) {
                self.mistake(field.at, format!("the field `{}` is given twice; give it once", field.name));
            } else {
                fields.push(field);
            }
        }
        Some(Object { what, path, at: value.at(), fields })
    }

    fn required_text(&mut self, object: &Object<'_>, name: &str) -> Option<String> {
        self.required(object, name, "a text", Value::text)
    }

    fn required<'a, T>(
        &mut self,
        object: &Object<'a>,
        name: &str,
        expected: &str,
        read: fn(Value<'a>) -> Option<T>,
    ) -> Option<T> {
        if object.get(name).is_none() {
            self.mistake(object.at, format!("{} has the field `{name}`, {expected}; add it", object.what));
        }
        self.optional(object, name, expected, read)
    }

    fn optional<'a, T>(
        &mut self,
        object: &Object<'a>,
        name: &str,
        expected: &str,
        read: fn(Value<'a>) -> Option<T>,
    ) -> Option<T> {
        let value = object.get(name)?;
        self.places.insert(object.path(name), value.at());
        let read = read(value);
        if read.is_none() {
            self.mistake(value.at(), format!("`{name}` is {expected}, and not what stands here"));
        }
        read
    }

    /// The items of a list that may be missing, those that could be read.
    fn items<'a, T>(
        &mut self,
        object: &Object<'a>,
        name: &str,
        read: fn(&mut Self, Value<'a>, String) -> Option<T>,
    ) -> Vec<T> {
        let items = self.optional(object, name, "a list", Value::list).unwrap_or_default();
        let path = object.path(name);
        let items = items.into_iter().enumerate();
        items.filter_map(|(index, item)| read(self, item, format!("{path}[{index}]"))).collect()
    }

    /// A file that says what it is has to be it: otherwise somebody edited it, and the code that it is
    /// compared with would be blamed.
    fn check_fingerprint(&mut self, root: Value<'_>, contract: &OwnedContract) {
        let stated = root.object().into_iter().flatten().find(|field| field.name == "fingerprint");
        let Some(stated) = stated.map(|field| field.value) else { return };
        let fingerprint = contract.fingerprint();
        match stated.text() {
            None => self.mistake(stated.at(), "`fingerprint` is a text, and not what stands here"),
            Some(text) if text != fingerprint && self.mistakes.is_empty() => {
                let message = "this file was edited after it was exported: what it says has the fingerprint";
                let cure = "export it again, or state this one, or none";
                self.mistake(stated.at(), format!("{message} {fingerprint}; {cure}"));
            }
            Some(_) => {}
        }
    }
}

fn kind(value: Value<'_>) -> Option<MetricKind> {
    value.text().and_then(|text| KINDS.into_iter().find(|kind| kind.as_str() == text))
}

/// The heading that `#[contract]` takes where a metric names none.
fn default_section(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Counter => "Counters",
        MetricKind::Gauge => "Gauges",
        MetricKind::Histogram => "Summaries/Histograms",
    }
}

/// A name of somebody's own, of a length to be shown.
fn shown(name: &str) -> String {
    const SHOWN: usize = 60;
    let cut = if name.chars().nth(SHOWN).is_some() { "..." } else { "" };
    name.chars().take(SHOWN).map(|char| if char.is_control() { ' ' } else { char }).chain(cut.chars()).collect()
}
