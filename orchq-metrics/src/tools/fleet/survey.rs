//! What is asked, in which order, and what came of it. How many questions there are depends on the contract, and not on
//! the fleet: what a server can count, it counts.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{self, Answer, AnswerError, Metadata, Row, TargetMetadata};
use super::breach::{self, Breach, Kind, main_name};
use super::promql::{Scope, count_by, differs, equal, is_legacy, top_by};
use super::{Options, SurveyError};
use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::declare::desc::MetricKind;
use crate::expose::families::{INFO, OVERFLOWS, VIOLATIONS};

/// How many examples of instances are asked for.
pub(super) const EXAMPLES: usize = 3;

/// How many values outside a closed set are asked for, of each metric in a job.
pub(super) const VALUES: usize = 10;

/// How many labels that the contract does not have are looked for.
const LABELS: usize = 50;

/// How many rows of all answers are kept.
const ROWS: usize = 100_000;

/// How long ago a job may have been seen to be missed.
pub(super) const GONE_AFTER: &str = "1h";

/// How far back a server looks for names of labels, in seconds; where they stand is asked apart.
const NAMES_FROM: f64 = 3600.0;

/// One thing to ask of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// Where, below the server's URL.
    pub endpoint: Endpoint,
    /// The fields of the form, or of the query string.
    pub fields: Vec<(&'static str, String)>,
}

/// The parts of the API that are used: all servers have the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// An expression at one time.
    Query,
    /// The names of labels.
    Labels,
    /// What scrapes said of families.
    Metadata,
    /// The same of each target, which Prometheus alone keeps.
    TargetsMetadata,
}

impl Endpoint {
    /// The path below the server's URL.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Query => "api/v1/query",
            Self::Labels => "api/v1/labels",
            Self::Metadata => "api/v1/metadata",
            Self::TargetsMetadata => "api/v1/targets/metadata",
        }
    }

    /// Whether it takes the fields as a form with POST, which has room for long questions, and not with GET alone.
    #[must_use]
    pub fn takes_forms(self) -> bool {
        matches!(self, Self::Query | Self::Labels)
    }
}

/// What a server answered, as data: what a fleet is judged by.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Evidence {
    /// Instances by `job`, `contract`, `version` and `fingerprint`.
    pub(super) builds: Vec<Row>,
    /// A few instances of each.
    pub(super) build_examples: Vec<Row>,
    /// Series by `job` and `__name__`.
    pub(super) series: Vec<Row>,
    /// Instances that are judged, by `job` and `__name__`.
    pub(super) instances: Vec<Row>,
    /// The jobs that said a while ago which contract they have.
    pub(super) lately: Vec<Row>,
    /// Targets by `job`, those that are down, and a few of them.
    pub(super) targets: Vec<Row>,
    pub(super) down: Vec<Row>,
    pub(super) down_examples: Vec<Row>,
    /// What the library counts of itself, by `job`, `metric` and `label` or `kind`.
    pub(super) overflows: Vec<Row>,
    pub(super) violations: Vec<Row>,
    /// Buckets by `job`, `__name__` and `le`.
    pub(super) buckets: Vec<Row>,
    pub(super) breaches: Vec<Breached>,
    /// By label: the targets that have it, and the processes that say it of themselves, by `job`.
    pub(super) target_labels: BTreeMap<String, [Vec<Row>; 2]>,
    /// Whether the names of labels could be asked for, and were not too many.
    pub(super) labels_known: bool,
    /// Labels that the server does not let itself be asked about.
    pub(super) labels_refused: BTreeSet<String>,
    /// What scrapes said of the contract's families that have series; nothing where the server does not keep it.
    pub(super) metadata: BTreeMap<String, Vec<Metadata>>,
    /// Which targets' scrapes did, where it is not what the contract says and the server knows.
    pub(super) targets_metadata: BTreeMap<String, Vec<TargetMetadata>>,
    /// Instances that are not judged, by `job` and `instance`, where targets contradict the contract.
    pub(super) other_instances: BTreeSet<(String, String)>,
    /// Why the answers may not be whole.
    pub(super) warnings: BTreeSet<String>,
}

