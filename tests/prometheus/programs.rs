//! The programs of Debian's `prometheus` package, and promtool's checks of exported files and served pages.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// If this is `1`, a missing program is a failure.
const REQUIRED: &str = "ORCHQ_REQUIRE_PROMETHEUS";

/// The two metrics whose names end in `_ms`, because the contract's document says so.
const ABBREVIATED: [&str; 2] = [
    "latency_first_token_ms metric names should not contain abbreviated units",
    "latency_decode_ms metric names should not contain abbreviated units",
];

/// Whether Prometheus and promtool are installed. If they are not, a message says so.
pub(crate) fn are_installed() -> bool {
    let is_missing = |program: &&str| Command::new(program).arg("--version").output().is_err();
    let missing: Vec<_> = ["prometheus", "promtool"].into_iter().filter(is_missing).collect();
    if missing.is_empty() {
        return true;
    }
    let message = format!("{} cannot be run; Debian's package `prometheus` has both", missing.join(" and "));
    assert!(env::var_os(REQUIRED).is_none_or(|value| value != "1"), "{message}, and {REQUIRED} asks for them");
    // Tests capture what the macros print, and a test that did nothing should not pass in silence.
    let _ = writeln!(io::stderr(), "SKIPPED: the end-to-end test with Prometheus: {message}");
    false
}

/// Runs promtool to its end; gives its exit code and all that it says.
fn promtool(folder: &Path, arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let mut command = Command::new("promtool");
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it was there");
    // The pipe is broken if promtool has already reported an error and ended.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&printed).into_owned())
}

fn assert_success(folder: &Path, arguments: &[&str]) {
    let (code, printed) = promtool(folder, arguments, "");
    assert!(code == Some(0) && !printed.contains("FAILED"), "promtool {arguments:?} prints:\n{printed}");
}

/// `promtool check rules` and `promtool test rules`.
pub(crate) fn check_rules(folder: &Path, rules: &str, tests: &str) {
    assert_success(folder, &["check", "rules", "--lint=all", "--lint-fatal", rules]);
    assert_success(folder, &["test", "rules", tests]);
}

/// `promtool check config`.
pub(crate) fn check_configuration(folder: &Path, file: &str) {
    assert_success(folder, &["check", "config", "--lint=all", "--lint-fatal", file]);
}

/// `promtool check metrics`, which has nothing to say but that `ms` is abbreviated.
pub(crate) fn check_metrics(folder: &Path, page: &str) {
    let (code, printed) = promtool(folder, &["check", "metrics"], page);
    let unexpected: Vec<_> = printed.lines().filter(|line| !ABBREVIATED.contains(line)).collect();
    // 3 is a text that can be read and could be better.
    assert!(matches!(code, Some(0 | 3)) && unexpected.is_empty(), "promtool ends with {code:?} and prints:\n{printed}");
}
