//! The Prometheus text format, version 0.0.4.
//!
//! The rules are those of
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

mod encoder;
mod head;
mod lines;
mod set;

pub use encoder::Encoder;

use set::ContractSet;

/// The `Content-Type` to serve the text with. Prometheus 3 rejects a scrape without one:
/// <https://prometheus.io/docs/prometheus/latest/migration/#scrape-protocols>.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Every series of some contracts as text, and each contract's identity as `orchq_metrics_contract_info`. `contracts`
/// is one [`Contract`](crate::Contract), an array or a slice of `&Contract`, or [all](crate::contracts) of the binary.
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
    Encoder::new().encode_into(contracts, out);
}
