//! Label values as small numbers: a [`Symbol`] identifies a value, and a
//! [`SymbolTable`] remembers which.

use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::{LazyLock, OnceLock};

use super::rendered::Rendered;
use crate::concurrent::sync::{self, AtomicU32, Mutex, Ordering};
use crate::concurrent::{Index, Segments};

pub(crate) const OVERFLOW: &str = "__overflow__";
pub(crate) const EMPTY: &str = "__empty__";

/// A label value, interned: four bytes, compared as a number.
///
/// A symbol has a meaning only for the label type that made it, so it is the private field of such a
/// type: `struct PoolId(Symbol)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

impl Symbol {
    /// The longest value, in bytes.
    pub const MAX_VALUE_BYTES: usize = 256;

    /// The value that represents every value past a label's budget, or over [`MAX_VALUE_BYTES`](Self::MAX_VALUE_BYTES).
    pub const OVERFLOW_VALUE: &'static str = OVERFLOW;

    /// The value that represents the empty string, which Prometheus reads as an absent label.
    pub const EMPTY_VALUE: &'static str = EMPTY;

    /// The label does not apply, and is left out of the series.
    pub(crate) const ABSENT: Self = Self(0);
    pub(crate) const OVERFLOW: Self = Self(1);
    pub(crate) const EMPTY: Self = Self(2);

    /// Represents every value of a closed label, in a family that has too many series.
    pub(crate) const CLOSED_OVERFLOW: Self = Self(u32::MAX);

    /// The value of a closed label, by its index among all of them. Called by generated code only.
    #[doc(hidden)]
    #[inline]
    pub const fn from_index(index: u32) -> Self {
        Self(index + 1)
    }

    pub(crate) const fn index(self) -> Option<usize> {
        match self.0 {
            0 => None,
            n => Some(n as usize - 1),
        }
    }

    /// The first symbol that is not reserved.
    const FIRST_OPEN: u32 = 3;

    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

/// Why a text is not a value of a label, from `try_new` of an open label or `parse` of a closed one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LabelError {
    /// Not one of a closed label's values.
    Unknown {
        /// The text.
        value: String,
        /// The values that the label has.
        allowed: &'static [&'static str],
    },
    /// The empty string, which Prometheus reads as an absent label.
    Empty,
    /// Longer than [`Symbol::MAX_VALUE_BYTES`].
    TooLong {
        /// The length of the rejected value, in bytes.
        bytes: usize,
    },
    /// The label's budget is used up.
    OverBudget {
        /// The budget: how many distinct values the label may take in one process.
        budget: u32,
    },
}

