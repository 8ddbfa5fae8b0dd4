//! The content of a request.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric};
use orchq_metrics::v1::{
    self, CancelReason, Engine, EngineBuild, Model, Policy, Pool, RejectReason, Replica,
    admission_backpressure_events_total, gpu_utilization, kv_cache_usage_ratio, latency_decode_ms,
    latency_first_token_ms, queue_depth, tasks_canceled_total, tasks_enqueued_total, tasks_rejected_total,
    tasks_started_total, tokens_in_total, tokens_out_total, vram_used_bytes,
};

use super::translation::{Kind, Series};
use super::*;

#[emits(
    tasks_enqueued_total,
    tasks_started_total,
    tasks_canceled_total,
    tasks_rejected_total,
    queue_depth,
    kv_cache_usage_ratio,
    gpu_utilization,
    vram_used_bytes,
    latency_first_token_ms,
    latency_decode_ms,
    tokens_in_total,
    tokens_out_total,
    admission_backpressure_events_total
)]
fn record_every_metric(replica: Replica) {
    let priority = v1::Priority::new("high");
    let pool = replica.pool();
    let device = v1::Device::new("0");
    tasks_enqueued_total { replica, priority }.inc_by(5);
    tasks_started_total { replica, priority }.inc_by(4);
    tasks_canceled_total { replica, reason: CancelReason::User }.inc();
    tasks_rejected_total { reason: RejectReason::InvalidParams, engine: Engine::Triton }.inc();
    queue_depth { pool, priority }.set(7);
    kv_cache_usage_ratio { replica }.set(0.25);
    gpu_utilization { replica, device }.set(87.5);
    vram_used_bytes { replica, device }.set(1 << 40);
    for milliseconds in [3, 40, 40, 900, 1_000_000] {
        latency_first_token_ms { pool, priority }.observe(Duration::from_millis(milliseconds));
        latency_decode_ms { pool, priority }.observe(Duration::from_micros(milliseconds * 1500));
    }
    tokens_in_total { replica }.inc_by(123);
    tokens_out_total { replica }.inc_by(456);
    admission_backpressure_events_total { engine: Engine::Triton, policy: Policy::Reject }.inc();
}

/// One of each kind, for the one test that asserts all of them.
#[contract(name = "otlp-tests", version = "2.3.4")]
mod bakery {
    use super::*;

    /// Orders.
    #[counter(unit = "1")]
    pub struct otlp_loaves_total {
        #[labels]
        place: Place,
    }

    /// Time open.
    #[counter(unit = "seconds")]
    pub struct otlp_open_seconds_total {
        #[labels]
        place: Place,
    }

    /// Money taken.
    #[counter(unit = "{usd}", value = f64, name = "till:otlp_taken_usd_total")]
    pub struct till_otlp_taken_usd_total {
        #[labels]
        place: Place,
    }

    /// Warmth.
    #[gauge(unit = "celsius")]
    pub struct otlp_oven_celsius {
        #[labels]
        place: Place,
    }

    /// Time to wait.
    #[histogram(unit = "seconds", buckets = [0.1, 1.0])]
    pub struct otlp_wait_seconds {
        #[labels]
        place: Place,
    }

    /// Difference to the till.
    #[histogram(unit = "volts", buckets = [-1.0, 1.0])]
    pub struct otlp_difference_volts {
        #[labels]
        place: Place,
    }
}
use bakery::*;

fn metrics(request: &ExportMetricsServiceRequest, scope: &str) -> Vec<Metric> {
    let scopes = request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    let scopes = scopes.filter(|found| found.scope.as_ref().is_some_and(|found| found.name == scope));
    scopes.flat_map(|scope| scope.metrics.clone()).collect()
}

fn pushed(name: &str) -> impl Fn(&ExportMetricsServiceRequest) -> Metric + '_ {
    move |request| metrics(request, "otlp-tests").into_iter().find(|metric| metric.name == name).unwrap()
}

