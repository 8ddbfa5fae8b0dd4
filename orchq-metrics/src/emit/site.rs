//! Emission sites: the functions that record metrics.

use linkme::distributed_slice;

use crate::emit::metric_ref::Emits;
#[cfg(test)]
use crate::emit::metric_ref::MetricRef;
use crate::emit::record::Record;
#[cfg(test)]
use crate::store::AnyFamily;

/// Every annotated function of every crate that is linked into this binary.
///
/// The name is long because linkme derives a link section from nothing else.
#[distributed_slice]
pub static ORCHQ_METRICS_EMISSION_SITES: [Site];

/// Registered by this crate itself: if it is missing, the linker has dropped the section, and the absence of
/// other sites proves nothing.
#[distributed_slice(ORCHQ_METRICS_EMISSION_SITES)]
#[orchq_metrics_macros::__foreign]
static CANARY: Site = Site {
    origin: Origin {
        krate: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        module: module_path!(),
        function: "",
        file: file!(),
        in_test: false,
    },
    emissions: &CANARY_RECORD.emits,
};

const CANARY_TEXT: &str = crate::__site_text!(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"), "", false, 0);

crate::__recorded! {
    #[orchq_metrics_macros::__foreign]
    static CANARY_RECORD: Record<{ CANARY_TEXT.len() }, 0> = crate::emit::record::site(CANARY_TEXT, []);
}

/// One function annotated with [`emits`](macro@crate::emits).
pub struct Site {
    /// Where it is.
    pub origin: Origin,
    emissions: &'static [Emits],
}

impl Site {
    /// Called by generated code only.
    pub const fn new(origin: Origin, emissions: &'static [Emits]) -> Self {
        Self { origin, emissions }
    }

    /// The function as `crate::module::function`.
    #[must_use]
    pub fn path(&self) -> String {
        [self.origin.module, "::", self.origin.function].concat()
    }

    /// Whether the function is test code: in an integration test or a benchmark, marked
    /// `#[test]`, or in a module named `test` or `tests`. Such a site is listed and never counted.
    ///
    /// A `#[test]` above `#[emits]` has disappeared when the annotation is read, and a `cfg(test)` item in
    /// another module looks like the code that it tests.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.origin.in_test || is_test_module(self.origin.module)
    }

    /// What the function emits in this build.
    pub fn emissions(&self) -> impl Iterator<Item = &'static Emits> {
        // An emission under a `cfg` that is off has no line.
        self.emissions.iter().filter(|emits| !emits.lines.is_empty())
    }

    fn is_canary(&self) -> bool {
        self.emissions.is_empty() && self.origin.function.is_empty() && self.origin.module == module_path!()
    }
}

/// Whether a module's name says that it is test code.
pub(crate) fn is_test_module(path: &str) -> bool {
    // The first segment is the crate, whose name says nothing.
    path.split("::").skip(1).any(|module| matches!(module, "test" | "tests"))
}

/// The location of a site, from the built-in macros.
#[derive(Clone, Copy)]
pub struct Origin {
    /// `CARGO_PKG_NAME`.
    pub krate: &'static str,
    /// `CARGO_PKG_VERSION`.
    pub version: &'static str,
    /// `module_path!()`.
    pub module: &'static str,
    /// The function's name.
    pub function: &'static str,
    /// `file!()`.
    pub file: &'static str,
    /// Whether the function is marked `#[test]`, or Cargo is building an integration test or a benchmark: it sets
    /// `CARGO_TARGET_TMPDIR` for these alone, see
    /// <https://doc.rust-lang.org/cargo/reference/environment-variables.html>.
    pub in_test: bool,
}

/// The sites in this binary, or `None` when the linker lost them.
pub(crate) fn linked() -> Option<Vec<&'static Site>> {
    without_canary(ORCHQ_METRICS_EMISSION_SITES.iter())
}

fn without_canary<'a>(sites: impl Iterator<Item = &'a Site>) -> Option<Vec<&'a Site>> {
    let (canaries, sites): (Vec<_>, Vec<_>) = sites.partition(|site| site.is_canary());
    (!canaries.is_empty()).then_some(sites)
}

/// A site, for tests of what reads sites.
#[cfg(test)]
pub(crate) fn made_by_hand(function: &'static str, family: fn() -> &'static dyn AnyFamily) -> &'static Site {
    made_of(function, Emits::new(MetricRef::new(family), &[7], None))
}

/// A site with this emission.
#[cfg(test)]
pub(crate) fn made_of(function: &'static str, emits: Emits) -> &'static Site {
    let origin = Origin { module: "shop::till", function, file: "src/till.rs", ..CANARY.origin };
    Box::leak(Box::new(Site::new(origin, Box::leak(Box::new([emits])))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_without_the_canary_are_a_lost_section() {
        let origin = Origin { module: "shop::till", function: "sell", ..CANARY.origin };
        let site = Site::new(origin, &[]);
        assert!(without_canary([&site].into_iter()).is_none());
        assert!(without_canary([].into_iter()).is_none());
        let found = without_canary([&CANARY, &site].into_iter()).expect("the canary is there");
        assert_eq!(found.iter().map(|site| site.path()).collect::<Vec<_>>(), ["shop::till::sell"]);
        // And this binary is linked as it should be.
        assert!(linked().is_some());
    }
}
