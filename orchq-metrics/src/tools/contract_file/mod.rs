//! A contract as a JSON file: written, read back, and checked by the rules of `#[contract]`.

mod read;
#[cfg(test)]
mod tests;
mod validate;
mod write;

use std::fmt;

use crate::contract::owned::OwnedContract;
use crate::tools::tree::json;

/// The format that is written, and the only one that is read.
const FORMAT: u32 = 1;

/// The number of diagnostics that an error keeps.
const MAX_DIAGNOSTICS: usize = 50;

impl OwnedContract {
    /// The contract as a JSON file: to keep beside the code, to compare, and to give to consumers of the
    /// metrics. [`export::json_schema`](crate::export::json_schema) describes the format.
    ///
    /// ```
    /// use orchq_metrics::{OwnedContract, v1::CONTRACT};
    ///
    /// let contract = OwnedContract::from(&CONTRACT);
    /// assert_eq!(OwnedContract::from_json(&contract.to_json()), Ok(contract));
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(&write::contract(self))
    }

    /// Reads a contract from the text of such a file.
    ///
    /// Unknown fields are errors, and so is everything that [`#[contract]`](macro@crate::contract) rejects.
    /// If the file has a fingerprint, it must be that of its contract: leave it out of a file that is edited by hand.
    ///
    /// # Errors
    ///
    /// If the text is not JSON, not a contract, or breaks the rules of contracts; each diagnostic has its position.
    ///
    /// ```
    /// use orchq_metrics::OwnedContract;
    ///
    /// let text = r#"{ "format": 1, "name": "shop", "version": "1.0.0", "metrics": [
    ///     { "name": "orders", "kind": "counter", "unit": "1", "help": "Number of orders." }
    /// ] }"#;
    /// let error = OwnedContract::from_json(text).unwrap_err();
    /// assert_eq!((error.diagnostics()[0].line, error.diagnostics()[0].column), (2, 15));
    /// assert!(error.to_string().contains("a counter's name ends in `_total`; call it `orders_total`"));
    /// ```
    pub fn from_json(text: &str) -> Result<Self, ContractFileError> {
        read::contract(text)
    }
}

/// Why a text is not a contract file: every diagnostic, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractFileError {
    diagnostics: Vec<ContractFileDiagnostic>,
    omitted: usize,
}

/// One error in a contract file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractFileDiagnostic {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

impl ContractFileError {
    /// The diagnostics in the order of the text: the first 50.
    #[must_use]
    pub fn diagnostics(&self) -> &[ContractFileDiagnostic] {
        &self.diagnostics
    }
}

impl fmt::Display for ContractFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not a contract file")?;
        for ContractFileDiagnostic { line, column, message } in &self.diagnostics {
            write!(f, "\n  line {line}, column {column}: {message}")?;
        }
        match self.omitted {
            0 => Ok(()),
            omitted => write!(f, "\n  and {omitted} more"),
        }
    }
}

impl std::error::Error for ContractFileError {}
