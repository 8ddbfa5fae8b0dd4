//! Reads one record that `emit::record` writes.

use std::collections::HashMap;

use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::coverage::site::SiteUse;
use crate::declare::desc::MetricKind;
use crate::declare::lifecycle::{Deprecation, OldName};
use crate::emit::fields::Fields;
use crate::emit::site_record::SiteRecord;

/// A metric as it was when a function was compiled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordedMetric {
    /// The name of its contract.
    pub contract: String,
    /// The version of that contract that the site was built against.
    pub contract_version: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: MetricKind,
    /// The names of its labels, in order, and whether only some series carry them.
    pub labels: Vec<(String, bool)>,
}

/// One metric of an annotated function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordedEmission {
    /// The metric.
    pub metric: RecordedMetric,
    /// If another library records it, the labels in the annotation.
    pub extern_labels: Option<Vec<String>>,
    /// The function, and the lines that record the metric.
    pub site: SiteUse,
}

/// A site, and its entries with the ids of their metrics.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unresolved {
    /// Without the lines of an entry.
    site: SiteUse,
    entries: Vec<(Entry, String)>,
    pub(super) is_canary: bool,
}

impl Unresolved {
    /// What the site emits, or `None` where a metric is unknown.
    pub(super) fn resolve(self, metrics: &HashMap<String, RecordedMetric>) -> Option<Vec<RecordedEmission>> {
        // An emission that was configured out has left no line.
        let entries = self.entries.into_iter().filter(|((lines, _), _)| !lines.is_empty());
        let emission = |((lines, extern_labels), id): (Entry, String)| {
            let site = SiteUse { lines, by_another_library: extern_labels.is_some(), ..self.site.clone() };
            Some(RecordedEmission { metric: metrics.get(&id)?.clone(), extern_labels, site })
        };
        entries.map(emission).collect()
    }
}

pub(super) fn site(fields: &mut Fields<'_>) -> Option<Unresolved> {
    let record = SiteRecord::read(fields)?;
    let is_canary = record.is_canary();
    let entries = record.entries.into_iter().map(|entry| {
        let labels = entry.extern_labels.map(|labels| labels.into_iter().map(str::to_owned).collect());
        ((entry.lines, labels), entry.metric.to_owned())
    });
    Some(Unresolved { site: SiteUse::new(&record.origin), entries: entries.collect(), is_canary })
}

/// The lines of an entry, and for `extern` its labels.
type Entry = (Vec<u32>, Option<Vec<String>>);

fn owned(fields: &mut Fields<'_>) -> Option<String> {
    fields.text().map(str::to_owned)
}

fn kind(fields: &mut Fields<'_>) -> Option<MetricKind> {
    MetricKind::named(fields.text()?)
}

fn conditional(fields: &mut Fields<'_>) -> Option<bool> {
    match fields.text()? {
        "conditional" => Some(true),
        "required" => Some(false),
        _ => None,
    }
}

pub(super) fn listed(fields: &mut Fields<'_>) -> Option<RecordedMetric> {
    Some(RecordedMetric {
        contract: owned(fields)?,
        contract_version: owned(fields)?,
        name: owned(fields)?,
        kind: kind(fields)?,
        labels: fields.list(|fields| Some((owned(fields)?, conditional(fields)?)))?,
    })
}

pub(super) fn contract(fields: &mut Fields<'_>) -> Option<(OwnedContract, String)> {
    let (name, version, doc) = (owned(fields)?, owned(fields)?, owned(fields)?);
    let declared_by = owned(fields)?;
    let metrics = fields.list(metric)?;
    Some((OwnedContract { name, version, doc, metrics }, declared_by))
}

fn metric(fields: &mut Fields<'_>) -> Option<OwnedMetric> {
    Some(OwnedMetric {
        name: owned(fields)?,
        kind: kind(fields)?,
        unit: owned(fields)?,
        help: owned(fields)?,
        section: owned(fields)?,
        requirement: fields.list(owned)?.pop(),
        series_limit: fields.small_number()?,
        labels: fields.list(label)?,
        buckets: fields.list(float)?,
        stated_range: match *fields.list(float)? {
            [] => None,
            [least, greatest] => Some((least, greatest)),
            _ => return None,
        },
        renamed_from: match <[String; 3]>::try_from(fields.list(owned)?) {
            Ok([name, since, until]) => Some(OldName::new(name, since, until)),
            Err(_) => None,
        },
        deprecated: match <[String; 2]>::try_from(fields.list(owned)?) {
            Ok([since, note]) => Some(Deprecation::new(since, note)),
            Err(_) => None,
        },
    })
}

fn float(fields: &mut Fields<'_>) -> Option<f64> {
    fields.number().map(f64::from_bits)
}

fn label(fields: &mut Fields<'_>) -> Option<OwnedLabel> {
    Some(OwnedLabel {
        name: owned(fields)?,
        conditional: conditional(fields)?,
        values: match fields.text()? {
            "closed" => OwnedValues::Closed(fields.list(owned)?),
            "open" => OwnedValues::Open { budget: fields.small_number()? },
            _ => return None,
        },
        conditions: fields.list(condition)?,
    })
}

fn condition(fields: &mut Fields<'_>) -> Option<OwnedCondition> {
    match fields.text()? {
        "only-with" => Some(OwnedCondition::OnlyWith { label: owned(fields)?, values: fields.list(owned)? }),
        "not-with" => Some(OwnedCondition::NotWith { label: owned(fields)? }),
        _ => None,
    }
}
