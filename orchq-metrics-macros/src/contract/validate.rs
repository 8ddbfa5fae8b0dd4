//! The rules of a contract that need only its tokens. Rules that need the label types are asserted by the
//! runtime, at compile time, in `assertions.rs`.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, ExprUnary, Ident, Lit, Meta, UnOp};

use super::identity;
use super::model::{Args, Contract, Kind, Metric};
use super::units::Unit;
use crate::ctxt::Ctxt;
use crate::label::field::{self, is_snake_case};
use crate::shared::{MAX_SERIES_LIMIT, NOT_METRICS_IN_QUERIES};

pub(crate) fn contract(cx: &Ctxt, args: &Args, contract: &Contract) {
    contract_has_identity(cx, args);
    contract_has_metrics(cx, contract);
    for metric in &contract.metrics {
        name_is_legal(cx, metric);
        name_fits_kind(cx, metric);
        name_fits_unit(cx, metric);
        help_is_there(cx, metric);
        buckets_fit(cx, metric);
        series_limit_is_possible(cx, metric);
        metric_has_no_generics(cx, metric);
        is_not_configured(cx, &metric.item.attrs, "metrics");
        for label in &metric.labels {
            field::validate(cx, label);
            is_not_configured(cx, &label.field.attrs, "labels");
        }
    }
    names_are_distinct(cx, &contract.metrics);
}

fn series_limit_is_possible(cx: &Ctxt, metric: &Metric) {
    let Some(literal) = &metric.series_limit else { return };
    if series_limit(literal).is_none() {
        cx.error_on(literal, format_args!("a family's limit is a number of series, from 1 to {MAX_SERIES_LIMIT}"));
    }
}

/// The limit, if it is one.
pub(crate) fn series_limit(literal: &Lit) -> Option<u32> {
    let Lit::Int(number) = literal else { return None };
    number.base10_parse().ok().filter(|limit| (1..=MAX_SERIES_LIMIT).contains(limit))
}

/// A contract has a name and a version, which show the version skew of a fleet.
fn contract_has_identity(cx: &Ctxt, args: &Args) {
    if args.unreadable {
        return;
    }
    let example = "as in `#[contract(name = \"orchqueue\", version = \"1.0.0\")]`";
    match &args.name {
        None => cx.error_at(Span::call_site(), format_args!("a contract has a name, {example}")),
        Some(name) if !identity::is_name(&name.value()) => {
            let message = "a contract's name has lowercase letters, digits, `_` and `-`";
            cx.error_on(name, format_args!("{message}, and begins and ends with a letter or a digit"));
        }
        Some(_) => {}
    }
    match &args.version {
        None => cx.error_at(Span::call_site(), format_args!("a contract has a version, {example}")),
        Some(version) if !identity::is_version(&version.value()) => {
            cx.error_on(version, "a contract's version is a semantic version, as in \"1.0.0\" or \"1.0.0-rc.1\"");
        }
        Some(_) => {}
    }
}

/// A contract without metrics would pass every check.
fn contract_has_metrics(cx: &Ctxt, contract: &Contract) {
    if contract.metrics.is_empty() {
        cx.error_on(&contract.ident, "this contract has no metrics; mark a struct in it with `#[counter(..)]`, `#[gauge(..)]` or `#[histogram(..)]`");
    }
}

/// Names that Prometheus and its clients accept, in its style: lowercase, digits and `_`,
/// <https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels>.
fn name_is_legal(cx: &Ctxt, metric: &Metric) {
    let ident = &metric.item.ident;
    let name = ident.unraw().to_string();
    if !is_snake_case(&name) {
        cx.error_on(ident, "a metric's name has lowercase letters, digits and `_`, and starts with a letter");
    } else if name.starts_with("orchq_metrics_") {
        cx.error_on(ident, "names that start with `orchq_metrics_` are reserved for this library");
    } else if NOT_METRICS_IN_QUERIES.contains(&name.as_str()) {
        let message = format!("`{name}` is a keyword of PromQL, so that no query could name the metric; rename it");
        cx.error_on(ident, message);
    }
}

