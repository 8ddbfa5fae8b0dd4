//! Reads the records in a section.

use super::error::ReadError;
use super::record;
use super::records::Records;
use crate::emit::fields::{Fields, number};
use crate::emit::site_record::{self, HEAD, VERSION};

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
        "site" => match record::site(fields)? {
            site if site.is_canary => records.canaries += 1,
            site => records.unresolved.push(site),
        },
        "metric" => {
            let id = site_record::id(fields)?;
            records.metrics.insert(id.to_owned(), record::listed(fields)?);
        }
        "contract" => {
            let (contract, declared_by) = record::contract(fields)?;
            records.contracts.push(contract);
            records.declared_by.push(declared_by);
        }
        _ => return None,
    }
    Some(())
}
