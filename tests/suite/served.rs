//! Which families a scrape has: a metric that nothing records has no series, so that `absent()` finds it.

use fixtures::contracts::Color;
use orchq_metrics::{contract, emits, text};
use prometheus::Registry;

use crate::gathered;

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

    /// Recorded here, and by a collector that is adopted.
    #[counter(unit = "1")]
    pub struct served_adopted_total {
        color: Color,
    }
}
use metrics::*;

#[emits(served_idle_total, served_adopted_total)]
fn record() {
    served_idle_total { color: Color::Red }.inc();
    served_adopted_total { color: Color::Red }.inc();
}

#[emits(extern served_elsewhere_total { color }, extern served_twice_total { color })]
fn record_elsewhere() {
    std::hint::black_box("another library records here");
}

#[emits(served_twice_total)]
fn record_twice() {
    served_twice_total { color: Color::Red }.inc_by(3);
}

#[test]
fn a_metric_without_a_function_has_no_series() {
    let functions = [record, record_elsewhere, record_twice];
    let opts = prometheus::Opts::new("served_adopted_total", "Of another library.");
    let adopted = prometheus::IntCounterVec::new(opts, &["color"]).expect("valid");
    CONTRACT.adopt::<served_adopted_total>(&adopted);
    let snapshot = CONTRACT.snapshot();
    functions[2]();
    let registry = Registry::new();
    CONTRACT.register(&registry).expect("an empty registry");
    for page in [text::encode(&CONTRACT), gathered(&registry)] {
        assert_eq!(page.matches("\nserved_idle_total{").count(), 2, "{page}");
        // Not even a `# TYPE`, as in the clients of Prometheus.
        assert!(!page.contains("served_nowhere"), "{page}");
        assert!(!page.contains("served_elsewhere"), "{page}");
        assert!(!page.contains("\nserved_adopted_total"), "{page}");
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

#[contract(name = "constant-labels", version = "1.0.0")]
mod constant {
    use super::*;
    use fixtures::contracts::Text;

    /// Has labels.
    #[histogram(unit = "ratio", buckets = [0.5])]
    pub struct constant_score {
        color: Color,
        text: Text,
    }

    /// Has none.
    #[gauge(unit = "1")]
    pub struct constant_level {}

    /// Has a label that is constant elsewhere.
    #[gauge(unit = "1")]
    pub struct constant_zone {
        zone: Text,
    }
}

#[emits(constant::constant_score, constant::constant_level, constant::constant_zone)]
fn record_constant() {
    let of = fixtures::contracts::Text::new;
    for (color, text) in [(Color::Red, "constant-a"), (Color::Red, "constant-b")] {
        constant::constant_score { color, text: of(text) }.observe(0.25);
    }
    constant::constant_level {}.set(7);
    constant::constant_zone { zone: of("its own") }.set(8);
}

#[test]
fn constant_labels_are_on_every_series_once() {
    record_constant();
    let encoder = text::Encoder::new().constant_label("service", "a \"b\"").expect("a label");
    let encoder = encoder.constant_label("zone", "eu").expect("a label");
    let page = encoder.encode(&constant::CONTRACT);
    let samples: Vec<_> = page.lines().filter(|line| line.starts_with("constant_")).collect();
    let both = r#"service="a \"b\"",zone="eu""#;
    let expected = [
        format!(r#"constant_score_bucket{{{both},color="red",text="constant-a",le="0.5"}} 1"#),
        format!(r#"constant_score_bucket{{{both},color="red",text="constant-a",le="+Inf"}} 1"#),
        format!(r#"constant_score_sum{{{both},color="red",text="constant-a"}} 0.25"#),
        format!(r#"constant_score_count{{{both},color="red",text="constant-a"}} 1"#),
        format!(r#"constant_score_bucket{{{both},color="red",text="constant-b",le="0.5"}} 1"#),
        format!(r#"constant_score_bucket{{{both},color="red",text="constant-b",le="+Inf"}} 1"#),
        format!(r#"constant_score_sum{{{both},color="red",text="constant-b"}} 0.25"#),
        format!(r#"constant_score_count{{{both},color="red",text="constant-b"}} 1"#),
        format!(r#"constant_level{{{both}}} 7"#),
        r#"constant_zone{service="a \"b\"",zone="its own"} 8"#.to_owned(),
    ];
    assert_eq!(samples, expected);
    assert!(page.contains(&format!("orchq_metrics_contract_info{{{both},contract=\"constant-labels\"")), "{page}");
}

#[test]
fn a_registry_has_the_same_constant_labels() {
    #[contract(name = "constant-registry", version = "1.0.0")]
    mod shop {
        /// Level.
        #[gauge(unit = "1")]
        pub struct constant_registry_level {}
    }
    #[emits(shop::constant_registry_level)]
    fn record() {
        shop::constant_registry_level {}.set(3);
    }
    record();
    let labeled = |names: [&str; 2], service: &str| {
        let value = |name| if name == "version" { "9" } else { service };
        names
            .iter()
            .fold(text::Encoder::new(), |encoder, name| encoder.constant_label(name, value(*name)).expect("a label"))
    };
    let desk = labeled(["version", "service"], "desk");
    let registry = prometheus::Registry::new();
    desk.register(&[&shop::CONTRACT], &registry).expect("an empty registry");
    for page in [gathered(&registry), desk.encode(&shop::CONTRACT)] {
        assert!(page.contains(r#"constant_registry_level{version="9",service="desk"} 3"#), "{page}");
        // What the family of the contract has itself, stays.
        let info = r#"_contract_info{service="desk",contract="constant-registry",version="1.0.0""#;
        assert!(page.contains(info), "{page}");
    }

    let error = |result: prometheus::Result<()>| match result {
        Err(prometheus::Error::Msg(message)) => message,
        other => panic!("an error with a message, not {other:?}"),
    };
    let refused = error(labeled(["service", "version"], "till").register(&[&read::CONTRACT], &registry));
    let expected = r#"cannot register a contract with the constant labels {"service": "till", "version": "9"}: the registry serves another one with the constant labels {"service": "desk", "version": "9"}; register both through one `text::Encoder`"#;
    assert_eq!(refused, expected);
    let refused = error(read::CONTRACT.register(&registry));
    assert!(
        refused.starts_with("cannot register a contract without constant labels: the registry serves"),
        "{refused}"
    );
    let zone = text::Encoder::new().constant_label("zone", "eu").expect("a label");
    let refused = error(zone.register(&[&constant::CONTRACT], &prometheus::Registry::new()));
    let expected = "cannot register with the constant label `zone`: the metric `constant_zone` (tests/suite/served.rs:";
    assert!(refused.starts_with(expected), "{refused}");
    // In another order they are the same.
    labeled(["service", "version"], "desk").register(&[&read::CONTRACT], &registry).expect("the same labels");
}

/// Levels that functions record before each read.
#[contract(name = "on-scrape", version = "1.0.0")]
mod read {
    /// How often the function ran.
    #[gauge(unit = "1")]
    pub struct read_times {}

    /// The order in which functions ran, as digits.
    #[gauge(unit = "1")]
    pub struct read_order {}
}

/// The same registry has another contract.
#[contract(name = "on-scrape-other", version = "1.0.0")]
mod read_other {
    /// How often the function ran.
    #[gauge(unit = "1")]
    pub struct read_other_times {}
}

#[emits(read::read_times)]
fn count_read() {
    read::read_times {}.inc();
}

#[emits(read_other::read_other_times)]
fn count_other() {
    read_other::read_other_times {}.inc();
}

/// Appends a digit to the level.
fn append(digit: i64) -> impl Fn() + Send + Sync {
    #[emits(read::read_order)]
    fn set(level: i64) {
        read::read_order {}.set(level);
    }

    move || {
        let before = read::CONTRACT.snapshot().value(read::read_order {}).expect("it has a site");
        set(before as i64 * 10 + digit);
    }
}

/// Everything about these functions is in one test: they are global, and every scrape of the contract runs them.
#[test]
fn functions_run_once_before_each_read_in_order() {
    let (contract, other) = (&read::CONTRACT, &read_other::CONTRACT);
    let times = contract.on_scrape(count_read);
    let registry = Registry::new();
    contract.register(&registry).expect("an empty registry");
    other.register(&registry).expect("another contract");
    other.on_scrape(count_other);
    let line = |page: &str, metric: &str| {
        let line = page.lines().find(|line| line.starts_with(metric)).unwrap_or_else(|| panic!("{page}"));
        line.rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!(line(&text::encode(contract), "read_times"), "1");
    // Once for a page of both, for one that names it twice, and for a registry of both.
    let page = text::encode(&[contract, other, contract]);
    assert_eq!((line(&page, "read_times"), line(&page, "read_other_times")), ("2".into(), "1".into()));
    let page = gathered(&registry);
    assert_eq!((line(&page, "read_times"), line(&page, "read_other_times")), ("3".into(), "2".into()));
    assert_eq!(contract.snapshot().value(read::read_times {}), Some(3.0), "a snapshot runs nothing");

    // One that panics, and one that reads itself, do not disturb the others; all run in the order of registration.
    let functions = [
        contract.on_scrape(append(1)),
        contract.on_scrape(|| panic!("a function before a scrape, on purpose")),
        contract.on_scrape(|| assert!(text::encode(&read::CONTRACT).contains("read_order 1\n"))),
        contract.on_scrape(append(2)),
    ];
    let page = text::encode(contract);
    assert_eq!((line(&page, "read_order"), line(&page, "read_times")), ("12".into(), "4".into()));
    let panics = r#"orchq_metrics_on_scrape_panics_total{contract="on-scrape"}"#;
    assert_eq!(line(&page, panics), "1");

    functions.into_iter().for_each(|function| function.remove());
    let page = text::encode(contract);
    assert_eq!(
        (line(&page, "read_order"), line(&page, "read_times"), line(&page, panics)),
        ("12".into(), "5".into(), "1".into())
    );
    // Dropping what `on_scrape` gives removes nothing.
    drop(times);
    assert_eq!(line(&text::encode(contract), "read_times"), "6");
}

/// A module with a contract of this name, which defines the same metrics as its twin.
macro_rules! twin {
    ($module:ident, $name:literal) => {
        mod $module {
            use super::*;

            #[contract(name = $name, version = "1.0.0")]
            pub(super) mod metrics {
                use super::*;

                /// Of both.
                #[gauge(unit = "1")]
                pub struct served_shared_level {}

                /// Of both, by color.
                #[gauge(unit = "1")]
                pub struct served_shared_levels {
                    color: Color,
                }
            }

            #[emits(metrics::served_shared_level, metrics::served_shared_levels)]
            pub(super) fn record(color: Color, level: i64) {
                metrics::served_shared_level {}.set(level);
                metrics::served_shared_levels { color }.set(level);
            }
        }
    };
}

twin!(twin, "served-twin");
twin!(other_twin, "served-other-twin");

#[test]
fn a_zero_of_one_contract_does_not_hide_the_level_of_another() {
    other_twin::record(Color::Red, 7);
    let contracts = [&twin::metrics::CONTRACT, &other_twin::metrics::CONTRACT];
    let registry = Registry::new();
    twin::metrics::CONTRACT.register(&registry).expect("a registry without metrics");
    other_twin::metrics::CONTRACT.register(&registry).expect("the same definitions");
    let expect = |series: &str| {
        for page in [text::encode(&contracts), gathered(&registry)] {
            assert!(page.lines().any(|line| line == series), "{series} in {page}");
        }
    };
    expect("served_shared_level 7");
    expect(r#"served_shared_levels{color="red"} 7"#);
    // Of two levels, the first contract's.
    twin::record(Color::Red, 5);
    expect("served_shared_level 5");
    expect(r#"served_shared_levels{color="red"} 5"#);
}
