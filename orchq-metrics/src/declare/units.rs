//! The units of the rules as data.

use crate::declare::desc::Unit;
use crate::declare::rules::UnitRule;

/// The unit of this name, if it is in the table.
pub(crate) fn named(name: &str) -> Option<Unit> {
    use Unit::{Bytes, Milliseconds, One, Percent, Ratio, Seconds, Tokens};

    let rule = UnitRule::named(name)?;
    let mut variants = [One, Tokens, Ratio, Percent, Bytes, Milliseconds, Seconds].into_iter();
    Some(variants.find(|unit| unit.as_str() == name).unwrap_or(Unit::Other(rule.name)))
}

/// The code in UCUM of the unit of this name, where it has one.
#[cfg(any(feature = "otlp", feature = "tools"))]
pub(crate) fn ucum(name: &str) -> Option<&'static str> {
    UnitRule::named(name).map(|rule| rule.ucum).filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::rules::UNITS;

    #[test]
    fn a_contract_in_code_and_one_in_a_file_have_the_same_unit() {
        for rule in &UNITS {
            let unit = format!("{:?}", named(rule.name).expect("it is in the table"));
            assert!(unit.starts_with(rule.variant), "{unit}");
        }
    }
}
