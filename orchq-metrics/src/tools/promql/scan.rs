//! Where the parts of an expression are, in the order in which a walk of its tree meets them.

use std::ops::Range;

use super::tokens::{Kind, Token, tokens};

type Place = Range<usize>;

/// The places of everything that a finding can be about.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) selectors: Vec<SelectorAt>,
    pub(crate) calls: Vec<CallAt>,
    pub(crate) aggregations: Vec<AggregationAt>,
    pub(crate) operators: Vec<OperatorAt>,
    /// How deep the tree of the expression can be at most.
    pub(crate) depth: usize,
    /// The numbers and durations behind `[`, `:` and `offset`.
    pub(crate) durations: Vec<Place>,
}

#[derive(Debug, Default)]
pub(crate) struct SelectorAt {
    /// The name, or all between the braces where there is none.
    pub(crate) name: Place,
    pub(crate) matchers: Vec<MatcherAt>,
}

/// One matcher; a name in quotes has no value.
#[derive(Debug)]
pub(crate) struct MatcherAt {
    pub(crate) label: Place,
    pub(crate) value: Option<Place>,
}

#[derive(Debug)]
pub(crate) struct CallAt {
    pub(crate) name: Place,
    pub(crate) strings: Vec<Place>,
}

#[derive(Debug)]
pub(crate) struct AggregationAt {
    /// What `by` or `without` lists.
    pub(crate) labels: Vec<Place>,
}

#[derive(Debug)]
pub(crate) struct OperatorAt {
    pub(crate) op: Place,
    /// What `on` or `ignoring` lists.
    pub(crate) matching: Vec<Place>,
    /// What `group_left` or `group_right` lists.
    pub(crate) group: Vec<Place>,
    /// A number directly before and after it.
    pub(crate) numbers: [Option<Place>; 2],
}

const AGGREGATIONS: [&str; 14] = [
    "avg",
    "bottomk",
    "count",
    "count_values",
    "group",
    "limit_ratio",
    "limitk",
    "max",
    "min",
    "quantile",
    "stddev",
    "stdvar",
    "sum",
    "topk",
];

enum Frame {
    Paren,
    Call(usize),
    Aggregation(usize),
}

struct Scanner<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    scan: Scan,
    frames: Vec<Frame>,
    /// Whether an operand comes next, so that `-` is a sign and no operator.
    operand: bool,
    /// An aggregation whose parenthesis has just closed.
    closed: Option<usize>,
    chain: usize,
    deepest: usize,
}

/// The places in an expression. Of one that is no PromQL, whatever could be found.
pub(crate) fn scan(text: &str) -> Scan {
    let mut scanner = Scanner {
        text,
        tokens: tokens(text),
        at: 0,
        scan: Scan::default(),
        frames: Vec::new(),
        operand: true,
        closed: None,
        chain: 0,
        deepest: 0,
    };
    while let Some(token) = scanner.tokens.get(scanner.at).cloned() {
        scanner.at += 1;
        scanner.token(&token);
    }
    scanner.scan.depth = scanner.chain + scanner.deepest;
    scanner.scan
}

