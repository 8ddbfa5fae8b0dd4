//! Tokens to model. Every error is noted, and the rest is still read.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, ItemStruct, Lit, LitStr, Meta};

use super::lifecycle::DEPRECATED_TAKES;
use super::model::{Args, Contract, Deprecated, Kind, Lifecycle, Metric};
use super::repair;
use crate::ctxt::Ctxt;
use crate::krate;
use crate::label::field;
use crate::rules;

pub(crate) fn args(cx: &Ctxt, tokens: proc_macro2::TokenStream) -> Args {
    let mut args = Args { name: None, version: None, krate: None, unreadable: false };
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("name") {
            set_constant(cx, &mut args.name, &meta)
        } else if meta.path.is_ident("version") {
            set_constant(cx, &mut args.version, &meta)
        } else if meta.path.is_ident("crate") {
            set(cx, &mut args.krate, &meta, krate::parse(cx, meta.value()?)?);
            Ok(())
        } else {
            Err(meta.error("unknown argument; `#[contract(..)]` takes `name`, `version` and `crate`"))
        }
    });
    args.unreadable = cx.ok_named(parser.parse2(tokens), "an argument has a name, as in `name = \"shop\"`").is_none();
    args
}

pub(crate) fn contract(cx: &Ctxt, module: ItemMod) -> Option<Contract> {
    let Some((_, items)) = module.content else {
        cx.error_on(
            &module,
            "the metrics have to be in braces here: an attribute does not see a module in a file of its own",
        );
        return None;
    };
    let mut contract = Contract {
        attributes: module.attrs,
        vis: module.vis,
        ident: module.ident,
        metrics: Vec::new(),
        others: Vec::new(),
    };
    for item in items {
        match item {
            Item::Struct(item) => match kind_attribute(cx, &item.attrs) {
                Some((kind, index)) => contract.metrics.push(metric(cx, item, kind, index)),
                None => match mistaken(cx, &item).or_else(|| without_kind(cx, &item)) {
                    Some(metric) => contract.metrics.push(metric),
                    None => contract.others.push(item.into_token_stream()),
                },
            },
            other => match not_a_struct(cx, &other) {
                Some(metric) => contract.metrics.push(metric),
                None => contract.others.push(other.into_token_stream()),
            },
        }
    }
    Some(contract)
}

/// A metric with a mistaken kind. That is its only error: of its arguments, only the unit is read.
fn mistaken(cx: &Ctxt, item: &ItemStruct) -> Option<Metric> {
    let kinds = item.attrs.iter().enumerate().map(|(index, attribute)| (index, repair::mistaken_kind(cx, attribute)));
    let (index, kind) = kinds.filter_map(|(index, kind)| Some((index, kind?))).next()?;
    Some(stand_in(item.clone(), kind, index))
}

