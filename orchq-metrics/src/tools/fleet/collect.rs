//! Collects the data of a fleet from a server. How many requests there are depends on the contract, and not on the
//! fleet: the server counts what it can count.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{self, Answer, AnswerError, Metadata, Row, TargetMetadata};
use super::error::FleetError;
use super::options::FleetOptions;
use super::promql::{Scope, count_by, differs, equal, top_by};
use super::request::{Endpoint, Request};
use super::violation::{self, Kind, Violation};
use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::declare::desc::MetricKind;
use crate::declare::label::is_label_name;
use crate::expose::own::{INFO, OVERFLOWS, VIOLATIONS};

/// How many instances are requested as examples.
pub(super) const MAX_EXAMPLES: usize = 3;

/// How many values outside a closed set are requested, for each metric in a job.
pub(super) const MAX_VALUES: usize = 10;

/// How many labels that the contract does not have are looked for.
const MAX_LABELS: usize = 50;

/// How many rows of all answers are kept.
const MAX_ROWS: usize = 100_000;

/// How many warnings of the server are kept.
const MAX_WARNINGS: usize = 20;

/// A job that existed within this time and is gone is reported as missing.
pub(super) const GONE_AFTER: &str = "1h";

/// How far back a server looks for names of labels, in seconds; which series have them is requested later.
const NAMES_FROM: f64 = 3600.0;

/// The labels by which series are counted.
const BY: &str = "job, __name__";

/// What a server answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FleetData {
    /// Instances by `job`, `contract`, `version` and `fingerprint`.
    pub(super) builds: Vec<Row>,
    /// A few instances of each.
    pub(super) build_examples: Vec<Row>,
    /// Series by `job` and `__name__`.
    pub(super) series: Vec<Row>,
    /// Instances that are checked, by `job` and `__name__`.
    pub(super) instances: Vec<Row>,
    /// The jobs that reported the contract within [`GONE_AFTER`].
    pub(super) lately: Vec<Row>,
    /// Targets by `job`, those that are down, and a few of them.
    pub(super) targets: Vec<Row>,
    pub(super) down: Vec<Row>,
    pub(super) down_examples: Vec<Row>,
    /// The counts of the library about itself, by `job`, `metric` and `label` or `kind`.
    pub(super) self_overflows: Vec<Row>,
    pub(super) self_violations: Vec<Row>,
    /// Buckets by `job`, `__name__` and `le`.
    pub(super) buckets: Vec<Row>,
    pub(super) violations: Vec<FoundViolation>,
    /// By label: the targets that have it, and the processes that have it on their info metric, by `job`.
    pub(super) target_labels: BTreeMap<String, [Vec<Row>; 2]>,
    /// Whether the server listed the names of labels, and not too many.
    pub(super) labels_known: bool,
    /// Labels for which the server rejects a query.
    pub(super) labels_refused: BTreeSet<String>,
    /// The metadata of the contract's families that have series; empty if the server does not keep it.
    pub(super) metadata: BTreeMap<String, Vec<Metadata>>,
    /// The metadata by target, if it contradicts the contract and the server keeps it.
    pub(super) targets_metadata: BTreeMap<String, Vec<TargetMetadata>>,
    /// Instances that are not checked, by `job` and `instance`, if targets contradict the contract.
    pub(super) other_instances: BTreeSet<(String, String)>,
    /// Why the answers may not be complete.
    pub(super) warnings: BTreeSet<String>,
}

/// A violation that some series have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FoundViolation {
    pub(super) violation: Violation,
    /// How many series violate it, by `job` and `__name__`, and by the label that is wrong.
    pub(super) rows: Vec<Row>,
    /// A few instances of each.
    pub(super) examples: Vec<Row>,
}

/// Sends a request to a server: returns the body of its answer, or `None` if it does not have the endpoint.
type Send<'a, E> = &'a mut dyn FnMut(&Request) -> Result<Option<Vec<u8>>, E>;

