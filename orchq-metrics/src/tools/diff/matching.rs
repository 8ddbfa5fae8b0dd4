//! Which of the new things an old one has become.

use std::collections::{HashMap, VecDeque};

use super::likeness::Likeness;

/// How many pairs are tried for a rename: past it, which no contract reaches that people wrote, what is
/// gone is gone.
const MAX_TRIED: usize = 250_000;

/// Old things beside the new ones that they have become.
pub(super) struct Matching<'a, T> {
    /// The old ones in order.
    pub(super) old: Vec<Old<'a, T>>,
    /// The new ones that none of the old ones has become, in order.
    pub(super) added: Vec<Placed<'a, T>>,
}

/// An old thing, and the new one that it has become.
pub(super) struct Old<'a, T> {
    pub(super) before: &'a T,
    pub(super) after: Option<Placed<'a, T>>,
}

/// A new thing, and its place among the new ones.
pub(super) struct Placed<'a, T> {
    pub(super) item: &'a T,
    place: usize,
}

impl<T> Clone for Placed<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Placed<'_, T> {}

impl<'a, T> Matching<'a, T> {
    /// Things of one name; where a name comes twice, the first with the first.
    pub(super) fn by_name(old: &'a [T], new: &'a [T], name: impl Fn(&T) -> &str) -> Self {
        let mut named: HashMap<&str, VecDeque<Placed<'a, T>>> = HashMap::new();
        for (place, item) in new.iter().enumerate() {
            named.entry(name(item)).or_default().push_back(Placed { item, place });
        }
        let mut next = |before: &'a T| named.get_mut(name(before)).and_then(VecDeque::pop_front);
        let old = old.iter().map(|before| Old { before, after: next(before) }).collect();
        let mut added: Vec<_> = named.into_values().flatten().collect();
        added.sort_unstable_by_key(|placed| placed.place);
        Self { old, added }
    }

    /// Joins what is gone with what is new, the plainest first, and each with one; of those that are as plain as each
    /// other, none.
    #[must_use]
    pub(super) fn with_renames(mut self, likeness: impl Fn(&T, &T) -> Option<Likeness>) -> Self {
        let gone: Vec<_> = (0..self.old.len()).filter(|at| self.old[*at].after.is_none()).collect();
        if gone.len().saturating_mul(self.added.len()) > MAX_TRIED {
            return self;
        }
        let mut likely = Vec::new();
        for at in gone {
            for (new, placed) in self.added.iter().enumerate() {
                likely.extend(likeness(self.old[at].before, placed.item).map(|likeness| (likeness, at, new)));
            }
        }
        let mut taken = vec![false; self.added.len()];
        for tier in [Likeness::Spelling, Likeness::Meaning] {
            let is_free = |at: usize, new: usize| self.old[at].after.is_none() && !taken[new];
            let open = likely.iter().filter(|(likeness, at, new)| *likeness == tier && is_free(*at, *new));
            let open: Vec<_> = open.map(|(_, at, new)| (*at, *new)).collect();
            let (mut olds, mut news) = (HashMap::new(), HashMap::new());
            for (at, new) in &open {
                *olds.entry(*at).or_insert(0_usize) += 1;
                *news.entry(*new).or_insert(0_usize) += 1;
            }
            for (at, new) in open.into_iter().filter(|(at, new)| olds.get(at) == Some(&1) && news.get(new) == Some(&1))
            {
                self.old[at].after = Some(self.added[new]);
                taken[new] = true;
            }
        }
        let mut taken = taken.into_iter();
        self.added.retain(|_| !taken.next().unwrap_or_default());
        self
    }

    /// Those that there were and are.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'a T, &'a T)> {
        self.old.iter().filter_map(|old| Some((old.before, old.after?.item)))
    }

    /// Those that there were and are no more.
    pub(super) fn removed(&self) -> impl Iterator<Item = &'a T> {
        self.old.iter().filter(|old| old.after.is_none()).map(|old| old.before)
    }

    /// Whether those that there were and are come in another order.
    pub(super) fn order_changed(&self) -> bool {
        let places = self.old.iter().filter_map(|old| old.after.map(|after| after.place));
        !places.is_sorted()
    }
}
