//! Grafana's variables: what replaces them while an expression is parsed.

use super::text::Text;

/// What a name or a value contains where Grafana will insert another text.
const PLACEHOLDER: &str = "orchq_grafana_variable";

/// An expression in which each variable is replaced.
#[derive(Clone, Debug, Default)]
pub(super) struct Substituted {
    pub(super) text: Text,
    pub(super) has_variables: bool,
    /// Whether it contains a number that may become any other.
    pub(super) has_numbers: bool,
    /// The variables that are guessed, each once.
    pub(super) guessed: Vec<String>,
}

/// Which of the guessed variables are numbers: one bit each, in order of first appearance; an unset bit means a name.
pub(super) type Guess = u32;

pub(super) const NAMES: Guess = 0;

pub(super) const NUMBERS: Guess = Guess::MAX;

/// Whether part of a name or value is a placeholder.
pub(super) fn is_variable(text: &str) -> bool {
    text.contains(PLACEHOLDER)
}

/// The message with variables as the user wrote them.
pub(super) fn readable(message: &str) -> String {
    message.replace(PLACEHOLDER, "$..")
}

impl Substituted {
    /// Whether a variable is taken for a number.
    fn guess(&mut self, name: &str, guess: Guess) -> bool {
        let index = self.guessed.iter().position(|guessed| guessed == name).unwrap_or_else(|| {
            self.guessed.push(name.to_owned());
            self.guessed.len() - 1
        });
        guess == NUMBERS || u32::try_from(index).ok().and_then(|index| guess.checked_shr(index)).unwrap_or(0) & 1 == 1
    }
}

/// The variable that a text begins with, without its dollar and brackets, and how long it is as written.
pub(super) fn variable(rest: &str) -> Option<(&str, usize)> {
    let name_end = |text: &str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let is_name = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    // `${name:format}` and `${name.field}`, `[[name]]`, `$name`.
    let bracketed = [("${", "}"), ("[[", "]]")].into_iter().find_map(|(open, close)| {
        let inner = rest.strip_prefix(open)?;
        let end = inner.find(close)?;
        Some((inner.get(..name_end(inner).min(end))?, open.len() + end + close.len()))
    });
    let plain = || {
        let inner = rest.strip_prefix('$')?;
        let name = inner.get(..name_end(inner))?;
        Some((name, name.len() + 1))
    };
    // `a[[5m]]` is a mistake, and not a variable.
    bracketed.or_else(plain).filter(|(name, _)| is_name(name))
}

/// The format of a variable that puts quotes around it.
fn is_quoted(written: &str) -> bool {
    written.contains(":doublequote") || written.contains(":singlequote")
}

/// Where the reader is: in quotes, in brackets.
#[derive(Default)]
struct Context {
    quote: Option<char>,
    escaped: bool,
    comment: bool,
    brackets: bool,
    braces: bool,
}

impl Context {
    fn step(&mut self, c: char) {
        match (self.quote, c) {
            _ if self.comment => self.comment = c != '\n' && c != '\r',
            (Some(_), _) if self.escaped => self.escaped = false,
            (Some(_), '\\') => self.escaped = true,
            (Some(quote), _) if quote == c => self.quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => self.quote = Some(c),
            (None, '#') => self.comment = true,
            (None, '[' | ']') => self.brackets = c == '[',
            (None, '{' | '}') => self.braces = c == '{',
            _ => {}
        }
    }
}

/// Replaces each variable by a text of the same kind.
pub(super) fn substitute(expr: &Text, guess: Guess) -> Substituted {
    let mut out = Substituted::default();
    let (mut value, mut places) = (String::new(), Vec::new());
    let mut context = Context::default();
    let mut at = 0;
    while let Some(first) = expr.value.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = expr.value.get(at..).unwrap_or_default();
        let length = if let Some((name, length)) = variable(rest).filter(|_| !context.comment) {
            let (written, after) = rest.split_at(length);
            let replacement = replacement(&context, name, written, &value, after);
            let replacement = replacement.unwrap_or_else(|| match out.guess(name, guess) {
                true => "1".to_owned(),
                false => PLACEHOLDER.to_owned(),
            });
            value.push_str(&replacement);
            out.has_numbers |= replacement == "1";
            out.has_variables = true;
            length
        } else {
            context.step(first);
            value.push(first);
            first.len_utf8()
        };
        places.resize(value.len(), expr.place(at));
        at += length;
    }
    places.push(expr.place(at));
    Substituted { text: Text::mapped(value, places), ..out }
}