/// Collects everything.
pub(super) fn collect<E>(
    contract: &OwnedContract,
    options: &FleetOptions,
    send: Send<'_, E>,
) -> Result<FleetData, FleetError<E>> {
    let mut client = Client { send, at: options.at, rows: 0, warnings: BTreeSet::new() };
    // All queries are about one time, by default the server's.
    if client.at.is_none() {
        client.at = client.query("time()".to_owned())?.first().and_then(|row| row.value);
    }
    let mut collector = Collector { contract, scope: options.scope(), client, data: FleetData::default() };
    collector.builds()?;
    collector.scope.without = collector.other_builds();
    // A server may return more than was requested.
    collector.data.series.retain(|row| violation::metric_named(contract, row.label("__name__")).is_some());
    if !collector.data.series.is_empty() {
        let names: BTreeSet<_> = collector.data.series.iter().map(|row| row.label("__name__").to_owned()).collect();
        let names: Vec<_> = names.into_iter().collect();
        collector.series(&names)?;
        let mut violations = violation::of_contract(contract);
        violations.extend(collector.unknown_labels(options.window_seconds())?);
        for violation in violations.into_iter().filter(|violation| !options.is_target_label(violation)) {
            collector.violation(violation)?;
        }
        collector.metadata(&names)?;
    }
    Ok(FleetData { warnings: collector.client.warnings, ..collector.data })
}

struct Collector<'a, E> {
    contract: &'a OwnedContract,
    scope: Scope,
    client: Client<'a, E>,
    data: FleetData,
}

