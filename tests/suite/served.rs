//! Which families a scrape has: a metric that nothing records has no series, so that `absent()` finds it.

use fixtures::contracts::Color;
use orchq_metrics::{contract, emits, text};
use prometheus::{Encoder, Registry, TextEncoder};

/// Every label is closed, so that each series is known from the start.
#[contract(name = "served", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Recorded by a function that is not called.
    #[counter(unit = "1")]
    pub struct served_idle_total {
        color: Color,
    }

    /// Recorded by nothing.
    #[counter(unit = "1")]
    pub struct served_nowhere_total {
        color: Color,
    }

    /// Recorded by nothing.
    #[gauge(unit = "1")]
    pub struct served_nowhere {}

    /// Recorded by nothing.
    #[histogram(unit = "ratio", buckets = [0.5])]
    pub struct served_nowhere_score {}

    /// Recorded by another library.
    #[counter(unit = "1")]
    pub struct served_elsewhere_total {
        color: Color,
    }

    /// Recorded by both.
    #[counter(unit = "1")]
    pub struct served_twice_total {
        color: Color,
    }
}
use metrics::*;

#[emits(served_idle_total)]
fn record() {
    served_idle_total { color: Color::Red }.inc();
}

#[emits(extern served_elsewhere_total { color }, extern served_twice_total { color })]
fn record_elsewhere() {
    std::hint::black_box("another library records here");
}

#[emits(served_twice_total)]
fn record_twice() {
    served_twice_total { color: Color::Red }.inc_by(3);
}

fn gathered(registry: &Registry) -> String {
    let mut buffer = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut buffer).expect("the encoder takes every family");
    String::from_utf8(buffer).expect("text")
}

#[test]
fn a_metric_without_a_function_has_no_series() {
    let functions = [record, record_elsewhere, record_twice];
    let snapshot = CONTRACT.snapshot();
    functions[2]();
    let registry = Registry::new();
    CONTRACT.register(&registry).expect("an empty registry");
    for page in [text::encode(&CONTRACT), gathered(&registry)] {
        assert_eq!(page.matches("\nserved_idle_total{").count(), 2, "{page}");
        // Not even a `# TYPE`, as in the clients of Prometheus.
        assert!(!page.contains("served_nowhere"), "{page}");
        assert!(!page.contains("served_elsewhere"), "{page}");
        // What is recorded here is served, without a second answer for the rest.
        let twice: Vec<_> = page.lines().filter(|line| line.starts_with("served_twice_total")).collect();
        assert_eq!(twice, ["served_twice_total{color=\"red\"} 3"]);
    }
    assert_eq!(snapshot.value(served_idle_total { color: Color::Blue }), Some(0.0));
    assert_eq!(snapshot.value(served_nowhere_total { color: Color::Blue }), None);
    assert_eq!(snapshot.value(served_nowhere {}), None);
    assert_eq!(snapshot.value(served_elsewhere_total { color: Color::Blue }), None);
    assert_eq!(snapshot.difference().to_string(), "served_twice_total{color=\"red\"} +3\n");
}
