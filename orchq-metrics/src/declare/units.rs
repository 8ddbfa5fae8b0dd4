//! The units that a metric can have, and what each demands of the name. The table is the one of the macros.

use crate::declare::desc::Unit;

struct UnitRule {
    unit: Unit,
    #[cfg_attr(not(any(feature = "otlp", feature = "tools")), expect(dead_code, reason = "for these features"))]
    ucum: &'static str,
    /// Whether a counter can count in it.
    #[cfg_attr(not(feature = "tools"), expect(dead_code, reason = "for this feature"))]
    counts: bool,
    /// The last words of a name that promise it.
    #[cfg_attr(not(feature = "tools"), expect(dead_code, reason = "for this feature"))]
    suffixes: &'static [&'static str],
}

static UNITS: [UnitRule; 13] = orchq_metrics_macros::__shared!(units);

pub(crate) fn named(name: &str) -> Option<Unit> {
    find(name).map(|rule| rule.unit)
}

#[cfg(any(feature = "otlp", feature = "tools"))]
pub(crate) fn ucum(name: &str) -> Option<&'static str> {
    find(name).map(|rule| rule.ucum).filter(|code| !code.is_empty())
}

fn find(name: &str) -> Option<&'static UnitRule> {
    UNITS.iter().find(|rule| rule.unit.as_str() == name)
}

/// Every spelling, for an error message.
#[cfg(feature = "tools")]
pub(crate) fn all() -> String {
    let names: Vec<_> = UNITS.iter().map(|unit| unit.unit.as_str()).collect();
    format!("{}, or a counted noun in braces such as {{request}}", names.join(", "))
}

/// Whether it is in the table, or a counted noun in braces: <https://ucum.org/ucum#para-6>.
#[cfg(feature = "tools")]
pub(crate) fn is_known(name: &str) -> bool {
    let noun = name.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
    let is_noun =
        noun.is_some_and(|noun| !noun.is_empty() && noun.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    is_noun || find(name).is_some()
}

/// Whether a counter can count in it.
#[cfg(feature = "tools")]
pub(crate) fn counts(name: &str) -> bool {
    find(name).is_none_or(|unit| unit.counts)
}

/// The suffix of a metric's name and the unit that it promises, if that is another unit.
#[cfg(feature = "tools")]
pub(crate) fn contradicted_by(unit: &str, metric: &str) -> Option<(&'static str, &'static str)> {
    let stem = metric.strip_suffix("_total").unwrap_or(metric);
    let last = stem.rsplit('_').next().unwrap_or(stem);
    let promised = UNITS.iter().find(|unit| unit.suffixes.contains(&last))?;
    let suffix = promised.suffixes.iter().find(|suffix| **suffix == last)?;
    (promised.unit.as_str() != unit).then_some((*suffix, promised.unit.as_str()))
}
