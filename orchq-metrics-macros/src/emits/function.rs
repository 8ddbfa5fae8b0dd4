//! The annotated item, split where the macro needs it. It is never parsed, so that a function whose body does
//! not parse yet is kept, and the editor still knows it.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};

use super::body::{braces, names_emits};
use crate::ctxt::Ctxt;

/// A function with a body.
pub(crate) struct Function {
    /// Its outer attributes.
    pub(crate) attributes: Vec<TokenTree>,
    /// From the visibility to the last token before the body.
    pub(crate) signature: Vec<TokenTree>,
    pub(crate) name: Ident,
    /// The `#![..]` that a body may start with.
    pub(crate) inner_attributes: TokenStream,
    pub(crate) statements: TokenStream,
    pub(crate) body_span: Span,
}

impl Function {
    /// Whether the function has a test attribute that is not expanded yet.
    pub(crate) fn is_test(&self) -> bool {
        attribute_streams(&self.attributes).any(|attribute| {
            let path = attribute.into_iter().take_while(|token| !matches!(token, TokenTree::Group(_)));
            path.last().is_some_and(|token| is_word(&token, "test"))
        })
    }

    /// Whether the function has its own documentation or page. Elsewhere, an added line would replace what
    /// rustdoc inherits from a trait.
    pub(crate) fn has_page(&self) -> bool {
        let documented = attribute_streams(&self.attributes)
            .any(|attribute| attribute.into_iter().next().is_some_and(|token| is_word(&token, "doc")));
        let visible = match self.signature.first() {
            Some(TokenTree::Group(group)) => !group.stream().is_empty(),
            Some(token) => is_word(token, "pub"),
            None => false,
        };
        documented || visible
    }
}

fn attribute_streams(attributes: &[TokenTree]) -> impl Iterator<Item = TokenStream> {
    attributes.iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    })
}

/// The item without its other annotations, which are part of the error.
pub(crate) fn without_annotations(item: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = item.into_iter().collect();
    let (attributes, rest) = tokens.split_at(attributes_end(&tokens));
    let is_other = |pair: &&[TokenTree]| !attribute_streams(pair).any(names_emits);
    let kept = attributes.chunks(2).filter(is_other).flatten();
    kept.chain(rest).cloned().collect()
}

/// The item without the `const` of a `const fn`.
pub(crate) fn without_const(item: TokenStream) -> TokenStream {
    let mut before_fn = true;
    let kept = item.into_iter().filter(|token| {
        before_fn &= !is_word(token, "fn");
        !(before_fn && is_word(token, "const"))
    });
    kept.collect()
}

const HELP: &str = "`#[emits(..)]` goes on a function that records metrics";

const CLOSURE_HELP: &str = "`#[emits(..)]` does not go on a closure or a statement; annotate the function around it, \
    of which the closures in it are a part";

/// The words that an item begins with, and `let`.
const ITEM_WORDS: [&str; 18] = [
    "pub",
    "fn",
    "struct",
    "enum",
    "union",
    "trait",
    "impl",
    "mod",
    "use",
    "type",
    "extern",
    "default",
    "safe",
    "auto",
    "macro",
    "macro_rules",
    "crate",
    "let",
];

/// Whether the annotation is on an expression, such as a closure or an `if`.
pub(crate) fn is_expression(item: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    starts_expression(&tokens[attributes_end(&tokens)..])
}