#[test]
fn every_name_of_the_contract_survives_the_translation_to_prometheus() {
    let build = EngineBuild::triton("2.73.0").with_trtllm("1.2.1");
    let pool = Pool::new(build, "otlp-tests").with_model(Model::id("a\"b\\c\nd"));
    record_every_metric(Replica::new(pool, "r0"));
    for protocol in PROTOCOLS {
        let collector = Collector::new([]);
        let exporter = start(&[&v1::CONTRACT], config(&collector, protocol));
        exporter.flush(LIMIT).unwrap();
        let request = collector.received(1).remove(0).request;
        let metrics = metrics(&request, "orchqueue");
        let names = |kind: fn(&Metric) -> String| metrics.iter().map(kind).collect::<Vec<_>>();
        let contract: Vec<_> = v1::CONTRACT.metrics().map(|desc| desc.name.to_owned()).collect();
        assert_eq!(names(|metric| metric.name.clone()), contract);
        for (metric, desc) in metrics.iter().zip(v1::CONTRACT.metrics()) {
            assert_eq!(metric.description, desc.help);
        }

        // The translated series are those of the scrape, with all their labels and values. Of other tests' series
        // nothing is known.
        let own = |series: Series| -> Series {
            let own =
                |labels: &BTreeMap<String, String>| labels.get("pool_id").is_some_and(|pool| pool == "otlp-tests");
            series.into_iter().filter(|((_, labels), _)| own(labels)).collect()
        };
        let mut translated = Series::new();
        metrics.iter().for_each(|metric| translated.extend(translation::series(metric)));
        let names: BTreeSet<_> = translated.keys().map(|(name, _)| name.clone()).collect();
        for closed in ["tasks_rejected_total", "admission_backpressure_events_total"] {
            assert!(names.contains(closed), "{closed}");
        }
        let scraped = own(translation::scraped(&orchq_metrics::text::encode(&v1::CONTRACT)));
        assert_eq!(own(translated), scraped);
        // Seven counters and gauges of a replica, two of a device, the depth, and two histograms of 14 buckets.
        assert_eq!(scraped.len(), 6 + 2 + 1 + 2 * (14 + 1 + 2));
    }
}

/// The page lists the units that are sent, and the names that a receiver stores.
#[test]
fn the_page_has_the_units_that_are_sent() {
    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/serve.md");
    // A gauge that was never set is not sent, so all are set.
    record_every_metric(Replica::new(Pool::new(EngineBuild::vllm("0.33.0"), "otlp-page"), "r0"));
    let collector = Collector::new([]);
    start(&[&v1::CONTRACT], config(&collector, Protocol::Grpc)).shutdown(LIMIT).unwrap();
    let sent = metrics(&collector.received(1)[0].request, "orchqueue");
    let mut table = "\n| metric | sent as | unit | in Prometheus by default |\n| --- | --- | --- | --- |\n".to_owned();
    for metric in sent {
        let (form, kind) = match metric.data {
            Some(metric::Data::Sum(_)) => ("sum", Kind::MonotonicCounter),
            Some(metric::Data::Gauge(_)) => ("gauge", Kind::Gauge),
            _ => ("histogram", Kind::Other),
        };
        let named = translation::name(&metric.name, &metric.unit, kind);
        table.push_str(&format!("| `{}` | {form} | `{}` | `{named}` |\n", metric.name, metric.unit));
    }
    table.push('\n');
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once("<!-- translated -->\n").expect("where the table begins");
    let (_, after) = rest.split_once("<!-- end of section -->").expect("where it ends");
    let expected = format!("{before}<!-- translated -->\n{table}<!-- end of section -->{after}");
    snapbox::assert_data_eq!(expected, snapbox::Data::read_from(PAGE.as_ref(), None).raw());
}

#[test]
fn with_their_plain_units_names_would_not_survive() {
    let named = translation::name;
    assert_eq!(named("gpu_utilization", "%", Kind::Gauge), "gpu_utilization_percent");
    assert_eq!(named("latency_decode_ms", "ms", Kind::Other), "latency_decode_ms_milliseconds");
    assert_eq!(named("queue_depth", "1", Kind::Gauge), "queue_depth_ratio");
    assert_eq!(named("http.server.duration", "s", Kind::Other), "http_server_duration_seconds");
    assert_eq!(named("requests", "{request}/s", Kind::MonotonicCounter), "requests_per_second_total");
}

