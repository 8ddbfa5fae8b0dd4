//! The contract as a dashboard for Grafana: a row for each section, a panel for each metric.

use serde_json::{Value, json};

use super::queries::{QUANTILES, aggregate, grouping, is_amount, own_info, own_metrics, quantile, rate};
use crate::contract::fingerprint;
use crate::contract::owned::{OwnedContract, OwnedLabel, OwnedMetric};
use crate::declare::desc::MetricKind;
use crate::expose::own::{INFO, OVERFLOWS, VIOLATIONS};
use crate::tools::tree::json;

/// The model of Grafana 12.
const SCHEMA_VERSION: u32 = 41;

/// Grafana's grid is this wide; two panels are side by side.
const GRID_WIDTH: u32 = 24;
const PANEL_WIDTH: u32 = 12;
const PANEL_HEIGHT: u32 = 8;

/// As many characters as Grafana takes.
const UID_CHARS: usize = 40;

/// The variable that chooses where to ask.
const DATASOURCE: &str = "datasource";

const INTERVAL: &str = "$__rate_interval";

pub(super) fn dashboard(contract: &OwnedContract) -> String {
    let OwnedContract { name, version, .. } = contract;
    let variables = variables(contract);
    json::write(&json!({
        "uid": uid(name),
        "title": format!("{name} metrics"),
        "description": format!("Every metric of the contract {name} {version}."),
        "tags": ["orchq-metrics", name],
        "schemaVersion": SCHEMA_VERSION,
        "editable": true,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": { "from": "now-6h", "to": "now" },
        "templating": { "list": templating(&variables) },
        "panels": panels(contract, &variables),
    }))
}

/// The dashboard's own name: of one that has to be cut, a hash of all of it.
fn uid(contract: &str) -> String {
    let uid = format!("orchq-metrics-{contract}");
    if uid.len() <= UID_CHARS {
        return uid;
    }
    let hash = format!("-{:016x}", fingerprint::of_text(contract));
    uid.chars().take(UID_CHARS - hash.len()).chain(hash.chars()).collect()
}

/// A label that several metrics have, and a metric to ask for its values.
struct Variable<'a> {
    name: String,
    label: &'a OwnedLabel,
    series: String,
}

/// The labels to choose by: what every series of two metrics or more has, with the same values.
fn variables(contract: &OwnedContract) -> Vec<Variable<'_>> {
    let mut variables: Vec<Variable<'_>> = Vec::new();
    for metric in &contract.metrics {
        for label in metric.required_labels() {
            let shared = contract.metrics.iter().filter(|metric| metric.labels.contains(label)).count() > 1;
            if shared && variables.iter().all(|known| known.label.name != label.name) {
                variables.push(Variable { name: variable_name(contract, label), label, series: metric.main_series() });
            }
        }
    }
    variables
}

/// The label's own name, unless that is the name of one of the dashboard's own variables.
fn variable_name(contract: &OwnedContract, label: &OwnedLabel) -> String {
    let is_label = |name: &str| contract.metrics.iter().any(|metric| metric.label(name).is_some());
    let mut name = label.name.clone();
    if name == DATASOURCE {
        while is_label(&name) {
            name.push('_');
        }
    }
    name
}

fn templating(variables: &[Variable<'_>]) -> Vec<Value> {
    let datasource = json!({ "name": DATASOURCE, "label": "Data source", "type": "datasource", "query": "prometheus" });
    let variable = |variable: &Variable<'_>| {
        let (name, label) = (&variable.name, &variable.label.name);
        let query = format!("label_values({}, {label})", variable.series);
        json!({
            "name": name,
            "type": "query",
            "datasource": datasource_ref(),
            "definition": query,
            "query": { "query": query, "refId": name },
            // Whenever the time range changes.
            "refresh": 2,
            "sort": 1,
            "multi": true,
            "includeAll": true,
            "allValue": ".*",
            "current": { "text": "All", "value": "$__all" },
        })
    };
    [datasource].into_iter().chain(variables.iter().map(variable)).collect()
}

fn datasource_ref() -> Value {
    json!({ "type": "prometheus", "uid": format!("${{{DATASOURCE}}}") })
}

/// The panels as they are laid out, each with an id and a place.
#[derive(Default)]
struct Grid {
    panels: Vec<Value>,
    next_id: u32,
    x: u32,
    y: u32,
}

impl Grid {
    fn row(&mut self, title: &str) {
        if self.x > 0 {
            (self.x, self.y) = (0, self.y + PANEL_HEIGHT);
        }
        self.push("row", (GRID_WIDTH, 1), json!({ "title": title, "collapsed": false, "panels": [] }));
        self.y += 1;
    }

