//! Functions.

use promql_parser::label::MatchOp;
use promql_parser::parser::{Call, Expr, VectorSelector};

use super::{Flow, LabelSet, Origin, Presence, Scale, State, Walk, Why, is_vector};
use crate::tools::rules::catalog;
use crate::tools::rules::vocabulary::{Known, Part};

impl Walk<'_> {
    pub(super) fn call(&mut self, call: &Call) -> Flow {
        let index = self.calls;
        self.calls += 1;
        let mut main = None;
        let mut flows = Vec::with_capacity(call.args.args.len());
        for argument in &call.args.args {
            let flow = self.expr(argument);
            if is_vector(argument) && main.is_none() {
                main = Some(flow.clone());
            }
            flows.push(flow);
        }
        let name = call.func.name;
        let first = call.args.args.first().map(AsRef::as_ref);
        let Some(flow) = main else {
            let numbers = Flow::numbers(&format!("`{name}` has no labels"));
            let raw = flows.into_iter().flat_map(|flow| flow.raw).collect();
            return Flow { raw, ..numbers };
        };
        match name {
            "rate" | "irate" | "increase" | "resets" => self.rate(flow, name, index, first),
            // Neither a change nor a line that goes on is within the bounds of what it was made of.
            "delta" | "idelta" | "deriv" | "predict_linear" => Flow { scale: None, ..self.delta(flow, name, index) },
            "double_exponential_smoothing" => self.delta(flow, name, index),
            "absent" | "absent_over_time" => absent(flow, first),
            "scalar" => Flow { labels: no_labels("scalar"), constant: false, ..flow },
            "label_replace" => self.label_replace(flow, call, index),
            "label_join" => self.label_join(flow, call, index),
            "histogram_quantile" => self.quantile(flow, name, index),
            "histogram_fraction" => self.quantile(flow, name, index).other_values(),
            "histogram_quantiles" => {
                let mut flow = self.quantile(flow, name, index);
                if let Some(Expr::StringLiteral(label)) = call.args.args.get(1).map(AsRef::as_ref) {
                    flow.labels.add(&label.val, Presence::Guaranteed);
                }
                flow
            }
            "info" => Flow { labels: flow.labels.or(&LabelSet::unknown()), ..flow },
            "count_over_time" | "present_over_time" | "changes" | "timestamp" | "start_timestamp" => seen(flow),
            _ if name.starts_with("ts_of_") => seen(flow),
            "abs" | "ceil" | "floor" | "round" | "clamp" | "clamp_max" | "clamp_min" | "sort" | "sort_desc"
            | "sort_by_label" | "sort_by_label_desc" | "avg_over_time" | "min_over_time" | "max_over_time"
            | "last_over_time" | "first_over_time" | "quantile_over_time" => flow,
            "sum_over_time" => Flow { scale: None, ..flow },
            _ => flow.other_values(),
        }
    }

    fn place(&self, call: usize) -> Option<std::ops::Range<usize>> {
        self.scan.calls.get(call).map(|call| call.name.clone())
    }

    fn rate(&mut self, flow: Flow, name: &str, call: usize, argument: Option<&Expr>) -> Flow {
        let place = self.place(call);
        let origin = flow.origin.clone();
        if let Some(Origin { metric, state: state @ (State::Gauge | State::Rate), .. }) = &origin {
            let what = if *state == State::Gauge { "is a gauge" } else { "is a rate here already" };
            let message = format!("uses `{name}` on `{metric}`, which {what}");
            self.find(&catalog::RATE_ON_GAUGE, metric, message, place.as_ref());
        }
        let origin = origin.filter(|_| name != "resets").map(|origin| Origin { state: State::Rate, ..origin });
        // A rate of a sum takes the restart of one process for one of all.
        let raw = if argument.is_some_and(is_selector) { Vec::new() } else { flow.raw };
        Flow { origin, scale: None, raw, ..flow }
    }

    fn delta(&mut self, flow: Flow, name: &str, call: usize) -> Flow {
        let place = self.place(call);
        if let Some(Origin { metric, state: State::Counter, .. }) = &flow.origin {
            let message = format!("uses `{name}` on `{metric}`, which is a counter");
            self.find(&catalog::DELTA_ON_COUNTER, metric, message, place.as_ref());
        }
        Flow { raw: Vec::new(), ..flow }
    }

    fn quantile(&mut self, mut flow: Flow, name: &str, call: usize) -> Flow {
        let place = self.place(call);
        let place = place.as_ref();
        let origin = flow.origin.clone();
        match &origin {
            // Said of the selector already.
            Some(Origin { part: Part::Family, .. }) => {}
            Some(Origin { metric, part: part @ (Part::Whole | Part::Sum | Part::Count), .. }) => {
                let what = match part {
                    Part::Sum => "the `_sum` of a histogram, and not its `_bucket`",
                    Part::Count => "the `_count` of a histogram, and not its `_bucket`",
                    _ => "no histogram",
                };
                let message = format!("uses `{name}` on `{metric}`, which is {what}");
                self.find(&catalog::QUANTILE_OF_NON_HISTOGRAM, metric, message, place);
            }
            _ => {
                if let (Some(Why::Lost(how)), Some(subject)) = (flow.labels.why("le").cloned(), flow.subject.clone()) {
                    let message = format!("uses `{name}` on buckets without `le`: {how}");
                    self.find(&catalog::QUANTILE_WITHOUT_LE, &subject, message, place);
                }
            }
        }
        let le = ["le".to_owned()];
        flow.labels = flow.labels.drop(&le, &Why::Lost(format!("`{name}` drops it")));
        let metric = origin.filter(|origin| origin.part == Part::Bucket).map(|origin| origin.metric);
        flow.scale = metric.and_then(|metric| match self.vocabulary.lookup(&[&metric, "_bucket"].concat()) {
            Known::Series(metric, _) => Scale::quantile(metric),
            _ => None,
        });
        flow.origin = None;
        flow
    }

    fn label_replace(&mut self, mut flow: Flow, call: &Call, index: usize) -> Flow {
        let [_, target, replacement, source, pattern] = call.args.args.as_slice() else { return flow };
        let [Some(target), Some(replacement), Some(source), Some(pattern)] =
            [target, replacement, source, pattern].map(|argument| string(argument))
        else {
            return flow;
        };
        // With an empty source, or a pattern that matches nothing, it is the way to add a constant.
        let constant = source.is_empty() || matches!(pattern, "" | ".*" | "(.*)") && !replacement.contains('$');
        if !constant {
            let place = self.scan.calls.get(index).and_then(|call| call.strings.get(2));
            self.expect_label(&flow, source, "replaces from", place);
        }
        let kept = flow.labels.presence(target) == Presence::Guaranteed && !replacement.is_empty();
        let certain = constant && !replacement.is_empty() && !replacement.contains('$');
        flow.labels.add(target, if kept || certain { Presence::Guaranteed } else { Presence::Possible });
        flow
    }

    fn label_join(&mut self, mut flow: Flow, call: &Call, index: usize) -> Flow {
        let Some(target) = call.args.args.get(1).and_then(|target| string(target)) else { return flow };
        let mut certain = false;
        for (at, source) in call.args.args.iter().enumerate().skip(3) {
            if let Some(source) = string(source) {
                let place = self.scan.calls.get(index).and_then(|call| call.strings.get(at - 1));
                self.expect_label(&flow, source, "joins", place);
                certain |= flow.labels.presence(source) == Presence::Guaranteed;
            }
        }
        flow.labels.add(target, if certain { Presence::Guaranteed } else { Presence::Possible });
        flow
    }
}

