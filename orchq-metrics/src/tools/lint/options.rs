//! How a scrape is checked.

/// How a scrape is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LintOptions {
    /// The prefixes of names in the contract's namespace. Without any, these are the first words of the contracted
    /// names: `tasks_`, `queue_`.
    pub prefixes: Vec<String>,
    /// Labels that the process adds to every series, such as those of [`text::Encoder`](crate::text::Encoder).
    pub constant_labels: Vec<String>,
}