impl std::fmt::Display for LabelError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown { value, allowed } => {
                write!(f, "{value:?} is not a value of this label; use one of {}", allowed.join(", "))
            }
            Self::Empty => {
                f.write_str("a label value is empty, which prometheus reads as an absent label; give it a value")
            }
            Self::TooLong { bytes } => {
                write!(f, "a label value has {bytes} bytes, and {} are allowed; shorten it", Symbol::MAX_VALUE_BYTES)
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
/// Values are kept until the process ends; the budget bounds how many. A known value is found
/// without a lock.
pub struct SymbolTable {
    budget: u32,
    index: Index,
    texts: Segments<OnceLock<Box<str>>>,
    /// How many values there are. It changes only under `adding`.
    len: AtomicU32,
    adding: Mutex<()>,
    /// The rendered values, by the name of the label.
    rendered: Mutex<Vec<(&'static str, &'static Rendered)>>,
}

/// The reserved values, which take no budget.
const RESERVED: [(&str, Symbol); 2] = [(OVERFLOW, Symbol::OVERFLOW), (EMPTY, Symbol::EMPTY)];

/// Seeded at random, so that an attacker cannot choose values that collide.
static HASHER: LazyLock<foldhash::fast::RandomState> = LazyLock::new(foldhash::fast::RandomState::default);

#[inline]
fn hash(value: &str) -> u64 {
    let mut hasher = HASHER.build_hasher();
    // Only the bytes: the terminator that `str` hashes is not needed for a single text.
    hasher.write(value.as_bytes());
    hasher.finish()
}

impl SymbolTable {
    /// An empty table for at most `budget` values.
    pub const fn new(budget: u32) -> Self {
        Self {
            budget,
            index: Index::new(),
            texts: Segments::new(),
            len: AtomicU32::new(0),
            adding: Mutex::new(()),
            rendered: Mutex::new(Vec::new()),
        }
    }

    /// The symbol of `value`, or that of [`OVERFLOW`] if it cannot have one.
    #[inline]
    pub fn intern(&self, value: &str) -> Symbol {
        // A longer value is never known, and would take long to hash.
        let known = if value.len() <= Symbol::MAX_VALUE_BYTES { self.find(value, hash(value)) } else { None };
        known.unwrap_or_else(|| self.intern_cold(value))
    }

    #[cold]
    fn intern_cold(&self, value: &str) -> Symbol {
        match self.try_intern(value) {
            Ok(symbol) => symbol,
            Err(LabelError::Empty) => Symbol::EMPTY,
            Err(_) => Symbol::OVERFLOW,
        }
    }

    /// The symbol of `value`, if it can have one.
    pub fn try_intern(&self, value: &str) -> Result<Symbol, LabelError> {
        if value.is_empty() {
            return Err(LabelError::Empty);
        }
        if value.len() > Symbol::MAX_VALUE_BYTES {
            return Err(LabelError::TooLong { bytes: value.len() });
        }
        // Read before the lookup: no value is added once the table is full.
        let full = self.len.load(Ordering::Acquire) >= self.capacity();
        let hash = hash(value);
        match self.find(value, hash) {
            Some(symbol) => Ok(symbol),
            None => self.add(value, hash, full),
        }
    }

    #[inline]
    fn find(&self, value: &str, hash: u64) -> Option<Symbol> {
        let holding = |bits| self.value(Symbol(bits)).filter(|text| *text == value).map(|_| Symbol(bits));
        self.index.find(hash, holding)
    }

    #[cold]
    fn add(&self, value: &str, hash: u64, full: bool) -> Result<Symbol, LabelError> {
        if let Some((_, reserved)) = RESERVED.iter().find(|(text, _)| *text == value) {
            return Ok(*reserved);
        }
        // A full table is not locked for each unknown value.
        if full {
            return Err(LabelError::OverBudget { budget: self.budget });
        }
        let _adding = sync::lock(&self.adding);
        if let Some(symbol) = self.find(value, hash) {
            return Ok(symbol);
        }
        let len = self.len.load(Ordering::Relaxed);
        if len >= self.capacity() {
            return Err(LabelError::OverBudget { budget: self.budget });
        }
        let symbol = Symbol(len + Symbol::FIRST_OPEN);
        self.texts.get_or_grow(len as usize).get_or_init(|| value.into());
        let hash_of = |bits| self.value(Symbol(bits)).map_or(0, self::hash);
        self.index.insert(symbol.bits(), len as usize, hash_of);
        self.len.store(len + 1, Ordering::Release);
        Ok(symbol)
    }

    fn capacity(&self) -> u32 {
        self.budget.min(Index::GREATEST - Symbol::FIRST_OPEN)
    }

    /// The value of a symbol that is not reserved.
    #[inline]
    fn value(&self, symbol: Symbol) -> Option<&str> {
        let index = symbol.0.checked_sub(Symbol::FIRST_OPEN)?;
        self.texts.get(index as usize)?.get().map(|text| &**text)
    }

    /// The text of a symbol of this table; `None` for an absent label.
    pub fn text(&'static self, symbol: Symbol) -> Option<&'static str> {
        match symbol {
            Symbol::OVERFLOW => Some(OVERFLOW),
            Symbol::EMPTY => Some(EMPTY),
            symbol => self.value(symbol),
        }
    }

    /// The values rendered under this label's name.
    pub(crate) fn rendered(&self, name: &'static str) -> &'static Rendered {
        let mut all = sync::lock(&self.rendered);
        if let Some((_, known)) = all.iter().find(|(known, _)| *known == name) {
            return known;
        }
        // Kept like the values themselves: a label type has one name, or a few.
        let new: &'static Rendered = Box::leak(Box::new(Rendered::new()));
        all.push((name, new));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(budget: u32) -> &'static SymbolTable {
        Box::leak(Box::new(SymbolTable::new(budget)))
    }

    #[test]
    fn values_past_the_budget_are_refused_and_known_ones_stay() {
        let table = table(2);
        let first = table.intern("a");
        let second = table.intern("b");
        assert_ne!(first, second);
        assert_eq!(table.try_intern("c"), Err(LabelError::OverBudget { budget: 2 }));
        assert_eq!(table.text(table.intern("c")), Some(OVERFLOW));
        assert_eq!(table.intern("a"), first);
        assert_eq!(table.text(second), Some("b"));
    }

    #[test]
    fn empty_long_and_reserved_values_take_no_budget() {
        let table = table(1);
        let long = "x".repeat(Symbol::MAX_VALUE_BYTES + 1);
        assert_eq!(table.try_intern(""), Err(LabelError::Empty));
        assert_eq!(table.try_intern(&long), Err(LabelError::TooLong { bytes: 257 }));
        assert_eq!(table.text(table.intern("")), Some(EMPTY));
        assert_eq!(table.text(table.intern(&long)), Some(OVERFLOW));
        assert_eq!(table.intern(OVERFLOW), Symbol::OVERFLOW);
        assert_eq!(table.intern(EMPTY), Symbol::EMPTY);
        // None took the budget of one.
        assert!(table.try_intern(&long[..Symbol::MAX_VALUE_BYTES]).is_ok());
    }

    #[test]
    fn threads_agree_on_every_value_and_the_budget_is_kept() {
        let table = table(500);
        let all: Vec<String> = (0..600).map(|n| format!("value {n}")).collect();
        let seen: Vec<Vec<_>> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(|| all.iter().map(|value| table.intern(value)).collect())).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let given: std::collections::BTreeSet<_> =
            seen.iter().flatten().filter(|symbol| **symbol != Symbol::OVERFLOW).collect();
        assert_eq!(given.len(), 500);
        for (value, symbol) in seen.iter().flat_map(|seen| all.iter().zip(seen)) {
            let text = table.text(*symbol).expect("it was given out");
            assert!(text == value || text == OVERFLOW, "{value} became {text}");
            // Once known, a value stays what it is.
            assert!(text == OVERFLOW || table.intern(value) == *symbol);
        }
    }
}
