//! Collectors of the `prometheus` crate, adopted: what the self-check compares and each scrape checks.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use fixtures::adopted::metrics::*;
use fixtures::adopted::{count, count_twice, observe, reject, set_usage};
use orchq_metrics::{Coverage, Rung, Severity, contract, text};
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry};

fn counter(name: &str, labels: &[&str]) -> IntCounterVec {
    IntCounterVec::new(Opts::new(name, "Of another library."), labels).expect("valid")
}

/// The findings about a metric, as rule and message.
fn findings(coverage: &Coverage, metric: &str) -> Vec<(String, String)> {
    let about = coverage.findings.iter().filter(|finding| finding.subject == metric);
    about.map(|finding| (finding.rule.to_string(), finding.message.clone())).collect()
}

fn rules(metric: &str) -> Vec<String> {
    findings(&CONTRACT.coverage(), metric).into_iter().map(|(rule, _)| rule).collect()
}

fn rung(metric: &str) -> Rung {
    CONTRACT.coverage().metric(metric).expect("declared").rung
}

/// The violations of a metric in a scrape, which is another check of every adopted collector.
fn violations(page: &str, metric: &str, kind: &str) -> u64 {
    let series = format!("orchq_metrics_violations_total{{metric=\"{metric}\",kind=\"{kind}\"}} ");
    page.lines().find_map(|line| line.strip_prefix(&series)).map_or(0, |count| count.parse().expect("a count"))
}

/// How many violations a scrape adds, where other tests scrape at the same time: at least `least` of them.
#[track_caller]
fn assert_counts(metric: &str, kind: &str, least: u64) {
    let before = violations(&text::encode(&CONTRACT), metric, kind);
    let after = violations(&text::encode(&CONTRACT), metric, kind);
    assert!(least == 0 && after == 0 || least > 0 && after >= before + least, "{metric} {kind}: {before}, {after}");
}

#[test]
fn samples_are_hits_and_values_outside_a_closed_set_are_violations() {
    let rejected = counter("adopted_rejected_total", &["reason", "engine"]);
    CONTRACT.adopt::<adopted_rejected_total>(&rejected);
    // A vector without series has names, which are compared, and a kind.
    assert_eq!(rules("adopted_rejected_total"), [""; 0]);
    rejected.with_label_values(&["INVALID", "tgi"]);
    assert_eq!(rung("adopted_rejected_total"), Rung::Linked, "a counter at zero was never recorded");
    let line = CONTRACT.coverage().to_string();
    assert!(line.contains("    1 collector adopted, which its own registry serves\n"), "{line}");

    reject(&rejected, "QUEUE_FULL", "vllm");
    assert_eq!(rung("adopted_rejected_total"), Rung::Hit);
    assert_counts("adopted_rejected_total", "unknown_value", 0);
    reject(&rejected, "INTERNAL", "vllm-typo");
    reject(&rejected, "INTERNAL", "vllm");
    // One for each wrong label of each wrong series.
    assert_counts("adopted_rejected_total", "unknown_value", 3);
    reject(&rejected, "", "vllm");
    assert_counts("adopted_rejected_total", "wrong_labels", 1);

    // Through a registry, beside the collector itself, the same.
    let registry = Registry::new();
    registry.register(Box::new(rejected.clone())).expect("an empty registry");
    CONTRACT.register(&registry).expect("the name is the collector's");
    let gathered = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).expect("valid");
    assert!(violations(&gathered, "adopted_rejected_total", "unknown_value") >= 9, "{gathered}");
    assert!(gathered.contains("adopted_rejected_total{engine=\"vllm-typo\",reason=\"INTERNAL\"} 1\n"));

    // A reset does not undo what was recorded.
    rejected.reset();
    assert_eq!(rung("adopted_rejected_total"), Rung::Hit);
    let check = CONTRACT.check().expect_unhit::<adopted_rejected_total>("nothing rejects here");
    assert_eq!(findings(&check.coverage(), "adopted_rejected_total")[0].0, "stale-exemption");
}

