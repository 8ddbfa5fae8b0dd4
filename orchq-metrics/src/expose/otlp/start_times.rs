//! Since when each series has counted.

use std::collections::HashMap;
use std::time::SystemTime;

use crate::expose::families::LabelPair;

/// A series: its family's name and its labels.
pub(super) type SeriesKey = (&'static str, Vec<LabelPair>);

/// The start time of every series, in nanoseconds since the epoch.
///
/// It stays the same until the series ends. A series was at zero at the push before if it was not there, was removed
/// and came back since, or counts less than then: it starts at the time of that push.
#[derive(Debug)]
pub(super) struct StartTimes {
    /// The start of a series that is new in this push.
    before: u64,
    now: u64,
    previous: HashMap<SeriesKey, Series>,
    current: HashMap<SeriesKey, Series>,
}

#[derive(Clone, Copy, Debug)]
struct Series {
    generation: u64,
    amount: f64,
    start: u64,
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX)
}

impl StartTimes {
    pub(super) fn new(started_at: SystemTime) -> Self {
        let started_at = nanoseconds(started_at);
        Self { before: started_at, now: started_at, previous: HashMap::new(), current: HashMap::new() }
    }

    /// Begins a push, and returns its time.
    pub(super) fn begin(&mut self, time: SystemTime) -> u64 {
        let time = nanoseconds(time);
        // If the clock was set back, all start times move with it: no point may end before it starts.
        if let Some(back) = self.now.checked_sub(time) {
            self.previous.values_mut().for_each(|known| known.start = known.start.saturating_sub(back));
            self.now = time;
        }
        // To the protocol, a point that starts when it ends has an unknown start.
        (self.before, self.now) = (self.now.min(time.saturating_sub(1)), time);
        self.now
    }

    /// The start of a series that has this amount in the current push.
    pub(super) fn start(&mut self, key: SeriesKey, generation: u64, amount: f64) -> u64 {
        let start = match self.previous.get(&key) {
            Some(known) if known.generation == generation && known.amount <= amount => known.start,
            _ => self.before,
        };
        self.current.insert(key, Series { generation, amount, start });
        start
    }

    /// Ends the push: series that were not in it are forgotten.
    pub(super) fn end(&mut self) {
        self.previous = std::mem::take(&mut self.current);
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

    fn push(starts: &mut StartTimes, seconds: u64, series: &[(&'static str, u64)]) -> Vec<u64> {
        assert_eq!(starts.begin(at(seconds)), seconds * SECOND);
        // Rounded, because a newcomer starts just before the push that it is compared with ends.
        let of = |(name, generation): &(&'static str, u64)| {
            (starts.start(("family", vec![("name", (*name).into())]), *generation, 1.0) + SECOND / 2) / SECOND
        };
        let all = series.iter().map(of).collect();
        starts.end();
        all
    }

    #[test]
    fn a_start_is_fixed_until_the_series_ends() {
        let mut starts = StartTimes::new(at(100));
        assert_eq!(push(&mut starts, 160, &[("a", 0), ("b", 0)]), [100, 100]);
        // A newcomer was not there at the push before.
        assert_eq!(push(&mut starts, 220, &[("a", 0), ("b", 0), ("c", 0)]), [100, 100, 160]);
        // A series that was removed and came back within one interval has another generation.
        assert_eq!(push(&mut starts, 280, &[("a", 0), ("b", 1), ("c", 0)]), [100, 220, 160]);
        // One that is away for a push is forgotten.
        assert_eq!(push(&mut starts, 340, &[("a", 0), ("b", 1)]), [100, 220]);
        assert_eq!(push(&mut starts, 400, &[("a", 0), ("b", 1), ("c", 0)]), [100, 220, 340]);
        assert_eq!(starts.previous.len(), 3);
    }

    #[test]
    fn a_series_that_counts_less_than_before_has_started_again() {
        let mut starts = StartTimes::new(at(100));
        let push = |starts: &mut StartTimes, seconds, amount| {
            starts.begin(at(seconds));
            let start = starts.start(("family", Vec::new()), 0, amount);
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
        let mut starts = StartTimes::new(at(100));
        assert_eq!(starts.begin(at(100)), 100 * SECOND);
        assert_eq!(starts.start(("family", Vec::new()), 0, 1.0), 100 * SECOND - 1);
    }

    #[test]
    fn no_point_ends_before_it_starts_when_the_clock_is_set_back() {
        let mut starts = StartTimes::new(at(1000));
        assert_eq!(push(&mut starts, 1060, &[("a", 0)]), [1000]);
        assert_eq!(push(&mut starts, 460, &[("a", 0), ("b", 0)]), [400, 460]);
        assert_eq!(push(&mut starts, 520, &[("a", 0), ("c", 0)]), [400, 460]);
    }
}
