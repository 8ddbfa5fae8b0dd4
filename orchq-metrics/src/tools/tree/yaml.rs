//! YAML in blocks, every text quoted unless it can be nothing but a text.

use super::{Node, is_unprintable, quoted};

impl Node {
    /// The data as a YAML document, after a comment of these lines.
    pub(crate) fn to_yaml(&self, comment: &str) -> String {
        let mut out: String = comment.split(is_unprintable).map(|line| format!("# {line}\n")).collect();
        write(self, 0, &mut out);
        out
    }
}

/// Writes the lines of a map or a list at an indent.
fn write(node: &Node, indent: usize, out: &mut String) {
    let margin = " ".repeat(indent);
    match node {
        Node::Map(fields) if !fields.is_empty() => {
            for (index, (key, value)) in fields.iter().enumerate() {
                // The first line of a list's item stands behind its dash.
                let behind_dash = index == 0 && out.ends_with("- ");
                out.push_str(if behind_dash { "" } else { &margin });
                out.push_str(key);
                out.push(':');
                write_value(value, indent + 2, out);
            }
        }
        Node::List(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&margin);
                out.push_str("- ");
                match item {
                    Node::Map(fields) if !fields.is_empty() => write(item, indent + 2, out),
                    _ => {
                        out.push_str(&inline(item));
                        out.push('\n');
                    }
                }
            }
        }
        _ => {
            out.push_str(&inline(node));
            out.push('\n');
        }
    }
}

/// Writes what comes after a key and its colon.
fn write_value(value: &Node, indent: usize, out: &mut String) {
    let in_a_block = match value {
        Node::Map(fields) => !fields.is_empty(),
        Node::List(items) => items.iter().any(|item| matches!(item, Node::Map(_))),
        _ => false,
    };
    if in_a_block {
        out.push('\n');
        write(value, indent, out);
    } else {
        out.push(' ');
        out.push_str(&inline(value));
        out.push('\n');
    }
}

fn inline(node: &Node) -> String {
    match node {
        Node::Bool(value) => value.to_string(),
        Node::Integer(value) => value.to_string(),
        Node::Float(value) => value.to_string(),
        Node::Text(text) => scalar(text),
        Node::List(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Node::Map(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{key}: {}", inline(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if text.contains(['"', '\\']) && !text.chars().any(is_unprintable) {
        // Within single quotes nothing is escaped but themselves, so that a query stays readable.
        format!("'{}'", text.replace('\'', "''"))
    } else {
        quoted(text)
    }
}

/// Whether no YAML of any version takes the text for anything else.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(is_word)
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_and_lists_stand_in_blocks() {
        let member = Node::map([("id", Some("a".into())), ("value", Some("b c".into()))]);
        let node = Node::map([
            ("empty", Some(Node::list(Vec::<Node>::new()))),
            ("list", Some(Node::list([1_u32, 2]))),
            ("type", Some(Node::map([("members", Some(Node::list([member])))]))),
        ]);
        let yaml = "# one\n# two\nempty: []\nlist: [1, 2]\ntype:\n  members:\n    - id: a\n      value: \"b c\"\n";
        assert_eq!(node.to_yaml("one\ntwo"), yaml);
    }

    #[test]
    fn texts_stay_texts() {
        for (text, expected) in [
            ("engine_version", "engine_version"),
            ("No", "\"No\""),
            ("1e3", "\"1e3\""),
            ("", "\"\""),
            ("it's", "\"it's\""),
            ("a{b=\"c\"} 'd'", "'a{b=\"c\"} ''d'''"),
            ("\"\n", "\"\\\"\\n\""),
            ("\u{85}\u{7f}", "\"\\u0085\\u007f\""),
        ] {
            assert_eq!(scalar(text), expected);
        }
    }
}
