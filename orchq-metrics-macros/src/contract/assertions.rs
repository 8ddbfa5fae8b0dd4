//! The rules that need the label types or the values of constants, as code that the compiler evaluates.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::lifecycle;
use super::model::Metric;
use crate::label::group;

/// The assertions of a metric that has something to assert.
pub(crate) fn assertions(metric: &Metric, version: &TokenStream) -> Option<TokenStream> {
    let ident = &metric.item.ident;
    let labels = labels(metric);
    let buckets = metric
        .buckets
        .as_ref()
        .map(|expr| quote_spanned!(expr.span()=> orchq_metrics_private::buckets_ascend(DESC.buckets);));
    let series_limit = metric
        .series_limit
        .as_ref()
        .map(|limit| quote_spanned!(limit.span()=> orchq_metrics_private::series_limit_matters(DESC);));
    let lifecycle = lifecycle::span(metric)
        .map(|span| quote_spanned!(span=> orchq_metrics_private::lifecycle_fits(DESC, #version);));
    if labels.is_none() && buckets.is_none() && series_limit.is_none() && lifecycle.is_none() {
        return None;
    }
    Some(quote! {
        const _: () = {
            const DESC: &orchq_metrics_private::MetricDesc = <#ident as orchq_metrics_private::Metric>::DESC;
            #labels
            #buckets
            #series_limit
            #lifecycle
        };
    })
}

/// Each field, from the first group on, adds labels that the fields before it do not have; and conditions can hold.
fn labels(metric: &Metric) -> Option<TokenStream> {
    let fields = &metric.labels;
    let conditions = fields.iter().flat_map(|field| &field.conditions).map(|condition| {
        let exists = condition.label_exists(&quote!(DESC));
        let values = condition.values_exist(&quote!(DESC.labels));
        quote!(#exists #values)
    });
    let first_group = fields.iter().position(|field| field.group).unwrap_or(fields.len());
    let grouped = fields[first_group..].iter().map(|field| {
        let length = group::length(field);
        quote_spanned!(field.ident.span()=> let at = orchq_metrics_private::labels_fit(DESC, at, #length);)
    });
    let grouped = (first_group < fields.len()).then(|| quote!(let at = #first_group; #(#grouped)* let _ = at;));
    let conditions: TokenStream = conditions.collect();
    (grouped.is_some() || !conditions.is_empty()).then(|| quote!(#conditions #grouped))
}
