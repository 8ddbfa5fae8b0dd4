//! `#[derive(Label)]`: an enum is a closed set of values, a struct around a `Symbol` an open one.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DataEnum, DataStruct, DeriveInput, Fields, Ident, LitInt, LitStr, Path, Type, Variant};

use super::group;
use crate::ctxt::Ctxt;
use crate::krate;
use crate::rules;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let label = cx.ok(syn::parse2::<DeriveInput>(input)).and_then(|input| {
        let args = args(&cx, &input);
        let private = krate::private(&cx, args.krate.as_ref(), "#[label(..)]");
        let label = match label(&cx, &input, args) {
            Some(label) => label,
            None if input.generics.params.is_empty() => stand_in(&input.ident),
            None => return None,
        };
        let copy = group::is_copy(&input.ident);
        private.map(|private| krate::hidden(&private, &quote!(#label #copy)))
    });
    let errors = cx.finish();
    quote!(#label #errors)
}

/// Comes with the errors if there is no other implementation, or every use of the label would be another error.
fn stand_in(ident: &Ident) -> TokenStream {
    let values = quote!(orchq_metrics_private::LabelValues::Closed(&[]));
    let body = quote!(::core::unreachable!("only code that does not compile calls this"));
    let (label, from_str) = (label_impl(ident, &values, &body), from_str_impl(ident, &body));
    quote!(#label #from_str)
}

fn label_impl(ident: &Ident, values: &TokenStream, symbol: &TokenStream) -> TokenStream {
    let unlisted = krate::unlisted();
    quote! {
        #unlisted
        impl orchq_metrics_private::Sealed for #ident {}

        #unlisted
        impl orchq_metrics_private::Label for #ident {
            const VALUES: orchq_metrics_private::LabelValues = #values;

            #[inline]
            fn symbol(self) -> orchq_metrics_private::Symbol {
                #symbol
            }
        }
    }
}

/// The implementation of `FromStr`.
fn from_str_impl(ident: &Ident, body: &TokenStream) -> TokenStream {
    let unlisted = krate::unlisted();
    quote! {
        #unlisted
        impl ::core::str::FromStr for #ident {
            type Err = orchq_metrics_private::LabelError;

            // A value that two variants have is already an error.
            #[allow(unreachable_patterns, unused_variables)]
            fn from_str(
                value: &::core::primitive::str,
            ) -> ::core::result::Result<Self, orchq_metrics_private::LabelError> {
                #body
            }
        }
    }
}

/// The arguments of `#[label(..)]` above the type.
struct Args {
    krate: Option<Path>,
    budget: Option<LitInt>,
    /// The attribute with the budget, or any.
    attribute: Option<Attribute>,
    /// Whether there was an error, so that an argument may be missing because of it.
    unreadable: bool,
}

fn args(cx: &Ctxt, input: &DeriveInput) -> Args {
    let (unknown, unnamed) = match &input.data {
        Data::Enum(_) => (
            "unknown argument; each variant spells out its value, as in `#[label(\"get\")]`",
            "a value is that of one variant; write the attribute above the variant",
        ),
        _ => ("unknown argument; an open label takes `budget`", "an argument has a name, as in `budget = 256`"),
    };
    let mut args = Args { krate: None, budget: None, attribute: None, unreadable: false };
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("label")) {
        let (mut budget, mut krate) = (None, None);
        let read = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("budget") {
                let wrong = "a budget is a number, written in place, as in `#[label(budget = 256)]`";
                budget = Some(meta.value()?.parse().map_err(|error| syn::Error::new(error.span(), wrong))?);
            } else if meta.path.is_ident("crate") {
                krate = Some(krate::parse(cx, meta.value()?)?);
            } else {
                return Err(meta.error(unknown));
            }
            Ok(())
        });
        let read = cx.ok_named(read, unnamed);
        args.unreadable |= read.is_none();
        if args.budget.is_some() && budget.is_some() {
            cx.error_on(attribute, "a label has one budget; drop this attribute or the one before it");
        }
        args.krate = args.krate.or(krate);
        if budget.is_some() || args.attribute.is_none() {
            args.attribute = Some(attribute.clone());
        }
        args.budget = args.budget.or(budget);
    }
    args
}

