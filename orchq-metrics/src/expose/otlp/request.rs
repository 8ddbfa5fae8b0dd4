//! The families of a scrape as OTLP requests.

use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, Sum, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;

use super::config::Config;
use super::start_times::StartTimes;
use crate::contract::Contract;
use crate::declare::desc::MetricKind;
use crate::declare::ucum;
use crate::expose::families::{self, FamilyData, SeriesData, Value};
use crate::store;

/// A request, and the number of its data points.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) request: ExportMetricsServiceRequest,
    pub(super) points: u64,
}

/// Makes requests of what contracts recorded.
#[derive(Debug)]
pub(super) struct Collection {
    contracts: Vec<&'static Contract>,
    resource: Arc<Resource>,
    max_bytes: usize,
    start_times: StartTimes,
}

impl Collection {
    pub(super) fn new(contracts: &[&'static Contract], config: &Config, started_at: SystemTime) -> Self {
        let attributes = config.resource.iter().map(|(key, value)| attribute(key, value)).collect();
        let resource = Arc::new(Resource { attributes, ..Resource::default() });
        let (contracts, max_bytes) = (contracts.to_vec(), config.max_request_bytes);
        Self { contracts, resource, max_bytes, start_times: StartTimes::new(started_at) }
    }

    /// Everything that was recorded until now, in requests of at most the configured length.
    pub(super) fn collect(&mut self) -> Vec<Batch> {
        families::begin(&self.contracts);
        // The values are those of now, not of when the functions before a scrape began.
        let time = self.start_times.begin(SystemTime::now());
        let mut batches = Batches::new(Arc::clone(&self.resource), self.max_bytes);
        let shards = store::all_shards();
        for served in families::served(&self.contracts) {
            let desc = served.desc;
            // By address: two contracts may share the name.
            let declares = |contract: &&&Contract| contract.metrics().any(|declared| std::ptr::eq(declared, desc));
            let version = self.contracts.iter().find(declares).map_or("", |contract| contract.version());
            let scope = scope(desc.contract, version);
            let unit = ucum::unit(served.name, desc.kind, desc.unit.as_str());
            self.family(served.gather(&shards), &unit, &scope, time, &mut batches);
        }
        let own = scope(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        for family in families::own(&self.contracts) {
            let unit = if family.name.ends_with("_seconds") { "s" } else { "" };
            self.family(family, unit, &own, time, &mut batches);
        }
        self.start_times.end();
        batches.finish()
    }

    fn family(
        &mut self,
        family: FamilyData,
        unit: &str,
        scope: &InstrumentationScope,
        time: u64,
        batches: &mut Batches,
    ) {
        let metric = empty(&family, unit);
        let FamilyData { name, kind, buckets, series, .. } = family;
        for SeriesData { labels, generation, value } in series {
            let attributes = labels.iter().map(|(name, value)| attribute(name, value)).collect();
            let start = match kind {
                MetricKind::Gauge => 0,
                _ => self.start_times.start((name, labels), generation, value.number()),
            };
            batches.push(scope, &metric, point(attributes, value, buckets, start, time));
        }
    }
}

fn attribute(key: &str, value: &str) -> KeyValue {
    let value = Some(AnyValue { value: Some(any_value::Value::StringValue(value.to_owned())) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}

/// One data point, of either form.
enum Point {
    Number(NumberDataPoint),
    Histogram(HistogramDataPoint),
}

fn point(attributes: Vec<KeyValue>, value: Value, buckets: &[f64], start: u64, time: u64) -> Point {
    let value = match value {
        Value::Integer(n) => match i64::try_from(n) {
            Ok(n) => number_data_point::Value::AsInt(n),
            Err(_) => number_data_point::Value::AsDouble(n as f64),
        },
        Value::Float(n) => number_data_point::Value::AsDouble(n),
        Value::Histogram { counts, sum } => {
            return Point::Histogram(HistogramDataPoint {
                attributes,
                start_time_unix_nano: start,
                time_unix_nano: time,
                count: counts.iter().sum(),
                // The protocol forbids a sum that can go down. Units that can be negative seldom are, so the sum is
                // left out only if the bounds, or the sum itself, show it.
                sum: (sum >= 0.0 && buckets.iter().all(|bound| *bound >= 0.0)).then_some(sum),
                bucket_counts: counts,
                explicit_bounds: buckets.to_vec(),
                ..HistogramDataPoint::default()
            });
        }
    };
    Point::Number(NumberDataPoint {
        attributes,
        start_time_unix_nano: start,
        time_unix_nano: time,
        value: Some(value),
        ..NumberDataPoint::default()
    })
}

fn scope(name: &str, version: &str) -> InstrumentationScope {
    InstrumentationScope { name: name.to_owned(), version: version.to_owned(), ..InstrumentationScope::default() }
}

/// A family without its data points.
fn empty(family: &FamilyData, unit: &str) -> Metric {
    let aggregation_temporality = AggregationTemporality::Cumulative.into();
    let data = match family.kind {
        MetricKind::Counter => {
            metric::Data::Sum(Sum { data_points: Vec::new(), aggregation_temporality, is_monotonic: true })
        }
        MetricKind::Gauge => metric::Data::Gauge(Gauge { data_points: Vec::new() }),
        MetricKind::Histogram => {
            metric::Data::Histogram(Histogram { data_points: Vec::new(), aggregation_temporality })
        }
    };
    Metric {
        name: family.name.to_owned(),
        description: family.help.clone().into_owned(),
        unit: unit.to_owned(),
        data: Some(data),
        ..Metric::default()
    }
}

/// Requests under construction.
struct Batches {
    resource: Arc<Resource>,
    max_bytes: usize,
    done: Vec<Batch>,
    scopes: Vec<ScopeMetrics>,
    points: u64,
    bytes: usize,
}

/// The most bytes that the lengths and tags around a message take.
const FRAME: usize = 12;

impl Batches {
    fn new(resource: Arc<Resource>, max_bytes: usize) -> Self {
        let bytes = resource.encoded_len() + FRAME;
        Self { resource, max_bytes, done: Vec::new(), scopes: Vec::new(), points: 0, bytes }
    }

    fn push(&mut self, scope: &InstrumentationScope, metric: &Metric, point: Point) {
        let length = FRAME
            + match &point {
                Point::Number(point) => point.encoded_len(),
                Point::Histogram(point) => point.encoded_len(),
            };
        if self.points > 0 && self.bytes + length > self.max_bytes {
            self.cut();
        }
        self.bytes += length;
        self.points += 1;
        match (self.data_of(scope, metric), point) {
            (Some(metric::Data::Sum(sum)), Point::Number(point)) => sum.data_points.push(point),
            (Some(metric::Data::Gauge(gauge)), Point::Number(point)) => gauge.data_points.push(point),
            (Some(metric::Data::Histogram(histogram)), Point::Histogram(point)) => histogram.data_points.push(point),
            _ => unreachable!("a family's series have the form of its kind"),
        }
    }

    /// Where the data points of a family go in the current request.
    fn data_of(&mut self, scope: &InstrumentationScope, metric: &Metric) -> Option<&mut metric::Data> {
        if self.scopes.last().is_none_or(|last| last.scope.as_ref() != Some(scope)) {
            let scope = ScopeMetrics { scope: Some(scope.clone()), ..ScopeMetrics::default() };
            self.bytes += scope.encoded_len() + FRAME;
            self.scopes.push(scope);
        }
        let metrics = &mut self.scopes.last_mut()?.metrics;
        if metrics.last().is_none_or(|last| last.name != metric.name) {
            self.bytes += metric.encoded_len() + FRAME;
            metrics.push(metric.clone());
        }
        metrics.last_mut()?.data.as_mut()
    }

    fn cut(&mut self) {
        let metrics = ResourceMetrics {
            resource: Some(Resource::clone(&self.resource)),
            scope_metrics: std::mem::take(&mut self.scopes),
            ..ResourceMetrics::default()
        };
        let request = ExportMetricsServiceRequest { resource_metrics: vec![metrics] };
        self.done.push(Batch { request, points: std::mem::take(&mut self.points) });
        self.bytes = self.resource.encoded_len() + FRAME;
    }

    fn finish(mut self) -> Vec<Batch> {
        if self.points > 0 {
            self.cut();
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(buckets: &[f64], sum: f64) -> Option<f64> {
        let value = Value::Histogram { counts: vec![1; buckets.len() + 1], sum };
        match point(Vec::new(), value, buckets, 1, 2) {
            Point::Histogram(point) => point.sum,
            Point::Number(_) => panic!("a histogram"),
        }
    }

    #[test]
    fn a_sum_that_can_go_down_is_left_out() {
        assert_eq!(sum(&[0.0, 1.0], 2.5), Some(2.5));
        assert_eq!(sum(&[-1.0, 1.0], 2.5), None);
        assert_eq!(sum(&[1.0, 2.0], -5.0), None);
    }

    #[test]
    fn a_count_beyond_whole_numbers_is_a_real_one() {
        let number = |n| match point(Vec::new(), Value::Integer(n), &[], 1, 2) {
            Point::Number(point) => point.value,
            Point::Histogram(_) => panic!("a number"),
        };
        assert_eq!(number(i64::MAX as u64), Some(number_data_point::Value::AsInt(i64::MAX)));
        assert_eq!(number(u64::MAX), Some(number_data_point::Value::AsDouble(u64::MAX as f64)));
    }
}