/// A struct that is named like a metric and derives nothing: its kind is missing, and that is its only error.
fn without_kind(cx: &Ctxt, item: &ItemStruct) -> Option<Metric> {
    let name = item.ident.unraw().to_string();
    let derives = item.attrs.iter().any(|attribute| attribute.path().is_ident("derive"));
    if derives || rules::is_foreign(&name) || rules::metric_name(&name).is_some() {
        return None;
    }
    let kinds = Kind::ALL.map(|(_, kind)| format!("`#[{kind}(..)]`")).join(", ");
    cx.error_on(
        &item.ident,
        format_args!("`{name}` has no kind; write one of {kinds} above it, or, if it is not a metric, move it out of the contract"),
    );
    let kind = if name.ends_with("_total") { Kind::Counter } else { Kind::Gauge };
    let mut item = item.clone();
    item.attrs.insert(0, syn::parse_quote!(#[kind]));
    Some(stand_in(item, kind, 0))
}

/// Another item than a struct that has a kind, which is its only error.
fn not_a_struct(cx: &Ctxt, item: &Item) -> Option<Metric> {
    let (attributes, vis, ident) = match item {
        Item::Enum(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Union(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Type(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Const(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Static(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Fn(item) => (&item.attrs, &item.vis, &item.sig.ident),
        _ => return None,
    };
    let (kind, _) = kind_attribute(cx, attributes)?;
    let message = "a metric is a struct, and its labels are the fields; write";
    cx.error_on(ident, format_args!("{message} `pub struct {ident} {{ .. }}`"));
    Some(stand_in(syn::parse_quote!(#[kind] #vis struct #ident {}), kind, 0))
}

/// A metric that has been reported.
fn stand_in(item: ItemStruct, kind: Kind, index: usize) -> Metric {
    let silent = Ctxt::new();
    let metric = metric(&silent, item, kind, index);
    drop(silent.finish());
    Metric { mistaken: true, ..metric }
}

/// The kind of a metric, and the index of the attribute that states it.
fn kind_attribute(cx: &Ctxt, attributes: &[Attribute]) -> Option<(Kind, usize)> {
    let mut found = None;
    for (index, attribute) in attributes.iter().enumerate() {
        let Some((kind, _)) = Kind::ALL.into_iter().find(|(_, name)| attribute.path().is_ident(name)) else { continue };
        if found.is_some() {
            cx.error_on(attribute, "a metric has one kind; drop this attribute or the one before it");
        } else {
            found = Some((kind, index));
        }
    }
    found
}

const WITHOUT_NAME: &str = "an argument has a name, as in `unit = \"1\"`";

fn metric(cx: &Ctxt, mut item: ItemStruct, kind: Kind, index: usize) -> Metric {
    let attribute = item.attrs.remove(index);
    item.attrs.retain(|other| !Kind::ALL.iter().any(|(_, name)| other.path().is_ident(name)));
    let (mut name, mut unit, mut value, mut range, mut buckets) = (None, None, None, None, None);
    let (mut series_limit, mut section, mut requirement, mut lifecycle) = (None, None, None, Lifecycle::default());
    let mut read = |meta: ParseNestedMeta<'_>| {
        if meta.path.is_ident("unit") {
            set_text(cx, &mut unit, &meta)
        } else if meta.path.is_ident("name") {
            set_text(cx, &mut name, &meta)
        } else if meta.path.is_ident("section") {
            set_text(cx, &mut section, &meta)
        } else if meta.path.is_ident("requirement") {
            set_text(cx, &mut requirement, &meta)
        } else if ["renamed_from", "since", "until", "deprecated"].iter().any(|name| meta.path.is_ident(name)) {
            read_lifecycle(cx, &mut lifecycle, &meta)
        } else if meta.path.is_ident("value") {
            set_parsed(cx, &mut value, &meta)
        } else if meta.path.is_ident("range") && kind != Kind::Counter {
            set_parsed(cx, &mut range, &meta)
        } else if meta.path.is_ident("buckets") && kind == Kind::Histogram {
            set_parsed(cx, &mut buckets, &meta)
        } else if meta.path.is_ident("series_limit") {
            set_parsed(cx, &mut series_limit, &meta)
        } else if meta.path.is_ident("range") {
            Err(meta.error("a counter begins at zero and only grows; `range` is of gauges and histograms"))
        } else {
            Err(unknown_argument(kind, &meta))
        }
    };
    let has_list = matches!(attribute.meta, Meta::List(_));
    let readable = !has_list || cx.ok_named(attribute.parse_nested_meta(&mut read), WITHOUT_NAME).is_some();
    if unit.is_none() && readable {
        let kind = kind.attribute();
        cx.error_on(&attribute, format_args!("a metric states its unit, as in `#[{kind}(unit = \"1\")]`"));
    }
    Metric {
        help: first_paragraph(&item.attrs),
        labels: field::parse(cx, &item.fields),
        item,
        kind,
        name,
        unit,
        value,
        range,
        buckets,
        series_limit,
        section,
        requirement,
        lifecycle,
        mistaken: !readable,
    }
}

fn read_lifecycle(cx: &Ctxt, lifecycle: &mut Lifecycle, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.path.is_ident("renamed_from") {
        return set_text(cx, &mut lifecycle.renamed_from, meta);
    } else if meta.path.is_ident("since") {
        return set_text(cx, &mut lifecycle.since, meta);
    } else if meta.path.is_ident("until") {
        return set_text(cx, &mut lifecycle.until, meta);
    }
    if !meta.input.peek(syn::token::Paren) {
        return Err(meta.error(DEPRECATED_TAKES));
    }
    let (mut since, mut note) = (None, None);
    meta.parse_nested_meta(|inner| match () {
        () if inner.path.is_ident("since") => set_text(cx, &mut since, &inner),
        () if inner.path.is_ident("note") => set_text(cx, &mut note, &inner),
        () => Err(inner.error(DEPRECATED_TAKES)),
    })?;
    set(cx, &mut lifecycle.deprecated, meta, Deprecated { path: meta.path.clone(), since, note });
    Ok(())
}

fn unknown_argument(kind: Kind, meta: &ParseNestedMeta<'_>) -> syn::Error {
    for (names, cure) in [
        (["help", "description", "doc"], "the help text is the doc comment: write `/// ..` above the struct"),
        (["label", "labels", "label_names"], "the labels are the fields of the struct"),
    ] {
        if names.iter().any(|name| meta.path.is_ident(name)) {
            return meta.error(cure);
        }
    }
    let own = match kind {
        Kind::Counter => "",
        Kind::Gauge => ", `range`",
        Kind::Histogram => ", `range`, `buckets`",
    };
    let kind = kind.attribute();
    meta.error(format_args!(
        "unknown argument; `#[{kind}(..)]` takes `unit`, `value`{own}, `series_limit`, `section`, `requirement`, \
         `name`, `renamed_from`, `since`, `until`, `deprecated`"
    ))
}

/// `key = value`, once.
fn set_parsed<T: Parse>(cx: &Ctxt, slot: &mut Option<T>, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    let value = meta.value()?.parse()?;
    set(cx, slot, meta, value);
    Ok(())
}

/// `key = "text"`, once.
fn set_text(cx: &Ctxt, slot: &mut Option<LitStr>, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    let wrong = |error: syn::Error| syn::Error::new(error.span(), "expected a text in quotes, as in `unit = \"1\"`");
    let value = meta.value()?.parse::<LitStr>().map_err(wrong)?;
    if value.value().trim().is_empty() {
        cx.error_on(&value, "this text is empty; fill it in, or leave the argument out");
    }
    set(cx, slot, meta, value);
    Ok(())
}

/// `key = "text"` or `key = constant`, once.
fn set_constant(cx: &Ctxt, slot: &mut Option<Expr>, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    let mut value = meta.value()?.parse::<Expr>()?;
    // From the `$value:expr` of a `macro_rules!`.
    while let Expr::Group(group) = value {
        value = *group.expr;
    }
    if let Expr::Lit(ExprLit { lit, .. }) = &value
        && !matches!(lit, Lit::Str(_))
    {
        return Err(syn::Error::new(lit.span(), "expected a string, or a constant expression for one"));
    }
    set(cx, slot, meta, value);
    Ok(())
}

fn set<T>(cx: &Ctxt, slot: &mut Option<T>, meta: &ParseNestedMeta<'_>, value: T) {
    if slot.is_some() {
        cx.error_at(meta.path.span(), "this argument is given twice; give it once");
    } else {
        *slot = Some(value);
    }
}

/// The lines of a doc comment; none if it is included from a file.
pub(crate) fn doc_lines(attributes: &[Attribute]) -> Vec<String> {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        if let Meta::NameValue(meta) = &attribute.meta
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &meta.value
        {
            let text = text.value();
            lines.extend(text.split('\n').map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()));
        }
    }
    lines
}

fn first_paragraph(attributes: &[Attribute]) -> Option<String> {
    let lines = doc_lines(attributes);
    let text = lines.iter().map(|line| line.trim()).skip_while(|line| line.is_empty());
    let paragraph = text.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    (!paragraph.is_empty()).then_some(paragraph)
}
