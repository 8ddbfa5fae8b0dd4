//! Matchers of names by a pattern.

use promql_parser::label::{MatchOp, Matcher};

/// The names that a pattern spells out, where it has nothing but alternatives.
pub(super) fn names(matcher: &Matcher) -> Option<Vec<&str>> {
    let names: Vec<_> = value(matcher)?.split('|').collect();
    let plain = |name: &&str| !name.is_empty() && name.chars().all(is_name);
    names.iter().all(plain).then_some(names)
}

/// What every name that matches a pattern begins with, up to the end of a word that cannot go on otherwise.
pub(super) fn prefix(matcher: &Matcher) -> Option<&str> {
    let value = value(matcher)?;
    // With a colon, recording rules are meant, which may be in files that are not given.
    if value.contains(['|', ':']) {
        return None;
    }
    let end = value.find(|c| !is_name(c))?;
    let optional = value.get(end..)?.starts_with(['*', '?', '{']);
    value.get(..end - usize::from(optional && end > 0))
}

/// The pattern of a matcher, which is anchored whether that is written or not.
fn value(matcher: &Matcher) -> Option<&str> {
    let value = Some(matcher.value.as_str()).filter(|_| matches!(matcher.op, MatchOp::Re(_)))?;
    let value = value.strip_prefix('^').unwrap_or(value);
    Some(value.strip_suffix('$').unwrap_or(value))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | ':')
}
