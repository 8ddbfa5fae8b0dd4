//! Matches the list with the body: every listed metric is recorded, and every emission has an entry in the list.

use std::cmp::Reverse;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use super::args::Entry;
use super::body::unseen::{self, Unseen};
use super::body::{self, End, Literal};
use super::function::Function;
use crate::ctxt::Ctxt;

/// The list, the body's struct literals in order, and which entry each belongs to.
pub(crate) struct Matched<'a> {
    pub(crate) entries: &'a [Entry],
    literals: Vec<Literal>,
    /// The entry of each literal.
    matches: Vec<Option<usize>>,
    /// For each entry, whether list and body spell it the same.
    same_spelling: Vec<bool>,
    /// The listed metrics that the body never builds.
    pub(crate) unseen: Vec<Ident>,
}

impl Matched<'_> {
    /// The literals that record an entry of the list.
    pub(crate) fn literals(&self, entry: usize) -> impl Iterator<Item = &Literal> {
        let pairs = self.literals.iter().zip(&self.matches);
        pairs.filter(move |(_, known)| **known == Some(entry)).map(|(literal, _)| literal)
    }

    /// The entry that each literal records, in the order of the body.
    pub(crate) fn entry_of_each(&self) -> impl Iterator<Item = Option<usize>> {
        self.matches.iter().copied()
    }

    /// Whether list and body spell the metric the same, so that one check of the name is enough.
    pub(crate) fn is_spelled_the_same(&self, entry: usize) -> bool {
        self.same_spelling[entry]
    }
}

/// What the list of a function probably is: what it records.
pub(crate) fn list_of(function: Option<&Function>) -> String {
    let literals = function.map(|function| body::literals(function.statements.clone())).unwrap_or_default();
    let mut names = Vec::new();
    for literal in literals.iter().filter(|literal| literal.records) {
        let name = literal.path.to_string().replace(' ', "");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { "requests_total".to_owned() } else { names.join(", ") }
}

/// Finds each listed metric in the body, and notes those that are not there.
pub(crate) fn matched<'a>(cx: &Ctxt, entries: &'a [Entry], function: &Function) -> Matched<'a> {
    let mut literals = body::literals(function.statements.clone());
    let matches: Vec<_> = literals.iter().map(|literal| find_entry(entries, literal)).collect();
    // Most emissions have a method behind them that records, and are not dropped.
    let may_be_dropped = |literal: &Literal| !literal.records || literal.kept.is_some();
    if literals.iter().zip(&matches).any(|(literal, place)| place.is_some() && may_be_dropped(literal)) {
        literals = body::literals_and_drops(function.statements.clone());
    }
    let mut matched = Matched { entries, literals, matches, same_spelling: Vec::new(), unseen: Vec::new() };
    for (index, entry) in entries.iter().enumerate() {
        if entry.extern_labels.is_some() {
            records_something(cx, entry, function);
        } else if matched.literals(index).next().is_none() {
            never_recorded(cx, &mut matched, index, function);
        }
        matched
            .literals(index)
            .filter(|literal| literal.dropped.is_some())
            .for_each(|literal| built_and_dropped(cx, literal));
    }
    let same_spelling = entries.iter().enumerate().map(|(index, entry)| {
        let spelled = entry.path.to_string();
        entry.extern_labels.is_none() && matched.literals(index).all(|literal| literal.path.to_string() == spelled)
    });
    matched.same_spelling = same_spelling.collect();
    matched
}

/// A metric that is built where nothing can record it, or whose guard, timer, future or handle ends at once.
fn built_and_dropped(cx: &Ctxt, literal: &Literal) {
    let (name, form) = (literal.name(), form(literal));
    let kept = literal.kept.as_ref().map(Ident::to_string);
    let message = match kept.as_deref() {
        Some("enter") => format!(
            "the guard of `{name}` is dropped here at once, and lowers the level again; bind it to a name, as in `let _guard = {form}.enter();`"
        ),
        Some("start_timer") if literal.dropped == Some(End::Forgotten) => format!(
            "the timer of `{name}` is forgotten here, and never records; drop it, or call `stop()`, where the time ends"
        ),
        Some("start_timer") => format!(
            "the timer of `{name}` is dropped here at once, and measures nothing; bind it to a name, as in `let _timer = {form}.start_timer();`"
        ),
        Some("time") => {
            format!("the future that `{name}` times is dropped here, and never runs; put `.await` behind it")
        }
        Some(_) => format!(
            "the handle of `{name}` is never used, so nothing is recorded; record with it, or call `init()` in its place if the series is to exist at zero"
        ),
        None => format!(
            "`{name}` is built and dropped here, so nothing is recorded; call a method on it, such as `inc`, `set` or `observe`, or keep its `handle()`"
        ),
    };
    cx.error_on(&literal.path, message);
}

