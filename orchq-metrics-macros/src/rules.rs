// The rules of a contract that need only its texts and numbers. `#[contract]` and the reader of contract files go by
// this one file: the macros compile it as a module, and `__shared!` hands its tokens to the runtime. So it uses
// nothing but the standard library, and has no tests: those are in `rules_tests.rs`.
//
// Each rule gives what is wrong, or `None`.

/// More distinct values of one label than a Prometheus can handle.
pub(crate) const MAX_BUDGET: u32 = 1_000_000;

/// The greatest limit of a family: what a process can hold.
pub(crate) const MAX_SERIES_LIMIT: u32 = 10_000_000;

/// A limit that few families come near, and that a Prometheus can handle from each process of a fleet.
pub(crate) const DEFAULT_SERIES_LIMIT: u32 = 10_000;

/// Words that the grammar of PromQL, in one of its versions, never accepts as a metric.
const NOT_METRICS_IN_QUERIES: [&str; 10] =
    ["anchored", "atan2", "bool", "group_left", "group_right", "ignoring", "inf", "nan", "on", "smoothed"];

/// Words that PromQL's grammar does not accept as a label in `by (...)`.
const NOT_LABELS_IN_QUERIES: [&str; 3] = ["inf", "nan", "without"];

/// The message for a name that cannot be part of the names of files, alerts and hosts.
pub(crate) const NOT_A_CONTRACT_NAME: &str =
    "a contract's name has lowercase letters, digits, `_` and `-`, and begins and ends with a letter or a digit";

pub(crate) fn contract_name(name: &str) -> Option<String> {
    (!is_contract_name(name)).then(|| NOT_A_CONTRACT_NAME.to_owned())
}

pub(crate) const fn is_contract_name(name: &str) -> bool {
    let name = name.as_bytes();
    let mut i = 0;
    while i < name.len() {
        let is_inner = i > 0 && i + 1 < name.len() && matches!(name[i], b'_' | b'-');
        if !(name[i].is_ascii_lowercase() || name[i].is_ascii_digit() || is_inner) {
            return false;
        }
        i += 1;
    }
    !name.is_empty()
}

/// An old name is legal, and fits what the metric is now: the series under it are the same. If the metric's own name
/// does not fit its unit, that is reported alone.
pub(crate) fn old_name(old: &str, name: &str, unit: &str, kind: &str) -> Option<String> {
    let wrong_unit = || self::unit(unit, old, kind).filter(|_| self::unit(unit, name, kind).is_none());
    metric_name(old).or_else(|| name_fits_kind(old, kind)).or_else(wrong_unit)
}

/// An old name that a metric of the contract has, or another had.
pub(crate) fn old_name_served(name: &str) -> String {
    format!("this contract serves `{name}` already; an old name is one that no metric has any more")
}

/// Names that Prometheus and its clients accept, in its style: lowercase, digits and `_`,
/// <https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels>.
///
/// A name that no struct has, with a `:` or uppercase letters, is another system's, and in its style.
pub(crate) fn metric_name(name: &str) -> Option<String> {
    if !is_snake_case(&struct_name(name)) {
        Some(if is_foreign(name) { NOT_A_FOREIGN_NAME } else { NOT_A_METRIC_NAME }.to_owned())
    } else if name.starts_with("orchq_metrics_") {
        Some("names that start with `orchq_metrics_` are reserved for this library".to_owned())
    } else if NOT_METRICS_IN_QUERIES.contains(&name) {
        Some(format!("`{name}` is a keyword of PromQL, so that no query could name the metric; rename it"))
    } else {
        None
    }
}

pub(crate) const NOT_A_METRIC_NAME: &str =
    "a metric's name has lowercase letters, digits and `_`, and starts with a letter";

const NOT_A_FOREIGN_NAME: &str = "a name of another system has letters, `:`, digits and `_`, and starts with a letter";

/// Whether a name is one that a contract can only give with `name = ..`.
pub(crate) fn is_foreign(name: &str) -> bool {
    name.contains(|char: char| char == ':' || char.is_ascii_uppercase())
}

