//! The contract as a file: kept in the repository, described by a schema, and read by one set of rules.

use std::fs;
use std::path::Path;

use crate::assert_file;
use fixtures::contracts::{shapes_contract, units, values};
use orchq_metrics::{Contract, OwnedContract, export, v1::CONTRACT};
use serde_json::{Value, json};

#[test]
fn the_lock_file_matches_the_code() {
    let exported = OwnedContract::from(&CONTRACT).to_json();
    assert_file("contract.lock.json", &exported);
    let read = OwnedContract::from_json(&exported).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read, OwnedContract::from(&CONTRACT));
}

fn schema() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(export::json_schema()).expect("the schema is JSON");
    jsonschema::meta::validate(&schema).expect("the schema is a schema");
    jsonschema::draft202012::new(&schema).expect("the schema can be used")
}

#[test]
fn every_contract_matches_the_schema_and_can_be_read_back() {
    let schema = schema();
    let contracts: [&Contract; 4] = [&CONTRACT, &units::CONTRACT, &values::CONTRACT, &shapes_contract::CONTRACT];
    for contract in contracts.map(OwnedContract::from) {
        let text = contract.to_json();
        let value: Value = serde_json::from_str(&text).expect("JSON");
        let wrong: Vec<_> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!(OwnedContract::from_json(&text).unwrap_or_else(|error| panic!("{error}")), contract);
    }
}

/// A valid file with one value set or, for null, removed.
fn with(pointer: &str, value: Value) -> Value {
    let mut file = json!({ "format": 1, "name": "shop", "version": "1.0.0", "metrics": [
        { "name": "orders_total", "kind": "counter", "unit": "1", "help": "Orders.", "labels": [
            { "name": "shop", "values": ["north", "south"] },
            { "name": "till", "budget": 9, "conditional": true, "conditions": [{ "not_with": "shop" }] },
        ] },
        { "name": "order_seconds", "kind": "histogram", "unit": "seconds", "help": "Time.", "buckets": [0.5, 1] },
    ] });
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    match file.pointer_mut(parent).expect("it is there") {
        Value::Object(fields) if value.is_null() => drop(fields.remove(key)),
        Value::Object(fields) => drop(fields.insert(key.to_owned(), value)),
        Value::Array(items) => items[key.parse::<usize>().expect("an index")] = value,
        _ => unreachable!("a parent has children"),
    }
    file
}

/// What `#[contract]` and `#[derive(Label)]` refuse by the tokens alone, a file may not have either. The snapshot of the
/// compiler's error and the error about the file give the same cause.
#[test]
fn what_the_macros_refuse_a_file_may_not_have() {
    for (snapshot, pointer, value, cause) in [
        ("contract/missing-doc-comment", "/metrics/0/help", json!(""), "it is served as the help text"),
        ("contract/histogram-without-buckets", "/metrics/1/buckets", Value::Null, "at least one bucket bound, as in"),
        ("contract/empty-buckets", "/metrics/1/buckets", json!([]), "a histogram has at least one bucket bound"),
        ("contract/bucket-twice", "/metrics/1/buckets", json!([1, 1]), "this bucket bound is repeated"),
        ("contract/infinite-bucket", "/metrics/1/buckets", json!(["Inf"]), "a bucket bound is a finite number"),
        ("label/no-variants", "/metrics/0/labels/0/values", json!([]), "a closed label has at least one value"),
        ("label/value-twice", "/metrics/0/labels/0/values", json!(["red", "red"]), "the value \"red\" is repeated"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("ui/{snapshot}.stderr"));
        let by_compiler = fs::read_to_string(path).expect("it is kept");
        let in_a_file = OwnedContract::from_json(&with(pointer, value).to_string()).expect_err(snapshot).to_string();
        assert!(by_compiler.contains(cause) && in_a_file.contains(cause), "{cause}\n{by_compiler}\n{in_a_file}");
    }
}

