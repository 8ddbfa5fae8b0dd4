//! `sites`: built binaries.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use orchq_metrics::sites::{self, Binary, Listing, ReadError};

use crate::args::{Format, Sites};
use crate::config::Config;
use crate::outcome::Outcome;
use crate::{contract, input, output};

/// The binaries. What is not one is skipped with a note, as long as there is one.
fn read(paths: &[PathBuf]) -> Result<Vec<Binary>> {
    let (mut binaries, mut skipped) = (Vec::new(), Vec::new());
    for path in paths {
        let name = path.display().to_string();
        if path.is_dir() {
            skipped.push((name, anyhow!("this is a folder; name the binaries in it")));
            continue;
        }
        match Binary::read(&*name, &input::bytes(path)?) {
            Ok(binary) => binaries.push(binary),
            Err(error @ ReadError::NotABinary(_)) => skipped.push((name, error.into())),
            Err(error) => return Err(error).with_context(|| format!("cannot read {name}")),
        }
    }
    if binaries.is_empty()
        && let Some((name, error)) = skipped.pop()
    {
        return Err(error.context(format!("cannot read {name}")));
    }
    skipped.iter().for_each(|(name, error)| output::note(&format!("{name} is skipped: {error}")));
    Ok(binaries)
}

pub(crate) fn run(args: &Sites, config: &Config) -> Result<Outcome> {
    let binaries = read(&args.binaries)?;
    let contract = match contract::named(&args.which, config)? {
        Some(contract) => Some(contract),
        None => contract::by_name(&args.which, config, &binaries)?,
    };
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
