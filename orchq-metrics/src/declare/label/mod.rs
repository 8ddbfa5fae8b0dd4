//! Labels: typed values, and groups of them that flatten into a label set.

mod rendered;
mod symbol;

use std::fmt;

pub(crate) use rendered::{Quotes, Rendered, escape, push_pair};
#[cfg(feature = "tools")]
pub(crate) use symbol::EMPTY;
pub(crate) use symbol::OVERFLOW;
pub use symbol::{LabelError, Symbol, SymbolTable};

/// The supertrait of [`Label`] and [`Labels`], which the derives alone implement: the store relies on their
/// indices and symbols being right.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not derive its labels",
    note = "derive `Label` or `Labels`; neither is implemented by hand"
)]
pub trait Sealed {}

/// What the derives demand of a type. Not a supertrait of theirs: each use of the type would then be an error too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `Copy`, and labels are",
    label = "derive `Clone` and `Copy`",
    note = "write `#[derive(Clone, Copy, ..)]` above it"
)]
pub trait IsCopy {}

#[diagnostic::do_not_recommend]
impl<T: Copy + Sealed> IsCopy for T {}

/// Whether a text can be the name of a label, without quotes.
#[cfg_attr(not(feature = "tools"), expect(unreachable_pub, reason = "the command uses it"))]
pub fn is_label_name(name: &str) -> bool {
    !name.contains(':') && is_metric_name(name)
}

/// Whether a text can be the name of a metric, without quotes.
pub(crate) fn is_metric_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | ':'))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
}

/// For generated code.
pub const fn is_copy<T: IsCopy>() {}

/// A type whose values are the values of one label.
///
/// Derive it with [`Label`](derive@crate::Label), and `Copy` too. `Option<L>` is the label `L` where it
/// applies only to some series: for `None` the series does not carry the label.
/// A string is not a label: an unbounded set of values is how metrics outgrow a Prometheus, so an open
/// label states a budget.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a label",
    note = "a label is an enum of its values with `#[derive(Clone, Copy, Label)]`, or `struct Name(Symbol)` with `#[label(budget = 256)]` in addition",
    note = "a group of labels is a field marked `#[labels]`"
)]
pub trait Label: Sealed + Sized + Send + Sync + 'static {
    /// The values it can take.
    const VALUES: LabelValues;
    /// Whether a series may lack it.
    const CONDITIONAL: bool = false;
    /// How many values there can be, absence counted; `usize::MAX` if they are not known beforehand.
    #[doc(hidden)]
    const CHOICES: usize = match Self::VALUES {
        LabelValues::Closed(values) => values.len() + Self::CONDITIONAL as usize,
        LabelValues::Open { .. } => usize::MAX,
    };
    /// The interned value.
    #[doc(hidden)]
    fn symbol(self) -> Symbol;
    /// The index of a closed label's value among its choices.
    #[doc(hidden)]
    #[inline(always)]
    fn choice(self) -> usize {
        // Symbols count from one, and zero is a label that does not apply.
        (self.symbol().bits() as usize).wrapping_sub(1).wrapping_add(Self::CONDITIONAL as usize)
    }
}

// Of any type, or what is not a label would be several errors.
#[diagnostic::do_not_recommend]
impl<L> Sealed for Option<L> {}

impl<L: Label> Label for Option<L> {
    const VALUES: LabelValues = L::VALUES;
    const CONDITIONAL: bool = true;

    #[inline(always)]
    fn symbol(self) -> Symbol {
        self.map_or(Symbol::ABSENT, L::symbol)
    }
}

/// A group of labels that belong together, such as a replica's identity.
///
/// Derive it with [`Labels`](derive@crate::Labels), and `Copy` too, and put it into a metric or another
/// group as a field marked `#[labels]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a group of labels",
    note = "derive `Labels` on it, or, if it is one label, take `#[labels]` off the field"
)]
pub trait Labels: Sealed + Sized + Send + Sync + 'static {
    /// How many labels the group flattens to.
    const LEN: usize;
    /// The flattened labels, in order.
    const DESCS: &'static [LabelDesc];
    /// Writes one symbol for each flattened label.
    #[doc(hidden)]
    fn write(self, out: &mut SymbolWriter<'_>);
    /// How many label sets there can be; `usize::MAX` if they are not known beforehand.
    #[doc(hidden)]
    const SETS: usize;
    /// The index of this label set among all, where they are known.
    #[doc(hidden)]
    fn index(self) -> usize;
}

