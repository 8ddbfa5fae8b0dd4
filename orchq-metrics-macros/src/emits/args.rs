//! `a, path::b, extern c { label, .. }`: the list of an annotation.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use crate::ctxt::Ctxt;

/// One metric of the list.
pub(crate) struct Entry {
    /// The path as written.
    pub(crate) path: TokenStream,
    /// Its segments, for comparing with paths in the body.
    pub(crate) segments: Vec<Ident>,
    /// The labels, for a metric that another library records.
    pub(crate) extern_labels: Option<Vec<Ident>>,
}

impl Entry {
    /// The metric's own name.
    pub(crate) fn name(&self) -> &Ident {
        self.segments.last().expect("a path has a segment")
    }

    /// The path as text, such as `v1::queue_depth`.
    pub(crate) fn text(&self) -> String {
        self.segments.iter().map(Ident::to_string).collect::<Vec<_>>().join("::")
    }
}

/// Reads the list token by token. An error is noted and skipped, so that the other metrics are still bound
/// in the body, where they would otherwise be further errors.
///
/// `example` gives a list for the errors.
pub(crate) fn parse(cx: &Ctxt, args: TokenStream, example: impl Fn() -> String) -> Vec<Entry> {
    if args.is_empty() {
        let message = "the list is empty; name the metrics that this function records, as in";
        cx.error_at(Span::call_site(), format_args!("{message} `#[emits({})]`", example()));
        return Vec::new();
    }
    let mut entries: Vec<Entry> = Vec::new();
    for (item, comma) in split_at_commas(args) {
        if item.is_empty() {
            cx.error_at(comma.unwrap_or_else(Span::call_site), "this comma has no metric before it; drop it");
        }
        let Some(entry) = parse_entry(cx, &item, &example) else { continue };
        // Paths of different length may have the same end and be two metrics: the body decides.
        if entries.iter().any(|known| known.segments == entry.segments) {
            cx.error_on(&entry.path, format_args!("`{}` is listed twice; list it once", entry.text()));
        } else {
            entries.push(entry);
        }
    }
    entries
}

/// The tokens between commas, each with the comma that ends it.
fn split_at_commas(args: TokenStream) -> Vec<(Vec<TokenTree>, Option<Span>)> {
    let mut items = Vec::new();
    let mut item = Vec::new();
    for token in args {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                items.push((std::mem::take(&mut item), Some(punct.span())));
            }
            // A `$metric:path` of a `macro_rules!` comes in an invisible group.
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => item.extend(group.stream()),
            token => item.push(token),
        }
    }
    if !item.is_empty() {
        items.push((item, None));
    }
    items
}

fn parse_entry(cx: &Ctxt, item: &[TokenTree], example: &dyn Fn() -> String) -> Option<Entry> {
    let first = item.first()?;
    let foreign = matches!(first, TokenTree::Ident(word) if word == "extern");
    let rest = if foreign { &item[1..] } else { item };
    let Some((segments, length)) = read_path(rest) else {
        complain(cx, rest.first().unwrap_or(first), example);
        return None;
    };
    let path = rest[..length].iter().cloned().collect();
    let after = &rest[length..];
    let mut entry = Entry { path, segments, extern_labels: None };
    match (foreign, after) {
        (false, []) => {}
        (true, [TokenTree::Group(group)]) if group.delimiter() == Delimiter::Brace => {
            entry.extern_labels = Some(parse_labels(cx, group));
        }
        // The compiler knows which labels it lacks.
        (true, []) => entry.extern_labels = Some(Vec::new()),
        (false, [group @ TokenTree::Group(_)]) => {
            cx.error_on(group, "labels are listed only for `extern` metrics; list the name alone");
        }
        (true, [group @ TokenTree::Group(_), ..]) => {
            let name = entry.text();
            cx.error_on(group, format_args!("the labels are listed in braces, as in `extern {name} {{ a, b }}`"));
            return None;
        }
        (_, [token, ..]) => {
            cx.error_on(token, "expected a comma; the list is metric names, as in `#[emits(a, path::b)]`");
        }
    }
    Some(entry)
}

fn complain(cx: &Ctxt, token: &TokenTree, example: &dyn Fn() -> String) {
    match token {
        TokenTree::Literal(literal) if literal.to_string().starts_with('"') => {
            let bare = literal.to_string();
            let message = format!("a metric is named by its path, not by a string; write `{}`", bare.trim_matches('"'));
            cx.error_on(literal, message);
        }
        token => cx.error_on(token, format_args!("expected the name of a metric, as in `#[emits({})]`", example())),
    }
}

fn parse_labels(cx: &Ctxt, group: &Group) -> Vec<Ident> {
    let mut labels: Vec<Ident> = Vec::new();
    for (item, comma) in split_at_commas(group.stream()) {
        match item.as_slice() {
            [TokenTree::Ident(label)] => {
                if labels.contains(label) {
                    cx.error_on(label, format_args!("the label `{label}` is listed twice; list it once"));
                } else {
                    labels.push(label.clone());
                }
            }
            [] => cx.error_at(comma.unwrap_or_else(Span::call_site), "this comma has no label before it; drop it"),
            [TokenTree::Punct(dot), ..] if dot.as_char() == '.' => {
                cx.error_on(dot, "the list has every label, spelled out; write their names in place of `..`");
            }
            [first, ..] => cx.error_on(first, "expected the name of a label, without quotes, its type or its value"),
        }
    }
    labels
}

/// The path at the start of `tokens`: its segments, and how many tokens it has.
fn read_path(tokens: &[TokenTree]) -> Option<(Vec<Ident>, usize)> {
    let mut segments = Vec::new();
    let mut index = if is_path_sep(tokens) { 2 } else { 0 };
    loop {
        let TokenTree::Ident(segment) = tokens.get(index)? else { return None };
        segments.push(segment.clone());
        index += 1;
        if !is_path_sep(&tokens[index..]) {
            return Some((segments, index));
        }
        index += 2;
    }
}

/// Whether `tokens` starts with `::`.
pub(crate) fn is_path_sep(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(a), TokenTree::Punct(b), ..] if a.as_char() == ':' && b.as_char() == ':')
}
