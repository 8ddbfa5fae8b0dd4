//! A series beside those before it in its family: none comes twice, and there are not too many.

use super::catalog::{contract, exposition};
use super::histogram;
use super::sample::Seen;
use super::series::SeriesOfFamily;
use crate::report::Report;
use crate::tools::scrape::{FamilyType, Format};

/// Compares a series with those before it in its family.
pub(super) fn compare(series: &mut SeriesOfFamily, seen: &Seen<'_>, report: &mut Report) {
    // OpenMetrics may have several samples of a series, each with a time of its own.
    let time = seen.sample.timestamp.filter(|_| seen.family.format == Format::OpenMetrics);
    let mut fingerprint = seen.labels.fingerprint ^ time.map_or(0, |time| time.number.to_bits().rotate_left(17));
    let before = series.count;
    if seen.family.format == Format::OpenMetrics {
        in_order(fingerprint, series, seen, report);
    }
    match seen.family_type {
        FamilyType::Histogram | FamilyType::GaugeHistogram => several_lines(fingerprint, series, seen, report),
        FamilyType::Summary if !seen.suffix.is_empty() => several_lines(fingerprint, series, seen, report),
        _ => {
            if seen.suffix == "_created" {
                fingerprint = !fingerprint;
            }
            if let Some(bound) = seen.labels.bound {
                // Without other labels and at zero, both are zero, which is the fingerprint of the sum's line.
                let number = bound.number.unwrap_or_default().to_bits() ^ 0xd1b5_4a32_d192_ed03;
                fingerprint = (fingerprint ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            }
            if !series.add(fingerprint) {
                report.push(histogram::twice(seen));
            } else if seen.suffix != "_created" && seen.labels.bound.is_none() {
                series.count += 1;
            }
        }
    }
    if series.take_apart() && seen.family.format == Format::OpenMetrics {
        let message = "lines of other label sets are between this one and those of its label set";
        report.push(seen.at_name(exposition::METRIC_SPLIT.finding(seen.subject(), message)));
    }
    if series.count > before {
        series_limit(seen, series.count, report);
    }
}

/// OpenMetrics has the lines of a label set together, and its times in order.
fn in_order(fingerprint: u64, series: &mut SeriesOfFamily, seen: &Seen<'_>, report: &mut Report) {
    match seen.family_type {
        FamilyType::Counter => series.counter(seen.labels.fingerprint, fingerprint, seen.suffix == "_created"),
        // The quantiles belong to the sum and the count.
        FamilyType::Summary if seen.suffix.is_empty() => {
            series.group(fingerprint, seen.line);
        }
        _ => {}
    }
    if series.falls(seen.labels.fingerprint, seen.sample.timestamp.map(|time| time.number)) {
        let finding = exposition::TIMESTAMP_ORDER.finding(seen.subject(), "the time is before that of the line before");
        let time = seen.sample.timestamp.map(|time| time.text.span()).unwrap_or_default();
        report.push(finding.at(seen.line.at(time)));
    }
}

/// A line of a series that has several.
fn several_lines(fingerprint: u64, series: &mut SeriesOfFamily, seen: &Seen<'_>, report: &mut Report) {
    match series.group(fingerprint, seen.line) {
        Some(group) => histogram::line(seen, group, report),
        // What came when all other lines were there is apart from them, and no duplicate.
        None if seen.suffix == "_created" => {}
        None => report.push(histogram::twice(seen)),
    }
}

/// A family has no more series than the contract allows, and one more for those that found no room.
fn series_limit(seen: &Seen<'_>, count: usize, report: &mut Report) {
    let Some(limit) = seen.promise.map(|promise| promise.metric.series_limit as usize) else { return };
    if count == limit.saturating_add(2) {
        let message = format!("there are more than {limit} series, and this is the first past the limit");
        report.push(seen.at_name(contract::SERIES_LIMIT.finding(seen.subject(), message)));
    }
}
