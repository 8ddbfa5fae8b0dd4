//! PromQL: the parser's tree, with the place of each part.

mod ast;
mod join;
mod tokens;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(super) use ast::{Aggregation, Binary, Call, Cardinality, Expr, Labels, Matcher, Place, Selector, Word};
use tokens::Token;

/// How long an expression may be; those that people write are a hundred times shorter.
const LONGEST: usize = 64 * 1024;

/// How deep an expression may nest: parsing, walking and dropping its tree recurse.
const DEEPEST: usize = 250;

/// The longest range or offset in seconds: ten thousand years.
const LONGEST_RANGE: f64 = 3.2e11;

/// Why a text is not an expression, and where.
#[derive(Debug, Default)]
pub(super) struct ParseError {
    pub(super) message: String,
    pub(super) place: Place,
    /// Whether Prometheus may accept it, although the parser does not.
    pub(super) is_limit: bool,
}

/// Functions that one version of Prometheus or another has, and the parser may not.
const ELSEWHERE: [&str; 14] = [
    "count_scalar",
    "double_exponential_smoothing",
    "drop_common_labels",
    "first_over_time",
    "histogram_quantiles",
    "holt_winters",
    "info",
    "mad_over_time",
    "sort_by_label",
    "sort_by_label_desc",
    "start_timestamp",
    "ts_of_last_over_time",
    "ts_of_max_over_time",
    "ts_of_min_over_time",
];

pub(super) fn parse(text: &str) -> Result<Expr, ParseError> {
    let whole = 0..text.trim_end().len();
    let limit = |message, place| Err(ParseError { message, place, is_limit: true });
    if text.len() > LONGEST {
        return limit(format!("longer than {LONGEST} bytes"), 0..0);
    }
    // If the parser panics at one expression, the others are still checked.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let tokens = tokens::tokens(text).map_err(|message| invalid(text, &message))?;
        if depth(&tokens) > DEEPEST {
            return limit(format!("more than {DEEPEST} levels of operators and parentheses"), whole.clone());
        }
        if let Some(Token { text, place }) = endless_duration(&tokens) {
            let message = format!("`{text}` is not a duration");
            return Err(ParseError { message, place: place.clone(), is_limit: false });
        }
        let tree = promql_parser::parser::parse(text).map_err(|message| invalid(text, &message))?;
        Ok(join::join(&tokens, &tree))
    }));
    outcome.unwrap_or_else(|_| Err(invalid(text, "the parser failed on it")))
}

/// The parser gives no position. If it quotes a text that occurs once, that is the position.
fn invalid(text: &str, message: &str) -> ParseError {
    let quoted = message.split_once('\'').and_then(|(_, rest)| rest.rsplit_once('\'')).map_or("", |(quoted, _)| quoted);
    let mut found = text.match_indices(quoted).filter(|_| !quoted.is_empty());
    let place = match (found.next(), found.next()) {
        (Some((at, _)), None) => at..at + quoted.len(),
        _ => 0..text.trim_end().len(),
    };
    let is_limit = message.contains("unknown function") && ELSEWHERE.contains(&quoted);
    ParseError { message: message.split_whitespace().collect::<Vec<_>>().join(" "), place, is_limit }
}

/// How deep the tree of an expression can be at most.
fn depth(tokens: &[Token<'_>]) -> usize {
    let (mut chain, mut open, mut deepest, mut in_braces) = (0, 0_usize, 0, false);
    for token in tokens {
        match token.text {
            "{" | "}" => in_braces = token.text == "{",
            _ if in_braces => {}
            "(" => {
                open += 1;
                deepest = deepest.max(open);
            }
            ")" => open = open.saturating_sub(1),
            // A subquery is a level of its own.
            "[" => chain += 1,
            "," | "]" | ":" | "@" => {}
            _ if token.is_sign() || ["and", "or", "unless", "atan2"].iter().any(|op| token.reads(op)) => chain += 1,
            _ => {}
        }
    }
    chain + deepest
}

/// A number in the place of a duration, and too long for one: the parser panics at it.
fn endless_duration<'a, 'b>(tokens: &'a [Token<'b>]) -> Option<&'a Token<'b>> {
    let (mut in_range, mut offset) = (false, false);
    tokens.iter().find(|token| {
        if token.is_sign() {
            in_range = token.text == "[" || in_range && token.text != "]";
            offset &= matches!(token.text, "+" | "-");
            return false;
        }
        let is_duration = in_range || std::mem::replace(&mut offset, token.reads("offset"));
        let seconds = token.text.parse::<f64>();
        is_duration && seconds.is_ok_and(|seconds| !(0.0..=LONGEST_RANGE).contains(&seconds))
    })
}

/// A string literal of PromQL, in ASCII, so that it fits on one line of YAML.
pub(crate) fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            ' '..='~' => literal.push(c),
            _ => write!(literal, "\\U{:08x}", u32::from(c)).expect("writing to a string does not fail"),
        }
    }
    literal + "\""
}

/// A regex that matches only this text: <https://github.com/google/re2/wiki/Syntax>.
pub(crate) fn regex_escaped(text: &str) -> String {
    let escape = |c: char| r"\.+*?()|[]{}^$".contains(c).then_some('\\');
    text.chars().flat_map(|c| escape(c).into_iter().chain([c])).collect()
}

/// What is between the braces of a selector without a name, such as `{env="prod"}`.
pub(crate) fn matchers(text: &str) -> Result<&str, String> {
    let inner = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let inner = inner.ok_or("it is not in braces: expected one such as {env=\"prod\"}")?;
    // With its last brace, a selector has neither a range nor an offset.
    match parse(&format!("x{{{inner}}}")).map_err(|error| error.message)? {
        Expr::Selector(selector) if selector.has_or => {
            Err("it has `or`, which Prometheus itself does not know".to_owned())
        }
        Expr::Selector(_) => Ok(inner.trim().trim_end_matches(',').trim_end()),
        _ => Err("it is more than a selector: expected one such as {env=\"prod\"}".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_a_place() {
        let place = |text: &str| parse(text).err().map(|error| text[error.place].to_owned());
        assert_eq!(place("sum(a)"), None);
        assert_eq!(place("sum(a"), Some("sum(a".to_owned()));
        assert_eq!(place("x + frobnicate(a)"), Some("frobnicate".to_owned()));
        let is_limit = |text: &str| parse(text).err().map(|error| error.is_limit);
        assert_eq!(is_limit("holt_winters(a[5m], 0.5, 0.5)"), Some(true));
        assert_eq!(is_limit("frobnicate(a)"), Some(false));
        assert_eq!(place("a offset inf"), Some("inf".to_owned()));
        assert_eq!(place("a[1e300]"), Some("1e300".to_owned()));
        assert!(place(&("a".to_owned() + &"+a".repeat(10_000))).is_some());
        assert!(place(&("(".repeat(10_000) + "a")).is_some());
        assert!(place(&"a".repeat(LONGEST + 1)).is_some());
    }

    #[test]
    fn the_deepest_expression_fits_into_a_small_stack() {
        let deep = "a".to_owned() + &" + on (b) sum(a)".repeat(DEEPEST / 2);
        let work = move || parse(&deep).is_ok();
        let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(work).expect("a thread");
        assert!(thread.join().expect("no overflow"));
    }
}
