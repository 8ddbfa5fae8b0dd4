//! What a scrape serves, as data. The text encoder and the collector read the
//! same families from here, so that they cannot differ.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::contract::Contract;
use crate::desc::{MetricDesc, MetricKind};
use crate::label::{LabelDesc, Symbol};
use crate::store::{AnyFamily, Sample};

/// Served with 1 and the contract's identity, so that a query can find skew in a fleet.
pub(crate) const INFO: &str = "orchq_metrics_contract_info";
pub(crate) const INFO_HELP: &str = "Contract that this process was built with; the value is always 1.";
const VIOLATIONS: &str = "orchq_metrics_violations_total";
const VIOLATIONS_HELP: &str = "Number of recorded values that were not a number, infinite or out of the unit's range.";
const OVERFLOWS: &str = "orchq_metrics_overflow_total";
const OVERFLOWS_HELP: &str = "Number of label sets in which a label's value was lost to its budget.";

/// One family with its series.
pub(crate) struct FamilyData {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) kind: MetricKind,
    pub(crate) buckets: &'static [f64],
    pub(crate) series: Vec<SeriesData>,
}

impl FamilyData {
    /// Adds a series, or adds it up with the one that has its label set. Of two levels the
    /// first stays: their sum would mean nothing.
    fn merge(&mut self, series: SeriesData) {
        let Some(known) = self.series.iter_mut().find(|known| known.labels == series.labels) else {
            self.series.push(series);
            return;
        };
        match (&mut known.value, series.value) {
            (Value::Integer(sum), Value::Integer(n)) => *sum += n,
            (Value::Float(sum), Value::Float(n)) if self.kind == MetricKind::Counter => *sum += n,
            (Value::Histogram { counts, sum }, Value::Histogram { counts: more, sum: n }) => {
                counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
                *sum += n;
            }
            _ => {}
        }
    }
}

/// One series: its labels in order, absent ones left out, and its value.
pub(crate) struct SeriesData {
    pub(crate) labels: Vec<(&'static str, Cow<'static, str>)>,
    pub(crate) value: Value,
}

/// A value as served.
pub(crate) enum Value {
    /// A counter counted in whole units.
    Integer(u64),
    /// Any other single number.
    Float(f64),
    /// Bucket counts, not cumulated, and the sum.
    Histogram { counts: Vec<u64>, sum: f64 },
}

/// The families of these contracts that have a series, then the crate's own.
///
/// A name is one family in an exposition, so contracts that promise the same under a name
/// share it; of those that promise different things, which the self-check reports, the first
/// is served.
pub(crate) fn gather(contracts: &[&Contract]) -> Vec<FamilyData> {
    let mut distinct: Vec<&Contract> = Vec::new();
    for contract in contracts {
        if !distinct.iter().any(|known| std::ptr::eq(*known, *contract)) {
            distinct.push(contract);
        }
    }
    let mut served: Vec<(&MetricDesc, FamilyData)> = Vec::new();
    for family in distinct.iter().flat_map(|contract| contract.families()) {
        let (desc, data) = (family.desc(), self::family(family));
        match served.iter_mut().find(|(known, _)| known.name == desc.name) {
            None => served.push((desc, data)),
            Some((known, shared)) if known.promises_the_same(desc) => {
                data.series.into_iter().for_each(|series| shared.merge(series));
            }
            Some(_) => {}
        }
    }
    let mut families: Vec<_> = served.into_iter().map(|(_, data)| data).collect();
    // A family without a series is left out: the `prometheus` crate refuses to encode one.
    families.retain(|family| !family.series.is_empty());
    families.extend(violations(&distinct));
    families.extend(overflows(&distinct));
    families.push(info(&distinct));
    families
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
            info.series.push(SeriesData { labels, value: Value::Integer(1) });
        }
    }
    info
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
        value: Value::Integer(count),
    };
    let series: Vec<_> = sums.into_iter().map(row).collect();
    (!series.is_empty()).then_some(FamilyData { name, help, kind: MetricKind::Counter, buckets: &[], series })
}

fn family(family: &dyn AnyFamily) -> FamilyData {
    let desc: &'static MetricDesc = family.desc();
    let scale = family.counter_scale();
    let mut series = Vec::new();
    family.visit(&mut |key, sample| {
        let value = match sample {
            Sample::Counter(n) if scale == 1.0 => Value::Integer(n),
            Sample::Counter(n) => Value::Float(n as f64 / scale),
            Sample::Gauge(level) => Value::Float(level),
            Sample::Histogram { counts, sum } => Value::Histogram { counts, sum },
        };
        series.push(SeriesData { labels: label_pairs(desc.labels, key), value });
    });
    FamilyData { name: desc.name, help: desc.help, kind: desc.kind, buckets: desc.buckets, series }
}

fn label_pairs(labels: &'static [LabelDesc], key: &[Symbol]) -> Vec<(&'static str, Cow<'static, str>)> {
    let pairs = labels.iter().zip(key);
    pairs.filter_map(|(label, symbol)| Some((label.name, label.values.text(*symbol)?.into()))).collect()
}