fn starts_expression(tokens: &[TokenTree]) -> bool {
    let Some(first) = tokens.first() else { return false };
    let is_qualifier =
        |token: &TokenTree| ["async", "const", "move", "static", "unsafe"].iter().any(|word| is_word(token, word));
    match first {
        // Before a block or a closure.
        qualifier if is_qualifier(qualifier) => match tokens.get(1) {
            Some(TokenTree::Punct(bar)) => bar.as_char() == '|',
            Some(next) => braces(next).is_some() || is_qualifier(next) && starts_expression(&tokens[1..]),
            None => false,
        },
        TokenTree::Ident(word) if ITEM_WORDS.iter().any(|item| word == item) => false,
        // A macro may make an item.
        TokenTree::Ident(_) => {
            let is_path = |token: &&TokenTree| match token {
                TokenTree::Ident(_) => true,
                TokenTree::Punct(colon) => colon.as_char() == ':',
                _ => false,
            };
            let path_length = tokens.iter().take_while(is_path).count();
            let is_macro = match &tokens[path_length..] {
                [TokenTree::Punct(bang), TokenTree::Group(_) | TokenTree::Ident(_), ..] => bang.as_char() == '!',
                _ => false,
            };
            !is_macro
        }
        TokenTree::Punct(punct) => punct.as_char() != ':',
        TokenTree::Group(group) => group.delimiter() != Delimiter::None,
        TokenTree::Literal(_) => true,
    }
}

/// Splits the item. Anything but a function with a body is an error on the token that shows it.
pub(crate) fn split(cx: &Ctxt, item: TokenStream) -> Option<Function> {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    // A whole item that a `macro_rules!` passes on comes in an invisible group.
    while let [TokenTree::Group(group)] = tokens.as_slice()
        && group.delimiter() == Delimiter::None
    {
        tokens = group.stream().into_iter().collect();
    }
    let after_attributes = attributes_end(&tokens);
    let signature = tokens.split_off(after_attributes);
    let attributes = tokens;
    for pair in attributes.chunks(2) {
        if attribute_streams(pair).any(names_emits) {
            cx.error_on(&pair[1], "a function has one `#[emits(..)]`; merge the two lists");
        }
    }
    if starts_expression(&signature) {
        cx.error_on(&signature[0], CLOSURE_HELP);
        return None;
    }
    let fn_index = find_fn(cx, &signature)?;
    let Some(TokenTree::Ident(name)) = signature.get(fn_index + 1).cloned() else {
        cx.error_on(&signature[fn_index], format_args!("expected a name after `fn`; {HELP}"));
        return None;
    };
    if let Some(word) = signature[..fn_index].iter().find(|token| is_word(token, "const")) {
        cx.error_on(
            word,
            "a `const fn` cannot record a metric, because it may run in the compiler; drop `const` or the annotation",
        );
        return None;
    }
    let (last, signature) = signature.split_last()?;
    let Some(body) = braces(last) else {
        cx.error_on(last, "this function has no body to record in; annotate the functions that implement it");
        return None;
    };
    let (inner_attributes, statements) = split_inner_attributes(body.stream());
    let signature = signature.to_vec();
    Some(Function { attributes, signature, name, inner_attributes, statements, body_span: body.span() })
}

fn attributes_end(tokens: &[TokenTree]) -> usize {
    let mut end = 0;
    while let [TokenTree::Punct(hash), TokenTree::Group(_), ..] = &tokens[end..]
        && hash.as_char() == '#'
    {
        end += 2;
    }
    end
}

