//! The labels of a line, examined once: most lines of a family repeat most labels of the line before.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use foldhash::{fast, quality};

use super::expectations::{Expectation, bit};
use crate::contract::owned::OwnedValues;
use crate::declare::label::{EMPTY, OVERFLOW};
use crate::tools::scrape::FamilyType;
use crate::tools::scrape::event::{LabelPair, LabelPairs};
use crate::tools::scrape::number::float;

/// How many distinct values of a label are kept, whatever its budget.
const MAX_VALUES: usize = 1 << 20;

/// The checks that a label needs, as bits.
pub(super) type Flags = u8;
/// The contract does not have the label on the metric.
pub(super) const UNKNOWN_LABEL: Flags = 1;
/// The value is not in the closed set.
pub(super) const UNKNOWN_VALUE: Flags = 2;
pub(super) const EMPTY_VALUE: Flags = 4;
/// The value is that of everything past a limit.
pub(super) const LOST: Flags = 8;
pub(super) const CONDITIONAL: Flags = 16;
/// The value is the first past the budget.
pub(super) const PAST_BUDGET: Flags = 32;
/// promlint, Prometheus or OpenMetrics may reject the name.
pub(super) const NAME: Flags = 64;

/// The last label at an index of the line.
#[derive(Debug, Default)]
pub(super) struct KnownLabel {
    /// The text, by which it is recognized.
    raw: String,
    pub(super) flags: Flags,
    /// Its index in the contract's metric.
    pub(super) label: Option<usize>,
    bound: Option<Bound>,
    hash: u64,
    bit: u64,
}

/// The `le` or `quantile` of a family whose type has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    /// Its number, if it is one.
    pub(super) number: Option<f64>,
    /// Its index among the line's labels.
    pub(super) index: usize,
}

/// All labels of a line together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LabelSet {
    /// The same for the same labels in any order, without empty ones and the bound.
    pub(super) fingerprint: u64,
    /// The labels of the contract's metric that are there, as bits by their index.
    pub(super) present: u64,
    /// The flags of all labels.
    pub(super) flags: Flags,
    pub(super) bound: Option<Bound>,
}

/// The hasher of values that are hashes already.
pub(super) type Fingerprints = fast::RandomState;

#[derive(Debug, Default)]
pub(super) struct Labels {
    random: quality::RandomState,
    /// Labels that are on every series.
    constant: Vec<String>,
    pub(super) known: Vec<KnownLabel>,
    /// The distinct values by metric and label, as their indexes in the contract: one more than the budget at most.
    distinct: HashMap<(usize, usize), HashSet<u64, Fingerprints>>,
}

impl Labels {
    pub(super) fn new(constant: &[String]) -> Self {
        Self { constant: constant.to_vec(), ..Self::default() }
    }

    /// Begins another family.
    pub(super) fn next_family(&mut self) {
        self.known.clear();
    }

    /// Begins another text.
    pub(super) fn next_text(&mut self) {
        self.next_family();
        self.distinct.clear();
    }

    /// The labels of a line.
    #[inline]
    pub(super) fn read(
        &mut self,
        labels: LabelPairs<'_>,
        family_type: FamilyType,
        expectation: Option<&Expectation<'_>>,
    ) -> LabelSet {
        let mut set = LabelSet::default();
        let labels = labels.with_raw();
        if self.known.len() < labels.len() {
            self.known.resize_with(labels.len(), KnownLabel::default);
        }
        for (index, (raw, label)) in labels.enumerate() {
            if self.known.get(index).is_some_and(|known| known.raw != raw) {
                self.examine(index, raw, label, family_type, expectation);
            }
            let Some(known) = self.known.get(index) else { continue };
            set.fingerprint = set.fingerprint.wrapping_add(known.hash);
            set.present |= known.bit;
            set.flags |= known.flags;
            set.bound = known.bound.or(set.bound);
        }
        set
    }

    fn examine(
        &mut self,
        index: usize,
        raw: &str,
        label: LabelPair<'_>,
        family_type: FamilyType,
        expectation: Option<&Expectation<'_>>,
    ) {
        let Some(known) = self.known.get_mut(index) else { return };
        let (name, value) = (label.name.unescaped(), label.value.unescaped());
        let is_bound = match family_type {
            FamilyType::Histogram | FamilyType::GaugeHistogram => name == "le",
            FamilyType::Summary => name == "quantile",
            // A contracted histogram without its type.
            _ => name == "le" && expectation.is_some_and(|metric| metric.family_type == FamilyType::Histogram),
        };
        let mut kept = std::mem::take(&mut known.raw);
        kept.clear();
        kept.push_str(raw);
        *known = KnownLabel { raw: kept, ..KnownLabel::default() };
        if is_bound {
            known.bound = Some(Bound { number: float(&value), index });
            return;
        }
        if value.is_empty() {
            known.flags |= EMPTY_VALUE;
        } else {
            known.hash = self.random.hash_one((&name, &value));
        }
        let quoted = raw.as_bytes().get(label.name.raw().len()) == Some(&b'"');
        if name == "le" || name == "quantile" || name.starts_with('_') || quoted || is_camel_case(&name) {
            known.flags |= NAME;
        }
        let Some(expectation) = expectation else { return };
        let Some(place) = expectation.metric.labels.iter().position(|known| known.name == name) else {
            if !self.constant.iter().any(|constant| *constant == name) {
                known.flags |= UNKNOWN_LABEL;
            }
            return;
        };
        let label = &expectation.metric.labels[place];
        (known.label, known.bit) = (Some(place), bit(place));
        if label.conditional {
            known.flags |= CONDITIONAL;
        }
        match (&label.values, &*value) {
            (_, "") | (OwnedValues::Open { .. }, EMPTY) => {}
            (_, OVERFLOW) => known.flags |= LOST,
            (OwnedValues::Closed(values), value) if values.iter().any(|known| known == value) => {}
            (OwnedValues::Closed(_), _) => known.flags |= UNKNOWN_VALUE,
            (OwnedValues::Open { budget }, _) => {
                let distinct = self.distinct.entry((expectation.index, place)).or_default();
                let budget = (*budget as usize).min(MAX_VALUES);
                if distinct.len() <= budget && distinct.insert(known.hash) && distinct.len() > budget {
                    known.flags |= PAST_BUDGET;
                }
            }
        }
    }

    /// Clears the flags of findings that are reported once.
    pub(super) fn budget_reported(&mut self) {
        self.known.iter_mut().for_each(|known| known.flags &= !PAST_BUDGET);
    }
}

/// Whether a capital follows a small letter.
pub(super) fn is_camel_case(name: &str) -> bool {
    name.as_bytes().windows(2).any(|pair| matches!(pair, [b'a'..=b'z', b'A'..=b'Z']))
}
