//! The rules of the lines of a histogram's or a summary's series together.

use std::ops::Range;

use super::catalog::{contract, exposition};
use super::context::Context;
use super::labels::EMPTY_VALUE;
use super::messages;
use super::series::Group;
use crate::report::Report;
use crate::report::finding::{Finding, Location, Rule};
use crate::tools::scrape::number::shown;
use crate::tools::scrape::{FamilyType, Format};

/// One line of a series.
pub(super) fn line(context: &Context<'_>, group: &mut Group, report: &mut Report) {
    if let (Some(bound), "_sum" | "_count" | "_gsum" | "_gcount" | "_created") = (context.set.bound, context.suffix) {
        let message = format!("`{}` has a bound, which only buckets and quantiles have", context.suffix);
        report.push(context.at_label(bound.index, &exposition::HISTOGRAM_LE, message));
    }
    let is_twice = match context.suffix {
        "_bucket" => return bucket(context, group, report),
        "_sum" | "_gsum" => std::mem::replace(&mut group.has_sum, true),
        "_count" | "_gcount" => group.count.replace(context.sample.value.number).is_some(),
        "_created" => std::mem::replace(&mut group.has_created, true),
        // Another rule reports a name that the type does not have.
        _ => return,
    };
    if is_twice {
        report.push(twice(context, context.sample.name.span()));
    }
    if context.suffix.ends_with("count") {
        compare(context, group, report);
    }
}

/// Bounds ascend, and counts with them.
fn bucket(context: &Context<'_>, group: &mut Group, report: &mut Report) {
    let rule = &exposition::HISTOGRAM_LE;
    let Some(bound) = context.set.bound else {
        return report.push(context.at_name(rule, "the bucket has no `le`, its upper bound"));
    };
    let Some(le) = bound.number.filter(|le| !le.is_nan()) else {
        let message = "`le` is not a number: expected an upper bound, or `+Inf`";
        return report.push(context.at_label(bound.index, rule, message));
    };
    let count = context.sample.value.number;
    match group.last.replace((le, count)) {
        Some((below, _)) if below == le => {
            let label = context.sample.labels.iter().nth(bound.index);
            report.push(twice(context, label.map(|label| label.value.span()).unwrap_or_default()));
        }
        Some((below, _)) if below > le => {
            let is_reported = std::mem::replace(&mut group.order_reported, true);
            if !is_reported {
                let [le, below] = [le, below].map(shown);
                let message = format!("the bucket {le} is after the bucket {below}; expected ascending bounds");
                report.push(context.at_label(bound.index, &exposition::HISTOGRAM_ORDER, message));
            }
        }
        Some((below, fewer)) if fewer > count => {
            let [le, count, below, fewer] = [le, count, below, fewer].map(shown);
            let message = format!("the bucket {le} counts {count}, and the bucket {below} within it {fewer}");
            report.push(context.at_value(&exposition::HISTOGRAM_CUMULATIVE, message));
        }
        _ => {}
    }
    compare_bound(context, bound.index, group, le, report);
    group.buckets += 1;
    group.below_zero |= le < 0.0;
    if le == f64::INFINITY {
        group.inf = Some(count);
        compare(context, group, report);
    }
}

/// The bucket `+Inf` and `_count` are the same.
fn compare(context: &Context<'_>, group: &Group, report: &mut Report) {
    let (Some(inf), Some(count)) = (group.inf, group.count) else { return };
    if inf != count && !(inf.is_nan() && count.is_nan()) {
        let [inf, count] = [inf, count].map(shown);
        let message = format!("the bucket `+Inf` counts {inf}, and `_count` is {count}; both count all observations");
        report.push(context.at_value(&exposition::HISTOGRAM_COUNT, message));
    }
}

/// The bounds are those of the contract.
fn compare_bound(context: &Context<'_>, index: usize, group: &mut Group, le: f64, report: &mut Report) {
    let Some(expectation) = context.expectation.filter(|expectation| !expectation.metric.buckets.is_empty()) else {
        return;
    };
    let buckets = &expectation.metric.buckets;
    let expected = match buckets.get(group.buckets as usize) {
        Some(bound) => *bound,
        None if group.buckets as usize == buckets.len() => f64::INFINITY,
        None => return,
    };
    if le != expected && !std::mem::replace(&mut group.bounds_reported, true) {
        let [le, expected] = [le, expected].map(shown);
        let message = format!("the bucket is {le}, where the contract has {expected}");
        let finding = context.at_label(index, &contract::BUCKETS, message);
        report.push(finding.help(messages::buckets_help(buckets)));
    }
}

pub(super) fn twice(context: &Context<'_>, span: Range<usize>) -> Finding {
    let message = "the family already has a sample of this name and label set";
    let finding = context.at(span, &exposition::SERIES_TWICE, message);
    if context.set.flags & EMPTY_VALUE == 0 {
        return finding;
    }
    finding.help("an empty label is the same as an absent one; distinguish the series by a label, or expose one")
}

/// What a series lacks at the end of its family.
pub(super) fn unfinished(
    subject: &str,
    family_type: FamilyType,
    format: Format,
    (group, location): (Group, Option<Location>),
) -> impl Iterator<Item = Finding> {
    missing(family_type, format, &group).map(move |(rule, message)| match location.clone() {
        Some(location) => rule.finding(subject, message).at(location),
        None => rule.finding(subject, format!("{message}, in the series from line {} on", group.line)),
    })
}

fn missing(
    family_type: FamilyType,
    format: Format,
    group: &Group,
) -> impl Iterator<Item = (&'static Rule, &'static str)> + use<> {
    let has_buckets = family_type != FamilyType::Summary;
    let (sum, count) = (group.has_sum, group.count.is_some());
    let both_required = has_buckets && format == Format::Text;
    let inf = (has_buckets && group.inf.is_none())
        .then_some((&exposition::HISTOGRAM_INF, "the series has no bucket `le=\"+Inf\"`"));
    let message = match (sum, count) {
        (true, false) => Some("the series has a sum and no count"),
        (false, true) => Some("the series has a count and no sum"),
        (false, false) if both_required => Some("the series has neither a sum nor a count"),
        (true, true) if format == Format::OpenMetrics && group.below_zero && family_type == FamilyType::Histogram => {
            Some("the series has a sum, and a bucket that ends below zero, so that the sum may fall")
        }
        _ => None,
    };
    inf.into_iter().chain(message.map(|message| (&exposition::HISTOGRAM_SUM, message)))
}
