//! Sequences of all operations on series, compared with a plain map.

use std::collections::BTreeMap;
use std::sync::{LazyLock, mpsc};
use std::thread::JoinHandle;

use orchq_metrics::{Handle, Labels, Symbol, emits, text};
use proptest::collection::vec;
use proptest::prelude::*;

use super::metrics::*;
use super::{Anything, Name, Series, Side, Where, read, series};

/// As the metrics declare it.
const SERIES_LIMIT: usize = 8;

/// The values within the budget, and two past it.
static NAMES: LazyLock<[Name; 6]> = LazyLock::new(|| ["a", "b", "c", "d", "e", "f"].map(Name::new));

/// A label set, by the places of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Set {
    name: usize,
    side: usize,
    maybe: usize,
}

const MAYBE: [Option<&str>; 3] = [None, Some("x"), Some("y")];

#[derive(Clone, Copy, Debug)]
enum Kind {
    Count,
    Size,
    Level,
}

#[derive(Clone, Copy, Debug)]
enum Op {
    /// By a lookup.
    Record(Kind, Set, u64),
    SetLevel(Set, u64),
    Known(Side, Option<Side>, u64),
    Init(Kind, Set),
    /// Makes a handle.
    Resolve(Kind, Set),
    /// By a handle, counted back from the last.
    ByHandle(usize, u64),
    RemoveSide(usize),
    RemovePlace(usize, usize),
    /// Ends the thread, and compares.
    EndThread,
}

#[derive(Clone, Copy)]
enum AnyHandle {
    Count(Handle<property_count_total>),
    Size(Handle<property_size>),
    Level(Handle<property_level>),
}

#[derive(Clone, Copy, Labels)]
struct OfSide {
    side: Side,
}

#[derive(Clone, Copy, Labels)]
struct OfPlace {
    side: Side,
    name: Name,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Count => "property_count_total",
            Self::Size => "property_size",
            Self::Level => "property_level",
        }
    }
}

impl Set {
    fn at(self) -> Where {
        let maybe = MAYBE[self.maybe].map(Anything::new);
        Where { name: NAMES[self.name], side: Side::ALL[self.side], maybe }
    }

    fn is_lost(self) -> bool {
        self.name().1 == Symbol::OVERFLOW_VALUE
    }

    fn name(self) -> (&'static str, &'static str) {
        ("name", NAMES[self.name].as_str())
    }

    /// Its labels as served.
    fn labels(self) -> Vec<(&'static str, &'static str)> {
        let side = ("side", Side::ALL[self.side].as_str());
        [self.name(), side].into_iter().chain(MAYBE[self.maybe].map(|maybe| ("maybe", maybe))).collect()
    }
}

/// The label set of the overflow series.
const NO_ROOM: [(&str, &str); 2] = [("name", Symbol::OVERFLOW_VALUE), ("side", Symbol::OVERFLOW_VALUE)];

#[emits(property_count_total, property_size, property_level)]
fn record(kind: Kind, set: Set, n: u64) {
    match kind {
        Kind::Count => property_count_total { at: set.at() }.inc_by(n),
        Kind::Size => property_size { at: set.at() }.observe(n),
        Kind::Level => property_level { at: set.at() }.add(n as i64),
    }
}

#[emits(property_level)]
fn set_level(set: Set, n: u64) {
    property_level { at: set.at() }.set(n as i64);
}

#[emits(property_known_total)]
fn known(side: Side, other: Option<Side>, n: u64) {
    property_known_total { side, other }.inc_by(n);
}

#[emits(property_count_total, property_size, property_level)]
fn resolve(kind: Kind, set: Set) -> AnyHandle {
    match kind {
        Kind::Count => AnyHandle::Count(property_count_total { at: set.at() }.handle()),
        Kind::Size => AnyHandle::Size(property_size { at: set.at() }.handle()),
        Kind::Level => AnyHandle::Level(property_level { at: set.at() }.handle()),
    }
}

#[emits(property_count_total, property_size, property_level)]
fn init(kind: Kind, set: Set) {
    match kind {
        Kind::Count => property_count_total { at: set.at() }.init(),
        Kind::Size => property_size { at: set.at() }.init(),
        Kind::Level => property_level { at: set.at() }.init(),
    }
}

fn by_handle(handle: AnyHandle, n: u64) {
    match handle {
        AnyHandle::Count(handle) => handle.inc_by(n),
        AnyHandle::Size(handle) => handle.observe(n),
        AnyHandle::Level(handle) => handle.add(n as i64),
    }
}

/// The expected scrape of the contract without its info metric.
struct Model {
    values: BTreeMap<Series, f64>,
}

impl Model {
    /// What is served now.
    fn begin() -> Self {
        let values = read(&text::encode(&CONTRACT)).into_iter();
        // The other properties record beside this one.
        let is_mine = |name: &str| name.starts_with("orchq_metrics_overflow") || !name.contains("_text_");
        let values = values.filter(|((name, labels), _)| {
            is_mine(name) && name != "orchq_metrics_contract_info" && !labels.iter().any(|(_, v)| v.contains("_text_"))
        });
        Self { values: values.collect() }
    }

