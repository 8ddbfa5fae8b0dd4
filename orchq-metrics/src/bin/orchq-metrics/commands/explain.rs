//! `explain`: one rule, or the list of all.

use std::fmt::Write as _;

use anyhow::Result;
use orchq_metrics::Rule;

use crate::args::Explain;
use crate::outcome::Outcome;
use crate::{output, rule};

pub(crate) fn run(args: &Explain) -> Result<Outcome> {
    output::print(&match &args.rule {
        None => list(),
        Some(id) => explanation(rule::find(id)?),
    })?;
    Ok(Outcome::Clean)
}

fn explanation(rule: &Rule) -> String {
    let Rule { id, severity, description, example, help, .. } = rule;
    format!("{id} ({severity})\n\n{description}\n\nexample: {example}\n\nhelp: {help}\n")
}

fn list() -> String {
    let width = Rule::all().map(|(_, rule)| rule.id.len()).max().unwrap_or_default();
    let mut out = String::new();
    let mut last = "";
    for (command, rule) in Rule::all() {
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
