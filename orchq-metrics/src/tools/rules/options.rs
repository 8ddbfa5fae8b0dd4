//! What is checked, and how.

/// A file with rules or a dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source<'a> {
    /// What it is called in findings: its path.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

impl<'a> Source<'a> {
    /// A file of this name and text.
    #[must_use]
    pub const fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text }
    }
}

/// How files are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RulesOptions {
    /// The labels that a scrape, relabelling or federation adds to every series. By default `job` and `instance`, which
    /// every scrape adds.
    pub target_labels: Vec<String>,
    /// The prefixes of the names in the contract's namespace. Without any, these are the first words of the contracted
    /// names: `tasks_`, `queue_`.
    pub prefixes: Vec<String>,
    /// Whether a metric that no query uses is a finding.
    pub unused: bool,
}

impl Default for RulesOptions {
    fn default() -> Self {
        Self { target_labels: vec!["job".to_owned(), "instance".to_owned()], prefixes: Vec::new(), unused: false }
    }
}

impl RulesOptions {
    /// These options, and one more label that is added to every series on the way.
    #[must_use]
    pub fn target_label(mut self, label: impl Into<String>) -> Self {
        self.target_labels.push(label.into());
        self
    }

    /// These options, and whether a metric that no query uses is a finding.
    #[must_use]
    pub fn unused(mut self, unused: bool) -> Self {
        self.unused = unused;
        self
    }
}
