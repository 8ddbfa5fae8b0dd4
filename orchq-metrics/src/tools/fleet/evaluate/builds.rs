//! Which versions of the contract a fleet runs.

use std::collections::BTreeMap;

use super::examples::Examples;
use super::fleet::{Fleet, Rule, by_job, of_job};
use super::text::{counted, shown, subject};
use crate::report::Report;
use crate::tools::fleet::answer::Row;
use crate::tools::fleet::catalog::presence as catalog;

pub(super) const RULES: &[Rule] = &[contract_absent, version_skew, other_version];

/// How many builds are listed in a message.
const MAX_SHOWN: usize = 5;

/// How many jobs of a build are listed.
const MAX_JOBS: usize = 5;

impl Fleet<'_> {
    /// The builds with the contract's name.
    fn builds(&self) -> impl Iterator<Item = &Row> {
        self.data.builds.iter().filter(|row| row.label("contract") == self.contract.name)
    }
}

fn contract_absent(fleet: &Fleet<'_>, report: &mut Report) {
    let mut builds = fleet.builds().peekable();
    if builds.peek().is_some() && builds.all(|row| row.label("fingerprint") != fleet.fingerprint) {
        let message = format!("no process of the fleet has {} ({})", fleet.contract.version, fleet.fingerprint);
        report.push(catalog::CONTRACT_ABSENT.finding(&fleet.contract.name, message));
    }
}

fn version_skew(fleet: &Fleet<'_>, report: &mut Report) {
    // By version and fingerprint: how many instances, and the jobs that they are in.
    let mut builds: BTreeMap<(&str, &str), (usize, Vec<&str>)> = BTreeMap::new();
    for row in fleet.builds() {
        let (count, jobs) = builds.entry((row.label("version"), row.label("fingerprint"))).or_default();
        *count = count.saturating_add(row.count());
        jobs.push(row.label("job"));
    }
    if builds.len() < 2 {
        return;
    }
    let checked = (fleet.contract.version.as_str(), fleet.fingerprint.as_str());
    let mut all: Vec<_> = builds.into_iter().collect();
    all.sort_by_key(|(build, (count, _))| (*build != checked, usize::MAX - count));
    let listed = all.iter().take(MAX_SHOWN).map(|((version, fingerprint), (count, jobs))| {
        let is_checked = if (*version, *fingerprint) == checked { ", which is checked," } else { "" };
        let names: Vec<_> = jobs.iter().take(MAX_JOBS).map(|job| format!("`{}`", shown(job))).collect();
        let more = if jobs.len() > MAX_JOBS { " and others" } else { "" };
        format!(
            "{version} ({fingerprint}){is_checked} on {} of {}{more}",
            counted(*count, "instance"),
            names.join(", ")
        )
    });
    let list = listed.collect::<Vec<_>>().join("; ");
    let more = if all.len() > MAX_SHOWN { format!("; and {} more", all.len() - MAX_SHOWN) } else { String::new() };
    let message = format!("{} of it run: {list}{more}", counted(all.len(), "build"));
    report.push(catalog::VERSION_SKEW.finding(&fleet.contract.name, message));
}

fn other_version(fleet: &Fleet<'_>, report: &mut Report) {
    let named = Examples::new(&fleet.data.build_examples, &["job", "contract", "version", "fingerprint"]);
    let all = by_job(fleet.builds());
    let (checked, checked_fingerprint) = (&fleet.contract.version, &fleet.fingerprint);
    let is_checked = |row: &Row| row.label("version") == checked && row.label("fingerprint") == checked_fingerprint;
    for row in fleet.builds().filter(|row| !is_checked(row)) {
        let (job, version, fingerprint) = (row.label("job"), row.label("version"), row.label("fingerprint"));
        let (count, all, examples) = (row.count(), counted(of_job(&all, job), "instance"), named.such_as(row));
        let (have, reports) = if count == 1 { ("has", "reports") } else { ("have", "report") };
        let order = match (semver::Version::parse(version), semver::Version::parse(checked)) {
            (Ok(found), Ok(checked)) if found < checked => "behind",
            (Ok(found), Ok(checked)) if found > checked => "ahead of",
            _ => "which is not the",
        };
        let is_same = fingerprint == checked_fingerprint;
        let checks = if is_same { ", with the same fingerprint" } else { ", and its series are not checked" };
        let what = if version == checked && !is_same {
            format!(
                "{reports} {version} with another fingerprint ({fingerprint}): built from a changed contract without a \
                 new version"
            )
        } else {
            format!("{have} {version} ({fingerprint}), {order} {checked} that is checked")
        };
        let message = format!("{count} of {all} {what}{checks}{examples}");
        report.push(catalog::OTHER_VERSION.finding(subject(job, &fleet.contract.name), message));
    }
}
