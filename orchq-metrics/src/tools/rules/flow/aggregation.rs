//! Aggregations: `sum`, `topk` and their like.

use promql_parser::parser::token::{
    T_AVG, T_BOTTOMK, T_COUNT, T_COUNT_VALUES, T_GROUP, T_LIMIT_RATIO, T_LIMITK, T_MAX, T_MIN, T_QUANTILE, T_SUM,
    T_TOPK,
};
use promql_parser::parser::{AggregateExpr, Expr, LabelModifier};

use super::{Flow, Presence, Walk, Why};
use crate::tools::rules::variables::is_variable;

impl Walk<'_> {
    pub(super) fn aggregate(&mut self, aggregate: &AggregateExpr) -> Flow {
        let at = self.scan.aggregations.get(self.aggregations);
        self.aggregations += 1;
        if let Some(parameter) = &aggregate.param {
            self.expr(parameter);
        }
        let flow = self.expr(&aggregate.expr);
        if !matches!(aggregate.op.id(), T_SUM | T_GROUP) {
            // The sum of a number's parts is the number; the mean of them, or the greatest, is not.
            self.told_apart.push(flow.labels.clone());
        }
        let listed = aggregate.modifier.as_ref().map_or(&[] as &[String], |modifier| &modifier.labels().labels);
        let op = aggregate.op.to_string();
        let what = match aggregate.modifier {
            Some(LabelModifier::Exclude(_)) => "drops by `without`",
            _ => "groups by",
        };
        for (index, label) in listed.iter().enumerate() {
            self.expect_label(&flow, label, what, at.and_then(|at| at.labels.get(index)));
        }
        let labels = match &aggregate.modifier {
            // These choose among series and leave them as they are.
            _ if matches!(aggregate.op.id(), T_TOPK | T_BOTTOMK | T_LIMITK | T_LIMIT_RATIO) => flow.labels.clone(),
            // Whatever Grafana will put there is kept, or dropped.
            Some(_) if listed.iter().any(|label| is_variable(label)) => flow.labels.loosened(),
            None => flow.labels.keep(&[], Why::Lost(format!("`{op}` without `by` drops every label"))),
            Some(LabelModifier::Include(_)) => {
                let why = format!("`{op} by ({})` keeps its own labels alone", listed.join(", "));
                flow.labels.keep(listed, Why::Lost(why))
            }
            Some(LabelModifier::Exclude(_)) => {
                flow.labels.drop(listed, &Why::Lost(format!("`{op} without ({})` drops it", listed.join(", "))))
            }
        };
        let mut flow = values(Flow { labels, ..flow }, aggregate.op.id());
        if let (T_COUNT_VALUES, Some(Expr::StringLiteral(label))) = (aggregate.op.id(), aggregate.param.as_deref()) {
            flow.labels.add(&label.val, Presence::Guaranteed);
        }
        flow
    }
}

/// What the values are behind an aggregation.
fn values(flow: Flow, op: u16) -> Flow {
    match op {
        T_AVG | T_MIN | T_MAX | T_QUANTILE | T_TOPK | T_BOTTOMK | T_LIMITK | T_LIMIT_RATIO => flow,
        // A sum of ratios has no upper end, and one of bytes is still in bytes.
        T_SUM => Flow { scale: flow.scale.as_ref().and_then(super::Scale::summed), ..flow },
        // How many there are says nothing of how much they are.
        T_COUNT | T_GROUP | T_COUNT_VALUES => Flow { raw: Vec::new(), ..flow.other_values() },
        _ => Flow { scale: None, ..flow },
    }
}
