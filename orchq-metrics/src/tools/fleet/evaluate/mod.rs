//! From the data of a fleet to findings, by rules in the order of the list.

mod builds;
mod examples;
mod fleet;
mod presence;
mod series;
mod text;
mod types;

use self::fleet::{Fleet, Rule, total};
use super::answer::Row;
use super::collect::FleetData;
use super::options::FleetOptions;
use crate::contract::owned::OwnedContract;
use crate::report::Report;

const RULES: [&[Rule]; 4] = [presence::RULES, builds::RULES, types::RULES, series::RULES];

/// The findings of a fleet.
pub(super) fn report(contract: &OwnedContract, options: &FleetOptions, data: &FleetData) -> Report {
    let fleet = Fleet::new(contract, options, data);
    let mut report = Report::on(total(data.series.iter().map(Row::count)));
    RULES.iter().flat_map(|rules| rules.iter()).for_each(|rule| rule(&fleet, &mut report));
    for finding in &mut report.findings {
        finding.subject = plain(&finding.subject);
        finding.message = plain(&finding.message);
    }
    report
}

/// A text from the server, without characters that change its direction or end its line.
fn plain(text: &str) -> String {
    let turns =
        |c| matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c }).collect()
}
