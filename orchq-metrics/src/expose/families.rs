//! The families of a scrape, as data. The text encoder, the collector and the pushes all read them from here.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::contract::{Contract, on_scrape};
use crate::declare::desc::{MetricDesc, MetricKind, label_sets};
use crate::declare::label::{Key, LabelDesc};
use crate::declare::unit::Violation;
use crate::emit::recorders::Recorders;
use crate::expose::adoption;
use crate::expose::own::{OWN, OwnFamily};
use crate::store::{AnyFamily, Reading, Shard};

/// One family with its series.
pub(crate) struct FamilyData {
    pub(crate) name: &'static str,
    pub(crate) help: Cow<'static, str>,
    pub(crate) kind: MetricKind,
    pub(crate) buckets: &'static [f64],
    pub(crate) series: Vec<SeriesData>,
}

/// A label's name and its value.
pub(crate) type LabelPair = (&'static str, Cow<'static, str>);

/// One series: its labels in order, without absent ones, and its value.
pub(crate) struct SeriesData {
    pub(crate) labels: Vec<LabelPair>,
    /// Changes when the series is removed and comes back.
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "only pushes distinguish generations"))]
    pub(crate) generation: u64,
    pub(crate) value: Value,
}

/// A value as served.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// A counter that counts in whole units.
    Integer(u64),
    /// Any other single number.
    Float(f64),
    /// Bucket counts, not cumulative, and the sum.
    Histogram { counts: Vec<u64>, sum: f64 },
}

impl Value {
    fn new(reading: Reading<'_>, counter_scale: f64) -> Self {
        match reading {
            Reading::Counter(n) if counter_scale == 1.0 => Self::Integer(n),
            Reading::Counter(n) => Self::Float(n as f64 / counter_scale),
            Reading::FloatCounter(n) | Reading::Gauge(n) => Self::Float(n),
            Reading::Histogram { counts, sum } => Self::Histogram { counts: counts.to_vec(), sum },
        }
    }

    /// The value as one number, for a histogram the number of its observations.
    pub(crate) fn number(&self) -> f64 {
        match self {
            Self::Integer(n) => *n as f64,
            Self::Float(n) => *n,
            Self::Histogram { counts, .. } => counts.iter().sum::<u64>() as f64,
        }
    }

    /// Adds what another family counts under the same label set. Of two levels the first that is not zero stays: their
    /// sum would mean nothing, and a zero may be one that nothing has recorded.
    fn merge(&mut self, other: Self, kind: MetricKind) {
        match (self, other) {
            (Self::Integer(sum), Self::Integer(n)) => *sum = sum.wrapping_add(n),
            (Self::Histogram { counts, sum }, Self::Histogram { counts: more, sum: n }) => {
                counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
                *sum += n;
            }
            // One of them may count in fractions.
            (sum, n) if kind == MetricKind::Counter => *sum = Self::Float(sum.number() + n.number()),
            (level, other) if level.number() == 0.0 => *level = other,
            _ => {}
        }
    }
}

/// A family as it is served: one, or those of several contracts that promise the same under one name.
pub(crate) struct Served {
    /// Its name, or the one that it had before.
    pub(crate) name: &'static str,
    pub(crate) help: Cow<'static, str>,
    pub(crate) desc: &'static MetricDesc,
    families: Vec<&'static dyn AnyFamily>,
}

/// Begins a read of these contracts: the functions that record values for it run. Comes before the shards are listed,
/// because they may be the first that a thread records.
pub(crate) fn begin(contracts: &[&Contract]) {
    on_scrape::run(&distinct(contracts));
}

/// The families of these contracts, in their order.
///
/// An exposition has a name once, so contracts that promise the same under a name share the family. If they promise
/// different things, which the self-check reports, the first is served, and a violation is counted. A metric that was
/// renamed is a family under each of its names.
pub(crate) fn served(contracts: &[&Contract]) -> Vec<Served> {
    let mut all: Vec<Served> = Vec::new();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    for family in distinct(contracts).iter().flat_map(|contract| contract.families()) {
        let desc = family.desc();
        for (name, help) in desc.served_names() {
            match by_name.get(name).map(|index| &mut all[*index]) {
                None => {
                    by_name.insert(name, all.len());
                    all.push(Served { name, help, desc, families: vec![family] });
                }
                Some(shared) if shared.desc.promises_the_same(desc) => shared.families.push(family),
                Some(shared) => shared.families[0].count_violation(Violation::ConflictingContracts),
            }
        }
    }
    all
}

