//! The values of a metric, where they are not those of the unit: `value = ..` and `range = ..`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Expr, ExprLit, ExprRange, ExprUnary, Lit, LitStr, RangeLimits, UnOp};

use super::model::{Kind, Metric};
use super::units::Unit;
use crate::ctxt::Ctxt;
use crate::rules::{self, UnitRule};

/// The types that `value` can name.
const VALUE_TYPES: [&str; 3] = ["f64", "i64", "u64"];

/// A metric of this kind, in this unit, can be given values of this type.
fn value_type(value: &str, kind: Kind, unit: &str) -> Option<String> {
    if !VALUE_TYPES.contains(&value) {
        let nearest = match value {
            "f32" | "float" | "double" => "; write `f64`",
            "u8" | "u16" | "u32" | "usize" | "u128" => "; write `u64`",
            "i8" | "i16" | "i32" | "isize" | "i128" => "; write `i64`",
            "Duration" => "; without `value`, `milliseconds` and `seconds` are given as a `Duration`",
            _ if value.starts_with('"') => "; leave the quotes out",
            _ => "",
        };
        return Some(format!("values are given as `f64`, `i64` or `u64`, not as `{value}`{nearest}"));
    }
    if kind == Kind::Counter && value != "f64" {
        return Some(format!(
            "without `value`, a counter counts in whole numbers, and times in a `Duration`; leave `value = {value}` out, or \
             write `value = f64` to count in fractions"
        ));
    }
    let whole_is_useless = value != "f64" && UnitRule::named(unit).is_some_and(|rule| rule.marker == "Ratio");
    whole_is_useless.then(|| format!("a ratio is given as `f64`: an `{value}` could only be 0 or 1"))
}

pub(crate) fn validate(cx: &Ctxt, metric: &Metric) {
    let unit = unit_name(metric);
    if let Some(value) = &metric.value {
        cx.error_if(value, value_type(&spelled(value), metric.kind, &unit));
    }
    let Some(range) = &metric.range else { return };
    match ends(range) {
        Err(error) => cx.push(error),
        Ok((least, greatest)) => {
            let message = rules::range(least, greatest).or_else(|| reaches_below_zero(metric, &unit, least));
            cx.error_if(range, message);
        }
    }
}

fn unit_name(metric: &Metric) -> String {
    metric.unit.as_ref().map(LitStr::value).unwrap_or_default()
}

/// The type as it is written.
fn spelled(value: &Expr) -> String {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => text.token().to_string(),
        Expr::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
        other => other.to_token_stream().to_string(),
    }
}

/// What is wrong with a range that begins below zero, where the type of the values does not reach.
fn reaches_below_zero(metric: &Metric, unit: &str, least: f64) -> Option<String> {
    let marker = UnitRule::named(unit).map_or("Count", |rule| rule.marker);
    let unsigned = match (metric.value.as_ref().map(spelled).as_deref(), marker) {
        _ if least >= 0.0 => return None,
        (Some("u64"), _) | (None, "Bytes") => "u64",
        (None, "Milliseconds" | "Seconds") => "Duration",
        (None, "Count") if metric.kind == Kind::Histogram => "u64",
        _ => return None,
    };
    let cure = if unsigned == "Duration" { "`value = f64`" } else { "`value = i64` or `value = f64`" };
    Some(format!("the range begins below zero, and values are given as `{unsigned}`, which does not; write {cure}"))
}

/// The least and the greatest value of a range.
fn ends(range: &Expr) -> syn::Result<(f64, f64)> {
    let error = |tokens: &dyn ToTokens, message| syn::Error::new_spanned(tokens, message);
    let Expr::Range(ExprRange { start, end, limits, .. }) = range else {
        let message = "a range has the least value, `..=` and the greatest; each may be left out, as in `-273.15..`";
        return Err(error(range, message));
    };
    if let (RangeLimits::HalfOpen(dots), Some(_)) = (limits, end) {
        return Err(error(dots, "a range includes its greatest value; write `..=`"));
    }
    let number_or = |expr: &Option<Box<Expr>>, default| match expr {
        None => Ok(default),
        Some(expr) => number(expr).ok_or_else(|| error(expr, "an end of a range is a number, written in place")),
    };
    Ok((number_or(start, f64::NEG_INFINITY)?, number_or(end, f64::INFINITY)?))
}

/// The value of a literal, `None` for any other expression.
pub(crate) fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Float(float), .. }) => float.base10_parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => number(expr).map(|n| -n),
        _ => None,
    }
}

/// The unit and the type of the values as a type of the runtime.
pub(crate) fn unit_type(metric: &Metric, unit: &Unit) -> TokenStream {
    let marker = unit.marker_type();
    let types = if metric.kind == Kind::Counter { &VALUE_TYPES[..1] } else { &VALUE_TYPES[..] };
    let value = metric.value.as_ref().map(spelled).filter(|value| types.contains(&value.as_str()));
    match value.map(|value| format_ident!("{value}")) {
        Some(value) => quote!(orchq_metrics_private::unit::Given<#marker, ::core::primitive::#value>),
        None => marker,
    }
}

/// The kind as a type of the runtime.
pub(crate) fn kind_type(metric: &Metric) -> TokenStream {
    let states_fractions = metric.value.as_ref().is_some_and(|value| spelled(value) == "f64");
    metric.kind.marker_type(states_fractions || Unit::new(unit_name(metric)).has_fractions())
}

/// The range as data, where it is not that of the unit. An unsigned type begins at zero, and so do fractions of what is
/// counted: those below zero have to be stated.
pub(crate) fn stated_range(metric: &Metric) -> TokenStream {
    let of_unit = UnitRule::range_of(&unit_name(metric));
    let counts = UnitRule::named(&unit_name(metric)).is_none_or(|rule| rule.marker == "Count");
    let is_from_zero = metric.value.as_ref().map(spelled).is_some_and(|value| match value.as_str() {
        "u64" => true,
        "f64" => counts && metric.kind != Kind::Counter,
        _ => false,
    });
    let range = match &metric.range {
        Some(range) => ends(range).unwrap_or(of_unit),
        None if is_from_zero => (of_unit.0.max(0.0), of_unit.1),
        None => of_unit,
    };
    if range == of_unit {
        return quote!(::core::option::Option::None);
    }
    let (least, greatest) = (end(range.0), end(range.1));
    quote!(::core::option::Option::Some((#least, #greatest)))
}

fn end(number: f64) -> TokenStream {
    match number {
        f64::INFINITY => quote!(::core::primitive::f64::INFINITY),
        f64::NEG_INFINITY => quote!(::core::primitive::f64::NEG_INFINITY),
        number => quote!(#number),
    }
}
