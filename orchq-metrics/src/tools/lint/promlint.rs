//! The rules of promlint, with its results.
//!
//! They are those of `client_golang`'s newest validations. "metric not unique" is [`SERIES_TWICE`], which finds more.
//! Older ones, as in promtool 2.42, have neither that nor [`GAUGE`](catalog::GAUGE), look in a name for every type and
//! not only for its own, and name any of several units.
//!
//! [`SERIES_TWICE`]: super::catalog::exposition::SERIES_TWICE

use super::catalog::promlint as catalog;
use super::families::Family;
use super::labels::is_camel_case;
use crate::report::finding::{Finding, Rule};
use crate::tools::scrape::FamilyType;

const ABBREVIATIONS: [&str; 14] = ["s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"];

/// The findings of a family that has samples.
pub(super) fn check(family: &Family) -> Vec<Finding> {
    if family.samples == 0 {
        return Vec::new();
    }
    let name = family.full_name();
    let lowercase = name.to_lowercase();
    // A word is between underscores, or after the last.
    let has_word = |word: &str| lowercase.contains(&format!("_{word}_")) || lowercase.ends_with(&format!("_{word}"));
    let finding = |rule: &Rule, message: &str| rule.finding(name.as_str(), message).at(family.location.clone());
    let mut findings = Vec::new();
    if !family.has_help {
        findings.push(finding(&catalog::HELP, "no help text"));
    }
    let unit = name.split('_').find_map(|word| Some((word, base_unit(word)?)));
    if let Some((unit, base)) = unit.filter(|(unit, base)| unit != base) {
        findings.push(finding(&catalog::UNITS, &format!("use base unit \"{base}\" instead of \"{unit}\"")));
    }
    if family.family_type() == FamilyType::Counter && !name.ends_with("_total") {
        findings.push(finding(&catalog::COUNTER, "counter metrics should have \"_total\" suffix"));
    }
    if family.family_type() != FamilyType::Untyped {
        of_other_types(family, &name, &mut findings);
        let spelled = match family.family_type() {
            FamilyType::GaugeHistogram => "gauge_histogram",
            other => other.as_str(family.format),
        };
        if has_word(spelled) {
            let message = format!("metric name should not include type '{spelled}'");
            findings.push(finding(&catalog::TYPE_IN_NAME, &message));
        }
    }
    if name.contains(':') {
        findings.push(finding(&catalog::COLON, "metric names should not contain ':'"));
    }
    let camel_case = |what: &str| format!("{what} names should be written in 'snake_case' not 'camelCase'");
    if is_camel_case(&name) {
        findings.push(finding(&catalog::CAMEL_CASE, &camel_case("metric")));
    }
    if let Some(location) = &family.camel_case {
        findings.push(catalog::CAMEL_CASE.finding(&name, camel_case("label")).at(location.clone()));
    }
    if ABBREVIATIONS.iter().any(|unit| has_word(unit)) {
        findings.push(finding(&catalog::ABBREVIATED, "metric names should not contain abbreviated units"));
    }
    findings
}

/// Suffixes and labels that the family's type does not have.
fn of_other_types(family: &Family, name: &str, findings: &mut Vec<Finding>) {
    let is = |family_type| family.family_type() == family_type;
    let (histogram, summary) = (is(FamilyType::Histogram) || is(FamilyType::GaugeHistogram), is(FamilyType::Summary));
    let at = |suffix| name.ends_with(suffix).then_some(&family.location);
    for (allowed, rule, types, what, location) in [
        (is(FamilyType::Counter), &catalog::COUNTER, "counter", "\"_total\" suffix", at("_total")),
        (is(FamilyType::Gauge), &catalog::GAUGE, "gauge", "\"_timestamp_seconds\" suffix", at("_timestamp_seconds")),
        (histogram, &catalog::RESERVED, "histogram", "\"_bucket\" suffix", at("_bucket")),
        (histogram || summary, &catalog::RESERVED, "histogram and non-summary", "\"_count\" suffix", at("_count")),
        (histogram || summary, &catalog::RESERVED, "histogram and non-summary", "\"_sum\" suffix", at("_sum")),
        (histogram, &catalog::RESERVED, "histogram", "\"le\" label", family.le.as_ref()),
        (summary, &catalog::RESERVED, "summary", "\"quantile\" label", family.quantile.as_ref()),
    ] {
        if let Some(location) = location.filter(|_| !allowed) {
            let message = format!("non-{types} metrics should not have {what}");
            findings.push(rule.finding(name, message).at(location.clone()));
        }
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
