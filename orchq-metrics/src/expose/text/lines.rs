//! The lines of one family.

use std::fmt::Write as _;

use super::head::Head;
use crate::declare::desc::MetricKind;
use crate::declare::label::{Quotes, escape};

/// Writes one family, its headers before its first series.
pub(super) struct Lines<'a> {
    name: &'static str,
    help: &'a str,
    kind: MetricKind,
    /// The text after the labels of each bucket: `le="0.5"} `.
    bounds: Vec<String>,
    has_header: bool,
    out: &'a mut String,
}

impl<'a> Lines<'a> {
    pub(super) fn new(
        name: &'static str,
        help: &'a str,
        kind: MetricKind,
        buckets: &[f64],
        out: &'a mut String,
    ) -> Self {
        let bounds = if kind == MetricKind::Histogram { buckets } else { &[] };
        let bound = |bound: f64| {
            let mut text = String::from("le=\"");
            push_number(bound, &mut text);
            text.push_str("\"} ");
            text
        };
        let bounds = bounds.iter().copied().chain([f64::INFINITY]).map(bound).collect();
        Self { name, help, kind, bounds, has_header: false, out }
    }

    /// The name that most lines of the family have, for a histogram that of its buckets, and the constant labels.
    pub(super) fn head(&self, constant: &str) -> Head {
        let suffix = if self.kind == MetricKind::Histogram { "_bucket" } else { "" };
        Head::new(format!("{}{suffix}", self.name), constant)
    }

    /// One series with a whole number. `head` is [`head`](Self::head) with the labels of the series.
    #[inline]
    pub(super) fn integer(&mut self, head: &Head, n: u64) {
        self.open(head);
        self.out.push_str(itoa::Buffer::new().format(n));
        self.out.push('\n');
    }

    /// One series with any other number.
    pub(super) fn number(&mut self, head: &Head, n: f64) {
        self.open(head);
        push_number(n, self.out);
        self.out.push('\n');
    }

    #[cold]
    fn header(&mut self) {
        self.has_header = true;
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

    /// The head, up to the number.
    #[inline]
    fn open(&mut self, head: &Head) {
        if !self.has_header {
            self.header();
        }
        self.out.push_str(head.as_str());
        self.close(head);
    }

    #[inline]
    fn close(&mut self, head: &Head) {
        if head.has_labels() {
            self.out.push('}');
        }
        self.out.push(' ');
    }

    /// All lines of a histogram.
    pub(super) fn histogram(&mut self, head: &Head, counts: &[u64], sum: f64) {
        if !self.has_header {
            self.header();
        }
        let mut digits = itoa::Buffer::new();
        let mut total = 0;
        let mut text = digits.format(total);
        for (bound, count) in self.bounds.iter().zip(counts) {
            if *count > 0 {
                total += count;
                text = digits.format(total);
            }
            self.out.push_str(head.as_str());
            self.out.push(if head.has_labels() { ',' } else { '{' });
            self.out.push_str(bound);
            self.out.push_str(text);
            self.out.push('\n');
        }
        self.derived("_sum", head);
        push_number(sum, self.out);
        self.out.push('\n');
        self.derived("_count", head);
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A line of a name derived from the family's, up to the number.
    fn derived(&mut self, suffix: &str, head: &Head) {
        self.out.push_str(self.name);
        self.out.push_str(suffix);
        self.out.push_str(head.labels());
        self.close(head);
    }
}

/// A number in the form that Go's `ParseFloat` reads.
fn push_number(n: f64, out: &mut String) {
    // Most are whole. Those below 2^53, except the negative zero, have the same text as integers.
    let whole = n as i64;
    if whole as f64 == n && whole.unsigned_abs() < 1 << 53 && (whole != 0 || n.is_sign_positive()) {
        return out.push_str(itoa::Buffer::new().format(whole));
    }
    match n {
        f64::INFINITY => out.push_str("+Inf"),
        f64::NEG_INFINITY => out.push_str("-Inf"),
        // `zmij` writes very large and very small numbers with an exponent, which the `prometheus` crate does not.
        n if (1e-4..1e15).contains(&n.abs()) => out.push_str(zmij::Buffer::new().format_finite(n)),
        n => write!(out, "{n}").expect("writing to a string does not fail"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_reads_the_same_number() {
        let text = |n: f64| {
            let mut out = String::new();
            push_number(n, &mut out);
            out
        };
        assert_eq!(text(f64::INFINITY), "+Inf");
        assert_eq!(text(f64::NEG_INFINITY), "-Inf");
        assert_eq!(text(f64::NAN), "NaN");
        assert_eq!(text(2.5), "2.5");
        // Any number reads back as the same number, and has no exponent.
        let mut bits = 1_u64;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let n = f64::from_bits(bits);
            let written = text(n);
            assert!(n.is_nan() || written.parse() == Ok(n), "{n} became {written}");
            assert!(!written.contains(['e', 'E']), "{n} became {written}");
        }
        assert_eq!(text(120_000.0), "120000");
        assert_eq!(text(-7.0), "-7");
        assert_eq!(text(0.0), "0");
        assert_eq!(text(-0.0), "-0");

        assert_eq!(text(1e21), "1000000000000000000000");
        assert_eq!(text(i64::MIN as f64), "-9223372036854776000");
    }
}
