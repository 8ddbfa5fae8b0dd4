//! Aggregations: `sum`, `topk` and the others.

use super::scale::Scale;
use super::{Analyzer, LabelState};
use crate::tools::promql::{Aggregation, Labels};
use crate::tools::rules::label_set::Presence;
use crate::tools::rules::variables::is_variable;

impl Analyzer<'_> {
    pub(super) fn aggregation(&mut self, aggregation: &Aggregation) -> LabelState {
        if let Some(parameter) = &aggregation.parameter {
            self.expr(parameter);
        }
        let state = self.expr(&aggregation.expr);
        let op = aggregation.op.text.as_str();
        if !matches!(op, "sum" | "group") {
            // Splitting a series into several leaves its sum as it was, but not its mean or its maximum.
            self.analyzed.compared.push(state.labels.clone());
        }
        if let Some(Labels { include, names }) = &aggregation.grouping {
            let what = if *include { "groups by" } else { "drops by `without`" };
            self.expect_labels(&state, names, what);
        }
        let labels = match &aggregation.grouping {
            // These select series and keep their labels.
            _ if matches!(op, "topk" | "bottomk" | "limitk" | "limit_ratio") => state.labels.clone(),
            // A variable may become any label, which is kept or dropped.
            Some(labels) if labels.names.iter().any(|label| is_variable(&label.text)) => state.labels.loosened(),
            None => state.labels.keep(&[], format!("`{op}` without `by` drops every label")),
            Some(by) if by.include => {
                state.labels.keep(&by.names(), format!("`{op} by ({})` keeps only its own labels", by.list()))
            }
            Some(without) => {
                state.labels.drop(&without.names(), &format!("`{op} without ({})` drops it", without.list()))
            }
        };
        let mut state = values(LabelState { labels, ..state }, op);
        if let ("count_values", Some(label)) = (op, aggregation.parameter.as_ref().and_then(|label| label.text())) {
            state.labels.add(label, Presence::Guaranteed);
        }
        state
    }
}

/// What the values are behind an aggregation.
fn values(state: LabelState, op: &str) -> LabelState {
    match op {
        "avg" | "min" | "max" | "quantile" | "topk" | "bottomk" | "limitk" | "limit_ratio" => state,
        // A sum of ratios has no upper end, and a sum of bytes is in bytes.
        "sum" => LabelState { scale: state.scale.map(Scale::summed), ..state },
        // The number of series does not depend on their values.
        "count" | "group" | "count_values" => state.presence(),
        _ => LabelState { scale: None, ..state },
    }
}
