//! The contract to check against.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use orchq_metrics::sites::Binary;
use orchq_metrics::{OwnedContract, v1};

use crate::args::Which;
use crate::config::Config;
use crate::input;

/// What to do where OrchQueue's contract is not the one that was meant.
pub(crate) const NAME_IT: &str =
    "name the contract to check against with --contract FILE, or as `contract` in orchq-metrics.toml";

/// The contract that was named, or OrchQueue's own.
pub(crate) fn chosen(which: &Which, config: &Config) -> Result<OwnedContract> {
    Ok(named(which, config)?.unwrap_or_else(|| OwnedContract::from(&v1::CONTRACT)))
}

/// The contract that was named on the command line or in the configuration.
pub(crate) fn named(which: &Which, config: &Config) -> Result<Option<OwnedContract>> {
    let path = which.contract.as_deref().or(config.contract.as_deref());
    path.map(|path| load(path, name(which, config))).transpose()
}

/// The contract of these binaries that has the name that was given.
pub(crate) fn by_name(which: &Which, config: &Config, binaries: &[Binary]) -> Result<Option<OwnedContract>> {
    let Some(name) = name(which, config) else { return Ok(None) };
    find(binaries.iter().flat_map(Binary::contracts), name, "no binary has a").map(Some)
}

/// The contract of this name; `none` begins the error that there is none.
fn find<'a>(held: impl Iterator<Item = &'a OwnedContract> + Clone, name: &str, none: &str) -> Result<OwnedContract> {
    let found = held.clone().find(|contract| contract.name == name).cloned();
    found.with_context(|| format!("{none} contract `{name}`{}", names(held)))
}

fn name<'a>(which: &'a Which, config: &'a Config) -> Option<&'a str> {
    which.name.contract_name.as_deref().or(config.contract_name.as_deref())
}

/// A contract from a JSON file, or from a binary, which can hold several.
pub(crate) fn load(path: &Path, name: Option<&str>) -> Result<OwnedContract> {
    let bytes = input::bytes(path)?;
    let shown = path.display();
    if bytes.trim_ascii_start().starts_with(b"{") {
        let text = std::str::from_utf8(&bytes).with_context(|| format!("cannot read {shown}"))?;
        return OwnedContract::from_json(text).with_context(|| format!("cannot use {shown}"));
    }
    let binary = Binary::read("", &bytes).with_context(|| format!("cannot read a contract from {shown}"))?;
    from_binary(&binary, name).with_context(|| format!("cannot read a contract from {shown}"))
}

fn from_binary(binary: &Binary, name: Option<&str>) -> Result<OwnedContract> {
    if let Some(name) = name {
        return find(binary.contracts().iter(), name, "it has no");
    }
    let own: Vec<_> = binary.own_contracts().collect();
    match own.as_slice() {
        [contract] => Ok((*contract).clone()),
        [] => bail!("it has no contract of its own{}", names(binary.contracts())),
        several => bail!("it has {} contracts{}; choose one with --contract-name", several.len(), names(own)),
    }
}

fn names<'a>(contracts: impl IntoIterator<Item = &'a OwnedContract>) -> String {
    let names: Vec<_> = contracts.into_iter().map(|contract| format!("`{}`", contract.name)).collect();
    if names.is_empty() { String::new() } else { format!(", but {}", names.join(", ")) }
}
