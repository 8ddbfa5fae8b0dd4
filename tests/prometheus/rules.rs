//! The exported rules, as Prometheus evaluates them.

use std::collections::{BTreeMap, BTreeSet};

use orchq_metrics::Coverage;
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::Value;

use crate::api::Api;
use crate::until;

/// What identifies a rule, in a file and in the API.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rule {
    group: String,
    /// As the API names it.
    kind: &'static str,
    name: String,
    labels: BTreeMap<String, String>,
    /// How long an alert is pending, in seconds.
    pending: Option<u64>,
}

/// Prometheus has loaded every rule of the file and can evaluate it; every recording rule records, and the alerts
/// that are active are those of the metrics that this machine cannot hit.
pub(crate) async fn are_loaded(api: &Api, file: &str, coverage: &Coverage) {
    let evaluated = evaluated(api).await;
    // Prometheus lists groups by their names.
    let (mut loaded, mut exported): (Vec<_>, _) = (evaluated.iter().map(|(rule, _)| rule).collect(), of_file(file));
    loaded.sort();
    exported.sort();
    assert_eq!(loaded, exported.iter().collect::<Vec<_>>());
    for (rule, state) in &evaluated {
        let well = state["health"] == "ok" && state.get("lastError").is_none_or(|error| error == "");
        assert!(well, "{rule:?}: {state}");
    }

    let alerts = || evaluated.iter().filter(|(rule, _)| rule.kind == "alerting");
    let absent: BTreeSet<_> =
        coverage.metrics.iter().filter(|metric| metric.exemption.is_some()).map(|metric| metric.name()).collect();
    for (rule, state) in alerts() {
        let metric = rule.labels.get("metric").map(String::as_str);
        // It fires when it has been pending for longer than this test takes.
        let expected = if metric.is_some_and(|metric| absent.contains(metric)) { "pending" } else { "inactive" };
        assert_eq!(state["state"], expected, "{rule:?}: {state}");
    }
    let named: BTreeSet<_> = alerts().filter_map(|(rule, _)| rule.labels.get("metric").map(String::as_str)).collect();
    let contracted: BTreeSet<_> = coverage.metrics.iter().map(|metric| metric.name()).collect();
    assert_eq!(named, contracted, "each metric has its alert");

    for (rule, _) in evaluated.iter().filter(|(rule, _)| rule.kind == "recording") {
        have_recorded(api, &rule.name).await;
    }
}

/// Waits until a query on recorded series finds some.
pub(crate) async fn have_recorded(api: &Api, query: &str) {
    until(query, async || {
        let found = api.query(query).await;
        if found.is_empty() { Err("there is no such series".to_owned()) } else { Ok(()) }
    })
    .await;
}

/// Every rule with its state after an evaluation that began after the call of this.
async fn evaluated(api: &Api) -> Vec<(Rule, Value)> {
    let mut last = times(&api.get("rules", &[]).await);
    // The first that appears may have begun before.
    for _ in 0..2 {
        last = until("an evaluation of every group", async || {
            let now = times(&api.get("rules", &[]).await);
            let all_moved = now.len() == last.len() && now.iter().zip(&last).all(|(now, last)| now != last);
            if all_moved { Ok(now) } else { Err(format!("{now:?}")) }
        })
        .await;
    }
    let state = api.get("rules", &[]).await;
    let groups = state["groups"].as_array().expect("a list").iter();
    groups.flat_map(|group| list(group).iter().map(|rule| (of_api(text(group, "name"), rule), rule.clone()))).collect()
}

/// When each group was last evaluated.
fn times(state: &Value) -> Vec<String> {
    let groups = state["groups"].as_array().expect("a list").iter();
    groups.map(|group| text(group, "lastEvaluation")).collect()
}

fn text(node: &Value, field: &str) -> String {
    node[field].as_str().unwrap_or_else(|| panic!("{node} has no {field}")).to_owned()
}

fn list(group: &Value) -> &[Value] {
    group["rules"].as_array().expect("a list")
}

fn of_api(group: String, rule: &Value) -> Rule {
    let labels = rule["labels"].as_object().into_iter().flatten();
    Rule {
        group,
        kind: if rule["type"] == "alerting" { "alerting" } else { "recording" },
        name: text(rule, "name"),
        labels: labels.map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned())).collect(),
        pending: rule["duration"].as_u64(),
    }
}

fn of_file(file: &str) -> Vec<Rule> {
    let documents = Yaml::load_from_str(file).expect("YAML");
    let groups = documents[0]["groups"].as_vec().expect("a list").iter();
    groups
        .flat_map(|group| {
            let name = group["name"].as_str().expect("a name");
            group["rules"].as_vec().expect("a list").iter().map(move |rule| of_yaml(name, rule))
        })
        .collect()
}

fn of_yaml(group: &str, rule: &Yaml<'_>) -> Rule {
    let field = |name: &str| rule.as_mapping_get(name).and_then(Yaml::as_str);
    let (kind, name) = match (field("alert"), field("record")) {
        (Some(name), None) => ("alerting", name),
        (None, Some(name)) => ("recording", name),
        _ => panic!("{rule:?} is neither an alert nor a record"),
    };
    let labels = rule.as_mapping_get("labels").and_then(Yaml::as_mapping).into_iter().flatten();
    let text = |node: &Yaml<'_>| node.as_str().expect("a text").to_owned();
    Rule {
        group: group.to_owned(),
        kind,
        name: name.to_owned(),
        labels: labels.map(|(name, value)| (text(name), text(value))).collect(),
        pending: field("for").map(seconds),
    }
}

/// `15m` and `1h` in seconds.
fn seconds(duration: &str) -> u64 {
    let (number, unit) = duration.split_at(duration.len() - 1);
    let unit = match unit {
        "h" => 3600,
        "m" => 60,
        _ => panic!("{duration}: hours or minutes"),
    };
    number.parse::<u64>().expect("a number") * unit
}