#[test]
fn the_schema_and_the_reader_refuse_the_same() {
    let schema = schema();
    let reads = |file: &Value| OwnedContract::from_json(&file.to_string()).is_ok();
    let right = with("/doc", json!(["one", "two"]));
    assert!(schema.is_valid(&right) && reads(&right), "{right}");
    for (pointer, value) in [
        ("/format", json!(1.0)),
        ("/metrics/0/labels/1/budget", json!(64.0)),
        ("/metrics/0/series_limit", json!(1e2)),
        ("/version", json!("1.0.0-0a.-+001")),
        ("/metrics/1/name", json!("vllm:order_depth")),
        ("/metrics/0/name", json!("Ray:Orders:x_total")),
        ("/metrics/1/range", json!({})),
        ("/metrics/1/range", json!({ "minimum": -1.5 })),
        ("/metrics/1/range", json!({ "minimum": -1, "maximum": 1e3 })),
    ] {
        let right = with(pointer, value);
        assert!(schema.is_valid(&right) && reads(&right), "{right}");
    }
    for (pointer, value) in [
        ("/format", json!(2)),
        ("/format", Value::Null),
        ("/name", json!("Shop")),
        ("/name", json!("-")),
        ("/name", json!("shop_")),
        ("/version", json!("1")),
        ("/version", json!("01.0.0")),
        ("/version", json!("1.0.0-")),
        ("/version", json!("1.0.0-01")),
        ("/version", json!("1.0.0-a\"b")),
        ("/version", json!("1.0.0-a\nb")),
        ("/version", json!("1.0.0+a+b")),
        ("/version", json!("99999999999999999999.0.0")),
        ("/fingerprint", json!(7)),
        ("/fingerprint", json!("0")),
        ("/doc", json!("text")),
        ("/metrics", json!([])),
        ("/metrics", Value::Null),
        ("/other", json!(1)),
        ("/metrics/0/name", json!("orders")),
        ("/metrics/0/name", json!("orders-total")),
        ("/metrics/0/name", json!(":orders_total")),
        ("/metrics/0/name", json!("vllm:orders-total")),
        ("/metrics/0/name", json!("vllm:orders")),
        ("/metrics/1/name", json!("vllm:order_sum")),
        ("/metrics/1/name", json!("orchq_metrics_:x")),
        ("/metrics/0/name", json!("orchq_metrics_total")),
        ("/metrics/1/name", json!("order_total")),
        ("/metrics/1/name", json!("order_count")),
        ("/metrics/1/name", json!("on")),
        ("/metrics/1/name", json!("inf")),
        ("/metrics/0/kind", json!("summary")),
        ("/metrics/0/kind", json!("gauge")),
        ("/metrics/0/unit", json!("ratio")),
        ("/metrics/0/unit", json!("orders")),
        ("/metrics/0/unit", Value::Null),
        ("/metrics/0/help", json!("")),
        ("/metrics/0/help", json!("a\nb")),
        ("/metrics/0/section", json!(" ")),
        ("/metrics/0/requirement", json!("")),
        ("/metrics/0/series_limit", json!(0)),
        ("/metrics/0/series_limit", json!(10_000_001)),
        ("/metrics/0/buckets", json!([1])),
        ("/metrics/0/lables", json!([])),
        ("/metrics/0/range", json!({})),
        ("/metrics/0/range", json!({ "minimum": 0 })),
        ("/metrics/1/range", json!([0, 1])),
        ("/metrics/1/range", json!({ "least": 0 })),
        ("/metrics/1/range", json!({ "minimum": "0" })),
        ("/metrics/1/buckets", json!([])),
        ("/metrics/1/buckets", json!([1, 1])),
        ("/metrics/1/buckets", json!(["1"])),
        ("/metrics/1/buckets", Value::Null),
        ("/metrics/0/labels/0/name", json!("le")),
        ("/metrics/0/labels/0/name", json!("__shop")),
        ("/metrics/0/labels/0/name", json!("nan")),
        ("/metrics/0/labels/0/values", json!([])),
        ("/metrics/0/labels/0/values", json!(["a", "a"])),
        ("/metrics/0/labels/0/values", json!([""])),
        ("/metrics/0/labels/0/values", json!(["__overflow__"])),
        ("/metrics/0/labels/0/values", Value::Null),
        ("/metrics/0/labels/0/budget", json!(1)),
        ("/metrics/0/labels/1/budget", json!(0)),
        ("/metrics/0/labels/1/budget", json!(0.5)),
        ("/metrics/0/labels/1/budget", json!(1_000_001)),
        ("/metrics/0/labels/1/conditional", json!("yes")),
        ("/metrics/0/labels/1/conditional", json!(false)),
        ("/metrics/0/labels/1/conditional", Value::Null),
        ("/metrics/0/labels/1/conditions/0", json!({})),
        ("/metrics/0/labels/1/conditions/0", json!({ "only_with": "shop" })),
        ("/metrics/0/labels/1/conditions/0", json!({ "only_with": "shop", "values": [] })),
        ("/metrics/0/labels/1/conditions/0", json!({ "not_with": "shop", "values": ["north"] })),
    ] {
        let wrong = with(pointer, value);
        assert!(!schema.is_valid(&wrong), "the schema takes {pointer} in {wrong}");
        assert!(!reads(&wrong), "the reader takes {pointer} in {wrong}");
    }
}
