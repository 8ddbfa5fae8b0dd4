//! Functions.

use promql_parser::label::MatchOp;

use super::scale::Scale;
use super::state::{Origin, ValueKind};
use super::{Analyzer, LabelState};
use crate::tools::promql::{Call, Expr, Word};
use crate::tools::rules::catalog;
use crate::tools::rules::known_metrics::Part;
use crate::tools::rules::label_set::{LabelSet, Presence, Why};

impl Analyzer<'_> {
    pub(super) fn call(&mut self, call: &Call) -> LabelState {
        let mut states: Vec<_> = call.args.iter().map(|argument| self.expr(argument)).collect();
        self.analyzed.labels.extend(call.args.iter().filter_map(Expr::text).map(str::to_owned));
        let name = call.name.text.as_str();
        let Some(main) = call.args.iter().position(Expr::is_vector) else {
            let raw = states.into_iter().flat_map(|state| state.raw).collect();
            return LabelState { raw, ..LabelState::numbers(&format!("`{name}` has no labels")) };
        };
        let state = states.swap_remove(main);
        match name {
            "rate" | "irate" | "increase" | "resets" => self.rate(state, call),
            // Neither a change nor an extrapolation is within the bounds of its input.
            "delta" | "idelta" | "deriv" | "predict_linear" => {
                LabelState { scale: None, ..self.delta(state, &call.name) }
            }
            "double_exponential_smoothing" => self.delta(state, &call.name),
            "absent" | "absent_over_time" => absent(state, call.args.first()),
            "scalar" => {
                let labels = LabelSet::none(Why::Lost("`scalar` has no labels".to_owned()));
                LabelState { labels, is_constant: false, ..state }
            }
            "label_replace" => self.label_replace(state, call),
            "label_join" => self.label_join(state, call),
            "histogram_quantile" => self.quantile(state, &call.name),
            "histogram_fraction" => self.quantile(state, &call.name).other_values(),
            "histogram_quantiles" => {
                let mut state = self.quantile(state, &call.name);
                if let Some(label) = call.args.get(1).and_then(Expr::text) {
                    state.labels.add(label, Presence::Guaranteed);
                }
                state
            }
            "info" => LabelState { labels: state.labels.or(&LabelSet::unknown()), ..state },
            "count_over_time" | "present_over_time" | "changes" | "timestamp" | "start_timestamp" => state.presence(),
            _ if name.starts_with("ts_of_") => state.presence(),
            "abs" | "ceil" | "floor" | "round" | "clamp" | "clamp_max" | "clamp_min" | "sort" | "sort_desc"
            | "sort_by_label" | "sort_by_label_desc" | "avg_over_time" | "min_over_time" | "max_over_time"
            | "last_over_time" | "first_over_time" | "quantile_over_time" => state,
            "sum_over_time" => LabelState { scale: None, ..state },
            _ => state.other_values(),
        }
    }

    fn rate(&mut self, state: LabelState, call: &Call) -> LabelState {
        let name = call.name.text.as_str();
        let what = match &state.origin {
            Some(Origin { metric, kind: ValueKind::Gauge, .. }) => Some((metric, "is a gauge")),
            Some(Origin { metric, kind: ValueKind::Rate, .. }) => Some((metric, "is a rate here already")),
            _ => None,
        };
        if let Some((metric, what)) = what {
            let message = format!("uses `{name}` on `{metric}`, which {what}");
            self.find(&catalog::RATE_ON_GAUGE, metric, &message, &call.name.place);
        }
        let origin = state.origin.filter(|_| name != "resets");
        let scale =
            origin.as_ref().filter(|origin| origin.kind == ValueKind::Counter).map(|it| Scale::rate(&it.metric));
        let origin = origin.map(|origin| Origin { kind: ValueKind::Rate, ..origin });
        // The rate of a sum takes the restart of one process for a restart of all.
        let of_selector = call.args.first().is_some_and(is_selector);
        let raw = if of_selector { Vec::new() } else { state.raw };
        LabelState { origin, scale, raw, ..state }
    }

    fn delta(&mut self, state: LabelState, name: &Word) -> LabelState {
        if let Some(Origin { metric, kind: ValueKind::Counter, .. }) = &state.origin {
            let message = format!("uses `{}` on `{metric}`, which is a counter", name.text);
            self.find(&catalog::DELTA_ON_COUNTER, metric, &message, &name.place);
        }
        LabelState { raw: Vec::new(), ..state }
    }

    fn quantile(&mut self, mut state: LabelState, Word { text: name, place }: &Word) -> LabelState {
        let origin = state.origin.take();
        let what = match origin.as_ref().map(|origin| origin.part) {
            Some(Part::Whole) => Some("not a histogram"),
            Some(Part::Sum) => Some("the `_sum` of a histogram, and not its `_bucket`"),
            Some(Part::Count) => Some("the `_count` of a histogram, and not its `_bucket`"),
            _ => None,
        };
        if let (Some(Origin { metric, .. }), Some(what)) = (&origin, what) {
            let message = format!("uses `{name}` on `{metric}`, which is {what}");
            self.find(&catalog::QUANTILE_OF_NON_HISTOGRAM, metric, &message, place);
        } else if let (Some(Why::Lost(how)), Some(subject)) = (state.labels.why("le"), &state.subject) {
            let message = format!("uses `{name}` on buckets without `le`: {how}");
            self.find(&catalog::QUANTILE_WITHOUT_LE, subject, &message, place);
        }
        let bucket = origin.filter(|origin| origin.part == Part::Bucket);
        let labels = state.labels.drop(&["le"], &format!("`{name}` drops it"));
        let scale = bucket.and_then(|origin| Some(Scale::quantile(self.known.metric(&origin.metric)?)));
        LabelState { labels, scale, ..state }
    }

    fn label_replace(&mut self, mut state: LabelState, call: &Call) -> LabelState {
        let [_, Expr::Text(target), Expr::Text(replacement), Expr::Text(source), Expr::Text(pattern)] =
            call.args.as_slice()
        else {
            return state;
        };
        let fills = !replacement.text.is_empty();
        let copies = replacement.text.contains('$');
        // With an empty source, or a pattern that matches nothing, `label_replace` adds a constant.
        let is_constant = source.text.is_empty() || matches!(pattern.text.as_str(), "" | ".*" | "(.*)") && !copies;
        if !is_constant {
            self.expect_label(&state, &source.text, "replaces from", &source.place);
        }
        let kept = state.labels.presence(&target.text) == Presence::Guaranteed;
        let certain = fills && (kept || is_constant && !copies);
        state.labels.add(&target.text, if certain { Presence::Guaranteed } else { Presence::Possible });
        state
    }

    fn label_join(&mut self, mut state: LabelState, call: &Call) -> LabelState {
        let Some(target) = call.args.get(1).and_then(Expr::text) else { return state };
        let mut certain = false;
        for source in call.args.iter().skip(3) {
            if let Expr::Text(Word { text: source, place }) = source {
                self.expect_label(&state, source, "joins", place);
                certain |= state.labels.presence(source) == Presence::Guaranteed;
            }
        }
        state.labels.add(target, if certain { Presence::Guaranteed } else { Presence::Possible });
        state
    }
}

/// An absent result has the labels that its selector compares with `=`.
fn absent(state: LabelState, argument: Option<&Expr>) -> LabelState {
    let mut labels = LabelSet::none(Why::Lost("`absent` has only what its selector compares with `=`".to_owned()));
    let matchers = match argument {
        Some(Expr::Selector(selector)) => selector.required(),
        _ => &[],
    };
    for matcher in matchers.iter().filter(|matcher| matcher.op == MatchOp::Equal && !matcher.value.is_empty()) {
        let once = matchers.iter().filter(|other| other.name == matcher.name).count() == 1;
        if once && matcher.name != "__name__" {
            labels.set(&matcher.name, Presence::Guaranteed);
        }
    }
    LabelState { labels, ..state.presence() }
}

/// Whether an expression is a selector, by itself or in a subquery.
fn is_selector(expr: &Expr) -> bool {
    match expr {
        Expr::Subquery(inner) => is_selector(inner),
        expr => matches!(expr, Expr::Selector(_)),
    }
}