/// The name of a metric's struct: the metric's own name, as far as a struct can have it.
pub(crate) fn struct_name(name: &str) -> String {
    name.replace(':', "_").to_ascii_lowercase()
}

/// The name in the style of Prometheus that another spelling probably means.
#[allow(dead_code, reason = "a contract file has the names that are served")]
pub(crate) fn meant_name(name: &str, kind: &str) -> Option<String> {
    let mut meant = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, char) in chars.iter().enumerate() {
        let ends_a_word = i > 0 && (chars[i - 1].is_ascii_lowercase() || chars[i - 1].is_ascii_digit());
        let begins_a_word = i > 0 && chars.get(i + 1).is_some_and(char::is_ascii_lowercase) && chars[i - 1] != '_';
        if char.is_ascii_uppercase() && (ends_a_word || begins_a_word) {
            meant.push('_');
        }
        meant.extend(char.to_lowercase());
    }
    let meant = meant.trim_start_matches('_');
    let stem = meant.strip_suffix("_total").unwrap_or(meant);
    let meant = if kind == "counter" { format!("{stem}_total") } else { stem.to_owned() };
    let is_legal = metric_name(&meant).is_none() && name_fits_kind(&meant, kind).is_none();
    (is_legal && meant != name).then_some(meant)
}

/// `_total` is the suffix of counters alone; expositions derive `_bucket`, `_count`, `_sum` and `_created`.
pub(crate) fn name_fits_kind(name: &str, kind: &str) -> Option<String> {
    let derived = ["_bucket", "_count", "_sum", "_created"];
    match (kind == "counter", name.ends_with("_total")) {
        (true, false) => Some(format!("a counter's name ends in `_total`; call it `{name}_total`, or make it a gauge")),
        (false, true) => Some(format!(
            "only a counter's name ends in `_total`, and this is a {kind}; rename it, or make it a counter"
        )),
        _ => derived.iter().find(|suffix| name.ends_with(**suffix)).map(|suffix| {
            format!("names that end in `{suffix}` are derived from other names in an exposition; rename it")
        }),
    }
}

/// The heading in the rendered document for metrics of this kind that state no section.
pub(crate) fn default_section(kind: &str) -> &'static str {
    match kind {
        "counter" => "Counters",
        "gauge" => "Gauges",
        _ => "Summaries/Histograms",
    }
}

/// The unit is known, a counter can count in it, and the name does not contradict it.
pub(crate) fn unit(unit: &str, name: &str, kind: &str) -> Option<String> {
    let rule = UnitRule::named(unit);
    if rule.is_none() && !is_noun(unit) {
        if let Some(meant) = meant_unit(unit) {
            return Some(format!("`{unit}` is not a unit; did you mean `{meant}`?"));
        }
        let names: Vec<_> = UNITS.iter().map(|rule| rule.name).collect();
        let units = names.join(", ");
        let message = format!("`{unit}` is not a unit; the units are {units}, or a counted noun in braces");
        return Some(format!("{message} such as {{request}}"));
    }
    if kind == "counter" && rule.is_some_and(|rule| !rule.counts()) {
        return Some(format!("a counter cannot count in `{unit}`; make it a gauge or a histogram"));
    }
    let stem = name.strip_suffix("_total").unwrap_or(name);
    let last = stem.rsplit('_').next().unwrap_or(stem);
    let promised = UNITS.iter().find(|rule| rule.suffixes.contains(&last)).map(|rule| rule.name)?;
    let message = format!("the name ends in `{last}`, which means {promised}, but the unit is {unit}");
    (promised != unit).then(|| format!("{message}; change one of them"))
}

