//! What the store needs of label sets.

/// A label set as cells, as the shipped type of this name is.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a>(&'a [u64]);

impl<'a> Key<'a> {
    pub(crate) const fn new(cells: &'a [u64]) -> Self {
        Self(cells)
    }

    pub(crate) const fn cells(self) -> &'a [u64] {
        self.0
    }
}
