//! The labels of a line, looked at once: lines of a family repeat most of those of the line before.

use std::collections::HashSet;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use super::promises::{Promise, bit};
use crate::contract::owned::OwnedValues;
use crate::declare::label::{EMPTY, OVERFLOW};
use crate::tools::scrape::FamilyType;
use crate::tools::scrape::event::{LabelPair, LabelPairs};
use crate::tools::scrape::number::float;

/// How many distinct values of a label are kept, whatever its budget.
const MOST_VALUES: usize = 1 << 20;

/// What there is to say of a label, as bits.
pub(super) type Marks = u8;
/// The contract has no label of this name on the metric.
pub(super) const UNKNOWN_LABEL: Marks = 1;
/// The value is not one of the closed set.
pub(super) const UNKNOWN_VALUE: Marks = 2;
/// There is no value.
pub(super) const EMPTY_VALUE: Marks = 4;
/// The value stands for those that were lost.
pub(super) const LOST: Marks = 8;
/// The label may stand only on some series.
pub(super) const CONDITIONAL: Marks = 16;
/// The value is the first past the budget.
pub(super) const PAST_BUDGET: Marks = 32;
/// The name is one that promlint or Prometheus has something against.
pub(super) const NAME: Marks = 64;

/// A label at a place in the line, as it was last there.
#[derive(Debug, Default)]
pub(super) struct Pair {
    /// The text, by which it is known again.
    raw: String,
    pub(super) marks: Marks,
    /// Its place in the contract's metric.
    pub(super) label: Option<usize>,
    /// The number of a `le` or a `quantile` that is part of the type.
    bound: Option<Bound>,
    hash: u64,
    bit: u64,
}

/// A `le` or a `quantile` of a family whose type has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    /// Its number, where it is one.
    pub(super) number: Option<f64>,
    /// Where in the line's labels it is.
    pub(super) place: usize,
}

/// What is known of all labels of a line together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LabelSet {
    /// The same for the same labels in any order, those without a value and the bound left out.
    pub(super) fingerprint: u64,
    /// The labels of the contract's metric that are there, as bits by their place.
    pub(super) present: u64,
    /// What there is to say of any of them.
    pub(super) marks: Marks,
    pub(super) bound: Option<Bound>,
}

/// The distinct values of a label.
#[derive(Debug, Default)]
struct Distinct {
    values: HashSet<u64, Fingerprints>,
    told: bool,
}

#[derive(Debug, Default)]
pub(super) struct Pairs {
    random: RandomState,
    pairs: Vec<Pair>,
    /// By metric and label, as their places in the contract.
    distinct: Vec<Vec<Distinct>>,
}

impl Pairs {
    /// Forgets what was there, because the lines are of another family.
    pub(super) fn forget(&mut self) {
        self.pairs.clear();
    }

    /// Forgets the values too, because the text is another.
    pub(super) fn forget_values(&mut self) {
        self.forget();
        self.distinct.clear();
    }

    pub(super) fn get(&self, place: usize) -> Option<&Pair> {
        self.pairs.get(place)
    }

    /// The labels of a line.
    #[inline]
    pub(super) fn read(
        &mut self,
        labels: LabelPairs<'_>,
        family_type: FamilyType,
        promise: Option<&Promise<'_>>,
    ) -> LabelSet {
        let mut set = LabelSet::default();
        if self.pairs.len() < labels.len() {
            self.pairs.resize_with(labels.len(), Pair::default);
        }
        for (place, (raw, label)) in labels.with_raw().enumerate() {
            if self.pairs.get(place).is_some_and(|pair| pair.raw != raw) {
                self.renew(place, raw, label, family_type, promise);
            }
            let Some(pair) = self.pairs.get_mut(place) else { continue };
            set.fingerprint = set.fingerprint.wrapping_add(pair.hash);
            set.present |= pair.bit;
            set.marks |= pair.marks;
            set.bound = pair.bound.or(set.bound);
        }
        set
    }

    fn renew(
        &mut self,
        place: usize,
        raw: &str,
        label: LabelPair<'_>,
        family_type: FamilyType,
        promise: Option<&Promise<'_>>,
    ) {
        let Some(pair) = self.pairs.get_mut(place) else { return };
        let (name, value) = (label.name.unescaped(), label.value.unescaped());
        let bound = match family_type {
            FamilyType::Histogram | FamilyType::GaugeHistogram => name == "le",
            FamilyType::Summary => name == "quantile",
            // A contracted histogram that has lost its type.
            _ => name == "le" && promise.is_some_and(|promise| promise.family_type() == FamilyType::Histogram),
        };
        pair.raw.clear();
        pair.raw.push_str(raw);
        (pair.label, pair.bit, pair.hash, pair.bound, pair.marks) = (None, 0, 0, None, 0);
        if bound {
            pair.bound = Some(Bound { number: float(&value), place });
            return;
        }
        if value.is_empty() {
            pair.marks |= EMPTY_VALUE;
        } else {
            pair.hash = self.random.hash_one((&name, &value));
        }
        let quoted = raw.as_bytes().get(label.name.raw().len()) == Some(&b'"');
        if name == "le" || name == "quantile" || name.starts_with('_') || quoted || is_camel_case(&name) {
            pair.marks |= NAME;
        }
        let Some(promise) = promise else { return };
        let known = promise.metric.labels.iter().enumerate().find(|(_, known)| known.name == name);
        let Some((known, label)) = known else {
            pair.marks |= UNKNOWN_LABEL;
            return;
        };
        pair.label = Some(known);
        pair.bit = bit(known);
        if label.conditional {
            pair.marks |= CONDITIONAL;
        }
        match (&label.values, &*value) {
            (_, "") => {}
            (_, OVERFLOW) => pair.marks |= LOST,
            (OwnedValues::Closed(values), value) if values.iter().any(|known| known == value) => {}
            (OwnedValues::Closed(_), _) => pair.marks |= UNKNOWN_VALUE,
            (OwnedValues::Open { .. }, EMPTY) => {}
            (OwnedValues::Open { budget }, _) => {
                let hash = pair.hash;
                let distinct = at(at(&mut self.distinct, promise.place), known);
                let budget = (*budget as usize).min(MOST_VALUES);
                if distinct.values.len() <= budget {
                    distinct.values.insert(hash);
                    if distinct.values.len() > budget && !std::mem::replace(&mut distinct.told, true) {
                        pair.marks |= PAST_BUDGET;
                    }
                }
            }
        }
    }

    /// Takes back what is said once.
    pub(super) fn told(&mut self) {
        self.pairs.iter_mut().for_each(|pair| pair.marks &= !PAST_BUDGET);
    }
}

/// The element at a place, with new ones before it where there are too few.
fn at<T: Default>(all: &mut Vec<T>, place: usize) -> &mut T {
    if all.len() <= place {
        all.resize_with(place + 1, T::default);
    }
    &mut all[place]
}

/// Whether a capital stands behind a small letter.
pub(super) fn is_camel_case(name: &str) -> bool {
    name.as_bytes().windows(2).any(|pair| matches!(pair, [b'a'..=b'z', b'A'..=b'Z']))
}

/// Hashes what is a hash already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fingerprints;

impl BuildHasher for Fingerprints {
    type Hasher = Fingerprint;

    fn build_hasher(&self) -> Fingerprint {
        Fingerprint(0)
    }
}

pub(super) struct Fingerprint(u64);

impl std::hash::Hasher for Fingerprint {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
