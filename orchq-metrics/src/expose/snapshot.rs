//! The values of all series at one moment, and what changed since: the way to test emissions.

use std::collections::BTreeMap;
use std::fmt;

use crate::contract::Contract;
use crate::contract::remove::Group;
use crate::declare::desc::MetricKind;
use crate::declare::label::{Key, Labels, push_pair};
use crate::emit::Packed;
use crate::emit::metric::Metric;
use crate::emit::metric_ref::FamilyId;
use crate::expose::families;
use crate::store::{self, Reading};

impl Contract {
    /// The value of every series now, in the whole process. A metric that no function of the binary records has none.
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
    /// Tests that run in parallel record into the same series. A test that records only on its own thread takes
    /// [`snapshot_of_this_thread`](Self::snapshot_of_this_thread); any other uses label values of its own, and looks
    /// only at the series [`with`](Difference::with) them.
    #[must_use]
    pub fn snapshot(&'static self) -> Snapshot {
        Snapshot::take(self, Scope::Process)
    }

    /// What this thread has recorded until now, with what it inherited from threads that ended. The difference of two
    /// is what this thread recorded in between, whatever other threads do.
    ///
    /// All threads share the level of a gauge, so a thread has no difference of it.
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
    /// let events = admission_backpressure_events_total { engine: Engine::Tgi, policy: Policy::Reject };
    /// before.difference().assert(events, 1);
    /// ```
    #[must_use]
    pub fn snapshot_of_this_thread(&'static self) -> Snapshot {
        Snapshot::take(self, Scope::Thread)
    }
}

/// The threads that a snapshot reads.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scope {
    Process,
    Thread,
}

/// The index of a series' family in the contract, and its packed label set.
type SeriesKey = (usize, Box<[u64]>);

/// The value of every series of a contract at one moment: see [`Contract::snapshot`].
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
    /// Changes when the series is removed and comes back.
    generation: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Amount {
    /// The level of a gauge.
    Level(f64),
    /// A counter's stored number, `scale` times its value, or the number of a histogram's observations.
    Count { n: u64, scale: f64 },
    /// The sum of a counter that counts in fractions.
    Sum(f64),
}

impl Series {
    fn number(&self) -> f64 {
        match self.amount {
            Amount::Level(n) | Amount::Sum(n) => n,
            Amount::Count { n, scale } => n as f64 / scale,
        }
    }

    /// The change since an earlier snapshot, or since zero if the series did not exist then.
    fn since(&self, earlier: Option<Self>) -> f64 {
        match (self.amount, earlier) {
            (Amount::Level(level), Some(Self { amount: Amount::Level(before), .. })) => level - before,
            // Whole numbers are subtracted first, so that the difference is exact.
            (Amount::Count { n, scale }, Some(Self { amount: Amount::Count { n: before, .. }, generation }))
                if generation == self.generation && before <= n =>
            {
                (n - before) as f64 / scale
            }
            (Amount::Sum(n), Some(Self { amount: Amount::Sum(before), generation }))
                if generation == self.generation && before <= n =>
            {
                n - before
            }
            _ => self.number(),
        }
    }
}

impl Snapshot {
    fn take(contract: &'static Contract, scope: Scope) -> Self {
        let mut series = BTreeMap::new();
        let shards = match scope {
            Scope::Process => store::all_shards(),
            Scope::Thread => store::own_shard().into_iter().collect(),
        };
        for (index, family) in contract.families().enumerate() {
            let scale = family.counter_scale();
            families::visit(family, &shards, &mut |key, generation, reading| {
                let amount = match reading {
                    Reading::Counter(n) => Amount::Count { n, scale },
                    Reading::FloatCounter(n) => Amount::Sum(n),
                    Reading::Gauge(level) => Amount::Level(level),
                    Reading::Histogram { counts, .. } => Amount::Count { n: counts.iter().sum(), scale: 1.0 },
                };
                series.insert((index, Box::from(key.cells())), Series { amount, generation });
            });
        }
        Self { contract, scope, series }
    }

    /// The value of a series: the count of a counter, the level of a gauge, or the number of a histogram's
    /// observations. `None` if the series did not exist.
    ///
    /// # Panics
    ///
    /// If the metric is not one of this contract.
    #[must_use]
    #[track_caller]
    pub fn value<M: Metric>(&self, metric: M) -> Option<f64> {
        self.series.get(&series_key(self.contract, metric)).map(Series::number)
    }

    /// What has changed until now. Call it on the thread of the snapshot, if that is of one thread.
    #[must_use]
    pub fn difference(&self) -> Difference {
        Self::take(self.contract, self.scope).since(self)
    }

