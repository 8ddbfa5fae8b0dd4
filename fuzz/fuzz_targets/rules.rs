//! Any text as a rule file, a manifest or a dashboard, and as an expression and a text in one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use orchq_metrics::OwnedContract;
use orchq_metrics::rules::{RulesOptions, Source, check};
use serde_json::json;

fuzz_target!(|text: &str| {
    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    let rules = json!({"groups": [{"rules": [{"alert": "a", "expr": text, "annotations": {"b": text}}]}]});
    let dashboard = json!({"panels": [{"targets": [{"expr": text, "legendFormat": text}]}],
        "templating": {"list": [{"type": "query", "query": text}]}});
    for text in [text, &rules.to_string(), &dashboard.to_string()] {
        let report = check(&contract, &[Source::new("input", text)], &RulesOptions::default().unused(true));
        for location in report.findings.iter().filter_map(|finding| finding.location.as_ref()) {
            assert!(location.text.get(location.span.clone()).is_some());
        }
    }
});
