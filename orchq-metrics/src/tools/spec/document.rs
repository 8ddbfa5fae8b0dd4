//! What a document says of metrics: its lists, read as a contract.

use std::collections::HashSet;

use super::labels::is_name;
use super::list::{self, Item, Lists};
use super::piece::Piece;
use super::stated::{Stated, stated};

/// The fields of a metric, as the document names them.
pub(super) const FIELDS: [&str; 7] =
    ["type", "labels", "conditional labels", "unit", "buckets", "requirement", "description"];

/// What names of metrics end in, and hardly any other names do.
const ENDINGS: [&str; 7] = ["_total", "_seconds", "_ms", "_milliseconds", "_bytes", "_ratio", "_percent"];

/// A document as a contract.
pub(super) struct Document<'a> {
    pub(super) metrics: Vec<Metric<'a>>,
    /// What is said of a label outside of every metric.
    pub(super) labels: Vec<Stated<'a>>,
    /// What looks like part of a contract and could not be read, and why.
    pub(super) unread: Vec<(Piece<'a>, String)>,
    /// Fields that the form does not have, with the metric that they stand at.
    pub(super) unknown_fields: Vec<(Piece<'a>, Piece<'a>)>,
    /// Every line that belongs to no metric.
    pub(super) outside: Vec<Piece<'a>>,
    /// Lines below an item that announces labels.
    pub(super) announced: Vec<Piece<'a>>,
}

/// A metric of the document.
pub(super) struct Metric<'a> {
    pub(super) name: Piece<'a>,
    pub(super) section: Option<Piece<'a>>,
    fields: Vec<Field<'a>>,
}

/// A field of a metric: its name, and the lines of its value.
pub(super) struct Field<'a> {
    pub(super) key: Piece<'a>,
    name: &'static str,
    pub(super) value: Vec<Piece<'a>>,
}

impl<'a> Metric<'a> {
    /// The fields of this name, which should be one at most.
    pub(super) fn fields(&self, name: &str) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter().filter(move |field| field.name == name)
    }

    pub(super) fn field(&self, name: &str) -> Option<&Field<'a>> {
        self.fields(name).next()
    }

    fn is_bare(&self) -> bool {
        self.fields.is_empty()
    }
}

impl<'a> Field<'a> {
    /// The value as one text, and the place to point at.
    pub(super) fn text(&self) -> String {
        let words = self.value.iter().flat_map(|piece| piece.as_str().split_whitespace());
        words.collect::<Vec<_>>().join(" ")
    }

    /// The first line of the value, or where it should be.
    pub(super) fn place(&self) -> Piece<'a> {
        self.value.iter().copied().find(|piece| !piece.is_empty()).unwrap_or(self.key)
    }
}

/// Reads a document; `is_metric` says of a name that the contract has it.
pub(super) fn read<'a>(text: &'a str, is_metric: &dyn Fn(&str) -> bool) -> Document<'a> {
    let Lists { items, prose } = list::read(text, |piece| known_field(piece).is_some());
    let mut document = Document {
        metrics: Vec::new(),
        labels: Vec::new(),
        unread: Vec::new(),
        unknown_fields: Vec::new(),
        outside: prose,
        announced: Vec::new(),
    };
    let mut within_metric = vec![false; items.len()];
    for (index, item) in items.iter().enumerate() {
        let of_metric = item.parent.and_then(|parent| within_metric.get(parent)).copied().unwrap_or_default();
        let starts_metric = !of_metric && document.metric(item, &items, is_metric);
        if let Some(slot) = within_metric.get_mut(index) {
            *slot = of_metric || starts_metric;
        }
        if !of_metric && !starts_metric {
            document.other_item(item, item.parent.and_then(|parent| items.get(parent)));
        }
    }
    document.forget_mentions();
    document
}

