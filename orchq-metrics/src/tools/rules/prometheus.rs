//! Reads rule files and what Kubernetes wraps them in.

use super::query::{Purpose, Query};
use super::reader::Reader;
use super::text::Text;
use super::{catalog, grafana};
use crate::report::nearest::nearest;
use crate::tools::tree::Node;

/// Reads a rule file's groups, or those of a manifest's `spec`.
pub(super) fn groups(reader: &mut Reader<'_>, document: &Text, holder: &Node) {
    for group in holder.items("groups") {
        let name = group.str("name").unwrap_or("without a name");
        let mut misspelt = group.pairs().filter(|(key, _)| nearest(key, ["rules"]).is_some());
        if let (None, Some((key, value))) = (group.get("rules"), misspelt.next()) {
            let message = format!("group `{name}` has `{key}` where `rules` is meant");
            reader.find(&catalog::UNREADABLE, message, document.in_file(&value.raw));
        }
        for rule in group.items("rules") {
            if reader.is_full() {
                return;
            }
            self::rule(reader, document, name, rule);
        }
    }
}

fn rule(reader: &mut Reader<'_>, document: &Text, group: &str, rule: &Node) {
    if rule.get("data").is_some() {
        return grafana::alert(reader, document, group, rule);
    }
    let (consumer, purpose) = match (rule.str("alert"), rule.str("record")) {
        (Some(alert), _) => (format!("alert `{alert}`"), Purpose::Alert),
        (None, Some(record)) => (format!("recording rule `{record}`"), Purpose::Record(record.to_owned())),
        (None, None) => ("a rule without a name".to_owned(), Purpose::Panel),
    };
    let consumer = format!("{consumer} in group `{group}`");
    let expr = rule.get("expr").filter(|expr| !expr.is_empty()).and_then(|expr| Text::from_node(document, expr));
    let Some(expr) = expr.filter(|expr| !expr.value.trim().is_empty()) else {
        let place = document.in_file(&rule.get("expr").unwrap_or(rule).raw);
        return reader.find(&catalog::UNREADABLE, format!("{consumer} has no `expr` that is a text"), place);
    };
    if expr.value.contains("{{") {
        let message = format!("{consumer} has a template as its expression, which is PromQL once it is rendered");
        return reader.find(&catalog::UNREADABLE, message, expr.in_file(&(0..expr.value.len())));
    }
    let pairs = |key| rule.get(key).into_iter().flat_map(Node::pairs);
    let mut query = Query::new(consumer, expr, purpose, document.in_file(&rule.raw));
    // The labels of a recording rule are not filled in.
    if query.purpose == Purpose::Alert {
        let texts = pairs("annotations").chain(pairs("labels"));
        query.templates = texts.filter_map(|(_, text)| Text::from_node(document, text)).collect();
    }
    for (name, value) in pairs("labels") {
        let labels = if value.is_empty() { &mut query.removed } else { &mut query.labels };
        labels.push(name.to_owned());
    }
    reader.query(query);
}
