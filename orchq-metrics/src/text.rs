//! The Prometheus text format, version 0.0.4.
//!
//! The rules are those of
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

use std::fmt::Write as _;

use crate::contract::Contract;
use crate::desc::MetricKind;
use crate::exposition::{self, SeriesData, Value};
use crate::label::{LabelDesc, LabelValues, OVERFLOW, Quotes, Rendered, Symbol, escape, push_pair};
use crate::store;

/// The `Content-Type` to serve the text with. Prometheus 3 refuses a scrape without one:
/// <https://prometheus.io/docs/prometheus/latest/migration/#scrape-protocols>.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// One contract, or several that one process serves.
pub trait Contracts: sealed::Sealed {
    /// The contracts, in the order to serve them.
    fn contracts(&self) -> Vec<&Contract>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Contract {}
    impl Sealed for [&super::Contract] {}
    impl<const N: usize> Sealed for [&super::Contract; N] {}
}

impl Contracts for Contract {
    fn contracts(&self) -> Vec<&Contract> {
        vec![self]
    }
}

impl Contracts for [&Contract] {
    fn contracts(&self) -> Vec<&Contract> {
        self.to_vec()
    }
}

impl<const N: usize> Contracts for [&Contract; N] {
    fn contracts(&self) -> Vec<&Contract> {
        self.to_vec()
    }
}

/// Every series of a contract as text, and the contract's own identity as
/// `orchq_metrics_contract_info`.
///
/// A family has a `# HELP` and a `# TYPE` line and then its series; one that has
/// no series yet is left out. The families are those that
/// [`Contract::register`] gives a `prometheus::Registry`.
///
/// ```
/// use orchq_metrics::{text, v1};
///
/// let body = text::encode(&v1::CONTRACT);
/// assert!(body.contains(r#"orchq_metrics_contract_info{contract="orchqueue","#));
/// // Two contracts in one process are one scrape:
/// let body = text::encode(&[&v1::CONTRACT]);
/// # assert!(body.ends_with("\n"));
/// ```
#[must_use]
pub fn encode<C: Contracts + ?Sized>(contracts: &C) -> String {
    let mut out = String::new();
    encode_into(contracts, &mut out);
    out
}

/// The same, appended to `out`: a buffer that is kept from one scrape to the next is not made
/// and grown anew for each.
///
/// ```
/// use orchq_metrics::{text, v1};
///
/// let mut body = String::new();
/// text::encode_into(&v1::CONTRACT, &mut body);
/// assert_eq!(body, text::encode(&v1::CONTRACT));
/// ```
pub fn encode_into<C: Contracts + ?Sized>(contracts: &C, out: &mut String) {
    let contracts = contracts.contracts();
    let shards = store::all_shards();
    for served in exposition::served(&contracts) {
        let desc = served.desc;
        let mut family = Lines::new(desc.name, desc.help, desc.kind, desc.buckets, out);
        let pairs: Vec<_> = desc.labels.iter().map(Pairs::of).collect();
        let streamed = served.stream(&shards, &mut |key, value| {
            let pairs = pairs.iter().enumerate().filter_map(|(place, pairs)| pairs.get(key.symbol(place)));
            family.series(pairs, &value);
        });
        if !streamed {
            served.gather(&shards).series.iter().for_each(|series| family.series_data(series));
        }
    }
    for about in exposition::about(&contracts) {
        let mut family = Lines::new(about.name, about.help, about.kind, about.buckets, out);
        about.series.iter().for_each(|series| family.series_data(series));
    }
}

/// The values of one label as `,name="escaped value"`.
enum Pairs {
    /// By their index; the last stands for a label set that found no room.
    Closed(Vec<String>),
    Open(&'static LabelDesc, &'static Rendered),
}

impl Pairs {
    fn of(label: &'static LabelDesc) -> Self {
        match label.values {
            LabelValues::Closed(values) => {
                Self::Closed(values.iter().chain([&OVERFLOW]).map(|value| pair(label.name, value)).collect())
            }
            LabelValues::Open { table, .. } => Self::Open(label, table().rendered(label.name)),
        }
    }

    /// The pair of a symbol; nothing where the label is absent.
    #[inline]
    fn get(&self, symbol: Symbol) -> Option<&str> {
        let index = symbol.index()?;
        match self {
            Self::Closed(pairs) => pairs.get(index).or(pairs.last()).map(String::as_str),
            Self::Open(label, rendered) => {
                Some(rendered.pair(symbol, || pair(label.name, label.values.text(symbol).unwrap_or_default())))
            }
        }
    }
}

fn pair(name: &str, value: &str) -> String {
    let mut pair = String::new();
    push_pair(name, value, &mut pair);
    pair
}

/// Writes one family, its headers before its first series.
struct Lines<'a> {
    name: &'static str,
    help: &'static str,
    kind: MetricKind,
    /// What is behind the labels of each bucket: `,le="0.5"} `.
    bounds: Vec<String>,
    begun: bool,
    out: &'a mut String,
    /// The labels of one series, with a comma before each.
    labels: String,
    /// What all buckets of one series begin with.
    bucket: String,
}

