//! PromQL: the parser's tree, and where in the text its parts are.

mod scan;
mod tokens;

use std::fmt::Write as _;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use promql_parser::parser::{Expr, parse};

pub(super) use scan::{MatcherAt, OperatorAt, Scan, SelectorAt};

/// How long an expression may be; what people write is a hundred times shorter.
const LONGEST: usize = 64 * 1024;

/// How deep an expression may nest: parsing, walking and dropping its tree recurse.
const DEEPEST: usize = 250;

/// The longest range or offset in seconds: ten thousand years.
const LONGEST_RANGE: f64 = 3.2e11;

/// An expression with its places.
pub(super) struct Parsed {
    pub(super) expr: Expr,
    pub(super) scan: Scan,
}

/// Why a text is no expression, and where that can be said.
#[derive(Debug, Default)]
pub(super) struct Malformed {
    pub(super) message: String,
    pub(super) place: Range<usize>,
    /// Whether it may be an expression all the same, which is beyond what is read here.
    pub(super) beyond: bool,
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

/// Reads an expression.
pub(super) fn read(text: &str) -> Result<Parsed, Malformed> {
    let whole = 0..text.trim_end().len();
    if text.len() > LONGEST {
        let message = format!("longer than {LONGEST} bytes");
        return Err(Malformed { message, place: 0..0, beyond: true });
    }
    let scan = scan::scan(text);
    if scan.depth > DEEPEST {
        let message = format!("more than {DEEPEST} levels of operators and parentheses");
        return Err(Malformed { message, place: whole, beyond: true });
    }
    // The parser panics at numbers that are no duration.
    for place in &scan.durations {
        let number = text.get(place.clone()).unwrap_or_default();
        let seconds = number.parse::<f64>().ok().or_else(|| number.to_ascii_lowercase().parse().ok());
        if seconds.is_some_and(|seconds| !(0.0..=LONGEST_RANGE).contains(&seconds)) {
            let message = format!("`{number}` is no duration");
            return Err(Malformed { message, place: place.clone(), beyond: false });
        }
    }
    // A defect of the parser is no reason to leave the rest unread.
    let outcome = catch_unwind(AssertUnwindSafe(|| parse(text)));
    match outcome.unwrap_or_else(|_| Err("the parser failed on it".to_owned())) {
        Ok(expr) => Ok(Parsed { expr, scan }),
        Err(message) => {
            let place = suspect(text, &message).unwrap_or(whole);
            let quoted = text.get(place.clone()).unwrap_or_default();
            let beyond = message.contains("unknown function") && ELSEWHERE.contains(&quoted);
            Err(Malformed { place, message: tidy(&message), beyond })
        }
    }
}

/// A string of PromQL, of ASCII alone, so that it is one line of YAML too.
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
    let mut regex = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            regex.push('\\');
        }
        regex.push(c);
    }
    regex
}

/// What stands between the braces of a selector without a name, such as `{env="prod"}`.
pub(crate) fn matchers(text: &str) -> Result<&str, String> {
    let inner = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let inner = inner.ok_or("it is not in braces: expected one such as {env=\"prod\"}")?;
    let parsed = read(&format!("x{{{inner}}}")).map_err(|error| error.message)?;
    match parsed.expr {
        Expr::VectorSelector(selector) if selector.offset.is_none() && selector.at.is_none() => {
            if !selector.matchers.or_matchers.is_empty() {
                return Err("it has `or`, which only one of the servers knows".to_owned());
            }
            Ok(inner.trim().trim_end_matches(',').trim_end())
        }
        _ => Err("it is more than a selector: expected one such as {env=\"prod\"}".to_owned()),
    }
}

/// The parser says what is wrong and not where; where it quotes what is there once, that is the place.
fn suspect(text: &str, message: &str) -> Option<Range<usize>> {
    let (_, rest) = message.split_once('\'')?;
    let (quoted, _) = rest.rsplit_once('\'')?;
    let mut found = text.match_indices(quoted).filter(|_| !quoted.is_empty());
    let (at, _) = found.next()?;
    found.next().is_none().then(|| at..at + quoted.len())
}

/// The parser's message on one line.
fn tidy(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_parsed_is_an_error_with_a_place() {
        let place = |text: &str| read(text).err().map(|error| text[error.place].to_owned());
        assert_eq!(place("sum(a)"), None);
        assert_eq!(place("sum(a"), Some("sum(a".to_owned()));
        assert_eq!(place("x + frobnicate(a)"), Some("frobnicate".to_owned()));
        let beyond = |text: &str| read(text).err().map(|error| error.beyond);
        assert_eq!(beyond("holt_winters(a[5m], 0.5, 0.5)"), Some(true));
        assert_eq!(beyond("frobnicate(a)"), Some(false));
        assert_eq!(place("a offset inf"), Some("inf".to_owned()));
        assert_eq!(place("a[1e300]"), Some("1e300".to_owned()));
        assert!(place(&("a".to_owned() + &"+a".repeat(10_000))).is_some());
        assert!(place(&("(".repeat(10_000) + "a")).is_some());
        assert!(place(&"a".repeat(LONGEST + 1)).is_some());
    }

    #[test]
    fn the_deepest_expression_fits_into_a_small_stack() {
        let deep = "a".to_owned() + &" + on (b) sum(a)".repeat(DEEPEST / 2);
        let work = move || read(&deep).is_ok();
        let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(work).expect("a thread");
        assert!(thread.join().expect("no overflow"));
    }
}
