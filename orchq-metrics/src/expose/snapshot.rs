//! What the series of a contract came to at one moment, and what changed since: the way to
//! test emissions.

use std::collections::BTreeMap;
use std::fmt;

use crate::contract::Contract;
use crate::contract::remove::Group;
use crate::declare::desc::MetricKind;
use crate::declare::label::{Key, Labels};
use crate::emit::Packed;
use crate::emit::metric::Metric;
use crate::emit::metric_ref::FamilyId;
use crate::expose::families;
use crate::store::{self, Reading, Shard};

impl Contract {
    /// What every series has come to now, in the whole process.
    ///
    /// ```
    /// use orchq_metrics::emits;
    /// use orchq_metrics::v1::{CONTRACT, Engine, RejectReason, tasks_rejected_total};
    ///
    /// #[emits(tasks_rejected_total)]
    /// fn reject(reason: RejectReason) {
    ///     tasks_rejected_total { reason, engine: Engine::Vllm }.inc();
    /// }
    ///
    /// let before = CONTRACT.snapshot();
    /// reject(RejectReason::PoolUnready);
    /// let change = before.difference();
    /// change.assert(tasks_rejected_total { reason: RejectReason::PoolUnready, engine: Engine::Vllm }, 1);
    /// assert_eq!(change.to_string(), "tasks_rejected_total{reason=\"POOL_UNREADY\",engine=\"vllm\"} +1\n");
    /// ```
    ///
    /// Tests that run in parallel record into the same series. One that records on its own thread alone
    /// takes [`snapshot_of_this_thread`](Self::snapshot_of_this_thread); one that does not uses label values
    /// that are its own, and looks at those [`with`](Difference::with) them.
    #[must_use]
    pub fn snapshot(&'static self) -> Snapshot {
        Snapshot::take(self, Scope::Process)
    }

    /// What this thread has recorded until now, with what it has inherited from threads that ended.
    /// The difference of two is what this thread did in between, whatever others do meanwhile.
    ///
    /// A gauge has one level for all threads, so that no thread has a difference of it.
    ///
    /// ```
    /// use orchq_metrics::v1::{CONTRACT, Engine, Policy, admission_backpressure_events_total};
    /// use orchq_metrics::emits;
    ///
    /// #[emits(admission_backpressure_events_total)]
    /// fn press() {
    ///     admission_backpressure_events_total { engine: Engine::Tgi, policy: Policy::Reject }.inc();
    /// }
    ///
    /// let before = CONTRACT.snapshot_of_this_thread();
    /// press();
    /// std::thread::spawn(press).join().unwrap();
    /// before.difference().assert(admission_backpressure_events_total { engine: Engine::Tgi, policy: Policy::Reject }, 1);
    /// ```
    #[must_use]
    pub fn snapshot_of_this_thread(&'static self) -> Snapshot {
        Snapshot::take(self, Scope::Thread)
    }
}

/// Whose recordings a snapshot has.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scope {
    Process,
    Thread,
}

impl Scope {
    fn shards(self) -> Vec<&'static Shard> {
        match self {
            Self::Process => store::all_shards(),
            Self::Thread => store::own_shard().into_iter().collect(),
        }
    }
}

/// A series, by its family's place in the contract and its packed label set.
type SeriesKey = (usize, Box<[u64]>);

/// What every series of a contract had come to at one moment: see [`Contract::snapshot`].
#[derive(Clone)]
pub struct Snapshot {
    contract: &'static Contract,
    scope: Scope,
    series: BTreeMap<SeriesKey, Series>,
}

/// A series in a snapshot.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Series {
    amount: Amount,
    /// Another, where the series was removed and came back.
    life: u64,
}

impl Series {
    /// How far it is from an earlier one: from zero, where there was none, or one that ended.
    fn since(self, earlier: Option<Self>) -> f64 {
        let earlier = earlier.filter(|earlier| earlier.life == self.life || self.amount.is_gauge());
        self.amount.since(earlier.map(|earlier| earlier.amount))
    }
}

