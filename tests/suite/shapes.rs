//! Every place that can be annotated has a site, and records.

use std::panic::catch_unwind;

use fixtures::contracts::shapes_contract::CONTRACT;
use fixtures::shapes::{self, AsyncWork, Work};
use orchq_metrics::{Coverage, Rung};

/// Calls everything once.
fn drive() {
    shapes::free();
    shapes::several();
    shapes::by_path();
    let slot = shapes::slot();
    slot.method();
    slot.default_body();
    slot.implemented();
    let with_handle = shapes::Slot::with_handle();
    with_handle.through_handle();
    with_handle.through_handle();
    assert_eq!(shapes::generic(String::from("generic")), "generic");
    shapes::const_generic([0; 3]);
    shapes::other_abi();
    shapes::closures();
    shapes::patterns();
    shapes::made_with_block();
    shapes::made_of_parts();
    shapes::made_as_item();
    shapes::above_tokio_main();
    shapes::below_tokio_main();
    assert!(shapes::named_alike(3, 5));
    assert!(!shapes::named_alike(3, 2));
    shapes::configured();
    shapes::items_inside();
    shapes::timed(false);
    assert!(catch_unwind(|| shapes::timed(true)).is_err());
    assert!(shapes::timers_by_hand().as_secs() < 60);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        slot.async_method().await;
        slot.inside().await;
        slot.async_default().await;
        shapes::in_select().await;
        shapes::above_instrument().await;
        shapes::below_instrument().await;
    });
}

/// The value of the sample whose line starts with `start`.
fn sample(text: &str, start: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(start))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn every_shape_records_through_its_site() {
    drive();
    let text = orchq_metrics::text::encode(&CONTRACT);
    let calls = [
        ("free", 1.0),
        ("several", 3.0),
        ("by_path", 1.0),
        ("method", 1.0),
        ("handle", 2.0),
        ("async_method", 1.0),
        ("implemented", 1.0),
        ("default_body", 1.0),
        ("generic", 1.0),
        ("const_generic", 3.0),
        ("other_abi", 1.0),
        ("closure", 1.0),
        ("nested", 1.0),
        ("patterns", 1.0),
        ("made_with_block", 1.0),
        ("made_of_parts", 1.0),
        ("made_as_item", 1.0),
        ("in_select", 1.0),
        ("async_trait", 1.0),
        ("async_default", 1.0),
        ("above_instrument", 1.0),
        ("below_instrument", 1.0),
        ("above_tokio_main", 1.0),
        ("below_tokio_main", 1.0),
        ("named_alike", 1.0),
        ("configured", 2.0),
        ("module_inside", 1.0),
        ("impl_inside", 1.0),
    ];
    for (shape, expected) in calls {
        let start = format!("shape_calls_total{{shape=\"{shape}\"}}");
        assert_eq!(sample(&text, &start), Some(expected), "{shape}");
    }
    assert_eq!(sample(&text, "shape_calls{shape=\"by_path\"}"), Some(4.0));
    // Dropped, dropped by a panic; stopped, and not the one that was discarded.
    assert_eq!(sample(&text, "shape_call_seconds_count{shape=\"timed\"}"), Some(2.0));
    assert_eq!(sample(&text, "shape_call_seconds_count{shape=\"timers_by_hand\"}"), Some(1.0));

    let coverage = CONTRACT.coverage();
    assert_sites(&coverage);
    assert_eq!(coverage.metric("shape_calls").map(|metric| metric.rung), Some(Rung::Hit));
}

/// One site for each annotated function, at the line that records.
fn assert_sites(coverage: &Coverage) {
    let metric = coverage.metric("shape_calls_total").expect("it is in the contract");
    let functions: Vec<_> = metric.sites.iter().map(|site| site.function.as_str()).collect();
    for function in [
        "free",
        "several",
        "by_path",
        "method",
        "with_handle",
        "async_method",
        "implemented",
        "default_body",
        "generic",
        "const_generic",
        "other_abi",
        "closures",
        "nested",
        "patterns",
        "made_with_block",
        "made_of_parts",
        "made_as_item",
        "in_select",
        "inside",
        "async_default",
        "above_instrument",
        "below_instrument",
        "above_tokio_main",
        "below_tokio_main",
        "foreign",
    ] {
        let path = format!("fixtures::shapes::{function}");
        assert_eq!(functions.iter().filter(|known| **known == path).count(), 1, "{function} in {functions:?}");
    }
    let source = include_str!("../src/shapes.rs");
    let several = metric.sites.iter().find(|site| site.function.ends_with("::several")).expect("it has a site");
    assert_eq!(several.lines.len(), 2);
    for line in &several.lines {
        let text = source.lines().nth(*line as usize - 1).expect("the line exists");
        assert!(text.contains("shape_calls_total { shape: shape(\"several\") }"), "line {line} is {text}");
    }
    assert!(several.file.ends_with("src/shapes.rs"));
    assert_eq!(several.crate_name, "orchq-metrics-tests");
    // An emission that is configured out has no site. A label named as a keyword keeps its name.
    let configured = fixtures::contracts::configured::CONTRACT.coverage();
    let configured_out = configured.metric("shape_configured_out_total").expect("it is in the contract");
    assert_eq!((configured_out.rung, configured_out.sites.len()), (Rung::Declared, 0));
    assert_eq!(configured_out.desc.labels[0].name, "type");

    let keyword = configured.metric("shape_keyword_total").expect("it is in the contract");
    assert_eq!(keyword.sites[0].function, "fixtures::shapes::match");

    // What another library records is linked, and never hit.
    let adopted = coverage.metric("shape_foreign_calls_total").expect("it is in the contract");
    assert_eq!(adopted.rung, Rung::Linked);
    assert!(adopted.sites[0].by_another_library && adopted.sites[0].hit == Some(false));
}
