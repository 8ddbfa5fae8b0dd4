//! The rules of the formats themselves, as they are explained.

use super::event::{Problem, ProblemKind};
use crate::report::finding::{Finding, Location, Rule, Severity};

/// Every rule that a line, or a whole text, can break by itself.
pub(crate) static RULES: &[&Rule] = &[&NOT_TEXT, &TRUNCATED, &SYNTAX, &LABEL_TWICE, &ENCODING, &LINE_TOO_LONG];

pub(crate) static NOT_TEXT: Rule = Rule {
    id: "exposition-not-text",
    severity: Severity::Error,
    description: "The body is no exposition: HTML, JSON, compressed or binary, or a text of another kind.",
    example: "llama.cpp builds around b7010 serve the exposition within a JSON string; a proxy answers with its \
              error page.",
    help: "ask for the right path, and look at what it answers; nothing was checked",
};

pub(crate) static TRUNCATED: Rule = Rule {
    id: "exposition-truncated",
    severity: Severity::Error,
    description: "The text ends too early: within a line, or in OpenMetrics without `# EOF`. Nothing can be said of what \
              is missing.",
    example: "`queue_depth{engine=\"vl`, and no more.",
    help: "scrape again with a longer timeout and size limit; an exporter has to end the last line with a line feed",
};

pub(crate) static SYNTAX: Rule = Rule {
    id: "exposition-syntax",
    severity: Severity::Error,
    description: "A line is not of the format, so that Prometheus refuses the whole scrape.",
    example: "`queue_depth{engine=vllm} 3`, where the value of the label has no quotes.",
    help: "write the line as the format says",
};

pub(crate) static LABEL_TWICE: Rule = Rule {
    id: "exposition-label-twice",
    severity: Severity::Error,
    description: "A series has two labels of one name.",
    example: "`queue_depth{engine=\"vllm\",engine=\"0\"} 3`",
    help: "rename or drop one of the two where they are put together",
};

pub(crate) static ENCODING: Rule = Rule {
    id: "exposition-encoding",
    severity: Severity::Error,
    description: "The text is not plain UTF-8 whose lines end with a line feed: it has a byte order mark, carriage \
              returns, or bytes that are no characters.",
    example: "A file that was saved on Windows, whose lines end with a carriage return and a line feed.",
    help: "write UTF-8 without a byte order mark, and `\\n` alone at the end of a line",
};

pub(crate) static LINE_TOO_LONG: Rule = Rule {
    id: "exposition-line-too-long",
    severity: Severity::Error,
    description: "A line is longer than a mebibyte; it was passed over.",
    example: "A label value that holds a whole document.",
    help: "keep label values and help texts short",
};

/// The one finding of a text none of whose lines is a sample or metadata, instead of those of its lines; `None` where
/// these tell more, such as that a label is there twice.
#[cold]
pub(crate) fn of_another_kind(source: &str, wrong: &[Finding]) -> Option<Finding> {
    let kinds = [SYNTAX.id, TRUNCATED.id, ENCODING.id];
    let first = wrong.iter().find(|finding| finding.rule == SYNTAX.id)?;
    if !wrong.iter().all(|finding| kinds.contains(&&*finding.rule)) {
        return None;
    }
    let message = format!("no line of it is a sample; of the first that is none: {}", first.message);
    let finding = NOT_TEXT.finding(source, message);
    Some(match first.location.clone() {
        Some(location) => finding.at(location),
        None => finding,
    })
}

impl Problem {
    /// The finding that tells of it.
    #[cold]
    pub(crate) fn finding(&self, source: &str, line: usize, text: &str) -> Finding {
        let rule = match self.kind {
            ProblemKind::Syntax => &SYNTAX,
            ProblemKind::LabelTwice => &LABEL_TWICE,
            ProblemKind::Encoding => &ENCODING,
            ProblemKind::LineTooLong => &LINE_TOO_LONG,
            ProblemKind::Truncated => &TRUNCATED,
            ProblemKind::NotText => &NOT_TEXT,
        };
        rule.finding(source, &self.message).at(Location::new(source, line, text, self.span.clone()))
    }
}
