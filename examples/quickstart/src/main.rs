//! A contract of your own, from the declaration to the scrape.

use std::time::Duration;

use orchq_metrics::{Color, Label, Symbol, contract, emits, text};

/// The outcome of a request: a closed set of values, as they are scraped.
#[derive(Clone, Copy, Label)]
enum Outcome {
    #[label("ok")]
    Ok,
    #[label("error")]
    Error,
}

/// The requested route: any value, up to a budget of distinct ones.
#[derive(Clone, Copy, Label)]
#[label(budget = 32)]
struct Route(Symbol);

#[contract(name = "quickstart", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Number of requests answered.
    #[counter(unit = "{request}")]
    pub struct requests_total {
        route: Route,
        outcome: Outcome,
    }

    /// Time from a request to its answer.
    #[histogram(unit = "seconds", buckets = [0.01, 0.1, 1.0])]
    pub struct request_duration_seconds {
        route: Route,
    }
}

use metrics::{CONTRACT, request_duration_seconds, requests_total};

#[emits(requests_total, request_duration_seconds)]
fn answer(route: Route, outcome: Outcome, took: Duration) {
    requests_total { route, outcome }.inc();
    request_duration_seconds { route }.observe(took);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Fails with a table if a metric of the contract has no function that emits it.
    let coverage = CONTRACT.self_check()?;
    println!("{}", coverage.display(Color::auto(&std::io::stdout())));

    answer(Route::new("/v1/tasks"), Outcome::Ok, Duration::from_millis(50));
    answer(Route::new("/v1/tasks"), Outcome::Error, Duration::from_millis(150));

    print!("{}", text::encode(&CONTRACT));
    Ok(())
}
