//! A collector that is away costs no memory.

use std::time::Duration;

use orchq_metrics::otlp::{Config, Exporter};

use super::*;

#[derive(Clone, Copy, Debug, Label)]
#[label(budget = 200)]
struct Branch(Symbol);

#[contract(name = "pushing", version = "1.0.0")]
mod sales {
    use super::*;

    /// By branch.
    #[counter(unit = "1")]
    pub struct pushing_sales_total {
        branch: Branch,
    }
}
use sales::{CONTRACT, pushing_sales_total};

#[emits(pushing_sales_total)]
fn sell(branches: &[Branch]) {
    branches.iter().for_each(|branch| pushing_sales_total { branch: *branch }.inc());
}

#[test]
fn a_collector_that_is_away_costs_no_memory() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let branches: Vec<_> = (0..200).map(|number| Branch::new(&format!("{number}"))).collect();
    // No server can listen on port 0. Nothing is retried.
    let config = Config::new("memory").endpoint("http://127.0.0.1:0").interval(Duration::from_secs(3600));
    let config = config.backoff(Duration::from_secs(3600), Duration::from_secs(3600));
    let exporter = Exporter::start(&[&CONTRACT], config).unwrap();
    let push = |times: u64| {
        for _ in 0..times {
            sell(&branches);
            let error = exporter.flush(Duration::from_secs(60)).unwrap_err().to_string();
            assert!(error.starts_with("metrics did not reach the collector: no answer: "), "{error}");
        }
    };
    // All that is allocated only once is allocated by then.
    push(5);
    let before = exporter.status().unwrap().dropped_points;
    assert_flat(|| push(200));
    let dropped = exporter.status().unwrap().dropped_points - before;
    assert!(dropped >= 200 * branches.len() as u64, "{dropped} points were given up");
    drop(exporter);
}