impl<'a> Lines<'a> {
    fn new(name: &'static str, help: &'static str, kind: MetricKind, buckets: &[f64], out: &'a mut String) -> Self {
        let bounds = if kind == MetricKind::Histogram { buckets } else { &[] };
        let bound = |bound: f64| {
            let mut text = String::from("le=\"");
            push_number(bound, &mut text);
            text.push_str("\"} ");
            text
        };
        let bounds = bounds.iter().copied().chain([f64::INFINITY]).map(bound).collect();
        Self { name, help, kind, bounds, begun: false, out, labels: String::new(), bucket: String::new() }
    }

    fn series_data(&mut self, series: &SeriesData) {
        let pairs: Vec<_> = series.labels.iter().map(|(name, value)| pair(name, value)).collect();
        self.series(pairs.iter().map(String::as_str), &series.value);
    }

    /// One series, its labels each with a comma before it.
    #[inline]
    fn series<'p>(&mut self, pairs: impl Iterator<Item = &'p str>, value: &Value<'_>) {
        if !self.begun {
            self.begin();
        }
        match value {
            Value::Integer(n) => {
                self.head("", pairs);
                push_integer(*n, self.out);
                self.out.push('\n');
            }
            Value::Float(n) => {
                self.head("", pairs);
                push_number(*n, self.out);
                self.out.push('\n');
            }
            Value::Histogram { counts, sum } => self.histogram(pairs, counts, *sum),
        }
    }

    #[cold]
    fn begin(&mut self) {
        self.begun = true;
        let Self { name, help, kind, out, .. } = self;
        out.push_str("# HELP ");
        out.push_str(name);
        out.push(' ');
        escape(help, Quotes::Literal, out);
        out.push_str("\n# TYPE ");
        out.push_str(name);
        out.push(' ');
        out.push_str(kind.as_str());
        out.push('\n');
    }

    /// The name and the labels, up to the number.
    #[inline]
    fn head<'p>(&mut self, suffix: &str, pairs: impl Iterator<Item = &'p str>) {
        self.out.push_str(self.name);
        self.out.push_str(suffix);
        let mut open = "{";
        for pair in pairs {
            // The first pair has the brace in its comma's place.
            self.out.push_str(open);
            self.out.push_str(if open.is_empty() { pair } else { &pair[1..] });
            open = "";
        }
        self.out.push_str(if open.is_empty() { "} " } else { " " });
    }

    fn histogram<'p>(&mut self, pairs: impl Iterator<Item = &'p str>, counts: &[u64], sum: f64) {
        self.labels.clear();
        pairs.for_each(|pair| self.labels.push_str(pair));
        let labels = std::mem::take(&mut self.labels);
        self.bucket.clear();
        self.bucket.push_str(self.name);
        self.bucket.push_str("_bucket{");
        self.bucket.push_str(labels.get(1..).unwrap_or_default());
        self.bucket.push_str(if labels.is_empty() { "" } else { "," });
        let mut total = 0;
        for (bound, count) in self.bounds.iter().zip(counts) {
            total += count;
            self.out.push_str(&self.bucket);
            self.out.push_str(bound);
            push_integer(total, self.out);
            self.out.push('\n');
        }
        let all = || (!labels.is_empty()).then_some(labels.as_str()).into_iter();
        self.head("_sum", all());
        push_number(sum, self.out);
        self.out.push('\n');
        self.head("_count", all());
        push_integer(total, self.out);
        self.out.push('\n');
        self.labels = labels;
    }
}

#[inline]
fn push_integer(n: u64, out: &mut String) {
    out.push_str(itoa::Buffer::new().format(n));
}

/// A number as the format spells it: what Go's `ParseFloat` reads.
fn push_number(n: f64, out: &mut String) {
    // Most are whole, and those below 2^53 are themselves as integers; not so the negative zero.
    let whole = n as i64;
    if whole as f64 == n && whole.unsigned_abs() < 1 << 53 && (whole != 0 || n.is_sign_positive()) {
        return out.push_str(itoa::Buffer::new().format(whole));
    }
    match n {
        f64::INFINITY => out.push_str("+Inf"),
        f64::NEG_INFINITY => out.push_str("-Inf"),
        n => write!(out, "{n}").expect("writing to a string does not fail"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_a_parser_reads() {
        let spelled = |n: f64| {
            let mut out = String::new();
            push_number(n, &mut out);
            out
        };
        assert_eq!(spelled(f64::INFINITY), "+Inf");
        assert_eq!(spelled(f64::NEG_INFINITY), "-Inf");
        assert_eq!(spelled(f64::NAN), "NaN");
        assert_eq!(spelled(2.5), "2.5");
        assert_eq!(spelled(120_000.0), "120000");
        assert_eq!(spelled(-7.0), "-7");
        assert_eq!(spelled(0.0), "0");
        assert_eq!(spelled(-0.0), "-0");

        assert_eq!(spelled(1e21), "1000000000000000000000");
        assert_eq!(spelled(i64::MIN as f64), "-9223372036854776000");
    }
}
