//! One exported file.

use crate::contract::owned::OwnedContract;

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct File {
    /// Its name, without a directory.
    pub name: String,
    /// All that is in it.
    pub text: String,
}

impl File {
    pub(super) fn new(name: impl Into<String>, text: String) -> Self {
        Self { name: name.into(), text }
    }
}

/// The first line of every exported file, if its format has comments.
pub(super) fn generated(contract: &OwnedContract) -> String {
    let OwnedContract { name, version, .. } = contract;
    format!("Exported by orchq-metrics from the contract {name} {version} (fingerprint {}).", contract.fingerprint())
}