    fn add(&mut self, series: Series, n: f64) {
        *self.values.entry(series).or_default() += n;
    }

    fn exists(&self, kind: Kind, labels: &[(&str, &str)]) -> bool {
        let suffix = if matches!(kind, Kind::Size) { "_count" } else { "" };
        self.values.contains_key(&series(&format!("{}{suffix}", kind.name()), labels))
    }

    /// The labels of the series for a label set. The series exists from now on.
    fn find_or_make(&mut self, kind: Kind, set: Set) -> Vec<(&'static str, &'static str)> {
        let mut labels = set.labels();
        if !self.exists(kind, &labels) {
            let counter = if matches!(kind, Kind::Size) { "property_size_count" } else { kind.name() };
            let live = self.values.keys().filter(|(name, _)| name == counter).count();
            if live - usize::from(self.exists(kind, &NO_ROOM)) >= SERIES_LIMIT {
                self.overflowed(kind, "__series__");
                labels = NO_ROOM.to_vec();
            }
        }
        if set.is_lost() {
            self.overflowed(kind, "name");
        }
        match kind {
            Kind::Size => self.observe(&labels, None),
            Kind::Count | Kind::Level => self.add(series(kind.name(), &labels), 0.0),
        }
        labels
    }

    /// The labels of the series for a level. Past a budget or the limit there is none, because none is right.
    fn find_or_make_level(&mut self, set: Set) -> Option<Vec<(&'static str, &'static str)>> {
        let labels = set.labels();
        let live = self.values.keys().filter(|(name, _)| name == Kind::Level.name()).count();
        let is_full = live - usize::from(self.exists(Kind::Level, &NO_ROOM)) >= SERIES_LIMIT;
        if set.is_lost() || is_full && !self.exists(Kind::Level, &labels) {
            self.overflowed(Kind::Level, if set.is_lost() { "name" } else { "__series__" });
            return None;
        }
        self.add(series(Kind::Level.name(), &labels), 0.0);
        Some(labels)
    }

    /// The labels of the series that `init` or `handle` creates.
    fn resolve(&mut self, kind: Kind, set: Set) -> Option<Vec<(&'static str, &'static str)>> {
        if let Kind::Level = kind { self.find_or_make_level(set) } else { Some(self.find_or_make(kind, set)) }
    }

    fn overflowed(&mut self, kind: Kind, label: &str) {
        self.add(series("orchq_metrics_overflow_total", &[("metric", kind.name()), ("label", label)]), 1.0);
    }

    fn observe(&mut self, labels: &[(&str, &str)], n: Option<u64>) {
        for (bound, text) in [(1, "1"), (10, "10"), (100, "100"), (u64::MAX, "+Inf")] {
            let labels = [labels, &[("le", text)]].concat();
            let counted = n.is_some_and(|n| n <= bound);
            self.add(series("property_size_bucket", &labels), f64::from(u8::from(counted)));
        }
        self.add(series("property_size_count", labels), if n.is_some() { 1.0 } else { 0.0 });
        self.add(series("property_size_sum", labels), n.unwrap_or(0) as f64);
    }

    fn record(&mut self, kind: Kind, set: Set, n: u64) {
        let labels = self.find_or_make(kind, set);
        match kind {
            Kind::Size => self.observe(&labels, Some(n)),
            Kind::Count | Kind::Level => self.add(series(kind.name(), &labels), n as f64),
        }
    }

    fn set_level(&mut self, set: Set, n: u64) {
        let Some(labels) = self.find_or_make_level(set) else { return };
        self.values.insert(series(Kind::Level.name(), &labels), n as f64);
    }

    /// Removes the series that have all these labels, and returns how many that were.
    fn remove(&mut self, labels: &[(&str, &str)]) -> usize {
        let before = self.series();
        let has = |known: &[(String, String)], (name, value): &(&str, &str)| {
            known.iter().any(|(known, of)| known == name && of == value)
        };
        let is_known = |name: &str| name == "property_known_total";
        self.values.retain(|(name, known), _| is_known(name) || !labels.iter().all(|label| has(known, label)));
        before - self.series()
    }

    /// How many series there are; a histogram counts as one.
    fn series(&self) -> usize {
        self.values.keys().filter(|(name, _)| !name.ends_with("_bucket") && !name.ends_with("_sum")).count()
    }

    fn assert_served(&self) {
        assert_eq!(Self::begin().values, self.values);
        let snapshot = CONTRACT.snapshot();
        let value = |name: &str, labels: &[(&str, &str)]| self.values.get(&series(name, labels)).copied();
        for set in sets() {
            let (at, labels) = (set.at(), set.labels());
            assert_eq!(snapshot.value(property_count_total { at }), value("property_count_total", &labels));
            assert_eq!(snapshot.value(property_size { at }), value("property_size_count", &labels));
            assert_eq!(snapshot.value(property_level { at }), value("property_level", &labels));
        }
    }
}

