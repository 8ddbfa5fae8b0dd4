//! The tree of an expression, with the position of each part.

use std::ops::{Deref, Range};

use promql_parser::label;
pub(crate) use promql_parser::parser::VectorMatchCardinality as Cardinality;

/// Bytes of the expression.
pub(crate) type Place = Range<usize>;

/// An expression; parentheses leave no trace in it.
pub(crate) enum Expr {
    Selector(Selector),
    Call(Call),
    Aggregation(Box<Aggregation>),
    Binary(Box<Binary>),
    Negation(Box<Expr>),
    Subquery(Box<Expr>),
    Number(f64, Place),
    Text(Word),
}

/// A name or a text.
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// A selector of series, with a range or without.
pub(crate) struct Selector {
    /// The name that it selects, before its braces or within them.
    pub(crate) name: Option<String>,
    /// Where the name or the pattern of names is; the opening brace if there is neither.
    pub(crate) place: Place,
    pub(crate) matchers: Vec<Matcher>,
    /// Whether `or` is between some matchers.
    pub(crate) has_or: bool,
    pub(crate) has_offset: bool,
}

pub(crate) struct Matcher {
    pub(super) matcher: label::Matcher,
    pub(crate) label: Place,
    /// The value, without its quotes.
    pub(crate) value_place: Place,
}

pub(crate) struct Call {
    pub(crate) name: Word,
    pub(crate) args: Vec<Expr>,
    pub(crate) returns_vector: bool,
}

pub(crate) struct Aggregation {
    pub(crate) op: Word,
    pub(crate) parameter: Option<Expr>,
    pub(crate) expr: Expr,
    pub(crate) grouping: Option<Labels>,
}

/// The labels behind `by` or `on`, or behind `without` or `ignoring`.
pub(crate) struct Labels {
    pub(crate) include: bool,
    pub(crate) names: Vec<Word>,
}

pub(crate) struct Binary {
    pub(crate) op: Word,
    pub(crate) left: Expr,
    pub(crate) right: Expr,
    pub(crate) compares: bool,
    pub(crate) returns_bool: bool,
    pub(crate) matching: Option<Labels>,
    /// How many series of each side belong together.
    pub(crate) cardinality: Cardinality,
    /// The labels behind `group_left` or `group_right`.
    pub(crate) included: Vec<Word>,
}

impl Expr {
    /// Whether it is series, not a number or a text.
    pub(crate) fn is_vector(&self) -> bool {
        match self {
            Self::Selector(_) | Self::Aggregation(_) | Self::Subquery(_) => true,
            Self::Call(call) => call.returns_vector,
            Self::Binary(binary) => binary.left.is_vector() || binary.right.is_vector(),
            Self::Negation(inner) => inner.is_vector(),
            Self::Number(..) | Self::Text(_) => false,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(word) => Some(&word.text),
            _ => None,
        }
    }

    pub(crate) fn selectors(&self) -> Vec<&Selector> {
        let inner: Vec<&Self> = match self {
            Self::Selector(selector) => return vec![selector],
            Self::Call(call) => call.args.iter().collect(),
            Self::Aggregation(aggregation) => aggregation.parameter.iter().chain([&aggregation.expr]).collect(),
            Self::Binary(binary) => vec![&binary.left, &binary.right],
            Self::Negation(inner) | Self::Subquery(inner) => vec![inner],
            Self::Number(..) | Self::Text(_) => Vec::new(),
        };
        inner.into_iter().flat_map(Self::selectors).collect()
    }
}

impl Selector {
    /// The matchers that every selected series passes: with `or`, none does.
    pub(crate) fn required(&self) -> &[Matcher] {
        if self.has_or { &[] } else { &self.matchers }
    }
}

impl Deref for Matcher {
    type Target = label::Matcher;

    fn deref(&self) -> &label::Matcher {
        &self.matcher
    }
}

impl Labels {
    /// As they are written in a message: `a, b`.
    pub(crate) fn list(&self) -> String {
        self.names().join(", ")
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.names.iter().map(|name| name.text.as_str()).collect()
    }
}
