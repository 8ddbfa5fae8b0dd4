//! JSON: read as a tree with positions, and written for people.

use std::rc::Rc;

use jsonc_parser::ast::Value as Json;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{Node, ReadError, Style};

/// Lines are no wider than those of this repository.
const WIDTH: usize = 120;

/// The value of a JSON text.
pub(crate) fn read(text: &str) -> Result<Rc<Node>, ReadError> {
    // jsonc-parser accepts control characters in strings and any Unicode white space; the standard does not.
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| syntax_error(text, &error))?;
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: false };
    let parsed = parse_to_ast(text, &collect, &ParseOptions::default())
        .map_err(|error| ReadError { at: error.range().start, message: error.kind().to_string().to_lowercase() })?;
    let value = parsed.value.ok_or_else(|| ReadError { at: 0, message: "the file is empty".to_owned() })?;
    Ok(Rc::new(node(value)))
}

fn syntax_error(text: &str, error: &serde_json::Error) -> ReadError {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut at = (before + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let message = error.to_string();
    ReadError { at, message: message.split(" at line ").next().unwrap_or_default().to_owned() }
}

/// Recursion is bounded: the parser rejects values that are nested deeper than 512.
fn node(value: Json<'_>) -> Node {
    let raw = value.start()..value.end();
    match value {
        Json::StringLit(string) => Node::scalar(raw, string.value.into_owned(), Style::DoubleQuoted),
        Json::NumberLit(number) => Node::scalar(raw, number.value.to_owned(), Style::Plain),
        Json::BooleanLit(boolean) => Node::scalar(raw, boolean.value.to_string(), Style::Plain),
        Json::NullKeyword(_) => Node::scalar(raw, String::new(), Style::Plain),
        Json::Array(array) => Node::list(raw, array.elements.into_iter().map(|item| Rc::new(node(item))).collect()),
        Json::Object(object) => {
            let pairs = object.properties.into_iter().map(|property| {
                let name = property.name.start()..property.name.end();
                let name = Node::scalar(name, property.name.into_string(), Style::DoubleQuoted);
                (Rc::new(name), Rc::new(node(property.value)))
            });
            Node::map(raw, pairs.collect())
        }
    }
}

/// The value as JSON in which every list and every object that fits on one line is on one line.
///
/// # Panics
///
/// If the value is not JSON, because a key of it is not a string.
pub(crate) fn write(value: &impl Serialize) -> String {
    let pretty = serde_json::to_string_pretty(value).expect("its keys are strings");
    let mut lines: Vec<String> = Vec::new();
    let mut open = Vec::new();
    for line in pretty.lines() {
        // A line that ends in a string ends in its quote.
        if line.ends_with(['{', '[']) {
            open.push(lines.len());
        }
        lines.push(line.to_owned());
        if line.trim_start().starts_with(['}', ']'])
            && let Some(first) = open.pop()
            && let Some(joined) = lines.get(first..).and_then(joined)
        {
            lines.truncate(first);
            lines.push(joined);
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// These lines as one, if it fits.
fn joined(lines: &[String]) -> Option<String> {
    let (first, rest) = lines.split_first()?;
    let (last, items) = rest.split_last()?;
    let space = if first.ends_with('{') { " " } else { "" };
    let length: usize = lines.iter().map(|line| line.trim_start().len()).sum();
    // Counted in bytes first: a long list is not joined again for each list around it.
    if length > WIDTH * 4 {
        return None;
    }
    let items: Vec<_> = items.iter().map(|item| item.trim_start()).collect();
    let line = [first, &items.join(" "), last.trim_start()].join(space);
    (line.trim_end_matches(',').chars().count() < WIDTH).then_some(line)
}

/// A range of numbers, without an end that is open.
pub(crate) fn range((least, greatest): (f64, f64)) -> serde_json::Value {
    let end = |end: f64| end.is_finite().then(|| number(end));
    without_nulls(serde_json::json!({ "minimum": end(least), "maximum": end(greatest) }))
}

/// An object without the fields that are null.
pub(crate) fn without_nulls(mut object: Value) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.retain(|_, value| !value.is_null());
    }
    object
}

/// A number, without the `.0` of a whole one.
pub(crate) fn number(value: f64) -> Value {
    match value.to_string().parse::<i64>() {
        Ok(whole) if whole != 0 || value.is_sign_positive() => whole.into(),
        _ => value.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_standard_json_is_read() {
        let value = read(r#"{"a": [1, true, null, "b\n"], "c": {"d": "e"}}"#).expect("JSON");
        assert_eq!(value.items("a").len(), 4);
        assert_eq!(value.items("a")[3].text(), Some("b\n"));
        assert_eq!(value.get("c").and_then(|c| c.str("d")), Some("e"));
        for (text, at) in [
            ("{\n  \"a\": 1,\n}", 12),
            ("[1, /**/ 2]", 4),
            ("{a: 1}", 1),
            ("['a']", 1),
            ("[01]", 2),
            ("[+1]", 1),
            ("[NaN]", 1),
            ("[1\u{a0}]", 2),
            ("[\"\t\"]", 1),
            ("[\"\\x41\"]", 3),
            ("[\"é\\ud800\"]", 4),
            ("{\"é\": é}", 7),
            ("[1] 2", 4),
            ("", 0),
        ] {
            assert_eq!(read(text).map(|_| ()).map_err(|error| error.at), Err(at), "{text}");
        }
        for depth in [600, 100_000] {
            assert!(read(&("[".repeat(depth) + &"]".repeat(depth))).is_err());
        }
    }

    #[test]
    fn what_fits_on_a_line_is_on_one_line() {
        let short = without_nulls(json!({ "b": [1, 2], "a": null, "c": {}, "d": [{ "e": "f" }] }));
        assert_eq!(write(&short), "{ \"b\": [1, 2], \"c\": {}, \"d\": [{ \"e\": \"f\" }] }\n");
        let long = json!({ "a": "x".repeat(120), "b": [0.1, "{", "]"] });
        assert_eq!(write(&long), format!("{{\n  \"a\": \"{}\",\n  \"b\": [0.1, \"{{\", \"]\"]\n}}\n", "x".repeat(120)));
        // Exactly as wide as a line may be with the comma behind it, and one character wider.
        for (text, lines) in [("é".repeat(113), 4), ("é".repeat(114), 6)] {
            assert_eq!(write(&json!([[text], 1])).lines().count(), lines);
        }
    }

    #[test]
    fn strings_and_numbers_are_read_back_unchanged() {
        let text = "\u{0}\u{1f}\u{7f}\u{85}\u{2028}\u{feff}\u{ffff} \"\\/\n\r\té\u{1f600}";
        let numbers = [0.1, -0.0, 7.0, 5e-324, f64::MAX, 1e21, 123_456_789.125];
        let json = write(&(text, numbers.map(number)));
        let read = read(&json).expect("JSON");
        assert_eq!(read.elements()[0].text(), Some(text));
        let parsed = read.elements()[1].elements().iter().map(|number| number.text()?.parse::<f64>().ok());
        let bits: Option<Vec<_>> = parsed.map(|number| number.map(f64::to_bits)).collect();
        assert_eq!(bits.expect("numbers"), numbers.map(f64::to_bits));
        assert_eq!(number(7.0).to_string(), "7");
    }
}
