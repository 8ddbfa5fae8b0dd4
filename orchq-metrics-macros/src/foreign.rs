//! Makes an item look like code from another crate's macro.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// A linkme element has a `link_section`, which the lint `unsafe_code` reports only in the crate that declares
/// the slice: in every other crate the expansion is another crate's. This marks the tokens of the declaring
/// crate's own elements in the same way, and changes nothing else.
pub(crate) fn foreign(item: TokenStream) -> TokenStream {
    let marked = item.into_iter().map(|mut token| {
        if let TokenTree::Group(group) = &token {
            let mut inner = Group::new(group.delimiter(), foreign(group.stream()));
            inner.set_span(group.span());
            token = TokenTree::Group(inner);
        }
        token.set_span(token.span().resolved_at(Span::call_site()));
        token
    });
    marked.collect()
}
