//! Detects what a file is, and reads what it wraps.

use std::rc::Rc;

use super::reader::Reader;
use super::text::{File, Text};
use super::{catalog, grafana, prometheus};
use crate::tools::tree::{Node, ReadError, json, yaml};

/// How large a file may be, in bytes.
const LARGEST: usize = 32 * 1024 * 1024;

/// How often one text may be wrapped in another: a list of config maps of dashboards is three.
const DEEPEST: usize = 4;

pub(super) fn read<'a>(file: &'a File<'a>) -> Reader<'a> {
    let mut reader = Reader::new(file);
    if file.text.len() > LARGEST {
        reader.find(&catalog::UNREADABLE, format!("not read: larger than {LARGEST} bytes"), 0..0);
        return reader;
    }
    let useful = self::text(&mut reader, &Text::file(file.text), 0);
    if !useful && reader.findings.is_empty() {
        let message = "nothing in it is a rule file, a `PrometheusRule` or a dashboard";
        reader.find(&catalog::UNREADABLE, message, 0..0);
    }
    if reader.is_full() {
        let message = format!("only the first {} queries were checked", reader.queries.len());
        reader.find(&catalog::UNREADABLE, message, 0..0);
    }
    reader
}

/// Reads a text that may be YAML or JSON. Returns whether it had a document that is known.
fn text(reader: &mut Reader<'_>, text: &Text, depth: usize) -> bool {
    let (documents, error) = parse(&text.value);
    let useful = documents.iter().fold(false, |useful, node| document(reader, text, node, depth) | useful);
    if let Some(ReadError { at, message }) = error {
        let is_template =
            text.value.contains("{{-") || text.value.lines().any(|line| line.trim_start().starts_with("{{"));
        let message = match is_template {
            true => format!("a template, which is YAML only once it is rendered: {message}"),
            false => format!("it cannot be read: {message}"),
        };
        reader.find(&catalog::UNREADABLE, message, text.in_file(&(at..at)));
    }
    useful
}

/// The first character identifies JSON: YAML that begins with a brace is a template, or not written by people.
fn parse(text: &str) -> (Vec<Rc<Node>>, Option<ReadError>) {
    let trimmed = text.trim_start();
    if !trimmed.starts_with(['{', '[']) || trimmed.starts_with("{{") {
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
    // One after another, as in a Kubernetes list, or as Grafana's search or a provisioning script writes dashboards.
    let mut each =
        |items: &[Rc<Node>]| items.iter().fold(false, |useful, item| document(reader, text, item, depth + 1) | useful);
    match node.str("kind") {
        Some("List" | "PrometheusRuleList" | "VMRuleList" | "ConfigMapList") => return each(node.items("items")),
        _ if node.is_list() => return each(node.elements()),
        Some("PrometheusRule" | "VMRule") => {
            let Some(spec) = node.get("spec") else { return false };
            prometheus::groups(reader, text, spec);
            return true;
        }
        Some("ConfigMap") => return config_map(reader, text, node, depth),
        Some("GrafanaDashboard") => {
            let json = node.get("spec").and_then(|spec| spec.get("json"));
            let Some(inner) = json.and_then(|json| Text::from_node(text, json)) else { return false };
            return self::text(reader, &inner, depth + 1);
        }
        _ => {}
    }
    if node.get("groups").is_some_and(Node::is_list) {
        prometheus::groups(reader, text, node);
        return true;
    }
    // An empty rule file is a rule file, and so is an empty document between two `---`.
    if node.is_empty() {
        return true;
    }
    if let Some(what) = other(node) {
        let message = format!("this is {what}, in which there is nothing to check");
        reader.find(&catalog::FILE_SKIPPED, message, text.in_file(&node.raw));
        return true;
    }
    grafana::dashboard(reader, text, node)
}

/// A known file that is neither rules nor a dashboard, but may be in the same directory.
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

/// Reads the files in a config map that hold rules or dashboards.
fn config_map(reader: &mut Reader<'_>, text: &Text, node: &Node, depth: usize) -> bool {
    let files = node.get("data").into_iter().flat_map(Node::pairs);
    let files = files.filter(|(name, _)| [".json", ".yaml", ".yml", ".rules"].iter().any(|end| name.ends_with(end)));
    let texts = files.filter_map(|(_, value)| Text::from_node(text, value));
    texts.fold(false, |useful, inner| self::text(reader, &inner, depth + 1) | useful)
}
