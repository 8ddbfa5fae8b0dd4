//! Types of the standard library that are written where a label belongs, recognized by their names.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{GenericArgument, PathArguments, Type, TypePath};

/// What is wrong with a field of this type, if it is one that is never a label, and what to write.
pub(crate) fn not_a_label(field: &Ident, ty: &Type) -> Option<String> {
    let what = name_of_kind(ty)?;
    let name = camel_case(&field.unraw().to_string());
    let field = field.to_string();
    if what == "a `bool`" {
        return Some(format!(
            "{what} is not a label; write `{field}: {name}`, with an enum `{name}` that derives `Clone`, `Copy` and `Label`"
        ));
    }
    Some(format!(
        "{what} is not a label, because nothing limits its values; write `{field}: {name}`, with \
         `#[derive(Clone, Copy, Label)] #[label(budget = 256)] pub struct {name}(Symbol);`, or with an enum of the values"
    ))
}

pub(crate) fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(TypePath { path, .. }) if path.segments.last().is_some_and(|last| last.ident == "Option"))
}

fn name_of_kind(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Reference(reference) => name_of_kind(&reference.elem).or(Some("a reference")),
        Type::Group(group) => name_of_kind(&group.elem),
        Type::Paren(paren) => name_of_kind(&paren.elem),
        Type::Path(TypePath { qself: None, path, .. }) => {
            // A type of this name in another crate is that crate's.
            let first = path.segments.first()?;
            let is_std = path.segments.len() == 1 || ["std", "alloc", "core"].iter().any(|name| first.ident == name);
            let last = path.segments.last().filter(|_| is_std)?;
            match last.ident.to_string().as_str() {
                "String" | "str" | "OsString" | "PathBuf" | "Path" => Some("a string"),
                "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize"
                | "f32" | "f64" => Some("a number"),
                "bool" => Some("a `bool`"),
                "char" => Some("a `char`"),
                "Option" | "Box" | "Arc" | "Rc" | "Cow" => arguments(&last.arguments).find_map(name_of_kind),
                _ => None,
            }
        }
        _ => None,
    }
}

fn arguments(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let list = match arguments {
        PathArguments::AngleBracketed(list) => Some(&list.args),
        _ => None,
    };
    list.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// `model_id` as `ModelId`.
fn camel_case(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut chars = word.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<String>()
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_the_standard_library_are_no_labels() {
        let name = |ty: &str| name_of_kind(&syn::parse_str(ty).expect("a type"));
        for ty in ["String", "&'static str", "std::string::String", "Option<&str>", "Box<str>", "Cow<'static, str>"] {
            assert_eq!(name(ty), Some("a string"), "{ty}");
        }
        assert_eq!(name("Option<u16>"), Some("a number"));
        assert_eq!(name("&Route"), Some("a reference"));
        for ty in ["Route", "Option<Route>", "ascii::String", "self::String", "Box<Route>"] {
            assert_eq!(name(ty), None, "{ty}");
        }
        let message = not_a_label(&quote::format_ident!("model_id"), &syn::parse_quote!(String));
        assert!(
            message.is_some_and(|message| message.contains("`model_id: ModelId`, with `#[derive(Clone, Copy, Label)]"))
        );
    }
}