impl<E> Collector<'_, E> {
    /// The instances with another contract under the contract's name: their series are not checked.
    fn other_builds(&self) -> Option<String> {
        let (name, fingerprint) = (&self.contract.name, self.contract.fingerprint());
        let other = |row: &Row| row.label("contract") == name && row.label("fingerprint") != fingerprint;
        let info = [INFO.to_owned()];
        let others = self.scope.everywhere(&info, &[equal("contract", name), differs("fingerprint", &fingerprint)]);
        let ours = self.scope.selector(&info, &[equal("contract", name), equal("fingerprint", &fingerprint)]);
        // An instance that was rolled out within the window reported both; the current one counts.
        let others = format!("({others} unless on (job, instance) {ours})");
        self.data.builds.iter().any(other).then_some(others)
    }

    /// Which jobs and targets there are, and which contract they have.
    fn builds(&mut self) -> Result<(), FleetError<E>> {
        const BUILD: &str = "job, contract, version, fingerprint";
        let Self { contract, scope, client, .. } = self;
        let all = |name: &str| scope.everywhere(&[name.to_owned()], &[]);
        let sum_by = |labels: &str, name: &str| format!("sum by ({labels}) ({}) > 0", all(name));
        // The last report of every instance: the current one, or else one within the window.
        let [now, info] = [scope.selector(&[INFO.to_owned()], &[]), all(INFO)];
        let last = if now == info { info } else { format!("({now} or ({info} unless on (job, instance) {now}))") };
        let by_instance = count_by(&format!("{BUILD}, instance"), &last);
        let down = format!("{} == 0", all("up"));
        let reported = scope.selector(&[INFO.to_owned()], &[equal("contract", &contract.name)]);
        let lately = count_by("job", &format!("last_over_time({reported}[{GONE_AFTER}])"));
        let names = contract.metrics.iter().flat_map(|metric| {
            // A native histogram has the family's own name.
            let native = (metric.kind == MetricKind::Histogram).then(|| metric.name.clone());
            metric.series_names().chain(native)
        });
        let names: Vec<String> = names.collect();
        let mut data = FleetData {
            builds: client.query(count_by(BUILD, &by_instance))?,
            series: client.query(count_by(BY, &scope.everywhere(&names, &[])))?,
            targets: client.query(count_by("job", &all("up")))?,
            down: client.query(count_by("job", &down))?,
            lately: client.query(lately)?,
            self_overflows: client.query(sum_by("job, metric, label", OVERFLOWS))?,
            self_violations: client.query(sum_by("job, metric, kind", VIOLATIONS))?,
            ..FleetData::default()
        };
        if !data.builds.is_empty() {
            data.build_examples = client.query(top_by(BUILD, MAX_EXAMPLES, &by_instance))?;
        }
        if !data.down.is_empty() {
            data.down_examples = client.query(top_by("job", MAX_EXAMPLES, &count_by("job, instance", &down)))?;
        }
        self.data = data;
        Ok(())
    }

    /// How many instances have each series, and each bucket.
    fn series(&mut self, names: &[String]) -> Result<(), FleetError<E>> {
        let by_instance = count_by(&format!("{BY}, instance"), &self.scope.series(names, &[]));
        self.data.instances = self.client.query(count_by(BY, &by_instance))?;
        let buckets: Vec<_> = names.iter().filter(|name| name.ends_with("_bucket")).cloned().collect();
        if !buckets.is_empty() {
            let by_bound = count_by(&format!("{BY}, le"), &self.scope.series(&buckets, &[]));
            self.data.buckets = self.client.query(by_bound)?;
        }
        Ok(())
    }

    /// The series that have a violation, with examples.
    fn violation(&mut self, violation: Violation) -> Result<(), FleetError<E>> {
        let vector = violation.vector(&self.scope);
        let rows = self.client.query(match violation.by() {
            Some(label) => top_by(BY, MAX_VALUES, &count_by(&format!("{BY}, {label}"), &vector)),
            None => count_by(BY, &vector),
        });
        let rows = match (rows, &violation.kind) {
            // Only Prometheus 3 has names in quotes.
            (Err(error), Kind::LabelUnknown { label }) if !is_label_name(label) && error.is_refusal() => {
                self.data.labels_refused.insert(label.clone());
                return Ok(());
            }
            (rows, _) => rows?,
        };
        if rows.is_empty() {
            return Ok(());
        }
        let aggregation = if violation.shows_values() { "max" } else { "count" };
        let by_instance = format!("{aggregation} by ({BY}, instance) ({vector})");
        let examples = self.client.query(top_by(BY, MAX_EXAMPLES, &by_instance))?;
        if let Kind::LabelUnknown { label } = &violation.kind {
            let mut on = |name: &str| {
                let there = self.scope.everywhere(&[name.to_owned()], &[differs(label, "")]);
                self.client.query(count_by("job", &there))
            };
            self.data.target_labels.insert(label.clone(), [on("up")?, on(INFO)?]);
        }
        self.data.violations.push(FoundViolation { violation, rows, examples });
        Ok(())
    }

    /// The metadata of the metrics that have series.
    fn metadata(&mut self, names: &[String]) -> Result<(), FleetError<E>> {
        for metric in self.contract.metrics.iter().filter(|metric| names.contains(&metric.main_series())) {
            let mut name = &*metric.name;
            let mut known = self.client.metadata(name)?;
            // Of OpenMetrics, older servers keep a counter's metadata under its family's name.
            let family = name.strip_suffix("_total").filter(|_| metric.kind == MetricKind::Counter);
            if let Some(family) = family.filter(|_| known.is_empty()) {
                known = self.client.metadata(family)?;
                name = family;
            }
            // The server keeps metadata for everything that it scrapes, not only for what is selected.
            if known.iter().any(|known| known.contradicts(metric))
                && let Some(of_targets) = self.client.targets_metadata(name, self.scope.targets())?
            {
                self.data.targets_metadata.insert(metric.name.clone(), of_targets);
            }
            self.data.metadata.insert(metric.name.clone(), known);
        }
        if let Some(others) = self.scope.without.as_ref().filter(|_| !self.data.targets_metadata.is_empty()) {
            let rows = self.client.query(count_by("job, instance", others))?;
            let instance = |row: &Row| (row.label("job").to_owned(), row.label("instance").to_owned());
            self.data.other_instances = rows.iter().map(instance).collect();
        }
        Ok(())
    }

    /// The labels that no metric of the contract has.
    fn unknown_labels(&mut self, window: f64) -> Result<Vec<Violation>, FleetError<E>> {
        let metrics = &self.contract.metrics;
        let series: Vec<_> = metrics.iter().flat_map(OwnedMetric::series_names).collect();
        let Some(mut names) = self.client.labels(self.scope.selector(&series, &[]), window)? else {
            return Ok(Vec::new());
        };
        let is_known = |name: &str| metrics.iter().any(|metric| metric.label(name).is_some());
        names.retain(|name| name != "__name__" && !name.is_empty() && !is_known(name));
        names.sort_unstable();
        names.dedup();
        self.data.labels_known = names.len() <= MAX_LABELS;
        names.truncate(MAX_LABELS);
        Ok(names.iter().filter_map(|name| violation::unknown(self.contract, name)).collect())
    }
}

