//! Renamed and deprecated metrics.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::LitStr;

use super::constants;
use super::model::{Args, Deprecated, Lifecycle, Metric};
use crate::ctxt::Ctxt;
use crate::{rules, versions};

pub(crate) fn validate(cx: &Ctxt, args: &Args, metric: &Metric) {
    let version = args.version.as_ref().and_then(constants::literal).map(LitStr::value);
    let version = version.filter(|version| versions::is_version(version));
    let Lifecycle { renamed_from, since, until, deprecated } = &metric.lifecycle;
    match (renamed_from, since, until) {
        (Some(old), Some(since), Some(until)) => {
            let unit = metric.unit.as_ref().map(LitStr::value).unwrap_or_default();
            cx.error_if(old, rules::old_name(&old.value(), &metric.name(), &unit, metric.kind.attribute()));
            versions_fit(cx, version.as_deref(), since, Some(until));
        }
        (Some(old), ..) => cx.error_on(
            old,
            "the version that has the new name and the one that drops the old name are missing; write `since = \"1.2.0\", \
             until = \"2.0.0\"`",
        ),
        (None, Some(version), _) | (None, None, Some(version)) => cx.error_on(
            version,
            "`since` and `until` are the versions of an old name; write `renamed_from = \"old_name\"` with them",
        ),
        (None, None, None) => {}
    }
    match deprecated {
        Some(Deprecated { since: Some(since), note: Some(_), .. }) => {
            versions_fit(cx, version.as_deref(), since, None);
        }
        Some(Deprecated { path, .. }) => cx.error_on(path, DEPRECATED_TAKES),
        None => {}
    }
    if let Some(attribute) = metric.item.attrs.iter().find(|attribute| attribute.path().is_ident("deprecated")) {
        let kind = metric.kind.attribute();
        cx.error_on(
            attribute,
            format_args!(
                "a deprecated metric is still recorded, and this attribute would warn of that; write \
                 `#[{kind}(.., deprecated(since = \"1.2.0\", note = \"use ..\"))]`, which tells its consumers"
            ),
        );
    }
}

pub(crate) const DEPRECATED_TAKES: &str =
    "`deprecated` takes the version and what to use instead: `deprecated(since = \"1.2.0\", note = \"use ..\")`";

/// Checks the versions of one; those of a contract whose own version is a constant, the compiler checks too.
fn versions_fit(cx: &Ctxt, version: Option<&str>, since: &LitStr, until: Option<&LitStr>) {
    let until_text = until.map(LitStr::value);
    let since_text = since.value();
    let version = version.unwrap_or(&since_text);
    if let Some((argument, message)) = versions::lifecycle(version, &since_text, until_text.as_deref()) {
        let token = if argument == "since" { Some(since) } else { until };
        cx.error_on(token, message);
    }
}

/// Where the compiler reports versions that do not fit.
pub(crate) fn span(metric: &Metric) -> Option<Span> {
    let Lifecycle { until, deprecated, .. } = &metric.lifecycle;
    let since = deprecated.as_ref().and_then(|deprecated| deprecated.since.as_ref());
    until.as_ref().or(since).map(LitStr::span)
}

/// The old name and the deprecation, put into the metric's description.
pub(crate) fn described(metric: &Metric) -> TokenStream {
    let mut described = TokenStream::new();
    if let Lifecycle { renamed_from: Some(name), since: Some(since), until: Some(until), .. } = &metric.lifecycle {
        described.extend(quote! {
            orchq_metrics_desc.renamed_from = ::core::option::Option::Some(
                orchq_metrics_private::OldName::new(#name, #since, #until),
            );
        });
    }
    if let Some(Deprecated { since: Some(since), note: Some(note), .. }) = &metric.lifecycle.deprecated {
        described.extend(quote! {
            orchq_metrics_desc.deprecated = ::core::option::Option::Some(
                orchq_metrics_private::Deprecation::new(#since, #note),
            );
        });
    }
    described
}

/// What the documentation of the struct says.
pub(crate) fn doc(metric: &Metric) -> String {
    let mut doc = String::new();
    if let Lifecycle { renamed_from: Some(old), until: Some(until), .. } = &metric.lifecycle {
        doc += &format!(" Until {}, it is served as `{}` too.", until.value(), old.value());
    }
    if let Some(Deprecated { since: Some(since), note: Some(note), .. }) = &metric.lifecycle.deprecated {
        doc += &format!(" Deprecated since {}: {}.", since.value(), note.value().trim_end_matches('.'));
    }
    doc
}
