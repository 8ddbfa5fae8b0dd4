//! Reads Grafana's dashboards, library panels and provisioned alerts.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::catalog;
use super::document::Reader;
use super::query::{Purpose, Query};
use super::text::Text;
use super::variables::{Variables, variable};
use crate::tools::tree::{Node, Value};

/// What holds the queries of a dashboard or of a panel: lists, maps by name, and maps with a list.
const LISTS: [&str; 3] = ["panels", "rows", "targets"];
const MAPS: [&str; 3] = ["__elements", "elements", "model"];
const WITH_LIST: [&str; 2] = ["templating", "annotations"];

/// The data sources that are asked in PromQL.
const PROMETHEUS: [&str; 5] = [
    "prometheus",
    "grafana-amazonprometheus-datasource",
    "grafana-azureprometheus-datasource",
    "victoriametrics-datasource",
    "victoriametrics-metrics-datasource",
];

/// Those that are asked in a language of their own.
const FOREIGN: [&str; 12] = [
    "loki",
    "elasticsearch",
    "tempo",
    "influxdb",
    "graphite",
    "grafana-pyroscope-datasource",
    "cloudwatch",
    "mysql",
    "mssql",
    "postgres",
    "jaeger",
    "opentsdb",
];

/// One dashboard, as far as its panels need to know of it.
struct Dashboard<'a> {
    document: &'a Text,
    title: String,
    variables: Variables,
    /// The kinds of data source that variables choose among.
    sources: BTreeMap<String, String>,
}

/// Reads a dashboard, wrapped or not, or a library panel; says whether the node is one.
pub(super) fn dashboard(reader: &mut Reader<'_>, document: &Text, node: &Node) -> bool {
    let wrapped = ["dashboard", "spec"].iter().find_map(|key| node.get(key).filter(|inner| is_dashboard(inner)));
    let Some(node) = wrapped.or(is_dashboard(node).then_some(node)) else { return false };
    let title = node.str("title").or_else(|| node.str("name")).unwrap_or("without a title").to_owned();
    let dashboard = Dashboard { document, title, variables: variables(node), sources: sources(node) };
    dashboard.templating(reader, node);
    dashboard.annotations(reader, node);
    dashboard.panels(reader, node);
    true
}

fn is_dashboard(node: &Node) -> bool {
    // Lists of other things have these names too: those of panels, rows and targets are of maps.
    let of_maps =
        |key: &str| node.get(key).is_some_and(|list| list.is_list() && list.elements().iter().all(|e| e.is_map()));
    LISTS.iter().any(|key| of_maps(key))
        || MAPS.iter().any(|key| node.get(key).is_some_and(Node::is_map))
        || WITH_LIST.iter().any(|key| node.get(key).and_then(|holder| holder.get("list")).is_some_and(Node::is_list))
}

fn listed(node: &Node) -> &[Rc<Node>] {
    node.get("templating").map_or(&[], |templating| templating.items("list"))
}

/// The variables whose values the dashboard lists.
fn variables(node: &Node) -> Variables {
    let mut variables = Variables::default();
    for item in listed(node).iter().filter(|item| item.str("type") == Some("custom")) {
        let options = item.items("options").iter().filter_map(|option| option.str("value"));
        // Grafana adds the choice of all of them, and a free text is not foreseen.
        let mut options: Vec<_> = options.filter(|value| !value.starts_with("$__")).map(str::to_owned).collect();
        if options.is_empty() {
            options = item.str("query").map(written_options).unwrap_or_default();
        }
        variables.options.extend(item.str("name").map(|name| (name.to_owned(), options)));
    }
    variables
}