#[test]
fn values_out_of_range_are_violations() {
    let usage = GaugeVec::new(Opts::new("adopted_usage_ratio", "Usage."), &["engine"]).expect("valid");
    CONTRACT.adopt::<adopted_usage_ratio>(&usage);
    set_usage(&usage, "vllm", 0.5);
    for kind in ["nan", "infinite", "negative", "out_of_range"] {
        assert_counts("adopted_usage_ratio", kind, 0);
    }
    for (level, kind) in [(90.0, "out_of_range"), (-0.1, "negative"), (f64::NAN, "nan"), (f64::INFINITY, "infinite")] {
        set_usage(&usage, "tgi", level);
        assert_counts("adopted_usage_ratio", kind, 1);
    }
    assert_eq!(rung("adopted_usage_ratio"), Rung::Hit);
}

#[test]
fn buckets_and_the_mean_of_a_histogram_are_checked() {
    let opts = |buckets: &[f64]| HistogramOpts::new("adopted_score", "Scores.").buckets(buckets.to_vec());
    let scores = |buckets| HistogramVec::new(opts(buckets), &["engine"]).expect("valid");
    let right = scores(&[0.1, 0.5]);
    CONTRACT.adopt::<adopted_score>(&right);
    observe(&right, "vllm", 0.5);
    assert_eq!((rules("adopted_score"), rung("adopted_score")), (Vec::new(), Rung::Hit));
    assert_counts("adopted_score", "wrong_buckets", 0);
    assert_counts("adopted_score", "out_of_range", 0);
    observe(&right, "vllm", 7.0);
    assert_counts("adopted_score", "out_of_range", 1);

    let wrong = scores(&[1.0, 2.0]);
    CONTRACT.adopt::<adopted_score>(&wrong);
    // Its buckets are not known before it has a series.
    assert_eq!(rules("adopted_score"), [""; 0]);
    observe(&wrong, "vllm", 0.5);
    let [(rule, message)] = &findings(&CONTRACT.coverage(), "adopted_score")[..] else { panic!("one") };
    assert_eq!(rule, "adopted-collector-differs");
    assert!(message.ends_with(" has the buckets 1, 2"), "{message}");
    assert_counts("adopted_score", "wrong_buckets", 1);
}

#[test]
fn labels_and_kind_are_compared_before_there_is_a_series() {
    let line = line!() + 1;
    CONTRACT.adopt::<adopted_wrong_total>(&counter("adopted_wrong_total", &["reason", "motor"]));
    let error = CONTRACT.self_check().expect_err("the labels differ");
    let [(rule, message)] = &findings(&error.coverage, "adopted_wrong_total")[..] else { panic!("one: {error}") };
    assert_eq!(rule, "adopted-collector-differs");
    let expected = format!(
        "the collector adopted at tests/suite/adopted.rs:{line} lacks `engine` and has the unknown label `motor`"
    );
    assert_eq!(*message, expected);
    let help = "  help: give it what the contract declares: a counter with the labels reason, engine\n";
    assert!(error.to_string().contains(help), "{error}");

    let opts = Opts::new("adopted_wrong_total", "A gauge.");
    let gauge = IntGaugeVec::new(opts, &["engine", "reason"]).expect("valid");
    CONTRACT.adopt::<adopted_wrong_total>(&gauge);
    let [(_, message), (order, _)] = &findings(&CONTRACT.coverage(), "adopted_wrong_total")[..] else { panic!("two") };
    assert!(message.ends_with(" is a gauge"), "{message}");
    assert_eq!(order, "extern-list-differs");
    gauge.with_label_values(&["vllm", "INVALID"]).set(1);
    assert_counts("adopted_wrong_total", "wrong_kind", 1);

    CONTRACT.adopt::<adopted_wrong_total>(&counter("adopted_wrong", &["reason", "engine"]));
    let coverage = CONTRACT.coverage();
    let messages: Vec<_> = findings(&coverage, "adopted_wrong_total").into_iter().map(|(_, message)| message).collect();
    assert!(messages.iter().any(|text| text.ends_with(" has `adopted_wrong`, and not `adopted_wrong_total`")));
}

