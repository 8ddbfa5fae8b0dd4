//! Texts that findings have in common.

use crate::tools::tree::shortened;

/// The beginning of a label's value.
pub(super) fn short(value: &str) -> String {
    shortened(value, 200)
}

/// The subject of a finding about a job, as suppressions match it.
pub(super) fn subject(job: &str, of: &str) -> String {
    format!("{}/{of}", short(shown(job)))
}

pub(super) fn shown(job: &str) -> &str {
    if job.is_empty() { "(no job)" } else { job }
}

/// `1 instance`, `2 instances`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
