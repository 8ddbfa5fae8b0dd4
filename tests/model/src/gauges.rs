//! A family of gauges, modeled on `gauge.rs` and `family.rs`.

use crate::Labels;
use crate::concurrent::sync::{AtomicU64, Ordering};
use crate::counters::one;
use crate::declare::label::Key;
use crate::store::table::{Edit, Found, Shared, Table};

/// A family of gauges, whose levels are whole numbers here.
#[derive(Clone, Copy)]
pub struct Gauges {
    table: &'static Table,
}

/// A series that was looked up.
#[derive(Clone, Copy)]
pub struct Level(Shared);

impl Level {
    /// Raises the level, unless the series was removed, and returns the new level.
    pub fn raise(self, n: u64) -> Option<u64> {
        self.0.write(|cell| raise(cell, n))
    }
}

fn raise(cell: &AtomicU64, n: u64) -> u64 {
    let level = cell.load(Ordering::Relaxed) + n;
    cell.store(level, Ordering::Relaxed);
    level
}

impl Gauges {
    /// A family without series.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each is another")]
    pub fn new() -> Self {
        Self { table: Box::leak(Box::new(Table::new(2, 1))) }
    }

    /// The series of a label set, if there is one.
    #[must_use]
    pub fn find(self, labels: Labels) -> Option<Level> {
        self.table.find(Key::new(&labels), 1).map(|found| Level(found.shared()))
    }

    /// Raises a level, and returns the new one.
    pub fn add(self, labels: Labels, n: u64) -> u64 {
        self.find(labels).and_then(|level| level.raise(n)).unwrap_or_else(|| self.add_first(labels, n))
    }

    fn add_first(self, labels: Labels, n: u64) -> u64 {
        let mut first = None;
        let mut edit = self.table.edit();
        let found = self.find_or_make(&mut edit, Key::new(&labels), |new| first = Some(raise(new.shared().cell(), n)));
        first.or_else(|| Level(found.shared()).raise(n)).expect("under the lock no series is removed")
    }

    fn find_or_make(self, edit: &mut Edit, key: Key<'_>, fill: impl FnOnce(&Found)) -> Found {
        self.table.find(key, 1).unwrap_or_else(|| {
            let reserved = self.table.reserve(edit, key, 0, |_| 0);
            fill(&reserved.found);
            self.table.publish(edit, &reserved);
            reserved.found
        })
    }

    /// Removes a series, and returns how many there were.
    pub fn remove(self, labels: Labels) -> usize {
        self.table.remove(|key| key.cells() == labels, |_| {})
    }

    /// Every series with its level.
    #[must_use]
    pub fn scrape(self) -> Vec<(Labels, u64)> {
        let mut series = Vec::new();
        self.table.visit(
            |_| (),
            |(), found, key| {
                let level = found.shared().cell().load(Ordering::Relaxed);
                series.push((<[u64; 2]>::try_from(key.cells()).expect("two cells"), level));
            },
        );
        series
    }

    /// The level of one series.
    ///
    /// # Panics
    ///
    /// When a label set has two series.
    #[must_use]
    pub fn level(self, labels: Labels) -> Option<u64> {
        one(self.scrape(), labels)
    }
}
