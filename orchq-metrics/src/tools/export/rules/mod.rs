//! Recording and alert rules for Prometheus, with the unit tests of both.

mod alerts;
mod recording;
mod tests_file;

use serde_json::{Value, json};

use super::file::{File, generated};
use super::yaml;
use crate::contract::owned::OwnedContract;

pub(super) fn files(contract: &OwnedContract) -> Vec<File> {
    let rules = format!("{}-rules.yml", contract.name);
    let tests = format!("{}-rules-tests.yml", contract.name);
    let alerts = alerts::from_contract(contract);
    let records = recording::from_contract(contract);
    let text = yaml::write(&file(contract, &alerts, &records), &generated(contract));
    let comment = format!("{}\nRun by `promtool test rules {tests}`.", generated(contract));
    let unit_tests = yaml::write(&tests_file::file(contract, &rules, &alerts, &records), &comment);
    vec![File::new(rules, text), File::new(tests, unit_tests)]
}

fn file(contract: &OwnedContract, alerts: &[alerts::Alert], records: &[recording::Record]) -> Value {
    let group = |what: &str, rules: Vec<Value>| {
        (!rules.is_empty()).then(|| json!({ "name": format!("{}-{what}", contract.name), "rules": rules }))
    };
    let recording = group("recording", records.iter().map(recording::Record::to_value).collect());
    let alerting = group("contract", alerts.iter().map(alerts::Alert::to_value).collect());
    json!({ "groups": recording.into_iter().chain(alerting).collect::<Vec<_>>() })
}
