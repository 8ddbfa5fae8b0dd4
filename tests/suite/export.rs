//! What a contract is exported to, read by those it is for.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use fixtures::contracts::{shapes_contract, units};
use orchq_metrics::export::{File, Format, files};
use orchq_metrics::{Contract, OwnedContract, v1};

/// OrchQueue's, and those of the suite, which have every kind, unit and odd label.
fn contracts() -> [OwnedContract; 3] {
    let contracts: [&Contract; 3] = [&v1::CONTRACT, &units::CONTRACT, &shapes_contract::CONTRACT];
    contracts.map(OwnedContract::from)
}

/// A directory of this process's own with these files in it.
fn written(files: &[File]) -> PathBuf {
    let name = files.first().map_or("none", |file| file.name.as_str());
    let directory = env::temp_dir().join(format!("orchq-metrics-{}-{name}", std::process::id()));
    fs::create_dir_all(&directory).expect("a temporary directory");
    for file in files {
        fs::write(directory.join(&file.name), &file.text).expect("a temporary file");
    }
    directory
}

fn promtool(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("promtool").args(arguments).current_dir(directory).output().expect("it was there");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "promtool {arguments:?} says:\n{said}");
    said
}

#[test]
fn promtool_takes_the_rules_and_their_tests() {
    if Command::new("promtool").arg("--version").output().is_err() {
        eprintln!("SKIPPED: promtool is not installed");
        return;
    }
    for contract in contracts() {
        let exported = files(&contract, Format::Rules);
        let [rules, tests] = exported.as_slice() else { panic!("rules and their tests") };
        let directory = written(&exported);
        let said = promtool(&directory, &["check", "rules", "--lint=all", "--lint-fatal", &rules.name]);
        assert!(said.contains("rules found") && !said.contains("FAILED"), "{said}");
        promtool(&directory, &["test", "rules", &tests.name]);
        fs::remove_dir_all(directory).expect("it was written");
    }
}
