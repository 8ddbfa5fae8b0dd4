//! The programs of Debian's `prometheus` package, which read what this crate writes.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// If this is `1`, a missing program is a failure.
const REQUIRED: &str = "ORCHQ_REQUIRE_PROMETHEUS";

/// Whether these programs are installed. If they are not, a message says that the test is skipped, or the test fails.
#[track_caller]
pub fn are_installed(programs: &[&str]) -> bool {
    let is_missing = |program: &&&str| Command::new(program).arg("--version").output().is_err();
    let missing: Vec<_> = programs.iter().filter(is_missing).copied().collect();
    if missing.is_empty() {
        return true;
    }
    let message = format!("{} cannot be run; Debian's package `prometheus` has it", missing.join(" and "));
    assert!(env::var_os(REQUIRED).is_none_or(|value| value != "1"), "{message}, and {REQUIRED} asks for it");
    // Tests capture what the macros print, and a test that did nothing should not pass in silence.
    let _ = writeln!(io::stderr(), "SKIPPED: a test with Prometheus: {message}");
    false
}

/// Runs promtool to its end; gives its exit code and all that it says.
pub fn promtool(folder: &Path, arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let mut command = Command::new("promtool");
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it is installed");
    // The pipe is broken if promtool has already reported an error and ended.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&printed).into_owned())
}

/// Asserts that promtool accepts the files in its arguments, and gives what it prints.
#[track_caller]
pub fn promtool_accepts(folder: &Path, arguments: &[&str]) -> String {
    let (code, printed) = promtool(folder, arguments, "");
    assert!(code == Some(0) && !printed.contains("FAILED"), "promtool {arguments:?} prints:\n{printed}");
    printed
}