/// What a series has come to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Amount {
    /// A counter's stored whole number, and how many of them are one of its unit.
    Counter(u64, f64),
    Gauge(f64),
    /// How many observations, and their sum.
    Histogram(u64, f64),
}

impl Amount {
    fn of(reading: Reading<'_>, counter_scale: f64) -> Self {
        match reading {
            Reading::Counter(n) => Self::Counter(n, counter_scale),
            Reading::Gauge(level) => Self::Gauge(level),
            Reading::Histogram { counts, sum } => Self::Histogram(counts.iter().sum(), sum),
        }
    }

    fn number(self) -> f64 {
        match self {
            Self::Counter(n, scale) => n as f64 / scale,
            Self::Gauge(level) => level,
            Self::Histogram(observations, _) => observations as f64,
        }
    }

    fn is_gauge(self) -> bool {
        matches!(self, Self::Gauge(_))
    }

    /// How far it is from an earlier one, or from zero.
    fn since(self, earlier: Option<Self>) -> f64 {
        match (earlier, self) {
            // Whole numbers are subtracted first, so that the difference is exact.
            (Some(Self::Counter(before, _)), Self::Counter(n, scale)) if before <= n => (n - before) as f64 / scale,
            (Some(Self::Histogram(before, _)), Self::Histogram(n, _)) if before <= n => (n - before) as f64,
            (Some(Self::Gauge(before)), Self::Gauge(level)) => level - before,
            (_, anew) => anew.number(),
        }
    }
}

impl Snapshot {
    fn take(contract: &'static Contract, scope: Scope) -> Self {
        let mut series = BTreeMap::new();
        let shards = scope.shards();
        for (place, family) in contract.families().enumerate() {
            let scale = family.counter_scale();
            family.visit(&shards, &mut |key, life, reading| {
                series.insert((place, Box::from(key.words())), Series { amount: Amount::of(reading, scale), life });
            });
        }
        Self { contract, scope, series }
    }

    /// What a series had come to: a counter's sum, a gauge's level, or how many observations a
    /// histogram had. `None` where the series did not exist.
    ///
    /// # Panics
    ///
    /// When the metric is not one of this contract.
    #[must_use]
    #[track_caller]
    pub fn value<M: Metric>(&self, metric: M) -> Option<f64> {
        self.series.get(&series_key(self.contract, metric)).map(|series| series.amount.number())
    }

    /// What has changed from then until now. Of a snapshot of one thread it is asked on that thread.
    #[must_use]
    pub fn difference(&self) -> Difference {
        Self::take(self.contract, self.scope).since(self)
    }

    /// What had changed since an earlier snapshot.
    ///
    /// # Panics
    ///
    /// When the other is of another contract, or one is of the process and the other of a thread.
    #[must_use]
    #[track_caller]
    pub fn since(&self, earlier: &Self) -> Difference {
        let alike = std::ptr::eq(self.contract, earlier.contract) && self.scope == earlier.scope;
        assert!(
            alike,
            "the snapshots are not of the same thing; compare two of one contract, taken by the same method"
        );
        let mut changes = BTreeMap::new();
        let gone = earlier.series.keys().filter(|key| !self.series.contains_key(*key));
        for key in self.series.keys().chain(gone) {
            let change = Change { before: earlier.series.get(key).copied(), after: self.series.get(key).copied() };
            if change.is_seen_by(self.scope) {
                changes.insert(key.clone(), change);
            }
        }
        Difference { contract: self.contract, scope: self.scope, changes }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line =
            |(key, series): (&SeriesKey, &Series)| format!("{} {}", name(self.contract, key), series.amount.number());
        f.debug_list().entries(self.series.iter().map(line)).finish()
    }
}

#[derive(Clone, Copy)]
struct Change {
    before: Option<Series>,
    after: Option<Series>,
}

impl Change {
    fn amount(&self) -> f64 {
        self.after.map_or(0.0, |after| after.since(self.before))
    }

    /// Whether it is one. To one thread, what others begin, end or set is none.
    fn is_seen_by(&self, scope: Scope) -> bool {
        match scope {
            Scope::Process => self.before != self.after,
            Scope::Thread => self.after.is_some_and(|after| !after.amount.is_gauge()) && self.amount() != 0.0,
        }
    }
}

