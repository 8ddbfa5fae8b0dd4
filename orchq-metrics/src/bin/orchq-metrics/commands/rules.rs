//! `rules`: alerts, recording rules and dashboards.

use std::path::PathBuf;

use anyhow::{Result, bail};
use orchq_metrics::Severity;
use orchq_metrics::rules::{self, RulesOptions, Source};

use crate::args::{Queries, Rules};
use crate::config::Config;
use crate::outcome::Outcome;
use crate::{contract, input, output};

pub(crate) fn run(args: &Rules, config: &Config) -> Result<Outcome> {
    let contract = contract::chosen(&args.which, config)?;
    let files = read(&args.files)?;
    let options = options(config, &args.queries).unused(args.unused);
    let report = rules::check(&contract, &sources(&files), &options);
    if contract::named(&args.which, config)?.is_none() && report.examined > 0 && report.worst().is_none() {
        let unused = rules::check(&contract, &sources(&files), &options.unused(true));
        if unused.count_of(Severity::Warning) >= contract.metrics.len() {
            let (name, version) = (&contract.name, &contract.version);
            bail!("none of the {} queries uses a metric of {name} {version}; {}", report.examined, contract::NAME_IT);
        }
    }
    output::report(report, ["rules", "queries"], config, &args.findings, None::<()>)
}

/// The files that consume metrics, with their names.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<(String, String)>> {
    let named = paths.iter().map(|path| path.display().to_string());
    named.map(|name| input::text(&name).map(|text| (name, text))).collect()
}

pub(crate) fn sources(files: &[(String, String)]) -> Vec<Source<'_>> {
    files.iter().map(|(name, text)| Source::new(name, text)).collect()
}

/// How queries are read, as the configuration and the command line say.
pub(crate) fn options(config: &Config, queries: &Queries) -> RulesOptions {
    let labels = config.added_labels().chain(&queries.target_label);
    let mut options = labels.fold(RulesOptions::default(), RulesOptions::target_label);
    options.prefixes = [queries.prefixes.namespace.as_slice(), &config.namespace].concat();
    options
}
