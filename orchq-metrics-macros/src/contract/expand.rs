//! The generated module: each metric's struct and its description for the runtime, and the contract that lists them.

use std::collections::HashSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    AttrStyle, Attribute, Expr, ExprCall, ExprLit, ExprUnary, Fields, Ident, Lit, LitFloat, LitStr, Path, Token, UnOp,
};

use super::assertions::assertions;
use super::constants::{Constants, constants};
use super::model::{Args, Contract, Kind, Metric};
use super::parse::doc_lines;
use super::stand_in::StandIn;
use super::units::Unit;
use super::{lifecycle, validate, values};
use crate::krate;
use crate::label::field::LabelField;
use crate::label::group;
use crate::rules::{DEFAULT_SERIES_LIMIT, default_section};

/// An invalid contract comes without the assertions, which would repeat the errors. `private` is the path of the
/// runtime's private part; without it, the contract is only its structs.
pub(crate) fn contract(
    args: &Args,
    contract: &Contract,
    valid: bool,
    unread: Option<&syn::Error>,
    private: Option<&TokenStream>,
) -> TokenStream {
    let valid = valid && unread.is_none();
    let unread = unread.map(unread_error);
    let Contract { attributes, vis, ident, metrics, others } = contract;
    let Constants { name, version, items, doc: contract_doc } = constants(args, valid);
    let doc = doc_lines(attributes).join("\n");
    let (inner, outer): (Vec<_>, Vec<_>) =
        attributes.iter().partition(|attribute| matches!(attribute.style, AttrStyle::Inner(_)));
    let mut declared = HashSet::new();
    let metrics: Vec<_> = metrics.iter().filter(|metric| declared.insert(metric.item.ident.to_string())).collect();
    let Some(private) = private else {
        let structs = metrics.iter().map(|metric| struct_item(metric, &StandIn::new(metric)));
        return quote!(#(#outer)* #vis mod #ident { #(#inner)* #(#others)* #(#structs)* });
    };
    let (import, foreign) = (krate::import(private), krate::foreign(private));
    let structs = metrics.iter().map(|metric| self::metric(metric, (&name, &version), valid));
    let assertions = metrics.iter().filter(|_| valid).filter_map(|metric| assertions(metric, &version));
    let names: Vec<_> = metrics.iter().map(|metric| &metric.item.ident).collect();
    let text = contract_text((&name, &version, &doc), &names);
    quote! {
        #(#outer)*
        #vis mod #ident {
            #(#inner)*
            #import
            #(#others)*
            #items
            #(#structs)*
            #(#assertions)*

            #[doc = #contract_doc]
            #[allow(deprecated)]
            pub static CONTRACT: orchq_metrics_private::Contract = orchq_metrics_private::Contract::new(
                #name, #version, #doc, ::core::option_env!("CARGO_PKG_NAME"), &[#unread #(orchq_metrics_private::any_family::<#names>),*],
                orchq_metrics_private::__record_text!(ORCHQ_METRICS_RECORD),
            );

            #text

            orchq_metrics_private::__recorded! {
                #foreign
                static ORCHQ_METRICS_RECORD: [::core::primitive::u8; orchq_metrics_private::ContractText::len(&ORCHQ_METRICS_TEXT)] =
                    orchq_metrics_private::ContractText::record(&ORCHQ_METRICS_TEXT);
            }

            orchq_metrics_private::__linked_contract!(CONTRACT);
        }
    }
}

/// What is recorded of a contract.
fn contract_text((name, version, doc): (&TokenStream, &TokenStream, &str), names: &[&Ident]) -> TokenStream {
    quote! {
        #[allow(deprecated)]
        const ORCHQ_METRICS_TEXT: orchq_metrics_private::ContractText =
            orchq_metrics_private::ContractText {
                name: #name,
                version: #version,
                doc: #doc,
                krate: ::core::option_env!("CARGO_PKG_NAME"),
                metrics: &[#(<#names as orchq_metrics_private::Metric>::DESC),*],
            };
    }
}

/// The compiler has reported what is not Rust, and evaluates this only if it has not.
fn unread_error(error: &syn::Error) -> TokenStream {
    let message = format!("this contract cannot be read: {error}");
    quote! {
        {
            fn unread() -> &'static dyn orchq_metrics_private::AnyFamily {
                const { ::core::panic!(#message) }
            }
            unread
        },
    }
}

fn text(literal: Option<&LitStr>) -> String {
    literal.map(LitStr::value).unwrap_or_default()
}

fn metric(metric: &Metric, contract: (&TokenStream, &TokenStream), valid: bool) -> TokenStream {
    let stand_in = StandIn::new(metric);
    let item = struct_item(metric, &stand_in);
    let labels = group::labels_impl(&metric.item.ident, if valid { &metric.labels } else { &[] });
    let described = metric_impl(metric, contract);
    let ident = &metric.item.ident;
    let kind = values::kind_type(metric);
    let methods = if stand_in.is_needed() { stand_in.methods(ident, &kind) } else { methods(ident, &kind) };
    let parameters = stand_in.parameters();
    let debug = (!derives_debug(&metric.item.attrs)).then(|| {
        quote! {
            impl ::core::fmt::Debug for #ident {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    orchq_metrics_private::debug_metric(*self, f)
                }
            }
        }
    });
    quote! {
        #item

        #[allow(deprecated)]
        const _: () = {
            #labels
            #described
            #debug

            // Derived, it would be another error for a label that is not `Copy`.
            impl #parameters ::core::clone::Clone for #ident #parameters
            where
                Self: ::core::marker::Copy,
            {
                #[inline]
                fn clone(&self) -> Self {
                    *self
                }
            }

            #methods
        };
    }
}