fn string(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::StringLiteral(literal) => Some(&literal.val),
        _ => None,
    }
}

fn no_labels(function: &str) -> LabelSet {
    LabelSet::none(Why::Lost(format!("`{function}` has no labels")))
}

/// That series are there is asked, and not how much they are.
fn seen(flow: Flow) -> Flow {
    Flow { raw: Vec::new(), ..flow.other_values() }
}

/// What is absent has the labels that its selector compares with `=`.
fn absent(flow: Flow, argument: Option<&Expr>) -> Flow {
    let mut labels = LabelSet::none(Why::Lost("`absent` has only what its selector compares with `=`".to_owned()));
    if let Some(selector) = argument.and_then(selector) {
        let matchers = &selector.matchers.matchers;
        let once = |label: &str| matchers.iter().filter(|other| other.name == label).count() == 1;
        for matcher in matchers.iter().filter(|matcher| matcher.op == MatchOp::Equal && !matcher.value.is_empty()) {
            if once(&matcher.name) && matcher.name != "__name__" {
                labels.set(&matcher.name, Presence::Guaranteed);
            }
        }
    }
    Flow { labels, ..seen(flow) }
}

/// Whether an expression is a selector, by itself or in a subquery.
fn is_selector(expr: &Expr) -> bool {
    match expr {
        Expr::Subquery(subquery) => selector(&subquery.expr).is_some(),
        _ => selector(expr).is_some(),
    }
}

/// The selector that an expression is.
fn selector(expr: &Expr) -> Option<&VectorSelector> {
    match expr {
        Expr::VectorSelector(selector) => Some(selector),
        Expr::MatrixSelector(matrix) => Some(&matrix.vs),
        Expr::Paren(paren) => selector(&paren.expr),
        _ => None,
    }
}
