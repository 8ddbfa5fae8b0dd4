//! The rules of a series beside those before it in its family: no duplicates, and not too many.

use super::catalog::{contract, exposition};
use super::context::Context;
use super::histogram;
use super::series::SeriesOfFamily;
use crate::report::Report;
use crate::tools::scrape::FamilyType;

/// Compares a series with those before it in its family.
pub(super) fn check(series: &mut SeriesOfFamily, context: &Context<'_>, report: &mut Report) {
    // In OpenMetrics a series may have several samples, each with another time.
    let time = context.sample.timestamp.filter(|_| context.is_openmetrics());
    let mut fingerprint = context.set.fingerprint ^ time.map_or(0, |time| time.number.to_bits().rotate_left(17));
    let before = series.count;
    if context.is_openmetrics() {
        order(fingerprint, series, context, report);
    }
    match context.family_type {
        FamilyType::Histogram | FamilyType::GaugeHistogram => several_lines(fingerprint, series, context, report),
        FamilyType::Summary if !context.suffix.is_empty() => several_lines(fingerprint, series, context, report),
        _ => {
            if context.suffix == "_created" {
                fingerprint = !fingerprint;
            }
            if let Some(bound) = context.set.bound {
                // Without other labels and at zero, both are zero, which is the fingerprint of the sum's line.
                let number = bound.number.unwrap_or_default().to_bits() ^ 0xd1b5_4a32_d192_ed03;
                fingerprint = (fingerprint ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            }
            if !series.add(fingerprint) {
                report.push(histogram::twice(context, context.sample.name.span()));
            } else if context.suffix != "_created" && context.set.bound.is_none() {
                series.count += 1;
            }
        }
    }
    if series.take_apart() && context.is_openmetrics() {
        let message = "lines of other label sets are between this line and the others of its label set";
        report.push(context.at_name(&exposition::METRIC_SPLIT, message));
    }
    // One more than the limit is the series that counts everything past it.
    if let Some(limit) = context.expectation.map(|expectation| expectation.metric.series_limit as usize)
        && series.count > before
        && series.count == limit.saturating_add(2)
    {
        let message = format!("more than {limit} series; this is the first past the limit");
        report.push(context.at_name(&contract::SERIES_LIMIT, message));
    }
}

/// OpenMetrics has the lines of a label set together, and its times in order.
fn order(fingerprint: u64, series: &mut SeriesOfFamily, context: &Context<'_>, report: &mut Report) {
    match context.family_type {
        FamilyType::Counter => series.counter(context.set.fingerprint, fingerprint, context.suffix == "_created"),
        // The quantiles belong to the sum and the count.
        FamilyType::Summary if context.suffix.is_empty() => {
            series.group(fingerprint, context.line);
        }
        _ => {}
    }
    let timestamp = context.sample.timestamp;
    if series.falls(context.set.fingerprint, timestamp.map(|time| time.number)) {
        let time = timestamp.map(|time| time.text.span()).unwrap_or_default();
        report.push(context.at(time, &exposition::TIMESTAMP_ORDER, "the time is before that of the previous line"));
    }
}

/// A line of a series that has several.
fn several_lines(fingerprint: u64, series: &mut SeriesOfFamily, context: &Context<'_>, report: &mut Report) {
    match series.group(fingerprint, context.line) {
        Some(group) => histogram::line(context, group, report),
        // A `_created` after all other lines is apart from them, and not a duplicate.
        None if context.suffix == "_created" => {}
        None => report.push(histogram::twice(context, context.sample.name.span())),
    }
}
