//! A report for programs.

use serde::Serialize;

use crate::report::Report;

#[derive(Serialize)]
struct Document<'a, D> {
    command: &'a str,
    suppressed: usize,
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<D>,
}

/// The report as one JSON object: `command`, `suppressed`, the fields of a [`Report`], and in
/// `details` further data of the command. It can be read back as a [`Report`].
///
/// # Panics
///
/// When the details cannot be written as JSON, because a key in them is not a string.
#[must_use]
pub fn json<D: Serialize>(report: &Report, command: &str, suppressed: usize, details: Option<D>) -> String {
    let document = Document { command, suppressed, report, details };
    serde_json::to_string_pretty(&document).expect("its keys are texts") + "\n"
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_program_finds_the_place() {
        let text = super::json(&super::super::tests::report(), "lint", 4, Some(["more"]));
        let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(
            (&value["command"], &value["examined"], &value["suppressed"]),
            (&"lint".into(), &7.into(), &4.into())
        );
        let finding = &value["findings"][0];
        assert_eq!((&finding["rule"], &finding["severity"]), (&"scrape-unknown-label".into(), &"error".into()));
        assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&3.into(), &13.into()));
        assert_eq!(value["findings"][1]["location"], serde_json::Value::Null);
        assert_eq!(value["details"][0], "more");
    }
}
