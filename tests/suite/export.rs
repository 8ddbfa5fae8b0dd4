//! Exported contracts, read by the programs that they are for.

use std::collections::HashSet;
use std::path::PathBuf;
use std::{env, fs};

use fixtures::contracts::{shapes_contract, units, values};
use fixtures::programs::{are_installed, promtool_accepts};
use orchq_metrics::export::{File, Format, files};
use orchq_metrics::rules::{self, RulesOptions, Source};
use orchq_metrics::{Contract, OwnedContract, v1};
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::Value;

/// Legal and rare: a name that starts with a digit, a text that looks like a template.
const ODD: &str = r##"{ "format": 1, "name": "2nd-hand", "version": "0.1.0", "metrics": [
    { "name": "sales_total", "kind": "counter", "unit": "seconds", "help": "It's {{ $value }}: \"#x\"\t- y", "labels": [] },
    { "name": "loss", "kind": "histogram", "unit": "1", "help": "no", "section": "true", "buckets": [-1, 0, 2.5],
      "requirement": "a: b", "labels": [{ "name": "on", "values": ["no", "\"\\\n", "{{x}}"] }] }
] }"##;

/// Two sets of one label's values that have none in common, and a name that one of the files has too.
const APART: &str = r#"{ "format": 1, "name": "manifest", "version": "1.0.0-a.1+b", "metrics": [
    { "name": "a_rejected_total", "kind": "counter", "unit": "1", "help": "a", "labels": [
        { "name": "x", "values": ["1", "2"] }, { "name": "datasource", "values": ["d"] }] },
    { "name": "a_enqueued_total", "kind": "counter", "unit": "1", "help": "a", "labels": [
        { "name": "x", "values": ["3"] }, { "name": "datasource", "values": ["d"] }] }
] }"#;

/// OrchQueue's, those of the suite, which have every kind and unit, and an odd one.
fn contracts() -> [OwnedContract; 6] {
    let contracts: [&Contract; 4] = [&v1::CONTRACT, &units::CONTRACT, &values::CONTRACT, &shapes_contract::CONTRACT];
    let [v1, units, values, shapes] = contracts.map(OwnedContract::from);
    let [odd, apart] = [ODD, APART].map(|it| OwnedContract::from_json(it).unwrap_or_else(|error| panic!("{error}")));
    [v1, units, values, shapes, odd, apart]
}

/// A directory of this process's own with these files in it.
fn written(files: &[File]) -> PathBuf {
    let name = files.first().map_or("none", |file| file.name.as_str());
    let directory = env::temp_dir().join(format!("orchq-metrics-{}-{name}", std::process::id()));
    fs::create_dir_all(&directory).expect("a temporary directory");
    for file in files {
        fs::write(directory.join(&file.name), &file.text).expect("a temporary file");
    }
    directory
}

#[test]
fn promtool_takes_the_rules_and_their_tests() {
    if !are_installed(&["promtool"]) {
        return;
    }
    for contract in contracts() {
        let exported = files(&contract, Format::Rules);
        let [rules, tests] = exported.as_slice() else { panic!("rules and their tests") };
        let directory = written(&exported);
        let printed = promtool_accepts(&directory, &["check", "rules", "--lint=all", "--lint-fatal", &rules.name]);
        assert!(printed.contains("rules found"), "{printed}");
        promtool_accepts(&directory, &["test", "rules", &tests.name]);
        fs::remove_dir_all(directory).expect("it was written");
    }
}

#[test]
fn exported_queries_pass_the_check_of_queries() {
    for contract in contracts() {
        let rules = files(&contract, Format::Rules);
        let dashboard = files(&contract, Format::Dashboard);
        for file in [&rules[0], &dashboard[0]] {
            let report =
                rules::check(&contract, &[Source::new(&file.name, &file.text)], &RulesOptions::default().unused(true));
            assert!(report.examined > contract.metrics.len(), "{}: {}", file.name, report.examined);
            assert!(report.findings.is_empty(), "{}: {:#?}", file.name, report.findings);
        }
    }
}

