//! `document`: a contract's document.

use anyhow::{Result, bail};
use orchq_metrics::document;

use crate::args::Document;
use crate::config::Config;
use crate::outcome::Outcome;
use crate::{contract, input, output};

pub(crate) fn run(args: &Document, config: &Config) -> Result<Outcome> {
    let contract = contract::chosen(&args.which, config)?;
    let text = input::text(&args.document)?;
    let report = document::check(&contract, &args.document, &text);
    if contract::named(&args.which, config)?.is_none() {
        let missing = report.findings.iter().filter(|finding| finding.rule == "document-metric-missing").count();
        if missing == contract.metrics.len() {
            let (name, version) = (&contract.name, &contract.version);
            bail!("none of the {} metrics is one of {name} {version}; {}", report.examined, contract::NAME_IT);
        }
    }
    output::report(report, ["document", "metrics"], config, &args.findings, None::<()>)
}
