//! A report for programs.

use serde::Serialize;

use crate::report::finding::Finding;
use crate::report::{Omitted, Report};

#[derive(Serialize)]
struct Document<'a, D> {
    command: &'a str,
    examined: usize,
    allowed: usize,
    findings: &'a [Finding],
    omitted: &'a [Omitted],
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<D>,
}

/// The report as one JSON object: `command`, `examined`, `allowed`, `findings`, `omitted`, and in
/// `details` what else the command has to say.
///
/// # Panics
///
/// When the details cannot be written as JSON, because a key in them is no text.
#[must_use]
pub fn json<D: Serialize>(report: &Report, command: &str, allowed: usize, details: Option<D>) -> String {
    let Report { findings, examined, omitted, .. } = report;
    let document = Document { command, examined: *examined, allowed, findings, omitted, details };
    serde_json::to_string_pretty(&document).expect("its keys are texts") + "\n"
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_program_finds_the_place() {
        let text = super::json(&super::super::tests::report(), "lint", 4, Some(["more"]));
        let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!((&value["command"], &value["examined"], &value["allowed"]), (&"lint".into(), &7.into(), &4.into()));
        let finding = &value["findings"][0];
        assert_eq!((&finding["rule"], &finding["severity"]), (&"scrape-unknown-label".into(), &"error".into()));
        assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&3.into(), &13.into()));
        assert_eq!(value["findings"][1]["location"], serde_json::Value::Null);
        assert_eq!(value["details"][0], "more");
    }
}