/// The unit that another spelling probably means; a plain word is a noun without its braces.
pub(crate) fn meant_unit(unit: &str) -> Option<String> {
    let same = |known: &&(&str, &[&str])| known.1.contains(&unit);
    if let Some((name, _)) = OTHER_SPELLINGS.iter().find(same) {
        return Some((*name).to_owned());
    }
    let lower = unit.trim().to_ascii_lowercase();
    let singular = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    if let Some(rule) = UNITS.iter().find(|rule| rule.name.len() > 1 && singular(rule.name) == singular(&lower)) {
        return Some(rule.name.to_owned());
    }
    let word = lower.trim_matches(['{', '}']);
    let word = match (word.strip_suffix("ies"), word.strip_suffix("es")) {
        (Some(stem), _) => format!("{stem}y"),
        (_, Some(stem)) if stem.ends_with(['s', 'x']) || stem.ends_with("ch") || stem.ends_with("sh") => {
            stem.to_owned()
        }
        _ if word.ends_with("ss") => word.to_owned(),
        _ => singular(word),
    };
    let noun = format!("{{{}}}", word.replace([' ', '-'], "_"));
    (word.len() > 2 && is_noun(&noun)).then_some(noun)
}

/// Spellings of units in other systems. Of a time or a size in another scale, the base unit is meant.
#[rustfmt::skip]
const OTHER_SPELLINGS: [(&str, &[&str]); 12] = [
    ("1", &["", "none", "count", "counts", "number", "int", "integer", "bool", "boolean", "unit", "units",
        "0", "{}"]),
    ("ratio", &["fraction", "0..1"]),
    ("percent", &["%", "pct", "percentage", "percents"]),
    ("bytes", &["B", "By", "octets", "kb", "KB", "KiB", "kilobytes", "mb", "MB", "MiB", "megabytes", "GB",
        "GiB", "gigabytes"]),
    ("milliseconds", &["ms", "msec", "msecs", "millis"]),
    ("seconds", &["s", "sec", "secs", "us", "µs", "ns", "micros", "microseconds", "nanos", "nanoseconds",
        "min", "minutes", "h", "hours", "days", "duration"]),
    ("celsius", &["C", "Cel", "°C", "degrees"]),
    ("meters", &["m", "metres", "metre"]),
    ("volts", &["V"]),
    ("amperes", &["A", "amps", "amp"]),
    ("joules", &["J"]),
    ("grams", &["g", "kg", "kilograms"]),
];

/// A range of values has numbers in it.
pub(crate) fn range(least: f64, greatest: f64) -> Option<String> {
    let message =
        || format!("a range goes from the least value to the greatest, and this one from {least} to {greatest}");
    if least < greatest { None } else { Some(message()) }
}

