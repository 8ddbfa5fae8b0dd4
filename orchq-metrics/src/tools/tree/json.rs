//! JSON for people: what fits on a line stands on one.

use super::{Node, quoted};

/// As wide as the lines of this repository.
const WIDTH: usize = 120;

impl Node {
    /// The data as JSON.
    pub(crate) fn to_json(&self) -> String {
        let mut out = String::new();
        write(self, 0, 0, &mut out);
        out.push('\n');
        out
    }
}

/// `before` is how much of the first line is taken, and one character after the node is a comma.
fn write(node: &Node, indent: usize, before: usize, out: &mut String) {
    let line = on_one_line(node);
    if before + line.chars().count() < WIDTH {
        out.push_str(&line);
        return;
    }
    match node {
        Node::List(items) => {
            let items = items.iter().map(|item| (String::new(), item));
            write_items(['[', ']'], items, indent, out);
        }
        Node::Map(fields) => {
            let fields = fields.iter().map(|(key, value)| (format!("{}: ", quoted(key)), value));
            write_items(['{', '}'], fields, indent, out);
        }
        _ => out.push_str(&line),
    }
}

fn write_items<'a>(
    [open, close]: [char; 2],
    items: impl Iterator<Item = (String, &'a Node)>,
    indent: usize,
    out: &mut String,
) {
    let inner = indent + 2;
    out.push(open);
    for (index, (key, item)) in items.enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&" ".repeat(inner));
        out.push_str(&key);
        write(item, inner, inner + key.chars().count(), out);
    }
    out.push('\n');
    out.push_str(&" ".repeat(indent));
    out.push(close);
}

fn on_one_line(node: &Node) -> String {
    match node {
        Node::Bool(value) => value.to_string(),
        Node::Integer(value) => value.to_string(),
        // The shortest digits that give this number again.
        Node::Float(value) => value.to_string(),
        Node::Text(text) => quoted(text),
        Node::List(items) => format!("[{}]", items.iter().map(on_one_line).collect::<Vec<_>>().join(", ")),
        Node::Map(fields) if fields.is_empty() => "{}".to_owned(),
        Node::Map(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{}: {}", quoted(key), on_one_line(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_on_a_line_stands_on_one() {
        let short = Node::map([("a", Some(Node::list([1_u32, 2]))), ("b", None), ("c", Some(Node::Map(Vec::new())))]);
        assert_eq!(short.to_json(), "{ \"a\": [1, 2], \"c\": {} }\n");
        let long = Node::map([("a", Some("x".repeat(120).into())), ("b", Some(0.1.into()))]);
        assert_eq!(long.to_json(), format!("{{\n  \"a\": \"{}\",\n  \"b\": 0.1\n}}\n", "x".repeat(120)));
    }

    #[test]
    fn texts_and_numbers_are_read_back_as_they_are() {
        let text = "\u{0}\u{1f}\u{7f}\u{85}\u{2028}\u{feff}\u{ffff} \"\\/\n\r\té\u{1f600}";
        let numbers = [0.1, -0.0, 5e-324, f64::MAX, 1e21, 123_456_789.125];
        let json = Node::List(vec![text.into(), Node::list(numbers)]).to_json();
        let (read, exact): (String, Vec<&serde_json::value::RawValue>) =
            serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(read, text);
        let exact: Vec<u64> = exact.iter().map(|raw| raw.get().parse::<f64>().expect("a number").to_bits()).collect();
        assert_eq!(exact, numbers.map(f64::to_bits));
        assert!(json.lines().all(|line| !line.contains(['\u{85}', '\u{2028}', '\u{7f}'])));
    }
}
