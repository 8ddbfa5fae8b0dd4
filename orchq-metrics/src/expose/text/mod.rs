//! The Prometheus text format, version 0.0.4.
//!
//! The rules are those of
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

mod head;
mod lines;

use crate::declare::desc::MetricDesc;
use crate::expose::families::{self, FamilyData, Value};
use crate::store::{self, Reading};
use head::{Heads, pair};
use lines::Lines;
use set::ContractSet;

/// The `Content-Type` to serve the text with. Prometheus 3 rejects a scrape without one:
/// <https://prometheus.io/docs/prometheus/latest/migration/#scrape-protocols>.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

mod set {
    use crate::contract::Contract;
    use crate::contract::linked::Contracts;

    /// One contract, several, or [all](crate::contracts) that the binary uses.
    pub trait ContractSet {
        fn contracts(&self) -> Vec<&Contract>;
    }

    impl ContractSet for Contract {
        fn contracts(&self) -> Vec<&Contract> {
            vec![self]
        }
    }

    impl ContractSet for Contracts {
        fn contracts(&self) -> Vec<&Contract> {
            self.to_vec()
        }
    }

    impl ContractSet for [&Contract] {
        fn contracts(&self) -> Vec<&Contract> {
            self.to_vec()
        }
    }

    impl<const N: usize> ContractSet for [&Contract; N] {
        fn contracts(&self) -> Vec<&Contract> {
            self.to_vec()
        }
    }
}

/// Every series of a contract, of several, or of [all](crate::contracts), as text, and each contract's identity as
/// `orchq_metrics_contract_info`.
///
/// A family has a `# HELP` and a `# TYPE` line and then its series; one without a series is left out. If two contracts
/// promise the same under a name, it is one family with the series of both. If they define it differently, the first is
/// served, and `orchq_metrics_violations_total{kind="conflicting_contracts"}` counts. `Contract::register` gives a
/// `prometheus::Registry` the same families.
///
/// ```
/// use orchq_metrics::{text, v1};
///
/// let body = text::encode(&v1::CONTRACT);
/// assert!(body.contains(r#"orchq_metrics_contract_info{contract="orchqueue","#));
/// // Two contracts in one process are one scrape:
/// let body = text::encode(&[&v1::CONTRACT]);
/// # assert!(body.ends_with("\n"));
/// // And so are all that the binary uses:
/// let body = text::encode(&orchq_metrics::contracts());
/// ```
#[must_use]
pub fn encode<C: ContractSet + ?Sized>(contracts: &C) -> String {
    let mut out = String::new();
    encode_into(contracts, &mut out);
    out
}

/// Like [`encode`], but appends to `out`, so that a buffer can be used for many scrapes.
///
/// ```
/// use orchq_metrics::{text, v1};
///
/// let mut body = String::new();
/// text::encode_into(&v1::CONTRACT, &mut body);
/// assert_eq!(body, text::encode(&v1::CONTRACT));
/// ```
pub fn encode_into<C: ContractSet + ?Sized>(contracts: &C, out: &mut String) {
    let contracts = contracts.contracts();
    families::begin(&contracts);
    let shards = store::all_shards();
    for served in families::served(&contracts) {
        let MetricDesc { name, help, kind, buckets, labels, .. } = *served.desc;
        let mut lines = Lines::new(name, help, kind, buckets, out);
        let mut heads = Heads::new(lines.head(), labels);
        match served.single() {
            Some(family) => {
                let scale = family.counter_scale();
                families::visit(family, &shards, &mut |key, _, reading| {
                    let head = heads.write(key);
                    match reading {
                        Reading::Counter(n) if scale == 1.0 => lines.integer(head, n),
                        Reading::Counter(n) => lines.number(head, n as f64 / scale),
                        Reading::Gauge(level) => lines.number(head, level),
                        Reading::Histogram { counts, sum } => lines.histogram(head, counts, sum),
                    }
                });
            }
            None => encode_data(&served.gather(&shards), out),
        }
    }
    families::own(&contracts).iter().for_each(|family| encode_data(family, out));
}

/// A family whose series are gathered.
fn encode_data(family: &FamilyData, out: &mut String) {
    let mut lines = Lines::new(family.name, family.help, family.kind, family.buckets, out);
    for series in &family.series {
        let mut head = lines.head();
        for (name, value) in &series.labels {
            head.push(&pair(name, value));
        }
        match &series.value {
            Value::Integer(n) => lines.integer(&head, *n),
            Value::Float(n) => lines.number(&head, *n),
            Value::Histogram { counts, sum } => lines.histogram(&head, counts, *sum),
        }
    }
}
