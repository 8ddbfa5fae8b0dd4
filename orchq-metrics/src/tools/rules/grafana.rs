//! Reads Grafana's dashboards, library panels and provisioned alerts.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::catalog;
use super::query::{Purpose, Query, Variables};
use super::reader::Reader;
use super::text::Text;
use super::variables::variable;
use crate::tools::tree::{Node, Value};

/// What holds the queries of a dashboard or of a panel: lists, maps by name, and maps with a list.
const LISTS: [&str; 3] = ["panels", "rows", "targets"];
const MAPS: [&str; 3] = ["__elements", "elements", "model"];
const WITH_LIST: [&str; 2] = ["templating", "annotations"];

/// The properties of a dashboard that its panels depend on.
struct Dashboard<'a> {
    document: &'a Text,
    title: &'a str,
    variables: Variables,
    /// The kinds of data source that variables choose among.
    sources: BTreeMap<&'a str, &'a str>,
}

/// Reads a dashboard, wrapped or not, or a library panel. Returns whether the node is one.
pub(super) fn dashboard(reader: &mut Reader<'_>, document: &Text, node: &Node) -> bool {
    let wrapped = ["dashboard", "spec"].iter().find_map(|key| node.get(key).filter(|inner| is_dashboard(inner)));
    let Some(node) = wrapped.or(is_dashboard(node).then_some(node)) else { return false };
    let title = node.str("title").or_else(|| node.str("name")).unwrap_or("without a title");
    let sources = variables_of(node, "datasource").filter_map(|item| Some((item.str("name")?, item.str("query")?)));
    let options = variables_of(node, "custom").filter_map(|item| Some((item.str("name")?.to_owned(), options(item))));
    let (sources, variables) = (sources.collect(), Rc::new(options.collect()));
    let dashboard = Dashboard { document, title, variables, sources };
    variables_of(node, "query").for_each(|item| dashboard.variable(reader, item));
    for item in node.get("annotations").into_iter().flat_map(|annotations| annotations.items("list")) {
        dashboard.annotation(reader, item);
    }
    dashboard.panels(reader, node);
    true
}

fn is_dashboard(node: &Node) -> bool {
    // Lists of other things have these names too: those of panels, rows and targets are of maps.
    let is_of_maps = |list: &Node| list.is_list() && list.elements().iter().all(|element| element.is_map());
    LISTS.iter().any(|key| node.get(key).is_some_and(is_of_maps))
        || MAPS.iter().any(|key| node.get(key).is_some_and(Node::is_map))
        || WITH_LIST.iter().any(|key| node.get(key).and_then(|holder| holder.get("list")).is_some_and(Node::is_list))
}

fn variables_of<'a>(node: &'a Node, kind: &'static str) -> impl Iterator<Item = &'a Node> {
    let listed = node.get("templating").into_iter().flat_map(|templating| templating.items("list"));
    listed.map(Rc::as_ref).filter(move |item| item.str("type") == Some(kind))
}

