//! Reads rule files and what Kubernetes wraps them in.

use std::rc::Rc;

use super::catalog;
use super::document::Reader;
use super::grafana;
use super::query::{Purpose, Query};
use super::text::Text;
use crate::report::nearest::nearest;
use crate::tools::tree::Node;

/// Reads a rule file's groups, or those of a manifest's `spec`.
pub(super) fn groups(reader: &mut Reader<'_>, document: &Text, holder: &Node) {
    for group in holder.items("groups") {
        let name = group.str("name").unwrap_or("without a name");
        let mut misspelt = group.pairs().filter(|_| group.get("rules").is_none());
        let misspelt = misspelt.find(|(key, _)| nearest(key, ["rules"]).is_some());
        if let Some((key, value)) = misspelt {
            let message = format!("group `{name}` has `{key}` where `rules` is meant");
            reader.push(catalog::UNREADABLE.finding(reader.file.name, message), document.in_file(&value.raw));
        }
        for rule in group.items("rules") {
            self::rule(reader, document, name, rule);
        }
    }
}

fn rule(reader: &mut Reader<'_>, document: &Text, group: &str, rule: &Rc<Node>) {
    let (consumer, purpose) = match (rule.str("alert"), rule.str("record")) {
        (Some(alert), _) => (format!("alert `{alert}` in group `{group}`"), Purpose::Alert),
        (None, Some(record)) => {
            (format!("recording rule `{record}` in group `{group}`"), Purpose::Record(record.to_owned()))
        }
        (None, None) => (format!("a rule without a name in group `{group}`"), Purpose::Panel),
    };
    if reader.is_full() {
        return;
    }
    if rule.get("data").is_some() {
        return grafana::alert(reader, document, group, rule);
    }
    let expr = rule.get("expr").filter(|expr| !expr.is_empty()).and_then(|expr| Text::of(document, expr));
    let Some(expr) = expr.filter(|expr| !expr.value.trim().is_empty()) else {
        let place = rule.get("expr").unwrap_or(rule);
        let message = format!("{consumer} has no `expr` that is a text");
        let finding = catalog::UNREADABLE.finding(reader.file.name, message);
        reader.push(finding, document.in_file(&place.raw));
        return;
    };
    if expr.value.contains("{{") {
        let message = format!("{consumer} has a template for an expression, which is PromQL once it is rendered");
        let finding = catalog::UNREADABLE.finding(reader.file.name, message);
        reader.push(finding, expr.in_file(&(0..expr.value.len())));
        return;
    }
    let texts = ["annotations", "labels"].iter().filter_map(|key| rule.get(key)).flat_map(Node::pairs);
    // A recording rule's labels are not filled in.
    let alerts = purpose == Purpose::Alert;
    let templates = texts.filter(|_| alerts).filter_map(|(_, text)| Text::of(document, text)).collect();
    let labels = rule.get("labels").into_iter().flat_map(Node::pairs);
    let (removed, labels): (Vec<_>, Vec<_>) = labels.partition(|(_, value)| value.is_empty());
    let names = |labels: Vec<(&str, &Node)>| labels.into_iter().map(|(name, _)| name.to_owned()).collect();
    reader.query(Query {
        consumer,
        expr,
        purpose,
        wanted: None,
        templates,
        labels: names(labels),
        removed: names(removed),
        variables: None,
        extent: document.in_file(&rule.raw),
    });
}