/// UCUM writes what is counted in braces: <https://ucum.org/ucum#para-6>.
fn is_noun(unit: &str) -> bool {
    let noun = unit.strip_prefix('{').and_then(|unit| unit.strip_suffix('}'));
    noun.is_some_and(|noun| !noun.is_empty() && noun.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
}

pub(crate) const NO_BOUNDS: &str = "a histogram has at least one bucket bound";

pub(crate) const BOUND_REPEATED: &str = "this bucket bound is repeated; drop one";

pub(crate) const BOUNDS_DESCEND: &str = "bucket bounds must ascend";

/// A bound and the one before it ascend.
pub(crate) fn bounds_ascend(last: f64, bound: f64) -> Option<String> {
    if bound == last {
        return Some(BOUND_REPEATED.to_owned());
    }
    (bound < last).then(|| format!("{BOUNDS_DESCEND}, but this one is less than {last} before it; sort them"))
}

pub(crate) fn series_limit(limit: Option<u32>) -> Option<String> {
    let is_possible = limit.is_some_and(|limit| (1..=MAX_SERIES_LIMIT).contains(&limit));
    (!is_possible).then(|| format!("a family's limit is a number of series, from 1 to {MAX_SERIES_LIMIT}"))
}

pub(crate) fn declared_twice(name: &str) -> String {
    format!("`{name}` is declared twice in this contract; rename or drop one")
}

/// Whether a label belongs to the exposition, <https://prometheus.io/docs/concepts/data_model/>.
pub(crate) fn is_reserved_label(name: &str) -> bool {
    matches!(name, "le" | "quantile") || name.starts_with("__")
}

/// Label names are lowercase in style.
pub(crate) fn label_name(name: &str) -> Option<String> {
    if is_reserved_label(name) {
        Some(format!("`{name}` is reserved by the exposition format; rename the label"))
    } else if !is_snake_case(name) {
        Some("a label's name has lowercase letters, digits and `_`, and starts with a letter".to_owned())
    } else if NOT_LABELS_IN_QUERIES.contains(&name) {
        Some(format!("`{name}` is a keyword of PromQL, so that no query could sum by the label; rename it"))
    } else {
        None
    }
}

pub(crate) fn label_value(value: &str) -> Option<String> {
    if value.is_empty() {
        Some("prometheus reads an empty value as an absent label; give it a value".to_owned())
    } else if value.starts_with("__") {
        Some("values that start with `__` are reserved for this library, such as `__overflow__`".to_owned())
    } else {
        None
    }
}

pub(crate) const NO_VALUES: &str = "a closed label has at least one value";

pub(crate) fn value_repeated(value: &str) -> String {
    format!("the value {value:?} is repeated")
}

pub(crate) fn budget(budget: Option<u32>) -> Option<String> {
    let is_possible = budget.is_some_and(|budget| (1..=MAX_BUDGET).contains(&budget));
    (!is_possible).then(|| format!("a budget is from 1 to {MAX_BUDGET}"))
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// One unit.
pub(crate) struct UnitRule {
    /// As a contract spells it.
    pub(crate) name: &'static str,
    /// The variant of the runtime's `Unit`.
    pub(crate) variant: &'static str,
    /// The type that the runtime has for it.
    pub(crate) marker: &'static str,
    /// Its code in UCUM, where it is one that a translation puts into a name.
    #[allow(dead_code, reason = "only the runtime reads it")]
    pub(crate) ucum: &'static str,
    /// The least and the greatest value, unless a metric states its own.
    pub(crate) range: (f64, f64),
    /// The last words of a name that promise it (`_total` taken off).
    suffixes: &'static [&'static str],
}

/// Any number.
pub(crate) const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// Nothing below zero.
const FROM_ZERO: (f64, f64) = (0.0, f64::INFINITY);

const fn row(
    name: &'static str,
    variant: &'static str,
    marker: &'static str,
    ucum: &'static str,
    range: (f64, f64),
    suffixes: &'static [&'static str],
) -> UnitRule {
    UnitRule { name, variant, marker, ucum, range, suffixes }
}

pub(crate) static UNITS: [UnitRule; 13] = [
    row("1", "One", "Count", "", ANY, &[]),
    row("tokens", "Tokens", "Count", "", ANY, &["tokens"]),
    row("ratio", "Ratio", "Ratio", "", (0.0, 1.0), &["ratio"]),
    row("percent", "Percent", "Percent", "%", (0.0, 100.0), &["percent"]),
    row("bytes", "Bytes", "Bytes", "By", FROM_ZERO, &["bytes"]),
    row("milliseconds", "Milliseconds", "Milliseconds", "ms", FROM_ZERO, &["ms", "milliseconds"]),
    row("seconds", "Seconds", "Seconds", "s", FROM_ZERO, &["seconds"]),
    // The other base units of https://prometheus.io/docs/practices/naming/#base-units.
    row("celsius", "Other", "Quantity", "Cel", (-273.15, f64::INFINITY), &["celsius"]),
    row("meters", "Other", "Quantity", "m", ANY, &["meters"]),
    row("volts", "Other", "Quantity", "V", ANY, &["volts"]),
    row("amperes", "Other", "Quantity", "A", ANY, &["amperes"]),
    row("joules", "Other", "Quantity", "J", ANY, &["joules"]),
    row("grams", "Other", "Quantity", "g", ANY, &["grams"]),
];

impl UnitRule {
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        UNITS.iter().find(|rule| rule.name == name)
    }

    /// The least and the greatest value of the unit of this name.
    pub(crate) const fn range_of(name: &str) -> (f64, f64) {
        let mut i = 0;
        while i < UNITS.len() {
            if same(UNITS[i].name, name) {
                return UNITS[i].range;
            }
            i += 1;
        }
        ANY
    }

    /// Whether a counter can count in it: a sum begins at zero, and has no end.
    pub(crate) fn counts(&self) -> bool {
        self.range == ANY || self.range == FROM_ZERO
    }
}

pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = a.len();
    while i > 0 && a.len() == b.len() && a[i - 1] == b[i - 1] {
        i -= 1;
    }
    i == 0 && a.len() == b.len()
}
