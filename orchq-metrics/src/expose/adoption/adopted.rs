//! The collectors that were adopted in this process.

use std::any::Any;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Arc, Mutex};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;

use super::collector::{AdoptedCollector, LabelNames};
use super::read;
use crate::concurrent::sync;
use crate::contract::Contract;
use crate::declare::desc::MetricDesc;
use crate::declare::unit::Violation;
use crate::emit::metric::{Metric, any_family};
use crate::emit::metric_ref::FamilyId;
use crate::store::AnyFamily;

impl Contract {
    /// Adopts a collector that another part of the program records a metric with, such as an `IntCounterVec`: from
    /// then on the contract looks at what the collector really has. Every `prometheus::core::Collector` that is `Clone`
    /// can be adopted. Needs the feature `prometheus`, which is on by default.
    ///
    /// - The self-check compares the collector's kind and label names with the contract, and their order with the
    ///   lists of `#[emits(extern ..)]`, because `with_label_values` takes values by position. Call it after `adopt`.
    /// - A counter above zero, a histogram with an observation, and a gauge that has labels or is not at zero count as
    ///   hits: the metric reaches the rung [`Hit`](crate::Rung::Hit).
    /// - Each scrape of the contract, and each push, checks the series that the collector has at that moment: label
    ///   values against the closed sets, values against the unit's range. It counts each fault of each series
    ///   in `orchq_metrics_violations_total{metric,kind}`.
    ///
    /// The collector stays what serves the metric: register it too, beside the contract. `adopt` keeps a clone until
    /// the process ends, and a clone of a vector shares its series. A collector with several families is adopted once
    /// for each metric; the metric's name says which family is meant. Collectors of one name that differ in their
    /// constant labels are all kept; otherwise the last one adopted replaces the others, as a registry would not take
    /// both. It does not replace the annotation: a metric is linked if a function has `#[emits(extern ..)]` for it.
    ///
    /// ```
    /// use orchq_metrics::v1::{self, admission_backpressure_events_total};
    /// use orchq_metrics::{Rung, emits};
    /// use prometheus::{IntCounterVec, Opts, Registry};
    ///
    /// #[emits(extern v1::admission_backpressure_events_total { engine, policy })]
    /// fn count_backpressure(events: &IntCounterVec, engine: &str, policy: &str) {
    ///     events.with_label_values(&[engine, policy]).inc();
    /// }
    ///
    /// let opts = Opts::new("admission_backpressure_events_total", "Number of backpressure events.");
    /// let events = IntCounterVec::new(opts, &["engine", "policy"])?;
    /// let registry = Registry::new();
    /// registry.register(Box::new(events.clone()))?;
    /// v1::CONTRACT.adopt::<admission_backpressure_events_total>(&events);
    /// v1::CONTRACT.register(&registry)?;
    ///
    /// count_backpressure(&events, "vllm-typo", "reject");
    /// let coverage = v1::CONTRACT.coverage();
    /// assert_eq!(coverage.metric("admission_backpressure_events_total").unwrap().rung, Rung::Hit);
    /// let text = prometheus::TextEncoder::new().encode_to_string(&registry.gather())?;
    /// let violation = r#"{metric="admission_backpressure_events_total",kind="unknown_value"} 1"#;
    /// assert!(text.contains(violation), "{text}");
    /// # Ok::<(), prometheus::Error>(())
    /// ```
    #[track_caller]
    pub fn adopt<M: Metric>(&'static self, collector: &impl Adoptable) {
        let family = any_family::<M>();
        add(self, family, Arc::new(collector.clone()), Location::caller());
    }
}

/// A collector of the crate `prometheus` that a contract can keep a clone of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a collector that can be adopted",
    label = "not a `prometheus` collector that is `Clone`",
    note = "of a `LazyLock`, an `Arc` or another pointer to a collector, pass the collector: `&*VECTOR`",
    note = "a collector of your own implements `prometheus::core::Collector` and `Clone`"
)]
pub trait Adoptable: Collector + Clone + 'static {}