/// A client of the Prometheus API.
struct Client<'a, E> {
    send: Send<'a, E>,
    at: Option<f64>,
    /// How many rows are kept.
    rows: usize,
    warnings: BTreeSet<String>,
}

impl<E> Client<'_, E> {
    fn query(&mut self, expression: String) -> Result<Vec<Row>, FleetError<E>> {
        let mut fields = vec![("query", expression)];
        fields.extend(self.at.map(|at| ("time", at.to_string())));
        let mut rows = self.send(Endpoint::Query, fields, answer::vector)?.ok_or(FleetError::NoApi)?;
        let room = MAX_ROWS.saturating_sub(self.rows);
        if rows.len() > room {
            rows.truncate(room);
            self.warnings.insert(format!("too many rows in its answers: rows past {MAX_ROWS} are not read"));
        }
        self.rows += rows.len();
        Ok(rows)
    }

    fn labels(&mut self, selector: String, window: f64) -> Result<Option<Vec<String>>, FleetError<E>> {
        let mut fields = vec![("match[]", selector)];
        if let Some(at) = self.at {
            fields.push(("start", (at - window.max(NAMES_FROM)).to_string()));
            fields.push(("end", at.to_string()));
        }
        self.send(Endpoint::Labels, fields, |body| answer::data(body, "a list of names"))
    }

    fn metadata(&mut self, name: &str) -> Result<Vec<Metadata>, FleetError<E>> {
        let read = |body: &[u8]| answer::data::<BTreeMap<String, _>>(body, "an object of families");
        let known = self.send(Endpoint::Metadata, vec![("metric", name.to_owned())], read)?;
        Ok(known.and_then(|mut known| known.remove(name)).unwrap_or_default())
    }

    fn targets_metadata(
        &mut self,
        name: &str,
        targets: Option<String>,
    ) -> Result<Option<Vec<TargetMetadata>>, FleetError<E>> {
        let mut fields = vec![("metric", name.to_owned())];
        fields.extend(targets.map(|targets| ("match_target", targets)));
        self.send(Endpoint::TargetsMetadata, fields, |body| answer::data(body, "a list of targets"))
    }

    fn send<T>(
        &mut self,
        endpoint: Endpoint,
        fields: Vec<(&'static str, String)>,
        read: fn(&[u8]) -> Result<Answer<T>, AnswerError>,
    ) -> Result<Option<T>, FleetError<E>> {
        let request = Request { endpoint, fields };
        let Some(body) = (self.send)(&request).map_err(FleetError::Client)? else { return Ok(None) };
        let Answer { data, warnings } = read(&body).map_err(|error| FleetError::Answer { request, error })?;
        let room = MAX_WARNINGS.saturating_sub(self.warnings.len());
        self.warnings.extend(warnings.into_iter().take(room));
        Ok(Some(data))
    }
}
