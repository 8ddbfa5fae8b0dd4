//! The units of the rules as data.

use crate::declare::desc::Unit;
use crate::declare::rules::UnitRule;

/// The unit of this name, if it is in the table.
pub(crate) fn named(name: &str) -> Option<Unit> {
    UnitRule::named(name).map(|rule| match rule.variant {
        "One" => Unit::One,
        "Tokens" => Unit::Tokens,
        "Ratio" => Unit::Ratio,
        "Percent" => Unit::Percent,
        "Bytes" => Unit::Bytes,
        "Milliseconds" => Unit::Milliseconds,
        "Seconds" => Unit::Seconds,
        _ => Unit::Other(rule.name),
    })
}

/// The code in UCUM of the unit of this name, where it has one.
#[cfg(any(feature = "otlp", feature = "tools"))]
pub(crate) fn ucum(name: &str) -> Option<&'static str> {
    UnitRule::named(name).map(|rule| rule.ucum).filter(|code| !code.is_empty())
}