#[diagnostic::do_not_recommend]
impl<C: Collector + Clone + 'static> Adoptable for C {}

/// What was adopted, and which metrics had samples at some time.
struct Adopted {
    entries: Vec<Entry>,
    hit: Option<HashSet<FamilyId>>,
}

static ADOPTED: Mutex<Adopted> = Mutex::new(Adopted { entries: Vec::new(), hit: None });

/// A collector, and the metrics that it was adopted for.
#[derive(Clone)]
struct Entry {
    collector: Arc<dyn Collector>,
    described: Vec<Described>,
    metrics: Vec<AdoptedMetric>,
}

/// A family that a collector describes.
#[derive(Clone, PartialEq)]
struct Described {
    name: String,
    /// The id that a registry has for it.
    id: u64,
    /// Whether its series are made one by one.
    has_variable_labels: bool,
}

#[derive(Clone)]
struct AdoptedMetric {
    contract: &'static Contract,
    family: &'static dyn AnyFamily,
    adopted_at: &'static Location<'static>,
}

impl AdoptedMetric {
    fn id(&self) -> FamilyId {
        FamilyId::new(self.family)
    }
}

impl Entry {
    /// The ids of what is described under a name.
    fn ids<'a>(&'a self, name: &'a str) -> impl Iterator<Item = u64> + 'a {
        self.described.iter().filter(move |family| family.name == name).map(|family| family.id)
    }

    /// Keeps that a metric has been recorded, because a gauge goes back to zero and a vector can be reset.
    fn mark_hit(&self, metric: &AdoptedMetric, collected: &[MetricFamily]) {
        let desc = metric.family.desc();
        let is_made = |described: &Described| described.name == desc.name && !described.has_variable_labels;
        let is_vector = !self.described.iter().any(is_made);
        if named(desc, collected).any(|family| read::is_hit(family, is_vector)) {
            sync::lock(&ADOPTED).hit.get_or_insert_default().insert(metric.id());
        }
    }
}

fn add(
    contract: &'static Contract,
    family: &'static dyn AnyFamily,
    collector: Arc<dyn Collector>,
    adopted_at: &'static Location<'static>,
) {
    let described = |desc: &Desc| Described {
        name: desc.fq_name.clone(),
        id: desc.id,
        has_variable_labels: !desc.variable_labels.is_empty(),
    };
    let described = caught(|| collector.desc().into_iter().map(described).collect::<Vec<_>>()).unwrap_or_default();
    let metric = AdoptedMetric { contract, family, adopted_at };
    let (id, name) = (metric.id(), family.desc().name);
    let new = Entry { collector, described, metrics: vec![metric] };
    // Dropped behind the lock: a collector that is replaced may run any code.
    let mut replaced = Vec::new();
    let mut adopted = sync::lock(&ADOPTED);
    for entry in &mut adopted.entries {
        // A registry would not take both.
        if entry.ids(name).eq(new.ids(name)) {
            entry.metrics.retain(|known| known.id() != id);
        }
    }
    let same = |entry: &&mut Entry| !new.described.is_empty() && entry.described == new.described;
    match adopted.entries.iter_mut().find(same) {
        Some(entry) => {
            replaced.push(std::mem::replace(&mut entry.collector, new.collector));
            entry.metrics.extend(new.metrics);
        }
        None => adopted.entries.push(new),
    }
    let is_unused = |entry: &mut Entry| entry.metrics.is_empty();
    replaced.extend(adopted.entries.extract_if(.., is_unused).map(|entry| entry.collector));
    drop(adopted);
}

/// The entries with a metric for which `wanted` holds, and no other metrics. Nothing is collected under the lock,
/// because a collector may run any code.
fn entries(wanted: impl Fn(&AdoptedMetric) -> bool) -> Vec<Entry> {
    let mut entries = sync::lock(&ADOPTED).entries.clone();
    entries.iter_mut().for_each(|entry| entry.metrics.retain(&wanted));
    entries.retain(|entry| !entry.metrics.is_empty());
    entries
}

