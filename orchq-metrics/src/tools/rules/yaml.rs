//! YAML as a tree.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::tree::{Node, Style};

/// How deep a document may nest; rules are five deep.
const DEEPEST: usize = 100;

/// How many values a file may have, those that aliases repeat counted: a few lines of
/// aliases of aliases are otherwise more than fits into any memory.
const MOST: usize = 2_000_000;

/// Why a text is no document, and where.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) at: usize,
    pub(super) message: String,
}

/// The documents of a YAML file that can be read, and why the rest cannot.
pub(super) fn read(text: &str) -> (Vec<Rc<Node>>, Option<Unreadable>) {
    let mut builder = Builder { text, places: Places::new(text), ..Builder::default() };
    let mut parser = Parser::new_from_str(text);
    // Event by event, for the parser's own loading recurses as deep as the document nests.
    while builder.refused.is_none() {
        match parser.next_event() {
            Some(Ok((event, span))) => builder.event(event, span),
            Some(Err(error)) => builder.refuse(builder.places.byte(error.marker().index()), error.info()),
            None => break,
        }
    }
    (builder.documents, builder.refused)
}

/// Markers count characters, and everything here bytes.
#[derive(Default)]
struct Places {
    /// The byte of each character; empty where all are ASCII.
    bytes: Vec<usize>,
    end: usize,
}

impl Places {
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

/// A list or a map that has begun: its anchor, its place, and what is in it so far.
struct Open {
    anchor: usize,
    start: usize,
    is_map: bool,
    items: Vec<Rc<Node>>,
}

#[derive(Default)]
struct Builder<'a> {
    text: &'a str,
    places: Places,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    documents: Vec<Rc<Node>>,
    size: usize,
    refused: Option<Unreadable>,
}

impl Builder<'_> {
    fn refuse(&mut self, at: usize, message: &str) {
        self.refused.get_or_insert(Unreadable { at, message: message.to_owned() });
    }

    fn add(&mut self, node: Rc<Node>, anchor: usize) {
        self.size = self.size.saturating_add(if self.open.is_empty() { 0 } else { node.size });
        if self.size > MOST {
            return self
                .refuse(node.raw.start, "more values than a file of rules can have; are there aliases of aliases?");
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
        if self.open.len() >= DEEPEST {
            return self.refuse(start, "nested deeper than rules ever are");
        }
        self.open.push(Open { anchor, start, is_map, items: Vec::new() });
    }

    fn end(&mut self, end: usize) {
        let Some(Open { anchor, start, is_map, items }) = self.open.pop() else { return };
        let raw = start..end.max(start);
        let node = if is_map {
            let mut items = items.into_iter();
            let pairs: Vec<_> = std::iter::from_fn(|| Some((items.next()?, items.next()?))).collect();
            // As Prometheus refuses them, whichever of the two it would have taken.
            let mut keys = HashSet::new();
            let twice = pairs.iter().find(|(key, _)| key.text().is_some_and(|key| key != "<<" && !keys.insert(key)));
            if let Some((key, _)) = twice {
                let message = format!("the key `{}` is twice in one map", key.text().unwrap_or_default());
                self.refuse(key.raw.start, &message);
            }
            Node::map(raw, pairs)
        } else {
            Node::list(raw, items)
        };
        self.size = self.size.saturating_sub(node.size - 1);
        self.add(Rc::new(node), anchor);
    }

    fn event(&mut self, event: Event<'_>, span: Span) {
        let raw = self.places.range(span);
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let raw = raw.start..raw.end.min(self.text.len());
                self.add(Rc::new(Node::scalar(raw, text.into_owned(), style)), anchor);
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor).map(Rc::clone) {
                Some(node) => self.add(node, 0),
                None => self.refuse(raw.start, "an alias of what is not there yet"),
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
    use crate::tools::rules::text::Text;

    #[test]
    fn scalars_know_their_places() {
        let text = "é: x\na: 'b c'\nd: |  # no\n  e\n   f\n\ng: >-\n  h\n  i\nj: [k, \"l\\n\"]\n";
        let (documents, error) = read(text);
        assert!(error.is_none(), "{error:?}");
        let file = Text::file(text);
        let raw = |key: &str, token: &str| {
            let node = documents[0].get(key).expect("a key");
            let read = Text::of(&file, node).expect("a scalar");
            let at = read.value.find(token).expect("a token");
            text[..read.in_file(&(at..at + 1)).start].matches('\n').count() + 1
        };
        assert_eq!([raw("é", "x"), raw("a", "c"), raw("d", "e"), raw("d", "f")], [1, 2, 4, 5]);
        assert_eq!([raw("g", "h"), raw("g", "i")], [8, 9]);
        assert_eq!(documents[0].items("j").len(), 2);
    }

    #[test]
    fn documents_before_a_mistake_are_kept_and_the_mistake_has_a_place() {
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
        assert!(read(&bomb).1.expect("refused").message.contains("aliases"));
        assert!(read(&"[".repeat(10_000)).1.is_some());
        assert!(read(&"- ".repeat(10_000)).1.is_some());
    }
}
