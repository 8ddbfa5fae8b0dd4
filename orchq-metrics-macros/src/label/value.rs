//! `#[derive(Label)]`: an enum is a closed set of values, a struct around a `Symbol` an open one.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DataEnum, DataStruct, DeriveInput, Fields, Ident, LitInt, LitStr, Type, Variant};

use crate::ctxt::Ctxt;
use crate::rules;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let label = cx.ok(syn::parse2::<DeriveInput>(input)).map(|input| match label(&cx, &input) {
        Some(label) => label,
        None if input.generics.params.is_empty() => stand_in(&input.ident),
        None => TokenStream::new(),
    });
    let errors = cx.finish();
    quote!(#label #errors)
}

/// Comes with the errors if there is no other implementation, or every use of the label would be another error.
fn stand_in(ident: &Ident) -> TokenStream {
    quote! {
        impl ::orchq_metrics::__private::Sealed for #ident {}

        impl ::orchq_metrics::__private::Label for #ident {
            const VALUES: ::orchq_metrics::__private::LabelValues = ::orchq_metrics::__private::LabelValues::Closed(&[]);

            fn symbol(self) -> ::orchq_metrics::__private::Symbol {
                ::core::unreachable!("only code that does not compile calls this")
            }
        }
    }
}

fn label(cx: &Ctxt, input: &DeriveInput) -> Option<TokenStream> {
    if !input.generics.params.is_empty() {
        cx.error_on(&input.generics, "a label has no type parameters");
        return None;
    }
    match &input.data {
        Data::Enum(data) => closed(cx, input, data),
        Data::Struct(data) => open(cx, input, data),
        _ => {
            cx.error_on(
                &input.ident,
                "a label is an enum (a closed set of values) or a struct around a `Symbol` (an open one)",
            );
            None
        }
    }
}

fn closed(cx: &Ctxt, input: &DeriveInput, data: &DataEnum) -> Option<TokenStream> {
    if data.variants.is_empty() {
        cx.error_on(&input.ident, "a closed label has at least one value; add a variant");
        return None;
    }
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("label")) {
        cx.error_on(attribute, "a closed label has no budget: its variants are all its values");
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
    let Some(attribute) = attributes.next() else {
        cx.error_on(&variant.ident, "spell out the value that is scraped, as in `#[label(\"llamacpp\")]`");
        return None;
    };
    if let Some(second) = attributes.next() {
        cx.error_on(second, "a variant has one value; drop this attribute or the one before it");
    }
    let value = cx.ok(attribute.parse_args::<LitStr>())?;
    let text = value.value();
    cx.error_if(&value, rules::label_value(&text));
    Some(value)
}

fn values_are_distinct(cx: &Ctxt, values: &[LitStr]) {
    let mut seen = HashSet::new();
    for value in values {
        if !seen.insert(value.value()) {
            cx.error_on(
                value,
                format_args!("another variant already has the value {:?}; give each its own", value.value()),
            );
        }
    }
}

