//! One row of the table of changes, and how rows are declared.

use crate::report::finding::Rule;
use crate::tools::diff::change_kind::ChangeKind;

/// The kind of a change, and the rule that reports it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::tools::diff) struct Row {
    /// What such a change does to consumers.
    pub(in crate::tools::diff) kind: ChangeKind,
    /// The rule that reports such a change.
    pub(in crate::tools::diff) rule: Rule,
}

/// Declares a [`Row`] for each change, and `RULES`, the list of their rules in the order of the table.
macro_rules! changes {
    ($($name:ident: $kind:ident, $id:literal {
        description: $description:literal,
        example: $example:literal,
        help: $help:literal,
    })*) => {
        use $crate::report::finding::Rule;
        use $crate::tools::diff::catalog::row::Row;
        use $crate::tools::diff::change_kind::ChangeKind;

        #[cfg(test)]
        pub(super) static ROWS: &[&Row] = &[$(&$name),*];
        pub(crate) static RULES: &[&Rule] = &[$(&$name.rule),*];
        $(pub(in crate::tools::diff) static $name: Row = Row {
            kind: ChangeKind::$kind,
            rule: Rule {
                id: $id,
                severity: ChangeKind::$kind.severity(),
                description: $description,
                example: $example,
                help: $help,
            },
        };)*
    };
}
pub(super) use changes;
