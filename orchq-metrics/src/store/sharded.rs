//! Counters and histograms: each thread adds up its own.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::family::Family;
use super::shard::{self, Block, Place, Tagged};
use super::table::{Found, Incarnation};
use super::{Counter, Histogram, Kind, LabelSet, Reading, dense, threads};
use crate::desc::MetricDesc;

/// Where each thread finds its own words of a series.
#[derive(Clone, Copy)]
pub struct Sharded {
    place: Place,
    /// Zero in a family with an index: its series live for ever, and their words bear no tag.
    incarnation: Incarnation,
}

impl Kind for Counter {
    type Series = Sharded;
    const SHARED_WORDS: usize = 0;

    #[inline]
    fn own_words(_: &MetricDesc) -> usize {
        1
    }

    fn resolve(family: &'static Family<Self>, labels: LabelSet<'_>) -> Sharded {
        family.resolve(labels)
    }

    fn read<'s, 'b>(
        _: &MetricDesc,
        _: Option<&AtomicU64>,
        blocks: impl Iterator<Item = Block<'b>>,
        _: &'s mut Vec<u64>,
    ) -> Reading<'s> {
        let words = blocks.filter_map(|block| block.word(0));
        Reading::Counter(words.fold(0, |sum, word| sum.wrapping_add(word.load(Relaxed))))
    }
}

/// The sum, and a count for each bucket.
impl Kind for Histogram {
    type Series = Sharded;
    const SHARED_WORDS: usize = 0;

    #[inline]
    fn own_words(desc: &MetricDesc) -> usize {
        desc.buckets.len() + 2
    }

    fn resolve(family: &'static Family<Self>, labels: LabelSet<'_>) -> Sharded {
        family.resolve(labels)
    }

    fn read<'s, 'b>(
        desc: &MetricDesc,
        _: Option<&AtomicU64>,
        blocks: impl Iterator<Item = Block<'b>>,
        counts: &'s mut Vec<u64>,
    ) -> Reading<'s> {
        counts.clear();
        counts.resize(desc.buckets.len() + 1, 0);
        let mut sum = 0.0;
        for block in blocks {
            sum += block.word(0).map_or(0.0, |word| f64::from_bits(word.load(Relaxed)));
            for (bucket, count) in counts.iter_mut().enumerate() {
                *count += block.word(1 + bucket).map_or(0, |word| word.load(Relaxed));
            }
        }
        Reading::Histogram { counts, sum }
    }
}

impl<K: Kind<Series = Sharded>> Family<K> {
    /// Records for a label set; `write` may be called on the words of any shard that is this thread's alone.
    #[inline]
    fn record(&'static self, labels: LabelSet<'_>, write: impl Fn(Block<'_>) + Copy) {
        match self.look_up(labels) {
            Some(series) if self.write(series, write) => self.notice(labels, series.incarnation),
            _ => self.record_slowly(labels, &write),
        }
    }

    /// Records for a series, if this thread has words for it and it was not retired.
    #[inline]
    fn write(&self, series: Sharded, write: impl Fn(Block<'_>)) -> bool {
        let block = threads::own().and_then(|shard| shard.block(series.place));
        let block = match series.incarnation {
            0 => block,
            incarnation => block.and_then(|block| Tagged(block).of(incarnation)),
        };
        block.map(write).is_some()
    }

    /// The series of a label set, if a thread has made it.
    #[inline]
    fn look_up(&'static self, labels: LabelSet<'_>) -> Option<Sharded> {
        match labels.index {
            Some(index) => self.known_dense_range().map(|range| self.at_index(range, index)),
            None => self.table.find(labels.key, K::SHARED_WORDS).map(|found| self.at_slot(found)),
        }
    }

    #[inline]
    fn at_index(&self, range: u32, index: usize) -> Sharded {
        Sharded { place: Place { range, at: index * K::own_words(self.desc) }, incarnation: 0 }
    }

    #[inline]
    fn at_slot(&self, Found { chunk, offset, incarnation, .. }: Found) -> Sharded {
        Sharded { place: Place { range: chunk.range, at: offset * (K::own_words(self.desc) + 1) }, incarnation }
    }

    /// The series of a label set, made at zero when there is none.
    fn resolve(&'static self, labels: LabelSet<'_>) -> Sharded {
        let series = self.look_up(labels).unwrap_or_else(|| match labels.index {
            Some(index) => self.at_index(self.dense_range(), index),
            None => self.at_slot(self.find_or_make(&mut self.table.edit(), labels.key, |_| {})),
        });
        self.notice(labels, series.incarnation);
        series
    }

    /// The first recording of this thread for a series, and the one after a retirement.
    #[cold]
    #[inline(never)]
    fn record_slowly(&'static self, labels: LabelSet<'_>, write: &dyn Fn(Block<'_>)) {
        let words = K::own_words(self.desc);
        if let Some(index) = labels.index {
            let place = self.at_index(self.dense_range(), index).place;
            let all = dense::label_sets(self.desc.labels).unwrap_or_default() * words;
            return threads::with_a_shard(|shard| write(shard.block_or_new(place, all)));
        }
        // Held to the end, so that no retirement comes between the claim and the recording.
        let mut edit = self.table.edit();
        let found = self.find_or_make(&mut edit, labels.key, |_| {});
        let series = self.at_slot(found);
        threads::with_a_shard(|shard| {
            let block = shard.block_or_new(series.place, found.chunk.slots * (words + 1));
            write(Tagged(block).claim(series.incarnation, words));
        });
        drop(edit);
        self.notice(labels, series.incarnation);
    }
}

impl Family<Counter> {
    /// Adds to the series of a label set.
    #[inline]
    pub(crate) fn add(&'static self, labels: LabelSet<'_>, n: u64) {
        self.record(labels, |block| add(block, n));
    }

    /// Adds to a series, unless it was retired or this thread has yet to find its own words of it.
    #[inline]
    pub(crate) fn add_at(&self, series: Sharded, n: u64) -> bool {
        self.write(series, |block| add(block, n))
    }
}

#[inline]
fn add(block: Block<'_>, n: u64) {
    if let Some(word) = block.word(0) {
        shard::add(word, n);
    }
}

impl Family<Histogram> {
    /// Counts an observation of a label set. It is a finite number.
    #[inline]
    pub(crate) fn observe(&'static self, labels: LabelSet<'_>, value: f64) {
        let bounds = self.desc.buckets;
        self.record(labels, |block| observe(block, bounds, value));
    }

    /// Counts an observation of a series, unless it was retired or this thread has yet to find its own words of it.
    #[inline]
    pub(crate) fn observe_at(&self, series: Sharded, value: f64) -> bool {
        let bounds = self.desc.buckets;
        self.write(series, |block| observe(block, bounds, value))
    }

    /// Whether a histogram takes this value; what is wrong with it is counted. An infinite
    /// one would spoil the sum for good.
    #[inline]
    pub(crate) fn takes_observation(&self, value: f64) -> bool {
        use crate::unit::Violation;
        !matches!(self.inspect(value), Some(Violation::Nan | Violation::Infinite))
    }
}

#[inline]
fn observe(block: Block<'_>, bounds: &[f64], value: f64) {
    let bucket = bounds.partition_point(|bound| *bound < value);
    if let (Some(sum), Some(count)) = (block.word(0), block.word(1 + bucket)) {
        sum.store((f64::from_bits(sum.load(Relaxed)) + value).to_bits(), Relaxed);
        shard::add(count, 1);
    }
}