impl<'a> Document<'a> {
    /// Reads an item as a metric, if it looks like one.
    fn metric(&mut self, item: &Item<'a>, items: &[Item<'a>], is_metric: &dyn Fn(&str) -> bool) -> bool {
        let children: Vec<_> = item.children.iter().filter_map(|child| items.get(*child)).collect();
        let has_fields = children.iter().any(|child| known_field(child.first()).is_some());
        let (name, rest) = leading_name(item.first());
        let text = name.as_str();
        let bare = rest.is_empty() && (is_metric(text) || ENDINGS.iter().any(|ending| text.ends_with(ending)));
        let described =
            is_metric(text) && !rest.is_empty() && !has_fields && rest.as_str().starts_with([':', '(', '-']);
        if described {
            self.unread.push((item.first(), format!("`{text}` is a metric, and its fields are items below its name")));
            return true;
        }
        let looks_like_one = has_fields || (bare && is_name(text));
        if !looks_like_one {
            return false;
        }
        if !is_name(text) || !(rest.is_empty() || is_metric(text)) {
            let message = "this has the fields of a metric, and is not the name of one".to_owned();
            self.unread.push((item.first(), message));
            return true;
        }
        if !rest.is_empty() {
            self.unread.push((rest, format!("an item with the name `{text}` has nothing behind it")));
        }
        for line in item.text.iter().skip(1) {
            self.unread.push((*line, format!("this stands between the name `{text}` and its fields")));
        }
        let mut metric = Metric { name, section: item.section, fields: Vec::new() };
        for child in children {
            match known_field(child.first()) {
                Some((key, field, value)) => {
                    let mut lines = vec![value];
                    lines.extend(child.text.iter().skip(1));
                    descendants(child, items, &mut lines);
                    metric.fields.push(Field { key, name: field, value: lines });
                }
                None => self.unknown_fields.push((child.first(), name)),
            }
        }
        self.metrics.push(metric);
        true
    }

    /// An item outside of every metric: what it says of labels.
    fn other_item(&mut self, item: &Item<'a>, parent: Option<&Item<'a>>) {
        self.outside.extend(&item.text);
        if let Some((key, _, _)) = known_field(item.first()) {
            self.unread.push((key, "this is a field of a metric, and stands at none".to_owned()));
            return;
        }
        if parent.is_some_and(|parent| parent.first().as_str().ends_with("labels:")) {
            self.announced.extend(&item.text);
        }
        for line in &item.text {
            self.labels.extend(stated(*line));
        }
    }

    /// A bare name is a metric without its fields, unless it is described elsewhere: then it is a mention.
    fn forget_mentions(&mut self) {
        let described = self.metrics.iter().filter(|metric| !metric.is_bare()).map(|metric| metric.name.as_str());
        let described: HashSet<&str> = described.collect();
        self.metrics.retain(|metric| !metric.is_bare() || !described.contains(metric.name.as_str()));
    }
}

/// All that stands below an item, in its order.
fn descendants<'a>(item: &Item<'a>, items: &[Item<'a>], lines: &mut Vec<Piece<'a>>) {
    let mut next: Vec<usize> = item.children.iter().rev().copied().collect();
    while let Some(item) = next.pop().and_then(|index| items.get(index)) {
        lines.extend(&item.text);
        next.extend(item.children.iter().rev());
    }
}

/// An item `key: value` with a key of the form.
fn known_field(item: Piece<'_>) -> Option<(Piece<'_>, &'static str, Piece<'_>)> {
    let (key, value) = item.split_once(':')?;
    let (opened, key) = (key.trim().as_str(), key.plain());
    let name = FIELDS.into_iter().find(|field| field.eq_ignore_ascii_case(key.as_str()))?;
    // The emphasis of a key may end behind its colon.
    let value = if opened.starts_with('*') && !opened.ends_with('*') { value.trim_start('*') } else { value };
    Some((key, name, value.trim()))
}

/// The name that an item begins with, and what is behind it; a colon is nothing.
fn leading_name(item: Piece<'_>) -> (Piece<'_>, Piece<'_>) {
    let inside = item.trim_matches(|char| matches!(char, '*' | '`'));
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let end = inside.as_str().find(|char| !is_part(char)).unwrap_or(inside.as_str().len());
    let rest = inside.from(end).trim_matches(|char| char.is_whitespace() || matches!(char, '*' | '`'));
    let rest = if rest.as_str() == ":" { rest.from(1) } else { rest };
    (inside.part(0..end), rest)
}
