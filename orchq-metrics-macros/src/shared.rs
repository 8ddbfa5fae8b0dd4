//! What the runtime has to know exactly as the macros do: written here, and handed over by `__shared!`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// More distinct values than a Prometheus can bear of one label.
pub(crate) const MAX_BUDGET: u32 = 1_000_000;

/// The greatest limit of a family: what a process can hold.
pub(crate) const MAX_SERIES_LIMIT: u32 = 10_000_000;

/// A limit that few families come near, and that a Prometheus can bear from each process of a fleet.
pub(crate) const DEFAULT_SERIES_LIMIT: u32 = 10_000;

/// What the grammar of PromQL, in one of its versions, never takes for a metric.
pub(crate) const NOT_METRICS_IN_QUERIES: [&str; 10] =
    ["anchored", "atan2", "bool", "group_left", "group_right", "ignoring", "inf", "nan", "on", "smoothed"];

/// What PromQL's grammar does not take for a label in `by (...)`.
pub(crate) const NOT_LABELS_IN_QUERIES: [&str; 3] = ["inf", "nan", "without"];

/// One unit.
pub(crate) struct UnitRule {
    /// As a contract spells it.
    pub(crate) name: &'static str,
    /// The variant of the runtime's `Unit`.
    pub(crate) variant: &'static str,
    /// The type that the runtime has for it.
    pub(crate) marker: &'static str,
    /// Its code in UCUM, where it is one that a translation puts into a name.
    ucum: &'static str,
    /// The last words of a name that promise it (`_total` taken off).
    pub(crate) suffixes: &'static [&'static str],
}

const fn unit(
    name: &'static str,
    variant: &'static str,
    marker: &'static str,
    ucum: &'static str,
    suffixes: &'static [&'static str],
) -> UnitRule {
    UnitRule { name, variant, marker, ucum, suffixes }
}

pub(crate) const UNITS: [UnitRule; 13] = [
    unit("1", "One", "Count", "", &[]),
    unit("tokens", "Tokens", "Count", "", &["tokens"]),
    unit("ratio", "Ratio", "Ratio", "", &["ratio"]),
    unit("percent", "Percent", "Percent", "%", &["percent"]),
    unit("bytes", "Bytes", "Bytes", "By", &["bytes"]),
    unit("milliseconds", "Milliseconds", "Milliseconds", "ms", &["ms", "milliseconds"]),
    unit("seconds", "Seconds", "Seconds", "s", &["seconds"]),
    // The other base units of https://prometheus.io/docs/practices/naming/#base-units.
    unit("celsius", "Other", "Quantity", "Cel", &["celsius"]),
    unit("meters", "Other", "Quantity", "m", &["meters"]),
    unit("volts", "Other", "Quantity", "V", &["volts"]),
    unit("amperes", "Other", "Quantity", "A", &["amperes"]),
    unit("joules", "Other", "Quantity", "J", &["joules"]),
    unit("grams", "Other", "Quantity", "g", &["grams"]),
];

impl UnitRule {
    /// Whether a counter can count in it.
    pub(crate) fn counts(&self) -> bool {
        !matches!(self.marker, "Ratio" | "Percent" | "Quantity")
    }

    /// The unit as data.
    pub(crate) fn value(&self) -> TokenStream {
        let (variant, name) = (format_ident!("{}", self.variant), self.name);
        match self.variant {
            "Other" => quote!(::orchq_metrics::__private::Unit::Other(#name)),
            _ => quote!(::orchq_metrics::__private::Unit::#variant),
        }
    }
}

/// The expression that the runtime asks for by its name.
pub(crate) fn shared(name: &str) -> TokenStream {
    match name {
        "max_budget" => number(MAX_BUDGET),
        "max_series_limit" => number(MAX_SERIES_LIMIT),
        "default_series_limit" => number(DEFAULT_SERIES_LIMIT),
        "not_metrics_in_queries" => list(&NOT_METRICS_IN_QUERIES),
        "not_labels_in_queries" => list(&NOT_LABELS_IN_QUERIES),
        "units" => {
            let rows = UNITS.iter().map(|unit| {
                let (value, ucum, counts, suffixes) = (unit.value(), unit.ucum, unit.counts(), unit.suffixes);
                quote!(UnitRule { unit: #value, ucum: #ucum, counts: #counts, suffixes: &[#(#suffixes),*] })
            });
            quote!([#(#rows),*])
        }
        _ => unreachable!("the runtime of this version asks for no `{name}`"),
    }
}

fn list(texts: &[&str]) -> TokenStream {
    quote!([#(#texts),*])
}

fn number(number: u32) -> TokenStream {
    quote!(#number)
}
