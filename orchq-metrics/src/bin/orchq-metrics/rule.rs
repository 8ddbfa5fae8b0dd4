//! Rules by name.

use anyhow::{Result, anyhow};
use orchq_metrics::{__unstable::nearest_rule, Rule};

/// The rule of this name. The error suggests another name.
pub(crate) fn find(id: &str) -> Result<&'static Rule> {
    Rule::find(id).ok_or_else(|| {
        let meant = nearest_rule(id).map(|rule| format!("; did you mean `{}`?", rule.id)).unwrap_or_default();
        anyhow!("there is no rule `{id}`{meant} (`orchq-metrics explain` lists them)")
    })
}
