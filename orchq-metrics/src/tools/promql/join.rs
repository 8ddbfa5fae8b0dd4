//! Joins the parser's tree with the tokens of the text.
//!
//! The tree of `promql-parser` does not say where its parts are. Its parts in the order in which they are written are
//! the tokens in their order, so that each part is the next token that reads like it. Nothing but this file relies on
//! that. If a part is not found, its place is the whole expression: then the place is
//! too wide, but the finding is right, because it comes from the parser's tree.

use promql_parser::parser::{self, BinModifier, LabelModifier, VectorSelector};
use promql_parser::{label, parser::value::ValueType};

use super::ast::{Aggregation, Binary, Call, Expr, Labels, Matcher, Place, Selector, Word};
use super::tokens::Token;

/// The tree with the places of its parts.
pub(super) fn join(tokens: &[Token<'_>], tree: &parser::Expr) -> Expr {
    Join { tokens, at: 0 }.expr(tree)
}

struct Join<'a> {
    tokens: &'a [Token<'a>],
    /// The token that comes next.
    at: usize,
}

impl<'a> Join<'a> {
    /// Goes behind the next token of a kind.
    fn find(&mut self, is_wanted: impl Fn(&Token<'a>) -> bool) -> Place {
        let mut rest = self.tokens.iter().enumerate().skip(self.at);
        let Some((index, token)) = rest.find(|(_, token)| is_wanted(token)) else {
            return 0..self.tokens.last().map_or(0, |token| token.place.end);
        };
        self.at = index + 1;
        token.place.clone()
    }

    /// Goes behind the next token that reads so.
    fn word(&mut self, text: &str) -> Word {
        Word { text: text.to_owned(), place: self.find(|token| token.reads(text)) }
    }

    /// Whether one of these comes next.
    fn is_next(&self, texts: &[&str]) -> bool {
        self.tokens.get(self.at).is_some_and(|next| texts.iter().any(|text| next.reads(text)))
    }

    /// Goes behind one of these, if it comes next.
    fn accept(&mut self, texts: &[&str]) -> bool {
        let next = self.is_next(texts);
        self.at += usize::from(next);
        next
    }

    fn expr(&mut self, expr: &parser::Expr) -> Expr {
        match expr {
            parser::Expr::VectorSelector(selector) => Expr::Selector(self.selector(selector)),
            parser::Expr::MatrixSelector(matrix) => Expr::Selector(self.selector(&matrix.vs)),
            parser::Expr::Paren(paren) => {
                self.word("(");
                let inner = self.expr(&paren.expr);
                self.word(")");
                inner
            }
            parser::Expr::Subquery(subquery) => {
                let inner = self.expr(&subquery.expr);
                self.suffixes();
                Expr::Subquery(Box::new(inner))
            }
            parser::Expr::Unary(unary) => {
                self.word("-");
                Expr::Negation(Box::new(self.expr(&unary.expr)))
            }
            parser::Expr::Call(call) => self.call(call),
            parser::Expr::Aggregate(aggregate) => self.aggregation(aggregate),
            parser::Expr::Binary(binary) => self.binary(binary),
            parser::Expr::NumberLiteral(number) => Expr::Number(number.val, self.find(Token::is_number)),
            parser::Expr::StringLiteral(string) => {
                Expr::Text(Word { text: string.val.clone(), place: self.find(Token::is_string) })
            }
            // The parser itself makes none.
            parser::Expr::Extension(_) => Expr::Number(f64::NAN, 0..0),
        }
    }

    fn selector(&mut self, selector: &VectorSelector) -> Selector {
        let label::Matchers { matchers, or_matchers } = &selector.matchers;
        let mut place = match &selector.name {
            Some(name) => self.word(name).place,
            None => self.tokens.get(self.at).map_or(0..0, |token| token.place.clone()),
        };
        let braces = self.accept(&["{"]);
        let all = matchers.iter().chain(or_matchers.iter().flatten());
        let all: Vec<_> = all.map(|matcher| self.matcher(matcher)).collect();
        if braces {
            self.word("}");
        }
        self.suffixes();
        let named = all.iter().find(|matcher| matcher.name == "__name__");
        if let (None, Some(named)) = (&selector.name, named) {
            place = named.value_place.clone();
        }
        let equal = named.filter(|named| or_matchers.is_empty() && named.op == label::MatchOp::Equal);
        Selector {
            name: selector.name.clone().or_else(|| equal.map(|named| named.value.clone())),
            place,
            has_or: !or_matchers.is_empty(),
            has_offset: selector.offset.is_some(),
            matchers: all,
        }
    }

    fn matcher(&mut self, matcher: &label::Matcher) -> Matcher {
        // The name of a metric may be a text alone, without `__name__`.
        let is_name = |token: &Token<'a>| matcher.name == "__name__" && token.is_string();
        let is_label = |token: &Token<'a>| token.text.trim_matches(['"', '\'', '`']) == matcher.name;
        let label = self.find(|token| is_name(token) || is_label(token));
        let compared = self.accept(&["=", "!=", "=~", "!~"]);
        let quoted = if compared { self.find(Token::is_string) } else { label.clone() };
        let value_place = quoted.start + 1..quoted.end.saturating_sub(1).max(quoted.start + 1);
        Matcher { matcher: matcher.clone(), label, value_place }
    }

    /// Ranges, offsets and fixed times behind a selector or a subquery.
    fn suffixes(&mut self) {
        loop {
            if self.accept(&["["]) {
                self.word("]");
            } else if self.accept(&["offset", "@"]) {
                while self.accept(&["+", "-"]) {}
                self.at += 1;
                if self.accept(&["("]) {
                    self.word(")");
                }
            } else {
                return;
            }
        }
    }

    fn call(&mut self, call: &parser::Call) -> Expr {
        let name = self.word(call.func.name);
        self.word("(");
        let args = call.args.args.iter().map(|arg| self.expr(arg)).collect();
        self.word(")");
        Expr::Call(Call { name, args, returns_vector: call.func.return_type == ValueType::Vector })
    }

    fn aggregation(&mut self, aggregate: &parser::AggregateExpr) -> Expr {
        let op = self.word(&aggregate.op.to_string());
        let modifier = aggregate.modifier.as_ref();
        let before = modifier.filter(|_| self.is_next(&["by", "without"])).map(|labels| self.labels(labels));
        self.word("(");
        let parameter = aggregate.param.as_ref().map(|parameter| self.expr(parameter));
        let expr = self.expr(&aggregate.expr);
        self.word(")");
        let grouping = before.or_else(|| modifier.map(|labels| self.labels(labels)));
        Expr::Aggregation(Box::new(Aggregation { op, parameter, expr, grouping }))
    }

    /// A list of labels behind a word that says what they are for.
    fn labels(&mut self, modifier: &LabelModifier) -> Labels {
        self.accept(&["by", "without", "on", "ignoring"]);
        Labels { include: modifier.is_include(), names: self.list(&modifier.labels().labels) }
    }

    fn list(&mut self, names: &[String]) -> Vec<Word> {
        self.word("(");
        let place = |join: &mut Self| join.find(|token| !token.is_sign());
        let names = names.iter().map(|name| Word { text: name.clone(), place: place(self) }).collect();
        self.word(")");
        names
    }

    fn binary(&mut self, binary: &parser::BinaryExpr) -> Expr {
        let left = self.expr(&binary.lhs);
        let op = self.word(&binary.op.to_string());
        let none = BinModifier::default();
        let modifier = binary.modifier.as_ref().unwrap_or(&none);
        self.accept(&["bool"]);
        let matching = modifier.matching.as_ref().map(|labels| self.labels(labels));
        let included = match modifier.card.labels() {
            Some(labels) if self.accept(&["group_left", "group_right"]) && self.is_next(&["("]) => {
                self.list(&labels.labels)
            }
            _ => Vec::new(),
        };
        while self.accept(&["fill", "fill_left", "fill_right"]) {
            self.word(")");
        }
        Expr::Binary(Box::new(Binary {
            op,
            left,
            right: self.expr(&binary.rhs),
            compares: binary.op.is_comparison_operator(),
            returns_bool: modifier.return_bool,
            matching,
            cardinality: modifier.card.clone(),
            included,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::ast::Cardinality;
    use super::super::parse;
    use super::*;

    const TEXT: &str = "sum by (a, b) (rate(m_total{c=\"d\",e!~'f'}[5m] offset -1h @ start())) \
                        > bool on (g) group_left(h) -0.5 * avg({\"n\", x=`y`} offset 5m) without(i) \
                        or label_replace(k, \"l\", '', 'm', \"\")";

    fn read(places: &[&Place]) -> Vec<&'static str> {
        places.iter().map(|place| &TEXT[(*place).clone()]).collect()
    }

    fn words(words: &[Word]) -> Vec<&'static str> {
        words.iter().map(|word| &TEXT[word.place.clone()]).collect()
    }

    #[test]
    fn each_part_has_its_place() {
        let Ok(Expr::Binary(or)) = parse(TEXT) else { panic!("it is an operator") };
        let (Expr::Binary(greater), Expr::Call(replace)) = (&or.left, &or.right) else { panic!("as it is written") };
        let (Expr::Aggregation(sum), Expr::Binary(times)) = (&greater.left, &greater.right) else {
            panic!("as written")
        };
        let (Expr::Number(_, number), Expr::Aggregation(avg)) = (&times.left, &times.right) else {
            panic!("as written")
        };
        assert_eq!(read(&[&or.op.place, &greater.op.place, &times.op.place, number]), ["or", ">", "*", "0.5"]);
        assert_eq!(words(&greater.matching.as_ref().expect("on").names), ["g"]);
        assert_eq!(words(&greater.included), ["h"]);
        assert!(greater.returns_bool && matches!(greater.cardinality, Cardinality::ManyToOne(_)));
        assert_eq!(words(&sum.grouping.as_ref().expect("by").names), ["a", "b"]);
        let Expr::Call(rate) = &sum.expr else { panic!("it is a call") };
        assert_eq!(read(&[&rate.name.place, &replace.name.place]), ["rate", "label_replace"]);
        let strings =
            replace.args.iter().filter_map(|arg| if let Expr::Text(word) = arg { Some(&word.place) } else { None });
        assert_eq!(read(&strings.collect::<Vec<_>>()), ["\"l\"", "''", "'m'", "\"\""]);
        assert_eq!(words(&avg.grouping.as_ref().expect("without").names), ["i"]);
        let all = parse(TEXT).expect("it is PromQL");
        let selectors = all.selectors();
        let places: Vec<_> = selectors.iter().map(|selector| &selector.place).collect();
        assert_eq!(read(&places), ["m_total", "n", "k"]);
        let matchers = selectors.iter().flat_map(|selector| &selector.matchers);
        let matchers: Vec<_> = matchers.flat_map(|matcher| [&matcher.label, &matcher.value_place]).collect();
        assert_eq!(read(&matchers), ["c", "d", "e", "f", "\"n\"", "n", "x", "y"]);
        assert!(selectors[0].has_offset && !selectors[2].has_offset);
    }
}
