use std::num::ParseIntError;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use prometheus::{Counter, CounterVec, Gauge, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry};
use prometheus::{TextEncoder, exponential_buckets};

#[derive(Clone, Copy)]
pub enum Route {
    Ask,
    Look,
}

impl Route {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Look => "look",
        }
    }
}

#[derive(Clone, Copy)]
pub enum Reason {
    QueueFull,
    TooLong,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::TooLong => "too_long",
        }
    }
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let labels = [("service", "desk"), ("zone", "eu-1")];
    let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Registry::new_custom(None, Some(labels)).expect("the labels are valid")
});

fn registered<C: prometheus::core::Collector + Clone + 'static>(collector: prometheus::Result<C>) -> C {
    let collector = collector.expect("the metric is valid");
    REGISTRY.register(Box::new(collector.clone())).expect("the metric is registered once");
    collector
}

static REFUSALS: LazyLock<IntCounterVec> =
    LazyLock::new(|| registered(IntCounterVec::new(Opts::new("refusals_total", "Questions refused."), &["reason"])));
static ANSWERS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    registered(IntCounterVec::new(Opts::new("answers_total", "Questions answered."), &["route", "outcome"]))
});
static ANSWER_DURATION: LazyLock<HistogramVec> = LazyLock::new(|| {
    let buckets = exponential_buckets(0.001, 4.0, 6).expect("the buckets ascend");
    let opts = HistogramOpts::new("answer_duration_seconds", "Time to an answer.").buckets(buckets);
    registered(HistogramVec::new(opts, &["route"]))
});
static IN_FLIGHT: LazyLock<IntGaugeVec> =
    LazyLock::new(|| registered(IntGaugeVec::new(Opts::new("answers_in_flight", "Questions in flight."), &["route"])));
static SPENT: LazyLock<CounterVec> =
    LazyLock::new(|| registered(CounterVec::new(Opts::new("spent_usd_total", "Money spent."), &["provider"])));
static BALANCE: LazyLock<Gauge> = LazyLock::new(|| registered(Gauge::new("balance_usd", "Money left.")));
static CLOCK_SKEW: LazyLock<Gauge> =
    LazyLock::new(|| registered(Gauge::new("clock_skew_seconds", "How far the clock is ahead.")));
static CONNECTIONS: LazyLock<IntGaugeVec> =
    LazyLock::new(|| registered(IntGaugeVec::new(Opts::new("connections", "Connections."), &["state"])));
static PAYMENTS: LazyLock<Counter> = LazyLock::new(|| registered(Counter::new("payments_total", "Payments made.")));
static PURCHASES: LazyLock<Counter> = LazyLock::new(|| {
    let help = "Renamed to payments_total since 1.1.0, dropped in 2.0.0. Payments made.";
    registered(Counter::new("purchases_total", help))
});

struct InFlight(&'static str);

impl InFlight {
    fn enter(route: &'static str) -> Self {
        IN_FLIGHT.with_label_values(&[route]).inc();
        Self(route)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        IN_FLIGHT.with_label_values(&[self.0]).dec();
    }
}

#[derive(Default)]
pub struct Desk {
    idle: AtomicU64,
    busy: AtomicU64,
}

impl Desk {
    pub fn new(connections: u64) -> &'static Self {
        Box::leak(Box::new(Self { idle: connections.into(), ..Self::default() }))
    }

    pub fn admit(&self, waiting: usize, question: &str) -> Result<(), Reason> {
        let refused = match question.len() {
            _ if waiting > 8 => Some(Reason::QueueFull),
            101.. => Some(Reason::TooLong),
            _ => None,
        };
        if let Some(reason) = refused {
            REFUSALS.with_label_values(&[reason.as_str()]).inc();
        }
        refused.map_or(Ok(()), Err)
    }

    pub async fn answer(&self, route: Route, question: &str) -> Result<u32, ParseIntError> {
        let _in_flight = InFlight::enter(route.as_str());
        let _timer = ANSWER_DURATION.with_label_values(&[route.as_str()]).start_timer();
        let answer = self.look_up(route, question).await;
        let outcome = if answer.is_ok() { "ok" } else { "error" };
        ANSWERS.with_label_values(&[route.as_str(), outcome]).inc();
        answer
    }

    async fn look_up(&self, route: Route, question: &str) -> Result<u32, ParseIntError> {
        self.idle.fetch_sub(1, Relaxed);
        self.busy.fetch_add(1, Relaxed);
        tokio::task::yield_now().await;
        let factor = if matches!(route, Route::Ask) { 1 } else { 2 };
        question.parse::<u32>().map(|number| number * factor)
    }

    pub fn pay(&self, provider: &str, usd: f64, balance: f64) -> f64 {
        SPENT.with_label_values(&[provider]).inc_by(usd);
        PAYMENTS.inc();
        PURCHASES.inc();
        BALANCE.set(balance - usd);
        balance - usd
    }

    pub fn read_clock(&self, here: f64, there: f64) -> f64 {
        CLOCK_SKEW.set(here - there);
        here - there
    }

    pub fn page(&self) -> String {
        CONNECTIONS.with_label_values(&["idle"]).set(self.idle.load(Relaxed) as i64);
        CONNECTIONS.with_label_values(&["busy"]).set(self.busy.load(Relaxed) as i64);
        TextEncoder::new().encode_to_string(&REGISTRY.gather()).expect("every family can be encoded")
    }
}
