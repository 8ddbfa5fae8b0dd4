//! Units and kinds as code.

use proc_macro2::TokenStream;
use quote::quote;

use super::model::Kind;
use crate::rules::{self, UnitRule};

/// A unit that was found by its name.
#[derive(Default)]
pub(crate) struct Unit {
    name: String,
    rule: Option<&'static UnitRule>,
}

impl Unit {
    /// The unit of this name: one of the table, or a counted noun in braces.
    ///
    /// A misspelt one is an error elsewhere, and here what it probably means: the methods of the metric depend on it.
    pub(crate) fn new(name: String) -> Self {
        let rule = UnitRule::named(&name).or_else(|| UnitRule::named(&rules::meant_unit(&name)?));
        Self { rule, name }
    }

    /// Whether a counter can count in it.
    pub(crate) fn counts(&self) -> bool {
        self.rule.is_none_or(UnitRule::counts)
    }

    /// Whether a counter in it counts in fractions, whatever its type of values.
    pub(crate) fn has_fractions(&self) -> bool {
        self.rule.is_some_and(|rule| rule.marker == "Quantity")
    }

    /// The unit as a type of the runtime.
    pub(crate) fn marker_type(&self) -> TokenStream {
        let marker = quote::format_ident!("{}", self.rule.map_or("Count", |rule| rule.marker));
        quote!(orchq_metrics_private::unit::#marker)
    }

    /// The unit as data.
    pub(crate) fn value(&self) -> TokenStream {
        let name = &self.name;
        match self.rule.map(|rule| rule.variant).filter(|variant| *variant != "Other") {
            Some(variant) => {
                let variant = quote::format_ident!("{variant}");
                quote!(orchq_metrics_private::Unit::#variant)
            }
            None => quote!(orchq_metrics_private::Unit::Other(#name)),
        }
    }
}

impl Kind {
    /// The kind as a type of the runtime.
    pub(crate) fn marker_type(self, has_fractions: bool) -> TokenStream {
        let marker = self.type_name();
        let number = (self == Self::Counter && has_fractions).then(|| quote!(<::core::primitive::f64>));
        quote!(orchq_metrics_private::#marker #number)
    }

    /// The kind as data.
    pub(crate) fn value(self) -> TokenStream {
        let variant = self.type_name();
        quote!(orchq_metrics_private::MetricKind::#variant)
    }

    fn type_name(self) -> syn::Ident {
        match self {
            Self::Counter => quote::format_ident!("Counter"),
            Self::Gauge => quote::format_ident!("Gauge"),
            Self::Histogram => quote::format_ident!("Histogram"),
        }
    }
}
