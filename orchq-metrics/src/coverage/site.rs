//! A function that emits a metric, as tables and findings name it.

use std::fmt;

use crate::emit::metric_ref::Emits;
use crate::emit::site::Site;
use crate::emit::site_record::Origin;

/// One function that emits a metric, in this process or in a binary. `Display` is `file:line crate::module::function`:
/// methods of two types can have one path, because a site does not know its type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SiteUse {
    /// The binary that holds it; `None` for this process.
    pub binary: Option<String>,
    /// The function as `crate::module::function`.
    pub function: String,
    /// The package that it is in.
    pub crate_name: String,
    /// That package's version.
    pub crate_version: String,
    /// The source file.
    pub file: String,
    /// The lines that record the metric.
    pub lines: Vec<u32>,
    /// Whether it is test code, which never counts.
    pub test: bool,
    /// Whether another library records the metric there.
    pub by_another_library: bool,
    /// Whether it has recorded a value in this process; `None` for a binary, which is read and not run.
    pub hit: Option<bool>,
}

impl SiteUse {
    pub(crate) fn in_process(site: &Site, emits: &Emits) -> Self {
        Self {
            lines: emits.lines.clone(),
            by_another_library: emits.extern_labels.is_some(),
            hit: Some(emits.is_hit()),
            ..Self::new(&site.origin)
        }
    }

    /// A function, of which it is not known yet what it emits.
    pub(crate) fn new(origin: &Origin<'_>) -> Self {
        Self {
            binary: None,
            function: origin.path(),
            crate_name: origin.krate.to_owned(),
            crate_version: origin.version.to_owned(),
            file: origin.file.to_owned(),
            lines: Vec::new(),
            test: origin.is_test(),
            by_another_library: false,
            hit: None,
        }
    }

    /// Whether it has recorded a value, by itself or through an adopted collector that `has_samples`.
    pub(crate) fn has_recorded(&self, has_samples: bool) -> bool {
        self.hit == Some(true) || (self.by_another_library && has_samples)
    }

    /// The site for a text that does not name its binary otherwise.
    pub(crate) fn in_binary(&self) -> String {
        self.binary.as_ref().map_or_else(|| self.to_string(), |binary| format!("{self} in {binary}"))
    }
}

impl fmt::Display for SiteUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for (i, line) in self.lines.iter().enumerate() {
            write!(f, "{}{line}", if i == 0 { ":" } else { "," })?;
        }
        write!(f, " {}", self.function)?;
        if self.binary.is_some() {
            // Binaries are built apart, and can hold several versions of one crate.
            write!(f, " ({} {})", self.crate_name, self.crate_version)?;
        }
        f.write_str(if self.by_another_library { " (extern)" } else { "" })?;
        f.write_str(if self.test { " (test code, not counted)" } else { "" })
    }
}