fn label(cx: &Ctxt, input: &DeriveInput, args: Args) -> Option<TokenStream> {
    if !input.generics.params.is_empty() {
        cx.error_on(&input.generics, "a label has no type parameters");
        return None;
    }
    match &input.data {
        Data::Enum(data) => closed(cx, input, data, &args),
        Data::Struct(data) => open(cx, input, data, args),
        _ => {
            cx.error_on(
                &input.ident,
                "a label is an enum (a closed set of values) or a struct around a `Symbol` (an open one)",
            );
            None
        }
    }
}

fn closed(cx: &Ctxt, input: &DeriveInput, data: &DataEnum, args: &Args) -> Option<TokenStream> {
    if data.variants.is_empty() {
        cx.error_on(&input.ident, format_args!("{}; add a variant", rules::NO_VALUES));
        return None;
    }
    if args.unreadable {
        return None;
    }
    if args.budget.is_some() {
        cx.error_on(&args.attribute, "a closed label has no budget: its variants are all its values");
    }
    let values: Vec<_> = data.variants.iter().filter_map(|variant| value(cx, variant)).collect();
    values_are_distinct(cx, &values);
    if values.len() < data.variants.len() {
        return None;
    }
    let variants: Vec<&Ident> = data.variants.iter().map(|variant| &variant.ident).collect();
    Some(closed_impl(&input.ident, &variants, &values))
}

/// The scraped value, always spelled out: a variant may be renamed, its value may not.
fn value(cx: &Ctxt, variant: &Variant) -> Option<LitStr> {
    if !matches!(variant.fields, Fields::Unit) {
        cx.error_on(&variant.fields, "a value of a closed label has no fields; use an open label");
        return None;
    }
    let mut attributes = variant.attrs.iter().filter(|attribute| attribute.path().is_ident("label"));
    let name = variant.ident.unraw().to_string();
    let example = rules::meant_name(&name, "gauge").unwrap_or(name);
    let Some(attribute) = attributes.next() else {
        cx.error_on(
            &variant.ident,
            format_args!("spell out the value that is scraped, as in `#[label(\"{example}\")]`"),
        );
        return None;
    };
    if let Some(second) = attributes.next() {
        cx.error_on(second, "a variant has one value; drop this attribute or the one before it");
    }
    let Ok(value) = attribute.parse_args::<LitStr>() else {
        cx.error_on(
            attribute,
            format_args!("the value that is scraped is a text in quotes, as in `#[label(\"{example}\")]`"),
        );
        return None;
    };
    let text = value.value();
    cx.error_if(&value, rules::label_value(&text));
    Some(value)
}

fn values_are_distinct(cx: &Ctxt, values: &[LitStr]) {
    let mut seen = HashSet::new();
    for value in values {
        if !seen.insert(value.value()) {
            cx.error_on(value, format_args!("{}; give each variant its own", rules::value_repeated(&value.value())));
        }
    }
}

