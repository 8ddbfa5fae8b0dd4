//! `diff`: two versions of a contract.

use anyhow::Result;
use orchq_metrics::diff;
use serde::Serialize;

use super::rules;
use crate::args::{Diff, Format};
use crate::config::Config;
use crate::outcome::Outcome;
use crate::{contract, output};

pub(crate) fn run(args: &Diff, config: &Config) -> Result<Outcome> {
    let name = args.name.contract_name.as_deref().or(config.contract_name.as_deref());
    let (old, new) = (contract::load(&args.old, name)?, contract::load(&args.new, name)?);
    let diff = diff::compare(&old, &new);
    let files = rules::read(&args.consumers)?;
    let options = rules::options(config, &args.queries);
    let report = diff.report_with(diff::consumers(&old, &new, &rules::sources(&files), &options));
    let details = Details { compatibility_rules: diff.compatibility_rules(), diff: &diff };
    if args.findings.format == Format::Human {
        output::print(&format!("{diff}\n"))?;
        if let Some(rules) = &details.compatibility_rules {
            output::print(&format!("recording rules that keep the old names alive:\n\n{rules}\n"))?;
        }
    }
    output::report(report, ["diff", "metrics"], config, &args.findings, Some(details))
}

/// Data for programs, besides the findings.
#[derive(Serialize)]
struct Details<'a> {
    diff: &'a diff::Diff,
    compatibility_rules: Option<String>,
}
