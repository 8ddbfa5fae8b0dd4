//! `sites`: built binaries.

use anyhow::{Context as _, Result};
use orchq_metrics::sites::{self, Binary, Listing};

use crate::args::{Format, Sites};
use crate::config::Config;
use crate::outcome::Outcome;
use crate::{contract, input, output};

pub(crate) fn run(args: &Sites, config: &Config) -> Result<Outcome> {
    let contract = contract::named(&args.which, config)?;
    let mut binaries = Vec::new();
    for path in &args.binaries {
        let name = path.display().to_string();
        let read = Binary::read(&*name, &input::bytes(path)?);
        binaries.push(read.with_context(|| format!("cannot read {name}"))?);
    }
    let report = sites::check(contract.as_ref(), &binaries);
    let listings: Option<Vec<_>> = args.list.then(|| {
        let contracts = contract.map_or_else(|| sites::contracts(&binaries), |contract| vec![contract]);
        contracts.iter().map(|contract| Listing::new(contract, &binaries)).collect()
    });
    if args.findings.format != Format::Json {
        listings.iter().flatten().try_for_each(|listing| output::print(&format!("{listing}\n")))?;
    }
    output::report(report, ["sites", "records"], config, &args.findings, listings)
}
