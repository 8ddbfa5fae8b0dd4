//! Where the runtime is: at `crate = path`, or at `::orchq_metrics`.

use std::sync::OnceLock;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Ident, Path, Token};

use crate::ctxt::Ctxt;

/// The `use` that gives the runtime's private part its name in generated items. A path that does not exist is then one
/// error: the compiler does not report what goes through an import that failed.
pub(crate) fn import(private: &TokenStream) -> TokenStream {
    // Where the path is, so that the error is there.
    let span = private.clone().into_iter().last().map_or_else(Span::call_site, |token| token.span());
    let import = quote_spanned!(Span::call_site().located_at(span)=> use #private as orchq_metrics_private;);
    quote!(#[allow(unused_imports)] #import)
}

/// Items that no name of the user's can reach.
pub(crate) fn hidden(private: &TokenStream, items: &TokenStream) -> TokenStream {
    let import = import(private);
    quote! {
        #[allow(deprecated)]
        const _: () = {
            #import
            #items
        };
    }
}

/// The path with another span, for an error that has to be there.
pub(crate) fn at(span: Span, private: &TokenStream) -> TokenStream {
    let spanned = private.clone().into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    spanned.collect()
}

/// The path of the library's support module. Reports an error if the package has the library under another name or not
/// at all; in the second case the result is `None`. `attribute` is where the user writes `crate = path`, for the
/// message: `#[emits(.., ..)]`, in which it replaces the first `..`.
pub(crate) fn private(cx: &Ctxt, explicit: Option<&Path>, attribute: &str) -> Option<TokenStream> {
    if let Some(path) = explicit {
        return Some(quote_spanned!(path.span()=> #path::private));
    }
    let Place::Missing { renamed } = place() else { return Some(quote!(::orchq_metrics::private)) };
    cx.error_at(Span::call_site(), message(renamed.as_deref(), attribute));
    // Other code still finds what the macro declares.
    let name = renamed.as_ref().and_then(|name| syn::parse_str::<Ident>(name).ok())?;
    Some(quote!(::#name::private))
}

fn message(renamed: Option<&str>, attribute: &str) -> String {
    let with = |path: &str| attribute.replacen("..", &format!("crate = {path}"), 1);
    match renamed {
        Some(name) => {
            format!("this package has the crate `orchq_metrics` under the name `{name}`; write `{}`", with(name))
        }
        None => format!(
            "this package does not depend on `orchq_metrics`; write the path of a re-export, as in `{}`",
            with("facade::orchq_metrics")
        ),
    }
}

/// The attribute of an implementation that the compiler does not give as an example. Only the runtime's own contract
/// needs it, which has nothing to do with a user's; elsewhere, a user's `mod diagnostic` would be in its way.
pub(crate) fn unlisted() -> Option<TokenStream> {
    matches!(place(), Place::Here).then(|| quote!(#[diagnostic::do_not_recommend]))
}

/// The attribute of a record, see `foreign`. Only the runtime's own records need it, and it costs compile time.
pub(crate) fn foreign(private: &TokenStream) -> Option<TokenStream> {
    matches!(place(), Place::Here).then(|| quote!(#[#private::__foreign]))
}

/// Where the runtime is, seen from the crate that is compiled.
#[derive(Debug, PartialEq)]
enum Place {
    /// It is the crate.
    Here,
    /// Under its own name, or the command line does not show it, as in an editor.
    Known,
    /// Not among the dependencies by its own name.
    Missing {
        /// The name under which it is.
        renamed: Option<String>,
    },
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| find(std::env::args_os().filter_map(|arg| arg.into_string().ok())))
}

/// What the compiler's command line says.
fn find(mut args: impl Iterator<Item = String>) -> Place {
    let (mut seen, mut renamed) = (false, None);
    while let Some(arg) = args.next() {
        let (option, value) = match arg.split_once('=') {
            Some((option, value)) => (option, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        if !matches!(option, "--crate-name" | "--extern") {
            continue;
        }
        let Some(value) = value.or_else(|| args.next()) else { break };
        if option == "--crate-name" {
            match value.as_str() {
                "orchq_metrics" => return Place::Here,
                _ => continue,
            }
        }
        let (name, file) = value.split_once('=').unwrap_or((&value, ""));
        // Options come before the name, as in `noprelude:name`.
        let name = name.rsplit(':').next().unwrap_or(name);
        if name == "orchq_metrics" {
            return Place::Known;
        }
        let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
        if file.strip_prefix("liborchq_metrics").is_some_and(|rest| rest.starts_with(['-', '.'])) {
            renamed = Some(name.to_owned());
        }
        seen = true;
    }
    if seen { Place::Missing { renamed } } else { Place::Known }
}

/// Takes `crate = path` out of a list.
pub(crate) fn take_from_list(cx: &Ctxt, list: TokenStream) -> (Option<Path>, TokenStream) {
    let tokens: Vec<TokenTree> = list.into_iter().collect();
    let is = |token: &TokenTree, char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == char);
    let (mut explicit, mut rest) = (None, TokenStream::new());
    for item in tokens.split_inclusive(|token| is(token, ',')) {
        match item {
            [TokenTree::Ident(word), equals, path @ ..] if word == "crate" && is(equals, '=') => {
                let path = path.iter().filter(|token| !is(token, ',')).cloned().collect();
                explicit = cx.ok((|input: syn::parse::ParseStream<'_>| parse(cx, input)).parse2(path)).or(explicit);
            }
            item => rest.extend(item.iter().cloned()),
        }
    }
    (explicit, rest)
}

/// The path after `crate =`. One in quotes is an error, and taken if the library is not under its own name.
pub(crate) fn parse(cx: &Ctxt, input: syn::parse::ParseStream<'_>) -> syn::Result<Path> {
    if input.peek(syn::LitStr) {
        let text: syn::LitStr = input.parse()?;
        cx.error_on(&text, format_args!("a path is written without quotes: `crate = {}`", text.value()));
        return match place() {
            Place::Missing { .. } => text.parse_with(Path::parse_mod_style),
            Place::Here | Place::Known => Ok(syn::parse_quote!(::orchq_metrics)),
        };
    }
    let path = input.call(Path::parse_mod_style)?;
    if input.peek(Token![<]) {
        return Err(input.error("the path of a crate has no arguments"));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtime_is_known_by_the_command_line() {
        let missing = |renamed: Option<&str>| Place::Missing { renamed: renamed.map(str::to_owned) };
        let cases = [
            ("rustc --crate-name a --extern orchq_metrics=/t/liborchq_metrics-1.rmeta", Place::Known),
            (
                "rustc --extern=a=/t/liba-1.rmeta --extern noprelude:orchq_metrics=/t/liborchq_metrics-1.rlib",
                Place::Known,
            ),
            ("rust-analyzer-proc-macro-srv", Place::Known),
            ("rustc --crate-name orchq_metrics --extern serde=/t/libserde-1.rmeta", Place::Here),
            ("rustc --extern orchq_metrics_macros=/t/liborchq_metrics_macros-1.so", missing(None)),
            (r"rustc --extern m=C:\t\liborchq_metrics-1.rlib --extern b=/b", missing(Some("m"))),
        ];
        for (line, expected) in cases {
            assert_eq!(find(line.split(' ').map(str::to_owned)), expected, "{line}");
        }
    }

    #[test]
    fn the_error_says_what_to_write() {
        let message = |renamed| message(renamed, "#[emits(.., ..)]");
        assert!(message(Some("metrics")).ends_with("under the name `metrics`; write `#[emits(crate = metrics, ..)]`"));
        assert!(message(None).ends_with("as in `#[emits(crate = facade::orchq_metrics, ..)]`"));
    }

    #[test]
    fn the_path_is_taken_out_of_a_list() {
        let cx = Ctxt::new();
        for (list, path, rest) in [
            ("crate = a :: b, m, n", Some("a :: b"), "m , n"),
            ("m, crate = crate", Some("crate"), "m ,"),
            ("crate :: m", None, "crate :: m"),
        ] {
            let (explicit, left) = take_from_list(&cx, list.parse().expect("tokens"));
            assert_eq!(explicit.map(|path| quote!(#path).to_string()).as_deref(), path, "{list}");
            assert_eq!(left.to_string(), rest.parse::<TokenStream>().expect("tokens").to_string(), "{list}");
        }
        assert!(cx.finish().is_none());
    }
}
