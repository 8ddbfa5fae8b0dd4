//! Writes YAML for people: maps and lists of maps in blocks, and quotes only where one version of YAML
//! could read a plain text as something else.

use serde_json::Value;

/// The value as a YAML document, after a comment of these lines.
pub(super) fn write(value: &Value, comment: &str) -> String {
    let mut out: String = comment.split(is_unprintable).map(|line| format!("# {line}\n")).collect();
    write_block(value, 0, &mut out);
    out
}

/// Writes the lines of a map or a list at an indent.
fn write_block(value: &Value, indent: usize, out: &mut String) {
    let margin = " ".repeat(indent);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (index, (key, value)) in fields.iter().enumerate() {
                // The first field of a list's item follows its dash.
                let after_dash = index == 0 && out.ends_with("- ");
                *out += if after_dash { "" } else { &margin };
                *out += &scalar(key);
                *out += ":";
                if is_block(value) {
                    *out += "\n";
                    write_block(value, indent + 2, out);
                } else {
                    *out += &format!(" {}\n", inline(value));
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                *out += &format!("{margin}- ");
                match item {
                    Value::Object(fields) if !fields.is_empty() => write_block(item, indent + 2, out),
                    _ => *out += &format!("{}\n", inline(item)),
                }
            }
        }
        _ => *out += &format!("{}\n", inline(value)),
    }
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => items.iter().any(Value::is_object),
        _ => false,
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{}: {}", scalar(key), inline(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn scalar(text: &str) -> String {
    let escaped = text.chars().any(is_unprintable);
    if is_plain(text) {
        text.to_owned()
    } else if text.contains(['"', '\\']) && !escaped {
        // A single-quoted query stays readable: only single quotes are doubled.
        format!("'{}'", text.replace('\'', "''"))
    } else {
        // A JSON string is a YAML string, except for what YAML does not allow or reads as a line break.
        let quoted = Value::from(text).to_string();
        let escape = |char| if is_unprintable(char) { format!("\\u{:04x}", u32::from(char)) } else { char.into() };
        quoted.chars().map(escape).collect()
    }
}

/// Whether YAML does not allow the character unescaped, or reads it as a line break. None is above U+FFFF.
fn is_unprintable(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether every version of YAML reads the text as a text.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_and_lists_of_maps_are_blocks() {
        let value = json!({
            "empty": [],
            "list": [1, 2],
            "type": { "members": [{ "id": "a", "value": "b c", "none": {} }] },
        });
        let yaml = "# one\n# two\nempty: []\nlist: [1, 2]\ntype:\n  members:\n    - id: a\n      value: \"b c\"\n      none: {}\n";
        assert_eq!(write(&value, "one\ntwo"), yaml);
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
            ("\u{85}\u{7f}\u{1b}", "\"\\u0085\\u007f\\u001b\""),
        ] {
            assert_eq!(scalar(text), expected);
        }
    }
}