    fn panel(&mut self, title: &str, description: &str, unit: &str, targets: Vec<(String, String)>) {
        let refs = ('A'..='Z').map(|char| char.to_string());
        let target = |((expr, legend), id): ((String, String), String)| json!({ "refId": id, "datasource": datasource_ref(), "expr": expr, "legendFormat": legend });
        let fields = json!({
            "title": title,
            "description": description,
            "datasource": datasource_ref(),
            "fieldConfig": { "defaults": { "unit": unit }, "overrides": [] },
            "targets": targets.into_iter().zip(refs).map(target).collect::<Vec<_>>(),
        });
        self.push("timeseries", (PANEL_WIDTH, PANEL_HEIGHT), fields);
        self.x += PANEL_WIDTH;
        if self.x >= GRID_WIDTH {
            (self.x, self.y) = (0, self.y + PANEL_HEIGHT);
        }
    }

    fn push(&mut self, kind: &str, (width, height): (u32, u32), fields: Value) {
        self.next_id += 1;
        let position = json!({ "h": height, "w": width, "x": self.x, "y": self.y });
        let mut panel = json!({ "id": self.next_id, "type": kind, "gridPos": position });
        if let (Value::Object(panel), Value::Object(fields)) = (&mut panel, fields) {
            panel.extend(fields);
        }
        self.panels.push(panel);
    }
}

fn panels(contract: &OwnedContract, variables: &[Variable<'_>]) -> Vec<Value> {
    let mut grid = Grid::default();
    for section in contract.metrics.chunk_by(|a, b| a.section == b.section) {
        grid.row(section.first().map_or("", |metric| metric.section.as_str()));
        for metric in section {
            let unit = if metric.kind == MetricKind::Counter { unit_of_rate(metric) } else { unit(metric) };
            grid.panel(&metric.name, &metric.served_help(), unit, targets(metric, variables));
        }
    }
    about(contract, &mut grid);
    grid.panels
}

/// The crate's own metrics about the contract.
fn about(contract: &OwnedContract, grid: &mut Grid) {
    grid.row("Contract");
    let info = format!("count by (version, fingerprint) ({INFO}{})", own_info(contract));
    let description = "Processes by the version of the contract that they were built with.";
    grid.panel("Versions served", description, "short", vec![(info, "{{version}} {{fingerprint}}".to_owned())]);
    let own = own_metrics(contract);
    for (title, counter, label, description) in [
        (
            "Violations",
            VIOLATIONS,
            "kind",
            "What breaks the contract: values, series of adopted collectors, and second definitions of a name.",
        ),
        ("Overflow", OVERFLOWS, "label", "Lookups in which a label's value was lost to its budget."),
    ] {
        let rate = format!("sum by (metric, {label}) (rate({counter}{{{own}}}[{INTERVAL}]))");
        grid.panel(title, description, "short", vec![(rate, format!("{{{{metric}}}} {{{{{label}}}}}"))]);
    }
}

/// The queries of a metric, each with its legend.
fn targets(metric: &OwnedMetric, variables: &[Variable<'_>]) -> Vec<(String, String)> {
    let chosen = variables.iter().filter(|variable| metric.labels.contains(variable.label));
    let matchers: Vec<_> = chosen.map(|Variable { name, label, .. }| format!("{}=~\"${name}\"", label.name)).collect();
    let matchers = if matchers.is_empty() { String::new() } else { format!("{{{}}}", matchers.join(", ")) };
    let by = grouping(metric);
    let legend: Vec<_> = by.iter().map(|label| format!("{{{{{label}}}}}")).collect();
    let legend = if legend.is_empty() { metric.name.clone() } else { legend.join(" ") };
    match metric.kind {
        MetricKind::Counter => vec![(rate(metric, &matchers, INTERVAL), legend)],
        MetricKind::Gauge => {
            let level = format!("{}{matchers}", metric.name);
            let operator = if is_amount(metric) { "sum" } else { "avg" };
            vec![(aggregate(operator, &by, &level), legend)]
        }
        MetricKind::Histogram => {
            let target = |(share, name)| (quantile(metric, share, &matchers, INTERVAL), format!("{name} {legend}"));
            QUANTILES.into_iter().map(target).collect()
        }
    }
}

fn unit(metric: &OwnedMetric) -> &'static str {
    match metric.unit.as_str() {
        "ratio" => "percentunit",
        "percent" => "percent",
        "bytes" => "bytes",
        "milliseconds" => "ms",
        "seconds" => "s",
        "celsius" => "celsius",
        "meters" => "lengthm",
        "volts" => "volt",
        "amperes" => "amp",
        "joules" => "joule",
        "grams" => "massg",
        _ => "short",
    }
}

/// The unit of what a counter counts in a second.
fn unit_of_rate(metric: &OwnedMetric) -> &'static str {
    match metric.unit.as_str() {
        "bytes" => "binBps",
        // So many seconds in a second are a share of it.
        "seconds" => "percentunit",
        _ => "short",
    }
}
