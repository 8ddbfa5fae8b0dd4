//! Why a file could not be read.

use std::fmt;

/// Why a file could not be read as a binary.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not a supported binary: what it is, and what to do.
    NotABinary(&'static str),
    /// It begins as a binary and is truncated or damaged.
    Malformed(String),
    /// The section of records is compressed, which no linker does.
    Compressed,
    /// The records have the format of another version of this crate.
    Version(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotABinary(what) => f.write_str(what),
            Self::Malformed(reason) => {
                write!(f, "this binary is truncated or damaged: {reason}; build or download it again")
            }
            Self::Compressed => {
                f.write_str("the section of records is compressed; decompress it with `objcopy --decompress-sections`")
            }
            Self::Version(found) => write!(
                f,
                "the records are of format {found:?}, and this program reads format 1; use the `orchq-metrics` that the \
                 binary was built with"
            ),
        }
    }
}

impl std::error::Error for ReadError {}
