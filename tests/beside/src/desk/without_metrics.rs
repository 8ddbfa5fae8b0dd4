use std::num::ParseIntError;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[derive(Clone, Copy)]
pub enum Route {
    Ask,
    Look,
}

#[derive(Clone, Copy)]
pub enum Reason {
    QueueFull,
    TooLong,
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
        refused.map_or(Ok(()), Err)
    }

    pub async fn answer(&self, route: Route, question: &str) -> Result<u32, ParseIntError> {
        self.look_up(route, question).await
    }

    async fn look_up(&self, route: Route, question: &str) -> Result<u32, ParseIntError> {
        self.idle.fetch_sub(1, Relaxed);
        self.busy.fetch_add(1, Relaxed);
        tokio::task::yield_now().await;
        let factor = if matches!(route, Route::Ask) { 1 } else { 2 };
        question.parse::<u32>().map(|number| number * factor)
    }

    pub fn pay(&self, _provider: &str, usd: f64, balance: f64) -> f64 {
        balance - usd
    }

    pub fn read_clock(&self, here: f64, there: f64) -> f64 {
        here - there
    }
}
