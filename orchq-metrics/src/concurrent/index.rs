//! A hash index from keys to small numbers, read without a lock.

use super::sizes::{FIRST_LEVEL as FIRST, LEVELS};
use super::sync::{AtomicU32, AtomicUsize, OnceLock, Ordering};

/// An entry is eight bits of the hash above the number.
const NUMBER_BITS: u32 = 24;
const NUMBER: u32 = (1 << NUMBER_BITS) - 1;

/// Maps keys to numbers above zero. It stores no keys: the caller compares them.
///
/// An open-addressing table with linear probing. One thread at a time may change it, under
/// the caller's lock; any number may look up meanwhile. A table that is too full is copied into the
/// next level. The old one stays for the threads that still read it, so that all levels together
/// take twice the memory of the last.
///
/// A lookup during a removal may miss an entry that is being moved. It never finds a wrong one,
/// because the caller compares. After a miss, the caller looks again under the lock.
pub(crate) struct Index {
    levels: [OnceLock<Box<[AtomicU32]>>; LEVELS],
    /// The level that is read, if it is there.
    level: AtomicUsize,
}

impl Index {
    /// The greatest number.
    pub(crate) const GREATEST: u32 = NUMBER;

    pub(crate) const fn new() -> Self {
        Self { levels: [const { OnceLock::new() }; LEVELS], level: AtomicUsize::new(0) }
    }

    #[inline(always)]
    fn current(&self) -> Option<&[AtomicU32]> {
        let level = self.level.load(Ordering::Acquire);
        self.levels[level % LEVELS].get().map(|slots| &**slots)
    }

    /// The first number under this hash for which `matches` gives something.
    #[inline(always)]
    pub(crate) fn find<R>(&self, hash: u64, matches: impl Fn(u32) -> Option<R>) -> Option<R> {
        let (slots, mut slot) = (self.current()?, hash as usize);
        loop {
            let found = matches(next(slots, &mut slot, hash)?);
            if found.is_some() {
                return found;
            }
        }
    }

    /// The first number with this hash's mark, which is another key's for one key in a hundred or two. A caller that
    /// gives up then has fewer values to keep in registers than one that goes on.
    #[inline(always)]
    pub(crate) fn first(&self, hash: u64) -> Option<u32> {
        next(self.current()?, &mut (hash as usize), hash)
    }

    /// Adds a number that is not in it. `len` is how many are, `hash_of` gives the hash of each.
    pub(crate) fn insert(&self, number: u32, len: usize, hash_of: impl Fn(u32) -> u64) {
        assert!((1..=Self::GREATEST).contains(&number), "an index holds numbers from 1 to {}", Self::GREATEST);
        // At most four fifths full: a fuller table has longer probes, an emptier one takes more memory.
        match self.current() {
            Some(slots) if (len + 1) * 5 <= slots.len() * 4 => put(slots, number, hash_of(number)),
            full => self.grow(full, number, hash_of),
        }
    }

    /// Copies every entry and one more number into the next level, and then publishes it.
    fn grow(&self, full: Option<&[AtomicU32]>, number: u32, hash_of: impl Fn(u32) -> u64) {
        let level = if full.is_some() { self.level.load(Ordering::Relaxed) + 1 } else { 0 };
        let slots = self.levels[level].get_or_init(|| (0..FIRST << level).map(|_| AtomicU32::new(0)).collect());
        let entries = full.into_iter().flatten().map(|slot| slot.load(Ordering::Relaxed));
        for known in entries.filter(|entry| *entry != 0).map(|entry| entry & NUMBER).chain([number]) {
            put(slots, known, hash_of(known));
        }
        self.level.store(level, Ordering::Release);
    }

    /// Removes a number.
    pub(crate) fn remove(&self, number: u32, hash_of: impl Fn(u32) -> u64) {
        let Some(slots) = self.current() else { return };
        let mask = slots.len() - 1;
        let hash = hash_of(number);
        let entry = entry(number, hash);
        let start = hash as usize & mask;
        let mut probes = (0..slots.len()).map(|step| (start + step) & mask);
        let Some(mut hole) = probes.find(|slot| slots[*slot].load(Ordering::Relaxed) == entry) else { return };
        // Entries that were pushed past the hole move back into it. Tombstones would pile up
        // where series come and go.
        let mut slot = hole;
        loop {
            slot = (slot + 1) & mask;
            let entry = slots[slot].load(Ordering::Relaxed);
            if entry == 0 {
                break;
            }
            let home = hash_of(entry & NUMBER) as usize & mask;
            let reaches_the_hole = (slot.wrapping_sub(home) & mask) >= (slot.wrapping_sub(hole) & mask);
            if reaches_the_hole {
                slots[hole].store(entry, Ordering::Release);
                hole = slot;
            }
        }
        slots[hole].store(0, Ordering::Release);
    }
}

/// The next number with this hash's mark, from a slot on. The slot is then the one behind it.
#[inline(always)]
fn next(slots: &[AtomicU32], slot: &mut usize, hash: u64) -> Option<u32> {
    let mask = slots.len().wrapping_sub(1);
    // The loop ends, because a fifth of every level stays free.
    loop {
        let entry = slots.get(*slot & mask)?.load(Ordering::Acquire);
        *slot = slot.wrapping_add(1);
        if entry >> NUMBER_BITS == mark(hash) {
            return Some(entry & NUMBER).filter(|number| *number != 0);
        }
        if entry == 0 {
            return None;
        }
    }
}

const fn mark(hash: u64) -> u32 {
    (hash >> (u64::BITS - 8)) as u32
}

const fn entry(number: u32, hash: u64) -> u32 {
    mark(hash) << NUMBER_BITS | number
}

fn put(slots: &[AtomicU32], number: u32, hash: u64) {
    let mask = slots.len() - 1;
    for slot in (0..slots.len()).map(|step| &slots[(hash as usize + step) & mask]) {
        if slot.load(Ordering::Relaxed) == 0 {
            slot.store(entry(number, hash), Ordering::Release);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Hashes that collide often, so that removals have something to move.
    fn crowded(number: u32) -> u64 {
        u64::from(number % 7) | u64::from(number) << 56
    }

    #[test]
    fn entries_are_found_after_any_removals() {
        let index = Index::new();
        let mut model = BTreeSet::new();
        let mut random = 7_u32;
        for _ in 0..20_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let number = 1 + (random >> 8) % 300;
            if model.remove(&number) {
                index.remove(number, crowded);
            } else {
                index.insert(number, model.len(), crowded);
                model.insert(number);
            }
            for probe in [number, number % 300 + 1, (number + 7) % 300 + 1] {
                let found = index.find(crowded(probe), |known| (known == probe).then_some(known));
                assert_eq!(found.is_some(), model.contains(&probe), "{probe}");
            }
        }
        assert!(!model.is_empty());
    }
}
