//! What a file is, and what it wraps.

use std::ops::Range;
use std::rc::Rc;

use super::query::{Query, Reading};
use super::text::{File, Text};
use super::{catalog, grafana, prometheus};
use crate::report::finding::Finding;
use crate::tools::tree::{Node, ReadError, json, yaml};

/// How large a file may be, in bytes.
const LARGEST: usize = 32 * 1024 * 1024;

/// How many queries a file may have, and how many bytes they may be: aliases repeat rules without writing them.
const MOST_QUERIES: usize = 50_000;
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// How often one text may be wrapped in another: a list of config maps of dashboards is three.
const DEEPEST: usize = 4;

/// A file that is read, and what has been found in it.
pub(super) struct Reader<'a> {
    pub(super) file: File<'a>,
    pub(super) reading: Reading,
    bytes: usize,
}

impl Reader<'_> {
    /// Whether there is more in the file than is read.
    pub(super) fn is_full(&self) -> bool {
        self.reading.queries.len() >= MOST_QUERIES || self.bytes > MOST_BYTES
    }

    /// Adds a query, unless there are too many.
    pub(super) fn query(&mut self, query: Query) {
        if !self.is_full() {
            let templates = query.templates.iter().map(|template| template.value.len()).sum::<usize>();
            self.bytes += query.expr.value.len() + templates;
            self.reading.queries.push(query);
        }
    }

    /// Adds a finding at these bytes of the file.
    pub(super) fn push(&mut self, finding: Finding, place: Range<usize>) {
        self.reading.findings.push((finding, place));
    }
}

/// Reads everything in a file.
pub(super) fn read(file: File<'_>) -> Reading {
    let mut reader = Reader { file, reading: Reading::default(), bytes: 0 };
    if file.text.len() > LARGEST {
        let message = format!("larger than {LARGEST} bytes, and not read");
        reader.push(catalog::UNREADABLE.finding(file.name, message), 0..0);
        return reader.reading;
    }
    let text = Text::file(file.text);
    if !self::text(&mut reader, &text, 0) && reader.reading.findings.is_empty() {
        let message = "nothing in it is a rule file, a `PrometheusRule` or a dashboard";
        reader.push(catalog::UNREADABLE.finding(file.name, message), 0..0);
    }
    if reader.is_full() {
        let message = format!("{} queries were checked, and there are more", reader.reading.queries.len());
        reader.push(catalog::UNREADABLE.finding(file.name, message), 0..0);
    }
    reader.reading
}

/// Reads a text that may be YAML or JSON, and says whether something of use was in it.
fn text(reader: &mut Reader<'_>, text: &Text, depth: usize) -> bool {
    let (documents, error) = parse(&text.value);
    let mut useful = false;
    for document in &documents {
        useful |= self::document(reader, text, document, depth);
    }
    if let Some(ReadError { at, message }) = error {
        let template = text.value.contains("{{-") || text.value.lines().any(|line| line.trim_start().starts_with("{{"));
        let finding = match template {
            true => {
                let message = format!("a template, and no YAML before it is rendered: {message}");
                catalog::UNREADABLE
                    .finding(reader.file.name, message)
                    .help("render it first, with `helm template` for one")
            }
            false => catalog::UNREADABLE.finding(reader.file.name, format!("it cannot be read: {message}")),
        };
        reader.push(finding, text.in_file(&(at..at)));
    }
    useful
}

/// JSON is told by its first character: in YAML, a brace would begin a template or a flow that nobody writes rules in.
fn parse(text: &str) -> (Vec<Rc<Node>>, Option<ReadError>) {
    let trimmed = text.trim_start();
    let json = trimmed.starts_with(['{', '[']) && !trimmed.starts_with("{{");
    if !json {
        return yaml::read(text);
    }
    match json::read(text) {
        Ok(value) => (vec![value], None),
        Err(error) => (Vec::new(), Some(error)),
    }
}

/// Reads one document: a rule file, a manifest, or a dashboard.
fn document(reader: &mut Reader<'_>, text: &Text, node: &Node, depth: usize) -> bool {
    if depth > DEEPEST || reader.is_full() {
        return false;
    }
    match node.str("kind") {
        Some("List" | "PrometheusRuleList" | "VMRuleList" | "ConfigMapList") => {
            let items = node.items("items").iter();
            return items.fold(false, |useful, item| document(reader, text, item, depth + 1) | useful);
        }
        Some("PrometheusRule" | "VMRule") => {
            let Some(spec) = node.get("spec") else { return false };
            prometheus::groups(reader, text, spec);
            return true;
        }
        Some("ConfigMap") => return config_map(reader, text, node, depth),
        Some("GrafanaDashboard") => {
            let json = node.get("spec").and_then(|spec| spec.get("json"));
            let Some(inner) = json.and_then(|json| Text::of(text, json)) else { return false };
            return self::text(reader, &inner, depth + 1);
        }
        _ => {}
    }
    if node.get("groups").is_some_and(Node::is_list) {
        prometheus::groups(reader, text, node);
        return true;
    }
    if node.is_list() {
        // What Grafana's search or a provisioning script leaves: dashboards one after another.
        return node.elements().iter().fold(false, |useful, item| document(reader, text, item, depth + 1) | useful);
    }
    // An empty rule file is one, and so is a document between two `---`.
    if node.is_empty() {
        return true;
    }
    if let Some(what) = other(node) {
        let message = format!("this is {what}, in which there is nothing to check");
        reader.push(catalog::FILE_SKIPPED.finding(reader.file.name, message), text.in_file(&node.raw));
        return true;
    }
    grafana::dashboard(reader, text, node)
}

/// What lies beside rules and is none of them.
fn other(node: &Node) -> Option<&'static str> {
    let is_list = |key| node.get(key).is_some_and(Node::is_list);
    if is_list("tests") && (is_list("rule_files") || node.get("evaluation_interval").is_some()) {
        Some("a file of unit tests for promtool")
    } else if is_list("metrics") && ["format", "name", "version"].iter().all(|key| node.get(key).is_some()) {
        Some("the file of a contract")
    } else {
        None
    }
}

/// The files in a config map that hold rules or dashboards; others are nobody's business.
fn config_map(reader: &mut Reader<'_>, text: &Text, node: &Node, depth: usize) -> bool {
    let mut useful = false;
    for (name, value) in node.get("data").into_iter().flat_map(Node::pairs) {
        if [".json", ".yaml", ".yml", ".rules"].iter().any(|extension| name.ends_with(extension))
            && let Some(inner) = Text::of(text, value)
        {
            useful |= self::text(reader, &inner, depth + 1);
        }
    }
    useful
}
