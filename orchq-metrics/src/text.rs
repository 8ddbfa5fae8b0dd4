//! The Prometheus text format, version 0.0.4.
//!
//! The rules are those of
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

use std::fmt::Write as _;

use crate::contract::Contract;
use crate::exposition::{self, FamilyData, Value};

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
    for family in exposition::gather(&contracts.contracts()) {
        encode_family(&family, &mut out);
    }
    out
}

fn encode_family(family: &FamilyData, out: &mut String) {
    let FamilyData { name, help, kind, .. } = family;
    out.push_str("# HELP ");
    out.push_str(name);
    out.push(' ');
    escape(help, Quotes::Literal, out);
    out.push('\n');
    line(out, format_args!("# TYPE {name} {kind}"));
    let mut labels = String::new();
    for series in &family.series {
        labels.clear();
        for (label, value) in &series.labels {
            labels.push_str(if labels.is_empty() { "" } else { "," });
            labels.push_str(label);
            labels.push_str("=\"");
            escape(value, Quotes::Escaped, &mut labels);
            labels.push('"');
        }
        match &series.value {
            Value::Integer(n) => line(out, format_args!("{name}{} {n}", Braced(&labels))),
            Value::Float(n) => line(out, format_args!("{name}{} {}", Braced(&labels), Number(*n))),
            Value::Histogram { counts, sum } => encode_histogram(family, &labels, counts, *sum, out),
        }
    }
}

fn encode_histogram(family: &FamilyData, labels: &str, counts: &[u64], sum: f64, out: &mut String) {
    let name = family.name;
    let comma = if labels.is_empty() { "" } else { "," };
    let bounds = family.buckets.iter().copied().chain([f64::INFINITY]);
    let mut total = 0;
    for (bound, count) in bounds.zip(counts) {
        total += count;
        line(out, format_args!("{name}_bucket{{{labels}{comma}le=\"{}\"}} {total}", Number(bound)));
    }
    line(out, format_args!("{name}_sum{} {}", Braced(labels), Number(sum)));
    line(out, format_args!("{name}_count{} {total}", Braced(labels)));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("writing to a string does not fail");
}

/// A label set in braces, or nothing where there is no label.
struct Braced<'a>(&'a str);

impl std::fmt::Display for Braced<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "{{{}}}", self.0) }
    }
}

/// A number as the format spells it: what Go's `ParseFloat` reads.
struct Number(f64);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            f64::INFINITY => f.write_str("+Inf"),
            f64::NEG_INFINITY => f.write_str("-Inf"),
            n => write!(f, "{n}"),
        }
    }
}

/// Whether a double quote is escaped: in a label value it is, in a help text it must not be.
#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    Literal,
    Escaped,
}

fn escape(text: &str, quotes: Quotes, out: &mut String) {
    for char in text.chars() {
        match char {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes == Quotes::Escaped => out.push_str("\\\""),
            char => out.push(char),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_and_label_values_are_escaped_each_by_its_own_rule() {
        let mut out = String::new();
        escape("a\\b\nc\"d é", Quotes::Literal, &mut out);
        assert_eq!(out, "a\\\\b\\nc\"d é");
        out.clear();
        escape("a\\b\nc\"d é", Quotes::Escaped, &mut out);
        assert_eq!(out, "a\\\\b\\nc\\\"d é");
    }

    #[test]
    fn numbers_are_what_a_parser_reads() {
        let spelled = |n: f64| Number(n).to_string();
        assert_eq!(spelled(f64::INFINITY), "+Inf");
        assert_eq!(spelled(f64::NEG_INFINITY), "-Inf");
        assert_eq!(spelled(f64::NAN), "NaN");
        assert_eq!(spelled(2.5), "2.5");
        assert_eq!(spelled(120_000.0), "120000");
    }
}
