//! The series of the family that is being read, kept until the next family: a fingerprint of each.

use std::collections::{HashMap, HashSet};

use super::context::Line;
use super::labels::Fingerprints;
use crate::report::finding::Location;

/// How many series of a family are checked for duplicates. With eight bytes of each, and room to grow, they take about
/// 40 MB at most.
pub(super) const MAX_SERIES: usize = 1 << 21;

/// How many incomplete series of histograms and summaries are kept: 50 MB at most.
const MAX_GROUPS: usize = 1 << 18;

/// For how many incomplete series the first line is kept, to be shown.
const MAX_LINES: usize = 32;

/// The lines so far of one series of a histogram or summary.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    /// Where it begins.
    pub(super) line: usize,
    /// The upper bound and the count of its last bucket.
    pub(super) last: Option<(f64, f64)>,
    pub(super) inf: Option<f64>,
    pub(super) count: Option<f64>,
    pub(super) buckets: u32,
    pub(super) has_sum: bool,
    pub(super) has_created: bool,
    /// Whether a bucket ends below zero.
    pub(super) below_zero: bool,
    pub(super) order_reported: bool,
    pub(super) bounds_reported: bool,
}

#[derive(Debug, Default)]
pub(super) struct SeriesOfFamily {
    known: HashSet<u64, Fingerprints>,
    /// The series of several lines that are incomplete.
    unfinished: HashMap<u64, Group, Fingerprints>,
    /// The series that is being read.
    current: Option<(u64, Group)>,
    first_line: String,
    first_lines: HashMap<u64, String, Fingerprints>,
    /// The label set of the previous line, and its time.
    last: Option<(u64, Option<f64>)>,
    /// Whether a counter has a `_created`.
    has_created: bool,
    /// Whether other lines are between those of the current series.
    apart: bool,
    apart_reported: bool,
    /// How many series there are.
    pub(super) count: usize,
    /// Whether there are more than are checked for duplicates.
    pub(super) full: bool,
}

impl SeriesOfFamily {
    /// Adds a series of one line; returns false if it was there before.
    #[inline]
    pub(super) fn add(&mut self, fingerprint: u64) -> bool {
        if self.known.len() >= MAX_SERIES {
            self.full = true;
            return true;
        }
        self.known.insert(fingerprint)
    }

    /// The series of several lines that this line belongs to; `None` if that was complete before.
    #[inline]
    pub(super) fn group(&mut self, fingerprint: u64, line: Line<'_>) -> Option<&mut Group> {
        if self.current.is_none_or(|(current, _)| current != fingerprint) {
            self.change_group(fingerprint, line);
        }
        self.current.as_mut().map(|(_, group)| group)
    }

    fn change_group(&mut self, fingerprint: u64, line: Line<'_>) {
        self.put_back();
        if self.known.contains(&fingerprint) {
            self.apart = true;
            return;
        }
        let known = self.unfinished.get(&fingerprint).copied();
        self.apart |= known.is_some();
        self.count += usize::from(known.is_none());
        self.current = Some((fingerprint, known.unwrap_or_else(|| Group { line: line.number, ..Group::default() })));
        self.first_line.clear();
        self.first_line.push_str(line.text);
    }

    /// Continues with a line of this label set; returns whether its time is before that of the previous one.
    #[inline]
    pub(super) fn falls(&mut self, labels: u64, time: Option<f64>) -> bool {
        let last = self.last.replace((labels, time));
        let before = last.filter(|(last, _)| *last == labels).and_then(|(_, before)| before);
        before.zip(time).is_some_and(|(before, time)| time < before)
    }

    /// A line of a counter, before it is added: its `_total` and its `_created` belong together.
    #[inline]
    pub(super) fn counter(&mut self, labels: u64, fingerprint: u64, created: bool) {
        self.has_created |= created;
        if self.has_created && self.last.is_some_and(|(last, _)| last != labels) {
            self.apart |= self.known.contains(&if created { fingerprint } else { !fingerprint });
        }
    }

    /// Whether other lines are between those of a series: true once in a family.
    #[inline]
    pub(super) fn take_apart(&mut self) -> bool {
        std::mem::take(&mut self.apart) && !std::mem::replace(&mut self.apart_reported, true)
    }

    /// Keeps the series that was read: only the fingerprint if it is complete.
    fn put_back(&mut self) {
        let Some((fingerprint, group)) = self.current.take() else { return };
        if group.inf.is_some() && group.count.is_some() && group.has_sum && !group.below_zero {
            self.unfinished.remove(&fingerprint);
            self.first_lines.remove(&fingerprint);
            self.add(fingerprint);
        } else if let Some(known) = self.unfinished.get_mut(&fingerprint) {
            *known = group;
        } else if self.unfinished.len() >= MAX_GROUPS {
            self.full = true;
        } else {
            self.unfinished.insert(fingerprint, group);
            if self.first_lines.len() < MAX_LINES {
                self.first_lines.insert(fingerprint, self.first_line.clone());
            }
        }
    }

    /// Ends the family; returns the incomplete series of several lines, in the order of the text, each with its first
    /// line if that was kept.
    pub(super) fn finish(&mut self, source: &str) -> Vec<(Group, Option<Location>)> {
        self.put_back();
        let mut unfinished: Vec<_> = self.unfinished.drain().collect();
        unfinished.sort_unstable_by_key(|(_, group)| group.line);
        let finished = |(fingerprint, group): (u64, Group)| {
            let text = self.first_lines.get(&fingerprint);
            let name = |text: &str| text.find(['{', ' ']).unwrap_or(text.len());
            (group, text.map(|text| Location::new(source, group.line, text, 0..name(text))))
        };
        let finished = unfinished.into_iter().map(finished).collect();
        self.known.clear();
        let (known, unfinished) = (std::mem::take(&mut self.known), std::mem::take(&mut self.unfinished));
        *self = Self { known, unfinished, ..Self::default() };
        finished
    }
}
