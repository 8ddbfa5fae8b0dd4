//! The machine and the versions that were measured.

use std::path::Path;
use std::process::Command;
use std::{env, fs, thread};

/// The packages whose versions are shown, besides the workspace's own.
const SHOWN: [&str; 18] = [
    "prometheus",
    "prometheus-static-metric",
    "prometheus-client",
    "metrics",
    "metrics-exporter-prometheus",
    "measured",
    "paracord",
    "lasso",
    "vise",
    "fastmetrics",
    "foundations-metrics",
    "opentelemetry",
    "opentelemetry_sdk",
    "opentelemetry-prometheus",
    "linkme",
    "tracing",
    "criterion",
    "stats_alloc",
];

/// How many threads run at once.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The machine, the compiler and the versions, in Markdown.
#[must_use]
pub fn describe(workspace: &Path) -> String {
    let lock = fs::read_to_string(workspace.join("Cargo.lock")).unwrap_or_default();
    let versions: Vec<String> =
        SHOWN.into_iter().filter_map(|name| Some(format!("{name} {}", versions(&lock, name)?))).collect();
    format!("{}- {}\n", here(), versions.join(", "))
}

/// The machine and the compiler, in Markdown.
#[must_use]
pub fn here() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map(|(_, model)| model);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kernel: Vec<_> = kernel.trim().split('.').take(2).collect();
    format!(
        "- {}, {} cores, {} {}\n- {}, profile `bench`: `opt-level = 3`, `lto = \"thin\"`, `codegen-units = 1`\n",
        model.unwrap_or("a processor that does not say what it is"),
        cores(),
        env::consts::OS,
        kernel.join("."),
        rustc(),
    )
}

/// A package's version, or versions if several are built.
fn versions(lock: &str, name: &str) -> Option<String> {
    let opening = format!("name = \"{name}\"\nversion = \"");
    let found = lock.match_indices(&opening).filter_map(|(at, _)| lock[at + opening.len()..].split('"').next());
    let found: Vec<&str> = found.collect();
    (!found.is_empty()).then(|| found.join(" and "))
}

fn rustc() -> String {
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("--version").output();
    output.map_or_else(|error| error.to_string(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
