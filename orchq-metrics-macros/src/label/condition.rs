//! `#[when(engine = "triton")]` and `#[unless(model_digest)]`: which series may carry a conditional label.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, LitStr, Token};

use crate::ctxt::Ctxt;

/// One condition, with the attribute that errors point at.
pub(crate) struct Condition {
    pub(crate) attribute: Attribute,
    rule: Rule,
}

enum Rule {
    When { label: Ident, values: Punctuated<LitStr, Token![|]> },
    Unless { label: Ident },
}

/// The condition of an attribute, if it is one of the two.
pub(crate) fn parse(cx: &Ctxt, attribute: &Attribute) -> Option<Option<Condition>> {
    let rule = if attribute.path().is_ident("when") {
        attribute.parse_args::<When>().map(|When { label, values }| Rule::When { label, values })
    } else if attribute.path().is_ident("unless") {
        attribute.parse_args_with(Ident::parse_any).map(|label| Rule::Unless { label })
    } else {
        return None;
    };
    let usage = "write `#[when(label = \"value\")]`, with `|` between several values, or `#[unless(label)]`";
    let rule = rule.map_err(|error| syn::Error::new(error.span(), format_args!("{error}; {usage}")));
    Some(cx.ok(rule).map(|rule| Condition { attribute: attribute.clone(), rule }))
}

struct When {
    label: Ident,
    values: Punctuated<LitStr, Token![|]>,
}

impl Parse for When {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let label = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        Ok(Self { label, values: Punctuated::parse_separated_nonempty(input)? })
    }
}

impl ToTokens for Condition {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match &self.rule {
            Rule::When { label, values } => {
                let (label, values) = (label.unraw().to_string(), values.iter());
                quote!(orchq_metrics_private::Condition::OnlyWith { label: #label, values: &[#(#values),*] })
            }
            Rule::Unless { label } => {
                let label = label.unraw().to_string();
                quote!(orchq_metrics_private::Condition::NotWith { label: #label })
            }
        });
    }
}

impl Condition {
    /// The other label.
    pub(crate) fn label(&self) -> &Ident {
        match &self.rule {
            Rule::When { label, .. } | Rule::Unless { label } => label,
        }
    }

    /// An error on the attribute if every series carries its label.
    pub(crate) fn matters(&self, is_conditional: &TokenStream) -> TokenStream {
        quote_spanned! {self.attribute.path().span()=>
            const _: () = orchq_metrics_private::condition_matters(#is_conditional);
        }
    }

    /// An error on each value that the other label never has. `labels` are those among which the other one may be.
    pub(crate) fn values_exist(&self, labels: &TokenStream) -> TokenStream {
        let Rule::When { label, values } = &self.rule else { return TokenStream::new() };
        let label = label.unraw().to_string();
        let each = values.iter().map(|value| {
            quote_spanned!(value.span()=> const _: () = orchq_metrics_private::condition_value_exists(#labels, #label, #value);)
        });
        each.collect()
    }

    /// An error on the other label if the metric does not have it.
    pub(crate) fn label_exists(&self, desc: &TokenStream) -> TokenStream {
        let label = self.label();
        let name = label.unraw().to_string();
        quote_spanned!(label.span()=> const _: () = orchq_metrics_private::condition_label_exists(#desc, #name);)
    }
}
