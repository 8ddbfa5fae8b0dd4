//! Recording and alert rules for Prometheus, with the unit tests of both.

mod alerts;
mod recording;
mod tests_file;

use super::{File, generated};
use crate::contract::owned::OwnedContract;
use crate::tools::tree::Node;

pub(super) fn files(contract: &OwnedContract) -> Vec<File> {
    let rules = format!("{}-rules.yml", contract.name);
    let tests = format!("{}-rules-tests.yml", contract.name);
    let alerts = alerts::of(contract);
    let records = recording::of(contract);
    let text = file(contract, &alerts, &records).to_yaml(&generated(contract));
    let comment = format!("{}\nRun by `promtool test rules {tests}`.", generated(contract));
    let unit_tests = tests_file::file(contract, &rules, &alerts, &records).to_yaml(&comment);
    vec![File::new(rules, text), File::new(tests, unit_tests)]
}

fn file(contract: &OwnedContract, alerts: &[alerts::Alert], records: &[recording::Record]) -> Node {
    let group = |what: &str, rules: Vec<Node>| {
        let name = format!("{}-{what}", contract.name);
        (!rules.is_empty()).then(|| Node::map([("name", Some(name.into())), ("rules", Some(Node::List(rules)))]))
    };
    let recording = group("recording", records.iter().map(recording::Record::node).collect());
    let alerting = group("contract", alerts.iter().map(alerts::Alert::node).collect());
    Node::map([("groups", Some(Node::List(recording.into_iter().chain(alerting).collect())))])
}
