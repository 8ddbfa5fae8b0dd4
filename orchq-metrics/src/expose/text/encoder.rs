//! The encoder, with labels that every series of a process has.

use super::head::{Heads, pair};
use super::lines::Lines;
use super::set::ContractSet;
use crate::declare::argument::ArgumentError;
use crate::declare::desc::MetricDesc;
use crate::declare::label::is_label_name;
use crate::declare::rules::is_reserved_label;
use crate::expose::families::{self, FamilyData, Value};
use crate::store::{self, Reading};

/// Encodes with constant labels: labels that every series of this process has, such as `service` and `instance`.
///
/// Prefer the labels that Prometheus adds to each target (`job`, `instance`, and those of the scrape configuration). An
/// encoder is for pages that nothing labels on their way, such as those of a push gateway or a file.
///
/// ```
/// use orchq_metrics::{contract, emits, text};
///
/// #[contract(name = "shop", version = "1.0.0")]
/// mod metrics {
///     /// Number of orders.
///     #[counter(unit = "{order}")]
///     pub struct orders_total {}
/// }
///
/// #[emits(metrics::orders_total)]
/// fn order() {
///     metrics::orders_total {}.inc();
/// }
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     order();
///     let encoder = text::Encoder::new().constant_label("service", "shop")?.constant_label("zone", "eu-1")?;
///     let page = encoder.encode(&metrics::CONTRACT);
///     assert!(page.contains("orders_total{service=\"shop\",zone=\"eu-1\"} 1\n"));
///     Ok(())
/// }
/// ```
///
/// A metric that has a label of that name itself keeps its own. A registry of the crate `prometheus` serves the same
/// labels after `register`; a push by OTLP has the attributes of its resource instead. Declare the labels to the checks
/// as `constant-labels`.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    /// The name and the value of each label, and the label as `,name="escaped value"`.
    constant: Vec<(String, String, String)>,
}

impl Encoder {
    /// An encoder without constant labels: what [`encode`](super::encode) uses.
    #[must_use]
    pub const fn new() -> Self {
        Self { constant: Vec::new() }
    }

    /// Adds a label to every series.
    ///
    /// # Errors
    ///
    /// If the name is not a label name, is reserved (`le`, `quantile`, `__*`) or was added before, or if the value is
    /// empty, which Prometheus reads as an absent label.
    pub fn constant_label(mut self, name: &str, value: &str) -> Result<Self, ArgumentError> {
        let why = if !is_label_name(name) {
            "is not a label name; use letters, digits and `_`, and no digit first"
        } else if is_reserved_label(name) {
            "is reserved for the formats and for Prometheus"
        } else if self.constant.iter().any(|(known, ..)| known == name) {
            "was added before"
        } else if value.is_empty() {
            "has an empty value, which is the same as no label"
        } else {
            self.constant.push((name.to_owned(), value.to_owned(), pair(name, value)));
            return Ok(self);
        };
        Err(ArgumentError::new(format!("the constant label `{name}` {why}")))
    }

    /// As [`encode`](super::encode), with the constant labels.
    #[must_use]
    pub fn encode<C: ContractSet + ?Sized>(&self, contracts: &C) -> String {
        let mut out = String::new();
        self.encode_into(contracts, &mut out);
        out
    }

    /// As [`encode_into`](super::encode_into), with the constant labels.
    pub fn encode_into<C: ContractSet + ?Sized>(&self, contracts: &C, out: &mut String) {
        let contracts = contracts.contracts();
        families::begin(&contracts);
        let shards = store::all_shards();
        for served in families::served(&contracts) {
            let MetricDesc { kind, buckets, labels, .. } = *served.desc;
            let Some(family) = served.single() else {
                self.encode_data(&served.gather(&shards), out);
                continue;
            };
            let mut lines = Lines::new(served.name, &served.help, kind, buckets, out);
            let constant = self.constant_beside(labels.iter().map(|label| label.name));
            let mut heads = Heads::new(lines.head(&constant), labels);
            let scale = family.counter_scale();
            families::visit(family, &shards, &mut |key, _, reading| {
                let head = heads.write(key);
                match reading {
                    Reading::Counter(n) if scale == 1.0 => lines.integer(head, n),
                    Reading::Counter(n) => lines.number(head, n as f64 / scale),
                    Reading::FloatCounter(n) | Reading::Gauge(n) => lines.number(head, n),
                    Reading::Histogram { counts, sum } => lines.histogram(head, counts, sum),
                }
            });
        }
        families::own(&contracts).iter().for_each(|family| self.encode_data(family, out));
    }

    /// A family whose series are gathered.
    fn encode_data(&self, family: &FamilyData, out: &mut String) {
        let mut lines = Lines::new(family.name, &family.help, family.kind, family.buckets, out);
        for series in &family.series {
            let mut head = lines.head(&self.constant_beside(series.labels.iter().map(|(name, _)| *name)));
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

    /// The constant labels of a series that has these labels itself.
    fn constant_beside<'l>(&self, labels: impl Iterator<Item = &'l str> + Clone) -> String {
        let constant = self.constant.iter().filter(|(name, ..)| !labels.clone().any(|label| label == name));
        constant.map(|(_, _, pair)| pair.as_str()).collect()
    }

    /// The names and values of the constant labels.
    #[cfg(feature = "prometheus")]
    pub(crate) fn constant_labels(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.constant.iter().map(|(name, value, _)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_no_series_can_have_is_an_error() {
        let encoder = Encoder::new().constant_label("service", "shop").expect("a label");
        for (name, value, why) in [
            ("1a", "x", "is not a label name"),
            ("a-b", "x", "is not a label name"),
            ("", "x", "is not a label name"),
            ("le", "x", "is reserved"),
            ("__name__", "x", "is reserved"),
            ("service", "x", "was added before"),
            ("zone", "", "has an empty value"),
        ] {
            let error = encoder.clone().constant_label(name, value).expect_err(name).to_string();
            assert!(error.starts_with(&format!("the constant label `{name}` {why}")), "{error}");
        }
    }
}