#[test]
fn a_request_says_whose_metrics_they_are_and_since_when() {
    let collector = Collector::new([]);
    let config = config(&collector, Protocol::Grpc).resource("service.version", "9.9");
    let exporter = start(&[&CONTRACT], config.resource("service.namespace", "night"));
    let started = nanoseconds();
    record_each_kind(place("identity"));
    exporter.flush(LIMIT).unwrap();
    let flushed = nanoseconds();
    let request = collector.received(1).remove(0).request;

    let [resource] = request.resource_metrics.as_slice() else { panic!("one resource") };
    let attributes = &resource.resource.as_ref().unwrap().attributes;
    let attribute = |key: &str| {
        let found = attributes.iter().find(|attribute| attribute.key == key).unwrap_or_else(|| panic!("no {key}"));
        format!("{:?}", found.value.as_ref().unwrap().value.as_ref().unwrap())
    };
    assert_eq!(attribute("service.name"), "StringValue(\"shop\")");
    assert_eq!(attribute("service.version"), "StringValue(\"9.9\")");
    assert_eq!(attribute("service.namespace"), "StringValue(\"night\")");
    assert!(attribute("service.instance.id").len() > 36);
    let scopes: Vec<_> = resource.scope_metrics.iter().map(|scope| scope.scope.clone().unwrap()).collect();
    assert_eq!((scopes[0].name.as_str(), scopes[0].version.as_str()), ("otlp-tests", "2.3.4"));
    assert_eq!(scopes[1].name, "orchq-metrics");

    let of = |name| pushed(name)(&request);
    let Some(metric::Data::Sum(loaves)) = of("otlp_loaves_total").data else { panic!("a sum") };
    assert!(loaves.is_monotonic);
    assert_eq!(loaves.aggregation_temporality, 2, "cumulative");
    let [loaf] = loaves.data_points.as_slice() else { panic!("one series") };
    // Counters begin with the first exporter of the process, which may be another test's.
    assert!((*BEFORE_ALL.get().unwrap()..=started).contains(&loaf.start_time_unix_nano));
    assert!((started..=flushed).contains(&loaf.time_unix_nano));
    let Some(metric::Data::Gauge(warmth)) = of("otlp_oven_celsius").data else { panic!("a gauge") };
    assert!(warmth.data_points.iter().all(|point| point.start_time_unix_nano == 0));
    let Some(metric::Data::Histogram(wait)) = of("otlp_wait_seconds").data else { panic!("a histogram") };
    assert_eq!(wait.aggregation_temporality, 2, "cumulative");
    let [wait] = wait.data_points.as_slice() else { panic!("one series") };
    assert_eq!(wait.bucket_counts, [2, 0, 1], "each bucket has its own alone");
    assert_eq!((wait.explicit_bounds.as_slice(), wait.count, wait.sum), ([0.1, 1.0].as_slice(), 3, Some(60.1)));
    assert_eq!((of("otlp_wait_seconds").unit, of("otlp_oven_celsius").unit), ("s".to_owned(), "Cel".to_owned()));
    // A sum that can go down is left out.
    let Some(metric::Data::Histogram(difference)) = of("otlp_difference_volts").data else { panic!("a histogram") };
    assert!(difference.data_points.iter().all(|point| point.sum.is_none()));
    let Some(metric::Data::Sum(open)) = of("otlp_open_seconds_total").data else { panic!("a sum") };
    assert!(format!("{:?}", open.data_points).contains("AsDouble(1.5)"));
    let Some(metric::Data::Sum(taken)) = of("till:otlp_taken_usd_total").data else { panic!("a sum") };
    let translated = translation::name("till:otlp_taken_usd_total", "{usd}", Kind::MonotonicCounter);
    assert_eq!(translated, "till:otlp_taken_usd_total");
    assert!(taken.is_monotonic && format!("{:?}", taken.data_points).contains("AsDouble(0.75)"));
}

