//! A metric that is built in one place and recorded in another is bound to the site that built it.

use fixtures::contracts::shapes_contract::CONTRACT;
use fixtures::handed_on;

/// How often each series of `handed_on` was recorded in this thread.
fn recorded(record: impl FnOnce()) -> String {
    let before = CONTRACT.snapshot_of_this_thread();
    record();
    before.difference().to_string()
}

#[test]
fn what_is_handed_on_is_recorded() {
    let counted = |n: u64| format!("shape_calls_total{{shape=\"handed_on\"}} +{n}\n");
    assert_eq!(recorded(handed_on::to_macros), counted(3));
    assert_eq!(recorded(|| handed_on::to_values(true)), counted(8));
    let beside = recorded(handed_on::beside_what_is_dropped);
    assert!(beside.ends_with(&counted(6)), "{beside}");
    assert_eq!(recorded(handed_on::through_the_helper), counted(1));
    handed_on::under_an_alias();
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(handed_on::from_a_block());
    let coverage = CONTRACT.coverage();
    for (metric, functions) in [
        ("shape_calls_total", &["to_macros", "to_values", "beside_what_is_dropped", "helper"][..]),
        ("shape_calls", &["under_an_alias", "from_a_block", "beside_what_is_dropped"]),
    ] {
        let sites = &coverage.metric(metric).expect("it is in the contract").sites;
        for function in functions {
            let path = format!("fixtures::handed_on::{function}");
            assert!(sites.iter().any(|site| site.function == path && site.hit == Some(true)), "{path}");
        }
    }
}

#[test]
fn methods_of_one_path_are_distinguished_by_their_lines() {
    handed_on::First::of_a_type().0.inc();
    handed_on::Second::of_a_type().0.inc();
    let table = CONTRACT.coverage().to_string();
    let mut lines: Vec<_> = table.lines().filter(|line| line.ends_with(" fixtures::handed_on::of_a_type")).collect();
    lines.dedup();
    assert_eq!(lines.len(), 2, "{table}");
    assert!(lines.iter().all(|line| line.starts_with("    tests/src/handed_on.rs:")), "{lines:?}");
}