/// A way to break the contract that something does.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Breached {
    pub(super) breach: Breach,
    /// How many do, by `job` and `__name__`, and by the label that is wrong.
    pub(super) rows: Vec<Row>,
    /// A few instances of each.
    pub(super) examples: Vec<Row>,
}

/// Puts a question to a server: the body of its answer, or nothing where it has no such endpoint.
type Ask<'a, E> = &'a mut dyn FnMut(&Request) -> Result<Option<Vec<u8>>, E>;

/// Asks all there is to ask.
pub(super) fn survey<E>(
    contract: &OwnedContract,
    options: &Options,
    ask: Ask<'_, E>,
) -> Result<Evidence, SurveyError<E>> {
    let mut asker = Asker { ask, at: None, rows: 0, warnings: BTreeSet::new() };
    // All questions are about one time, which is the server's own.
    asker.at = match options.at {
        Some(at) => Some(at),
        None => asker.query("time()".to_owned())?.first().and_then(|row| row.value),
    };
    let scope = options.scope();
    let mut found = fleet(contract, &scope, &mut asker)?;
    let scope = match other_builds(contract, &scope, &found) {
        Some(instances) => scope.without(instances),
        None => scope,
    };
    if !found.series.is_empty() {
        of_series(contract, options, &scope, &mut asker, &mut found)?;
    }
    found.warnings = asker.warnings;
    Ok(found)
}

/// The instances that promise something else under the contract's name: their series are not judged.
fn other_builds(contract: &OwnedContract, scope: &Scope, found: &Evidence) -> Option<String> {
    let fingerprint = contract.fingerprint();
    let other = |row: &Row| row.label("contract") == contract.name && row.label("fingerprint") != fingerprint;
    let info = [INFO.to_owned()];
    let matchers = [equal("contract", &contract.name), differs("fingerprint", &fingerprint)];
    let ours = [equal("contract", &contract.name), equal("fingerprint", &fingerprint)];
    // An instance that was rolled out within the window has said both, and is what it says now.
    let others = || {
        let [others, ours] = [scope.everywhere(&info, &matchers), scope.selector(&info, &ours)];
        format!("({others} unless on (job, instance) {ours})")
    };
    found.builds.iter().any(other).then(others)
}

/// What every instance says last: what it says now, and otherwise what it said within the window.
fn said_last(scope: &Scope) -> String {
    let info = [INFO.to_owned()];
    let [now, all] = [scope.selector(&info, &[]), scope.everywhere(&info, &[])];
    if now == all { all } else { format!("({now} or ({all} unless on (job, instance) {now}))") }
}

/// Who there is, and which contract they have.
fn fleet<E>(contract: &OwnedContract, scope: &Scope, asker: &mut Asker<'_, E>) -> Result<Evidence, SurveyError<E>> {
    const BUILD: &str = "job, contract, version, fingerprint";
    let all = |name: &str| scope.everywhere(&[name.to_owned()], &[]);
    let sum_by = |labels: &str, name: &str| format!("sum by ({labels}) ({}) > 0", all(name));
    let info = [INFO.to_owned()];
    let by_instance = count_by(&format!("{BUILD}, instance"), &said_last(scope));
    let down = format!("{} == 0", all("up"));
    let mut names = Vec::new();
    for metric in &contract.metrics {
        names.extend(metric.series_names());
        // As a native histogram it has the family's own name.
        names.extend((metric.kind == MetricKind::Histogram).then(|| metric.name.clone()));
    }
    let mut found = Evidence {
        builds: asker.query(count_by(BUILD, &by_instance))?,
        series: asker.query(count_by("job, __name__", &scope.everywhere(&names, &[])))?,
        targets: asker.query(count_by("job", &all("up")))?,
        down: asker.query(count_by("job", &down))?,
        lately: asker.query(count_by(
            "job",
            &format!("last_over_time({}[{GONE_AFTER}])", scope.selector(&info, &[equal("contract", &contract.name)])),
        ))?,
        overflows: asker.query(sum_by("job, metric, label", OVERFLOWS))?,
        violations: asker.query(sum_by("job, metric, kind", VIOLATIONS))?,
        ..Evidence::default()
    };
    if !found.builds.is_empty() {
        found.build_examples = asker.query(top_by(BUILD, EXAMPLES, &by_instance))?;
    }
    if !found.down.is_empty() {
        found.down_examples = asker.query(top_by("job", EXAMPLES, &count_by("job, instance", &down)))?;
    }
    Ok(found)
}

