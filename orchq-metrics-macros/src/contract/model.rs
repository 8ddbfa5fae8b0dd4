//! A contract as written. Every node keeps the tokens for its errors.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, Ident, ItemStruct, Lit, LitStr, Path, Visibility};

use crate::label::field::LabelField;

/// The arguments of `#[contract(..)]`.
pub(crate) struct Args {
    /// A string, or an expression for one.
    pub(crate) name: Option<Expr>,
    pub(crate) version: Option<Expr>,
    /// The path of the runtime.
    pub(crate) krate: Option<Path>,
    /// Whether there was an error, so that an argument may be missing because of it.
    pub(crate) unreadable: bool,
}

/// A contract module.
pub(crate) struct Contract {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) metrics: Vec<Metric>,
    /// Everything else in the module, left as it is.
    pub(crate) others: Vec<TokenStream>,
}

/// The three kinds, as the attribute on the struct names them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    pub(crate) const ALL: [(Self, &'static str); 3] =
        [(Self::Counter, "counter"), (Self::Gauge, "gauge"), (Self::Histogram, "histogram")];

    pub(crate) fn attribute(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// The old name and the deprecation of a metric, as they are written.
#[derive(Default)]
pub(crate) struct Lifecycle {
    pub(crate) renamed_from: Option<LitStr>,
    pub(crate) since: Option<LitStr>,
    pub(crate) until: Option<LitStr>,
    pub(crate) deprecated: Option<Deprecated>,
}

/// `deprecated(..)`.
pub(crate) struct Deprecated {
    pub(crate) path: Path,
    pub(crate) since: Option<LitStr>,
    pub(crate) note: Option<LitStr>,
}

/// One metric: a struct with `#[counter(..)]`, `#[gauge(..)]` or `#[histogram(..)]`.
pub(crate) struct Metric {
    pub(crate) item: ItemStruct,
    pub(crate) kind: Kind,
    /// The name of another system's metric.
    pub(crate) name: Option<LitStr>,
    pub(crate) unit: Option<LitStr>,
    /// The type of its values, if it is not that of the unit.
    pub(crate) value: Option<Expr>,
    /// The values that make sense, if they are not those of the unit.
    pub(crate) range: Option<Expr>,
    pub(crate) buckets: Option<Expr>,
    pub(crate) series_limit: Option<Lit>,
    pub(crate) section: Option<LitStr>,
    pub(crate) requirement: Option<LitStr>,
    pub(crate) lifecycle: Lifecycle,
    /// The first paragraph of the doc comment.
    pub(crate) help: Option<String>,
    pub(crate) labels: Vec<LabelField>,
    /// Whether its kind is an error, after which no other is reported.
    pub(crate) mistaken: bool,
}

impl Metric {
    /// The name that is served.
    pub(crate) fn name(&self) -> String {
        self.name.as_ref().map_or_else(|| self.item.ident.unraw().to_string(), LitStr::value)
    }
}
