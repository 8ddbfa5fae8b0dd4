//! What YAML and JSON have in common: lists, maps and scalars, each with its place.

use std::ops::Range;
use std::rc::Rc;

/// A value, and the bytes of the document that it stands on.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) raw: Range<usize>,
    pub(super) value: Value,
    /// How many values there are in it, itself and what aliases repeat counted.
    pub(super) size: usize,
}

#[derive(Debug)]
pub(super) enum Value {
    Scalar(Scalar),
    List(Vec<Rc<Node>>),
    Map(Vec<(Rc<Node>, Rc<Node>)>),
}

/// A scalar as it reads, whatever it is written as.
#[derive(Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) style: Style,
}

/// How a scalar is written, as far as it matters for finding a character of it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Block,
}

impl Node {
    pub(super) fn scalar(raw: Range<usize>, text: String, style: Style) -> Self {
        Self { raw, value: Value::Scalar(Scalar { text, style }), size: 1 }
    }

    pub(super) fn list(raw: Range<usize>, items: Vec<Rc<Node>>) -> Self {
        let size = items.iter().fold(1, |sum: usize, item| sum.saturating_add(item.size));
        Self { raw, value: Value::List(items), size }
    }

    pub(super) fn map(raw: Range<usize>, pairs: Vec<(Rc<Node>, Rc<Node>)>) -> Self {
        let sizes = pairs.iter().map(|(key, value)| key.size.saturating_add(value.size));
        let size = sizes.fold(1, usize::saturating_add);
        Self { raw, value: Value::Map(pairs), size }
    }

    /// The value behind a key of a map; one that is merged into it with `<<` too.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.own(key).or_else(|| match &self.own("<<")?.value {
            Value::List(merged) => merged.iter().find_map(|merged| merged.own(key)),
            Value::Map(_) => self.own("<<")?.own(key),
            Value::Scalar(_) => None,
        })
    }

    fn own(&self, key: &str) -> Option<&Node> {
        self.pairs().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The text behind a key.
    pub(super) fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The list behind a key; empty where there is none.
    pub(super) fn items(&self, key: &str) -> &[Rc<Node>] {
        self.get(key).map_or(&[], Node::elements)
    }

    pub(super) fn elements(&self) -> &[Rc<Node>] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// The pairs of a map whose keys are texts.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &Node)> {
        let pairs: &[_] = match &self.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        };
        pairs.iter().filter_map(|(key, value)| Some((key.text()?, value.as_ref())))
    }

    /// Whether nothing is there, or an empty text.
    pub(super) fn is_empty(&self) -> bool {
        match &self.value {
            Value::Scalar(Scalar { text, style: Style::Plain }) => matches!(text.trim(), "" | "~" | "null"),
            Value::Scalar(scalar) => scalar.text.trim().is_empty(),
            Value::List(_) | Value::Map(_) => false,
        }
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }
}