/// The options of a variable that lists them.
fn options(item: &Node) -> Vec<String> {
    let options = item.items("options").iter().filter_map(|option| option.str("value"));
    // Grafana adds the option of all values.
    let options: Vec<_> = options.filter(|value| !value.starts_with("$__")).map(str::to_owned).collect();
    let typed = item.str("query").filter(|query| options.is_empty() && !query.contains(['\\', '{', '[']));
    let Some(typed) = typed else { return options };
    // As they are typed in: `a, b`, or `name : value` where they are shown under other names.
    let values = typed.split(',').map(|option| option.rsplit(" : ").next().unwrap_or(option).trim());
    values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// Reads an alert as Grafana provisions it: several queries and expressions over them.
pub(super) fn alert(reader: &mut Reader<'_>, document: &Text, group: &str, rule: &Node) {
    let title = rule.str("title").unwrap_or("without a title");
    let models = rule.items("data").iter().filter_map(|data| data.get("model"));
    let is_prometheus = |model: &&Node| source_type(model).is_none_or(|kind| takes_promql(kind) == Some(true));
    let exprs: Vec<_> = models.filter(is_prometheus).filter_map(|model| model.get("expr")).collect();
    let annotations = rule.get("annotations").into_iter().flat_map(Node::pairs);
    let templates: Vec<_> = annotations.filter_map(|(_, text)| Text::from_node(document, text)).collect();
    for expr in exprs.iter().filter_map(|expr| Text::from_node(document, expr)) {
        let consumer = format!("alert `{title}` in group `{group}`");
        reader.query(Query {
            // With several queries, the labels are those of the query in the condition.
            templates: if exprs.len() == 1 { templates.clone() } else { Vec::new() },
            // Grafana adds these labels when it fills in texts.
            labels: vec!["alertname".to_owned(), "grafana_folder".to_owned()],
            variables: Some(Variables::default()),
            ..Query::new(consumer, expr, Purpose::Panel, document.in_file(&rule.raw))
        });
    }
}

/// Whether a kind of data source takes PromQL, if it is known.
fn takes_promql(kind: &str) -> Option<bool> {
    match kind {
        "prometheus"
        | "grafana-amazonprometheus-datasource"
        | "grafana-azureprometheus-datasource"
        | "victoriametrics-datasource"
        | "victoriametrics-metrics-datasource" => Some(true),
        "loki" | "elasticsearch" | "tempo" | "influxdb" | "graphite" | "cloudwatch" | "mysql" | "mssql"
        | "postgres" | "jaeger" | "opentsdb" => Some(false),
        _ => kind.ends_with("-datasource").then_some(false),
    }
}

fn source_type(node: &Node) -> Option<&str> {
    node.get("datasource").and_then(|source| source.str("type"))
}

/// The kind of data source that a node of the newer schema names: the schema's own kinds are capitalised.
fn query_kind(node: &Node) -> Option<&str> {
    let group = || node.str("group").filter(|_| node.str("kind") == Some("DataQuery"));
    let kind = || node.str("kind").filter(|kind| kind.starts_with(|c: char| c.is_ascii_lowercase()));
    source_type(node).or_else(group).or_else(kind).filter(|kind| !kind.is_empty() && *kind != "datasource")
}

impl Dashboard<'_> {
    /// Whether its data source, or that of its panel, lets a query be for Prometheus. Counts the query if not.
    fn is_promql(&self, reader: &mut Reader<'_>, nodes: [&Node; 2]) -> bool {
        let chosen = |name: &str| self.sources.get(variable(name)?.0).map(|kind| (*kind).to_owned());
        let sources = nodes.iter().filter_map(|node| node.get("datasource"));
        // The data source of a mixed panel, and one that is not set, leave it open.
        let mut kinds = sources.filter_map(|source| match &source.value {
            Value::Map(_) => source.str("type").map(str::to_owned).or_else(|| chosen(source.str("uid")?)),
            _ => source.text().map(|name| chosen(name).unwrap_or_else(|| name.to_lowercase())),
        });
        let kind = kinds.find(|kind| !kind.is_empty() && kind != "datasource" && !kind.starts_with("--"));
        let is_promql = kind.is_none_or(|kind| takes_promql(&kind).unwrap_or(true));
        reader.foreign += usize::from(!is_promql);
        is_promql
    }

    fn query(&self, consumer: &str, expr: Text, purpose: Purpose, extent: &Node) -> Query {
        let consumer = format!("{consumer} of dashboard `{}`", self.title);
        let query = Query::new(consumer, expr, purpose, self.document.in_file(&extent.raw));
        Query { variables: Some(Rc::clone(&self.variables)), ..query }
    }

    /// Adds a query that a node of a holder has, if it is for Prometheus. `texts` are filled in with its labels.
    fn add(&self, reader: &mut Reader<'_>, consumer: &str, expr: &Node, nodes: [&Node; 2], texts: &[Option<&Node>]) {
        let Some(expr) = Text::from_node(self.document, expr).filter(|_| self.is_promql(reader, nodes)) else { return };
        let templates = texts.iter().filter_map(|text| Text::from_node(self.document, (*text)?)).collect();
        reader.query(Query { templates, ..self.query(consumer, expr, Purpose::Panel, nodes[1]) });
    }

    /// Reads the panels of a dashboard, an old row, a collapsed row, or a library panel.
    fn panels(&self, reader: &mut Reader<'_>, node: &Node) {
        let targets = node.items("targets");
        for target in targets {
            let letter = target.str("refId").filter(|_| targets.len() > 1);
            self.target(reader, node, target, letter);
        }
        let library = node.get("libraryPanel");
        let model = library.and_then(|library| library.get("model"));
        if let (Some(library), None, None) = (library.filter(|node| node.is_map()), model, node.get("targets")) {
            let title = node.str("title").or_else(|| library.str("name")).unwrap_or("without a title");
            let message = format!("panel `{title}` is a library panel, whose queries are not in this file");
            reader.find(&catalog::SKIPPED, message, self.document.in_file(&library.raw));
        }
        let inner = node.items("panels").iter().chain(node.items("rows")).map(Rc::as_ref);
        let own = node.get("model").filter(|model| model.is_map());
        let exported = node.get("__elements").into_iter().flat_map(Node::pairs).map(|(_, element)| element);
        inner.chain(model).chain(own).chain(exported).for_each(|panel| self.panels(reader, panel));
        for (_, element) in node.get("elements").into_iter().flat_map(Node::pairs) {
            self.element(reader, element.get("spec").unwrap_or(element), element, None);
        }
    }

    /// Reads a panel of the newer schema, which holds a query several levels down.
    fn element(&self, reader: &mut Reader<'_>, panel: &Node, node: &Node, outer: Option<&str>) {
        let kind = query_kind(node).or(outer);
        if node.str("expr").is_some() {
            if kind.is_some_and(|kind| takes_promql(kind) == Some(false)) {
                reader.foreign += 1;
            } else {
                self.target(reader, panel, node, None);
            }
        }
        match &node.value {
            Value::Map(pairs) => pairs.iter().for_each(|(_, inner)| self.element(reader, panel, inner, kind)),
            Value::List(items) => items.iter().for_each(|inner| self.element(reader, panel, inner, kind)),
            Value::Scalar { .. } => {}
        }
    }

    fn target(&self, reader: &mut Reader<'_>, panel: &Node, target: &Node, letter: Option<&str>) {
        let Some(expr) = target.get("expr").filter(|_| !reader.is_full()) else { return };
        let title = panel.str("title").filter(|title| !title.is_empty()).or_else(|| panel.str("id"));
        let letter = letter.map(|letter| format!("query {letter} of ")).unwrap_or_default();
        let consumer = format!("{letter}panel `{}`", title.unwrap_or("without a title"));
        self.add(reader, &consumer, expr, [target, panel], &[target.get("legendFormat")]);
    }

    fn annotation(&self, reader: &mut Reader<'_>, item: &Node) {
        let target = item.get("target").filter(|target| target.is_map()).unwrap_or(item);
        let Some(expr) = item.get("expr").or_else(|| target.get("expr")) else { return };
        let consumer = format!("annotation `{}`", item.str("name").unwrap_or("without a name"));
        let texts = ["titleFormat", "textFormat"].map(|key| item.get(key));
        self.add(reader, &consumer, expr, [target, item], &texts);
    }

    fn variable(&self, reader: &mut Reader<'_>, item: &Node) {
        let asked = item.get("query").map(|query| query.get("query").unwrap_or(query));
        let asked = asked
            .and_then(|asked| Text::from_node(self.document, asked))
            .filter(|asked| !asked.value.trim().is_empty());
        let Some(asked) = asked.filter(|_| self.is_promql(reader, [item, item])) else { return };
        if let Some((expr, purpose, wanted)) = variable_query(&asked) {
            let consumer = format!("variable `{}`", item.str("name").unwrap_or("without a name"));
            reader.query(Query { wanted, ..self.query(&consumer, expr, purpose, item) });
        }
    }
}

