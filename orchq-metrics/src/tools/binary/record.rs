//! Reads the records that `emit::record` writes.

use std::collections::HashMap;

use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::coverage::site::SiteUse;
use crate::declare::desc::MetricKind;
use crate::emit::fields::{Fields, number};
use crate::emit::site;
use crate::emit::site_record::{self, HEAD, SiteRecord, VERSION};
use crate::tools::binary::{ReadError, Records};

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

/// Reads the content of a section of records, in which anything may be between the records.
///
/// # Errors
///
/// When records are in a form that this version does not know.
pub fn read_section(content: &[u8]) -> Result<Records, ReadError> {
    let mut records = Records { has_section: true, ..Records::default() };
    read_all(content, &mut records)?;
    Ok(records.resolved())
}

/// Adds all records in the content of a section. What is not a record is passed over.
pub(super) fn read_all(content: &[u8], records: &mut Records) -> Result<(), ReadError> {
    let mut rest = content;
    while let Some(start) = memchr::memmem::find(rest, HEAD) {
        let mut fields = Fields::new(rest.get(start + HEAD.len()..).unwrap_or_default());
        // If this record is damaged, the next may be whole.
        rest = fields.rest();
        let head = fields.text().and_then(|head| head.split_once(' '));
        let Some((version, kind)) = head.filter(|(version, _)| number(version).is_some()) else {
            records.damaged += 1;
            continue;
        };
        if version != VERSION {
            return Err(ReadError::Version(version.chars().take(20).collect()));
        }
        if read_one(kind, &mut fields, records).is_some() {
            rest = fields.rest();
        } else {
            records.damaged += 1;
        }
    }
    Ok(())
}

fn read_one(kind: &str, fields: &mut Fields<'_>, records: &mut Records) -> Option<()> {
    match kind {
        "site" => match site(fields)? {
            site if site.is_canary => records.canaries += 1,
            site => records.unresolved.push(site),
        },
        "metric" => {
            let id = site_record::id(fields)?;
            records.metrics.insert(id.to_owned(), listed(fields)?);
        }
        "contract" => {
            let (contract, declared_by) = contract(fields)?;
            records.contracts.push(contract);
            records.declared_by.push(declared_by);
        }
        _ => return None,
    }
    Some(())
}

/// A site, and its entries with the ids of their metrics.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unresolved {
    /// Without the lines of an entry.
    site: SiteUse,
    entries: Vec<(Entry, String)>,
    is_canary: bool,
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

fn site(fields: &mut Fields<'_>) -> Option<Unresolved> {
    let record = SiteRecord::read(fields)?;
    let is_canary = record.is_canary();
    let SiteRecord { krate, version, module, function, file, in_test, entries } = record;
    let entries = entries.into_iter().map(|entry| {
        let labels = entry.extern_labels.map(|labels| labels.into_iter().map(str::to_owned).collect());
        ((entry.lines, labels), entry.metric.to_owned())
    });
    let site = SiteUse {
        binary: None,
        function: [module, "::", function].concat(),
        crate_name: krate.to_owned(),
        crate_version: version.to_owned(),
        file: file.to_owned(),
        lines: Vec::new(),
        test: in_test || site::is_test_module(module),
        by_another_library: false,
        hit: None,
    };
    Some(Unresolved { site, entries: entries.collect(), is_canary })
}

/// The lines of an entry, and for `extern` its labels.
type Entry = (Vec<u32>, Option<Vec<String>>);

fn owned(fields: &mut Fields<'_>) -> Option<String> {
    fields.text().map(str::to_owned)
}

fn kind(fields: &mut Fields<'_>) -> Option<MetricKind> {
    let text = fields.text()?;
    [MetricKind::Counter, MetricKind::Gauge, MetricKind::Histogram].into_iter().find(|kind| kind.as_str() == text)
}

fn conditional(fields: &mut Fields<'_>) -> Option<bool> {
    match fields.text()? {
        "conditional" => Some(true),
        "required" => Some(false),
        _ => None,
    }
}

fn listed(fields: &mut Fields<'_>) -> Option<RecordedMetric> {
    Some(RecordedMetric {
        contract: owned(fields)?,
        contract_version: owned(fields)?,
        name: owned(fields)?,
        kind: kind(fields)?,
        labels: fields.list(|fields| Some((owned(fields)?, conditional(fields)?)))?,
    })
}

fn contract(fields: &mut Fields<'_>) -> Option<(OwnedContract, String)> {
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
