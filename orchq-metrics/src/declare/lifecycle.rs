//! Renamed and deprecated metrics.

use std::borrow::Cow;

/// The name that a metric had before: `renamed_from` of [`contract`](macro@crate::contract). The metric is served under
/// both names until the version that drops the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct OldName<S> {
    /// The old name.
    pub name: S,
    /// The version of the contract that has the new name.
    pub since: S,
    /// The version of the contract that drops the old name.
    pub until: S,
}

/// A metric that its contract asks people not to use: `deprecated(..)` of [`contract`](macro@crate::contract).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Deprecation<S> {
    /// The version of the contract that first says so.
    pub since: S,
    /// What to use instead.
    pub note: S,
}

impl<S> OldName<S> {
    #[doc(hidden)]
    pub const fn new(name: S, since: S, until: S) -> Self {
        Self { name, since, until }
    }
}

impl<S> Deprecation<S> {
    #[doc(hidden)]
    pub const fn new(since: S, note: S) -> Self {
        Self { since, note }
    }
}

impl From<OldName<&str>> for OldName<String> {
    fn from(OldName { name, since, until }: OldName<&str>) -> Self {
        Self::new(name.to_owned(), since.to_owned(), until.to_owned())
    }
}

impl From<Deprecation<&str>> for Deprecation<String> {
    fn from(Deprecation { since, note }: Deprecation<&str>) -> Self {
        Self::new(since.to_owned(), note.to_owned())
    }
}

/// The names that a metric is served under, each with its help text: its own, and the one that it had before.
pub(crate) fn served_names<'a, S: AsRef<str>>(
    name: &'a str,
    help: &'a str,
    renamed_from: Option<&'a OldName<S>>,
    deprecated: Option<&Deprecation<S>>,
) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a, S> {
    let help = deprecated.map_or(Cow::Borrowed(help), |Deprecation { since, note }| {
        let note = note.as_ref().trim_end_matches('.');
        Cow::Owned(format!("Deprecated since {}: {note}. {help}", since.as_ref()))
    });
    let old = renamed_from.map(|old| {
        let (since, until) = (old.since.as_ref(), old.until.as_ref());
        (old.name.as_ref(), Cow::Owned(format!("Renamed to {name} since {since}, dropped in {until}. {help}")))
    });
    std::iter::once((name, help)).chain(old)
}
