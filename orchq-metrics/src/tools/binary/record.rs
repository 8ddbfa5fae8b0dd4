//! Reads the records that `emit::record` writes.

use std::collections::HashMap;

use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::coverage::site::SiteUse;
use crate::declare::desc::MetricKind;
use crate::emit::site;
use crate::tools::binary::fields::{Fields, number};
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

/// The beginning of every record; the format's version and the kind of the record follow.
const HEAD: &[u8] = b"\norchq-metrics ";
const VERSION: &str = "1";

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
            let id = id(fields)?;
            records.metrics.insert(id, listed(fields)?);
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
    let (crate_name, crate_version) = (fields.owned()?, fields.owned()?);
    let (module, name, file) = (fields.text()?, fields.text()?, fields.owned()?);
    let in_test: bool = fields.text()?.parse().ok()?;
    let mut entries = Vec::new();
    for entry in fields.list(entry)? {
        entries.push((entry, id(fields)?));
    }
    let is_canary = entries.is_empty() && name.is_empty() && crate_name == env!("CARGO_PKG_NAME");
    let site = SiteUse {
        binary: None,
        function: [module, "::", name].concat(),
        crate_name,
        crate_version,
        file,
        lines: Vec::new(),
        test: in_test || site::is_test_module(module),
        by_another_library: false,
        hit: None,
    };
    Some(Unresolved { site, entries, is_canary })
}

fn id(fields: &mut Fields<'_>) -> Option<String> {
    fields.owned().filter(|id| id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The lines of an entry, and for `extern` its labels.
type Entry = (Vec<u32>, Option<Vec<String>>);

fn entry(fields: &mut Fields<'_>) -> Option<Entry> {
    match fields.text()? {
        "own" => {
            let words = fields.text()?.split_ascii_whitespace();
            let lines: Option<Vec<_>> = words.map(line).collect();
            Some((lines?.into_iter().flatten().collect(), None))
        }
        "extern" => Some((vec![fields.small_number()?], Some(fields.list(Fields::owned)?))),
        _ => None,
    }
}

/// The number of a line, which the values of the `cfg`s around it follow; `Some(None)` if one of those is false.
fn line(word: &str) -> Option<Option<u32>> {
    let (line, cfgs) = word.split_at(word.find(|char: char| !char.is_ascii_digit()).unwrap_or(word.len()));
    let line = number(line).and_then(|line| u32::try_from(line).ok())?;
    Some((!cfgs.contains("false")).then_some(line))
}

fn listed(fields: &mut Fields<'_>) -> Option<RecordedMetric> {
    Some(RecordedMetric {
        contract: fields.owned()?,
        contract_version: fields.owned()?,
        name: fields.owned()?,
        kind: fields.kind()?,
        labels: fields.list(|fields| Some((fields.owned()?, fields.conditional()?)))?,
    })
}

fn contract(fields: &mut Fields<'_>) -> Option<(OwnedContract, String)> {
    let (name, version, doc) = (fields.owned()?, fields.owned()?, fields.owned()?);
    let declared_by = fields.owned()?;
    let metrics = fields.list(metric)?;
    Some((OwnedContract { name, version, doc, metrics }, declared_by))
}

fn metric(fields: &mut Fields<'_>) -> Option<OwnedMetric> {
    Some(OwnedMetric {
        name: fields.owned()?,
        kind: fields.kind()?,
        unit: fields.owned()?,
        help: fields.owned()?,
        section: fields.owned()?,
        requirement: fields.list(Fields::owned)?.pop(),
        series_limit: fields.small_number()?,
        labels: fields.list(label)?,
        buckets: fields.list(|fields| fields.number().map(f64::from_bits))?,
    })
}

fn label(fields: &mut Fields<'_>) -> Option<OwnedLabel> {
    Some(OwnedLabel {
        name: fields.owned()?,
        conditional: fields.conditional()?,
        values: match fields.text()? {
            "closed" => OwnedValues::Closed(fields.list(Fields::owned)?),
            "open" => OwnedValues::Open { budget: fields.small_number()? },
            _ => return None,
        },
        conditions: fields.list(condition)?,
    })
}

fn condition(fields: &mut Fields<'_>) -> Option<OwnedCondition> {
    match fields.text()? {
        "only-with" => Some(OwnedCondition::OnlyWith { label: fields.owned()?, values: fields.list(Fields::owned)? }),
        "not-with" => Some(OwnedCondition::NotWith { label: fields.owned()? }),
        _ => None,
    }
}
