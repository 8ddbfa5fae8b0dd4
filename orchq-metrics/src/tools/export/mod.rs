//! A contract as files for others: people, consumers, Prometheus, Grafana, OpenTelemetry.
//!
//! ```
//! use orchq_metrics::OwnedContract;
//! use orchq_metrics::export::{Format, files};
//!
//! let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
//! let rules = files(&contract, Format::Rules);
//! assert_eq!(rules[0].name, "orchqueue-rules.yml");
//! assert!(rules[0].text.contains("alert: OrchqueueContractSkew"));
//! ```

mod dashboard;
mod file;
mod queries;
mod rules;
mod weaver;
mod yaml;

use std::fmt;
use std::str::FromStr;

pub use file::File;

use crate::contract::owned::OwnedContract;
use crate::declare::argument::ArgumentError;
use crate::tools::contract_file::to_json;

/// The formats of an exported contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// The contract as a file: [`OwnedContract::to_json`].
    Json,
    /// The document, as [`Contract::to_markdown`](crate::Contract::to_markdown) gives it.
    Markdown,
    /// A registry for OpenTelemetry Weaver: its manifest and one file of definitions.
    Weaver,
    /// Recording and alert rules for Prometheus, and the unit tests of both for `promtool test rules`.
    Rules,
    /// A dashboard for Grafana.
    Dashboard,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Json, Self::Markdown, Self::Weaver, Self::Rules, Self::Dashboard];

    /// The format as a command line spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Weaver => "weaver",
            Self::Rules => "rules",
            Self::Dashboard => "dashboard",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = ArgumentError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let names = || Self::ALL.map(Self::as_str).join(", ");
        let unknown = || ArgumentError::new(format!("`{name}` is not a format; the formats are {}", names()));
        Self::ALL.into_iter().find(|format| format.as_str() == name).ok_or_else(unknown)
    }
}

/// The files that a contract is exported to. Files of one format name each other, and belong
/// into one directory.
#[must_use]
pub fn files(contract: &OwnedContract, format: Format) -> Vec<File> {
    let name = &contract.name;
    match format {
        Format::Json => vec![File::new("contract.lock.json", to_json(contract))],
        Format::Markdown => vec![File::new(format!("{name}-metrics.md"), contract.to_markdown())],
        Format::Weaver => weaver::files(contract),
        Format::Rules => rules::files(contract),
        Format::Dashboard => vec![File::new(format!("{name}-dashboard.json"), dashboard::dashboard(contract))],
    }
}

/// The JSON schema of the file that [`OwnedContract::to_json`] gives.
///
/// ```
/// assert!(orchq_metrics::export::json_schema().contains("\"$id\": \"urn:orchq-metrics:contract-1\""));
/// ```
#[must_use]
pub fn json_schema() -> &'static str {
    include_str!("../../../schema/contract-1.schema.json")
}
