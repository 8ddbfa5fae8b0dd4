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

/// What `#[contract]` and `#[derive(Label)]` refuse by the tokens alone, a file may not have either. The snapshot of
/// the compiler's error and the error about the file give the same cause.
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

/// Where the file is changed, and the value there.
const ACCEPTED: &str = r#"
/format 1.0
/metrics/0/labels/1/budget 64.0
/metrics/0/series_limit 1e2
/version "1.0.0-0a.-+001"
/metrics/1/name "vllm:order_depth"
/metrics/0/name "Ray:Orders:x_total"
/metrics/1/range {}
/metrics/1/range {"minimum": -1.5}
/metrics/1/range {"minimum": -1, "maximum": 1e3}
"#;

/// The same for what is not a contract.
const REFUSED: &str = r#"
/format 2
/format null
/name "Shop"
/name "-"
/name "shop_"
/version "1"
/version "01.0.0"
/version "1.0.0-"
/version "1.0.0-01"
/version "1.0.0-a\"b"
/version "1.0.0-a\nb"
/version "1.0.0+a+b"
/version "99999999999999999999.0.0"
/fingerprint 7
/fingerprint "0"
/doc "text"
/metrics []
/metrics null
/other 1
/metrics/0/name "orders"
/metrics/0/name "orders-total"
/metrics/0/name ":orders_total"
/metrics/0/name "vllm:orders-total"
/metrics/0/name "vllm:orders"
/metrics/1/name "vllm:order_sum"
/metrics/1/name "orchq_metrics_:x"
/metrics/0/name "orchq_metrics_total"
/metrics/1/name "order_total"
/metrics/1/name "order_count"
/metrics/1/name "on"
/metrics/1/name "inf"
/metrics/0/kind "summary"
/metrics/0/kind "gauge"
/metrics/0/unit "ratio"
/metrics/0/unit "orders"
/metrics/0/unit null
/metrics/0/help ""
/metrics/0/help "a\nb"
/metrics/0/section " "
/metrics/0/requirement ""
/metrics/0/series_limit 0
/metrics/0/series_limit 10000001
/metrics/0/buckets [1]
/metrics/0/lables []
/metrics/0/range {}
/metrics/0/range {"minimum": 0}
/metrics/1/range [0, 1]
/metrics/1/range {"least": 0}
/metrics/1/range {"minimum": "0"}
/metrics/1/buckets []
/metrics/1/buckets [1, 1]
/metrics/1/buckets ["1"]
/metrics/1/buckets null
/metrics/0/labels/0/name "le"
/metrics/0/labels/0/name "__shop"
/metrics/0/labels/0/name "nan"
/metrics/0/labels/0/values []
/metrics/0/labels/0/values ["a", "a"]
/metrics/0/labels/0/values [""]
/metrics/0/labels/0/values ["__overflow__"]
/metrics/0/labels/0/values null
/metrics/0/labels/0/budget 1
/metrics/0/labels/1/budget 0
/metrics/0/labels/1/budget 0.5
/metrics/0/labels/1/budget 1000001
/metrics/0/labels/1/conditional "yes"
/metrics/0/labels/1/conditional false
/metrics/0/labels/1/conditional null
/metrics/0/labels/1/conditions/0 {}
/metrics/0/labels/1/conditions/0 {"only_with": "shop"}
/metrics/0/labels/1/conditions/0 {"only_with": "shop", "values": []}
/metrics/0/labels/1/conditions/0 {"not_with": "shop", "values": ["north"]}
"#;

fn values(lines: &str) -> impl Iterator<Item = (&str, Value)> {
    let pairs = lines.trim().lines().map(|line| line.split_once(' ').expect("a pointer and a value"));
    pairs.map(|(pointer, value)| (pointer, serde_json::from_str(value).expect("JSON")))
}

#[test]
fn the_schema_and_the_reader_refuse_the_same() {
    let schema = schema();
    let reads = |file: &Value| OwnedContract::from_json(&file.to_string()).is_ok();
    let right = with("/doc", json!(["one", "two"]));
    assert!(schema.is_valid(&right) && reads(&right), "{right}");
    for (pointer, value) in values(ACCEPTED) {
        let right = with(pointer, value);
        assert!(schema.is_valid(&right) && reads(&right), "{right}");
    }
    for (pointer, value) in values(REFUSED) {
        let wrong = with(pointer, value);
        assert!(!schema.is_valid(&wrong), "the schema takes {pointer} in {wrong}");
        assert!(!reads(&wrong), "the reader takes {pointer} in {wrong}");
    }
}
