//! JSON as a tree.

use std::rc::Rc;

use jsonc_parser::ast::Value as Json;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use super::tree::{Node, Style};
use super::yaml::Unreadable;

/// JSON as the standard has it, and nothing more.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The value of a JSON file.
pub(super) fn read(text: &str) -> Result<Rc<Node>, Unreadable> {
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: false };
    match parse_to_ast(text, &collect, &STRICT) {
        Ok(parsed) => match parsed.value {
            Some(value) => Ok(Rc::new(node(value))),
            None => Err(Unreadable { at: 0, message: "the file is empty".to_owned() }),
        },
        Err(error) => Err(Unreadable { at: error.range().start, message: error.kind().to_string().to_lowercase() }),
    }
}

/// The parser refuses what nests deeper than 512, so this cannot recurse deeper either.
fn node(value: Json<'_>) -> Node {
    let raw = value.start()..value.end();
    match value {
        Json::StringLit(string) => Node::scalar(raw, string.value.into_owned(), Style::Double),
        Json::NumberLit(number) => Node::scalar(raw, number.value.to_owned(), Style::Plain),
        Json::BooleanLit(boolean) => Node::scalar(raw, boolean.value.to_string(), Style::Plain),
        Json::NullKeyword(_) => Node::scalar(raw, String::new(), Style::Plain),
        Json::Array(array) => Node::list(raw, array.elements.into_iter().map(|item| Rc::new(node(item))).collect()),
        Json::Object(object) => {
            let pairs = object.properties.into_iter().map(|property| {
                let name = property.name.start()..property.name.end();
                let name = Node::scalar(name, property.name.into_string(), Style::Double);
                (Rc::new(name), Rc::new(node(property.value)))
            });
            Node::map(raw, pairs.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_json_and_no_more() {
        let value = read(r#"{"a": [1, true, null, "b\n"], "c": {"d": "e"}}"#).expect("JSON");
        assert_eq!(value.items("a").len(), 4);
        assert_eq!(value.items("a")[3].text(), Some("b\n"));
        assert_eq!(value.get("c").and_then(|c| c.str("d")), Some("e"));
        let error = read("{\n  \"a\": 1,\n}").expect_err("a trailing comma");
        assert!(error.at > 4, "{error:?}");
        assert!(read("").is_err());
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
