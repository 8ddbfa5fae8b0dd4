//! Whether the new contract's version is high enough for the changes.

use std::fmt;

use semver::{Prerelease, Version};

use super::catalog;
use super::change_kind::ChangeKind;
use crate::report::finding::{Finding, Rule};

/// Which part of a version must be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum VersionBump {
    /// None: nothing changed.
    None,
    /// What follows the three numbers of a pre-release, which may break anything.
    Prerelease,
    /// The third number.
    Patch,
    /// The second number.
    Minor,
    /// The first number.
    Major,
}

impl fmt::Display for VersionBump {
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

impl VersionBump {
    /// What a change of this kind demands after a version; if that is not valid, as after `1.0.0`.
    ///
    /// As in Cargo, a breaking change raises the first number that is not zero.
    fn demanded(kind: Option<ChangeKind>, before: Option<&Version>) -> Self {
        let zeros = match before {
            Some(Version { major: 0, minor: 0, .. }) => 2,
            Some(Version { major: 0, .. }) => 1,
            _ => 0,
        };
        match (kind, zeros) {
            (None, _) => Self::None,
            _ if before.is_some_and(|before| !before.pre.is_empty()) => Self::Prerelease,
            (Some(ChangeKind::Breaking), 0) => Self::Major,
            (Some(ChangeKind::Breaking), 1) | (Some(ChangeKind::Compatible), 0) => Self::Minor,
            (Some(_), _) => Self::Patch,
        }
    }

    /// The lowest version with this part raised; of pre-releases, the next one.
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

/// The pre-release after another: `rc.2` after `rc.1`; `None` if no number can be raised.
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

/// Which version the changes demand, and whether the new one is high enough.
#[derive(Debug)]
pub(super) struct VersionCheck {
    pub(super) bump: VersionBump,
    pub(super) demanded: Option<Version>,
    pub(super) is_high_enough: bool,
    pub(super) finding: Option<Finding>,
}

impl VersionCheck {
    /// Checks two versions of the contract by the gravest change between them, other than that of the version.
    pub(super) fn new(contract: &str, before: &str, after: &str, gravest: Option<ChangeKind>) -> Self {
        let readable = Version::parse(before).ok();
        let bump = VersionBump::demanded(gravest, readable.as_ref());
        let demanded = readable.as_ref().map(|before| bump.after(before));
        let mut check = Self { bump, demanded, is_high_enough: false, finding: None };
        if gravest.is_none() && before == after {
            return check;
        }
        match check.verdict(before, after, gravest) {
            Ok(()) => check.is_high_enough = true,
            Err((rule, message)) => check.finding = Some(rule.finding(contract, message)),
        }
        check
    }

    fn verdict(&self, before: &str, after: &str, gravest: Option<ChangeKind>) -> Result<(), (&'static Rule, String)> {
        let unreadable =
            |text, error| (&catalog::VERSION_UNREADABLE, format!("the version {text:?} is not valid: {error}"));
        let read = |text| Version::parse(text).map_err(|error| unreadable(text, error));
        let (old, new) = (read(before)?, read(after)?);
        if new.cmp_precedence(&old).is_lt() {
            return Err((&catalog::VERSION_LOWERED, format!("the version goes from {old} back to {new}")));
        }
        let Some(demanded) = self.demanded.as_ref().filter(|_| self.bump != VersionBump::None) else { return Ok(()) };
        // A pre-release of the demanded version is high enough too.
        let release = Version { pre: Prerelease::EMPTY, ..new.clone() };
        if new.cmp_precedence(&old).is_gt() && release.cmp_precedence(demanded).is_ge() {
            return Ok(());
        }
        if gravest == Some(ChangeKind::Documentation) {
            return Err((&catalog::VERSION_NOT_RAISED, format!("its texts changed, and the version is still {new}")));
        }
        let demanded = if old.pre.is_empty() { demanded.to_string() } else { format!("one after {old}") };
        Err((&catalog::VERSION_TOO_LOW, format!("the changes demand {demanded}, and the new contract has {new}")))
    }
}