/// What they serve.
fn of_series<E>(
    contract: &OwnedContract,
    options: &Options,
    scope: &Scope,
    asker: &mut Asker<'_, E>,
    found: &mut Evidence,
) -> Result<(), SurveyError<E>> {
    const BY: &str = "job, __name__";
    // A server may tell of more than it was asked.
    found.series.retain(|row| breach::metric_named(contract, row.label("__name__")).is_some());
    let mut names: Vec<String> = found.series.iter().map(|row| row.label("__name__").to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    let by_instance = count_by("job, __name__, instance", &scope.series(&names, &[]));
    found.instances = asker.query(count_by(BY, &by_instance))?;
    let buckets: Vec<_> = names.iter().filter(|name| name.ends_with("_bucket")).cloned().collect();
    if !buckets.is_empty() {
        found.buckets = asker.query(count_by("job, __name__, le", &scope.series(&buckets, &[])))?;
    }
    let mut breaches = breach::of_contract(contract);
    breaches.extend(strangers(contract, options, scope, asker, found)?);
    for breach in breaches.into_iter().filter(|breach| !options.is_target_label(breach)) {
        let vector = breach.vector(scope);
        let rows = asker.query(match breach.by() {
            Some(label) => top_by(BY, VALUES, &count_by(&format!("{BY}, {label}"), &vector)),
            None => count_by(BY, &vector),
        });
        let rows = match (rows, &breach.kind) {
            // Names in quotes are of Prometheus 3 alone.
            (Err(error), Kind::LabelUnknown { label }) if !is_legacy(label) && error.is_refusal() => {
                found.labels_refused.insert(label.clone());
                continue;
            }
            (rows, _) => rows?,
        };
        if rows.is_empty() {
            continue;
        }
        let aggregation = if breach.shows_values() { "max" } else { "count" };
        let by_instance = format!("{aggregation} by ({BY}, instance) ({vector})");
        let examples = asker.query(top_by(BY, EXAMPLES, &by_instance))?;
        if let Kind::LabelUnknown { label } = &breach.kind {
            let mut on = |name: &str| {
                let there = scope.everywhere(&[name.to_owned()], &[differs(label, "")]);
                asker.query(count_by("job", &there))
            };
            found.target_labels.insert(label.clone(), [on("up")?, on(INFO)?]);
        }
        found.breaches.push(Breached { breach, rows, examples });
    }
    for metric in contract.metrics.iter().filter(|metric| names.contains(&main_name(metric))) {
        let mut known = asker.metadata(&metric.name)?;
        // Of OpenMetrics, older servers keep a counter's metadata under its family's name.
        let family = metric.name.strip_suffix("_total").filter(|_| metric.kind == MetricKind::Counter);
        let name = match family.filter(|_| known.is_empty()) {
            Some(family) => {
                known = asker.metadata(family)?;
                family
            }
            None => &metric.name,
        };
        // The server keeps it for all that it scrapes, and not for what is selected alone.
        if known.iter().any(|known| known.contradicts(metric))
            && let Some(of_targets) = asker.targets_metadata(name, scope.targets())?
        {
            found.targets_metadata.insert(metric.name.clone(), of_targets);
        }
        found.metadata.insert(metric.name.clone(), known);
    }
    if let Some(others) = scope.left_out().filter(|_| !found.targets_metadata.is_empty()) {
        let rows = asker.query(count_by("job, instance", others))?;
        let instance = |row: &Row| (row.label("job").to_owned(), row.label("instance").to_owned());
        found.other_instances = rows.iter().map(instance).collect();
    }
    Ok(())
}

/// The labels that no metric of the contract has.
fn strangers<E>(
    contract: &OwnedContract,
    options: &Options,
    scope: &Scope,
    asker: &mut Asker<'_, E>,
    found: &mut Evidence,
) -> Result<Vec<Breach>, SurveyError<E>> {
    let series: Vec<_> = contract.metrics.iter().flat_map(OwnedMetric::series_names).collect();
    let Some(mut names) = asker.labels(scope.selector(&series, &[]), options.window_seconds())? else {
        return Ok(Vec::new());
    };
    let is_known = |name: &str| contract.metrics.iter().any(|metric| metric.label(name).is_some());
    names.retain(|name| name != "__name__" && !name.is_empty() && !is_known(name));
    names.sort_unstable();
    names.dedup();
    found.labels_known = names.len() <= LABELS;
    names.truncate(LABELS);
    Ok(names.iter().filter_map(|name| breach::unknown(contract, name)).collect())
}

struct Asker<'a, E> {
    ask: Ask<'a, E>,
    at: Option<f64>,
    /// How many rows are kept.
    rows: usize,
    warnings: BTreeSet<String>,
}