/// What `#[emits]` puts behind the struct, and what the bare struct has instead.
fn methods(ident: &Ident, kind: &TokenStream) -> TokenStream {
    quote! {
        impl #ident {
            #[doc(hidden)]
            #[inline]
            pub fn orchq_metrics_at(
                self,
                hit: &'static orchq_metrics_private::Hit,
            ) -> orchq_metrics_private::Emission<Self, #kind> {
                orchq_metrics_private::Emission::new(self, hit)
            }

            #[doc(hidden)]
            pub fn orchq_metrics_without_site(self) -> orchq_metrics_private::Emission<Self, #kind> {
                ::core::unreachable!("only code that does not compile calls this")
            }
        }

        impl ::core::ops::Deref for #ident {
            type Target = orchq_metrics_private::Unannotated<Self>;

            fn deref(&self) -> &Self::Target {
                orchq_metrics_private::Unannotated::VALUE
            }
        }
    }
}

/// Whether the user derives `Debug`, which would be a second implementation.
fn derives_debug(attributes: &[Attribute]) -> bool {
    let derives = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
    derives.flat_map(|attribute| attribute.meta.require_list()).any(|list| {
        let mut tokens = list.tokens.clone().into_iter();
        tokens.any(|token| matches!(token, TokenTree::Ident(word) if word == "Debug"))
    })
}

