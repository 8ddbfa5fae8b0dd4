//! The text formats of a scrape, and the types of a family in them.

use std::fmt;

/// A text format that metrics are exposed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// The Prometheus text format: version 0.0.4, and 1.0.0 with its quoted names.
    #[default]
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Format {
    /// The content type of the format, with the version that is read.
    ///
    /// ```
    /// use orchq_metrics::scrape::Format;
    ///
    /// assert_eq!(Format::from_content_type(Format::OpenMetrics.content_type()), Some(Format::OpenMetrics));
    /// ```
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain;version=0.0.4",
            Self::OpenMetrics => "application/openmetrics-text;version=1.0.0",
        }
    }

    /// The format of an HTTP `Content-Type`; `None` for any other, such as `text/html` or the protobuf format.
    ///
    /// ```
    /// use orchq_metrics::scrape::Format;
    ///
    /// let format = |content_type| Format::from_content_type(content_type);
    /// assert_eq!(format("text/plain; version=0.0.4; charset=utf-8"), Some(Format::Text));
    /// assert_eq!(format("application/openmetrics-text; version=1.0.0"), Some(Format::OpenMetrics));
    /// assert_eq!(format("text/html"), None);
    /// ```
    #[must_use]
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        let media_type = |of: &str| of.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let all = [Self::Text, Self::OpenMetrics];
        all.into_iter().find(|format| media_type(format.content_type()) == media_type(content_type))
    }

    /// The format of a text, by its beginning: OpenMetrics if it has `# EOF`, `# UNIT`, a type of OpenMetrics, or a
    /// counter whose family name lacks the `_total` of its samples.
    pub(super) fn guess(head: &[u8]) -> Self {
        let mut counter: Option<&[u8]> = None;
        for line in head.split(|byte| *byte == b'\n') {
            let Some(comment) = line.strip_prefix(b"# ") else {
                let total = counter.and_then(|name| line.strip_prefix(name));
                if total.is_some_and(|rest| rest.starts_with(b"_total")) {
                    return Self::OpenMetrics;
                }
                continue;
            };
            if comment == b"EOF" || comment.starts_with(b"UNIT ") {
                return Self::OpenMetrics;
            }
            let mut words = comment.split(|byte| *byte == b' ');
            if words.next() == Some(b"TYPE") {
                let name = words.next();
                match words.next() {
                    Some(b"counter") => counter = name,
                    Some(b"unknown" | b"info" | b"stateset" | b"gaugehistogram") => return Self::OpenMetrics,
                    _ => {}
                }
            }
        }
        Self::Text
    }
}

/// The type of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FamilyType {
    /// A sum that only grows.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// Observations counted into buckets.
    Histogram,
    /// Observations summarized as quantiles.
    Summary,
    /// No type, `untyped`, or OpenMetrics' `unknown`.
    Untyped,
    /// OpenMetrics: buckets whose counts go up and down.
    GaugeHistogram,
    /// OpenMetrics: labels that describe something.
    Info,
    /// OpenMetrics: one of several states.
    StateSet,
}

impl FamilyType {
    /// The type as a `# TYPE` line of the format spells it.
    #[must_use]
    pub const fn as_str(self, format: Format) -> &'static str {
        match (self, format) {
            (Self::Counter, _) => "counter",
            (Self::Gauge, _) => "gauge",
            (Self::Histogram, _) => "histogram",
            (Self::Summary, _) => "summary",
            (Self::Untyped, Format::Text) => "untyped",
            (Self::Untyped, Format::OpenMetrics) => "unknown",
            (Self::GaugeHistogram, _) => "gaugehistogram",
            (Self::Info, _) => "info",
            (Self::StateSet, _) => "stateset",
        }
    }

    /// The types of a format.
    pub(super) const fn all(format: Format) -> &'static [Self] {
        const ALL: [FamilyType; 8] = [
            FamilyType::Counter,
            FamilyType::Gauge,
            FamilyType::Histogram,
            FamilyType::Summary,
            FamilyType::Untyped,
            FamilyType::GaugeHistogram,
            FamilyType::Info,
            FamilyType::StateSet,
        ];
        match format {
            Format::Text => ALL.split_at(5).0,
            Format::OpenMetrics => &ALL,
        }
    }

    /// The type of this name in a `# TYPE` line.
    pub(super) fn named(name: &str, format: Format) -> Option<Self> {
        Self::all(format).iter().copied().find(|family| family.as_str(format) == name)
    }

    /// The suffixes of the family's name in the names of its samples.
    pub(crate) const fn suffixes(self, format: Format) -> &'static [&'static str] {
        match (self, format) {
            (Self::Counter, Format::OpenMetrics) => &["_total", "_created"],
            (Self::Histogram, Format::OpenMetrics) => &["_bucket", "_count", "_sum", "_created"],
            (Self::Histogram, Format::Text) => &["_bucket", "_count", "_sum"],
            (Self::Summary, Format::OpenMetrics) => &["", "_count", "_sum", "_created"],
            (Self::Summary, Format::Text) => &["", "_count", "_sum"],
            (Self::GaugeHistogram, _) => &["_bucket", "_gcount", "_gsum"],
            (Self::Info, _) => &["_info"],
            _ => &[""],
        }
    }
}

impl fmt::Display for FamilyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str(Format::Text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_of_openmetrics_decides() {
        for openmetrics in [
            "# TYPE a gauge\na 1\n# EOF\n",
            "# TYPE a_ms gauge\n# UNIT a_ms ms\n",
            "# TYPE a unknown\n",
            "# HELP a b\n# TYPE a counter\na_total 1\n",
        ] {
            assert_eq!(Format::guess(openmetrics.as_bytes()), Format::OpenMetrics, "{openmetrics}");
        }
        for text in ["", "a 1\n", "# TYPE a_total counter\na_total 1\n", "# TYPE a untyped\na 1\n", "#EOF\n# end\n"] {
            assert_eq!(Format::guess(text.as_bytes()), Format::Text, "{text}");
        }
    }
}
