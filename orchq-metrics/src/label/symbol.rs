//! Label values as small numbers: a [`Symbol`] stands for a value, and a
//! [`SymbolTable`] remembers which.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

/// The value that stands for every value past an open label's budget, or over its length limit.
pub const OVERFLOW: &str = "__overflow__";

/// The value that stands for the empty string, which Prometheus reads as "no such label".
pub const EMPTY: &str = "__empty__";

/// The longest value of an open label, in bytes.
pub const MAX_VALUE_BYTES: usize = 256;

/// A label value, interned: four bytes, compared as a number.
///
/// A symbol means something only together with the label type that made it, so
/// it is the private field of such a type: `struct PoolId(Symbol)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

impl Symbol {
    /// The label does not apply, and is left out of the series.
    pub(crate) const ABSENT: Self = Self(0);
    pub(crate) const OVERFLOW: Self = Self(1);
    pub(crate) const EMPTY: Self = Self(2);

    pub(crate) const fn from_index(index: u32) -> Self {
        Self(index + 1)
    }

    pub(crate) const fn index(self) -> Option<usize> {
        match self.0 {
            0 => None,
            n => Some(n as usize - 1),
        }
    }
}

/// Why a value was refused by the `try_new` of an open label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LabelError {
    /// The empty string: to Prometheus, a label that is not there.
    Empty,
    /// Longer than [`MAX_VALUE_BYTES`].
    TooLong {
        /// The length of the refused value, in bytes.
        bytes: usize,
    },
    /// The label has as many distinct values as its budget allows.
    OverBudget {
        /// The budget: how many distinct values the label may take in one process.
        budget: u32,
    },
}

impl std::fmt::Display for LabelError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => {
                f.write_str("a label value is empty, which prometheus reads as an absent label; give it a value")
            }
            Self::TooLong { bytes } => {
                write!(f, "a label value has {bytes} bytes, and {MAX_VALUE_BYTES} are allowed; shorten it",)
            }
            Self::OverBudget { budget } => write!(
                f,
                "the label already has {budget} distinct values, its whole budget; \
                 raise the budget or put fewer values into the label",
            ),
        }
    }
}

impl std::error::Error for LabelError {}

/// The values of one open label type in this process, numbered as they come.
///
/// Values are kept for the life of the process; the budget bounds how many.
pub struct SymbolTable {
    budget: u32,
    values: LazyLock<RwLock<Values>>,
}

struct Values {
    texts: Vec<&'static str>,
    symbols: HashMap<&'static str, Symbol>,
}

/// The reserved values, which take no budget.
const RESERVED: [(&str, Symbol); 2] = [(OVERFLOW, Symbol::OVERFLOW), (EMPTY, Symbol::EMPTY)];

impl SymbolTable {
    /// An empty table that gives out at most `budget` symbols.
    #[must_use]
    pub const fn new(budget: u32) -> Self {
        Self {
            budget,
            values: LazyLock::new(|| {
                RwLock::new(Values {
                    texts: RESERVED.iter().map(|(text, _)| *text).collect(),
                    symbols: HashMap::from(RESERVED),
                })
            }),
        }
    }

    /// The symbol of `value`, or [`OVERFLOW`]'s where there can be none.
    pub(crate) fn intern(&self, value: &str) -> Symbol {
        match self.try_intern(value) {
            Ok(symbol) => symbol,
            Err(LabelError::Empty) => Symbol::EMPTY,
            Err(_) => Symbol::OVERFLOW,
        }
    }

    pub(crate) fn try_intern(&self, value: &str) -> Result<Symbol, LabelError> {
        if value.is_empty() {
            return Err(LabelError::Empty);
        }
        if value.len() > MAX_VALUE_BYTES {
            return Err(LabelError::TooLong { bytes: value.len() });
        }
        let found = self.find(&self.values.read().unwrap_or_else(PoisonError::into_inner), value);
        if let Some(found) = found {
            return found;
        }
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = self.find(&values, value) {
            return found;
        }
        let index = u32::try_from(values.texts.len()).expect("a budget fits in u32");
        let text: &'static str = Box::leak(Box::from(value));
        let symbol = Symbol::from_index(index);
        values.texts.push(text);
        values.symbols.insert(text, symbol);
        Ok(symbol)
    }

    /// What is settled about a value; `None` where it is new and there is room.
    fn find(&self, values: &Values, value: &str) -> Option<Result<Symbol, LabelError>> {
        let full = values.texts.len() - RESERVED.len() >= self.budget as usize;
        let known = values.symbols.get(value).map(|symbol| Ok(*symbol));
        known.or_else(|| full.then_some(Err(LabelError::OverBudget { budget: self.budget })))
    }

    /// The text of a symbol that this table gave out; `None` for an absent label.
    pub(crate) fn text(&self, symbol: Symbol) -> Option<&'static str> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        symbol.index().and_then(|index| values.texts.get(index).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_past_the_budget_are_refused_and_known_ones_stay() {
        let table = SymbolTable::new(2);
        let first = table.intern("a");
        let second = table.intern("b");
        assert_ne!(first, second);
        assert_eq!(table.try_intern("c"), Err(LabelError::OverBudget { budget: 2 }));
        assert_eq!(table.text(table.intern("c")), Some(OVERFLOW));
        assert_eq!(table.intern("a"), first);
        assert_eq!(table.text(second), Some("b"));
    }

    #[test]
    fn empty_and_long_values_have_a_fate() {
        let table = SymbolTable::new(1);
        let long = "x".repeat(MAX_VALUE_BYTES + 1);
        assert_eq!(table.try_intern(""), Err(LabelError::Empty));
        assert_eq!(table.try_intern(&long), Err(LabelError::TooLong { bytes: 257 }));
        assert_eq!(table.text(table.intern("")), Some(EMPTY));
        assert_eq!(table.text(table.intern(&long)), Some(OVERFLOW));
        // Neither took the budget of one.
        assert!(table.try_intern(&long[..MAX_VALUE_BYTES]).is_ok());
    }

    #[test]
    fn the_reserved_values_are_no_values_of_their_own() {
        let table = SymbolTable::new(1);
        assert_eq!(table.intern(OVERFLOW), Symbol::OVERFLOW);
        assert_eq!(table.intern(EMPTY), Symbol::EMPTY);
    }
}
