//! A contract whose metrics another library records: each is for one test, because adoption is global.

use orchq_metrics::{Label, Symbol, contract, emits};
use prometheus::{GaugeVec, HistogramVec, IntCounterVec};

/// A closed label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum Reason {
    /// Full.
    #[label("QUEUE_FULL")]
    QueueFull,
    /// Invalid.
    #[label("INVALID")]
    Invalid,
}

/// Another closed label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum Engine {
    /// vLLM.
    #[label("vllm")]
    Vllm,
    /// TGI.
    #[label("tgi")]
    Tgi,
}

/// An open label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 8)]
pub struct Tenant(Symbol);

/// Recorded by the `prometheus` crate.
#[contract(name = "adopted", version = "1.0.0")]
pub mod metrics {
    use super::*;

    /// Values are checked.
    #[counter(unit = "1")]
    pub struct adopted_rejected_total {
        reason: Reason,
        engine: Engine,
        tenant: Option<Tenant>,
    }

    /// The range is checked.
    #[gauge(unit = "ratio")]
    pub struct adopted_usage_ratio {
        engine: Engine,
    }

    /// The buckets are checked.
    #[histogram(unit = "ratio", buckets = [0.1, 0.5])]
    pub struct adopted_score {
        engine: Engine,
    }

    /// Its vector has the labels in another order.
    #[counter(unit = "1")]
    pub struct adopted_order_total {
        reason: Reason,
        engine: Engine,
    }

    /// Its collector has other labels and is of another kind.
    #[counter(unit = "1")]
    pub struct adopted_wrong_total {
        reason: Reason,
        engine: Engine,
    }

    /// One family of several.
    #[counter(unit = "1")]
    pub struct adopted_first_total {
        engine: Engine,
    }

    /// Another family of the same collector.
    #[gauge(unit = "1")]
    pub struct adopted_second {
        engine: Engine,
    }

    /// Has collectors with constant labels.
    #[counter(unit = "1")]
    pub struct adopted_constant_total {
        reason: Reason,
        engine: Engine,
    }

    /// Its collector is made again and again.
    #[counter(unit = "1")]
    pub struct adopted_again_total {
        engine: Engine,
    }

    /// Its collector panics.
    #[counter(unit = "1")]
    pub struct adopted_panic_total {
        engine: Engine,
    }

    /// No collector is adopted for it.
    #[counter(unit = "1")]
    pub struct adopted_by_nobody_total {
        engine: Engine,
    }

    /// No function is annotated for it.
    #[counter(unit = "1")]
    pub struct adopted_without_site_total {
        reason: Reason,
        engine: Engine,
    }

    /// Recorded by this library, too.
    #[counter(unit = "1")]
    pub struct adopted_twice_total {
        tenant: Tenant,
    }
}
use metrics::*;

/// Counts a rejection.
#[emits(
    extern adopted_rejected_total { reason, engine },
    extern adopted_order_total { reason, engine },
    extern adopted_wrong_total { reason, engine },
    extern adopted_constant_total { reason, engine },
)]
pub fn reject(rejected: &IntCounterVec, reason: &str, engine: &str) {
    rejected.with_label_values(&[reason, engine]).inc();
}

/// Counts for an engine.
#[emits(
    extern adopted_first_total { engine },
    extern adopted_second { engine },
    extern adopted_again_total { engine },
    extern adopted_panic_total { engine },
    extern adopted_by_nobody_total { engine },
)]
pub fn count(counter: &IntCounterVec, engine: &str) {
    counter.with_label_values(&[engine]).inc();
}

/// Sets the usage of an engine.
#[emits(extern adopted_usage_ratio { engine })]
pub fn set_usage(usage: &GaugeVec, engine: &str, ratio: f64) {
    usage.with_label_values(&[engine]).set(ratio);
}

/// Observes the score of an engine.
#[emits(extern adopted_score { engine })]
pub fn observe(scores: &HistogramVec, engine: &str, score: f64) {
    scores.with_label_values(&[engine]).observe(score);
}

/// Counts for a tenant.
#[emits(adopted_twice_total)]
pub fn count_twice(tenant: &str) {
    adopted_twice_total { tenant: Tenant::new(tenant) }.inc();
}