#[test]
fn labels_in_another_order_than_the_list_are_a_warning() {
    CONTRACT.adopt::<adopted_order_total>(&counter("adopted_order_total", &["engine", "reason"]));
    let coverage = CONTRACT.coverage();
    let [(rule, message)] = &findings(&coverage, "adopted_order_total")[..] else { panic!("one: {coverage}") };
    assert_eq!(rule, "extern-list-differs");
    assert!(message.contains(" fixtures::adopted::reject "), "{message}");
    let end = "has `engine`, `reason` in this order, so that values passed by position are swapped";
    assert!(message.ends_with(end), "{message}");
    let finding = coverage.findings.iter().find(|finding| finding.subject == "adopted_order_total");
    assert_eq!(finding.map(|finding| finding.severity), Some(Severity::Warning));
}

/// Two families behind one collector, which counts how often it is collected.
#[derive(Clone)]
struct Two {
    first: IntCounterVec,
    second: IntGaugeVec,
    collected: Arc<AtomicU64>,
}

impl Collector for Two {
    fn desc(&self) -> Vec<&Desc> {
        self.first.desc().into_iter().chain(self.second.desc()).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.collected.fetch_add(1, Relaxed);
        self.first.collect().into_iter().chain(self.second.collect()).collect()
    }
}

#[test]
fn a_collector_of_several_families_is_adopted_by_name_and_collected_once() {
    let second = IntGaugeVec::new(Opts::new("adopted_second", "A gauge."), &["engine"]).expect("valid");
    let two = Two { first: counter("adopted_first_total", &["engine"]), second, collected: Arc::default() };
    CONTRACT.adopt::<adopted_first_total>(&two);
    CONTRACT.adopt::<adopted_second>(&two);
    assert_eq!((rules("adopted_first_total"), rules("adopted_second")), (Vec::new(), Vec::new()));
    two.second.with_label_values(&["vllm"]).set(0);
    // The code that records made the series, and its level may have been set to zero.
    assert_eq!((rung("adopted_first_total"), rung("adopted_second")), (Rung::Linked, Rung::Hit));
    count(&two.first, "tgi");
    assert_eq!(rung("adopted_first_total"), Rung::Hit);
    // Other tests scrape at the same time, but not this often.
    let before = two.collected.load(Relaxed);
    for _ in 0..200 {
        let _page = text::encode(&CONTRACT);
    }
    let scrapes = two.collected.load(Relaxed) - before;
    assert!((200..400).contains(&scrapes), "{scrapes}");
}

#[test]
fn constant_labels_count_as_labels_and_keep_collectors_apart() {
    let with = |engine: &str| {
        let constants = HashMap::from([("engine".to_owned(), engine.to_owned())]);
        let opts = Opts::new("adopted_constant_total", "Constant.").const_labels(constants);
        IntCounterVec::new(opts, &["reason"]).expect("valid")
    };
    let (vllm, tgi) = (with("vllm"), with("tgi-typo"));
    CONTRACT.adopt::<adopted_constant_total>(&vllm);
    CONTRACT.adopt::<adopted_constant_total>(&tgi);
    // The list names the constant label, which `with_label_values` does not take.
    assert_eq!(rules("adopted_constant_total"), [""; 0]);
    assert_eq!(CONTRACT.coverage().metric("adopted_constant_total").expect("declared").adopted, 2);
    tgi.with_label_values(&["INVALID"]).inc();
    assert_counts("adopted_constant_total", "unknown_value", 1);
}