impl Served {
    /// The only family behind the name; `None` if there are several, whose series have to be merged.
    pub(crate) fn single(&self) -> Option<&'static dyn AnyFamily> {
        match self.families.as_slice() {
            [family] => Some(*family),
            _ => None,
        }
    }

    /// The family as data.
    pub(crate) fn gather(&self, shards: &[&'static Shard]) -> FamilyData {
        let MetricDesc { kind, buckets, .. } = *self.desc;
        let merges = self.single().is_none();
        let mut series: Vec<SeriesData> = Vec::new();
        // By text: a symbol means something only with the family's own label types.
        let mut indexes = HashMap::new();
        for family in &self.families {
            let scale = family.counter_scale();
            visit(*family, shards, &mut |key, generation, reading| {
                let (labels, value) = (label_pairs(family.desc().labels, key), Value::new(reading, scale));
                if let Some(index) = indexes.get(&labels) {
                    let known: &mut SeriesData = &mut series[*index];
                    return known.value.merge(value, kind);
                }
                if merges {
                    indexes.insert(labels.clone(), series.len());
                }
                // One of several may end while the others go on, so that no generation is that of the sum.
                series.push(SeriesData { labels, generation: if merges { 0 } else { generation }, value });
            });
        }
        FamilyData { name: self.name, help: self.help.clone(), kind, buckets, series }
    }
}

/// Calls `each` with every series of a family that is served, and its generation.
///
/// A family whose label sets are known beforehand has all of them in the store. They are served at zero only if a
/// function of this binary can raise them: otherwise `absent()` could not find that the function is gone.
pub(crate) fn visit(
    family: &'static dyn AnyFamily,
    shards: &[&'static Shard],
    each: &mut dyn FnMut(Key<'_>, u64, Reading<'_>),
) {
    let was_recorded = label_sets(family.desc().labels).is_none();
    // A collector that is adopted may serve the same label sets.
    let with_zeros = was_recorded
        || (Recorders::linked().can_raise(family) && !adoption::has_collector(family) && !is_of_the_process(family));
    family.visit(shards, &mut |key, generation, reading| {
        if with_zeros || !reading.is_zero() {
            each(key, generation, reading);
        }
    });
}

/// Whether a zero means that the platform does not report the value. The processor time of a young process is truly
/// zero.
fn is_of_the_process(family: &'static dyn AnyFamily) -> bool {
    #[cfg(feature = "process")]
    {
        use crate::emit::metric_ref::FamilyId;
        family.desc().kind == MetricKind::Gauge
            && crate::process::CONTRACT.families().any(|own| FamilyId::new(own) == FamilyId::new(family))
    }
    #[cfg(not(feature = "process"))]
    {
        let _ = family;
        false
    }
}

/// The labels that a series carries, with their values.
pub(crate) fn label_pairs(labels: &'static [LabelDesc], key: Key<'_>) -> Vec<LabelPair> {
    let symbols = labels.iter().enumerate().map(|(index, label)| (label, key.symbol(index)));
    symbols.filter_map(|(label, symbol)| Some((label.name, label.values.text(symbol)?.into()))).collect()
}

fn distinct<'a>(contracts: &[&'a Contract]) -> Vec<&'a Contract> {
    let mut distinct: Vec<&Contract> = Vec::new();
    for contract in contracts {
        if !distinct.iter().any(|known| std::ptr::eq(*known, *contract)) {
            distinct.push(contract);
        }
    }
    distinct
}

/// The crate's own families about these contracts, without those that have no series.
pub(crate) fn own(contracts: &[&Contract]) -> Vec<FamilyData> {
    let contracts = distinct(contracts);
    adoption::count_violations(contracts.iter().flat_map(|contract| contract.families()));
    let [violations, overflows, on_scrape_panics, .., info] = &OWN;
    let mut families = vec![
        own_counter(violations, &contracts, |family| {
            family.violations().map(|(violation, count)| (violation.as_str(), count)).to_vec()
        }),
        own_counter(overflows, &contracts, AnyFamily::overflows),
        own_family(on_scrape_panics, panics(&contracts)),
    ];
    #[cfg(feature = "otlp")]
    families.extend(pushed(&contracts));
    families.push(own_family(info, identities(&contracts)));
    families.retain(|family| !family.series.is_empty());
    families
}

