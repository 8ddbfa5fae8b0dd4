//! What YAML and JSON have in common: lists, maps and scalars, each with its position.

pub(crate) mod json;
pub(crate) mod yaml;

use std::ops::Range;
use std::rc::Rc;

/// How a scalar is written: needed to find a character of its text in the document.
pub(crate) use saphyr_parser::ScalarStyle as Style;

/// Why a text cannot be read, and at which byte.
#[derive(Debug)]
pub(crate) struct ReadError {
    pub(crate) at: usize,
    pub(crate) message: String,
}

/// A value and its bytes in the document.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) raw: Range<usize>,
    pub(crate) value: Value,
    /// The number of values in it, including itself and everything that aliases repeat.
    pub(crate) size: usize,
}

#[derive(Debug)]
pub(crate) enum Value {
    /// A text after quotes and escapes are resolved.
    Scalar {
        text: String,
        style: Style,
    },
    List(Vec<Rc<Node>>),
    Map(Vec<(Rc<Node>, Rc<Node>)>),
}

/// A text of a file, short enough for a message.
pub(crate) fn shortened(text: &str, max_chars: usize) -> String {
    let cut = if text.chars().nth(max_chars).is_some() { "..." } else { "" };
    text.chars().take(max_chars).chain(cut.chars()).collect()
}

impl Node {
    pub(crate) fn scalar(raw: Range<usize>, text: String, style: Style) -> Self {
        Self { raw, value: Value::Scalar { text, style }, size: 1 }
    }

    pub(crate) fn list(raw: Range<usize>, items: Vec<Rc<Node>>) -> Self {
        let size = items.iter().fold(1, |sum: usize, item| sum.saturating_add(item.size));
        Self { raw, value: Value::List(items), size }
    }

    pub(crate) fn map(raw: Range<usize>, pairs: Vec<(Rc<Node>, Rc<Node>)>) -> Self {
        let sizes = pairs.iter().map(|(key, value)| key.size.saturating_add(value.size));
        let size = sizes.fold(1, usize::saturating_add);
        Self { raw, value: Value::Map(pairs), size }
    }

    /// The value of a key in a map, or in the maps that `<<` merges into it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.own(key).or_else(|| match &self.own("<<")?.value {
            Value::List(merged) => merged.iter().find_map(|merged| merged.own(key)),
            Value::Map(_) => self.own("<<")?.own(key),
            Value::Scalar { .. } => None,
        })
    }

    fn own(&self, key: &str) -> Option<&Node> {
        self.pairs().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The text of a key's value.
    pub(crate) fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The list of a key; empty if the key has no list.
    pub(crate) fn items(&self, key: &str) -> &[Rc<Node>] {
        self.get(key).map_or(&[], Node::elements)
    }

    pub(crate) fn elements(&self) -> &[Rc<Node>] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The pairs of a map whose keys are scalars.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &Node)> {
        let pairs: &[_] = match &self.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        };
        pairs.iter().filter_map(|(key, value)| Some((key.text()?, value.as_ref())))
    }

    /// Whether it is null or an empty text.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.value {
            Value::Scalar { text, style } => {
                matches!((text.trim(), style), ("", _) | ("~" | "null", Style::Plain))
            }
            Value::List(_) | Value::Map(_) => false,
        }
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }
}
