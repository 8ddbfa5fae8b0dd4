//! A site's record, read: by this process, which has it in memory, and by `tools::binary`, which reads a file.

use crate::emit::fields::{Fields, number};

/// The beginning of every record; the format's version and the kind of the record follow.
pub(crate) const HEAD: &[u8] = b"\norchq-metrics ";
pub(crate) const VERSION: &str = "1";

/// A site as its record says it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SiteRecord<'a> {
    pub(crate) origin: Origin<'a>,
    pub(crate) entries: Vec<EntryRecord<'a>>,
}

/// The location of a site, from the built-in macros.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Origin<'a> {
    /// `CARGO_PKG_NAME`.
    pub(crate) krate: &'a str,
    /// `CARGO_PKG_VERSION`.
    pub(crate) version: &'a str,
    /// `module_path!()`.
    pub(crate) module: &'a str,
    /// The function's name.
    pub(crate) function: &'a str,
    /// `file!()`.
    pub(crate) file: &'a str,
    /// Whether the function is marked `#[test]`, or Cargo is building an integration test or a benchmark: it sets
    /// `CARGO_TARGET_TMPDIR` for these alone, see
    /// <https://doc.rust-lang.org/cargo/reference/environment-variables.html>.
    pub(crate) in_test: bool,
}

impl Origin<'_> {
    /// The function as `crate::module::function`.
    pub(crate) fn path(&self) -> String {
        [self.module, "::", self.function].concat()
    }

    /// Whether the function with this path is of this crate, which records only where another crate asks for it.
    pub(crate) fn is_of_this_crate(path: &str) -> bool {
        path.starts_with("orchq_metrics::process::")
    }

    /// Whether the function is test code: in an integration test or a benchmark, marked
    /// `#[test]`, or in a module named `test` or `tests`. Such a site is listed and never counted.
    ///
    /// A `#[test]` above `#[emits]` has disappeared when the annotation is read, and a `cfg(test)` item in
    /// another module looks like the code that it tests.
    pub(crate) fn is_test(&self) -> bool {
        // The first segment is the crate, whose name says nothing.
        self.in_test || self.module.split("::").skip(1).any(|module| matches!(module, "test" | "tests"))
    }
}

/// One metric of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EntryRecord<'a> {
    /// Empty for an emission that was configured out.
    pub(crate) lines: Vec<u32>,
    pub(crate) extern_labels: Option<Vec<&'a str>>,
    /// The metric's id, without its NUL.
    pub(crate) metric: &'a str,
}

impl<'a> SiteRecord<'a> {
    /// Reads a record's fields behind its head.
    pub(crate) fn read(fields: &mut Fields<'a>) -> Option<Self> {
        let [krate, version] = [fields.text()?, fields.text()?];
        let [module, function, file] = [fields.text()?, fields.text()?, fields.text()?];
        let in_test = fields.text()?.parse().ok()?;
        let mut entries = fields.list(entry)?;
        for entry in &mut entries {
            entry.metric = id(fields)?;
        }
        Some(Self { origin: Origin { krate, version, module, function, file, in_test }, entries })
    }

    /// Whether it is the record of this crate itself: see `site`.
    pub(crate) fn is_canary(&self) -> bool {
        let Origin { krate, function, .. } = self.origin;
        self.entries.is_empty() && function.is_empty() && krate == env!("CARGO_PKG_NAME")
    }
}

/// The id of a metric.
pub(crate) fn id<'a>(fields: &mut Fields<'a>) -> Option<&'a str> {
    fields.text().filter(|id| id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn entry<'a>(fields: &mut Fields<'a>) -> Option<EntryRecord<'a>> {
    let (lines, extern_labels) = match fields.text()? {
        "own" => {
            let words = fields.text()?.split_ascii_whitespace();
            let lines: Option<Vec<_>> = words.map(line).collect();
            (lines?.into_iter().flatten().collect(), None)
        }
        "extern" => (vec![fields.small_number()?], Some(fields.list(Fields::text)?)),
        _ => return None,
    };
    Some(EntryRecord { lines, extern_labels, metric: "" })
}

/// The number of a line, which the values of the `cfg`s around it follow; `Some(None)` if one of those is false.
fn line(word: &str) -> Option<Option<u32>> {
    let (line, cfgs) = word.split_at(word.find(|char: char| !char.is_ascii_digit()).unwrap_or(word.len()));
    let line = number(line).and_then(|line| u32::try_from(line).ok())?;
    Some((!cfgs.contains("false")).then_some(line))
}
