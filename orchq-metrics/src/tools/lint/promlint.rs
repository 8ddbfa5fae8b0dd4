//! The rules of promlint, with its results, in the order of the list.
//!
//! They are those of `client_golang`'s newest validations. "metric not unique" is [`SERIES_TWICE`], which finds more.
//! Older ones, as in promtool 2.42, have neither that nor [`GAUGE`](catalog::GAUGE), look in a name for every type and
//! not only for its own, and name any of several units.
//!
//! [`SERIES_TWICE`]: super::catalog::exposition::SERIES_TWICE

use super::catalog::promlint as catalog;
use super::families::Family;
use super::labels::is_camel_case;
use crate::report::finding::{Finding, Location, Rule};
use crate::tools::scrape::FamilyType;

/// What the rules read.
struct FamilyContext<'a> {
    family: &'a Family,
    family_type: FamilyType,
    name: String,
}

const RULES: [fn(&FamilyContext<'_>, &mut Vec<Finding>); 9] =
    [help, units, counter, gauge, reserved, type_in_name, colon, camel_case, abbreviated];

/// The findings of a family that has samples.
pub(super) fn check(family: &Family) -> Vec<Finding> {
    let mut findings = Vec::new();
    if family.samples > 0 {
        let context = FamilyContext { family, family_type: family.family_type(), name: family.full_name() };
        RULES.iter().for_each(|rule| rule(&context, &mut findings));
    }
    findings
}

impl FamilyContext<'_> {
    fn finding(&self, rule: &'static Rule, message: impl Into<String>) -> Finding {
        self.finding_at(rule, message, &self.family.location)
    }

    fn finding_at(&self, rule: &'static Rule, message: impl Into<String>, location: &Location) -> Finding {
        rule.finding(self.name.as_str(), message).at(location.clone())
    }

    /// Whether a word is between underscores, or after the last.
    fn has_word(&self, word: &str) -> bool {
        let name = self.name.to_lowercase();
        name.contains(&format!("_{word}_")) || name.ends_with(&format!("_{word}"))
    }
}

fn help(context: &FamilyContext<'_>, findings: &mut Vec<Finding>) {
    if !context.family.has_help {
        findings.push(context.finding(&catalog::HELP, "no help text"));
    }
}

fn units(context: &FamilyContext<'_>, findings: &mut Vec<Finding>) {
    let unit = context.name.split('_').find_map(|word| Some((word, base_unit(word)?)));
    if let Some((unit, base)) = unit.filter(|(unit, base)| unit != base) {
        findings.push(context.finding(&catalog::UNITS, format!("use base unit \"{base}\" instead of \"{unit}\"")));
    }
}

fn counter(context: &FamilyContext<'_>, findings: &mut Vec<Finding>) {
    let message = match (context.family_type, context.name.ends_with("_total")) {
        (FamilyType::Counter, false) => "counter metrics should have \"_total\" suffix",
        (FamilyType::Counter | FamilyType::Untyped, _) | (_, false) => return,
        (_, true) => "non-counter metrics should not have \"_total\" suffix",
    };
    findings.push(context.finding(&catalog::COUNTER, message));
}

fn gauge(context: &FamilyContext<'_>, findings: &mut Vec<Finding>) {
    let other = !matches!(context.family_type, FamilyType::Untyped | FamilyType::Gauge);
    if other && context.name.ends_with("_timestamp_seconds") {
        let message = "non-gauge metrics should not have \"_timestamp_seconds\" suffix";
        findings.push(context.finding(&catalog::GAUGE, message));
    }
}

/// Suffixes and labels of histograms and summaries.
fn reserved(context: &FamilyContext<'_>, findings: &mut Vec<Finding>) {
    if context.family_type == FamilyType::Untyped {
        return;
    }
    let histogram = matches!(context.family_type, FamilyType::Histogram | FamilyType::GaugeHistogram);
    let summary = context.family_type == FamilyType::Summary;
    let mut push = |message: &str| findings.push(context.finding(&catalog::RESERVED, message));
    if !histogram && context.name.ends_with("_bucket") {
        push("non-histogram metrics should not have \"_bucket\" suffix");
    }
    if !histogram && !summary {
        for suffix in ["_count", "_sum"] {
            if context.name.ends_with(suffix) {
                push(&format!("non-histogram and non-summary metrics should not have \"{suffix}\" suffix"));
            }
        }
    }
    if let Some(location) = context.family.le.as_ref().filter(|_| !histogram) {
        let message = "non-histogram metrics should not have \"le\" label";
        findings.push(context.finding_at(&catalog::RESERVED, message, location));
    }
    if let Some(location) = context.family.quantile.as_ref().filter(|_| !summary) {
        let message = "non-summary metrics should not have \"quantile\" label";
        findings.push(context.finding_at(&catalog::RESERVED, message, location));
    }
}

fn type_in_name(context: &FamilyContext<'_>, findings: &mut Vec<Finding>) {
    let spelled = match context.family_type {
        FamilyType::Untyped => return,
        FamilyType::GaugeHistogram => "gauge_histogram",
        other => other.as_str(context.family.format),
    };
    if context.has_word(spelled) {
        findings
            .push(context.finding(&catalog::TYPE_IN_NAME, format!("metric name should not include type '{spelled}'")));
    }
}

fn colon(context: &FamilyContext<'_>, findings: &mut Vec<Finding>) {
    if context.name.contains(':') {
        findings.push(context.finding(&catalog::COLON, "metric names should not contain ':'"));
    }
}

fn camel_case(context: &FamilyContext<'_>, findings: &mut Vec<Finding>) {
    let message = |what: &str| format!("{what} names should be written in 'snake_case' not 'camelCase'");
    if is_camel_case(&context.name) {
        findings.push(context.finding(&catalog::CAMEL_CASE, message("metric")));
    }
    if let Some(location) = &context.family.camel_case {
        findings.push(context.finding_at(&catalog::CAMEL_CASE, message("label"), location));
    }
}

fn abbreviated(context: &FamilyContext<'_>, findings: &mut Vec<Finding>) {
    const ABBREVIATIONS: [&str; 14] = ["s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"];
    if ABBREVIATIONS.iter().any(|unit| context.has_word(unit)) {
        findings.push(context.finding(&catalog::ABBREVIATED, "metric names should not contain abbreviated units"));
    }
}

/// The base unit of a word that is a unit, with or without a prefix.
fn base_unit(word: &str) -> Option<&'static str> {
    /// Each base unit, and the units that it replaces.
    const UNITS: [(&str, &str); 10] = [
        ("amperes", ""),
        ("bytes", "bits"),
        ("celsius", "fahrenheit rankine"),
        ("grams", "pounds ounces"),
        ("joules", "calories"),
        ("kelvin", "kelvins"),
        ("meters", "inches yards miles"),
        ("metres", ""),
        ("seconds", "minutes hours days weeks"),
        ("volts", ""),
    ];
    const PREFIXES: [&str; 19] = [
        "", "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mibi", "giga",
        "gibi", "tera", "tebi", "peta", "pebi",
    ];
    let mut units = PREFIXES.iter().filter_map(|prefix| word.strip_prefix(prefix));
    units.find_map(|unit| {
        let is_base_of = |(base, others): &&(&str, &str)| *base == unit || others.split(' ').any(|other| other == unit);
        UNITS.iter().filter(|_| !unit.is_empty()).find(is_base_of).map(|(base, _)| *base)
    })
}
