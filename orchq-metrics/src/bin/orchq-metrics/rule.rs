//! Rules by name.

use anyhow::{Result, anyhow};
use orchq_metrics::{__unstable::did_you_mean, Rule};

/// The rule of this name. The error suggests another name.
pub(crate) fn find(id: &str) -> Result<&'static Rule> {
    Rule::find(id).ok_or_else(|| {
        let meant = did_you_mean(id, Rule::all().map(|(_, rule)| rule.id));
        anyhow!("there is no rule `{id}`{meant} (`orchq-metrics explain` lists them)")
    })
}