#[test]
fn the_last_collector_of_a_name_is_the_one_that_counts() {
    for _ in 0..100 {
        CONTRACT.adopt::<adopted_again_total>(&counter("adopted_again_total", &["engine"]));
    }
    let last = counter("adopted_again_total", &["engine"]);
    CONTRACT.adopt::<adopted_again_total>(&last);
    CONTRACT.adopt::<adopted_again_total>(&last.clone());
    assert_eq!(CONTRACT.coverage().metric("adopted_again_total").expect("declared").adopted, 1);
    count(&last, "vllm");
    assert_eq!(rung("adopted_again_total"), Rung::Hit);
}

/// Describes its family and panics when it is collected.
#[derive(Clone)]
struct Panics(IntCounterVec);

impl Collector for Panics {
    fn desc(&self) -> Vec<&Desc> {
        self.0.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        panic!("no {} here", "numbers")
    }
}

#[test]
fn a_collector_that_panics_does_not_end_the_scrape() {
    CONTRACT.adopt::<adopted_panic_total>(&Panics(counter("adopted_panic_total", &["engine"])));
    let [(rule, message)] = &findings(&CONTRACT.coverage(), "adopted_panic_total")[..] else { panic!("one") };
    assert_eq!(rule, "adopted-collector-differs");
    assert!(message.ends_with(" panicked when it was collected: no numbers here"), "{message}");
    assert_counts("adopted_panic_total", "panicked", 1);
}

#[test]
fn a_metric_without_an_adopted_collector_is_taken_on_trust_and_does_not_fail() {
    let coverage = CONTRACT.coverage();
    let finding = coverage.findings.iter().find(|finding| finding.subject == "adopted_by_nobody_total");
    let finding = finding.expect("it is reported");
    assert_eq!((&*finding.rule, finding.severity), ("taken-on-trust", Severity::Note));
    assert!(finding.message.contains(" fixtures::adopted::count "), "{finding}");
    assert!(finding.help.contains("`CONTRACT.adopt::<adopted_by_nobody_total>(&collector)`"), "{finding}");
}

#[test]
fn adoption_is_not_an_annotation() {
    let vector = counter("adopted_without_site_total", &["reason", "engine"]);
    vector.with_label_values(&["INVALID", "tgi"]).inc();
    CONTRACT.adopt::<adopted_without_site_total>(&vector);
    let coverage = CONTRACT.coverage();
    assert_eq!(coverage.metric("adopted_without_site_total").expect("declared").rung, Rung::Declared);
    let [(rule, _)] = &findings(&coverage, "adopted_without_site_total")[..] else { panic!("one: {coverage}") };
    assert_eq!(rule, "metric-without-site");
    let entry = "`#[emits(extern adopted_without_site_total { reason, engine })]`";
    assert!(coverage.to_string().contains(entry), "{coverage}");
    // Its name is left to the collector all the same.
    let registry = Registry::new();
    CONTRACT.register(&registry).expect("an empty registry");
    registry.register(Box::new(vector)).expect("not claimed");
}

#[contract(name = "other", version = "1.0.0")]
mod other {
    /// Of another contract.
    #[gauge(unit = "1")]
    pub struct adopted_elsewhere {}
}

#[test]
fn a_metric_of_another_contract_and_one_that_is_recorded_here_too_are_found() {
    let calls = Gauge::new("adopted_elsewhere", "Of another contract.").expect("valid");
    other::CONTRACT.adopt::<adopted_twice_total>(&calls);
    let coverage = other::CONTRACT.coverage();
    let [(rule, message)] = &findings(&coverage, "adopted_twice_total")[..] else { panic!("one: {coverage}") };
    assert_eq!(rule, "adopted-collector-differs");
    assert!(message.ends_with("is adopted for it, and other 1.0.0 has no such metric"), "{message}");

    count_twice("a");
    CONTRACT.adopt::<adopted_twice_total>(&counter("adopted_twice_total", &["tenant"]));
    assert_eq!(rules("adopted_twice_total"), ["recorded-twice"]);
}
