//! Pairs old items with the new ones of the same name, or that declare to be renamed from them.

use std::collections::{HashMap, VecDeque};

/// Old items, each beside the new item that replaces it.
pub(super) struct Matching<'a, T> {
    /// The old items in order, each with the new one and its index.
    old: Vec<(&'a T, Option<(usize, &'a T)>)>,
    /// The new items that replace no old one, in order, with their indexes.
    added: Vec<(usize, &'a T)>,
}

impl<'a, T> Matching<'a, T> {
    /// Pairs items of the same name; if a name occurs twice, the first with the first.
    pub(super) fn by_name(old: &'a [T], new: &'a [T], name: impl Fn(&T) -> &str) -> Self {
        let mut named: HashMap<&str, VecDeque<(usize, &'a T)>> = HashMap::new();
        for (index, item) in new.iter().enumerate() {
            named.entry(name(item)).or_default().push_back((index, item));
        }
        let mut next = |before: &'a T| named.get_mut(name(before)).and_then(VecDeque::pop_front);
        let old = old.iter().map(|before| (before, next(before))).collect();
        let mut added: Vec<_> = named.into_values().flatten().collect();
        added.sort_unstable_by_key(|(index, _)| *index);
        Self { old, added }
    }

    /// Pairs removed items with the added ones that declare to be renamed from them.
    #[must_use]
    pub(super) fn with_renames(mut self, is_renamed: impl Fn(&T, &T) -> bool) -> Self {
        for (before, after) in self.old.iter_mut().filter(|(_, after)| after.is_none()) {
            let renamed = self.added.iter().position(|(_, added)| is_renamed(before, added));
            *after = renamed.map(|at| self.added.remove(at));
        }
        self
    }

    /// The old items in order, each with its new one.
    pub(super) fn old(&self) -> impl Iterator<Item = (&'a T, Option<&'a T>)> {
        self.old.iter().map(|(before, after)| (*before, after.map(|(_, item)| item)))
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'a T, &'a T)> {
        self.old().filter_map(|(before, after)| Some((before, after?)))
    }

    pub(super) fn removed(&self) -> impl Iterator<Item = &'a T> {
        self.old().filter(|(_, after)| after.is_none()).map(|(before, _)| before)
    }

    pub(super) fn added(&self) -> impl ExactSizeIterator<Item = &'a T> {
        self.added.iter().map(|(_, item)| *item)
    }

    /// Whether the pairs are in another order than they were.
    pub(super) fn order_changed(&self) -> bool {
        !self.old.iter().filter_map(|(_, after)| after.map(|(index, _)| index)).is_sorted()
    }
}