/// The literal as the messages show it, with its labels left out.
fn form(literal: &Literal) -> String {
    format!("{} {}", literal.name(), if literal.has_fields { "{ .. }" } else { "{}" })
}

/// An `extern` metric needs a body in which another library can record it.
fn records_something(cx: &Ctxt, entry: &Entry, function: &Function) {
    if runs_nothing(function.statements.clone()) {
        cx.error_on(
            &entry.path,
            format_args!("`{}` is listed, and the body calls nothing that could record it; list it on the function in which the other library records it", entry.text()),
        );
    }
}

/// Whether a body runs no code but its own, as `{}`, `{ let _ = 1; }`, `{ Ok(()) }` and `{ todo!() }` do. Operators
/// and names may run another's code.
fn runs_nothing(body: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    tokens.iter().enumerate().all(|(index, token)| match token {
        TokenTree::Group(group) => group.delimiter() != Delimiter::Bracket && runs_nothing(group.stream()),
        TokenTree::Punct(punct) => matches!(punct.as_char(), ';' | ',' | '=' | '!'),
        TokenTree::Literal(_) => true,
        TokenTree::Ident(word) => {
            let is_bound = index > 0 && matches!(&tokens[index - 1], TokenTree::Ident(binder) if binder == "let");
            is_bound || INERT.iter().any(|inert| word == inert)
        }
    })
}

/// Words that run no other code.
const INERT: [&str; 12] =
    ["let", "_", "return", "true", "false", "Ok", "Some", "None", "todo", "unimplemented", "unreachable", "panic"];

/// A listed metric that the body does not record under its name.
fn never_recorded(cx: &Ctxt, matched: &mut Matched<'_>, index: usize, function: &Function) {
    let entry = &matched.entries[index];
    let pairs = matched.literals.iter().zip(&matched.matches);
    let unlisted: Vec<&Literal> =
        pairs.filter(|(literal, place)| literal.records && place.is_none()).map(|(literal, _)| literal).collect();
    let typo =
        unlisted.iter().find(|literal| nearly(literal.name(), entry.name())).map(|literal| literal.name().clone());
    let Some(typo) = typo else {
        report(cx, entry, unlisted.first().map(|literal| literal.name()), function);
        matched.unseen.push(entry.name().clone());
        return;
    };
    // Of two similar names, only the compiler knows which one exists: both are passed on as if they were one.
    for (literal, place) in matched.literals.iter().zip(&mut matched.matches) {
        if literal.records && place.is_none() && *literal.name() == typo {
            *place = Some(index);
        }
    }
}

/// Reports what the body has in place of the metric.
fn report(cx: &Ctxt, entry: &Entry, unlisted: Option<&Ident>, function: &Function) {
    let (path, name) = (entry.text(), entry.name());
    let Function { signature, statements, .. } = function;
    let seen = unseen::find(statements.clone(), name);
    let is_variable = || unseen::has_variable(signature, statements.clone(), name);
    match (seen, unlisted) {
        (Some(Unseen::Macro(called, token)), _) if !is_variable() => cx.error_on(
            token,
            format_args!("`#[emits(..)]` does not see what `{called}!` builds of a name; pass it the whole `{name} {{ .. }}` with its labels, or `{name} {{}}` if it has none, or record it here without the macro"),
        ),
        (Some(Unseen::Name(token)), _) if !is_variable() => cx.error_on(
            token,
            format_args!("`{name}` is recorded with its labels, as `{name} {{ .. }}`, or as `{name} {{}}` if it has none"),
        ),
        (_, Some(other)) => cx.error_on(
            &entry.path,
            format_args!("`{path}` is listed, and this function never records it; it records `{other}`, so list `{other}` instead, also if that is an alias of it"),
        ),
        (Some(Unseen::Function(called)), _) => cx.error_on(
            &entry.path,
            format_args!("`{path}` is listed, and this function never builds it; if `{called}` does, annotate `{called}` and let it return `{path} {{ .. }}.handle()`, with `{{}}` if there are no labels, or build it here"),
        ),
        (Some(Unseen::Variable(variable)), _) => cx.error_on(
            &entry.path,
            format_args!("`{path}` is listed, and this function never builds it; if `{variable}` is to record it later, let it be a `Handle<{path}>`, and annotate the function that makes it, with `{path} {{ .. }}.handle()`, or `{path} {{}}.handle()` if there are no labels, in place of this one"),
        ),
        _ => cx.error_on(
            &entry.path,
            format_args!("`{path}` is listed, and this function never records it; record it as `{path} {{ .. }}`, or as `{path} {{}}` if it has no labels, or drop it from the list"),
        ),
    }
}

