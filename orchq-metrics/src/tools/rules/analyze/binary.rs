//! Operators between two results.

use super::scale::Scale;
use super::state::{RawCounter, ValueKind, valued};
use super::{Analyzer, LabelState};
use crate::tools::promql::{Binary, Cardinality, Expr, Place};
use crate::tools::rules::catalog;
use crate::tools::rules::known_metrics::Part;
use crate::tools::rules::label_set::{LabelSet, Presence, Why};
use crate::tools::rules::variables::is_variable;

impl Analyzer<'_> {
    pub(super) fn binary(&mut self, binary: &Binary) -> LabelState {
        let left = self.expr(&binary.left);
        let right = self.expr(&binary.right);
        match (binary.left.is_vector(), binary.right.is_vector()) {
            (false, false) => {
                let raw = [left.raw, right.raw].concat();
                LabelState { raw, ..LabelState::numbers("a number has no labels") }
            }
            (true, false) => self.with_number(left, right, binary, &binary.right),
            (false, true) => self.with_number(right, left, binary, &binary.left),
            (true, true) => self.between_vectors(left, right, binary),
        }
    }

    fn between_vectors(&mut self, left: LabelState, right: LabelState, binary: &Binary) -> LabelState {
        // Labels decide which series match.
        self.analyzed.compared.extend([left.labels.clone(), right.labels.clone()]);
        if binary.op.text == "or" {
            return left.or(right);
        }
        let labels = self.matched(&left, &right, binary);
        let right_valued = right.raw.iter().filter(|raw| raw.is_valued);
        match binary.op.text.as_str() {
            // Only the presence of the right side matters, not its value.
            "and" => LabelState { labels, raw: left.raw.iter().chain(right_valued).cloned().collect(), ..left },
            "unless" => {
                // A counter minus its own past is its increase.
                let is_known = |raw: &&RawCounter| right.raw.iter().any(|other| other.metric == raw.metric);
                let kept = left.raw.iter().filter(|raw| !(is_earlier(&binary.right) && is_known(raw)));
                LabelState { raw: kept.chain(right_valued).cloned().collect(), ..left }
            }
            op => {
                let scale = if op == "/" { self.mean(&left, &right) } else { None };
                let raw = [left.raw.clone(), right.raw].concat();
                // Compared with its own past, a counter says whether it has grown.
                let has_grown = is_earlier(&binary.left) || is_earlier(&binary.right);
                let raw = if has_grown { raw } else { valued(raw) };
                let subject = left.subject.clone().or(right.subject);
                let is_constant = left.is_constant && right.is_constant;
                let filters = binary.compares && !binary.returns_bool;
                let values = if filters { left } else { LabelState { scale, origin: None, ..left } };
                LabelState { labels, raw, subject, is_constant, ..values }
            }
        }
    }

    /// An operator between series and a number, which may be on either side.
    fn with_number(&mut self, series: LabelState, number: LabelState, binary: &Binary, operand: &Expr) -> LabelState {
        let value = constant(operand).filter(|_| !self.parsed.text.has_numbers);
        let raw = valued([series.raw.clone(), number.raw].concat());
        let op = binary.op.text.as_str();
        if !matches!(op, "*" | "/") {
            // Multiplying the parts of a series multiplies their sum, but comparing them does not compare it.
            self.analyzed.compared.push(series.labels.clone());
        }
        let is_right = binary.left.is_vector();
        if binary.compares {
            if let (Some((value, place)), Some(scale)) = (value, &series.scale) {
                let op = if op == "<" && !is_right { ">" } else { op };
                if let Some(odd) = scale.implausible(value, op) {
                    let message = format!("compares with {value}, but {odd}");
                    self.find(&catalog::IMPLAUSIBLE_THRESHOLD, &scale.metric, &message, place);
                }
            }
            let state = if binary.returns_bool { series.other_values() } else { series };
            return LabelState { raw, ..state };
        }
        let scale = series.scale.clone().zip(value).and_then(|(scale, (value, _))| match op {
            "*" => scale.times(value),
            "/" if is_right => scale.times(value.recip()),
            _ => None,
        });
        LabelState { raw, scale, origin: None, ..series }
    }

    /// The rate of a histogram's sum by that of its count is a mean, in the histogram's unit.
    fn mean(&self, left: &LabelState, right: &LabelState) -> Option<Scale> {
        let rate = |state: &LabelState, part| {
            let origin = state.origin.as_ref();
            origin.filter(|origin| origin.part == part && origin.kind == ValueKind::Rate).map(|o| o.metric.clone())
        };
        let sum = rate(left, Part::Sum)?;
        let metric = self.known.metric(&sum).filter(|_| rate(right, Part::Count).as_ref() == Some(&sum))?;
        Some(Scale::from_metric(metric))
    }

    /// Reports a label that is listed and is on neither side, or not on a side that must have it.
    fn expect_matching(&mut self, left: &LabelState, right: &LabelState, binary: &Binary) {
        let Some(matching) = &binary.matching else { return };
        for name in &matching.names {
            let label = &name.text;
            self.analyzed.labels.insert(label.clone());
            let (side, other) = if left.labels.lacks(label) { (left, right) } else { (right, left) };
            if !matching.include {
                // A label that only one side has is what `ignoring` is for.
                if left.labels.lacks(label) && right.labels.lacks(label) {
                    self.expect_label(with_subject(left, right), label, "ignores", &name.place);
                }
                continue;
            }
            // That the two sides never match says more.
            let lost = matches!(side.labels.why(label), Some(Why::Lost(_)));
            if !lost || other.labels.presence(label) != Presence::Guaranteed {
                self.expect_label(side, label, "matches on", &name.place);
            }
        }
    }

    /// The labels of two sides together. Reports sides that never match.
    fn matched(&mut self, left: &LabelState, right: &LabelState, binary: &Binary) -> LabelSet {
        self.expect_matching(left, right, binary);
        let listed = binary.matching.as_ref().map(|matching| matching.names()).unwrap_or_default();
        let on = binary.matching.as_ref().is_some_and(|matching| matching.include);
        let compared: Vec<&str> = if on {
            listed.clone()
        } else {
            let named = left.labels.named().chain(right.labels.named());
            named.filter(|label| !listed.contains(label)).collect()
        };
        let any = listed.iter().any(|label| is_variable(label));
        if on || !any {
            self.expect_match([left, right], &compared, on, &binary.op.place);
        }
        let (many, one) =
            if matches!(binary.cardinality, Cardinality::OneToMany(_)) { (right, left) } else { (left, right) };
        let mut labels = many.labels.clone();
        compared.iter().for_each(|label| labels.agree(label, &one.labels));
        match (&binary.matching, &binary.cardinality) {
            (_, Cardinality::OneToOne) if any => labels.loosened(),
            (Some(on), Cardinality::OneToOne) if on.include => {
                labels.keep(&listed, format!("`on ({})` keeps only its own labels", on.list()))
            }
            (Some(ignoring), Cardinality::OneToOne) => {
                labels.drop(&listed, &format!("`ignoring ({})` drops it", ignoring.list()))
            }
            (_, Cardinality::ManyToOne(_) | Cardinality::OneToMany(_)) => {
                self.expect_labels(one, &binary.included, "copies");
                for label in &binary.included {
                    if is_variable(&label.text) {
                        labels = labels.or(&one.labels);
                    } else {
                        labels.copy(&label.text, &one.labels);
                    }
                }
                labels
            }
            _ => labels,
        }
    }

    /// Reports a label that is compared, that every series of one side has, and that no series of the other side has.
    fn expect_match(&mut self, [left, right]: [&LabelState; 2], compared: &[&str], on: bool, place: &Place) {
        let Some(subject) = &with_subject(left, right).subject else { return };
        let clash = |label: &str| {
            let (has, lacks, side) = match (left.labels.presence(label), right.labels.presence(label)) {
                (Presence::Impossible, Presence::Guaranteed) => ("right", "left", left),
                (Presence::Guaranteed, Presence::Impossible) => ("left", "right", right),
                _ => return None,
            };
            let why = match side.labels.why(label) {
                // The finding about the unknown label says it.
                Some(Why::NotOf(_)) if on => return None,
                Some(Why::NotOf(metric)) => format!(": `{metric}` does not have it"),
                Some(Why::Lost(how)) if !how.is_empty() => format!(": {how}"),
                _ => String::new(),
            };
            (!is_variable(label)).then(|| {
                let sides = "has two sides that never match";
                format!("{sides}: every series on the {has} has `{label}`, and none on the {lacks}{why}")
            })
        };
        if let Some(message) = compared.iter().find_map(|label| clash(label)) {
            self.find(&catalog::NEVER_MATCHES, subject, &message, place);
        }
    }
}

/// Whether an expression is a selector with an offset.
fn is_earlier(expr: &Expr) -> bool {
    matches!(expr, Expr::Selector(selector) if selector.has_offset)
}

/// The side that a finding can be about.
fn with_subject<'a>(left: &'a LabelState, right: &'a LabelState) -> &'a LabelState {
    if left.subject.is_some() { left } else { right }
}

/// The value of an expression of numbers, and the place of its first number.
fn constant(expr: &Expr) -> Option<(f64, &Place)> {
    match expr {
        Expr::Number(number, place) => Some((*number, place)),
        Expr::Negation(inner) => constant(inner).map(|(number, place)| (-number, place)),
        Expr::Binary(binary) => {
            let ((left, place), (right, _)) = (constant(&binary.left)?, constant(&binary.right)?);
            let value = match binary.op.text.as_str() {
                "+" => left + right,
                "-" => left - right,
                "*" => left * right,
                "/" => left / right,
                "^" => left.powf(right),
                _ => return None,
            };
            Some((value, place))
        }
        _ => None,
    }
}