/// The query of a variable: an expression or a pattern, and the label whose values it takes.
fn variable_query(asked: &Text) -> Option<(Text, Purpose, Option<Text>)> {
    let text = asked.value.trim();
    let from = asked.value.len() - asked.value.trim_start().len();
    let inside = |name: &str| {
        let rest = text.strip_prefix(name)?.trim_start();
        let inner = rest.strip_prefix('(')?.trim_end().strip_suffix(')')?;
        let start = from + text.len() - rest.len() + 1;
        Some(start..start + inner.len())
    };
    if let Some(range) = inside("label_values") {
        // The label follows the last comma; without a metric, the label is all there is.
        let inner = asked.value.get(range.clone())?;
        let comma = inner.rfind(',')?;
        let label = inner.get(comma + 1..)?;
        let start = range.start + comma + 1 + (label.len() - label.trim_start().len());
        let wanted = asked.part(start..start + label.trim().len());
        return Some((asked.part(range.start..range.start + comma), Purpose::Variable, Some(wanted)));
    }
    if inside("label_names").is_some() {
        return None;
    }
    if let Some(range) = inside("metrics") {
        return Some((asked.part(range), Purpose::Names, None));
    }
    let range = inside("query_result").unwrap_or(0..asked.value.len());
    Some((asked.part(range), Purpose::Variable, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_variable_is_split() {
        let read = |text: &str| {
            let (expr, purpose, wanted) = variable_query(&Text::file(text))?;
            Some((expr.value, purpose, wanted.map(|wanted| wanted.value)))
        };
        let some =
            |expr: &str, purpose, wanted: Option<&str>| Some((expr.to_owned(), purpose, wanted.map(str::to_owned)));
        assert_eq!(read(" label_values(a{b=\"c,d\"}, e ) "), some("a{b=\"c,d\"}", Purpose::Variable, Some("e")));
        assert_eq!(read("label_values(engine)"), None);
        assert_eq!(read("label_names()"), None);
        assert_eq!(read("metrics(tasks_.*)"), some("tasks_.*", Purpose::Names, None));
        assert_eq!(read("query_result(sum(a) > 0)"), some("sum(a) > 0", Purpose::Variable, None));
        assert_eq!(read("up"), some("up", Purpose::Variable, None));
    }
}
