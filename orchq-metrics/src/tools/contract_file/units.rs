//! The units that a metric can have, and what each demands of the name: the table of the crate
//! of macros, which cannot share it.

struct Unit {
    name: &'static str,
    /// Whether a counter can count in it.
    counts: bool,
    /// The last words of a name that promise it.
    suffixes: &'static [&'static str],
}

const fn unit(name: &'static str, counts: bool, suffixes: &'static [&'static str]) -> Unit {
    Unit { name, counts, suffixes }
}

static UNITS: [Unit; 13] = [
    unit("1", true, &[]),
    unit("tokens", true, &["tokens"]),
    unit("ratio", false, &["ratio"]),
    unit("percent", false, &["percent"]),
    unit("bytes", true, &["bytes"]),
    unit("milliseconds", true, &["ms", "milliseconds"]),
    unit("seconds", true, &["seconds"]),
    unit("celsius", false, &["celsius"]),
    unit("meters", false, &["meters"]),
    unit("volts", false, &["volts"]),
    unit("amperes", false, &["amperes"]),
    unit("joules", false, &["joules"]),
    unit("grams", false, &["grams"]),
];

/// Every spelling, for an error message.
pub(super) fn all() -> String {
    let names: Vec<_> = UNITS.iter().map(|unit| unit.name).collect();
    format!("{}, or a counted noun in braces such as {{request}}", names.join(", "))
}

/// Whether it is one of the table, or a counted noun in braces as UCUM writes it.
pub(super) fn is_known(name: &str) -> bool {
    let noun = name.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
    let is_noun =
        noun.is_some_and(|noun| !noun.is_empty() && noun.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    is_noun || UNITS.iter().any(|unit| unit.name == name)
}

/// Whether a counter can count in it.
pub(super) fn counts(name: &str) -> bool {
    UNITS.iter().find(|unit| unit.name == name).is_none_or(|unit| unit.counts)
}

/// The unit that a metric's name promises by its last word, where it is another than this one.
pub(super) fn contradicted_by(unit: &str, metric: &str) -> Option<(&'static str, &'static str)> {
    let stem = metric.strip_suffix("_total").unwrap_or(metric);
    let last = stem.rsplit('_').next().unwrap_or(stem);
    let promised = UNITS.iter().find(|unit| unit.suffixes.contains(&last))?;
    let suffix = promised.suffixes.iter().find(|suffix| **suffix == last)?;
    (promised.name != unit).then_some((*suffix, promised.name))
}
