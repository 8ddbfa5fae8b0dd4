//! What the lines of a histogram's or a summary's series say together.

use super::catalog::{contract, exposition};
use super::sample::Seen;
use super::series::{Finished, Group};
use super::words;
use crate::report::Report;
use crate::report::finding::Finding;
use crate::tools::scrape::number::shown;
use crate::tools::scrape::{FamilyType, Format};

/// One line of a series.
pub(super) fn line(seen: &Seen<'_>, group: &mut Group, report: &mut Report) {
    let value = seen.sample.value.number;
    if let (Some(bound), "_sum" | "_count" | "_gsum" | "_gcount" | "_created") = (seen.labels.bound, seen.suffix) {
        let message = format!("`{}` has a bound, which is for the lines that have one each", seen.suffix);
        report.push(seen.at_label(bound.place, exposition::HISTOGRAM_LE.finding(seen.subject(), message)));
    }
    match seen.suffix {
        "_bucket" => bucket(seen, group, report),
        "_sum" | "_gsum" => once(&mut group.has_sum, seen, report),
        "_count" | "_gcount" => {
            if group.count.replace(value).is_some() {
                report.push(twice(seen));
            }
            compare(seen, group, report);
        }
        "_created" => once(&mut group.has_created, seen, report),
        // A name that the type does not have; that is said elsewhere.
        _ => {}
    }
}

/// A line that a series has once.
fn once(there: &mut bool, seen: &Seen<'_>, report: &mut Report) {
    if std::mem::replace(there, true) {
        report.push(twice(seen));
    }
}

/// Bounds ascend, and counts with them.
fn bucket(seen: &Seen<'_>, group: &mut Group, report: &mut Report) {
    let Some(bound) = seen.labels.bound else {
        let message = "the bucket has no `le`, its upper bound";
        return report.push(seen.at_name(exposition::HISTOGRAM_LE.finding(seen.subject(), message)));
    };
    let Some(le) = bound.number.filter(|le| !le.is_nan()) else {
        let message = "`le` is not a number: expected an upper bound, or `+Inf`";
        return report.push(seen.at_label(bound.place, exposition::HISTOGRAM_LE.finding(seen.subject(), message)));
    };
    let count = seen.sample.value.number;
    let last = group.last.replace((le, count));
    match last {
        Some((below, _)) if below == le => report.push(seen.at_label(bound.place, twice(seen))),
        Some((below, _)) if below > le && !group.order_told => {
            group.order_told = true;
            let message =
                format!("the bucket {} is behind the bucket {}; expected them to ascend", shown(le), shown(below));
            let finding = exposition::HISTOGRAM_ORDER.finding(seen.subject(), message);
            report.push(seen.at_label(bound.place, finding));
        }
        Some((below, _)) if below > le => {}
        Some((below, fewer)) if fewer > count => {
            let [le, count, below, fewer] = [le, count, below, fewer].map(shown);
            let message = format!("the bucket {le} counts {count}, and the bucket {below} within it {fewer}");
            report.push(seen.at_value(exposition::HISTOGRAM_CUMULATIVE.finding(seen.subject(), message)));
        }
        _ => {}
    }
    compare_bound(seen, group, le, report);
    group.buckets += 1;
    group.below_zero |= le < 0.0;
    if le == f64::INFINITY {
        group.inf = Some(count);
        compare(seen, group, report);
    }
}

/// The bucket `+Inf` holds what `_count` counts.
fn compare(seen: &Seen<'_>, group: &Group, report: &mut Report) {
    let (Some(inf), Some(count)) = (group.inf, group.count) else { return };
    if inf != count && !(inf.is_nan() && count.is_nan()) {
        let [inf, count] = [inf, count].map(shown);
        let message = format!("the bucket `+Inf` counts {inf}, and `_count` is {count}; both count all");
        report.push(seen.at_value(exposition::HISTOGRAM_COUNT.finding(seen.subject(), message)));
    }
}

/// The bounds are those of the contract.
fn compare_bound(seen: &Seen<'_>, group: &mut Group, le: f64, report: &mut Report) {
    let Some(promise) = seen.promise.filter(|promise| !promise.metric.buckets.is_empty()) else { return };
    let buckets = &promise.metric.buckets;
    let expected = match buckets.get(group.buckets as usize) {
        Some(bound) => *bound,
        None if group.buckets as usize == buckets.len() => f64::INFINITY,
        None => return,
    };
    if le != expected && !std::mem::replace(&mut group.bounds_told, true) {
        let [le, expected] = [le, expected].map(shown);
        let message = format!("the bucket {le} stands where the contract has {expected}");
        let finding = contract::BUCKETS.finding(seen.subject(), message).help(words::buckets_help(buckets));
        report.push(match seen.labels.bound {
            Some(bound) => seen.at_label(bound.place, finding),
            None => seen.at_name(finding),
        });
    }
}

pub(super) fn twice(seen: &Seen<'_>) -> Finding {
    let message = "a sample of this name and label set came before, in the same family";
    let finding = exposition::SERIES_TWICE.finding(seen.subject(), message);
    seen.at_name(if seen.labels.marks & super::pairs::EMPTY_VALUE == 0 {
        finding
    } else {
        finding.help("a label without a value is the same as none; tell the series apart by a label, or expose one")
    })
}

/// Whether a series lacks a line.
pub(super) fn is_unfinished(family_type: FamilyType, format: Format, group: &Group) -> bool {
    lacks(family_type, format, group).next().is_some()
}

/// What a series lacks, once its family has ended.
pub(super) fn unfinished(
    subject: &str,
    family_type: FamilyType,
    format: Format,
    finished: Finished,
) -> impl Iterator<Item = Finding> {
    let Finished { group, location } = finished;
    lacks(family_type, format, &group).map(move |(rule, message)| match location.clone() {
        Some(location) => rule.finding(subject, message).at(location),
        None => rule.finding(subject, format!("{message}, in the series from line {} on", group.line)),
    })
}

fn lacks(
    family_type: FamilyType,
    format: Format,
    group: &Group,
) -> impl Iterator<Item = (&'static crate::report::finding::Rule, &'static str)> + use<> {
    let has_buckets = family_type != FamilyType::Summary;
    let (sum, count) = (group.has_sum, group.count.is_some());
    let both_needed = has_buckets && format == Format::Text;
    let inf = (has_buckets && group.inf.is_none())
        .then_some((&exposition::HISTOGRAM_INF, "the series has no bucket `le=\"+Inf\"`"));
    let message = match (sum, count) {
        (true, false) => Some("the series has a sum and no count"),
        (false, true) => Some("the series has a count and no sum"),
        (false, false) if both_needed => Some("the series has neither a sum nor a count"),
        (true, true) if format == Format::OpenMetrics && group.below_zero && family_type == FamilyType::Histogram => {
            Some("the series has a sum, and a bucket that ends below zero, so that the sum may fall")
        }
        _ => None,
    };
    inf.into_iter().chain(message.map(|message| (&exposition::HISTOGRAM_SUM, message)))
}
