//! Since when each series has counted what it has counted.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::SystemTime;

/// A series: its family's name and its labels.
pub(super) type SeriesKey = (&'static str, Vec<(&'static str, Cow<'static, str>)>);

/// The start time of every series, in nanoseconds since the epoch.
///
/// It stays the same until the series ends. One that was not there at the push before, or was removed meanwhile and came
/// back, or counts less than before, was at zero then: its start is the time of that push.
#[derive(Debug)]
pub(super) struct Starts {
    /// The start of what is there at the first push, and the time of the last one.
    before: u64,
    now: u64,
    known: HashMap<SeriesKey, Life>,
    seen: HashMap<SeriesKey, Life>,
}

#[derive(Clone, Copy, Debug)]
struct Life {
    life: u64,
    amount: f64,
    start: u64,
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX)
}

impl Starts {
    pub(super) fn new(began: SystemTime) -> Self {
        let began = nanoseconds(began);
        Self { before: began, now: began, known: HashMap::new(), seen: HashMap::new() }
    }

    /// Begins a push, and gives its time.
    pub(super) fn begin(&mut self, time: SystemTime) -> u64 {
        let time = nanoseconds(time);
        // Where the clock was set back, all that was told goes back with it: no point may end before it starts.
        if let Some(back) = self.now.checked_sub(time) {
            self.known.values_mut().for_each(|known| known.start = known.start.saturating_sub(back));
            self.now = time;
        }
        // To the protocol, a point that starts when it ends is one of which nobody knows the start.
        (self.before, self.now) = (self.now.min(time.saturating_sub(1)), time);
        self.now
    }

    /// The start of a series in the push that was begun, in which it has come to this amount.
    pub(super) fn of(&mut self, key: SeriesKey, life: u64, amount: f64) -> u64 {
        let start = match self.known.get(&key) {
            Some(known) if known.life == life && known.amount <= amount => known.start,
            _ => self.before,
        };
        self.seen.insert(key, Life { life, amount, start });
        start
    }

    /// Ends the push: series that were not seen in it are forgotten.
    pub(super) fn end(&mut self) {
        self.known = std::mem::take(&mut self.seen);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn push(starts: &mut Starts, seconds: u64, series: &[(&'static str, u64)]) -> Vec<u64> {
        assert_eq!(starts.begin(at(seconds)), seconds * SECOND);
        // Rounded, because a newcomer starts just before the push that it is compared with ends.
        let of = |(name, life): &(&'static str, u64)| {
            (starts.of(("family", vec![("name", (*name).into())]), *life, 1.0) + SECOND / 2) / SECOND
        };
        let all = series.iter().map(of).collect();
        starts.end();
        all
    }

    #[test]
    fn a_start_is_fixed_until_the_series_ends() {
        let mut starts = Starts::new(at(100));
        assert_eq!(push(&mut starts, 160, &[("a", 0), ("b", 0)]), [100, 100]);
        // A newcomer was not there at the push before.
        assert_eq!(push(&mut starts, 220, &[("a", 0), ("b", 0), ("c", 0)]), [100, 100, 160]);
        // One that was removed and came back within one interval has another life.
        assert_eq!(push(&mut starts, 280, &[("a", 0), ("b", 1), ("c", 0)]), [100, 220, 160]);
        // One that is away for a push is forgotten.
        assert_eq!(push(&mut starts, 340, &[("a", 0), ("b", 1)]), [100, 220]);
        assert_eq!(push(&mut starts, 400, &[("a", 0), ("b", 1), ("c", 0)]), [100, 220, 340]);
        assert_eq!(starts.known.len(), 3);
    }

    #[test]
    fn what_counts_less_than_before_has_begun_anew() {
        let mut starts = Starts::new(at(100));
        let push = |starts: &mut Starts, seconds, amount| {
            starts.begin(at(seconds));
            let start = starts.of(("family", Vec::new()), 0, amount);
            starts.end();
            start / SECOND
        };
        assert_eq!(push(&mut starts, 160, 7.0), 100);
        assert_eq!(push(&mut starts, 220, 7.0), 100);
        assert_eq!(push(&mut starts, 280, 3.0), 220);
        assert_eq!(push(&mut starts, 340, 4.0), 220);
    }

    #[test]
    fn no_point_starts_when_it_ends() {
        let mut starts = Starts::new(at(100));
        assert_eq!(starts.begin(at(100)), 100 * SECOND);
        assert_eq!(starts.of(("family", Vec::new()), 0, 1.0), 100 * SECOND - 1);
    }

    #[test]
    fn no_point_ends_before_it_starts_when_the_clock_is_set_back() {
        let mut starts = Starts::new(at(1000));
        assert_eq!(push(&mut starts, 1060, &[("a", 0)]), [1000]);
        assert_eq!(push(&mut starts, 460, &[("a", 0), ("b", 0)]), [400, 460]);
        assert_eq!(push(&mut starts, 520, &[("a", 0), ("c", 0)]), [400, 460]);
    }
}
