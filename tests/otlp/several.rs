//! Several contracts pushed together, two of which share a name, and a metric.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric, number_data_point};

use super::*;

mod one {
    use crate::*;

    #[contract(name = "otlp-twin", version = "1.0.0")]
    pub(super) mod metrics {
        use super::*;

        /// Of the first.
        #[counter(unit = "1")]
        pub struct otlp_first_total {}

        /// Of both.
        #[counter(unit = "1")]
        pub struct otlp_shared_total {
            #[labels]
            place: Place,
        }
    }

    #[emits(metrics::otlp_first_total, metrics::otlp_shared_total)]
    pub(super) fn count(place: Place) {
        metrics::otlp_first_total {}.inc();
        metrics::otlp_shared_total { place }.inc();
    }
}

mod two {
    use crate::*;

    #[contract(name = "otlp-twin", version = "2.0.0")]
    pub(super) mod metrics {
        use super::*;

        /// Of the second.
        #[counter(unit = "1", renamed_from = "otlp_next_total", since = "2.0.0", until = "3.0.0")]
        pub struct otlp_second_total {}

        /// Of both.
        #[counter(unit = "1")]
        pub struct otlp_shared_total {
            #[labels]
            place: Place,
        }
    }

    #[emits(metrics::otlp_second_total, metrics::otlp_shared_total)]
    pub(super) fn count(place: Place) {
        metrics::otlp_second_total {}.inc();
        metrics::otlp_shared_total { place }.inc();
    }
}

/// The metrics with the names and versions of their scopes.
fn scoped(request: &ExportMetricsServiceRequest) -> Vec<(String, String, Metric)> {
    let scopes = request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    let of_scope = |scope: &opentelemetry_proto::tonic::metrics::v1::ScopeMetrics| {
        let known = scope.scope.clone().unwrap();
        let metrics = scope.metrics.clone().into_iter();
        metrics.map(move |metric| (known.name.clone(), known.version.clone(), metric)).collect::<Vec<_>>()
    };
    scopes.flat_map(of_scope).collect()
}

/// Start and value of what both count of a place.
fn shared(request: &ExportMetricsServiceRequest) -> (u64, i64) {
    let all = scoped(request);
    let mut named = all.iter().filter(|(.., metric)| metric.name == "otlp_shared_total");
    let (_, version, metric) = named.next().unwrap();
    assert_eq!((version.as_str(), named.count()), ("1.0.0", 0), "it comes once, under the first");
    let Some(metric::Data::Sum(sum)) = &metric.data else { panic!("a sum") };
    let [point] = sum.data_points.as_slice() else { panic!("one series") };
    let Some(number_data_point::Value::AsInt(value)) = point.value else { panic!("a whole number") };
    (point.start_time_unix_nano, value)
}

#[test]
fn each_metric_comes_under_its_own_contract_and_a_shared_one_adds_up() {
    let contracts = [&one::metrics::CONTRACT, &two::metrics::CONTRACT];
    let collector = Collector::new([]);
    let exporter = start(&contracts, config(&collector, Protocol::HttpProtobuf));
    let here = place("twins");
    (0..10).for_each(|_| one::count(here));
    exporter.flush(LIMIT).unwrap();
    // The second begins to count the same: the sum goes on, and did not restart.
    two::count(here);
    exporter.flush(LIMIT).unwrap();
    // The first ends: there is less than before.
    assert_eq!(one::metrics::CONTRACT.remove(here), 1);
    exporter.flush(LIMIT).unwrap();
    let received = collector.received(3);
    let seen: Vec<_> = received.iter().map(|received| shared(&received.request)).collect();
    assert_eq!(seen.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [10, 11, 1]);
    assert_eq!(seen[0].0, seen[1].0);
    assert!(seen[2].0 > seen[1].0);

    let versions = |name: &str| {
        let all = scoped(&received[0].request);
        let named = all.into_iter().filter(|(.., metric)| metric.name == name);
        named.map(|(scope, version, metric)| (scope, version, metric.unit)).collect::<Vec<_>>()
    };
    let of = |scope: &str, version: &str, unit: &str| vec![(scope.to_owned(), version.to_owned(), unit.to_owned())];
    assert_eq!(versions("otlp_first_total"), of("otlp-twin", "1.0.0", "{item}"));
    assert_eq!(versions("otlp_second_total"), of("otlp-twin", "2.0.0", "{item}"));
    assert_eq!(versions("otlp_next_total"), of("otlp-twin", "2.0.0", "{item}"), "the name that it had before");
    let own = versions("orchq_metrics_otlp_last_success_timestamp_seconds");
    assert_eq!(own, of("orchq-metrics", env!("CARGO_PKG_VERSION"), "s"));
    // The scrape of each contract has the statistics of the pushes.
    for contract in contracts {
        assert!(orchq_metrics::text::encode(contract).contains(&collector.address.to_string()));
    }
}