/// The replacement for a variable; `None` if it may be a name or a number.
fn replacement(context: &Context, name: &str, written: &str, before: &str, after: &str) -> Option<String> {
    let touches = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let joined = before.ends_with(touches) || after.starts_with(touches) || variable(after).is_some();
    let next = after.trim_start();
    let previous = before.trim_end();
    let number = "1".to_owned();
    if context.quote.is_some() {
        return Some(PLACEHOLDER.to_owned());
    }
    if context.brackets || previous.ends_with("offset") || previous.ends_with("offset -") {
        // `[${minutes}m]` names the unit itself.
        return Some(if after.starts_with(|c: char| c.is_ascii_alphabetic()) { number } else { "5m".to_owned() });
    }
    if context.braces {
        return Some(match () {
            () if is_quoted(written) => format!("\"{PLACEHOLDER}\""),
            () if next.starts_with(['=', '!']) || joined => PLACEHOLDER.to_owned(),
            () if previous.ends_with(['=', '~']) => format!("\"{PLACEHOLDER}\""),
            // A list of matchers, as ad hoc filters are.
            () => format!("{PLACEHOLDER}=\"{PLACEHOLDER}\""),
        });
    }
    let timed = matches!(name, "__from" | "__to" | "__interval_ms" | "__range_ms" | "__range_s");
    let duration = matches!(name, "__interval" | "__rate_interval" | "__range");
    match () {
        () if previous.ends_with('@') || timed => Some(number),
        () if duration => Some("5m".to_owned()),
        () if is_quoted(written) => Some(format!("\"{PLACEHOLDER}\"")),
        () if joined => Some(PLACEHOLDER.to_owned()),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let text = substitute(&Text::file(text), NAMES).text.value;
        text.replace(PLACEHOLDER, "V")
    }

    #[test]
    fn each_place_gets_something_of_its_kind() {
        let cases = [
            ("rate(a{b=~\"$c\",d=\"x${e:regex}y\"}[$__rate_interval])", "rate(a{b=~\"V\",d=\"xVy\"}[5m])"),
            ("a[$__range:$step]", "a[5m:5m]"),
            ("a[${n}m] offset $o", "a[1m] offset 5m"),
            ("a[[[interval]]]", "a[5m]"),
            ("sum by ($by, [[too]]) (${m}_total)", "sum by (V, V) (V_total)"),
            ("a{$adhoc, x=\"y\"}", "a{V=\"V\", x=\"y\"}"),
            ("a{$l=\"x\", m=${n:doublequote}}", "a{V=\"x\", m=\"V\"}"),
            ("a / $__interval_ms + $__range_s @ $__to", "a / 1 + 1 @ 1"),
            ("label_replace(a, \"b\", \"$1\", \"c\", \"(.*)$\")", "label_replace(a, \"b\", \"$1\", \"c\", \"(.*)$\")"),
            ("a # $b\n+ c", "a # $b\n+ c"),
            ("'a\\'$b'", "'a\\'V'"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected);
        }
    }

    #[test]
    fn places_are_found_again_as_written() {
        let text = Text::file("a{b=\"${c:raw}\", d=\"e\"} > $f");
        let out = substitute(&text, NUMBERS);
        let written = |token: &str| {
            let at = out.text.value.find(token).expect("there");
            text.value[out.text.in_file(&(at..at + token.len()))].to_owned()
        };
        assert_eq!(written("d="), "d=");
        assert_eq!(written("\"e\""), "\"e\"");
        assert_eq!(written(PLACEHOLDER), "${c:raw}");
        assert_eq!(written("\"orchq_grafana_variable\""), "\"${c:raw}\"");
        assert_eq!(written("> 1"), "> $f");
    }
}
