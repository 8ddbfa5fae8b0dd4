//! What a metric that is an error is replaced by, so that the code which records it compiles.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};

use super::model::Metric;
use crate::label::field::LabelField;
use crate::label::types;

/// A type parameter for each label whose type cannot be one, which takes what is written there.
pub(crate) struct StandIn {
    parameters: Vec<Option<Ident>>,
}

impl StandIn {
    pub(crate) fn new(metric: &Metric) -> Self {
        let generics = metric.item.generics.params.to_token_stream();
        let generics: Vec<String> = idents(generics).map(|ident| ident.to_string()).collect();
        let is_usable = |LabelField { field, ident, group, .. }: &LabelField| {
            let mut names = idents(field.ty.to_token_stream());
            (*group || types::not_a_label(ident, &field.ty).is_none())
                && !names.any(|name| generics.contains(&name.to_string()))
        };
        let fields = metric.labels.iter().enumerate();
        let parameters =
            fields.map(|(index, field)| (!is_usable(field)).then(|| format_ident!("OrchqMetricsLabel{index}")));
        Self { parameters: parameters.collect() }
    }

    pub(crate) fn is_needed(&self) -> bool {
        self.parameters.iter().any(Option::is_some)
    }

    /// The type of a field.
    pub(crate) fn field_type(&self, index: usize, field: &LabelField) -> TokenStream {
        match &self.parameters[index] {
            Some(parameter) => parameter.to_token_stream(),
            None => field.field.ty.to_token_stream(),
        }
    }

    /// The parameters of the struct.
    pub(crate) fn declared(&self) -> Option<TokenStream> {
        let parameters = self.parameters.iter().flatten();
        self.is_needed().then(|| quote!(<#(#parameters = ()),*>))
    }

    /// The parameters of an implementation, and the arguments of the struct in it.
    pub(crate) fn parameters(&self) -> Option<TokenStream> {
        let parameters = self.parameters.iter().flatten();
        self.is_needed().then(|| quote!(<#(#parameters),*>))
    }

    /// The methods that `#[emits]` calls, for any types.
    pub(crate) fn methods(&self, ident: &Ident, kind: &TokenStream) -> TokenStream {
        let parameters = self.parameters();
        let emission = quote!(orchq_metrics_private::Emission<#ident, #kind>);
        let body = quote!(::core::unreachable!("only code that does not compile calls this"));
        quote! {
            impl #parameters #ident #parameters {
                pub fn orchq_metrics_at(self, _: &'static orchq_metrics_private::Hit) -> #emission { #body }
                pub fn orchq_metrics_without_site(self) -> #emission { #body }
            }
        }
    }
}

fn idents(tokens: TokenStream) -> impl Iterator<Item = Ident> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => found.push(ident),
            TokenTree::Group(group) => found.extend(idents(group.stream()).collect::<Vec<_>>()),
            _ => {}
        }
    }
    found.into_iter()
}
