//! Looks up series of the queue's metrics page.

use anyhow::anyhow;
use orchq_metrics::scrape::{self, Family, Format, Series, Value};

/// A parsed `/metrics` page.
#[derive(Debug)]
pub struct Scrape(Vec<Family>);

impl Scrape {
    /// Parses a page.
    ///
    /// # Errors
    ///
    /// The first line that is malformed.
    pub fn parse(page: &str) -> anyhow::Result<Self> {
        scrape::families(page, Some(Format::Text)).map(Self).map_err(|findings| {
            let first = findings.first().map_or("it has nothing readable", |finding| &finding.message);
            anyhow!("the metrics page is malformed: {first}")
        })
    }

    /// The series of that metric that carry all of `labels`.
    pub fn series<'a>(&'a self, name: &'a str, labels: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = &'a Series> {
        let families = self.0.iter().filter(move |family| family.name == name);
        families
            .flat_map(|family| &family.series)
            .filter(move |series| labels.iter().all(|&(label, value)| series.label(label) == Some(value)))
    }

    /// The sum over those series; of a histogram, the number of observations.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.series(name, labels).map(number).sum()
    }
}

/// The value of a series; of a histogram, the number of observations.
pub fn number(series: &Series) -> f64 {
    match &series.value {
        Value::Number(number) => *number,
        Value::Histogram(all) | Value::Summary(all) => all.count.unwrap_or_default(),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_found_by_their_labels() {
        let page = "# HELP a text\n# TYPE a counter\na{x=\"1\",y=\"q\\\"u\\\\o\\nte} \"} 2.5\na{x=\"2\"} 4 123\nb 7\n\
                    # TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 3\nh_sum 9\nh_count 3\n";
        let scrape = Scrape::parse(page).unwrap();
        assert_eq!(scrape.sum("a", &[]), 6.5);
        assert_eq!(scrape.sum("a", &[("x", "2")]), 4.0);
        assert_eq!((scrape.sum("b", &[]), scrape.sum("h", &[])), (7.0, 3.0));
        assert_eq!(scrape.series("a", &[]).next().unwrap().label("y"), Some("q\"u\\o\nte} "));
    }

    #[test]
    fn a_malformed_page_is_an_error() {
        let error = Scrape::parse("a 1\nb{ 2\n").unwrap_err().to_string();
        assert!(error.starts_with("the metrics page is malformed: "), "{error}");
    }
}