fn closed_impl(ident: &Ident, variants: &[&Ident], values: &[LitStr]) -> TokenStream {
    let indices: Vec<u32> = (0..).take(variants.len()).collect();
    quote! {
        impl ::orchq_metrics::__private::Sealed for #ident {}

        impl ::orchq_metrics::__private::Label for #ident {
            const VALUES: ::orchq_metrics::__private::LabelValues =
                ::orchq_metrics::__private::LabelValues::Closed(&[#(#values),*]);

            #[inline]
            fn symbol(self) -> ::orchq_metrics::__private::Symbol {
                ::orchq_metrics::__private::Symbol::from_index(match self { #(Self::#variants => #indices),* })
            }
        }

        impl #ident {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];

            /// The scraped value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { #(Self::#variants => #values),* }
            }
        }

        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::core::str::FromStr for #ident {
            type Err = ::orchq_metrics::__private::LabelError;

            fn from_str(value: &str) -> ::core::result::Result<Self, Self::Err> {
                ::orchq_metrics::__private::parse_closed(value, &[#(#values),*], Self::ALL)
            }
        }
    }
}

const MISSING_BUDGET: &str = "an open label has a budget of distinct values, as in `#[label(budget = 256)]`; past it, values become `__overflow__`";

fn open(cx: &Ctxt, input: &DeriveInput, data: &DataStruct) -> Option<TokenStream> {
    if !is_around_symbol(&data.fields) {
        cx.error_on(&input.ident, "an open label is a struct around a symbol, as in `struct PoolId(Symbol);`");
        return None;
    }
    let mut attributes = input.attrs.iter().filter(|attribute| attribute.path().is_ident("label"));
    let Some(attribute) = attributes.next() else {
        cx.error_on(&input.ident, MISSING_BUDGET);
        return None;
    };
    if let Some(second) = attributes.next() {
        cx.error_on(second, "a label has one budget; drop this attribute or the one before it");
    }
    let budget = budget(cx, attribute)?;
    Some(open_impl(&input.ident, budget))
}

fn is_around_symbol(fields: &Fields) -> bool {
    let Fields::Unnamed(fields) = fields else { return false };
    let mut types = fields.unnamed.iter().map(|field| &field.ty);
    match (types.next(), types.next()) {
        (Some(Type::Path(ty)), None) => ty.path.segments.last().is_some_and(|segment| segment.ident == "Symbol"),
        _ => false,
    }
}

fn budget(cx: &Ctxt, attribute: &Attribute) -> Option<u32> {
    let mut budget: Option<LitInt> = None;
    let read = cx.ok(attribute.parse_nested_meta(|meta| {
        if !meta.path.is_ident("budget") {
            return Err(meta.error("unknown argument; an open label takes `budget`"));
        }
        budget = Some(meta.value()?.parse()?);
        Ok(())
    }));
    read?;
    let Some(literal) = budget else {
        cx.error_on(attribute, MISSING_BUDGET);
        return None;
    };
    let budget = literal.base10_parse().ok();
    let wrong = rules::budget(budget);
    let is_possible = wrong.is_none();
    cx.error_if(&literal, wrong);
    budget.filter(|_| is_possible)
}

fn open_impl(ident: &Ident, budget: u32) -> TokenStream {
    let conversions = conversions(ident);
    quote! {
        const _: () = {
            static VALUES: ::orchq_metrics::__private::SymbolTable = ::orchq_metrics::__private::SymbolTable::new(#budget);

            impl ::orchq_metrics::__private::Sealed for #ident {}

            impl ::orchq_metrics::__private::Label for #ident {
                const VALUES: ::orchq_metrics::__private::LabelValues =
                    ::orchq_metrics::__private::LabelValues::Open { budget: #budget, table: || &VALUES };

                #[inline]
                fn symbol(self) -> ::orchq_metrics::__private::Symbol {
                    self.0
                }
            }

            impl #ident {
                /// The label's value. It is `__overflow__` past the label's budget and over 256 bytes, and
                /// `__empty__` for the empty string.
                #[must_use]
                #[inline]
                pub fn new(value: &str) -> Self {
                    Self(VALUES.intern(value))
                }

                /// The label's value, unless it would be replaced.
                ///
                /// # Errors
                ///
                /// For the empty string, for more than 256 bytes, and for a value past the budget.
                pub fn try_new(value: &str) -> ::core::result::Result<Self, ::orchq_metrics::__private::LabelError> {
                    VALUES.try_intern(value).map(Self)
                }

                /// The scraped value.
                #[must_use]
                pub fn as_str(self) -> &'static str {
                    VALUES.text(self.0).unwrap_or_default()
                }
            }

            #conversions
        };
    }
}

/// From and to text.
fn conversions(ident: &Ident) -> TokenStream {
    quote! {
        impl ::core::convert::From<&str> for #ident {
            fn from(value: &str) -> Self {
                Self::new(value)
            }
        }

        // So that an owned string is accepted for `impl Into`, like a borrowed one.
        impl ::core::convert::From<&::std::string::String> for #ident {
            fn from(value: &::std::string::String) -> Self {
                Self::new(value)
            }
        }

        impl ::core::convert::From<::std::string::String> for #ident {
            fn from(value: ::std::string::String) -> Self {
                Self::new(&value)
            }
        }

        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }
    }
}