/// The options of a variable as they are typed in: `a, b`, or `name : value` where they are shown under other names.
fn written_options(query: &str) -> Vec<String> {
    if query.contains(['\\', '{', '[']) {
        return Vec::new();
    }
    let values = query.split(',').map(|option| option.rsplit(" : ").next().unwrap_or(option).trim());
    values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// The kinds of data source that variables choose among.
fn sources(node: &Node) -> BTreeMap<String, String> {
    let sources = listed(node).iter().filter(|item| item.str("type") == Some("datasource"));
    sources.filter_map(|item| Some((item.str("name")?.to_owned(), item.str("query")?.to_owned()))).collect()
}

/// Reads an alert as Grafana provisions it: several queries and expressions over them.
pub(super) fn alert(reader: &mut Reader<'_>, document: &Text, group: &str, rule: &Node) {
    let title = rule.str("title").unwrap_or("without a title");
    let models = rule.items("data").iter().filter_map(|data| data.get("model"));
    let asked: Vec<_> = models.filter_map(|model| model.get("expr").filter(|_| is_prometheus(model))).collect();
    let annotations = rule.get("annotations").into_iter().flat_map(Node::pairs);
    let templates: Vec<_> = annotations.filter_map(|(_, text)| Text::of(document, text)).collect();
    for expr in &asked {
        let Some(expr) = Text::of(document, expr) else { continue };
        reader.query(Query {
            consumer: format!("alert `{title}` in group `{group}`"),
            expr,
            purpose: Purpose::Panel,
            wanted: None,
            // With several queries, the labels are those of whichever the condition takes.
            templates: if asked.len() == 1 { templates.clone() } else { Vec::new() },
            // Grafana adds these to the labels that its texts are filled in with.
            labels: vec!["alertname".to_owned(), "grafana_folder".to_owned()],
            removed: Vec::new(),
            variables: Some(Variables::default()),
            extent: document.in_file(&rule.raw),
        });
    }
}

/// The kind of data source that a node of the newer schema names: the schema's own kinds are capitalised.
fn kind(node: &Node) -> Option<&str> {
    let source = node.get("datasource").and_then(|source| source.str("type"));
    let group = || node.str("group").filter(|_| node.str("kind") == Some("DataQuery"));
    let kind = || node.str("kind").filter(|kind| kind.starts_with(|c: char| c.is_ascii_lowercase()));
    source.or_else(group).or_else(kind).filter(|kind| !kind.is_empty() && *kind != "datasource")
}

/// Whether a kind of data source may be asked in PromQL.
fn speaks_promql(kind: &str) -> bool {
    PROMETHEUS.contains(&kind) || !FOREIGN.contains(&kind) && !kind.ends_with("-datasource")
}

fn is_prometheus(model: &Node) -> bool {
    let kind = model.get("datasource").and_then(|source| source.str("type"));
    kind.is_none_or(|kind| PROMETHEUS.contains(&kind))
}

impl Dashboard<'_> {
    /// Whether a query is for Prometheus, as far as its data source or its panel's says.
    fn asks_prometheus(&self, nodes: [&Node; 2]) -> bool {
        let sources = nodes.iter().filter_map(|node| node.get("datasource"));
        // That of a mixed panel says nothing, and so does one that is not set.
        let kinds = sources.filter_map(|source| match &source.value {
            Value::Map(_) => source.str("type").map(str::to_owned).or_else(|| self.chosen(source.str("uid")?)),
            _ => source.text().map(|name| self.chosen(name).unwrap_or_else(|| name.to_lowercase())),
        });
        let said = kinds.into_iter().find(|kind| !kind.is_empty() && kind != "datasource" && !kind.starts_with("--"));
        said.is_none_or(|kind| speaks_promql(&kind))
    }

    /// The kind of data source that a variable chooses among.
    fn chosen(&self, name: &str) -> Option<String> {
        let (name, _) = variable(name)?;
        self.sources.get(name).cloned()
    }

    fn query(&self, consumer: String, expr: Text, purpose: Purpose, extent: Range<usize>) -> Query {
        Query {
            consumer: format!("{consumer} of dashboard `{}`", self.title),
            expr,
            purpose,
            wanted: None,
            templates: Vec::new(),
            labels: Vec::new(),
            removed: Vec::new(),
            variables: Some(self.variables.clone()),
            extent: self.document.in_file(&extent),
        }
    }

    /// The panels of anything that holds some: a dashboard, an old row, a collapsed one, a library panel.
    fn panels(&self, reader: &mut Reader<'_>, node: &Node) {
        if node.get("targets").is_some() {
            self.panel(reader, node);
        }
        let shared = node.get("libraryPanel").filter(|library| library.is_map() && library.get("model").is_none());
        if let Some(shared) = shared.filter(|_| node.get("targets").is_none()) {
            let title = node.str("title").or_else(|| shared.str("name")).unwrap_or("without a title");
            let message = format!("panel `{title}` is a library panel, whose queries are not in this file");
            reader.push(catalog::SKIPPED.finding(reader.file.name, message), self.document.in_file(&shared.raw));
        }
        let inner = node.items("panels").iter().chain(node.items("rows")).map(Rc::as_ref);
        let library = node.get("libraryPanel").and_then(|library| library.get("model"));
        let model = node.get("model").filter(|model| model.is_map());
        let exported = node.get("__elements").into_iter().flat_map(Node::pairs).map(|(_, element)| element);
        for panel in inner.chain(library).chain(model).chain(exported) {
            self.panels(reader, panel);
        }
        for (_, element) in node.get("elements").into_iter().flat_map(Node::pairs) {
            self.element(reader, element, element, None);
        }
    }

    fn panel(&self, reader: &mut Reader<'_>, panel: &Node) {
        let targets = panel.items("targets");
        for target in targets {
            let Some(expr) = target.get("expr") else { continue };
            let letter = target.str("refId").filter(|_| targets.len() > 1);
            self.target(reader, panel, target, expr, letter);
        }
    }

    /// The panels of the newer schema hold a query several levels down.
    fn element(&self, reader: &mut Reader<'_>, panel: &Node, node: &Node, outer: Option<&str>) {
        let kind = kind(node).or(outer);
        if let Some(expr) = node.get("expr").filter(|expr| expr.text().is_some()) {
            if kind.is_some_and(|kind| !speaks_promql(kind)) {
                reader.reading.foreign += 1;
            } else {
                let panel = panel.get("spec").unwrap_or(panel);
                self.target(reader, panel, node, expr, None);
            }
        }
        match &node.value {
            Value::Map(pairs) => pairs.iter().for_each(|(_, inner)| self.element(reader, panel, inner, kind)),
            Value::List(items) => items.iter().for_each(|inner| self.element(reader, panel, inner, kind)),
            Value::Scalar(_) => {}
        }
    }

    fn target(&self, reader: &mut Reader<'_>, panel: &Node, target: &Node, expr: &Node, letter: Option<&str>) {
        if reader.is_full() {
            return;
        }
        if !self.asks_prometheus([target, panel]) {
            reader.reading.foreign += 1;
            return;
        }
        let Some(expr) = Text::of(self.document, expr).filter(|expr| !expr.value.trim().is_empty()) else { return };
        let title = panel.str("title").filter(|title| !title.is_empty()).or_else(|| panel.str("id"));
        let letter = letter.map(|letter| format!("query {letter} of ")).unwrap_or_default();
        let consumer = format!("{letter}panel `{}`", title.unwrap_or("without a title"));
        let mut query = self.query(consumer, expr, Purpose::Panel, panel.raw.clone());
        query.templates.extend(target.get("legendFormat").and_then(|legend| Text::of(self.document, legend)));
        reader.query(query);
    }

    fn annotations(&self, reader: &mut Reader<'_>, node: &Node) {
        let list = node.get("annotations").map_or(&[] as &[_], |annotations| annotations.items("list"));
        for item in list {
            let target = item.get("target").filter(|target| target.is_map()).unwrap_or(item);
            let Some(expr) = item.get("expr").or_else(|| target.get("expr")) else { continue };
            if !self.asks_prometheus([target, item]) {
                reader.reading.foreign += 1;
                continue;
            }
            let Some(expr) = Text::of(self.document, expr).filter(|expr| !expr.value.trim().is_empty()) else {
                continue;
            };
            let consumer = format!("annotation `{}`", item.str("name").unwrap_or("without a name"));
            let mut query = self.query(consumer, expr, Purpose::Panel, item.raw.clone());
            let texts = ["titleFormat", "textFormat"].iter().filter_map(|key| item.get(key));
            query.templates.extend(texts.filter_map(|text| Text::of(self.document, text)));
            reader.query(query);
        }
    }

    fn templating(&self, reader: &mut Reader<'_>, node: &Node) {
        for item in listed(node).iter().filter(|item| item.str("type") == Some("query")) {
            let asked = item.get("query").map(|query| query.get("query").unwrap_or(query));
            let Some(asked) = asked.and_then(|asked| Text::of(self.document, asked)) else { continue };
            if asked.value.trim().is_empty() {
                continue;
            }
            if !self.asks_prometheus([item, item]) {
                reader.reading.foreign += 1;
                continue;
            }
            let consumer = format!("variable `{}`", item.str("name").unwrap_or("without a name"));
            if let Some((expr, purpose, wanted)) = variable_query(&asked) {
                let mut query = self.query(consumer, expr, purpose, item.raw.clone());
                query.wanted = wanted;
                reader.query(query);
            }
        }
    }
}

/// What a variable asks for: an expression or a pattern, and the label whose values are meant.
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
        // The label is behind the last comma, and alone there where no metric is given.
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
    fn what_a_variable_asks_for_is_taken_apart() {
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
