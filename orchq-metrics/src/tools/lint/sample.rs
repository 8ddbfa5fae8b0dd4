//! What a sample is checked for: one rule, one function, in the order of the list.

use super::catalog::{contract, exposition};
use super::families::Family;
use super::pairs::{LabelSet, Pairs};
use super::place::Line;
use super::promises::{self, Promise};
use super::words;
use crate::report::Report;
use crate::report::finding::Finding;
use crate::tools::scrape::event::Sample;
use crate::tools::scrape::number::canonical;
use crate::tools::scrape::{FamilyType, Format};

/// What the rules read.
pub(super) struct Seen<'a> {
    pub(super) line: Line<'a>,
    pub(super) sample: &'a Sample<'a>,
    pub(super) family: &'a Family,
    pub(super) family_type: FamilyType,
    /// What the sample's name has behind the family's.
    pub(super) suffix: &'static str,
    pub(super) promise: Option<&'a Promise<'a>>,
    pub(super) labels: LabelSet,
    pub(super) pairs: &'a Pairs,
}

/// The rules that look at the number and the name; those about labels are in [`labels`](super::labels).
pub(super) const RULES: [fn(&Seen<'_>, &mut Report); 10] = [
    name_of_the_type,
    counter_value,
    count_value,
    sum_value,
    range,
    quantile,
    state_value,
    timestamp_unit,
    exemplar,
    le_spelling,
];

impl Seen<'_> {
    /// The metric's name, or the family's.
    pub(super) fn subject(&self) -> String {
        match self.promise {
            Some(promise) => promise.metric.name.clone(),
            None => self.family.full_name(),
        }
    }

    pub(super) fn at_name(&self, finding: Finding) -> Finding {
        finding.at(self.line.at(self.sample.name.span()))
    }

    pub(super) fn at_value(&self, finding: Finding) -> Finding {
        finding.at(self.line.at(self.sample.value.text.span()))
    }

    /// At the value of the label at a place in the line.
    pub(super) fn at_label(&self, place: usize, finding: Finding) -> Finding {
        match self.sample.labels.iter().nth(place) {
            Some(label) => finding.at(self.line.at(label.value.span())),
            None => self.at_name(finding),
        }
    }

    fn is_openmetrics(&self) -> bool {
        self.family.format == Format::OpenMetrics
    }
}

/// A sample's name is its family's with a suffix that the type has.
fn name_of_the_type(seen: &Seen<'_>, report: &mut Report) {
    let suffixes = seen.family_type.suffixes(seen.family.format);
    if suffixes.contains(&seen.suffix) {
        return;
    }
    if seen.family_type == FamilyType::Counter
        && let Some(family) = seen.family.name.strip_suffix("_total")
    {
        let message = format!("the samples of a counter have `_total`, and its family has not; declare `{family}`");
        return report.push(seen.at_name(exposition::SAMPLE_NAME.finding(seen.subject(), message)));
    }
    let named = |suffix: &&str| format!("`{}{suffix}`", seen.family.name);
    let expected: Vec<String> = suffixes.iter().map(named).collect();
    let family_type = seen.family_type.as_str(seen.family.format);
    let message = format!("no sample of a {family_type} is named so; expected {}", expected.join(", "));
    report.push(seen.at_name(exposition::SAMPLE_NAME.finding(seen.subject(), message)));
}

/// A counter is a finite number from zero on.
fn counter_value(seen: &Seen<'_>, report: &mut Report) {
    let value = seen.sample.value.number;
    let counts = seen.family_type == FamilyType::Counter && seen.suffix != "_created";
    if counts && !(value >= 0.0 && value.is_finite()) {
        let value = seen.sample.value.text.raw();
        let message = format!("a counter is {value}; expected a finite number that is not negative");
        report.push(seen.at_value(exposition::COUNTER_VALUE.finding(seen.subject(), message)));
    }
}

/// A count of observations is a whole number from zero on.
fn count_value(seen: &Seen<'_>, report: &mut Report) {
    let value = seen.sample.value.number;
    let counts = match seen.family_type {
        FamilyType::Histogram | FamilyType::GaugeHistogram | FamilyType::Summary => {
            matches!(seen.suffix, "_bucket" | "_count" | "_gcount")
        }
        _ => false,
    };
    if counts && !(value >= 0.0 && value.is_finite() && value.fract() == 0.0) {
        let value = seen.sample.value.text.raw();
        let message = format!("a count of observations is {value}; expected a whole number that is not negative");
        report.push(seen.at_value(exposition::COUNTER_VALUE.finding(seen.subject(), message)));
    }
}

/// In OpenMetrics a sum of observations only grows, as a count does.
fn sum_value(seen: &Seen<'_>, report: &mut Report) {
    let value = &seen.sample.value;
    let grows = matches!(seen.family_type, FamilyType::Histogram | FamilyType::Summary) && seen.suffix == "_sum";
    if grows && seen.is_openmetrics() && (value.number.is_nan() || value.number < 0.0) {
        let message = format!("a sum of observations is {}; expected a number that is not negative", value.text.raw());
        report.push(seen.at_value(exposition::COUNTER_VALUE.finding(seen.subject(), message)));
    }
}

