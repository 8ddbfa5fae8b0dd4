//! A contract as a JSON file: written, read back, and checked by the rules of `#[contract]`.

mod error;
mod format;
mod read;
#[cfg(test)]
mod tests;
mod validate;
mod write;

pub use error::{ContractFileDiagnostic, ContractFileError};

use crate::contract::owned::OwnedContract;
use crate::tools::tree::json;

pub(crate) fn to_json(contract: &OwnedContract) -> String {
    json::write(&write::contract(contract))
}

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
        to_json(self)
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
