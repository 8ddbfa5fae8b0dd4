//! A contract as a JSON file: written, read back, and held to the rules that `#[contract]` holds code to.

mod document;
mod read;
#[cfg(test)]
mod tests;
mod units;
mod validate;
mod write;

use std::fmt;

use crate::contract::owned::OwnedContract;

/// The format that is written, and the only one that is read.
const FORMAT: u32 = 1;

/// How many mistakes an error keeps: a file in which everything is wrong says no more with the hundredth.
const KEPT: usize = 50;

impl OwnedContract {
    /// The contract as a JSON file, to be kept beside the code, compared and handed to whoever
    /// consumes the metrics. [`export::json_schema`](crate::export::json_schema) describes the format.
    ///
    /// ```
    /// use orchq_metrics::{OwnedContract, v1::CONTRACT};
    ///
    /// let contract = OwnedContract::from(&CONTRACT);
    /// assert_eq!(OwnedContract::from_json(&contract.to_json()), Ok(contract));
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        write::contract(self).to_json()
    }

    /// A contract from the text of such a file.
    ///
    /// Fields that the format does not have are refused, and so is what
    /// [`#[contract]`](macro@crate::contract) would refuse. A file that states a fingerprint has to
    /// state the one that its contract has: one that was edited by hand leaves it out, or is exported again.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, no contract, or a contract that breaks the rules: every mistake with its place.
    ///
    /// ```
    /// use orchq_metrics::OwnedContract;
    ///
    /// let text = r#"{ "format": 1, "name": "shop", "version": "1.0.0", "metrics": [
    ///     { "name": "orders", "kind": "counter", "unit": "1", "help": "Number of orders." }
    /// ] }"#;
    /// let error = OwnedContract::from_json(text).unwrap_err();
    /// assert_eq!((error.mistakes()[0].line, error.mistakes()[0].column), (2, 15));
    /// assert!(error.to_string().contains("a counter's name ends in `_total`; call it `orders_total`"));
    /// ```
    pub fn from_json(text: &str) -> Result<Self, ContractFileError> {
        read::contract(text)
    }
}

/// Why a text is not the file of a contract: everything that is wrong with it, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractFileError {
    mistakes: Vec<ContractFileMistake>,
    omitted: usize,
}

/// One thing that is wrong with the file of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractFileMistake {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

impl ContractFileError {
    /// What is wrong, in the order of the text; of very many mistakes, the first.
    #[must_use]
    pub fn mistakes(&self) -> &[ContractFileMistake] {
        &self.mistakes
    }
}

impl fmt::Display for ContractFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not the file of a contract")?;
        for ContractFileMistake { line, column, message } in &self.mistakes {
            write!(f, "\n  line {line}, column {column}: {message}")?;
        }
        match self.omitted {
            0 => Ok(()),
            omitted => write!(f, "\n  and {omitted} more"),
        }
    }
}

impl std::error::Error for ContractFileError {}
