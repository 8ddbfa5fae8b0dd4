//! The lines of one family.

use std::fmt::Write as _;

use super::head::Head;
use crate::declare::desc::MetricKind;
use crate::declare::label::{Quotes, escape};

/// Writes one family, its headers before its first series.
pub(super) struct Lines<'a> {
    name: &'static str,
    help: &'static str,
    kind: MetricKind,
    /// What is behind the labels of each bucket: `le="0.5"} `.
    bounds: Vec<String>,
    begun: bool,
    out: &'a mut String,
}

impl<'a> Lines<'a> {
    pub(super) fn new(
        name: &'static str,
        help: &'static str,
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
        Self { name, help, kind, bounds, begun: false, out }
    }

    /// What most lines of the family begin with: of a histogram those of its buckets.
    pub(super) fn head(&self) -> Head {
        Head::new(format!("{}{}", self.name, if self.kind == MetricKind::Histogram { "_bucket" } else { "" }))
    }

    /// One series of a whole number. `head` is what [`head`](Self::head) gave, with the labels behind it.
    #[inline]
    pub(super) fn integer(&mut self, head: &Head, n: u64) {
        self.open(head);
        push_integer(n, self.out);
        self.out.push('\n');
    }

    /// One series of any other number.
    pub(super) fn number(&mut self, head: &Head, n: f64) {
        self.open(head);
        push_number(n, self.out);
        self.out.push('\n');
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

    /// The head, up to the number.
    #[inline]
    fn open(&mut self, head: &Head) {
        if !self.begun {
            self.begin();
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
        if !self.begun {
            self.begin();
        }
        let mut digits = itoa::Buffer::new();
        let mut total = 0;
        let mut spelled = digits.format(total);
        for (bound, count) in self.bounds.iter().zip(counts) {
            if *count > 0 {
                total += count;
                spelled = digits.format(total);
            }
            self.out.push_str(head.as_str());
            self.out.push(if head.has_labels() { ',' } else { '{' });
            self.out.push_str(bound);
            self.out.push_str(spelled);
            self.out.push('\n');
        }
        self.derived("_sum", head);
        push_number(sum, self.out);
        self.out.push('\n');
        self.derived("_count", head);
        self.out.push_str(spelled);
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
        // Very large and very small numbers would come with an exponent, where the `prometheus` crate writes them out.
        n if (1e-4..1e15).contains(&n.abs()) => out.push_str(zmij::Buffer::new().format_finite(n)),
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
        // Whatever it is, it reads back as the same number, and without an exponent.
        let mut bits = 1_u64;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let n = f64::from_bits(bits);
            let text = spelled(n);
            assert!(n.is_nan() || text.parse() == Ok(n), "{n} became {text}");
            assert!(!text.contains(['e', 'E']), "{n} became {text}");
        }
        assert_eq!(spelled(120_000.0), "120000");
        assert_eq!(spelled(-7.0), "-7");
        assert_eq!(spelled(0.0), "0");
        assert_eq!(spelled(-0.0), "-0");

        assert_eq!(spelled(1e21), "1000000000000000000000");
        assert_eq!(spelled(i64::MIN as f64), "-9223372036854776000");
    }
}
