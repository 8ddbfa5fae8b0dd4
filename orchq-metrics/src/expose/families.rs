//! What a scrape serves, as data. The text encoder and the collector read the
//! same families from here, so that they serve the same.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::contract::Contract;
use crate::declare::desc::{MetricDesc, MetricKind};
use crate::declare::label::{Key, LabelDesc};
use crate::emit::site;
use crate::store::{self, AnyFamily, Reading, Shard};

/// Served with 1 and the contract's identity, so that a query can find skew in a fleet.
pub(crate) const INFO: &str = "orchq_metrics_contract_info";
pub(crate) const INFO_HELP: &str = "Contract that this process was built with; the value is always 1.";
pub(crate) const VIOLATIONS: &str = "orchq_metrics_violations_total";
const VIOLATIONS_HELP: &str =
    "Number of recorded values that were not a number, infinite, negative or out of the unit's range.";
pub(crate) const OVERFLOWS: &str = "orchq_metrics_overflow_total";
const OVERFLOWS_HELP: &str = "Number of lookups in which a label's value, or the whole label set, was lost to a limit.";

/// One family with its series.
pub(crate) struct FamilyData {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) kind: MetricKind,
    pub(crate) buckets: &'static [f64],
    pub(crate) series: Vec<SeriesData>,
}

/// One series: its labels in order, absent ones left out, and its value.
pub(crate) struct SeriesData {
    pub(crate) labels: Vec<(&'static str, Cow<'static, str>)>,
    /// Another, where the series was removed and came back.
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "only what pushes tells lives apart"))]
    pub(crate) life: u64,
    pub(crate) value: Value<'static>,
}

/// A value as served.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// A counter counted in whole units.
    Integer(u64),
    /// Any other single number.
    Float(f64),
    /// Bucket counts, not cumulated, and the sum.
    Histogram { counts: Cow<'a, [u64]>, sum: f64 },
}

impl Value<'_> {
    fn into_owned(self) -> Value<'static> {
        match self {
            Self::Integer(n) => Value::Integer(n),
            Self::Float(n) => Value::Float(n),
            Self::Histogram { counts, sum } => Value::Histogram { counts: counts.into_owned().into(), sum },
        }
    }
}

/// A family as it is served: those of several contracts that promise the same under one name.
pub(crate) struct Served {
    pub(crate) desc: &'static MetricDesc,
    families: Vec<&'static dyn AnyFamily>,
}

/// The families of these contracts, in their order.
///
/// A name is one family in an exposition, so contracts that promise the same under a name
/// share it; of those that promise different things, which the self-check reports, the first
/// is served.
pub(crate) fn served(contracts: &[&Contract]) -> Vec<Served> {
    let mut all: Vec<Served> = Vec::new();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    for family in distinct(contracts).iter().flat_map(|contract| contract.families()) {
        let desc = family.desc();
        match by_name.get(desc.name).map(|at| &mut all[*at]) {
            None => {
                by_name.insert(desc.name, all.len());
                all.push(Served { desc, families: vec![family] });
            }
            Some(shared) if shared.desc.promises_the_same(desc) => shared.families.push(family),
            Some(_) => {}
        }
    }
    all
}

impl Served {
    /// The family, if there is one alone behind the name. The series of several have to be merged.
    pub(crate) fn alone(&self) -> Option<&'static dyn AnyFamily> {
        match self.families.as_slice() {
            [family] => Some(*family),
            _ => None,
        }
    }

    /// The family as data.
    pub(crate) fn gather(&self, shards: &[&'static Shard]) -> FamilyData {
        let MetricDesc { name, help, kind, buckets, .. } = *self.desc;
        let mut family = FamilyData { name, help, kind, buckets, series: Vec::new() };
        let mut known = HashMap::new();
        for more in &self.families {
            let scale = more.counter_scale();
            visit(*more, shards, &mut |key, life, reading| {
                // A symbol means something only with the family's own label types.
                let (labels, value) = (label_pairs(more.desc().labels, key), Value::of(reading, scale));
                match known.get(&labels).copied() {
                    Some(at) => merge(kind, &mut family.series[at], value),
                    None => {
                        if self.families.len() > 1 {
                            known.insert(labels.clone(), family.series.len());
                        }
                        // Of several, one may end while the others go on; the value alone tells.
                        let life = if self.families.len() > 1 { 0 } else { life };
                        family.series.push(SeriesData { labels, life, value: value.into_owned() });
                    }
                }
            });
        }
        family
    }
}