impl Scanner<'_> {
    fn read(&self, token: &Token) -> &str {
        self.text.get(token.place.clone()).unwrap_or_default()
    }

    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", |token| self.read(token))
    }

    /// The token before the current one.
    fn before(&self) -> Option<&Token> {
        self.tokens.get(self.at.checked_sub(2)?)
    }

    fn token(&mut self, token: &Token) {
        let closed = self.closed.take();
        let text = self.read(token).to_owned();
        match token.kind {
            Kind::Word => self.word(token, &text.to_ascii_lowercase(), closed),
            Kind::Number => self.number(token),
            Kind::String => {
                if let Some(Frame::Call(call)) = self.frames.last()
                    && let Some(call) = self.scan.calls.get_mut(*call)
                {
                    call.strings.push(token.place.clone());
                }
                self.operand = false;
            }
            Kind::Sign => self.sign(token, &text),
        }
    }

    fn word(&mut self, token: &Token, text: &str, closed: Option<usize>) {
        let opens = self.peek() == "(";
        let grouping = |text: &str| matches!(text.to_ascii_lowercase().as_str(), "by" | "without");
        match text {
            "by" | "without" if opens && closed.is_some() => {
                let labels = self.list();
                if let Some(aggregation) = closed.and_then(|closed| self.scan.aggregations.get_mut(closed)) {
                    aggregation.labels = labels;
                }
            }
            "on" | "ignoring" if opens => {
                let labels = self.list();
                if let Some(operator) = self.scan.operators.last_mut() {
                    operator.matching = labels;
                }
            }
            "group_left" | "group_right" if self.operand => {
                let labels = if opens { self.list() } else { Vec::new() };
                if let Some(operator) = self.scan.operators.last_mut() {
                    operator.group = labels;
                }
            }
            "fill" | "fill_left" | "fill_right" if opens => drop(self.list()),
            "bool" if self.operand => {}
            "and" | "or" | "unless" | "atan2" if !self.operand => self.operator(token),
            "offset" if !self.operand => self.offset(),
            "inf" | "nan" => self.number(token),
            _ if AGGREGATIONS.contains(&text) && (opens || grouping(self.peek())) => self.aggregation(),
            _ if opens => {
                self.scan.calls.push(CallAt { name: token.place.clone(), strings: Vec::new() });
                self.open(Frame::Call(self.scan.calls.len() - 1));
            }
            _ => self.selector(token.place.clone()),
        }
    }

    fn aggregation(&mut self) {
        self.scan.aggregations.push(AggregationAt { labels: Vec::new() });
        let index = self.scan.aggregations.len() - 1;
        if self.peek() != "(" {
            self.at += 1;
            let labels = self.list();
            if let Some(aggregation) = self.scan.aggregations.get_mut(index) {
                aggregation.labels = labels;
            }
        }
        if self.peek() == "(" {
            self.open(Frame::Aggregation(index));
        }
    }

    /// Goes into the parenthesis that comes next.
    fn open(&mut self, frame: Frame) {
        self.at += 1;
        self.frames.push(frame);
        self.deepest = self.deepest.max(self.frames.len());
        self.operand = true;
    }

    /// The places between the parentheses that come next.
    fn list(&mut self) -> Vec<Place> {
        let mut places = Vec::new();
        if self.peek() == "(" {
            self.at += 1;
            while let Some(token) = self.tokens.get(self.at).cloned() {
                self.at += 1;
                match token.kind {
                    Kind::Sign if self.read(&token) == ")" => break,
                    Kind::Sign => {}
                    _ => places.push(token.place),
                }
            }
        }
        places
    }

    fn selector(&mut self, name: Place) {
        let mut selector = SelectorAt { name, matchers: Vec::new() };
        if self.peek() == "{" {
            self.at += 1;
            self.matchers(&mut selector);
        }
        self.scan.selectors.push(selector);
        self.operand = false;
    }

    fn matchers(&mut self, selector: &mut SelectorAt) {
        let mut label: Option<Token> = None;
        let mut compared = false;
        while let Some(token) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            match (token.kind, self.read(&token)) {
                (Kind::Sign, "}") => break,
                (Kind::Sign, "=" | "!=" | "=~" | "!~") => compared = true,
                (Kind::Sign, _) => {
                    // A name in quotes, which is a matcher of its own.
                    let alone = label.take().filter(|_| !compared);
                    selector.matchers.extend(alone.map(|name| MatcherAt { label: name.place, value: None }));
                    compared = false;
                }
                (Kind::String, _) if compared => {
                    let place = label.take().map_or(token.place.clone(), |label| label.place);
                    selector.matchers.push(MatcherAt { label: place, value: Some(token.place) });
                    compared = false;
                }
                _ => label = Some(token),
            }
        }
        selector.matchers.extend(label.map(|name| MatcherAt { label: name.place, value: None }));
    }

    fn number(&mut self, token: &Token) {
        let after_operator = self.operand && !matches!(self.frames.last(), Some(Frame::Call(_)));
        if after_operator && let Some(operator) = self.scan.operators.last_mut() {
            operator.numbers[1].get_or_insert(token.place.clone());
        }
        self.operand = false;
    }

    fn operator(&mut self, token: &Token) {
        let number = self.before().filter(|before| before.kind == Kind::Number).map(|before| before.place.clone());
        let numbers = [number, None];
        self.scan.operators.push(OperatorAt {
            op: token.place.clone(),
            matching: Vec::new(),
            group: Vec::new(),
            numbers,
        });
        self.chain += 1;
        self.operand = true;
    }

    fn sign(&mut self, token: &Token, text: &str) {
        match text {
            "(" => {
                self.frames.push(Frame::Paren);
                self.deepest = self.deepest.max(self.frames.len());
                self.operand = true;
            }
            ")" => {
                if let Some(Frame::Aggregation(index)) = self.frames.pop() {
                    self.closed = Some(index);
                }
                self.operand = false;
            }
            "{" => {
                self.at -= 1;
                self.selector(token.place.clone());
            }
            "[" => self.range(),
            "@" => self.timestamp(),
            "," => self.operand = true,
            "+" | "-" if self.operand => self.chain += 1,
            "+" | "-" | "*" | "/" | "%" | "^" | "==" | "!=" | ">" | "<" | ">=" | "<=" => self.operator(token),
            _ => {}
        }
    }

    fn range(&mut self) {
        // A subquery is a level of its own.
        self.chain += 1;
        while let Some(token) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            match token.kind {
                Kind::Sign if self.read(&token) == "]" => break,
                Kind::Sign => {}
                _ => self.scan.durations.push(token.place),
            }
        }
    }

    fn offset(&mut self) {
        while matches!(self.peek(), "+" | "-") {
            self.at += 1;
        }
        let next = self.tokens.get(self.at).map(|token| token.place.clone());
        self.scan.durations.extend(next);
        self.at += 1;
    }

    /// `@ 1700000000` and `@ start()`.
    fn timestamp(&mut self) {
        while matches!(self.peek(), "+" | "-") {
            self.at += 1;
        }
        self.at += 1;
        if self.peek() == "(" {
            drop(self.list());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, places: &[Place]) -> Vec<String> {
        places.iter().map(|place| text[place.clone()].to_owned()).collect()
    }

    #[test]
    fn parts_are_met_in_the_order_of_the_tree() {
        let text = "sum by (a, b) (rate(m_total{c=\"d\",e!~'f'}[5m] offset -1h @ start())) \
                    > bool on (g) group_left(h) -0.5 * avg({\"n\", x=`y`}) without(i) or label_replace(k, \"l\", '', 'm', \"\")";
        let scan = scan(text);
        let names: Vec<_> = scan.selectors.iter().map(|selector| selector.name.clone()).collect();
        assert_eq!(read(text, &names), ["m_total", "{", "k"]);
        let matchers = &scan.selectors[0].matchers;
        assert_eq!(read(text, &[matchers[0].label.clone(), matchers[1].label.clone()]), ["c", "e"]);
        assert_eq!(matchers[1].value.clone().map(|value| &text[value]), Some("'f'"));
        assert_eq!(scan.selectors[1].matchers.len(), 2);
        assert!(scan.selectors[1].matchers[0].value.is_none());
        let labels: Vec<_> = scan.aggregations.iter().map(|one| read(text, &one.labels)).collect();
        assert_eq!(labels, [vec!["a", "b"], vec!["i"]]);
        let operators: Vec<_> = scan.operators.iter().map(|operator| &text[operator.op.clone()]).collect();
        assert_eq!(operators, [">", "*", "or"]);
        assert_eq!(read(text, &scan.operators[0].matching), ["g"]);
        assert_eq!(read(text, &scan.operators[0].group), ["h"]);
        assert_eq!(scan.operators[0].numbers[1].clone().map(|place| &text[place]), Some("0.5"));
        assert_eq!(scan.operators[1].numbers[0].clone().map(|place| &text[place]), Some("0.5"));
        assert_eq!(read(text, &scan.calls[1].strings), ["\"l\"", "''", "'m'", "\"\""]);
        assert_eq!(read(text, &scan.durations), ["5m", "1h"]);
    }

    #[test]
    fn the_depth_is_at_least_that_of_the_tree() {
        assert_eq!(scan("((a))").depth, 2);
        assert_eq!(scan("a + b + c").depth, 2);
        assert_eq!(scan("---a").depth, 3);
        assert!(scan(&"(".repeat(5_000)).depth >= 5_000);
    }
}