/// No variant may be mistaken for an associated item: `Self::Err` would be ambiguous in an enum with a variant `Err`.
fn closed_impl(ident: &Ident, variants: &[&Ident], values: &[LitStr]) -> TokenStream {
    let indices: Vec<u32> = (0..).take(variants.len()).collect();
    let label = label_impl(
        ident,
        &quote!(orchq_metrics_private::LabelValues::Closed(&[#(#values),*])),
        &quote!(orchq_metrics_private::Symbol::from_index(match self { #(Self::#variants => #indices),* })),
    );
    let from_str = from_str_impl(
        ident,
        &quote! {
            ::core::result::Result::Ok(match value {
                #(#values => Self::#variants,)*
                _ => return ::core::result::Result::Err(orchq_metrics_private::unknown_value(value, &[#(#values),*])),
            })
        },
    );
    // A variant of this name is what `Self::ALL` is then.
    let all = (!variants.iter().any(|variant| *variant == "ALL")).then(|| {
        quote! {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];
        }
    });
    quote! {
        #label

        impl #ident {
            #all

            /// The scraped value.
            #[must_use]
            pub const fn as_str(self) -> &'static ::core::primitive::str {
                match self { #(Self::#variants => #values),* }
            }
        }

        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(match self { #(Self::#variants => #values),* })
            }
        }

        #from_str
    }
}

const MISSING_BUDGET: &str = "an open label has a budget of distinct values, as in `#[label(budget = 256)]`; past it, values become `__overflow__`";

fn open(cx: &Ctxt, input: &DeriveInput, data: &DataStruct, args: Args) -> Option<TokenStream> {
    if !is_around_symbol(&data.fields) {
        let message = "an open label is a struct around a symbol, as in";
        cx.error_on(&input.ident, format_args!("{message} `struct {}(Symbol);`", input.ident));
        return None;
    }
    let Some(literal) = args.budget else {
        match args.attribute {
            _ if args.unreadable => {}
            Some(attribute) => cx.error_on(attribute, MISSING_BUDGET),
            None => cx.error_on(&input.ident, MISSING_BUDGET),
        }
        return None;
    };
    let budget = literal.base10_parse().ok();
    let wrong = rules::budget(budget);
    let budget = budget.filter(|_| wrong.is_none());
    cx.error_if(&literal, wrong);
    budget.map(|budget| open_impl(&input.ident, budget))
}

fn is_around_symbol(fields: &Fields) -> bool {
    let Fields::Unnamed(fields) = fields else { return false };
    let mut types = fields.unnamed.iter().map(|field| &field.ty);
    match (types.next(), types.next()) {
        (Some(Type::Path(ty)), None) => ty.path.segments.last().is_some_and(|segment| segment.ident == "Symbol"),
        _ => false,
    }
}

fn open_impl(ident: &Ident, budget: u32) -> TokenStream {
    let values = quote!(orchq_metrics_private::LabelValues::Open { budget: #budget, table: || &ORCHQ_METRICS_VALUES });
    let label = label_impl(ident, &values, &quote!(self.0));
    let conversions = conversions(ident);
    quote! {
        static ORCHQ_METRICS_VALUES: orchq_metrics_private::SymbolTable =
            orchq_metrics_private::SymbolTable::new(#budget);

        #label

        impl #ident {
            /// The label's value. It is `__overflow__` past the label's budget and over 256 bytes, and
            /// `__empty__` for the empty string.
            #[must_use]
            #[inline]
            pub fn new(value: &::core::primitive::str) -> Self {
                Self(orchq_metrics_private::SymbolTable::intern(&ORCHQ_METRICS_VALUES, value))
            }

            /// The label's value, unless it would be replaced; `parse` is the same.
            ///
            /// # Errors
            ///
            /// For the empty string, for more than 256 bytes, and for a value past the budget.
            pub fn try_new(
                value: &::core::primitive::str,
            ) -> ::core::result::Result<Self, orchq_metrics_private::LabelError> {
                orchq_metrics_private::SymbolTable::try_intern(&ORCHQ_METRICS_VALUES, value).map(Self)
            }

            /// The scraped value.
            #[must_use]
            pub fn as_str(self) -> &'static ::core::primitive::str {
                orchq_metrics_private::SymbolTable::text(&ORCHQ_METRICS_VALUES, self.0).unwrap_or_default()
            }
        }

        #conversions
    }
}

/// From and to text.
fn conversions(ident: &Ident) -> TokenStream {
    let unlisted = krate::unlisted();
    let from_str = from_str_impl(ident, &quote!(Self::try_new(value)));
    quote! {
        #unlisted
        impl ::core::convert::From<&::core::primitive::str> for #ident {
            fn from(value: &::core::primitive::str) -> Self {
                Self::new(value)
            }
        }

        // So that an owned string is accepted for `impl Into`, like a borrowed one.
        #unlisted
        impl ::core::convert::From<&::std::string::String> for #ident {
            fn from(value: &::std::string::String) -> Self {
                Self::new(value)
            }
        }

        #unlisted
        impl ::core::convert::From<::std::string::String> for #ident {
            fn from(value: ::std::string::String) -> Self {
                Self::new(&value)
            }
        }

        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(orchq_metrics_private::SymbolTable::text(&ORCHQ_METRICS_VALUES, self.0).unwrap_or_default())
            }
        }

        #from_str
    }
}