    /// What had changed since an earlier snapshot.
    ///
    /// # Panics
    ///
    /// If the other is of another contract, or one is of the process and the other of a thread.
    #[must_use]
    #[track_caller]
    pub fn since(&self, earlier: &Self) -> Difference {
        assert!(
            std::ptr::eq(self.contract, earlier.contract) && self.scope == earlier.scope,
            "the snapshots cannot be compared; take both of one contract, by the same method"
        );
        let mut changes = BTreeMap::new();
        let removed = earlier.series.keys().filter(|key| !self.series.contains_key(*key));
        for key in self.series.keys().chain(removed) {
            let change = Change { before: earlier.series.get(key).copied(), after: self.series.get(key).copied() };
            if change.is_visible(self.scope) {
                changes.insert(key.clone(), change);
            }
        }
        Difference { contract: self.contract, scope: self.scope, changes }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |(key, series): (&SeriesKey, &Series)| format!("{} {}", name(self.contract, key), series.number());
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

    /// Whether it is a change; for a thread, one that the thread itself made.
    fn is_visible(&self, scope: Scope) -> bool {
        match scope {
            Scope::Process => self.before != self.after,
            Scope::Thread => {
                self.after.is_some_and(|after| !matches!(after.amount, Amount::Level(_))) && self.amount() != 0.0
            }
        }
    }
}

/// What changed between two snapshots. `Display` has one line for each series, in the contract's order: how much a
/// counter was increased, the levels of a gauge before and after, or the number of a histogram's new observations.
#[derive(Clone)]
pub struct Difference {
    contract: &'static Contract,
    scope: Scope,
    changes: BTreeMap<SeriesKey, Change>,
}

impl Difference {
    /// How much a series changed: the count of a counter, the level of a gauge, or the number of a histogram's
    /// observations. Zero if it did not.
    ///
    /// # Panics
    ///
    /// If the metric is not one of this contract, and for a gauge in the difference of one thread.
    #[must_use]
    #[track_caller]
    pub fn change<M: Metric>(&self, metric: M) -> f64 {
        assert!(
            self.scope == Scope::Process || M::DESC.kind != MetricKind::Gauge,
            "all threads share the level of {}, so a thread has no difference of it; take `snapshot()`",
            M::DESC.name,
        );
        self.changes.get(&series_key(self.contract, metric)).map_or(0.0, Change::amount)
    }

    /// For tests: asserts that the series changed by exactly this much.
    ///
    /// # Panics
    ///
    /// If it did not, with everything that changed; and as [`change`](Self::change) does.
    #[track_caller]
    pub fn assert<M: Metric>(&self, metric: M, expected: impl Into<f64>) {
        let (expected, found) = (expected.into(), self.change(metric));
        if found != expected {
            let series = name(self.contract, &series_key(self.contract, metric));
            panic!("{series} changed by {found}, and {expected} was expected; {}", self.listed());
        }
    }

    /// For tests: asserts that nothing changed.
    ///
    /// # Panics
    ///
    /// If something did, with everything that changed.
    #[track_caller]
    pub fn assert_empty(&self) {
        assert!(self.changes.is_empty(), "no change was expected; {}", self.listed());
    }

    /// Only the series that have all these labels, with these values.
    #[must_use]
    pub fn with<L: Labels>(mut self, labels: L) -> Self {
        let group = Group::new(labels);
        let indices: Vec<_> = self.contract.metrics().map(|desc| group.indices(desc)).collect();
        self.changes.retain(|(index, key), _| {
            let key = Key::new(key);
            indices[*index].as_ref().is_some_and(|all| all.iter().all(|(label, symbol)| key.symbol(*label) == *symbol))
        });
        self
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    fn listed(&self) -> String {
        if self.is_empty() { "nothing changed".to_owned() } else { format!("what changed:\n{self}") }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, change) in &self.changes {
            let series = name(self.contract, key);
            let before = change.before.map_or_else(|| "nothing".to_owned(), |before| before.number().to_string());
            match (change.after, self.contract.metrics().nth(key.0).map(|desc| desc.kind)) {
                (None, _) => writeln!(f, "{series} is gone")?,
                (Some(after), Some(MetricKind::Gauge)) => writeln!(f, "{series} from {before} to {}", after.number())?,
                (_, Some(MetricKind::Histogram)) => writeln!(f, "{series} {:+} observations", change.amount())?,
                _ => writeln!(f, "{series} {:+}", change.amount())?,
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

#[track_caller]
fn series_key<M: Metric>(contract: &Contract, metric: M) -> SeriesKey {
    let family = FamilyId::new(M::family());
    let index = contract.families().position(|known| FamilyId::new(known) == family);
    let Some(index) = index else {
        panic!("{} is not a metric of the contract {} {}", M::DESC.name, contract.name(), contract.version());
    };
    (index, Box::from(Packed::new(metric).key().cells()))
}

/// A series as a scrape names it.
fn name(contract: &Contract, (index, key): &SeriesKey) -> String {
    let Some(desc) = contract.metrics().nth(*index) else { return String::new() };
    let mut labels = String::new();
    for (name, value) in families::label_pairs(desc.labels, Key::new(key)) {
        push_pair(name, &value, &mut labels);
    }
    match labels.get(1..) {
        Some(labels) => format!("{}{{{labels}}}", desc.name),
        None => desc.name.to_owned(),
    }
}
