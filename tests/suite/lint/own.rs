//! This crate's own scrapes pass this crate's checks.

use std::time::Duration;

use orchq_metrics::v1::{self, CancelReason, Device, EngineBuild, Model, Pool, Priority, Replica};
use orchq_metrics::{OwnedContract, contract, emits, text};

use super::{grave, linted};

/// Every kind, with every group of the first contract's labels. Another test expects that contract to be empty.
#[contract(name = "lint", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Canceled.
    #[counter(unit = "1")]
    pub struct lint_canceled_total {
        #[labels]
        replica: Replica,
        reason: CancelReason,
    }

    /// Used.
    #[gauge(unit = "percent")]
    pub struct lint_utilization {
        #[labels]
        replica: Replica,
        device: Device,
    }

    /// Waited: "quotes" and a \ in the help.
    #[histogram(unit = "milliseconds", buckets = [0.5, 10.0, 1e6, 1e22])]
    pub struct lint_wait_ms {
        #[labels]
        pool: Pool,
        priority: Priority,
    }
}
use metrics::*;

#[emits(lint_canceled_total, lint_utilization, lint_wait_ms)]
fn record(replica: Replica) {
    lint_canceled_total { replica, reason: CancelReason::Watchdog }.inc_by(1_000_000_007);
    lint_utilization { replica, device: Device::new("cuda:0") }.set(99.5);
    let wait = lint_wait_ms { pool: replica.pool(), priority: Priority::new("high") };
    wait.observe(Duration::from_micros(12_345));
    wait.observe(Duration::from_secs(5000));
}

#[test]
fn a_scrape_has_no_findings() {
    for (build, model) in [
        (EngineBuild::vllm("0.33.0"), None),
        (EngineBuild::llamacpp("b10493-\"quoted\"\\"), Some(Model::id("qwen3-8b"))),
        (EngineBuild::tgi(""), Some(Model::digest("sha256:ab12"))),
        (EngineBuild::triton("2.51.0").with_trtllm("0.14.0"), Some(Model::id("line\nfeed"))),
    ] {
        let pool = Pool::new(build, "lint");
        record(Replica::new(model.map_or(pool, |model| pool.with_model(model)), "lint-0"));
    }
    let report = linted(Some(&OwnedContract::from(&CONTRACT)), &text::encode(&CONTRACT));
    assert!(grave(&report).is_empty(), "{:#?}", grave(&report));
    let promlint: Vec<_> = report.findings.iter().map(|finding| (&*finding.rule, finding.subject.as_str())).collect();
    assert_eq!(promlint, [("promlint-abbreviated", "lint_wait_ms")]);
    // Four counters, gauges and histograms of seven lines, and the info metric of the contract.
    assert_eq!(report.examined, 4 + 4 + 4 * 7 + 1);
}

#[test]
fn what_was_not_recorded_yet_is_missing_and_nothing_else() {
    let report = linted(Some(&OwnedContract::from(&v1::CONTRACT)), &text::encode(&v1::CONTRACT));
    let others: Vec<_> = grave(&report).into_iter().filter(|finding| finding.rule != "scrape-family-missing").collect();
    assert!(others.is_empty(), "{others:#?}");
    assert!(report.findings.iter().any(|finding| finding.subject == "queue_depth"));
}
