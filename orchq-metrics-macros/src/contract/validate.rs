//! The rules of a contract that need only its tokens. Rules that need the label types are asserted by the
//! runtime, at compile time, in `assertions.rs`.

use std::collections::HashSet;

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprCall, Lit, LitStr, Meta};

use super::constants;
use super::lifecycle;
use super::model::{Args, Contract, Kind, Metric};
use super::values;
use crate::ctxt::Ctxt;
use crate::label::field;
use crate::rules::{self, NOT_A_METRIC_NAME};
use crate::versions;

pub(crate) fn contract(cx: &Ctxt, args: &Args, contract: &Contract) {
    contract_has_identity(cx, args);
    contract_has_metrics(cx, contract);
    for metric in contract.metrics.iter().filter(|metric| !metric.mistaken) {
        name_is_legal(cx, metric);
        name_fits_unit(cx, metric);
        values::validate(cx, metric);
        help_is_there(cx, metric);
        buckets_fit(cx, metric);
        series_limit_is_possible(cx, metric);
        metric_has_no_generics(cx, metric);
        derives_no_labels(cx, metric);
        is_not_configured(cx, &metric.item.attrs, "metrics");
        lifecycle::validate(cx, args, metric);
        for label in &metric.labels {
            // The error of a lifetime says what to write in place of a reference.
            if metric.item.generics.params.is_empty() {
                field::validate(cx, label);
            }
            is_not_configured(cx, &label.field.attrs, "labels");
        }
    }
    names_are_distinct(cx, &contract.metrics);
}

fn series_limit_is_possible(cx: &Ctxt, metric: &Metric) {
    if let Some(literal) = &metric.series_limit {
        cx.error_if(literal, rules::series_limit(number_of_series(literal)));
    }
}

/// The limit, if it is a number.
pub(crate) fn number_of_series(literal: &Lit) -> Option<u32> {
    let Lit::Int(number) = literal else { return None };
    number.base10_parse().ok()
}

/// A contract has a name and a version, which show the version skew of a fleet.
fn contract_has_identity(cx: &Ctxt, args: &Args) {
    if args.unreadable {
        return;
    }
    let package = std::env::var("CARGO_PKG_NAME").ok().filter(|name| rules::is_contract_name(name));
    let name = args.name.as_ref().and_then(constants::literal).map(LitStr::value).or(package);
    let version = args.version.as_ref().and_then(constants::literal).map(LitStr::value);
    let (name, version) = (name.as_deref().unwrap_or("shop"), version.as_deref().unwrap_or("1.0.0"));
    let missing =
        |what| format!("a contract has {what}, as in `#[contract(name = \"{name}\", version = \"{version}\")]`");
    if args.name.is_none() && args.version.is_none() {
        return cx.error_at(Span::call_site(), missing("a name and a version"));
    }
    identity_is_legal(cx, args.name.as_ref(), &missing("a name"), rules::contract_name);
    identity_is_legal(cx, args.version.as_ref(), &missing("a version"), |version| {
        (!versions::is_version(version)).then(|| versions::NOT_A_VERSION.to_owned())
    });
}

/// Checks a string; the compiler checks any other constant.
fn identity_is_legal(cx: &Ctxt, value: Option<&Expr>, missing: &str, wrong: impl Fn(&str) -> Option<String>) {
    match value {
        None => cx.error_at(Span::call_site(), missing),
        Some(value) => {
            if let Some(literal) = constants::literal(value) {
                cx.error_if(literal, wrong(&literal.value()));
            }
        }
    }
}

/// A contract without metrics would pass every check.
fn contract_has_metrics(cx: &Ctxt, contract: &Contract) {
    if contract.metrics.is_empty() {
        cx.error_on(&contract.ident, "this contract has no metrics; mark a struct in it with `#[counter(..)]`, `#[gauge(..)]` or `#[histogram(..)]`");
    }
}

/// The name is legal and that of its kind. A name in another style would seldom have the kind's suffix, so that the
/// first error is the only one.
fn name_is_legal(cx: &Ctxt, metric: &Metric) {
    let (ident, kind, name) = (&metric.item.ident, metric.kind.attribute(), metric.name());
    if let Some(literal) = &metric.name {
        return another_name_is_legal(cx, metric, literal, &name);
    }
    let wrong = if rules::is_foreign(&name) { Some(NOT_A_METRIC_NAME.to_owned()) } else { rules::metric_name(&name) };
    let message = match wrong {
        Some(message) => match rules::meant_name(&name, kind) {
            Some(meant) => Some(format!("{message}; call it `{meant}`")),
            None => Some(message),
        },
        None => rules::name_fits_kind(&name, kind),
    };
    cx.error_if(ident, message);
}

