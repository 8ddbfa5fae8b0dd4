//! `#[derive(Labels)]`: a struct of labels and groups, flattened.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Ident, Path};

use super::field::{self, LabelField};
use crate::ctxt::Ctxt;
use crate::krate;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let input = cx.ok(syn::parse2::<DeriveInput>(input));
    let fields = input.as_ref().map(|input| fields(&cx, input)).unwrap_or_default();
    let explicit = input.as_ref().and_then(|input| explicit_path(&cx, input));
    let private = krate::private(&cx, explicit.as_ref(), "#[labels(..)]");
    let errors = cx.finish();
    // The errors come with an implementation without labels, or every use of the group would be another error.
    let fields = if errors.is_some() { Vec::new() } else { fields };
    let input = input.filter(|input| input.generics.params.is_empty());
    let labels = input.zip(private).map(|(input, private)| {
        let ident = &input.ident;
        let (labels, values, copy) = (labels_impl(ident, &fields), values_exist(ident, &fields), is_copy(ident));
        krate::hidden(&private, &quote!(#labels #values #copy))
    });
    quote!(#labels #errors)
}

/// The error of a type that does not derive `Copy`, on its name. As a supertrait, `Copy` would be an error wherever the
/// type is used.
pub(crate) fn is_copy(ident: &Ident) -> TokenStream {
    quote_spanned!(ident.span()=> const _: () = orchq_metrics_private::is_copy::<#ident>();)
}

/// The values of conditions that are about labels of the group itself. The metric that has the group checks the others.
fn values_exist(ident: &Ident, fields: &[LabelField]) -> TokenStream {
    let labels = quote!(<#ident as orchq_metrics_private::Labels>::DESCS);
    fields.iter().flat_map(|field| &field.conditions).map(|condition| condition.values_exist(&labels)).collect()
}

/// The path in `#[labels(crate = path)]` above the group.
fn explicit_path(cx: &Ctxt, input: &DeriveInput) -> Option<Path> {
    let mut path = None;
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("labels")) {
        let unknown = "unknown argument; above a group, `#[labels(..)]` takes `crate`";
        let read = attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("crate") {
                return Err(meta.error(unknown));
            }
            path = Some(krate::parse(cx, meta.value()?)?);
            Ok(())
        });
        cx.ok_named(read, unknown);
    }
    path
}

fn fields(cx: &Ctxt, input: &DeriveInput) -> Vec<LabelField> {
    let Data::Struct(data) = &input.data else {
        cx.error_on(&input.ident, "a group of labels is a struct; derive `Label` on the enum of one label's values");
        return Vec::new();
    };
    if !input.generics.params.is_empty() {
        cx.error_on(&input.generics, "a group of labels has no type parameters: its labels are always the same");
    }
    let fields = field::parse(cx, &data.fields);
    if fields.is_empty() && !matches!(data.fields, syn::Fields::Unnamed(_)) {
        cx.error_on(&input.ident, "a group has at least one label");
    }
    for field in &fields {
        field::validate(cx, field);
    }
    fields
}

/// The field's type as a path through the trait with the user's span: all uses of a type that is not a label give the
/// same error, which the compiler reports once.
fn as_trait(LabelField { field, group, .. }: &LabelField) -> TokenStream {
    let ty = &field.ty;
    let name = Ident::new(if *group { "Labels" } else { "Label" }, ty.span());
    quote_spanned!(ty.span()=> <#ty as orchq_metrics_private::#name>)
}

/// How many labels a field has.
pub(crate) fn length(field: &LabelField) -> TokenStream {
    let ty = as_trait(field);
    if field.group { quote!(#ty::LEN) } else { quote!(1) }
}

/// How many values a field can have.
fn choices(field: &LabelField) -> TokenStream {
    let ty = as_trait(field);
    if field.group { quote!(#ty::SETS) } else { quote!(#ty::CHOICES) }
}

/// The call that adds a field to the list of labels.
fn desc(field: &LabelField) -> TokenStream {
    let ty = as_trait(field);
    let name = field.ident.unraw().to_string();
    let conditions = &field.conditions;
    if field.group {
        quote!(.group(#ty::DESCS))
    } else {
        quote!(.label(#name, #ty::VALUES, #ty::CONDITIONAL, &[#(#conditions),*]))
    }
}

/// `Labels` for a struct with these fields.
pub(crate) fn labels_impl(ident: &Ident, fields: &[LabelField]) -> TokenStream {
    let lengths = fields.iter().map(length);
    let descs = fields.iter().map(desc);
    let assertions = fields.iter().flat_map(|field| {
        let ty = as_trait(field);
        field.conditions.iter().map(move |condition| condition.matters(&quote!(#ty::CONDITIONAL)))
    });
    let writes = fields.iter().map(|field| {
        let (ty, ident) = (as_trait(field), &field.ident);
        if field.group { quote!(#ty::write(self.#ident, out);) } else { quote!(out.push(#ty::symbol(self.#ident));) }
    });
    let sets = fields.iter().map(choices);
    // The first label is the most significant digit of a label set's index.
    let digits = fields.iter().map(|field| {
        let (ty, ident, choices) = (as_trait(field), &field.ident, choices(field));
        let digit = if field.group { quote!(#ty::index(self.#ident)) } else { quote!(#ty::choice(self.#ident)) };
        quote!(let index = index.wrapping_mul(#choices).wrapping_add(#digit);)
    });
    let unlisted = krate::unlisted();
    let write = if fields.is_empty() { quote!(let _ = out;) } else { quote!(#(#writes)*) };
    quote! {
        #(#assertions)*

        const ORCHQ_METRICS_LEN: ::core::primitive::usize = 0 #(+ #lengths)*;

        #unlisted
        impl orchq_metrics_private::Sealed for #ident {}

        #unlisted
        impl orchq_metrics_private::Labels for #ident {
            const LEN: ::core::primitive::usize = ORCHQ_METRICS_LEN;
            const DESCS: &'static [orchq_metrics_private::LabelDesc] =
                &orchq_metrics_private::LabelList::<ORCHQ_METRICS_LEN>::new()
                    #(#descs)*
                    .finish();

            #[inline]
            fn write(self, out: &mut orchq_metrics_private::SymbolWriter<'_>) {
                #write
            }

            const SETS: ::core::primitive::usize = 1_usize #(.saturating_mul(#sets))*;

            #[inline]
            fn index(self) -> ::core::primitive::usize {
                let index = 0_usize;
                #(#digits)*
                index
            }
        }
    }
}