#[emits(
    otlp_loaves_total,
    otlp_wait_seconds,
    otlp_oven_celsius,
    otlp_difference_volts,
    otlp_open_seconds_total,
    till_otlp_taken_usd_total
)]
fn record_each_kind(place: Place) {
    otlp_loaves_total { place }.inc();
    for milliseconds in [20, 80, 60_000] {
        otlp_wait_seconds { place }.observe(Duration::from_millis(milliseconds));
    }
    otlp_oven_celsius { place }.set(180.5);
    otlp_difference_volts { place }.observe(-3.0);
    otlp_open_seconds_total { place }.inc_by(Duration::from_millis(1500));
    till_otlp_taken_usd_total { place }.inc_by(0.75);
}

/// Start, time and value of a shop's orders.
fn orders(request: &ExportMetricsServiceRequest, shop: &str) -> Option<(u64, u64, u64)> {
    let Some(metric::Data::Sum(orders)) = pushed("otlp_orders_total")(request).data else { panic!("a sum") };
    let shop = format!("StringValue(\"{shop}\")");
    let point = orders.data_points.into_iter().find(|point| format!("{:?}", point.attributes).contains(&shop))?;
    let value = match point.value {
        Some(opentelemetry_proto::tonic::metrics::v1::number_data_point::Value::AsInt(value)) => value as u64,
        other => panic!("a whole number, not {other:?}"),
    };
    Some((point.start_time_unix_nano, point.time_unix_nano, value))
}

#[test]
fn a_start_time_is_fixed_and_moves_when_the_series_is_removed() {
    let (collector, all) = (Collector::new([]), orders!());
    let exporter = all.start(config(&collector, Protocol::HttpProtobuf));
    ["steady", "leaving", "leaving"].iter().for_each(|shop| all.record(shop));
    exporter.flush(LIMIT).unwrap();
    ["steady", "late"].iter().for_each(|shop| all.record(shop));
    // Between two pushes it is removed and comes back with a larger value: the value alone would not show that.
    assert!(all.contract.remove(place("leaving")) > 0);
    (0..3).for_each(|_| all.record("leaving"));
    exporter.flush(LIMIT).unwrap();
    assert!(all.contract.remove(place("leaving")) > 0);
    exporter.flush(LIMIT).unwrap();
    let requests: Vec<_> = collector.received(3).into_iter().map(|received| received.request).collect();
    let seen = |shop: &str| requests.iter().map(|request| orders(request, shop)).collect::<Vec<_>>();

    let steady: Vec<_> = seen("steady").into_iter().flatten().collect();
    assert!(steady.iter().all(|(start, ..)| *start == steady[0].0));
    assert!(steady.windows(2).all(|pair| pair[0].1 < pair[1].1));
    assert_eq!(steady.iter().map(|(.., value)| *value).collect::<Vec<_>>(), [1, 2, 2]);

    let [Some(first), Some(again), None] = seen("leaving")[..] else { panic!("{:?}", seen("leaving")) };
    assert_eq!((first.2, again.2), (2, 3));
    assert_eq!(again.0, first.1, "it was at zero after the push before");

    let [None, Some(came), Some(stayed)] = seen("late")[..] else { panic!("{:?}", seen("late")) };
    assert_eq!((came.0, stayed.0), (first.1, first.1));
}

#[test]
fn points_past_the_request_limit_go_into_further_requests() {
    let many = orders!();
    (0..500).for_each(|number| many.record(&format!("many-{number}")));
    for protocol in PROTOCOLS {
        let collector = Collector::new([]);
        many.start(config(&collector, protocol).max_request_bytes(8 << 10)).shutdown(LIMIT).unwrap();
        let received = collector.received(4);
        assert!(received.iter().all(|received| received.bytes <= 8 << 10));
        let mut all = Series::new();
        let (mut points, mut times) = (0, BTreeSet::new());
        for received in &received {
            for metric in metrics(&received.request, "otlp-tests") {
                let series = translation::series(&metric);
                points += series.len();
                all.extend(series);
                if let Some(metric::Data::Sum(sum)) = metric.data {
                    times.extend(sum.data_points.iter().map(|point| point.time_unix_nano));
                }
            }
        }
        assert_eq!((points, all.len()), (500, 500), "each series comes once");
        assert_eq!(times.len(), 1, "all are of one moment");
    }
}