fn own_family(own: &OwnFamily, series: Vec<SeriesData>) -> FamilyData {
    FamilyData { name: own.name, help: own.help.into(), kind: own.kind, buckets: &[], series }
}

impl SeriesData {
    fn own(labels: impl Into<Vec<LabelPair>>, value: Value) -> Self {
        Self { labels: labels.into(), generation: 0, value }
    }
}

/// A counter by metric and one label more, without zeros.
fn own_counter(
    own: &OwnFamily,
    contracts: &[&Contract],
    counts: fn(&'static dyn AnyFamily) -> Vec<(&'static str, u64)>,
) -> FamilyData {
    // By name, because contracts may share one.
    let mut sums: BTreeMap<(&'static str, &'static str), u64> = BTreeMap::new();
    for family in contracts.iter().flat_map(|contract| contract.families()) {
        for (value, count) in counts(family).into_iter().filter(|(_, count)| *count > 0) {
            *sums.entry((family.desc().name, value)).or_default() += count;
        }
    }
    let series = sums.into_iter().map(|((metric, value), count)| {
        let labels = own.labels.iter().zip([metric, value]).map(|((label, _), value)| (*label, value.into()));
        SeriesData::own(labels.collect::<Vec<_>>(), Value::Integer(count))
    });
    own_family(own, series.collect())
}

/// The functions that panicked, for the contracts that have some.
fn panics(contracts: &[&Contract]) -> Vec<SeriesData> {
    // By name, because a contract may be linked twice.
    let mut sums: BTreeMap<&'static str, u64> = BTreeMap::new();
    for (contract, count) in contracts.iter().map(|contract| (contract, contract.scrape_panics())) {
        if count > 0 {
            *sums.entry(contract.name()).or_default() += count;
        }
    }
    let series = |(name, count): (&'static str, _)| SeriesData::own([("contract", name.into())], Value::Integer(count));
    sums.into_iter().map(series).collect()
}

/// The statistics of pushes of these contracts; no series if nothing was ever pushed.
#[cfg(feature = "otlp")]
fn pushed(contracts: &[&Contract]) -> [FamilyData; 3] {
    use crate::expose::push_stats::{self, POINT_OUTCOMES, REQUEST_OUTCOMES};

    let [.., own_requests, own_points, own_last_success, _] = &OWN;
    let (mut requests, mut points, mut last_success) = (Vec::new(), Vec::new(), Vec::new());
    for stats in push_stats::of_contracts(contracts) {
        let counts = stats.counts();
        let endpoint = || ("endpoint", stats.endpoint.clone().into());
        let counted = |(outcome, count): (&'static str, u64)| {
            SeriesData::own([endpoint(), ("outcome", outcome.into())], Value::Integer(count))
        };
        requests.extend(REQUEST_OUTCOMES.into_iter().zip(counts.requests).map(counted));
        points.extend(POINT_OUTCOMES.into_iter().zip(counts.points).map(counted));
        last_success.push(SeriesData::own([endpoint()], Value::Float(counts.last_success.as_secs_f64())));
    }
    [own_family(own_requests, requests), own_family(own_points, points), own_family(own_last_success, last_success)]
}

/// The labels of the info family for one contract.
pub(crate) fn info_labels(contract: &Contract) -> [LabelPair; 3] {
    [
        ("contract", contract.name().into()),
        ("version", contract.version().into()),
        ("fingerprint", contract.fingerprint().to_owned().into()),
    ]
}

fn identities(contracts: &[&Contract]) -> Vec<SeriesData> {
    let mut series: Vec<SeriesData> = Vec::new();
    for labels in contracts.iter().map(|contract| info_labels(contract)) {
        // A contract that is linked twice has one line.
        if series.iter().all(|known| known.labels != labels) {
            series.push(SeriesData::own(labels, Value::Integer(1)));
        }
    }
    series
}