/// The entry of a literal: the one that shares the most segments with its path, counted from the name. Of
/// several, the shortest.
fn find_entry(entries: &[Entry], literal: &Literal) -> Option<usize> {
    let common = |entry: &Entry| {
        let pairs = entry.segments.iter().rev().zip(literal.segments.iter().rev());
        pairs.take_while(|(a, b)| a == b).count()
    };
    let candidates = entries.iter().enumerate().filter(|(_, entry)| entry.extern_labels.is_none() && common(entry) > 0);
    candidates.max_by_key(|(_, entry)| (common(entry), Reverse(entry.segments.len()))).map(|(index, _)| index)
}

/// Whether one name is probably a typo of the other: at most a third of it differs, which is rustc's limit for
/// a similar name.
fn nearly(a: &Ident, b: &Ident) -> bool {
    let (a, b) = (a.to_string(), b.to_string());
    edit_distance(a.as_bytes(), b.as_bytes()) <= a.len().max(b.len()).max(3) / 3
}

/// The Levenshtein distance, in which two neighbours that are exchanged are one edit.
fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(x != y);
            let mut least = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{Entry, Literal, body, edit_distance, find_entry, runs_nothing};
    use crate::ctxt::Ctxt;
    use proc_macro2::TokenStream;

    /// Which entry of `list` each literal of `body` is.
    fn matches(list: &str, body: &str) -> Vec<Option<usize>> {
        let cx = Ctxt::new();
        let entries: Vec<Entry> = super::super::args::parse(&cx, list.parse().expect("tokens"), String::new);
        assert!(cx.finish().is_none());
        let mut matches = Vec::new();
        body::rewrite(body.parse().expect("tokens"), &mut |literal: Literal| {
            matches.push(find_entry(&entries, &literal));
            TokenStream::new()
        });
        matches
    }

    #[test]
    fn a_literal_belongs_to_the_entry_with_the_most_common_segments() {
        assert_eq!(matches("m, n", "n {} m {} o {}"), [Some(1), Some(0), None]);
        assert_eq!(matches("a::m, b::a::m", "b::a::m {} a::m {} m {}"), [Some(1), Some(0), Some(0)]);
        assert_eq!(matches("v1::m", "m {} v2::m {}"), [Some(0), Some(0)]);
        // An `extern` metric is not recorded here.
        assert_eq!(matches("extern m { a }, n", "m {} n {}"), [None, Some(1)]);
    }

    #[test]
    fn a_body_that_runs_nothing() {
        for body in ["", ";", "()", "let _ = 1;", "let x = (1, true);", "return;", "Ok(())", "Some(1)", "todo!()"] {
            assert!(runs_nothing(body.parse().expect("tokens")), "{body}");
        }
        for body in
            ["f()", "x.f();", "x!();", "timer;", "let _ = timer;", "*x", "x[1];", "[1][0]", "panic!(\"{}\", f())"]
        {
            assert!(!runs_nothing(body.parse().expect("tokens")), "{body}");
        }
        assert!(!runs_nothing("Ok(x?)".parse().expect("tokens")));
    }

    #[test]
    fn edit_distance_counts_edits() {
        assert_eq!(edit_distance(b"kitten", b"sitting"), 3);
        assert_eq!(edit_distance(b"", b"abc"), 3);
        assert_eq!(edit_distance(b"levle", b"level"), 1);
        assert_eq!(edit_distance(b"abcd", b"badc"), 2);
        assert_eq!(edit_distance(b"same", b"same"), 0);
    }
}
