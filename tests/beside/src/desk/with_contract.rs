use std::num::ParseIntError;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use orchq_metrics::{Label, Outcome, Symbol, buckets, contract, emits, text};

#[derive(Clone, Copy, Label)]
pub enum Route {
    #[label("ask")]
    Ask,
    #[label("look")]
    Look,
}

#[derive(Clone, Copy, Label)]
pub enum Reason {
    #[label("queue_full")]
    QueueFull,
    #[label("too_long")]
    TooLong,
}

#[derive(Clone, Copy, Label)]
pub enum State {
    #[label("idle")]
    Idle,
    #[label("busy")]
    Busy,
}

#[derive(Clone, Copy, Label)]
#[label(budget = 16)]
pub struct Provider(Symbol);

#[contract(name = "desk", version = "1.1.0")]
pub mod metrics {
    use super::*;

    /// Questions refused.
    #[counter(unit = "{question}")]
    pub struct refusals_total {
        reason: Reason,
    }

    /// Questions answered.
    #[counter(unit = "{question}")]
    pub struct answers_total {
        route: Route,
        outcome: Outcome,
    }

    /// Time to an answer.
    #[histogram(unit = "seconds", buckets = buckets::exponential::<6>(0.001, 4.0))]
    pub struct answer_duration_seconds {
        route: Route,
    }

    /// Questions in flight.
    #[gauge(unit = "{question}")]
    pub struct answers_in_flight {
        route: Route,
    }

    /// Money spent.
    #[counter(unit = "{usd}", value = f64)]
    pub struct spent_usd_total {
        provider: Provider,
    }

    /// Money left.
    #[gauge(unit = "{usd}", value = f64, range = ..)]
    pub struct balance_usd {}

    /// How far the clock is ahead.
    #[gauge(unit = "seconds", value = f64, range = ..)]
    pub struct clock_skew_seconds {}

    /// Connections.
    #[gauge(unit = "{connection}")]
    pub struct connections {
        state: State,
    }

    /// Payments made.
    #[counter(unit = "{payment}", renamed_from = "purchases_total", since = "1.1.0", until = "2.0.0")]
    pub struct payments_total {}
}
use metrics::*;

static ENCODER: LazyLock<text::Encoder> = LazyLock::new(|| {
    let labeled =
        text::Encoder::new().constant_label("service", "desk").and_then(|it| it.constant_label("zone", "eu-1"));
    labeled.expect("the labels are valid")
});

#[derive(Default)]
pub struct Desk {
    idle: AtomicU64,
    busy: AtomicU64,
}

impl Desk {
    #[emits(connections)]
    pub fn new(connections: u64) -> &'static Self {
        let desk: &Self = Box::leak(Box::new(Self { idle: connections.into(), ..Self::default() }));
        CONTRACT.on_scrape(|| {
            connections { state: State::Idle }.set(desk.idle.load(Relaxed) as i64);
            connections { state: State::Busy }.set(desk.busy.load(Relaxed) as i64);
        });
        desk
    }

    #[emits(refusals_total)]
    pub fn admit(&self, waiting: usize, question: &str) -> Result<(), Reason> {
        let refused = match question.len() {
            _ if waiting > 8 => Some(Reason::QueueFull),
            101.. => Some(Reason::TooLong),
            _ => None,
        };
        if let Some(reason) = refused {
            refusals_total { reason }.inc();
        }
        refused.map_or(Ok(()), Err)
    }

    #[emits(answers_in_flight, answer_duration_seconds, answers_total)]
    pub async fn answer(&self, route: Route, question: &str) -> Result<u32, ParseIntError> {
        let _in_flight = answers_in_flight { route }.enter();
        let answer = answer_duration_seconds { route }.time(self.look_up(route, question)).await;
        answers_total { route, outcome: Outcome::from(&answer) }.inc();
        answer
    }

    async fn look_up(&self, route: Route, question: &str) -> Result<u32, ParseIntError> {
        self.idle.fetch_sub(1, Relaxed);
        self.busy.fetch_add(1, Relaxed);
        tokio::task::yield_now().await;
        let factor = if matches!(route, Route::Ask) { 1 } else { 2 };
        question.parse::<u32>().map(|number| number * factor)
    }

    #[emits(spent_usd_total, balance_usd, payments_total)]
    pub fn pay(&self, provider: &str, usd: f64, balance: f64) -> f64 {
        spent_usd_total { provider: Provider::new(provider) }.inc_by(usd);
        payments_total {}.inc();
        balance_usd {}.set(balance - usd);
        balance - usd
    }

    #[emits(clock_skew_seconds)]
    pub fn read_clock(&self, here: f64, there: f64) -> f64 {
        clock_skew_seconds {}.set(here - there);
        here - there
    }

    pub fn page(&self) -> String {
        ENCODER.encode(&CONTRACT)
    }
}
