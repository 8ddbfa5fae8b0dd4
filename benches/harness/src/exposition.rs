//! Reads a candidate's total back from its own exposition.

use std::fmt;

/// The sums of an exposition.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    /// The sum of counters and gauges, and of the counts of histograms.
    pub count: f64,
    /// The sum of the sums of histograms.
    pub sum: f64,
    /// How many series there are.
    pub series: usize,
}

impl Total {
    /// The total of the benchmark's own metrics in a text. Other families, such as
    /// information about the process, are left out.
    ///
    /// # Panics
    ///
    /// When a line is not one of the text format.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let mut total = Self::default();
        for line in text.lines().filter(|line| line.starts_with("bench_")) {
            let name_end = line.find(['{', ' ']).unwrap_or_else(|| panic!("no value in {line:?}"));
            let name = &line[..name_end];
            let value = line[line.rfind('}').map_or(name_end, |brace| brace + 1)..].split_whitespace().next();
            let value: f64 =
                value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no value in {line:?}"));
            if name.ends_with("_sum") {
                total.sum += value;
            } else if !name.ends_with("_bucket") && !name.ends_with("_created") {
                total.count += value;
                total.series += 1;
            }
        }
        total
    }

    /// Whether this total, counted from `before`, is the expected one.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn check(&self, before: &Self, expected: &Self) -> Result<(), String> {
        // Sums are of whole numbers, which some candidates convert on the way.
        let close = |found: f64, wanted: f64| (found - wanted).abs() <= 1e-9 * wanted.abs();
        let found = Self { count: self.count - before.count, sum: self.sum - before.sum, series: self.series };
        if close(found.count, expected.count) && close(found.sum, expected.sum) && found.series == expected.series {
            return Ok(());
        }
        Err(format!("its exposition says {found}, and right is {expected}"))
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (sum {}) in {} series", self.count, self.sum, self.series)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP bench_a_total x\nbench_a_total{p=\"a }b\"} 3\nbench_a_total 4.0\nother 9\n\
        bench_h_bucket{le=\"+Inf\"} 2\nbench_h_sum{} 2.5\nbench_h_count 2 1700000000\n";

    #[test]
    fn totals_are_read_and_checked() {
        let total = Total::from_text(TEXT);
        assert_eq!(total, Total { count: 9.0, sum: 2.5, series: 3 });
        let before = Total { count: 1.0, sum: 0.0, series: 3 };
        assert_eq!(total.check(&before, &Total { count: 8.0, ..total }), Ok(()));
        assert!(total.check(&before, &Total { count: 9.0, ..total }).is_err());
        assert!(total.check(&before, &Total { count: 8.0, series: 2, ..total }).is_err());
    }
}