impl<E> Asker<'_, E> {
    fn query(&mut self, expression: String) -> Result<Vec<Row>, SurveyError<E>> {
        let mut fields = vec![("query", expression)];
        fields.extend(self.at.map(|at| ("time", at.to_string())));
        let mut rows = self.ask(Endpoint::Query, fields, answer::vector)?.ok_or(SurveyError::NoApi)?;
        let room = ROWS.saturating_sub(self.rows);
        if rows.len() > room {
            rows.truncate(room);
            self.warnings.insert(format!("there are more than {ROWS} rows in its answers, and no more are looked at"));
        }
        self.rows += rows.len();
        Ok(rows)
    }

    fn labels(&mut self, selector: String, window: f64) -> Result<Option<Vec<String>>, SurveyError<E>> {
        let mut fields = vec![("match[]", selector)];
        if let Some(at) = self.at {
            fields.push(("start", (at - window.max(NAMES_FROM)).to_string()));
            fields.push(("end", at.to_string()));
        }
        self.ask(Endpoint::Labels, fields, answer::names)
    }

    fn metadata(&mut self, name: &str) -> Result<Vec<Metadata>, SurveyError<E>> {
        let known = self.ask(Endpoint::Metadata, vec![("metric", name.to_owned())], answer::metadata)?;
        Ok(known.and_then(|mut known| known.remove(name)).unwrap_or_default())
    }

    fn targets_metadata(
        &mut self,
        name: &str,
        targets: Option<String>,
    ) -> Result<Option<Vec<TargetMetadata>>, SurveyError<E>> {
        let mut fields = vec![("metric", name.to_owned())];
        fields.extend(targets.map(|targets| ("match_target", targets)));
        self.ask(Endpoint::TargetsMetadata, fields, answer::targets_metadata)
    }

    fn ask<T>(
        &mut self,
        endpoint: Endpoint,
        fields: Vec<(&'static str, String)>,
        read: fn(&[u8]) -> Result<Answer<T>, AnswerError>,
    ) -> Result<Option<T>, SurveyError<E>> {
        const WARNINGS: usize = 20;
        let request = Request { endpoint, fields };
        let Some(body) = (self.ask)(&request).map_err(SurveyError::Ask)? else { return Ok(None) };
        let Answer { data, warnings } = read(&body).map_err(|error| SurveyError::Answer { request, error })?;
        let room = WARNINGS.saturating_sub(self.warnings.len());
        self.warnings.extend(warnings.into_iter().take(room));
        Ok(Some(data))
    }
}
