//! promtool's checks of exported files and served pages.

use std::path::Path;

use fixtures::programs::{promtool, promtool_accepts};

/// The two metrics whose names end in `_ms`, because the contract's document says so.
const ABBREVIATED: [&str; 2] = [
    "latency_first_token_ms metric names should not contain abbreviated units",
    "latency_decode_ms metric names should not contain abbreviated units",
];

/// `promtool check rules` and `promtool test rules`.
pub(crate) fn check_rules(folder: &Path, rules: &str, tests: &str) {
    promtool_accepts(folder, &["check", "rules", "--lint=all", "--lint-fatal", rules]);
    promtool_accepts(folder, &["test", "rules", tests]);
}

/// `promtool check config`.
pub(crate) fn check_configuration(folder: &Path, file: &str) {
    promtool_accepts(folder, &["check", "config", "--lint=all", "--lint-fatal", file]);
}

/// `promtool check metrics`, which has nothing to say but that `ms` is abbreviated.
pub(crate) fn check_metrics(folder: &Path, page: &str) {
    let (code, printed) = promtool(folder, &["check", "metrics"], page);
    let unexpected: Vec<_> = printed.lines().filter(|line| !ABBREVIATED.contains(line)).collect();
    // 3 is a text that can be read and could be better.
    assert!(matches!(code, Some(0 | 3)) && unexpected.is_empty(), "promtool ends with {code:?} and prints:\n{printed}");
}