/// Adds to a series what another family counts under its label set. Of two levels the first
/// stays: their sum would mean nothing.
fn merge(kind: MetricKind, known: &mut SeriesData, value: Value<'_>) {
    match (&mut known.value, value) {
        (Value::Integer(sum), Value::Integer(n)) => *sum = sum.wrapping_add(n),
        (Value::Float(sum), Value::Float(n)) if kind == MetricKind::Counter => *sum += n,
        (Value::Histogram { counts, sum }, Value::Histogram { counts: more, sum: n }) => {
            counts.to_mut().iter_mut().zip(&*more).for_each(|(count, more)| *count += more);
            *sum += n;
        }
        _ => {}
    }
}

/// Calls `each` with every series of a family that is served, and its life.
pub(crate) fn visit(
    family: &'static dyn AnyFamily,
    shards: &[&'static Shard],
    each: &mut dyn FnMut(Key<'_>, u64, Reading<'_>),
) {
    // What another library records is served by it, so zeros of ours would be a second answer.
    let without_zeros = site::recorded_elsewhere(family);
    family.visit(shards, &mut |key, life, reading| {
        if !without_zeros || !reading.is_zero() {
            each(key, life, reading);
        }
    });
}

impl Value<'_> {
    /// A reading as served.
    fn of(reading: Reading<'_>, counter_scale: f64) -> Value<'_> {
        match reading {
            Reading::Counter(n) if counter_scale == 1.0 => Value::Integer(n),
            Reading::Counter(n) => Value::Float(n as f64 / counter_scale),
            Reading::Gauge(level) => Value::Float(level),
            Reading::Histogram { counts, sum } => Value::Histogram { counts: counts.into(), sum },
        }
    }
}

/// Every family of these contracts, as data; those without a series are left out, because the
/// `prometheus` crate refuses to encode one.
pub(crate) fn gather(contracts: &[&Contract]) -> Vec<FamilyData> {
    let shards = store::all_shards();
    let mut families: Vec<_> = served(contracts).iter().map(|served| served.gather(&shards)).collect();
    families.retain(|family| !family.series.is_empty());
    families.extend(about(contracts));
    families
}

/// What the crate serves of its own about these contracts.
pub(crate) fn about(contracts: &[&Contract]) -> impl Iterator<Item = FamilyData> + use<> {
    let contracts = distinct(contracts);
    #[cfg(feature = "otlp")]
    let pushes = pushed(&contracts);
    #[cfg(not(feature = "otlp"))]
    let pushes = [];
    violations(&contracts).into_iter().chain(overflows(&contracts)).chain(pushes).chain([info(&contracts)])
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

/// The info family's labels for one contract.
pub(crate) fn info_labels(contract: &Contract) -> [(&'static str, Cow<'static, str>); 3] {
    [
        ("contract", contract.name().into()),
        ("version", contract.version().into()),
        ("fingerprint", contract.fingerprint().to_owned().into()),
    ]
}

fn info(contracts: &[&Contract]) -> FamilyData {
    let mut info =
        FamilyData { name: INFO, help: INFO_HELP, kind: MetricKind::Gauge, buckets: &[], series: Vec::new() };
    for contract in contracts {
        let labels = info_labels(contract).to_vec();
        // Of twins, which are one contract linked twice, one line tells of both.
        if info.series.iter().all(|known| known.labels != labels) {
            info.series.push(SeriesData { labels, life: 0, value: Value::Integer(1) });
        }
    }
    info
}

/// What became of the pushes of these contracts; nothing where nothing was ever pushed.
#[cfg(feature = "otlp")]
fn pushed(contracts: &[&Contract]) -> Vec<FamilyData> {
    use crate::expose::push_stats::{self, LAST_SUCCESS, POINT_OUTCOMES, POINTS, REQUEST_OUTCOMES, REQUESTS};

    const REQUESTS_HELP: &str = "Number of requests to the OTLP endpoint, by what became of them.";
    const POINTS_HELP: &str = "Number of data points that were to be pushed to the OTLP endpoint, by their fate.";
    const LAST_SUCCESS_HELP: &str = "Unix time at which the OTLP endpoint last accepted metrics; 0 before.";
    let family = |name, help, kind| FamilyData { name, help, kind, buckets: &[], series: Vec::new() };
    let mut requests = family(REQUESTS, REQUESTS_HELP, MetricKind::Counter);
    let mut points = family(POINTS, POINTS_HELP, MetricKind::Counter);
    let mut last_success = family(LAST_SUCCESS, LAST_SUCCESS_HELP, MetricKind::Gauge);
    for books in push_stats::of_contracts(contracts) {
        let endpoint = || ("endpoint", books.endpoint.clone().into());
        let counted = |(outcome, count): (&'static str, u64)| SeriesData {
            labels: vec![endpoint(), ("outcome", outcome.into())],
            life: 0,
            value: Value::Integer(count),
        };
        requests.series.extend(REQUEST_OUTCOMES.into_iter().zip(books.requests()).map(counted));
        points.series.extend(POINT_OUTCOMES.into_iter().zip(books.points()).map(counted));
        let seconds = Value::Float(books.last_success().as_secs_f64());
        last_success.series.push(SeriesData { labels: vec![endpoint()], life: 0, value: seconds });
    }
    let mut families = vec![requests, points, last_success];
    families.retain(|family| !family.series.is_empty());
    families
}

fn violations(contracts: &[&Contract]) -> Option<FamilyData> {
    own_counter(contracts, VIOLATIONS, VIOLATIONS_HELP, "kind", |family| {
        family.violations().map(|(violation, count)| (violation.as_str(), count)).to_vec()
    })
}

fn overflows(contracts: &[&Contract]) -> Option<FamilyData> {
    own_counter(contracts, OVERFLOWS, OVERFLOWS_HELP, "label", AnyFamily::overflows)
}

/// A counter of this crate's own, by metric and one label more; nothing where all is at zero.
fn own_counter(
    contracts: &[&Contract],
    name: &'static str,
    help: &'static str,
    label: &'static str,
    counts: fn(&'static dyn AnyFamily) -> Vec<(&'static str, u64)>,
) -> Option<FamilyData> {
    // By name, because contracts may share one.
    let mut sums: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for family in contracts.iter().flat_map(|contract| contract.families()) {
        for (value, count) in counts(family).into_iter().filter(|(_, count)| *count > 0) {
            *sums.entry((family.desc().name, value)).or_default() += count;
        }
    }
    let row = |((metric, value), count): ((&'static str, &'static str), u64)| SeriesData {
        labels: vec![("metric", metric.into()), (label, value.into())],
        life: 0,
        value: Value::Integer(count),
    };
    let series: Vec<_> = sums.into_iter().map(row).collect();
    (!series.is_empty()).then_some(FamilyData { name, help, kind: MetricKind::Counter, buckets: &[], series })
}

/// The labels that a series carries, with their values.
pub(crate) fn label_pairs(labels: &'static [LabelDesc], key: Key<'_>) -> Vec<(&'static str, Cow<'static, str>)> {
    let symbols = labels.iter().enumerate().map(|(place, label)| (label, key.symbol(place)));
    symbols.filter_map(|(label, symbol)| Some((label.name, label.values.text(symbol)?.into()))).collect()
}