/// Words of PromQL that are valid names in a contract are valid names in a query, too.
#[test]
fn words_of_promql_can_be_queried() {
    const WORDS: [&str; 25] = [
        "and",
        "or",
        "unless",
        "sum",
        "avg",
        "min",
        "max",
        "group",
        "stddev",
        "topk",
        "bottomk",
        "count_values",
        "quantile",
        "limitk",
        "offset",
        "smoothed",
        "anchored",
        "by",
        "without",
        "start",
        "end",
        "step",
        "range",
        "inf",
        "on",
    ];
    let gauges: Vec<_> = WORDS
        .iter()
        .map(|word| {
            format!(r#"{{ "name": "{word}", "kind": "gauge", "unit": "1", "help": "a", "labels": [{{ "name": "{word}", "values": ["a"] }}] }}"#)
        })
        .filter(|gauge| OwnedContract::from_json(&format!(r#"{{ "format": 1, "name": "a", "version": "1.0.0", "metrics": [{gauge}] }}"#)).is_ok())
        .collect();
    assert_eq!(gauges.len(), WORDS.len() - 6, "{gauges:#?}");
    let contract = format!(r#"{{ "format": 1, "name": "a", "version": "1.0.0", "metrics": [{}] }}"#, gauges.join(","));
    let contract = OwnedContract::from_json(&contract).expect("each was taken");
    for file in [&files(&contract, Format::Rules)[0], &files(&contract, Format::Dashboard)[0]] {
        let report = rules::check(&contract, &[Source::new(&file.name, &file.text)], &RulesOptions::default());
        assert!(report.findings.is_empty(), "{}: {:#?}", file.name, report.findings);
    }
}

/// The one document of a YAML file.
fn yaml(file: &File) -> Yaml<'_> {
    let mut documents = Yaml::load_from_str(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.name));
    assert_eq!(documents.len(), 1, "{}", file.name);
    documents.remove(0)
}

/// The fields of a map: all of `required`, and of the others only `optional`.
fn fields(node: &Yaml<'_>, required: &[&str], optional: &[&str]) {
    let map = node.as_mapping().unwrap_or_else(|| panic!("{node:?} is not a map"));
    let keys: HashSet<&str> = map.keys().filter_map(|key| key.as_str()).collect();
    assert_eq!(keys.len(), map.len(), "{node:?}");
    assert!(required.iter().all(|key| keys.contains(key)), "{keys:?} lack one of {required:?}");
    let unknown: Vec<_> = keys.iter().filter(|key| !required.contains(key) && !optional.contains(key)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

fn items<'a>(node: &'a Yaml<'a>, key: &str) -> &'a [Yaml<'a>] {
    node[key].as_vec().map_or(&[], Vec::as_slice)
}

fn text<'a>(node: &'a Yaml<'_>, key: &str) -> &'a str {
    node[key].as_str().unwrap_or_else(|| panic!("{node:?} has no text {key}"))
}

/// The form of Weaver 0.25: crates/weaver_semconv/src/v2 and schemas/ in its repository.
#[test]
fn the_registry_has_the_form_of_weaver() {
    for contract in contracts() {
        let exported = files(&contract, Format::Weaver);
        let [manifest, definitions] = exported.as_slice() else { panic!("a manifest and definitions") };
        assert_eq!(manifest.name, "manifest.yaml");
        assert_ne!(definitions.name, manifest.name);
        let manifest = yaml(manifest);
        fields(&manifest, &["schema_url"], &["description", "dependencies", "stability"]);
        assert!(text(&manifest, "schema_url").ends_with(&format!("/{}", contract.version)));

        let registry = yaml(definitions);
        fields(&registry, &["file_format", "attributes", "metrics"], &[]);
        assert_eq!(text(&registry, "file_format"), "definition/2");
        let mut keys = HashSet::new();
        for attribute in items(&registry, "attributes") {
            fields(attribute, &["key", "type", "brief", "stability"], &["examples", "note"]);
            assert!(keys.insert(text(attribute, "key")), "{attribute:?}");
            match attribute["type"].as_str() {
                Some(kind) => assert!(kind == "string" && !items(attribute, "examples").is_empty(), "{attribute:?}"),
                None => {
                    fields(&attribute["type"], &["members"], &[]);
                    let members = items(&attribute["type"], "members");
                    members.iter().for_each(|member| fields(member, &["id", "value", "brief", "stability"], &[]));
                    let ids: HashSet<_> = members.iter().map(|member| text(member, "id")).collect();
                    assert!(!members.is_empty() && ids.len() == members.len(), "{attribute:?}");
                }
            }
        }
        let metrics = items(&registry, "metrics");
        assert_eq!(metrics.len(), contract.metrics.len());
        for (exported, metric) in metrics.iter().zip(&contract.metrics) {
            let required = ["name", "instrument", "unit", "brief", "stability", "attributes", "annotations"];
            fields(exported, &required, &["note"]);
            assert_eq!([text(exported, "name"), text(exported, "brief")], [metric.name.as_str(), metric.help.as_str()]);
            assert_eq!(text(exported, "instrument"), metric.kind.as_str());
            assert_eq!(text(exported, "stability"), "development");
            let references = items(exported, "attributes");
            assert_eq!(references.len(), metric.labels.len());
            for (reference, label) in references.iter().zip(&metric.labels) {
                fields(reference, &["ref", "requirement_level"], &["note"]);
                assert!(text(reference, "ref") == label.name && keys.contains(label.name.as_str()), "{reference:?}");
                let level = &reference["requirement_level"];
                if label.conditional {
                    fields(level, &["conditionally_required"], &[]);
                } else {
                    assert_eq!(level.as_str(), Some("required"));
                }
            }
        }
    }
}

#[test]
fn the_registry_says_what_the_contract_says() {
    let exported = files(&OwnedContract::from(&v1::CONTRACT), Format::Weaver);
    let registry = yaml(&exported[1]);
    let metric = |name: &str| {
        items(&registry, "metrics").iter().find(|metric| text(metric, "name") == name).expect("it is exported")
    };
    for (name, unit, value_type) in [
        ("tasks_enqueued_total", "{task}", "int"),
        ("kv_cache_usage_ratio", "1", "double"),
        ("gpu_utilization", "{percent}", "double"),
        ("vram_used_bytes", "By", "double"),
        ("latency_decode_ms", "{milliseconds}", "double"),
        ("tokens_in_total", "{token}", "int"),
        ("admission_backpressure_events_total", "{event}", "int"),
    ] {
        assert_eq!(text(metric(name), "unit"), unit, "{name}");
        assert_eq!(text(&metric(name)["annotations"]["code_generation"], "metric_value_type"), value_type, "{name}");
    }
    let level = |label: &str| {
        let references = items(metric("queue_depth"), "attributes");
        let reference = references.iter().find(|reference| text(reference, "ref") == label).expect("a label of it");
        text(&reference["requirement_level"], "conditionally_required").to_owned()
    };
    assert_eq!(level("trtllm_version"), "Where it applies, and only if `engine` is `triton`.");
    assert_eq!(level("model_id"), "Where it applies, and only if `model_digest` is not set.");
    let attributes = items(&registry, "attributes");
    let values = |key: &str| {
        let attribute = attributes.iter().find(|attribute| text(attribute, "key") == key).expect("it is there");
        items(&attribute["type"], "members").iter().map(|member| text(member, "value").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values("policy"), ["reject", "drop-lru", "shed-low-priority"]);
    // Two metrics have a reason, each with values of its own; to Weaver it is one attribute.
    assert_eq!(values("reason").len(), 8);
    assert_eq!(text(&items(metric("tasks_canceled_total"), "attributes")[7], "note"), "One of `user` or `watchdog`.");
}

#[test]
fn the_dashboard_has_every_metric_and_places_that_do_not_overlap() {
    for contract in contracts() {
        let exported = files(&contract, Format::Dashboard);
        let dashboard: Value = serde_json::from_str(&exported[0].text).expect("JSON");
        assert_eq!(files(&contract, Format::Dashboard), exported, "it is the same each time");
        assert!(dashboard["uid"].as_str().is_some_and(|uid| uid.len() <= 40));
        let variables = dashboard["templating"]["list"].as_array().expect("a list");
        let names: HashSet<_> = variables.iter().filter_map(|variable| variable["name"].as_str()).collect();
        assert_eq!(names.len(), variables.len(), "{variables:?}");
        assert!(names.contains("datasource"));
        let panels = dashboard["panels"].as_array().expect("a list");
        let mut ids = HashSet::new();
        let mut cells = HashSet::new();
        for panel in panels {
            assert!(ids.insert(panel["id"].as_u64().expect("an id")), "{panel}");
            let place = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().expect("a place"));
            let [x, y, w, h] = place;
            assert!(x + w <= 24, "{panel}");
            assert!((x..x + w).all(|x| (y..y + h).all(|y| cells.insert((x, y)))), "{panel} overlaps");
            for target in panel["targets"].as_array().into_iter().flatten() {
                let expr = target["expr"].as_str().expect("a query");
                let used = expr
                    .split('$')
                    .skip(1)
                    .map(|rest| rest.split(|char: char| !char.is_ascii_alphanumeric() && char != '_').next());
                let unknown: Vec<_> =
                    used.flatten().filter(|name| *name != "__rate_interval" && !names.contains(name)).collect();
                assert!(unknown.is_empty(), "{unknown:?} in {expr}");
            }
        }
        for metric in &contract.metrics {
            let panel = panels.iter().find(|panel| panel["title"] == *metric.name).expect("each has a panel");
            assert_eq!(panel["description"], *metric.help);
            assert!(panel["targets"][0]["expr"].as_str().is_some_and(|expr| expr.contains(&metric.name)), "{panel}");
        }
    }
}

#[test]
fn dashboards_of_long_names_are_distinguished() {
    let uid = |name: &str| {
        let mut contract = OwnedContract::from(&v1::CONTRACT);
        name.clone_into(&mut contract.name);
        let dashboard: Value = serde_json::from_str(&files(&contract, Format::Dashboard)[0].text).expect("JSON");
        dashboard["uid"].as_str().expect("a text").to_owned()
    };
    assert_eq!(uid("orchqueue"), "orchq-metrics-orchqueue");
    let [a, b] = ["production-control-plane-queue-a", "production-control-plane-queue-b"].map(uid);
    assert!(a != b && a.len() <= 40 && b.len() <= 40, "{a} {b}");
}

/// A directory of exports can be checked as a whole.
#[test]
fn what_lies_beside_exported_rules_is_known() {
    for contract in contracts() {
        for file in [&files(&contract, Format::Rules)[1], &files(&contract, Format::Json)[0]] {
            let report = rules::check(&contract, &[Source::new(&file.name, &file.text)], &RulesOptions::default());
            let found: Vec<_> = report.findings.iter().map(|finding| &*finding.rule).collect();
            assert_eq!(found, ["rules-file-skipped"], "{}: {:#?}", file.name, report.findings);
        }
    }
}

#[test]
fn panels_have_the_unit_of_their_metric() {
    let exported = files(&OwnedContract::from(&v1::CONTRACT), Format::Dashboard);
    let dashboard: Value = serde_json::from_str(&exported[0].text).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("a list");
    for (metric, unit) in [
        ("tasks_enqueued_total", "short"),
        ("kv_cache_usage_ratio", "percentunit"),
        ("gpu_utilization", "percent"),
        ("vram_used_bytes", "bytes"),
        ("latency_decode_ms", "ms"),
    ] {
        let panel = panels.iter().find(|panel| panel["title"] == metric).expect("each has a panel");
        assert_eq!(panel["fieldConfig"]["defaults"]["unit"], unit, "{metric}");
    }
}

#[test]
fn every_format_is_called_what_it_parses_from() {
    for format in Format::ALL {
        assert_eq!(format.as_str().parse(), Ok(format));
        assert!(!files(&OwnedContract::from(&v1::CONTRACT), format).is_empty());
    }
    let error = "yaml".parse::<Format>().expect_err("there is none");
    assert_eq!(error.to_string(), "`yaml` is not a format; the formats are json, markdown, weaver, rules, dashboard");
}
