//! Messages about the contract that `lint` and `fleet` share.

use crate::contract::value::bounds;
use crate::declare::unit::CONFLICTING_CONTRACTS;
use crate::report::nearest::did_you_mean;

/// A value outside the closed set.
pub(crate) fn unknown_value(label: &str, value: &str, values: &[String]) -> String {
    let nearest = did_you_mean(value, values.iter().map(String::as_str));
    format!("`{label}` has the value \"{value}\", which the contract does not have{nearest}")
}

/// What to do about a value outside the closed set.
pub(crate) fn values_help(label: &str, values: &[String]) -> String {
    format!("the values of `{label}` are {}", values.join(", "))
}

/// A label that requires one of these values of another.
pub(crate) fn only_with(label: &str, other: &str, values: &[String]) -> String {
    let values = values.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(" or ");
    format!("`{label}` is only for `{other}` of {values}")
}

/// Two labels that exclude each other.
pub(crate) fn not_with(label: &str, other: &str) -> String {
    format!("`{label}` cannot be together with `{other}`")
}

/// The buckets of the contract.
pub(crate) fn buckets_help(buckets: &[f64]) -> String {
    format!("the contract's buckets are {} and +Inf", bounds(buckets))
}

/// What a process lost or rejected, as it counts it with `orchq_metrics_overflow_total`.
pub(crate) fn overflows(count: impl std::fmt::Display, label: &str) -> String {
    format!("{count} lookups lost a value of `{label}`")
}

/// The same of `orchq_metrics_violations_total`.
pub(crate) fn violations(count: impl std::fmt::Display, kind: &str) -> String {
    if kind == CONFLICTING_CONTRACTS {
        format!("{count} reads left out another contract's metric of this name, which is defined differently")
    } else {
        format!("{count} recorded values were `{kind}`")
    }
}
