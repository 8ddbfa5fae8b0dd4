//! What the changes ask of the new contract's version.

use std::fmt;

use semver::{Prerelease, Version};

use super::{Class, catalog};
use crate::report::finding::{Finding, Rule};

/// Which part of a version must be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Bump {
    /// None: nothing changed.
    None,
    /// What follows the three numbers of a pre-release, which makes no promise that it would have to keep.
    Prerelease,
    /// The third number.
    Patch,
    /// The second number.
    Minor,
    /// The first number.
    Major,
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::Prerelease => "prerelease",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

impl Bump {
    /// What a change of this class demands after a version; of one that cannot be read, what it would after `1.0.0`.
    ///
    /// As Cargo reads it, the first number that is not zero is the one that breaks.
    fn demanded(class: Option<Class>, before: Option<&Version>) -> Self {
        let zeros = match before {
            Some(Version { major: 0, minor: 0, .. }) => 2,
            Some(Version { major: 0, .. }) => 1,
            _ => 0,
        };
        match (class, zeros) {
            (None, _) => Self::None,
            _ if before.is_some_and(|before| !before.pre.is_empty()) => Self::Prerelease,
            (Some(Class::Breaking), 0) => Self::Major,
            (Some(Class::Breaking), 1) | (Some(Class::Compatible), 0) => Self::Minor,
            (Some(_), _) => Self::Patch,
        }
    }

    /// The lowest version that has it; of pre-releases, the next one.
    fn after(self, before: &Version) -> Version {
        let Version { major, minor, patch, .. } = *before;
        match self {
            Self::None => before.clone(),
            Self::Prerelease => Version { pre: next(&before.pre), ..Version::new(major, minor, patch) },
            Self::Patch => Version::new(major, minor, patch.saturating_add(1)),
            Self::Minor => Version::new(major, minor.saturating_add(1), 0),
            Self::Major => Version::new(major.saturating_add(1), 0, 0),
        }
    }
}

/// The pre-release after another: `rc.2` after `rc.1`, and none at all where no number can be raised.
fn next(pre: &Prerelease) -> Prerelease {
    let (kind, number) = pre.rsplit_once('.').unwrap_or(("", pre));
    let raised = match number.parse::<u64>().ok().map(|number| number.checked_add(1)) {
        Some(Some(number)) if kind.is_empty() => number.to_string(),
        Some(Some(number)) => format!("{kind}.{number}"),
        Some(None) => String::new(),
        None => format!("{pre}.1"),
    };
    Prerelease::new(&raised).unwrap_or(Prerelease::EMPTY)
}

/// What the changes demand of the version, and whether it is given.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) bump: Bump,
    pub(super) demanded: Option<Version>,
    /// Whether the new version says that there are such changes.
    pub(super) announced: bool,
    pub(super) finding: Option<Finding>,
}

impl Judgement {
    /// Judges two versions of the contract by the gravest change between them, apart from that of the version.
    pub(super) fn new(contract: &str, before: &str, after: &str, gravest: Option<Class>) -> Self {
        let readable = Version::parse(before).ok();
        let bump = Bump::demanded(gravest, readable.as_ref());
        let demanded = readable.as_ref().map(|before| bump.after(before));
        let mut judgement = Self { bump, demanded, announced: false, finding: None };
        if gravest.is_none() && before == after {
            return judgement;
        }
        match judgement.verdict(before, after, gravest) {
            Ok(()) => judgement.announced = true,
            Err((rule, message)) => judgement.finding = Some(rule.finding(contract, message)),
        }
        judgement
    }

    fn verdict(&self, before: &str, after: &str, gravest: Option<Class>) -> Result<(), (&'static Rule, String)> {
        let read = |text: &str| {
            let unreadable =
                |error| (&catalog::VERSION_UNREADABLE, format!("the version {text:?} cannot be read: {error}"));
            Version::parse(text).map_err(unreadable)
        };
        let (old, new) = (read(before)?, read(after)?);
        if new.cmp_precedence(&old).is_lt() {
            return Err((&catalog::VERSION_LOWERED, format!("the version goes from {old} back to {new}")));
        }
        let Some(demanded) = self.demanded.as_ref().filter(|_| self.bump != Bump::None) else { return Ok(()) };
        // A version that is about to become the demanded one announces it too.
        let announced = Version { pre: Prerelease::EMPTY, ..new.clone() };
        if new.cmp_precedence(&old).is_gt() && announced.cmp_precedence(demanded).is_ge() {
            return Ok(());
        }
        if gravest == Some(Class::Documentation) {
            return Err((&catalog::VERSION_NOT_RAISED, format!("its texts changed, and the version still is {new}")));
        }
        let demanded = if old.pre.is_empty() { demanded.to_string() } else { format!("one after {old}") };
        Err((&catalog::VERSION_TOO_LOW, format!("the changes demand {demanded}, and the new contract says {new}")))
    }
}
