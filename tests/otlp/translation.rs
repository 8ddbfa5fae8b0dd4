//! The names that Prometheus gives to OTLP metrics by default (`UnderscoreEscapingWithSuffixes`), after
//! <https://github.com/prometheus/otlptranslator/blob/main/metric_namer.go> and `unit_namer.go` beside it.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, Metric, NumberDataPoint, metric, number_data_point};
use orchq_metrics::scrape::{self, Format, Value};

/// Series by their names and sorted labels, as a scrape has them.
pub(super) type Series = BTreeMap<(String, BTreeMap<String, String>), f64>;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Gauge,
    MonotonicCounter,
    Other,
}

/// The name of a metric in Prometheus.
pub(super) fn name(name: &str, unit: &str, kind: Kind) -> String {
    let allowed = |char: char| char.is_ascii_alphanumeric() || char == ':';
    let mut tokens: Vec<String> =
        name.split(|char| !allowed(char)).filter(|token| !token.is_empty()).map(str::to_owned).collect();
    let (main, per) = unit.split_once('/').unwrap_or((unit, ""));
    let in_words = |unit: &str, words: &[(&str, &str)]| {
        let unit = unit.trim();
        if unit.contains(['{', '}']) {
            return String::new();
        }
        let word = words.iter().find(|(code, _)| *code == unit).map_or(unit, |(_, word)| word);
        word.replace(|char| !allowed(char), "_").trim_matches('_').to_owned()
    };
    let main = in_words(main, MAIN);
    if !main.is_empty() && !tokens.contains(&main) {
        tokens.push(main);
    }
    let per = in_words(per, PER);
    if !per.is_empty() && !tokens.contains(&format!("per_{per}")) {
        tokens.push(format!("per_{per}"));
    }
    let mut to_the_end = |word: &str| {
        tokens.retain(|token| token != word);
        tokens.push(word.to_owned());
    };
    if kind == Kind::MonotonicCounter {
        to_the_end("total");
    }
    if kind == Kind::Gauge && unit == "1" {
        to_the_end("ratio");
    }
    tokens.join("_")
}

const MAIN: &[(&str, &str)] = &[
    ("d", "days"),
    ("h", "hours"),
    ("min", "minutes"),
    ("s", "seconds"),
    ("ms", "milliseconds"),
    ("us", "microseconds"),
    ("ns", "nanoseconds"),
    ("By", "bytes"),
    ("KiBy", "kibibytes"),
    ("MiBy", "mebibytes"),
    ("KBy", "kilobytes"),
    ("MBy", "megabytes"),
    ("m", "meters"),
    ("V", "volts"),
    ("A", "amperes"),
    ("J", "joules"),
    ("W", "watts"),
    ("g", "grams"),
    ("Cel", "celsius"),
    ("Hz", "hertz"),
    ("1", ""),
    ("%", "percent"),
];

const PER: &[(&str, &str)] = &[("s", "second"), ("m", "minute"), ("h", "hour"), ("d", "day"), ("w", "week")];

/// The series of a metric in Prometheus.
pub(super) fn series(metric: &Metric) -> Series {
    let mut all = Series::new();
    match metric.data.as_ref().expect("a metric has data") {
        metric::Data::Gauge(gauge) => {
            numbers(&name(&metric.name, &metric.unit, Kind::Gauge), &gauge.data_points, &mut all)
        }
        metric::Data::Sum(sum) => {
            let kind = if sum.is_monotonic { Kind::MonotonicCounter } else { Kind::Gauge };
            numbers(&name(&metric.name, &metric.unit, kind), &sum.data_points, &mut all);
        }
        metric::Data::Histogram(histogram) => {
            let name = name(&metric.name, &metric.unit, Kind::Other);
            histogram.data_points.iter().for_each(|point| buckets(&name, point, &mut all));
        }
        other => panic!("nothing sends {other:?}"),
    }
    all
}

fn numbers(name: &str, points: &[NumberDataPoint], all: &mut Series) {
    for point in points {
        let value = match point.value.expect("a point has a value") {
            number_data_point::Value::AsInt(n) => n as f64,
            number_data_point::Value::AsDouble(n) => n,
        };
        insert(all, name.to_owned(), labels(&point.attributes), value);
    }
}

fn buckets(name: &str, point: &HistogramDataPoint, all: &mut Series) {
    assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
    let mut total = 0;
    let bounds = point.explicit_bounds.iter().copied().chain([f64::INFINITY]);
    for (upper, count) in bounds.zip(&point.bucket_counts) {
        total += count;
        let mut labels = labels(&point.attributes);
        labels.insert("le".to_owned(), bound(upper));
        insert(all, format!("{name}_bucket"), labels, total as f64);
    }
    assert_eq!(total, point.count);
    insert(all, format!("{name}_count"), labels(&point.attributes), point.count as f64);
    if let Some(sum) = point.sum {
        insert(all, format!("{name}_sum"), labels(&point.attributes), sum);
    }
}

fn insert(all: &mut Series, name: String, labels: BTreeMap<String, String>, value: f64) {
    let twice = all.insert((name, labels), value);
    assert_eq!(twice, None, "a series comes once");
}

fn labels(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let label = |attribute: &KeyValue| match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(any_value::Value::StringValue(value)) => (attribute.key.clone(), value.clone()),
        other => panic!("a label is text, not {other:?}"),
    };
    attributes.iter().map(label).collect()
}

/// The series of a scrape.
pub(super) fn scraped(page: &str) -> Series {
    let mut all = Series::new();
    for family in scrape::families(page, Some(Format::Text)).unwrap() {
        for series in &family.series {
            let labels: BTreeMap<_, _> = series.labels.iter().cloned().collect();
            match &series.value {
                Value::Number(number) => insert(&mut all, family.name.clone(), labels, *number),
                Value::Histogram(histogram) => {
                    for (le, count) in &histogram.bounds {
                        let mut labels = labels.clone();
                        labels.insert("le".to_owned(), bound(*le));
                        insert(&mut all, format!("{}_bucket", family.name), labels, *count);
                    }
                    insert(&mut all, format!("{}_count", family.name), labels.clone(), histogram.count.unwrap());
                    insert(&mut all, format!("{}_sum", family.name), labels, histogram.sum.unwrap());
                }
                _ => panic!("a contract has no summaries"),
            }
        }
    }
    all
}

fn bound(bound: f64) -> String {
    if bound.is_infinite() { "+Inf".to_owned() } else { bound.to_string() }
}
