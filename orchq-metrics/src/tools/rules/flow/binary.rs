//! Operators between two results.

use promql_parser::parser::token::{T_DIV, T_LAND, T_LOR, T_LUNLESS, T_MUL};
use promql_parser::parser::{BinModifier, BinaryExpr, Expr, LabelModifier, UnaryExpr, VectorMatchCardinality};

use super::{Flow, LabelSet, Presence, Scale, State, Walk, Why, is_vector, valued};
use crate::tools::promql::OperatorAt;
use crate::tools::rules::catalog;
use crate::tools::rules::variables::is_variable;
use crate::tools::rules::vocabulary::{Known, Part};

impl Walk<'_> {
    pub(super) fn binary(&mut self, binary: &BinaryExpr) -> Flow {
        let left = self.expr(&binary.lhs);
        let scan = self.scan;
        let at = scan.operators.get(self.operators);
        self.operators += 1;
        let right = self.expr(&binary.rhs);
        let compares = binary.op.is_comparison_operator();
        match (is_vector(&binary.lhs), is_vector(&binary.rhs)) {
            (false, false) => Flow { raw: [left.raw, right.raw].concat(), ..Flow::numbers("a number has no labels") },
            (true, false) => self.with_number(left, right, binary, &binary.rhs, at),
            (false, true) => self.with_number(right, left, binary, &binary.lhs, at),
            (true, true) => {
                let default = BinModifier::default();
                let modifier = binary.modifier.as_ref().unwrap_or(&default);
                // Each series finds its partner by its labels.
                self.told_apart.extend([left.labels.clone(), right.labels.clone()]);
                match binary.op.id() {
                    T_LOR => left.or(right),
                    T_LAND => {
                        let labels = self.matched(&left, &right, modifier, at, Sides::ManyToMany);
                        // That a counter is there is one thing, and how much it is another.
                        let raw = left.raw.into_iter().chain(right.raw.into_iter().filter(|raw| raw.valued));
                        Flow { labels, raw: raw.collect(), ..left }
                    }
                    T_LUNLESS => {
                        // What it leaves has the labels of the left, whatever the right has.
                        self.matched(&left, &right, modifier, at, Sides::ManyToMany);
                        // What a counter has that was not there before is its increase.
                        let born = is_earlier(&binary.rhs);
                        let known = |metric: &str| right.raw.iter().any(|raw| raw.metric == metric);
                        let kept = left.raw.iter().filter(|raw| !(born && known(&raw.metric)));
                        let raw = kept.chain(right.raw.iter().filter(|raw| raw.valued)).cloned().collect();
                        Flow { raw, ..left }
                    }
                    op => {
                        let sides = Sides::of(modifier);
                        let labels = self.matched(&left, &right, modifier, at, sides);
                        let mean = if op == T_DIV { self.mean(&left, &right) } else { None };
                        let raw = [left.raw.clone(), right.raw.clone()].concat();
                        // Compared with itself, a counter says whether it has grown.
                        let grown = is_earlier(&binary.lhs) || is_earlier(&binary.rhs);
                        let raw = if grown { raw } else { valued(raw).collect() };
                        let subject = left.subject.clone().or(right.subject.clone());
                        let constant = left.constant && right.constant;
                        let filters = compares && !modifier.return_bool;
                        let flow = if filters { left } else { Flow { scale: mean, origin: None, ..left } };
                        Flow { labels, raw, subject, constant, ..flow }
                    }
                }
            }
        }
    }

    /// An operator between series and a number, which may be on either side.
    fn with_number(
        &mut self,
        series: Flow,
        number: Flow,
        binary: &BinaryExpr,
        operand: &Expr,
        at: Option<&OperatorAt>,
    ) -> Flow {
        let value = constant(operand).filter(|_| !self.text.has_numbers());
        let raw = valued([series.raw.clone(), number.raw].concat()).collect();
        if !matches!(binary.op.id(), T_MUL | T_DIV) {
            // The parts of a number are multiplied as it is; they are not compared as it is.
            self.told_apart.push(series.labels.clone());
        }
        if binary.op.is_comparison_operator() {
            if let (Some(value), Some(scale)) = (value, &series.scale) {
                let swapped = !is_vector(&binary.lhs);
                let op = binary.op.to_string();
                let op = match (op.as_str(), swapped) {
                    ("<", true) => ">",
                    (op, _) => op,
                };
                if let Some(odd) = scale.implausible(value, op) {
                    let place = at.and_then(|at| at.numbers[usize::from(!swapped)].clone().or(Some(at.op.clone())));
                    let message = format!("compares with {value}, but {odd}");
                    let metric = scale.metric.clone();
                    self.find(&catalog::IMPLAUSIBLE_THRESHOLD, &metric, message, place.as_ref());
                }
            }
            let flow = if binary.return_bool() { series.other_values() } else { series };
            return Flow { raw, ..flow };
        }
        let scale = series.scale.clone().zip(value).and_then(|(scale, value)| match binary.op.id() {
            T_MUL => scale.times(value),
            T_DIV if is_vector(&binary.lhs) => scale.times(value.recip()),
            _ => None,
        });
        Flow { raw, scale, origin: None, ..series }
    }

    /// The rate of a histogram's sum by that of its count is a mean, in the histogram's unit.
    fn mean(&self, left: &Flow, right: &Flow) -> Option<Scale> {
        let part = |flow: &Flow, part| {
            let origin = flow.origin.as_ref();
            origin.filter(|origin| origin.part == part && origin.state == State::Rate).map(|o| o.metric.clone())
        };
        let (sum, count) = (part(left, Part::Sum)?, part(right, Part::Count)?);
        match self.vocabulary.lookup(&[&sum, "_sum"].concat()) {
            Known::Series(metric, _) if sum == count => Scale::of(metric),
            _ => None,
        }
    }

    /// Says so if a label that is listed is on neither side, or not on one that it has to be on.
    fn listed(&mut self, left: &Flow, right: &Flow, modifier: &BinModifier, at: Option<&OperatorAt>) {
        let Some(matching) = &modifier.matching else { return };
        for (index, label) in matching.labels().labels.iter().enumerate() {
            let place = at.and_then(|at| at.matching.get(index));
            let absent = |flow: &Flow| flow.labels.presence(label) == Presence::Impossible;
            match matching {
                // What is on one side alone is what `ignoring` is for.
                LabelModifier::Exclude(_) if absent(left) && absent(right) => {
                    self.expect_label(with_subject(left, right), label, "ignores", place);
                }
                LabelModifier::Exclude(_) => {}
                LabelModifier::Include(_) => {
                    let (side, other) = if absent(left) { (left, right) } else { (right, left) };
                    // That the two sides never match says more.
                    let lost = matches!(side.labels.why(label), Some(Why::Lost(_)));
                    if !lost || other.labels.presence(label) != Presence::Guaranteed {
                        self.expect_label(side, label, "matches on", place);
                    }
                }
            }
        }
    }

    /// The labels of what two sides give together; says so if they never match.
    fn matched(
        &mut self,
        left: &Flow,
        right: &Flow,
        modifier: &BinModifier,
        at: Option<&OperatorAt>,
        sides: Sides,
    ) -> LabelSet {
        self.listed(left, right, modifier, at);
        let listed = modifier.matching.as_ref().map_or(&[] as &[String], |matching| &matching.labels().labels);
        let on = modifier.is_matching_on();
        let compared: Vec<String> = if on {
            listed.to_vec()
        } else {
            let named = left.labels.named().chain(right.labels.named());
            named.filter(|label| !listed.iter().any(|ignored| ignored == label)).map(str::to_owned).collect()
        };
        let unknown = listed.iter().any(|label| is_variable(label));
        if on || !unknown {
            self.never(left, right, &compared, on, at);
        }
        let (many, one) = if sides == Sides::OneToMany { (right, left) } else { (left, right) };
        let mut labels = many.labels.clone();
        for label in &compared {
            labels.agree(label, &one.labels);
        }
        match (&modifier.matching, sides) {
            (_, Sides::OneToOne) if unknown => labels.loosened(),
            (Some(LabelModifier::Include(_)), Sides::OneToOne) => {
                labels.keep(listed, Why::Lost(format!("`on ({})` keeps its own labels alone", listed.join(", "))))
            }
            (Some(LabelModifier::Exclude(_)), Sides::OneToOne) => {
                labels.drop(listed, &Why::Lost(format!("`ignoring ({})` drops it", listed.join(", "))))
            }
            (_, Sides::ManyToOne | Sides::OneToMany) => {
                let included = modifier.card.labels().map_or(&[] as &[String], |labels| &labels.labels);
                for (index, label) in included.iter().enumerate() {
                    let place = at.and_then(|at| at.group.get(index));
                    self.expect_label(one, label, "takes over", place);
                    if is_variable(label) {
                        labels = labels.or(&one.labels);
                    } else {
                        labels.copy(label, &one.labels);
                    }
                }
                labels
            }
            _ => labels,
        }
    }

    /// Says so if a label that is compared is on every series of one side, and on none of the other.
    fn never(&mut self, left: &Flow, right: &Flow, compared: &[String], on: bool, at: Option<&OperatorAt>) {
        let Some(subject) = with_subject(left, right).subject.clone() else { return };
        let clash = |label: &&String| {
            let sides = (left.labels.presence(label), right.labels.presence(label));
            let clashes = matches!(
                sides,
                (Presence::Impossible, Presence::Guaranteed) | (Presence::Guaranteed, Presence::Impossible)
            );
            // A label that a metric has never had is spelled wrong, which was said.
            let misspelt = on && [left, right].iter().any(|side| matches!(side.labels.why(label), Some(Why::NotOf(_))));
            clashes && !misspelt && !is_variable(label)
        };
        let Some(label) = compared.iter().find(clash) else { return };
        let (has, lacks, flow) = match left.labels.presence(label) {
            Presence::Impossible => ("right", "left", left),
            _ => ("left", "right", right),
        };
        let why = match flow.labels.why(label) {
            Some(Why::NotOf(metric)) => format!(": `{metric}` does not have it"),
            Some(Why::Lost(how)) if !how.is_empty() => format!(": {how}"),
            _ => String::new(),
        };
        let message = format!(
            "has two sides that never match: every series on the {has} has `{label}`, and none on the {lacks}{why}"
        );
        self.find(&catalog::NEVER_MATCHES, &subject, message, at.map(|at| &at.op));
    }
}

