//! What the store needs of label sets.

/// A label set as words, as the shipped type of this name is.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a>(&'a [u64]);

impl<'a> Key<'a> {
    pub(crate) const fn new(words: &'a [u64]) -> Self {
        Self(words)
    }

    pub(crate) const fn words(self) -> &'a [u64] {
        self.0
    }
}