fn sets() -> impl Iterator<Item = Set> {
    (0..36).map(|n| Set { name: n % 6, side: n / 6 % 2, maybe: n / 12 })
}

/// A thread that runs what it is sent, until it is dropped.
struct Worker {
    work: Option<mpsc::Sender<Box<dyn FnOnce() + Send>>>,
    done: mpsc::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    fn begin() -> Self {
        let (work, jobs) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        let (finished, done) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            for job in jobs {
                job();
                finished.send(()).expect("the test waits");
            }
        });
        Self { work: Some(work), done, thread: Some(thread) }
    }

    fn run(&self, job: impl FnOnce() + Send + 'static) {
        self.work.as_ref().expect("it runs").send(Box::new(job)).expect("it runs");
        self.done.recv().expect("no panic");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.work = None;
        self.thread.take().map(JoinHandle::join);
    }
}

/// The threads of one sequence, the model, and the handles that were made.
struct World {
    workers: [Option<Worker>; 3],
    model: Model,
    handles: Vec<(Kind, Set, AnyHandle)>,
}

impl World {
    fn step(&mut self, thread: usize, op: Op) {
        let worker = self.workers[thread].get_or_insert_with(Worker::begin);
        match op {
            Op::Record(kind, set, n) => {
                worker.run(move || record(kind, set, n));
                self.model.record(kind, set, n);
            }
            Op::SetLevel(set, n) => {
                worker.run(move || set_level(set, n));
                self.model.set_level(set, n);
            }
            Op::Known(side, other, n) => {
                worker.run(move || known(side, other, n));
                let labels = [("side", side.as_str()), ("other", other.map_or("", Side::as_str))];
                self.model.add(series("property_known_total", &labels[..1 + usize::from(other.is_some())]), n as f64);
            }
            Op::Init(kind, set) => {
                worker.run(move || init(kind, set));
                self.model.resolve(kind, set);
            }
            Op::Resolve(kind, set) => {
                let (send, made) = mpsc::channel();
                worker.run(move || send.send(resolve(kind, set)).expect("the test waits"));
                let labels = self.model.resolve(kind, set);
                // For other kinds, the model does not say which recordings count as a loss.
                if labels == Some(set.labels()) && !set.is_lost() {
                    self.handles.push((kind, set, made.recv().expect("it was sent")));
                }
            }
            Op::ByHandle(back, n) => {
                let Some((kind, set, handle)) = self.handles.iter().rev().nth(back).copied() else { return };
                worker.run(move || by_handle(handle, n));
                self.model.record(kind, set, n);
            }
            Op::RemoveSide(side) => {
                let side = Side::ALL[side];
                let expected = self.model.remove(&[("side", side.as_str())]);
                assert_eq!(CONTRACT.remove(OfSide { side }), expected);
            }
            Op::RemovePlace(side, name) => {
                let (side, name) = (Side::ALL[side], NAMES[name]);
                let labels = [("side", side.as_str()), ("name", name.as_str())];
                let expected = if name.as_str() == Symbol::OVERFLOW_VALUE { 0 } else { self.model.remove(&labels) };
                assert_eq!(CONTRACT.remove(OfPlace { side, name }), expected);
            }
            Op::EndThread => {
                self.workers[thread] = None;
                self.model.assert_served();
            }
        }
    }
}

fn op() -> impl Strategy<Value = Op> {
    let kind = || prop::sample::select(vec![Kind::Count, Kind::Size, Kind::Level]);
    let set = || (0_usize..6, 0_usize..2, 0_usize..3).prop_map(|(name, side, maybe)| Set { name, side, maybe });
    let side = || prop::sample::select(Side::ALL);
    prop_oneof![
        10 => (kind(), set(), 0_u64..150).prop_map(|(kind, set, n)| Op::Record(kind, set, n)),
        2 => (set(), 0_u64..150).prop_map(|(set, n)| Op::SetLevel(set, n)),
        1 => (side(), prop::option::of(side()), 0_u64..9).prop_map(|(side, other, n)| Op::Known(side, other, n)),
        1 => (kind(), set()).prop_map(|(kind, set)| Op::Init(kind, set)),
        3 => (kind(), set()).prop_map(|(kind, set)| Op::Resolve(kind, set)),
        8 => (0_usize..6, 0_u64..150).prop_map(|(back, n)| Op::ByHandle(back, n)),
        1 => (0_usize..2).prop_map(Op::RemoveSide),
        2 => (0_usize..2, 0_usize..6).prop_map(|(side, name)| Op::RemovePlace(side, name)),
        2 => Just(Op::EndThread),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn the_scrape_is_that_of_a_plain_map(ops in vec((0_usize..3, op()), 1..120)) {
        Side::ALL.iter().for_each(|side| _ = CONTRACT.remove(OfSide { side: *side }));
        let mut world = World { workers: [const { None }; 3], model: Model::begin(), handles: Vec::new() };
        ops.into_iter().for_each(|(thread, op)| world.step(thread, op));
        world.model.assert_served();
    }
}