/// Calls a collector. What it does in a panic is its own affair; the scrape goes on.
fn caught<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    let text = |panic: Box<dyn Any + Send>| match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().map_or_else(String::new, |text| (*text).to_owned()),
    };
    catch_unwind(AssertUnwindSafe(call)).map_err(text)
}

pub(super) fn has_collector(family: FamilyId) -> bool {
    sync::lock(&ADOPTED).entries.iter().flat_map(|entry| &entry.metrics).any(|metric| metric.id() == family)
}

fn was_hit(family: FamilyId) -> bool {
    sync::lock(&ADOPTED).hit.as_ref().is_some_and(|hit| hit.contains(&family))
}

fn named<'a>(desc: &MetricDesc, collected: &'a [MetricFamily]) -> impl Iterator<Item = &'a MetricFamily> {
    let name = desc.name;
    collected.iter().filter(move |family| family.name() == name)
}

pub(super) fn count_violations(families: impl Iterator<Item = &'static dyn AnyFamily>) {
    if sync::lock(&ADOPTED).entries.is_empty() {
        return;
    }
    let families: HashSet<_> = families.map(FamilyId::new).collect();
    for entry in entries(|metric| families.contains(&metric.id())) {
        let collected = caught(|| entry.collector.collect());
        for metric in &entry.metrics {
            let Ok(collected) = &collected else {
                metric.family.count_violation(Violation::Panicked);
                continue;
            };
            entry.mark_hit(metric, collected);
            let desc = metric.family.desc();
            let violations = named(desc, collected).flat_map(|family| read::violations(desc, family));
            violations.for_each(|violation| metric.family.count_violation(violation));
        }
    }
}

pub(super) fn inspect(contract: &Contract) -> Vec<AdoptedCollector> {
    let entries = entries(|metric| std::ptr::eq(metric.contract, contract));
    let inspected = entries.iter().flat_map(|entry| {
        let (collected, panic) = match caught(|| entry.collector.collect()) {
            Ok(collected) => (collected, None),
            Err(panic) => (Vec::new(), Some(panic)),
        };
        let of_metric = move |metric: &AdoptedMetric| {
            entry.mark_hit(metric, &collected);
            inspected(entry, metric, &collected, panic.clone())
        };
        entry.metrics.iter().map(of_metric)
    });
    inspected.collect()
}

fn inspected(
    entry: &Entry,
    metric: &AdoptedMetric,
    collected: &[MetricFamily],
    panic: Option<String>,
) -> AdoptedCollector {
    let desc = metric.family.desc();
    let families: Vec<_> = named(desc, collected).collect();
    let names = entry.described.iter().map(|family| family.name.clone());
    let mut names: Vec<_> = names.chain(collected.iter().map(|family| family.name().to_owned())).collect();
    names.sort();
    names.dedup();
    let mut label_sets = caught(|| described_labels(&*entry.collector, desc.name)).unwrap_or_default();
    if label_sets.is_empty() {
        label_sets = families.iter().flat_map(|family| read::label_names(family)).collect();
        label_sets.dedup();
    }
    let mut buckets: Vec<_> = families.iter().flat_map(|family| read::buckets(family)).collect();
    buckets.dedup();
    AdoptedCollector {
        metric: desc.name,
        family: metric.id(),
        adopted_at: metric.adopted_at,
        label_sets,
        names,
        kinds: families.iter().map(|family| read::kind(family)).collect(),
        buckets,
        panic,
        hit: was_hit(metric.id()),
    }
}

/// The label sets that a collector describes: a vector without series has them too.
fn described_labels(collector: &dyn Collector, name: &str) -> Vec<LabelNames> {
    let descs = collector.desc().into_iter().filter(|desc| desc.fq_name == name);
    let names = descs.map(|desc| LabelNames {
        variable: desc.variable_labels.clone(),
        constant: desc.const_label_pairs.iter().map(|pair| pair.name().to_owned()).collect(),
        described: true,
    });
    names.collect()
}
