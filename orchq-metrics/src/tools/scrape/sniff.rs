//! Detects bodies that are not an exposition, by their beginning.

use super::catalog::{ENCODING, NOT_TEXT};
use crate::report::finding::Rule;

/// How much of the beginning must look like text.
const HEAD_BYTES: usize = 1024;

/// The first bytes of a UTF-8 file of some editors.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What the body is, if its beginning shows that it is not a plain exposition.
pub(super) fn non_text(head: &[u8]) -> Option<(&'static Rule, &'static str)> {
    if head.starts_with(BYTE_ORDER_MARK) {
        return Some((&ENCODING, "a byte order mark is before the first line"));
    }
    let text = head.trim_ascii_start();
    let found = match text {
        [0x1f, 0x8b, ..] => "the body is compressed by gzip",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "the body is compressed by zstd",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "the body is UTF-16, and an exposition is UTF-8",
        [b'<', ..] => "the body is HTML or XML",
        [b'"', ..] => "the body is a JSON string, and an exposition may be inside it",
        [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', ..] => "the body begins with the headers of the HTTP response",
        [b'b', b'\'' | b'"', ..] => "the body is bytes as Python prints them, and an exposition may be inside it",
        [b'[', ..] => "the body is JSON",
        [b'{', inside @ ..] if is_json_object(inside) => "the body is JSON",
        _ if is_binary(head) => "the body is binary",
        _ => return None,
    };
    Some((&NOT_TEXT, found))
}

/// Whether it is the beginning of a JSON object, and not of a sample with a quoted name within the braces.
fn is_json_object(inside: &[u8]) -> bool {
    let Some(quoted) = inside.trim_ascii_start().strip_prefix(b"\"") else {
        return matches!(inside.trim_ascii_start(), [] | [b'}', ..]);
    };
    let mut escaped = false;
    let end = quoted.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    let rest = end.and_then(|end| quoted.get(end + 1..)).unwrap_or_default();
    matches!(rest.trim_ascii_start(), [b':', ..])
}

/// Whether there is a control character outside of quotes and comments.
fn is_binary(head: &[u8]) -> bool {
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    let lines = head.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#"));
    let unquoted = |line: &[u8]| -> usize { line.iter().position(|byte| *byte == b'"').unwrap_or(line.len()) };
    let mut outside = lines.flat_map(|line| line.get(..unquoted(line)).unwrap_or_default());
    outside.any(|byte| byte.is_ascii_control() && !matches!(byte, b'\r' | b'\t'))
}

/// A line as it can be shown.
pub(super) fn printable(line: &[u8]) -> String {
    let line = line.get(..HEAD_BYTES).unwrap_or(line);
    let shown = |character: char| if character.is_control() && character != '\t' { '\u{fffd}' } else { character };
    String::from_utf8_lossy(line).chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_that_are_not_an_exposition_are_detected() {
        for (body, what) in [
            (&b"\x1f\x8b\x08\x00"[..], "gzip"),
            (b"<!DOCTYPE html><html>", "HTML"),
            (b"\n  <html>", "HTML"),
            (b"\"# HELP llamacpp:prompt_tokens_total Number\\n\"", "JSON string"),
            (b"{\"error\": \"not found\"}", "JSON"),
            (b"{}", "JSON"),
            (b"{ \"a\\\"b\" : 1}", "JSON"),
            (b"[]", "JSON"),
            (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\na 1\n", "HTTP"),
            (b"b'# HELP a x\na 1\n'", "Python"),
            (b"a 1\n\x00", "binary"),
            (b"\xff\xfea\x00", "UTF-16"),
        ] {
            let found = non_text(body);
            let is_found = found.is_some_and(|(rule, text)| *rule == NOT_TEXT && text.contains(what));
            assert!(is_found, "{what}: {found:?}");
        }
        let (quoted, binary) = ("{\"a.b\",c=\"d\"} 1\n", "# HELP a \x00\na{b=\"\x00\"} 1\n");
        for body in ["", "a 1\n", "# HELP a <b>\n", quoted, "{\"a.b\"} 1\n", "\n\na 1\r\n", binary] {
            assert_eq!(non_text(body.as_bytes()), None);
        }
        assert_eq!(non_text(b"\xef\xbb\xbfa 1\n").map(|(rule, _)| rule), Some(&ENCODING));
    }
}
