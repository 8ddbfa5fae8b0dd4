//! How a broken promise is put into words, whether a line of a scrape breaks it or series that a server counts.

use crate::report::nearest::did_you_mean;

/// A label that the contract does not have, of which it may mean one that is not there.
pub(crate) fn unknown_label<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    format!("the contract has no label `{name}` on it{}", did_you_mean(name, candidates))
}

/// A value outside the closed set.
pub(crate) fn unknown_value(label: &str, value: &str, values: &[String]) -> String {
    let nearest = did_you_mean(value, values.iter().map(String::as_str));
    format!("`{label}` has the value \"{value}\", which the contract does not have{nearest}")
}

/// What to do about a value outside the closed set.
pub(crate) fn values_help(label: &str, values: &[String]) -> String {
    format!("the values of `{label}` are {}", values.join(", "))
}

/// A label that stands only where another has one of these values.
pub(crate) fn only_with(label: &str, other: &str, values: &[String]) -> String {
    let values = values.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(" or ");
    format!("`{label}` is only for `{other}` of {values}")
}

/// Two labels that exclude each other.
pub(crate) fn not_with(label: &str, other: &str) -> String {
    format!("`{label}` is never there together with `{other}`")
}

/// A range, whose end may be open.
pub(crate) fn range(least: f64, most: f64) -> String {
    if most == f64::INFINITY { format!("from {least} on") } else { format!("from {least} to {most}") }
}

/// The buckets as the contract has them.
pub(crate) fn buckets_help(buckets: &[f64]) -> String {
    format!("the contract's buckets are {} and +Inf", crate::contract::value::bounds(buckets))
}