/// The index of `fn`, which only qualifiers may precede.
fn find_fn(cx: &Ctxt, tokens: &[TokenTree]) -> Option<usize> {
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == "fn" => return Some(index),
            TokenTree::Ident(word) => {
                let word_text = word.to_string();
                if word_text == "let" {
                    cx.error_on(word, CLOSURE_HELP);
                    return None;
                }
                if !matches!(word_text.as_str(), "pub" | "default" | "const" | "async" | "unsafe" | "safe" | "extern") {
                    cx.error_on(word, format_args!("this is not a function; {HELP}"));
                    return None;
                }
            }
            // The path of `pub(in path)`, a visibility from a `macro_rules!`, the ABI of `extern`.
            TokenTree::Group(_) | TokenTree::Literal(_) => {}
            TokenTree::Punct(punct) => {
                cx.error_on(punct, format_args!("this is not a function; {HELP}"));
                return None;
            }
        }
    }
    cx.error_at(Span::call_site(), format_args!("nothing to annotate; {HELP}"));
    None
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn split_inner_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let mut end = 0;
    while let [TokenTree::Punct(hash), TokenTree::Punct(bang), TokenTree::Group(group), ..] = &tokens[end..]
        && hash.as_char() == '#'
        && bang.as_char() == '!'
        && group.delimiter() == Delimiter::Bracket
    {
        end += 3;
    }
    let (attributes, statements) = tokens.split_at(end);
    (attributes.iter().cloned().collect(), statements.iter().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(item: &str) -> Function {
        let cx = Ctxt::new();
        let function = split(&cx, item.parse().expect("tokens")).expect("a function");
        assert!(cx.finish().is_none());
        function
    }

    #[test]
    fn tests_have_an_attribute() {
        for item in ["#[test] fn f() {}", "#[tokio::test(flavor = \"x\")] async fn f() {}", "#[a] #[test] fn f() {}"] {
            assert!(function(item).is_test(), "{item}");
        }
        for item in ["fn f() {}", "#[cfg(test)] fn f() {}", "#[doc = \"test\"] fn f() {}", "#[testing] fn f() {}"] {
            assert!(!function(item).is_test(), "{item}");
        }
    }

    #[test]
    fn only_public_or_documented_functions_have_a_page() {
        for item in ["pub fn f() {}", "pub(crate) async fn f() {}", "/// Documented.\nfn f() {}"] {
            assert!(function(item).has_page(), "{item}");
        }
        for item in ["fn f() {}", "async fn f() {}", "#[inline] fn f() {}"] {
            assert!(!function(item).has_page(), "{item}");
        }
    }

    #[test]
    fn what_an_error_leaves_of_an_item() {
        let text = |stream: TokenStream| stream.to_string();
        let item = "#[a] #[x::emits(m)] #[b] pub const fn f() -> [u8; { const { 1 } }] { }";
        let item: TokenStream = item.parse().expect("tokens");
        let expected: TokenStream = "#[a] #[b] pub fn f() -> [u8; { const { 1 } }] { }".parse().expect("tokens");
        assert_eq!(text(without_const(without_annotations(item))), text(expected));
    }

    #[test]
    fn expressions_are_distinguished_from_items() {
        for item in [
            "|x| x",
            "async move |x| x",
            "static || x",
            "if x { }",
            "match x { }",
            "loop { }",
            "{ x }",
            "(x)",
            "[x]",
            "&x",
            "-1",
            "1 + x",
            "'a: loop { }",
            "unsafe { x }",
            "async move { x }",
            "const { x }",
            "m { a }.inc()",
            "v1::m { a }.inc()",
            "f(x)",
            "x != y",
            "<X as Y>::f()",
            "#[a] return x",
        ] {
            assert!(is_expression(&item.parse().expect("tokens")), "{item}");
        }
        for item in [
            "fn f() {}",
            "#[a] pub fn f() {}",
            "async fn f() {}",
            "unsafe extern \"C\" fn f() {}",
            "const fn f() {}",
            "const X: u8 = 1;",
            "const _: () = {};",
            "static mut X: u8 = 1;",
            "unsafe impl X for Y {}",
            "let x = 1;",
            "x! { }",
            "a::x! { }",
            "::a::x!();",
            "macro_rules! x { }",
            "use a::{b};",
            "impl<X> Y {}",
            "union X { }",
        ] {
            assert!(!is_expression(&item.parse().expect("tokens")), "{item}");
        }
    }

    #[test]
    fn inner_attributes_stay_first() {
        let function = function("fn f() { #![a] #![b(c)] let x = 1; }");
        assert_eq!(function.inner_attributes.to_string().matches('!').count(), 2);
        assert!(function.statements.to_string().starts_with("let"));
    }
}
