//! Texts that are no exposition at all, told apart by their beginning.

use super::event::ProblemKind;

/// How much of the beginning has to look like text.
const LOOKED_AT: usize = 1024;

/// What some editors put before a text in UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a text is that begins so, where it cannot be an exposition.
pub(super) fn what_it_is(head: &[u8]) -> Option<(ProblemKind, &'static str)> {
    if head.starts_with(BYTE_ORDER_MARK) {
        return Some((ProblemKind::Encoding, "a byte order mark is before the first line"));
    }
    let text = head.trim_ascii_start();
    let found = match text {
        [0x1f, 0x8b, ..] => "the body is compressed by gzip",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "the body is compressed by zstd",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "the body is UTF-16, and an exposition is UTF-8",
        [b'<', ..] => "the body is HTML or XML",
        [b'"', ..] => "the body is a JSON string, and an exposition may be inside it",
        [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', ..] => "the headers of the HTTP response are before its body",
        [b'b', b'\'' | b'"', ..] => "the body is bytes as Python prints them, and an exposition may be inside it",
        [b'[', ..] => "the body is JSON",
        [b'{', inside @ ..] if is_json_object(inside) => "the body is JSON",
        _ if is_binary(head) => "the body is binary",
        _ => return None,
    };
    Some((ProblemKind::NotText, found))
}

/// Whether an object of JSON begins so, and not a sample whose name is quoted within the braces.
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
    let behind = end.and_then(|end| quoted.get(end + 1..)).unwrap_or_default();
    matches!(behind.trim_ascii_start(), [b':', ..])
}

/// Whether a control character stands where none can: outside of quotes and comments.
fn is_binary(head: &[u8]) -> bool {
    let looked_at = head.get(..LOOKED_AT).unwrap_or(head);
    let lines = looked_at.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#"));
    let unquoted = |line: &[u8]| -> usize { line.iter().position(|byte| *byte == b'"').unwrap_or(line.len()) };
    let mut outside = lines.flat_map(|line| line.get(..unquoted(line)).unwrap_or_default());
    outside.any(|byte| byte.is_ascii_control() && !matches!(byte, b'\r' | b'\t'))
}

/// A line as it can be shown.
pub(super) fn printable(line: &[u8]) -> String {
    let line = line.get(..LOOKED_AT).unwrap_or(line);
    let shown = |character: char| if character.is_control() && character != '\t' { '\u{fffd}' } else { character };
    String::from_utf8_lossy(line).chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_that_are_no_exposition_are_known() {
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
            let found = what_it_is(body);
            assert!(
                found.is_some_and(|(kind, text)| kind == ProblemKind::NotText && text.contains(what)),
                "{what}: {found:?}"
            );
        }
        for body in [
            &b""[..],
            b"a 1\n",
            b"# HELP a <b>\n",
            b"{\"a.b\",c=\"d\"} 1\n",
            b"{\"a.b\"} 1\n",
            b"\n\na 1\r\n",
            b"# HELP a \x00\na{b=\"\x00\"} 1\n",
        ] {
            assert_eq!(what_it_is(body), None);
        }
        assert_eq!(what_it_is(b"\xef\xbb\xbfa 1\n").map(|(kind, _)| kind), Some(ProblemKind::Encoding));
    }
}