/// The attribute without the derives of what every metric implements.
fn without_own_derives(attribute: &Attribute) -> TokenStream {
    let paths = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
    let Some(paths) = paths.ok().filter(|_| attribute.path().is_ident("derive")) else {
        return attribute.to_token_stream();
    };
    let own = ["Clone", "Copy", "Label", "Labels"];
    let others = paths.iter().filter(|path| !own.iter().any(|name| path.is_ident(name)));
    quote!(#[derive(#(#others),*)])
}

fn struct_item(metric: &Metric, stand_in: &StandIn) -> TokenStream {
    let item = &metric.item;
    // A `cfg` is an error; the code that uses what it would remove still compiles.
    let is_error = |path: &syn::Path| path.is_ident("cfg") || path.is_ident("deprecated");
    let attributes = item.attrs.iter().filter(|attribute| !is_error(attribute.path())).map(without_own_derives);
    let (vis, struct_token, ident) = (&item.vis, item.struct_token, &item.ident);
    let fields = metric.labels.iter().enumerate().map(|(index, label)| {
        let LabelField { field, ident, group, .. } = label;
        let attributes: Vec<_> = field.attrs.iter().filter(|attribute| !attribute.path().is_ident("cfg")).collect();
        let documented = attributes.iter().any(|attribute| attribute.path().is_ident("doc"));
        let doc = match (documented, group) {
            (true, _) => None,
            (false, false) => Some(format!("The label `{ident}`.")),
            (false, true) => Some(format!("The labels of the {ident}.")),
        };
        let doc = doc.map(|doc| quote!(#[doc = #doc]));
        let ty = stand_in.field_type(index, label);
        let vis = quote_spanned!(ident.span()=> pub);
        quote!(#doc #(#attributes)* #vis #ident: #ty)
    });
    // The span of the user's braces, or the compiler would show the attribute in place of the struct.
    let mut body = Group::new(Delimiter::Brace, quote!(#(#fields),*));
    if let Fields::Named(named) = &item.fields {
        body.set_span(named.brace_token.span.join());
    }
    let parameters = stand_in.declared();
    let kind = metric.kind.attribute();
    let unit = text(metric.unit.as_ref());
    let name = metric.name.as_ref().map(|name| format!(", served as `{}`", name.value())).unwrap_or_default();
    let about = format!("A {kind}{name}; its unit is `{unit}`.{}", lifecycle::doc(metric));
    quote! {
        #(#attributes)*
        #[doc = ""]
        #[doc = #about]
        #[derive(::core::marker::Copy)]
        #[allow(non_camel_case_types)]
        #[must_use = "a metric with its labels records nothing by itself; call `inc`, `set`, `observe` or another method"]
        #vis #struct_token #ident #parameters #body
    }
}

fn metric_impl(metric: &Metric, (contract, version): (&TokenStream, &TokenStream)) -> TokenStream {
    let ident = &metric.item.ident;
    let name = metric.name();
    let unit = Unit::new(text(metric.unit.as_ref()));
    // A unit that is an error still needs a type.
    let unit = if metric.kind == Kind::Counter && !unit.counts() { Unit::default() } else { unit };
    let (unit_value, unit_type) = (unit.value(), values::unit_type(metric, &unit));
    let stated_range = values::stated_range(metric);
    let (kind_value, kind_type) = (metric.kind.value(), values::kind_type(metric));
    let help = metric.help.as_deref().unwrap_or_default();
    let section = metric.section.as_ref().map_or(default_section(metric.kind.attribute()).to_owned(), LitStr::value);
    let (requirement, buckets) = (metric.requirement.iter(), buckets(metric));
    let series_limit =
        metric.series_limit.as_ref().and_then(validate::number_of_series).unwrap_or(DEFAULT_SERIES_LIMIT);
    let lifecycle = lifecycle::described(metric);
    let line = quote_spanned!(ident.span()=> ::core::line!());
    let (record, unlisted) = (record(ident, version), krate::unlisted());
    quote! {
        #record

        #unlisted
        impl orchq_metrics_private::Metric for #ident {
            type Kind = #kind_type;
            type Unit = #unit_type;
            type Key = [::core::primitive::u64; ORCHQ_METRICS_LEN.div_ceil(2)];
            const EMPTY_KEY: Self::Key = [0; ORCHQ_METRICS_LEN.div_ceil(2)];
            const DESC: &'static orchq_metrics_private::MetricDesc = &{
                let mut orchq_metrics_desc = orchq_metrics_private::UNDECLARED;
                orchq_metrics_desc.contract = #contract;
                orchq_metrics_desc.name = #name;
                orchq_metrics_desc.kind = #kind_value;
                orchq_metrics_desc.unit = #unit_value;
                orchq_metrics_desc.stated_range = #stated_range;
                orchq_metrics_desc.help = #help;
                orchq_metrics_desc.section = #section;
                #(orchq_metrics_desc.requirement = ::core::option::Option::Some(#requirement);)*
                orchq_metrics_desc.labels = <Self as orchq_metrics_private::Labels>::DESCS;
                orchq_metrics_desc.buckets = #buckets;
                orchq_metrics_desc.series_limit = #series_limit;
                #lifecycle
                orchq_metrics_desc.file = ::core::file!();
                orchq_metrics_desc.line = #line;
                orchq_metrics_desc
            };
            const ID: orchq_metrics_private::MetricId = orchq_metrics_private::metric_id::<
                ORCHQ_METRICS_METRIC_LEN,
            >(#version, <#ident as orchq_metrics_private::Metric>::DESC, ::core::module_path!());
            const RECORD: &'static [::core::primitive::u8] = orchq_metrics_private::__record_text!(ORCHQ_METRICS_METRIC);

            #[inline]
            fn family() -> &'static orchq_metrics_private::Family<#kind_type> {
                static FAMILY: orchq_metrics_private::Family<#kind_type> =
                    orchq_metrics_private::family::<#ident>();
                &FAMILY
            }
        }
    }
}

/// The metric in the binary's record.
fn record(ident: &Ident, version: &TokenStream) -> TokenStream {
    let foreign = krate::foreign(&quote!(orchq_metrics_private));
    quote! {
        const ORCHQ_METRICS_METRIC_LEN: ::core::primitive::usize =
            orchq_metrics_private::metric_len(#version, <#ident as orchq_metrics_private::Metric>::DESC);

        orchq_metrics_private::__recorded! {
            #foreign
            static ORCHQ_METRICS_METRIC: [::core::primitive::u8; ORCHQ_METRICS_METRIC_LEN] =
                orchq_metrics_private::metric_record(
                    #version,
                    <#ident as orchq_metrics_private::Metric>::DESC,
                    &<#ident as orchq_metrics_private::Metric>::ID,
                );
        }
    }
}

/// The bounds as a slice.
fn buckets(metric: &Metric) -> TokenStream {
    match &metric.buckets {
        None => quote!(&[]),
        Some(expr) if validate::not_bounds(expr).is_some() => match expr {
            // So that its import is used.
            Expr::Call(ExprCall { func, .. }) => quote!(const { let _ = #func::<1>; &[] }),
            _ => quote!(&[]),
        },
        Some(Expr::Array(array)) => {
            let bounds = array.elems.iter().map(bound);
            quote!(&[#(#bounds),*])
        }
        // `const`, or the result of a call would be dropped before it is read.
        Some(expr) => quote_spanned!(expr.span()=> const { &#expr }),
    }
}

/// Accepts `[1, 5, 10]` for `[1.0, 5.0, 10.0]`.
fn bound(expr: &Expr) -> TokenStream {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) if int.suffix().is_empty() => {
            LitFloat::new(&format!("{}.0", int.base10_digits()), int.span()).into_token_stream()
        }
        Expr::Unary(ExprUnary { op: UnOp::Neg(minus), expr, .. }) => {
            let bound = bound(expr);
            quote!(#minus #bound)
        }
        expr => expr.into_token_stream(),
    }
}
