//! The rules of a sample's name, value, timestamp and exemplar, in the order of the list.

use super::catalog::{contract, exposition};
use super::context::Context;
use crate::contract::value;
use crate::expose::own;
use crate::report::Report;
use crate::tools::scrape::FamilyType;
use crate::tools::scrape::number::canonical;

pub(super) const RULES: [fn(&Context<'_>, &mut Report); 8] =
    [name_of_the_type, counter_value, range, quantile, state_value, timestamp_unit, exemplar, le_spelling];

/// A sample's name is its family's with a suffix of the type.
fn name_of_the_type(context: &Context<'_>, report: &mut Report) {
    let name = &context.family.name;
    let suffixes = context.family_type.suffixes(context.family.format);
    if suffixes.contains(&context.suffix) {
        return;
    }
    let message = match (context.family_type, name.strip_suffix("_total")) {
        (FamilyType::Counter, Some(family)) => {
            format!("the samples of a counter end with `_total`, and its family does not; declare `{family}`")
        }
        _ => {
            let expected: Vec<String> = suffixes.iter().map(|suffix| format!("`{name}{suffix}`")).collect();
            let family_type = context.family_type.as_str(context.family.format);
            format!("a {family_type} has no sample of this name; expected {}", expected.join(", "))
        }
    };
    report.push(context.at_name(&exposition::SAMPLE_NAME, message));
}

/// A counter is finite and not negative, and a count of observations whole too. In OpenMetrics, a sum of observations
/// only grows.
fn counter_value(context: &Context<'_>, report: &mut Report) {
    let value = context.sample.value;
    let is_counter = value.number >= 0.0 && value.number.is_finite();
    let (is_valid, what, expected) = match (context.family_type, context.suffix) {
        (_, "_created") => return,
        (FamilyType::Counter, _) => (is_counter, "a counter", "a finite number that is not negative"),
        (
            FamilyType::Histogram | FamilyType::GaugeHistogram | FamilyType::Summary,
            "_bucket" | "_count" | "_gcount",
        ) => {
            let is_count = is_counter && value.number.fract() == 0.0;
            (is_count, "a count of observations", "a whole number that is not negative")
        }
        (FamilyType::Histogram | FamilyType::Summary, "_sum") if context.is_openmetrics() => {
            (value.number >= 0.0, "a sum of observations", "a number that is not negative")
        }
        _ => return,
    };
    if !is_valid {
        let message = format!("{what} is {}; expected {expected}", value.text.raw());
        report.push(context.at_value(&exposition::COUNTER_VALUE, message));
    }
}

/// The value, or the sum of a histogram, is in the range of the contract.
fn range(context: &Context<'_>, report: &mut Report) {
    let Some(expectation) = context.expectation else { return };
    let Some((least, most)) = expectation.range else { return };
    let value = context.sample.value.number;
    let (least, most) = match (context.family_type, context.suffix) {
        // A counter that is not a finite number from zero on is another rule's.
        (FamilyType::Counter, "" | "_total") if !(value >= 0.0 && value.is_finite()) => return,
        (FamilyType::Gauge | FamilyType::Untyped | FamilyType::Counter, "" | "_total") => (least, most),
        // Each observation is in the range, and their sum has no end but zero.
        (FamilyType::Histogram, "_sum") if least >= 0.0 => (0.0, f64::INFINITY),
        _ => return,
    };
    if !(value >= least && value <= most) {
        let (unit, value) = (&expectation.metric.unit, context.sample.value.text.raw());
        let message = format!("the value is {value}; expected {unit}, {}", value::range((least, most)));
        report.push(context.at_value(&contract::RANGE, message));
    }
}

/// A sample of a summary that is neither its sum nor its count has a quantile.
fn quantile(context: &Context<'_>, report: &mut Report) {
    if context.family_type != FamilyType::Summary || !context.suffix.is_empty() {
        return;
    }
    let rule = &exposition::SUMMARY_QUANTILE;
    match context.set.bound {
        None => report.push(context.at_name(rule, "the sample has no `quantile`")),
        Some(bound) if bound.number.is_none_or(|quantile| !(0.0..=1.0).contains(&quantile)) => {
            report.push(context.at_label(bound.index, rule, "`quantile` is not a number from 0 to 1"));
        }
        Some(_) => {}
    }
}

/// An info is 1, and a state is 0 or 1.
fn state_value(context: &Context<'_>, report: &mut Report) {
    const INFO: &str = "an info is always 1";
    let (value, name) = (context.sample.value.number, &context.family.name);
    let rule = &exposition::STATE_VALUE;
    match context.family_type {
        FamilyType::Info if value != 1.0 => report.push(context.at_value(rule, INFO)),
        FamilyType::Gauge if name == own::INFO && value != 1.0 => report.push(context.at_value(rule, INFO)),
        FamilyType::StateSet if value != 0.0 && value != 1.0 => {
            report.push(context.at_value(rule, "a state is 0 or 1"));
        }
        FamilyType::StateSet if context.sample.labels.get(name).is_none() => {
            report.push(context.at_name(rule, format!("a state needs a label `{name}` that names it")));
        }
        _ => {}
    }
}

/// A timestamp is in the format's unit, as far as its size shows.
fn timestamp_unit(context: &Context<'_>, report: &mut Report) {
    /// As milliseconds, in 1973; as seconds, in 5138.
    const BETWEEN: f64 = 1e11;
    let Some(timestamp) = context.sample.timestamp else { return };
    let time = timestamp.number.abs();
    let message = if context.is_openmetrics() && time >= BETWEEN {
        "the timestamp looks like milliseconds; expected seconds"
    } else if !context.is_openmetrics() && time > 0.0 && time < BETWEEN {
        "the timestamp looks like seconds; expected milliseconds"
    } else {
        return;
    };
    report.push(context.at(timestamp.text.span(), &exposition::TIMESTAMP_UNIT, message));
}

/// An exemplar is short, and on a bucket or a counter.
fn exemplar(context: &Context<'_>, report: &mut Report) {
    const MAX_CHARACTERS: usize = 128;
    let Some(exemplar) = &context.sample.exemplar else { return };
    let may_have_one = matches!(
        (context.family_type, context.suffix),
        (FamilyType::Counter, "_total") | (FamilyType::Histogram | FamilyType::GaugeHistogram, "_bucket")
    );
    let length = |text: &str| text.chars().count();
    let labels = exemplar.labels.iter();
    let length: usize = labels.map(|label| length(&label.name.unescaped()) + length(&label.value.unescaped())).sum();
    let message = if !may_have_one {
        "only a bucket or a counter's `_total` can have an exemplar".to_owned()
    } else if length > MAX_CHARACTERS {
        format!("the exemplar's labels have {length} characters; expected at most {MAX_CHARACTERS}")
    } else {
        return;
    };
    report.push(context.at(exemplar.value.text.span(), &exposition::EXEMPLAR, message));
}

/// OpenMetrics has one spelling of a bound.
fn le_spelling(context: &Context<'_>, report: &mut Report) {
    let Some(bound) = context.set.bound.filter(|_| context.is_openmetrics()) else { return };
    let Some(label) = context.sample.labels.iter().nth(bound.index) else { return };
    let Some(expected) = bound.number.map(canonical).filter(|expected| expected != label.value.raw()) else { return };
    let (name, spelled) = (label.name.raw(), label.value.raw());
    let message = format!("OpenMetrics spells `{name}=\"{spelled}\"` as `{expected}`");
    report.push(context.at_label(bound.index, &exposition::LE_SPELLING, message));
}