/// The values that a label can take.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum LabelValues {
    /// Exactly these, spelled as on the wire.
    Closed(&'static [&'static str]),
    /// Any, up to a budget of distinct values in one process.
    Open {
        /// The budget.
        budget: u32,
        /// The table that numbers the values.
        #[doc(hidden)]
        table: fn() -> &'static SymbolTable,
    },
}

impl LabelValues {
    /// The text of a symbol of this label; `None` where the label is absent.
    pub(crate) fn text(self, symbol: Symbol) -> Option<&'static str> {
        match self {
            Self::Closed(_) if symbol == Symbol::CLOSED_OVERFLOW => Some(OVERFLOW),
            Self::Closed(values) => symbol.index().and_then(|index| values.get(index).copied()),
            Self::Open { table, .. } => table().text(symbol),
        }
    }

    /// Whether the symbol represents values past the budget.
    pub(crate) fn is_lost(self, symbol: Symbol) -> bool {
        symbol == Symbol::OVERFLOW && matches!(self, Self::Open { .. })
    }

    /// Whether a symbol has the same meaning in both.
    pub(crate) fn are_those_of(self, other: Self) -> bool {
        match (self, other) {
            (Self::Open { table: one, .. }, Self::Open { table: other, .. }) => std::ptr::eq(one(), other()),
            _ => self == other,
        }
    }
}

impl PartialEq for LabelValues {
    /// Closed sets are equal value by value, open ones by budget.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Closed(a), Self::Closed(b)) => a == b,
            (Self::Open { budget: a, .. }, Self::Open { budget: b, .. }) => a == b,
            _ => false,
        }
    }
}

impl fmt::Debug for LabelValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(values) => f.debug_tuple("Closed").field(values).finish(),
            Self::Open { budget, .. } => f.debug_struct("Open").field("budget", budget).finish(),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for LabelValues {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Closed(values) => serializer.serialize_newtype_variant("LabelValues", 0, "closed", values),
            Self::Open { budget, .. } => serializer.serialize_newtype_variant("LabelValues", 1, "budget", budget),
        }
    }
}

/// One label of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LabelDesc {
    /// Its name: the field's name.
    pub name: &'static str,
    /// The values that it can take.
    pub values: LabelValues,
    /// Whether only some series carry it.
    pub conditional: bool,
    /// For a conditional label, which series may carry it.
    pub conditions: &'static [Condition],
}

/// Which series may carry a conditional label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Condition {
    /// Only if another label has one of these values: `#[when(engine = "triton")]`.
    OnlyWith {
        /// The other label.
        label: &'static str,
        /// Its values.
        values: &'static [&'static str],
    },
    /// Only where another label is absent: `#[unless(model_digest)]`.
    NotWith {
        /// The other label.
        label: &'static str,
    },
}

/// A label set as numbers: two symbols to a cell, in the order of the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a>(&'a [u64]);

impl<'a> Key<'a> {
    #[inline(always)]
    pub(crate) const fn new(cells: &'a [u64]) -> Self {
        Self(cells)
    }

    #[inline(always)]
    pub(crate) const fn cells(self) -> &'a [u64] {
        self.0
    }

    /// The symbol of the label at this index.
    #[inline(always)]
    pub(crate) const fn symbol(self, label: usize) -> Symbol {
        Symbol::from_bits((self.0[label / 2] >> (label % 2 * 32)) as u32)
    }
}

/// Writes a label set, label by label. For generated code.
pub struct SymbolWriter<'a> {
    cells: &'a mut [u64],
    next: usize,
}

impl<'a> SymbolWriter<'a> {
    #[inline(always)]
    pub(crate) const fn new(cells: &'a mut [u64]) -> Self {
        Self { cells, next: 0 }
    }

    /// Writes the next label's value.
    #[inline(always)]
    pub fn push(&mut self, symbol: Symbol) {
        if let Some(cell) = self.cells.get_mut(self.next / 2) {
            *cell |= u64::from(symbol.bits()) << (self.next % 2 * 32);
        }
        self.next += 1;
    }
}
