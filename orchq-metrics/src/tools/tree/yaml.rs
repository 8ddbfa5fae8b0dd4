//! YAML, read as a tree with positions.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, Span};

use super::{Node, ReadError};

/// The greatest depth of a document; rules are five deep.
const MAX_DEPTH: usize = 100;

/// The greatest number of values in a file, including those that aliases repeat: a few lines of
/// aliases of aliases would not fit into memory.
const MAX_VALUES: usize = 2_000_000;

/// The documents of a YAML text, up to the first error.
pub(crate) fn read(text: &str) -> (Vec<Rc<Node>>, Option<ReadError>) {
    let mut builder = Builder { text, positions: Positions::new(text), ..Builder::default() };
    let mut parser = Parser::new_from_str(text);
    // Event by event, because the parser's own loader recurses as deep as the document nests.
    while builder.error.is_none() {
        match parser.next_event() {
            Some(Ok((event, span))) => builder.event(event, span),
            Some(Err(error)) => builder.fail(builder.positions.byte(error.marker().index()), error.info()),
            None => break,
        }
    }
    (builder.documents, builder.error)
}

/// Markers count characters; positions here count bytes.
#[derive(Default)]
struct Positions {
    /// The byte of each character; empty where all are ASCII.
    bytes: Vec<usize>,
    end: usize,
}

impl Positions {
    fn new(text: &str) -> Self {
        let bytes = if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at).collect() };
        Self { bytes, end: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        if self.bytes.is_empty() { character.min(self.end) } else { *self.bytes.get(character).unwrap_or(&self.end) }
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        start..self.byte(span.end.index()).max(start)
    }
}

/// A list or a map that has begun: its anchor, its start, and its items so far.
struct Open {
    anchor: usize,
    start: usize,
    is_map: bool,
    items: Vec<Rc<Node>>,
}

#[derive(Default)]
struct Builder<'a> {
    text: &'a str,
    positions: Positions,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    documents: Vec<Rc<Node>>,
    size: usize,
    error: Option<ReadError>,
}

impl Builder<'_> {
    fn fail(&mut self, at: usize, message: &str) {
        self.error.get_or_insert(ReadError { at, message: message.to_owned() });
    }

    fn add(&mut self, node: Rc<Node>, anchor: usize) {
        self.size = self.size.saturating_add(if self.open.is_empty() { 0 } else { node.size });
        if self.size > MAX_VALUES {
            return self.fail(node.raw.start, "too many values; does it have aliases of aliases?");
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(node),
            None => self.documents.push(node),
        }
    }

    fn begin(&mut self, anchor: usize, start: usize, is_map: bool) {
        if self.open.len() >= MAX_DEPTH {
            return self.fail(start, "nested too deeply");
        }
        self.open.push(Open { anchor, start, is_map, items: Vec::new() });
    }

    fn end(&mut self, end: usize) {
        let Some(Open { anchor, start, is_map, items }) = self.open.pop() else { return };
        let raw = start..end.max(start);
        let node = if is_map {
            let mut items = items.into_iter();
            let pairs: Vec<_> = std::iter::from_fn(|| Some((items.next()?, items.next()?))).collect();
            // Prometheus rejects duplicate keys too.
            let mut keys = HashSet::new();
            let twice = pairs.iter().find(|(key, _)| key.text().is_some_and(|key| key != "<<" && !keys.insert(key)));
            if let Some((key, _)) = twice {
                let message = format!("duplicate key `{}`", key.text().unwrap_or_default());
                self.fail(key.raw.start, &message);
            }
            Node::map(raw, pairs)
        } else {
            Node::list(raw, items)
        };
        self.size = self.size.saturating_sub(node.size - 1);
        self.add(Rc::new(node), anchor);
    }

    fn event(&mut self, event: Event<'_>, span: Span) {
        let raw = self.positions.range(span);
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let raw = raw.start..raw.end.min(self.text.len());
                self.add(Rc::new(Node::scalar(raw, text.into_owned(), style)), anchor);
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor).map(Rc::clone) {
                Some(node) => self.add(node, 0),
                None => self.fail(raw.start, "an alias without an anchor before it"),
            },
            Event::SequenceStart(anchor, _) => self.begin(anchor, raw.start, false),
            Event::MappingStart(anchor, _) => self.begin(anchor, raw.start, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(raw.end),
            Event::DocumentStart(_) => self.anchors.clear(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_before_an_error_are_kept_and_the_error_has_a_position() {
        let (documents, error) = read("a: 1\n---\nb: [1\n---\nc: 3\n");
        assert_eq!(documents.len(), 1);
        assert!(error.expect("unclosed").at >= 9);
    }

    #[test]
    fn aliases_repeat_and_do_not_explode() {
        let (documents, error) = read("a: &x {k: v}\nb: *x\nc:\n  <<: *x\n");
        assert!(error.is_none());
        assert_eq!(documents[0].get("b").and_then(|b| b.str("k")), Some("v"));
        assert_eq!(documents[0].get("c").and_then(|c| c.str("k")), Some("v"));
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for n in 1..12 {
            bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(","));
        }
        assert!(read(&bomb).1.expect("error").message.contains("aliases"));
        assert!(read(&"[".repeat(10_000)).1.is_some());
        assert!(read(&"- ".repeat(10_000)).1.is_some());
    }
}
