//! A binary that was read.

use crate::contract::owned::OwnedContract;
use crate::tools::binary::{self, ReadError, Records};

/// The records of a binary, under the name that findings use for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    name: String,
    pub(super) records: Records,
}

/// The records under the name of their binary; the tests and the fuzzing of this crate make records by hand.
#[must_use]
pub fn from_records(name: impl Into<String>, records: Records) -> Binary {
    let name = name.into();
    Binary { records: records.of_binary(&name), name }
}

impl Binary {
    /// Reads the records of a binary: the bytes of an executable, a library, an object file or an archive, in ELF,
    /// Mach-O or PE. It can be stripped, and made for another machine.
    ///
    /// A binary without records is not an error: [`check`](super::check) reports it. The crate that declares a metric
    /// holds its record. So in a single object file or `.rlib`, a site counts as damaged when another crate declares
    /// its metric.
    ///
    /// # Errors
    ///
    /// When the bytes are not such a file, when the file is damaged, or when its records have a format that this
    /// version does not know.
    ///
    /// ```
    /// use orchq_metrics::sites::Binary;
    ///
    /// let program = Binary::read("worker", &std::fs::read(std::env::current_exe()?)?)?;
    /// assert!(program.contracts().iter().any(|contract| contract.name == "orchqueue"));
    ///
    /// let error = Binary::read("start", b"#!/bin/sh\nexec worker\n").unwrap_err();
    /// assert_eq!(error.to_string(), "this is a script, not a binary; name the program that it starts");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(name: impl Into<String>, bytes: &[u8]) -> Result<Self, ReadError> {
        binary::read(bytes).map(|records| from_records(name, records))
    }

    /// Its name: a path, as the user gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The contracts in it. Every binary that links this crate has OrchQueue's: see
    /// [`own_contracts`](Self::own_contracts).
    #[must_use]
    pub fn contracts(&self) -> &[OwnedContract] {
        self.records.contracts()
    }

    /// The contracts that other crates declare, and those with a metric that the binary records. `process` is not among
    /// them, which comes with this crate and its own functions.
    pub fn own_contracts(&self) -> impl Iterator<Item = &OwnedContract> {
        self.records.own_contracts()
    }
}
