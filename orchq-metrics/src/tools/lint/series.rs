//! The series of the family that is being read, kept until the next family: a fingerprint of each.

use std::collections::{HashMap, HashSet};

use super::pairs::Fingerprints;
use super::place::Line;
use crate::report::finding::Location;

/// How many series of a family are compared with each other. With eight bytes of each, and room to grow, they take
/// about 40 MB at most.
const MOST_SERIES: usize = 1 << 21;

/// How many series of a histogram or summary are kept that lack a line, of which more has to be known: 50 MB at most.
const MOST_GROUPS: usize = 1 << 18;

/// Of how many unfinished series the line is kept, to be shown.
const MOST_LINES: usize = 32;

/// What has been seen of one series of a histogram or summary.
#[derive(Clone, Copy, Debug)]
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
    /// Whether something was said of its buckets' order, or of their bounds.
    pub(super) order_told: bool,
    pub(super) bounds_told: bool,
}

impl Group {
    fn new(line: usize) -> Self {
        Self {
            line,
            last: None,
            inf: None,
            count: None,
            buckets: 0,
            has_sum: false,
            has_created: false,
            below_zero: false,
            order_told: false,
            bounds_told: false,
        }
    }
}

/// A series that has no more lines, with its first line as far as that was kept.
pub(super) struct Finished {
    pub(super) group: Group,
    pub(super) location: Option<Location>,
}

#[derive(Debug, Default)]
pub(super) struct SeriesOfFamily {
    seen: HashSet<u64, Fingerprints>,
    /// The series of several lines that lack one.
    unfinished: HashMap<u64, Group, Fingerprints>,
    /// The series whose lines are being read, apart from the others.
    current: Option<(u64, Group)>,
    first_line: String,
    first_lines: HashMap<u64, String, Fingerprints>,
    /// The label set of the line before, and its time where it has one.
    last: Option<(u64, Option<f64>)>,
    /// Whether a counter's series tells when it began.
    has_created: bool,
    /// Whether the lines of the series that is read are apart from those before.
    apart: bool,
    apart_told: bool,
    /// How many series there are.
    pub(super) count: usize,
    /// Whether there are more than are compared.
    pub(super) full: bool,
}

impl SeriesOfFamily {
    /// Adds a series of one line; false where it was there before.
    #[inline]
    pub(super) fn add(&mut self, fingerprint: u64) -> bool {
        if self.seen.len() >= MOST_SERIES {
            self.full = true;
            return true;
        }
        self.seen.insert(fingerprint)
    }

    /// The series of several lines that this line belongs to; `None` where that had all its lines before.
    #[inline]
    pub(super) fn group(&mut self, fingerprint: u64, line: Line<'_>) -> Option<&mut Group> {
        if self.current.is_none_or(|(current, _)| current != fingerprint) {
            self.change_group(fingerprint, line);
        }
        self.current.as_mut().map(|(_, group)| group)
    }

    fn change_group(&mut self, fingerprint: u64, line: Line<'_>) {
        self.put_back();
        if self.seen.contains(&fingerprint) {
            self.apart = true;
            return;
        }
        let known = self.unfinished.get(&fingerprint).copied();
        self.apart |= known.is_some();
        self.count += usize::from(known.is_none());
        self.current = Some((fingerprint, known.unwrap_or_else(|| Group::new(line.number))));
        self.first_line.clear();
        self.first_line.push_str(line.text);
    }

    /// Goes on to a line of this label set in a text that has times in order; gives whether its time falls.
    #[inline]
    pub(super) fn falls(&mut self, labels: u64, time: Option<f64>) -> bool {
        let last = self.last.replace((labels, time));
        let before = last.filter(|(last, _)| *last == labels).and_then(|(_, before)| before);
        before.zip(time).is_some_and(|(before, time)| time < before)
    }

    /// A line of a counter, before it is added and gone on to: its `_total` and its `_created` belong together.
    #[inline]
    pub(super) fn counter(&mut self, labels: u64, fingerprint: u64, created: bool) {
        self.has_created |= created;
        if self.has_created && self.last.is_some_and(|(last, _)| last != labels) {
            self.apart |= self.seen.contains(&if created { fingerprint } else { !fingerprint });
        }
    }

    /// Whether the lines of a series were found to be apart: once in a family.
    #[inline]
    pub(super) fn take_apart(&mut self) -> bool {
        std::mem::take(&mut self.apart) && !std::mem::replace(&mut self.apart_told, true)
    }

    /// Keeps what is known of the series whose lines were read: of one that has all, the fingerprint alone.
    fn put_back(&mut self) {
        let Some((fingerprint, group)) = self.current.take() else { return };
        if group.inf.is_some() && group.count.is_some() && group.has_sum && !group.below_zero {
            self.unfinished.remove(&fingerprint);
            self.first_lines.remove(&fingerprint);
            self.add(fingerprint);
        } else if let Some(known) = self.unfinished.get_mut(&fingerprint) {
            *known = group;
        } else if self.unfinished.len() >= MOST_GROUPS {
            self.full = true;
        } else {
            self.unfinished.insert(fingerprint, group);
            if self.first_lines.len() < MOST_LINES {
                self.first_lines.insert(fingerprint, self.first_line.clone());
            }
        }
    }

    /// Ends the family: gives every series of several lines that is wrong, in the order of the text.
    pub(super) fn finish(&mut self, source: &str, is_wrong: impl Fn(&Group) -> bool) -> Vec<Finished> {
        self.put_back();
        let mut wrong: Vec<_> = self.unfinished.drain().filter(|(_, group)| is_wrong(group)).collect();
        wrong.sort_unstable_by_key(|(_, group)| group.line);
        let finished = |(fingerprint, group): (u64, Group)| {
            let text = self.first_lines.get(&fingerprint);
            let name = |text: &str| text.find(['{', ' ']).unwrap_or(text.len());
            let location = text.map(|text| Location::new(source, group.line, text, 0..name(text)));
            Finished { group, location }
        };
        let finished = wrong.into_iter().map(finished).collect();
        self.seen.clear();
        self.first_lines.clear();
        self.last = None;
        (self.has_created, self.apart, self.apart_told) = (false, false, false);
        self.count = 0;
        self.full = false;
        finished
    }
}