#[test]
fn an_exporter_that_follows_another_goes_on_with_its_counts() {
    let (collector, orders) = (Collector::new([]), orders!());
    for _ in 0..2 {
        orders.record("followed");
        orders.start(config(&collector, Protocol::HttpProtobuf)).shutdown(LIMIT).unwrap();
    }
    let starts: Vec<_> = collector
        .received(2)
        .iter()
        .map(|received| {
            let all = scoped(&received.request);
            let (.., metric) = all.into_iter().find(|(.., metric)| metric.name == "otlp_orders_total").unwrap();
            let Some(metric::Data::Sum(sum)) = metric.data else { panic!("a sum") };
            sum.data_points[0].start_time_unix_nano
        })
        .collect();
    assert_eq!(starts[0], starts[1]);
}

mod read {
    use crate::*;

    /// How a state is.
    #[derive(Clone, Copy, Debug, Label)]
    pub(super) enum State {
        #[label("on")]
        On,
        #[label("off")]
        Off,
    }

    #[contract(name = "otlp-read", version = "1.0.0")]
    pub(super) mod metrics {
        use super::*;

        /// Recorded before each push.
        #[gauge(unit = "1")]
        pub struct otlp_read_times {}

        /// Recorded by nothing, although all its label sets are known.
        #[counter(unit = "1")]
        pub struct otlp_read_nowhere_total {
            state: State,
        }
    }

    /// A second definition of a name.
    #[contract(name = "otlp-read-rival", version = "1.0.0")]
    pub(super) mod rival {
        use super::*;

        /// Not the other's.
        #[gauge(unit = "1")]
        pub struct otlp_read_times {
            state: State,
        }
    }

    #[emits(metrics::otlp_read_times)]
    pub(super) fn count() {
        metrics::otlp_read_times {}.inc();
    }

    #[emits(rival::otlp_read_times)]
    pub(super) fn count_rival() {
        [State::On, State::Off].into_iter().for_each(|state| rival::otlp_read_times { state }.inc());
    }
}

#[test]
fn a_push_runs_functions_once_and_has_each_name_once_and_no_metric_that_nothing_records() {
    let contracts = [&read::metrics::CONTRACT, &read::rival::CONTRACT];
    read::count_rival();
    contracts[0].on_scrape(read::count);
    let collector = Collector::new([]);
    let exporter = start(&contracts, config(&collector, Protocol::HttpProtobuf));
    exporter.flush(LIMIT).unwrap();
    let received = collector.received(1);
    let all = scoped(&received[0].request);
    let of = |name: &str| all.iter().filter(|(.., metric)| metric.name == name).collect::<Vec<_>>();
    assert!(of("otlp_read_nowhere_total").is_empty());
    let [(scope, _, metric)] = of("otlp_read_times")[..] else { panic!("it is one metric") };
    let Some(metric::Data::Gauge(gauge)) = &metric.data else { panic!("a gauge") };
    assert_eq!(scope, "otlp-read");
    let [point] = gauge.data_points.as_slice() else { panic!("the first contract's: {gauge:?}") };
    assert_eq!(point.value, Some(number_data_point::Value::AsDouble(1.0)));
    assert!(point.attributes.is_empty());
    assert_eq!(of("orchq_metrics_violations_total").len(), 1);
}