/// `_total` is the suffix of counters alone; expositions derive `_bucket`, `_count`, `_sum` and `_created`.
fn name_fits_kind(cx: &Ctxt, metric: &Metric) {
    let ident = &metric.item.ident;
    let name = ident.to_string();
    let kind = metric.kind.attribute();
    if metric.kind == Kind::Counter && !name.ends_with("_total") {
        cx.error_on(
            ident,
            format_args!("a counter's name ends in `_total`; call it `{name}_total`, or make it a gauge"),
        );
    } else if metric.kind != Kind::Counter && name.ends_with("_total") {
        cx.error_on(
            ident,
            format_args!(
                "only a counter's name ends in `_total`, and this is a {kind}; rename it, or make it a counter"
            ),
        );
    } else if let Some(suffix) =
        ["_bucket", "_count", "_sum", "_created"].iter().find(|suffix| name.ends_with(**suffix))
    {
        cx.error_on(
            ident,
            format_args!("names that end in `{suffix}` are derived from other names in an exposition; rename it"),
        );
    }
}

/// The unit is known, a counter can count in it, and the name does not contradict it.
fn name_fits_unit(cx: &Ctxt, metric: &Metric) {
    let Some(literal) = &metric.unit else { return };
    let text = literal.value();
    let Some(unit) = Unit::find(&text) else {
        if !text.trim().is_empty() {
            cx.error_on(literal, format_args!("`{text}` is not a unit; the units are {}", Unit::all()));
        }
        return;
    };
    if metric.kind == Kind::Counter && !unit.counts() {
        cx.error_on(literal, format_args!("a counter cannot count in `{text}`; make it a gauge or a histogram"));
    } else if let Some((suffix, promised)) = unit.contradicted_by(&metric.item.ident.to_string()) {
        cx.error_on(
            literal,
            format_args!(
                "the name ends in `{suffix}`, which says {promised}, and the unit says {text}; change one of them"
            ),
        );
    }
}

/// The doc comment is the help text of the exposition.
fn help_is_there(cx: &Ctxt, metric: &Metric) {
    if metric.help.is_some() {
        return;
    }
    let included =
        |attribute: &&Attribute| attribute.path().is_ident("doc") && matches!(attribute.meta, Meta::NameValue(_));
    if let Some(attribute) = metric.item.attrs.iter().find(included) {
        cx.error_on(
            attribute,
            "the help text is read from the doc comment, not from a file; write its first paragraph here",
        );
    } else {
        cx.error_on(&metric.item.ident, "a metric has a doc comment: it is served as the help text");
    }
}

/// A histogram has finite bounds that ascend. Bounds in a constant are asserted later.
fn buckets_fit(cx: &Ctxt, metric: &Metric) {
    if metric.kind != Kind::Histogram {
        return;
    }
    let Some(buckets) = &metric.buckets else {
        cx.error_on(
            &metric.item.ident,
            "a histogram has buckets, as in `#[histogram(unit = \"seconds\", buckets = [0.1, 1.0])]`",
        );
        return;
    };
    let Expr::Array(array) = buckets else { return };
    if array.elems.is_empty() {
        cx.error_on(array, "a histogram has at least one bucket bound");
    }
    let mut last = f64::NEG_INFINITY;
    for element in &array.elems {
        let Some(bound) = number(element) else { continue };
        if bound == last {
            cx.error_on(element, "this bucket bound is repeated; drop one");
        } else if bound < last {
            cx.error_on(
                element,
                format_args!("bucket bounds ascend, and this one is less than {last} before it; sort them"),
            );
        }
        last = last.max(bound);
    }
}

/// The value of a literal, `None` for any other expression.
fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Float(float), .. }) => float.base10_parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => number(expr).map(|n| -n),
        _ => None,
    }
}

/// The promises of a contract do not depend on how a crate is built.
fn is_not_configured(cx: &Ctxt, attributes: &[Attribute], what: &str) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
        cx.error_on(attribute, format_args!("the {what} of a contract are the same in every build; drop `cfg`"));
    }
}

/// One struct is one family.
fn metric_has_no_generics(cx: &Ctxt, metric: &Metric) {
    if !metric.item.generics.params.is_empty() {
        cx.error_on(
            &metric.item.generics,
            "a metric has no type parameters: the contract states the types of its labels",
        );
    }
}

/// A name is declared once. The names of a histogram's series are not legal for other metrics.
fn names_are_distinct(cx: &Ctxt, metrics: &[Metric]) {
    let mut seen: HashMap<String, &Ident> = HashMap::new();
    for metric in metrics {
        let ident = &metric.item.ident;
        if seen.insert(ident.to_string(), ident).is_some() {
            cx.error_on(ident, format_args!("`{ident}` is declared twice in this contract; rename or drop one"));
        }
    }
}
