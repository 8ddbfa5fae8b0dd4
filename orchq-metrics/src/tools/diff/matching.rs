//! Pairs old items with the new ones of the same name, or that they were renamed to.

use std::collections::{HashMap, VecDeque};

/// How many pairs are tried for a rename. Past it, which no hand-written contract reaches, none is a rename.
const MAX_TRIED: usize = 250_000;

/// Whether an old item was renamed to a new one.
type IsRename<'t, T> = &'t dyn Fn(&T, &T) -> bool;

/// Old items beside the new ones that they became.
pub(super) struct Matching<'a, T> {
    /// The old items in order, each with the new one and its index.
    old: Vec<(&'a T, Option<(usize, &'a T)>)>,
    /// The new items that no old one became, in order, with their indexes.
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

    /// Pairs removed items with added ones by each test, the most certain first. A pair counts only if the test holds
    /// for no other pair of either item.
    #[must_use]
    pub(super) fn with_renames(mut self, tests: &[IsRename<'_, T>]) -> Self {
        if self.removed().count().saturating_mul(self.added.len()) > MAX_TRIED {
            return self;
        }
        for is_rename in tests {
            let mut pairs = Vec::new();
            let removed = self.old.iter().enumerate().filter(|(_, (_, after))| after.is_none());
            for (old, (before, _)) in removed {
                let renamed = self.added.iter().filter(|(_, after)| is_rename(before, after));
                pairs.extend(renamed.map(|added| (old, *added)));
            }
            let (mut olds, mut news) = (HashMap::new(), HashMap::new());
            for (old, (new, _)) in &pairs {
                *olds.entry(*old).or_insert(0_usize) += 1;
                *news.entry(*new).or_insert(0_usize) += 1;
            }
            pairs.retain(|(old, (new, _))| olds.get(old) == Some(&1) && news.get(new) == Some(&1));
            for (old, added) in pairs {
                self.old[old].1 = Some(added);
                self.added.retain(|(new, _)| *new != added.0);
            }
        }
        self
    }

    /// The old items in order, each with what it became.
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
