//! How a run ended.

/// How a run ended, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Clean = 0,
    Findings = 1,
    CouldNotRun = 2,
    NothingExamined = 3,
}
