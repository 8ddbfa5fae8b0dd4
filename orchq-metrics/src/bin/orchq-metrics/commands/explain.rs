//! `explain`: what a rule means.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use orchq_metrics::{Rule, every_rule, rule};

use crate::args::Explain;
use crate::{Outcome, output};

pub(crate) fn run(args: &Explain) -> Result<Outcome> {
    match &args.rule {
        None => output::print(&list())?,
        Some(id) => match rule(id) {
            Some(rule) => output::print(&explanation(rule))?,
            None => bail!("{}", unknown(id)),
        },
    }
    Ok(Outcome::Clean)
}

/// That there is no such rule, and which one may have been meant.
pub(crate) fn unknown(id: &str) -> String {
    let meant = orchq_metrics::nearest_rule(id).map(|rule| format!("; did you mean `{}`?", rule.id));
    format!("there is no rule `{id}`{} (`orchq-metrics explain` lists them)", meant.unwrap_or_default())
}

fn explanation(rule: &Rule) -> String {
    let Rule { id, severity, description, example, help, .. } = rule;
    format!("{id} ({severity})\n\n{description}\n\nexample: {example}\n\nhelp: {help}\n")
}

fn list() -> String {
    let width = every_rule().map(|(_, rule)| rule.id.len()).max().unwrap_or_default();
    let mut out = String::new();
    let mut last = "";
    for (command, rule) in every_rule() {
        if command != last {
            let blank = if last.is_empty() { "" } else { "\n" };
            writeln!(out, "{blank}{command}").expect("writing to a string does not fail");
            last = command;
        }
        let sentence = rule.description.split_inclusive(". ").next().unwrap_or_default().trim_end();
        let (id, severity) = (rule.id, rule.severity);
        writeln!(out, "  {id:width$}  {severity:7}  {sentence}").expect("writing to a string does not fail");
    }
    out
}
