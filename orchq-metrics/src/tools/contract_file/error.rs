//! What is wrong in a contract file.

use std::fmt;

/// Why a text is not a contract file: every diagnostic, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractFileError {
    pub(super) diagnostics: Vec<ContractFileDiagnostic>,
    pub(super) omitted: usize,
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
