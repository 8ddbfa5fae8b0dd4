//! Values of labels in a document: words are plain, all others are code.

use std::fmt::Write as _;

use crate::contract::owned::{OwnedCondition, OwnedLabel};

pub(crate) fn spelled(value: &str) -> String {
    let is_inner = |char: char| char.is_ascii_alphanumeric() || "_-./+:@".contains(char);
    let is_word = !value.is_empty() && value.chars().all(is_inner) && !value.starts_with('_') && !value.ends_with('_');
    if is_word { value.to_owned() } else { quoted(value) }
}

pub(crate) fn quoted(value: &str) -> String {
    format!("`{}`", code(value))
}

/// The text between the backticks: the value, escaped if it would not fit there or on one line.
pub(crate) fn code(value: &str) -> String {
    let breaks = |char: char| char == '`' || char.is_control() || (char.is_whitespace() && char != ' ');
    if !value.is_empty() && !value.starts_with('"') && value.trim() == value && !value.contains(breaks) {
        return value.to_owned();
    }
    let mut out = String::from("\"");
    for char in value.chars() {
        if breaks(char) || char == '\\' {
            write!(out, "\\u{{{:x}}}", u32::from(char)).expect("writing to a string does not fail");
        } else {
            out.push(char);
        }
    }
    out.push('"');
    out
}

pub(crate) fn alternatives(values: &[String]) -> String {
    values.iter().map(|value| spelled(value)).collect::<Vec<_>>().join("|")
}

pub(crate) fn bounds(buckets: &[f64]) -> String {
    buckets.iter().map(f64::to_string).collect::<Vec<_>>().join(", ")
}

/// A range, whose ends may be open.
pub(crate) fn range((least, greatest): (f64, f64)) -> String {
    match (least.is_finite(), greatest.is_finite()) {
        (true, true) => format!("from {least} to {greatest}"),
        (true, false) => format!("at least {least}"),
        (false, true) => format!("at most {greatest}"),
        (false, false) => "any number".to_owned(),
    }
}

pub(crate) fn conditions(label: &OwnedLabel) -> impl Iterator<Item = String> {
    label.conditions.iter().map(|condition| match condition {
        OwnedCondition::OnlyWith { label, values } => format!("only with {label} {}", alternatives(values)),
        OwnedCondition::NotWith { label } => format!("not with {label}"),
    })
}

/// A section's name as a heading: number signs at its end are escaped, because Markdown would drop them.
pub(crate) fn title(section: &str) -> String {
    let section = section.trim();
    let stem = section.trim_end_matches('#');
    if stem.len() < section.len() && (stem.is_empty() || stem.ends_with(char::is_whitespace)) {
        format!("{stem}\\{}", "#".repeat(section.len() - stem.len()))
    } else {
        section.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_not_a_word_is_code() {
        for (value, expected) in [
            ("drop-lru", "drop-lru"),
            ("QUEUE_FULL", "QUEUE_FULL"),
            ("a b", "`a b`"),
            ("a|b", "`a|b`"),
            ("*", "`*`"),
            ("a`b\n", "`\"a\\u{60}b\\u{a}\"`"),
            (" a\\", "`\" a\\u{5c}\"`"),
            ("\"", "`\"\"\"`"),
        ] {
            assert_eq!(spelled(value), expected);
        }
    }

    #[test]
    fn a_title_keeps_its_number_signs() {
        for (section, expected) in [("# x", "# x"), ("x #", "x \\#"), ("C#", "C#"), ("##", "\\##")] {
            assert_eq!(title(section), expected);
        }
    }
}
