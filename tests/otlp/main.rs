//! Pushes to a collector in this process, over both protocols.

mod collector;
mod data;
mod delivery;
mod several;
mod tls;
mod translation;
mod waiting;

use std::time::Duration;

use orchq_metrics::otlp::{Config, Exporter, Protocol};
use orchq_metrics::{Label, Labels, Symbol, contract, emits};

use collector::{Behavior, Collector, LIMIT};

const REQUESTS: &str = "orchq_metrics_otlp_requests_total";
const POINTS: &str = "orchq_metrics_otlp_points_total";

#[derive(Clone, Copy, Debug, Label)]
#[label(budget = 2000)]
struct Shop(Symbol);

#[derive(Clone, Copy, Debug, Labels)]
struct Place {
    shop: Shop,
}

#[contract(name = "otlp-tests", version = "2.3.4")]
mod shop {
    use super::*;

    /// Orders.
    #[counter(unit = "1")]
    pub struct otlp_orders_total {
        #[labels]
        place: Place,
    }

    /// Time open.
    #[counter(unit = "seconds")]
    pub struct otlp_open_seconds_total {
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
use shop::*;

mod other {
    #[orchq_metrics::contract(name = "otlp-other", version = "1.0.0")]
    pub(super) mod metrics {
        /// Nothing.
        #[counter(unit = "1")]
        pub struct otlp_nothing_total {}
    }
}

#[emits(otlp_orders_total)]
fn order(place: Place) {
    otlp_orders_total { place }.inc();
}

fn place(name: &str) -> Place {
    Place { shop: Shop::new(name) }
}

const PROTOCOLS: [Protocol; 2] = [Protocol::HttpProtobuf, Protocol::Grpc];

/// A configuration that pushes when it is asked to, and waits for little.
fn config(collector: &Collector, protocol: Protocol) -> Config {
    Config::new("shop")
        .protocol(protocol)
        .endpoint(collector.url())
        .interval(Duration::from_secs(3600))
        .backoff(Duration::from_millis(5), Duration::from_millis(20))
}

fn start(config: Config) -> Exporter {
    Exporter::start(&[&CONTRACT], config).unwrap()
}

/// The families of this crate's own that tell of pushes to a collector.
fn told(collector: &Collector, name: &str, outcome: Option<&str>) -> f64 {
    let page = orchq_metrics::text::encode(&CONTRACT);
    let address = collector.address.to_string();
    let of = |(labels, value): (_, f64)| {
        let labels: &std::collections::BTreeMap<String, String> = labels;
        let concerned = labels["endpoint"].contains(&address) && labels.get("outcome").map(String::as_str) == outcome;
        concerned.then_some(value)
    };
    let series = translation::scraped(&page);
    series.iter().filter(|((known, _), _)| known == name).find_map(|((_, labels), value)| of((labels, *value))).unwrap()
}