/// The name of another system's metric is one that no struct has, and the struct's name is as near to it as Rust
/// allows.
fn another_name_is_legal(cx: &Ctxt, metric: &Metric, literal: &LitStr, name: &str) {
    let (ident, kind) = (&metric.item.ident, metric.kind.attribute());
    if !rules::is_foreign(name) {
        cx.error_on(
            literal,
            "the struct's name is the metric's name, so rename the struct; `name` is for the metrics of another system, whose names have a `:` or \
             uppercase letters, as in `vllm:num_requests_running`",
        );
    } else if let Some(message) = rules::metric_name(name).or_else(|| rules::name_fits_kind(name, kind)) {
        cx.error_on(literal, message);
    } else if ident.unraw() != rules::struct_name(name).as_str() {
        let expected = rules::struct_name(name);
        cx.error_on(
            ident,
            format_args!(
                "this metric is `{name}`; call the struct `{expected}`, which is as near to it as a struct's name is"
            ),
        );
    }
}

fn name_fits_unit(cx: &Ctxt, metric: &Metric) {
    let Some(literal) = &metric.unit else { return };
    let text = literal.value();
    // The parser has reported an empty one.
    if !text.trim().is_empty() {
        cx.error_if(literal, rules::unit(&text, &metric.name(), metric.kind.attribute()));
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

/// What is wrong with an expression that never gives bounds.
pub(super) fn not_bounds(buckets: &Expr) -> Option<String> {
    let is_array = match buckets {
        Expr::Lit(_) | Expr::Tuple(_) => false,
        Expr::Macro(called) => !called.mac.path.is_ident("vec"),
        Expr::Call(call) => return counted_last(call),
        _ => true,
    };
    let message =
        "the bounds are an array of numbers, as in `[0.1, 1.0]`, or a constant or a `const fn` that gives one";
    (!is_array).then(|| message.to_owned())
}

/// The count is the last argument in the Prometheus clients, and a parameter here.
fn counted_last(call: &ExprCall) -> Option<String> {
    let Expr::Path(function) = &*call.func else { return None };
    let last = function.path.segments.last()?;
    let is_ours = ["linear", "exponential"].iter().any(|name| last.ident == name) && last.arguments.is_none();
    let arguments: Vec<_> = call.args.iter().map(|argument| argument.to_token_stream().to_string()).collect();
    let [start, step, count] = arguments.as_slice() else { return None };
    let path = function.path.to_token_stream().to_string().replace(' ', "");
    is_ours.then(|| format!("the count comes first, as a parameter; write `{path}::<{count}>({start}, {step})`"))
}

/// A histogram has finite bounds that ascend. Bounds in a constant are asserted later.
fn buckets_fit(cx: &Ctxt, metric: &Metric) {
    if metric.kind != Kind::Histogram {
        return;
    }
    let Some(buckets) = &metric.buckets else {
        cx.error_on(
            &metric.item.ident,
            format_args!("{}, as in `#[histogram(unit = \"seconds\", buckets = [0.1, 1.0])]`", rules::NO_BOUNDS),
        );
        return;
    };
    cx.error_if(buckets, not_bounds(buckets));
    let Expr::Array(array) = buckets else { return };
    if array.elems.is_empty() {
        cx.error_on(array, rules::NO_BOUNDS);
    }
    let mut last = f64::NEG_INFINITY;
    for element in &array.elems {
        let Some(bound) = values::number(element) else { continue };
        cx.error_if(element, rules::bounds_ascend(last, bound));
        last = last.max(bound);
    }
}

/// The promises of a contract do not depend on how a crate is built.
fn is_not_configured(cx: &Ctxt, attributes: &[Attribute], what: &str) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
        cx.error_on(
            attribute,
            format_args!(
                "the {what} of a contract are the same in every build; drop `cfg`, or put it on a contract of its own, which \
                 `contracts()` serves with the others"
            ),
        );
    }
}

/// A metric is what these would make of it.
fn derives_no_labels(cx: &Ctxt, metric: &Metric) {
    let derives = metric.item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive"));
    for attribute in derives {
        let read = attribute.parse_nested_meta(|meta| {
            let is_ours = ["Label", "Labels"].iter().any(|name| meta.path.is_ident(name));
            if is_ours { Err(meta.error("a metric has its labels without a derive; drop it")) } else { Ok(()) }
        });
        cx.ok(read);
    }
}

/// One struct is one family.
fn metric_has_no_generics(cx: &Ctxt, metric: &Metric) {
    let generics = &metric.item.generics;
    if generics.lifetimes().next().is_some() {
        cx.error_on(
            generics,
            "a metric has no lifetime, because its series outlive what is borrowed; its labels are types that own their \
             values, such as `#[derive(Clone, Copy, Label)] #[label(budget = 256)] pub struct Route(Symbol);`",
        );
    } else if !generics.params.is_empty() {
        cx.error_on(generics, "a metric has no type parameters: the contract states the types of its labels");
    }
}

/// A name is declared once, old ones included. The names of a histogram's series are not legal for other metrics.
fn names_are_distinct(cx: &Ctxt, metrics: &[Metric]) {
    let mut seen = HashSet::new();
    for metric in metrics {
        let ident = &metric.item.ident;
        if !seen.insert(ident.to_string()) {
            cx.error_on(ident, rules::declared_twice(&ident.to_string()));
        }
    }
    let mut served: HashSet<_> = metrics.iter().map(Metric::name).collect();
    for old in metrics.iter().filter_map(|metric| metric.lifecycle.renamed_from.as_ref()) {
        if !served.insert(old.value()) {
            cx.error_on(old, rules::old_name_served(&old.value()));
        }
    }
}
