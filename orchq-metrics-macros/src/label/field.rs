//! A field of a metric or of a group: a label, or a group of labels.

use syn::ext::IdentExt;
use syn::{Field, Fields, Ident, Meta};

use super::condition::{self, Condition};
use super::types;
use crate::ctxt::Ctxt;
use crate::rules;

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
            if attribute.path().is_ident("label") {
                cx.error_on(attribute, "a group of labels is marked `#[labels]`, and a label has no mark");
                group = true;
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

pub(crate) fn validate(cx: &Ctxt, label: &LabelField) {
    if label.group {
        for condition in &label.conditions {
            let message =
                "a condition is about one label, and this is a group; put it on the label's field in the group";
            cx.error_on(&condition.attribute, message);
        }
        if types::is_option(&label.field.ty) {
            let message =
                "a group is there or not label by label; make the fields of the group `Option`, and write the group";
            cx.error_on(&label.field.ty, message);
        }
        return;
    }
    for condition in label.conditions.iter().filter(|condition| *condition.label() == label.ident) {
        cx.error_on(
            condition.label(),
            "this is the label itself, so that the condition can never hold; name another label",
        );
    }
    cx.error_if(&label.ident, rules::label_name(&label.ident.unraw().to_string()));
    cx.error_if(&label.field.ty, types::not_a_label(&label.ident, &label.field.ty));
}