/// The value is one that the contract's unit can be; of a histogram, the sum is.
fn range(seen: &Seen<'_>, report: &mut Report) {
    let Some((promise, (least, most))) = seen.promise.and_then(|promise| Some((promise, promise.range?))) else {
        return;
    };
    let value = seen.sample.value.number;
    let (least, most) = match (seen.family_type, seen.suffix) {
        (FamilyType::Gauge | FamilyType::Untyped | FamilyType::Counter, "" | "_total") => (least, most),
        // Each observation is in the range, and their sum has no upper end.
        (FamilyType::Histogram, "_sum") => (least, f64::INFINITY),
        _ => return,
    };
    // What is wrong with a counter is said of every counter.
    if seen.family_type == FamilyType::Counter && !(value >= 0.0 && value.is_finite()) {
        return;
    }
    if !(value >= least && value <= most) {
        let unit = &promise.metric.unit;
        let value = seen.sample.value.text.raw();
        let message = format!("the value is {value}; expected {unit}, {}", words::range(least, most));
        report.push(seen.at_value(contract::RANGE.finding(seen.subject(), message)));
    }
}

/// The line of a summary that is neither its sum nor its count is a quantile.
fn quantile(seen: &Seen<'_>, report: &mut Report) {
    if seen.family_type != FamilyType::Summary || !seen.suffix.is_empty() {
        return;
    }
    let finding = |message: &str| exposition::SUMMARY_QUANTILE.finding(seen.subject(), message);
    match seen.labels.bound {
        None => report.push(seen.at_name(finding("the sample has no `quantile`"))),
        Some(bound) if bound.number.is_none_or(|quantile| !(0.0..=1.0).contains(&quantile)) => {
            report.push(seen.at_label(bound.place, finding("`quantile` is not a number from 0 to 1")));
        }
        Some(_) => {}
    }
}

/// An info is 1, and a state is on or off.
fn state_value(seen: &Seen<'_>, report: &mut Report) {
    let value = seen.sample.value.number;
    let own = matches!(seen.family.name.as_str(), promises::INFO);
    let message = match seen.family_type {
        FamilyType::Info if value != 1.0 => "an info is always 1",
        FamilyType::Gauge if own && value != 1.0 => "an info is always 1",
        FamilyType::StateSet if value != 0.0 && value != 1.0 => "a state is 0 or 1",
        FamilyType::StateSet if seen.sample.labels.get(&seen.family.name).is_none() => {
            let message = format!("a state has a label `{}` that names it", seen.family.name);
            return report.push(seen.at_name(exposition::STATE_VALUE.finding(seen.subject(), message)));
        }
        _ => return,
    };
    report.push(seen.at_value(exposition::STATE_VALUE.finding(seen.subject(), message)));
}

/// A timestamp is in the format's unit, as far as the century tells.
fn timestamp_unit(seen: &Seen<'_>, report: &mut Report) {
    /// Milliseconds of 1973, and seconds of the year 5138.
    const BETWEEN: f64 = 1e11;
    let Some(timestamp) = seen.sample.timestamp else { return };
    let time = timestamp.number.abs();
    let message = if seen.is_openmetrics() && time >= BETWEEN {
        "the timestamp looks like milliseconds; expected seconds"
    } else if !seen.is_openmetrics() && time > 0.0 && time < BETWEEN {
        "the timestamp looks like seconds; expected milliseconds"
    } else {
        return;
    };
    let finding = exposition::TIMESTAMP_UNIT.finding(seen.subject(), message);
    report.push(finding.at(seen.line.at(timestamp.text.span())));
}

/// An exemplar is short, and stands on what counts.
fn exemplar(seen: &Seen<'_>, report: &mut Report) {
    const MOST: usize = 128;
    let Some(exemplar) = &seen.sample.exemplar else { return };
    let allowed = matches!(
        (seen.family_type, seen.suffix),
        (FamilyType::Counter, "_total") | (FamilyType::Histogram | FamilyType::GaugeHistogram, "_bucket")
    );
    let length = |text: &str| text.chars().count();
    let labels = exemplar.labels.iter();
    let length: usize = labels.map(|label| length(&label.name.unescaped()) + length(&label.value.unescaped())).sum();
    let message = if !allowed {
        "an exemplar stands on a bucket or a counter's `_total` alone".to_owned()
    } else if length > MOST {
        format!("the exemplar's labels have {length} characters; expected {MOST} at most")
    } else {
        return;
    };
    let finding = exposition::EXEMPLAR.finding(seen.subject(), message);
    report.push(finding.at(seen.line.at(exemplar.value.text.span())));
}

/// OpenMetrics spells a bound in one way.
fn le_spelling(seen: &Seen<'_>, report: &mut Report) {
    let Some(bound) = seen.labels.bound.filter(|_| seen.is_openmetrics()) else { return };
    let Some(label) = seen.sample.labels.iter().nth(bound.place) else { return };
    let spelled = label.value.raw();
    if bound.number.is_some_and(|number| spelled != canonical(number)) {
        let message = format!("`{}=\"{spelled}\"` is not spelled as OpenMetrics does", label.name.raw());
        let finding = exposition::LE_SPELLING.finding(seen.subject(), message);
        report.push(seen.at_label(bound.place, finding));
    }
}
