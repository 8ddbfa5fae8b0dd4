//! The rules of promlint, with its verdicts: one rule, one function, in the order of the list.
//!
//! They are those of `client_golang`'s newest validations. "metric not unique" is [`SERIES_TWICE`], which finds
//! more. Older ones, such as in promtool 2.42, know neither that nor [`GAUGE`](catalog::GAUGE), look in a name for
//! every type and not only for its own, and where a name spells out several units may name any of them.
//!
//! [`SERIES_TWICE`]: super::catalog::exposition::SERIES_TWICE

use super::catalog::promlint as catalog;
use super::families::Family;
use super::pairs::is_camel_case;
use crate::report::finding::{Finding, Location, Rule};
use crate::tools::scrape::FamilyType;

/// What the rules read.
struct Linted<'a> {
    family: &'a Family,
    family_type: FamilyType,
    name: String,
}

const RULES: [fn(&Linted<'_>, &mut Vec<Finding>); 9] =
    [help, units, counter, gauge, reserved, type_in_name, colon, camel_case, abbreviated];

/// The findings of a family that has samples.
pub(super) fn check(family: &Family) -> Vec<Finding> {
    let mut findings = Vec::new();
    if family.samples > 0 {
        let linted = Linted { family, family_type: family.family_type(), name: family.full_name() };
        RULES.iter().for_each(|rule| rule(&linted, &mut findings));
    }
    findings
}

impl Linted<'_> {
    fn finding(&self, rule: &'static Rule, message: impl Into<String>) -> Finding {
        self.finding_at(rule, message, &self.family.location)
    }

    fn finding_at(&self, rule: &'static Rule, message: impl Into<String>, location: &Location) -> Finding {
        rule.finding(self.name.as_str(), message).at(location.clone())
    }

    fn is_untyped(&self) -> bool {
        self.family_type == FamilyType::Untyped
    }

    /// Whether a word stands between underscores, or behind the last.
    fn has_word(&self, word: &str) -> bool {
        let name = self.name.to_lowercase();
        name.contains(&format!("_{word}_")) || name.ends_with(&format!("_{word}"))
    }
}

/// There is a help text.
fn help(linted: &Linted<'_>, findings: &mut Vec<Finding>) {
    if !linted.family.has_help {
        findings.push(linted.finding(&catalog::HELP, "no help text"));
    }
}

/// A unit is a base unit.
fn units(linted: &Linted<'_>, findings: &mut Vec<Finding>) {
    let unit = linted.name.split('_').find_map(|word| Some((word, base_unit(word)?)));
    if let Some((unit, base)) = unit.filter(|(unit, base)| unit != base) {
        findings.push(linted.finding(&catalog::UNITS, format!("use base unit \"{base}\" instead of \"{unit}\"")));
    }
}

/// `_total` is for counters.
fn counter(linted: &Linted<'_>, findings: &mut Vec<Finding>) {
    let total = linted.name.ends_with("_total");
    match linted.family_type {
        FamilyType::Counter if !total => {
            findings.push(linted.finding(&catalog::COUNTER, "counter metrics should have \"_total\" suffix"));
        }
        FamilyType::Counter | FamilyType::Untyped => {}
        _ if total => {
            findings.push(linted.finding(&catalog::COUNTER, "non-counter metrics should not have \"_total\" suffix"));
        }
        _ => {}
    }
}

/// `_timestamp_seconds` is for gauges.
fn gauge(linted: &Linted<'_>, findings: &mut Vec<Finding>) {
    let other = !linted.is_untyped() && linted.family_type != FamilyType::Gauge;
    if other && linted.name.ends_with("_timestamp_seconds") {
        let message = "non-gauge metrics should not have \"_timestamp_seconds\" suffix";
        findings.push(linted.finding(&catalog::GAUGE, message));
    }
}

/// What histograms and summaries have is for them.
fn reserved(linted: &Linted<'_>, findings: &mut Vec<Finding>) {
    if linted.is_untyped() {
        return;
    }
    let histogram = matches!(linted.family_type, FamilyType::Histogram | FamilyType::GaugeHistogram);
    let summary = linted.family_type == FamilyType::Summary;
    let mut push = |message: &str| findings.push(linted.finding(&catalog::RESERVED, message));
    if !histogram && linted.name.ends_with("_bucket") {
        push("non-histogram metrics should not have \"_bucket\" suffix");
    }
    if !histogram && !summary {
        for suffix in ["_count", "_sum"] {
            if linted.name.ends_with(suffix) {
                push(&format!("non-histogram and non-summary metrics should not have \"{suffix}\" suffix"));
            }
        }
    }
    if let Some(location) = linted.family.le.as_ref().filter(|_| !histogram) {
        let message = "non-histogram metrics should not have \"le\" label";
        findings.push(linted.finding_at(&catalog::RESERVED, message, location));
    }
    if let Some(location) = linted.family.quantile.as_ref().filter(|_| !summary) {
        let message = "non-summary metrics should not have \"quantile\" label";
        findings.push(linted.finding_at(&catalog::RESERVED, message, location));
    }
}

/// A name does not say its type.
fn type_in_name(linted: &Linted<'_>, findings: &mut Vec<Finding>) {
    let spelled = match linted.family_type {
        FamilyType::Untyped => return,
        FamilyType::GaugeHistogram => "gauge_histogram",
        other => other.as_str(linted.family.format),
    };
    if linted.has_word(spelled) {
        findings
            .push(linted.finding(&catalog::TYPE_IN_NAME, format!("metric name should not include type '{spelled}'")));
    }
}

/// Colons are for recording rules.
fn colon(linted: &Linted<'_>, findings: &mut Vec<Finding>) {
    if linted.name.contains(':') {
        findings.push(linted.finding(&catalog::COLON, "metric names should not contain ':'"));
    }
}

/// Names are in snake_case.
fn camel_case(linted: &Linted<'_>, findings: &mut Vec<Finding>) {
    let message = |what: &str| format!("{what} names should be written in 'snake_case' not 'camelCase'");
    if is_camel_case(&linted.name) {
        findings.push(linted.finding(&catalog::CAMEL_CASE, message("metric")));
    }
    if let Some(location) = &linted.family.camel_case {
        findings.push(linted.finding_at(&catalog::CAMEL_CASE, message("label"), location));
    }
}

/// Units are spelled out.
fn abbreviated(linted: &Linted<'_>, findings: &mut Vec<Finding>) {
    const ABBREVIATIONS: [&str; 14] = ["s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"];
    if ABBREVIATIONS.iter().any(|unit| linted.has_word(unit)) {
        findings.push(linted.finding(&catalog::ABBREVIATED, "metric names should not contain abbreviated units"));
    }
}

/// The base unit of a word that is a unit, with or without a prefix.
fn base_unit(word: &str) -> Option<&'static str> {
    const UNITS: [(&str, &str); 24] = [
        ("amperes", "amperes"),
        ("bytes", "bytes"),
        ("celsius", "celsius"),
        ("grams", "grams"),
        ("joules", "joules"),
        ("kelvin", "kelvin"),
        ("meters", "meters"),
        ("metres", "metres"),
        ("seconds", "seconds"),
        ("volts", "volts"),
        ("minutes", "seconds"),
        ("hours", "seconds"),
        ("days", "seconds"),
        ("weeks", "seconds"),
        ("kelvins", "kelvin"),
        ("fahrenheit", "celsius"),
        ("rankine", "celsius"),
        ("inches", "meters"),
        ("yards", "meters"),
        ("miles", "meters"),
        ("bits", "bytes"),
        ("calories", "joules"),
        ("pounds", "grams"),
        ("ounces", "grams"),
    ];
    const PREFIXES: [&str; 19] = [
        "", "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mibi", "giga",
        "gibi", "tera", "tebi", "peta", "pebi",
    ];
    let units = PREFIXES.iter().filter_map(|prefix| word.strip_prefix(prefix));
    let mut bases = units.filter_map(|unit| UNITS.iter().find(|(known, _)| *known == unit));
    bases.next().map(|(_, base)| *base)
}