/// What changed between two snapshots. `Display` is one line a series, in the contract's order:
/// by how much a counter went up, from where to where a gauge went, how many observations
/// a histogram counted.
#[derive(Clone)]
pub struct Difference {
    contract: &'static Contract,
    scope: Scope,
    changes: BTreeMap<SeriesKey, Change>,
}

impl Difference {
    /// By how much a series changed: a counter's sum, a gauge's level, or how many observations a
    /// histogram had. Zero where it did not.
    ///
    /// # Panics
    ///
    /// When the metric is not one of this contract, and for a gauge in the difference of one thread.
    #[must_use]
    #[track_caller]
    pub fn of<M: Metric>(&self, metric: M) -> f64 {
        assert!(
            self.scope == Scope::Process || M::DESC.kind != MetricKind::Gauge,
            "all threads share the level of {}, so that no thread has a difference of it; take `snapshot()`",
            M::DESC.name,
        );
        self.changes.get(&series_key(self.contract, metric)).map_or(0.0, Change::amount)
    }

    /// For tests: the series changed by exactly so much.
    ///
    /// # Panics
    ///
    /// When it did not, with everything that changed; and where [`of`](Self::of) does.
    #[track_caller]
    pub fn assert<M: Metric>(&self, metric: M, expected: impl Into<f64>) {
        let (expected, found) = (expected.into(), self.of(metric));
        if found != expected {
            let series = name(self.contract, &series_key(self.contract, metric));
            panic!("{series} changed by {found}, and {expected} was expected; {}", Listed(self));
        }
    }

    /// For tests: nothing changed.
    ///
    /// # Panics
    ///
    /// When something did, with all of it.
    #[track_caller]
    pub fn assert_empty(&self) {
        assert!(self.changes.is_empty(), "no change was expected; {}", Listed(self));
    }

    /// Only the series that carry these labels, all of them, with these values.
    #[must_use]
    pub fn with<L: Labels>(mut self, labels: L) -> Self {
        let group = Group::of(labels);
        let contract = self.contract;
        self.changes.retain(|(place, key), _| {
            let desc = contract.metrics().nth(*place);
            desc.and_then(|desc| group.places(desc))
                .is_some_and(|places| places.iter().all(|(place, symbol)| Key::new(key).symbol(*place) == *symbol))
        });
        self
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, change) in &self.changes {
            let series = name(self.contract, key);
            let before =
                change.before.map_or_else(|| "nothing".to_owned(), |before| before.amount.number().to_string());
            match change.after.map(|after| after.amount) {
                None => writeln!(f, "{series} is gone")?,
                Some(Amount::Gauge(level)) => writeln!(f, "{series} from {before} to {level}")?,
                Some(Amount::Histogram(..)) => writeln!(f, "{series} {:+} observations", change.amount())?,
                Some(Amount::Counter(..)) => writeln!(f, "{series} {:+}", change.amount())?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Difference {{\n{self}}}")
    }
}

/// What a failed assertion tells of a difference.
struct Listed<'a>(&'a Difference);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("nothing changed") } else { write!(f, "what changed:\n{}", self.0) }
    }
}

#[track_caller]
fn series_key<M: Metric>(contract: &Contract, metric: M) -> SeriesKey {
    let family = FamilyId::new(M::family());
    let place = contract.families().position(|known| FamilyId::new(known) == family);
    let Some(place) = place else {
        panic!("{} is not a metric of the contract {} {}", M::DESC.name, contract.name(), contract.version());
    };
    (place, Box::from(Packed::new(metric).key().words()))
}

/// A series as a scrape names it.
fn name(contract: &Contract, (place, key): &SeriesKey) -> String {
    let Some(desc) = contract.metrics().nth(*place) else { return String::new() };
    let mut labels = String::new();
    for (name, value) in families::label_pairs(desc.labels, Key::new(key)) {
        crate::declare::label::push_pair(name, &value, &mut labels);
    }
    match labels.get(1..) {
        Some(labels) => format!("{}{{{labels}}}", desc.name),
        None => desc.name.to_owned(),
    }
}
