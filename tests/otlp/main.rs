//! Pushes to a collector in this process, over both protocols.

mod collector;
mod data;
mod delivery;
mod several;
mod tls;
mod translation;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orchq_metrics::otlp::{Config, Exporter, Protocol};
use orchq_metrics::{Contract, Label, Labels, Symbol, contract, emits};

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

fn place(name: &str) -> Place {
    Place { shop: Shop::new(name) }
}

/// A contract that one test has to itself: what other tests record or push is not in its requests.
struct Orders {
    contract: &'static Contract,
    record: fn(Place),
}

/// A further [`Orders`].
macro_rules! orders {
    () => {{
        #[contract(name = "otlp-tests", version = "2.3.4")]
        mod metrics {
            use crate::*;

            /// Orders.
            #[counter(unit = "1")]
            pub struct otlp_orders_total {
                #[labels]
                place: Place,
            }
        }

        #[emits(metrics::otlp_orders_total)]
        fn record(place: Place) {
            metrics::otlp_orders_total { place }.inc();
        }

        crate::Orders { contract: &metrics::CONTRACT, record }
    }};
}
use orders;

impl Orders {
    fn record(&self, shop: &str) {
        (self.record)(place(shop));
    }

    fn start(&self, config: Config) -> Exporter {
        start(&[self.contract], config)
    }

    /// The statistics in a scrape about the pushes to a collector.
    fn scraped(&self, collector: &Collector, name: &str, outcome: Option<&str>) -> f64 {
        let address = collector.address.to_string();
        let wanted = |(known, labels): &(String, BTreeMap<String, String>)| {
            known == name
                && labels["endpoint"].contains(&address)
                && labels.get("outcome").map(String::as_str) == outcome
        };
        let series = translation::scraped(&orchq_metrics::text::encode(self.contract));
        series.into_iter().find_map(|(series, value)| wanted(&series).then_some(value)).unwrap()
    }
}

const PROTOCOLS: [Protocol; 2] = [Protocol::HttpProtobuf, Protocol::Grpc];

/// A configuration that pushes only on request, and retries soon. No timeout of it passes on a busy machine.
fn config(collector: &Collector, protocol: Protocol) -> Config {
    config_for(format!("http://{}", collector.address), protocol)
}

fn config_for(endpoint: String, protocol: Protocol) -> Config {
    Config::new("shop")
        .protocol(protocol)
        .endpoint(endpoint)
        .interval(Duration::from_secs(3600))
        .timeout(LIMIT)
        .export_timeout(LIMIT)
        .backoff(Duration::from_millis(5), Duration::from_millis(20))
}

/// A time before the first exporter of this process started, at which counters begin. All tests start exporters by
/// [`start`], in any order.
static BEFORE_ALL: OnceLock<u64> = OnceLock::new();

fn start(contracts: &[&'static Contract], config: Config) -> Exporter {
    BEFORE_ALL.get_or_init(nanoseconds);
    Exporter::start(contracts, config).unwrap()
}

fn nanoseconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}
