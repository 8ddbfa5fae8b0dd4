//! A field of a metric or of a group: a label, or a group of labels.

use syn::ext::IdentExt;
use syn::{Field, Fields, Ident, Meta};

use super::condition::{self, Condition};
use crate::ctxt::Ctxt;
use crate::shared::NOT_LABELS_IN_QUERIES;

/// A field of a metric or of a group.
pub(crate) struct LabelField {
    pub(crate) field: Field,
    pub(crate) ident: Ident,
    /// Whether it is marked `#[labels]`.
    pub(crate) group: bool,
    /// Its `#[when(..)]` and `#[unless(..)]`.
    pub(crate) conditions: Vec<Condition>,
}

/// The fields of a metric or of a group, each a label or, marked `#[labels]`, a group.
pub(crate) fn parse(cx: &Ctxt, fields: &Fields) -> Vec<LabelField> {
    let named = match fields {
        Fields::Named(named) => &named.named,
        Fields::Unit => return Vec::new(),
        Fields::Unnamed(tuple) => {
            cx.error_on(tuple, "labels are named fields: a field's name is its label's name");
            return Vec::new();
        }
    };
    let mut out = Vec::new();
    for field in named {
        let mut field = field.clone();
        let Some(ident) = field.ident.clone() else { continue };
        let (mut group, mut conditions) = (false, Vec::new());
        field.attrs.retain(|attribute| {
            if let Some(condition) = condition::parse(cx, attribute) {
                conditions.extend(condition);
                return false;
            }
            let ours = attribute.path().is_ident("labels");
            if ours && !matches!(attribute.meta, Meta::Path(_)) {
                cx.error_on(attribute, "`#[labels]` takes no arguments");
            }
            group |= ours;
            !ours
        });
        out.push(LabelField { field, ident, group, conditions });
    }
    out
}

/// Label names are lowercase in style; `le`, `quantile` and `__*` belong to the exposition,
/// <https://prometheus.io/docs/concepts/data_model/>.
pub(crate) fn validate(cx: &Ctxt, label: &LabelField) {
    if label.group {
        for condition in &label.conditions {
            let message =
                "a condition is about one label, and this is a group; put it on the label's field in the group";
            cx.error_on(&condition.attribute, message);
        }
        return;
    }
    let ident = &label.ident;
    let name = ident.unraw().to_string();
    if matches!(name.as_str(), "le" | "quantile") || name.starts_with("__") {
        cx.error_on(ident, format_args!("`{name}` is reserved by the exposition format; rename the label"));
    } else if !is_snake_case(&name) {
        cx.error_on(ident, "a label's name has lowercase letters, digits and `_`, and starts with a letter");
    } else if NOT_LABELS_IN_QUERIES.contains(&name.as_str()) {
        cx.error_on(
            ident,
            format_args!("`{name}` is a keyword of PromQL, so that no query could sum by the label; rename it"),
        );
    }
}

pub(crate) fn is_snake_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