/// How many series of each side belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sides {
    OneToOne,
    ManyToOne,
    OneToMany,
    ManyToMany,
}

impl Sides {
    fn of(modifier: &BinModifier) -> Self {
        match modifier.card {
            VectorMatchCardinality::OneToOne => Self::OneToOne,
            VectorMatchCardinality::ManyToOne(_) => Self::ManyToOne,
            VectorMatchCardinality::OneToMany(_) => Self::OneToMany,
            VectorMatchCardinality::ManyToMany => Self::ManyToMany,
        }
    }
}

/// Whether an expression is a selector of what was there before.
fn is_earlier(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => is_earlier(&paren.expr),
        Expr::VectorSelector(selector) => selector.offset.is_some(),
        _ => false,
    }
}

/// The side that a finding can be about.
fn with_subject<'a>(left: &'a Flow, right: &'a Flow) -> &'a Flow {
    if left.subject.is_some() { left } else { right }
}

/// The number that an expression of numbers comes to.
fn constant(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(number) => Some(number.val),
        Expr::Paren(paren) => constant(&paren.expr),
        Expr::Unary(UnaryExpr { expr }) => constant(expr).map(|number| -number),
        Expr::Binary(binary) => {
            let (left, right) = (constant(&binary.lhs)?, constant(&binary.rhs)?);
            match binary.op.to_string().as_str() {
                "+" => Some(left + right),
                "-" => Some(left - right),
                "*" => Some(left * right),
                "/" => Some(left / right),
                "^" => Some(left.powf(right)),
                _ => None,
            }
        }
        _ => None,
    }
}
