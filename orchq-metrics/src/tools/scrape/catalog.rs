//! The rules of the formats that a single line, or the body as a whole, can break.

use crate::report::finding::{Finding, rules};

rules! {
    NOT_TEXT: Error, "exposition-not-text" {
        description: "The body is not an exposition: it is HTML, JSON, compressed, binary, or some other text.",
        example: "llama.cpp builds around b7010 serve the exposition within a JSON string; a proxy answers with its \
                  error page.",
        help: "request the right path, and look at the response; nothing was checked",
    }

    TRUNCATED: Error, "exposition-truncated" {
        description: "The text ends too early: within a line, or in OpenMetrics without `# EOF`. The rest of it was not \
                      checked.",
        example: "`queue_depth{engine=\"vl`, and no more.",
        help: "scrape again with a longer timeout and size limit; an exporter must end the last line with a line feed",
    }

    SYNTAX: Error, "exposition-syntax" {
        description: "A line is not valid in the format, so that Prometheus rejects the whole scrape.",
        example: "`queue_depth{engine=vllm} 3`, where the label value has no quotes.",
        help: "write the line as the format requires",
    }

    LABEL_TWICE: Error, "exposition-label-twice" {
        description: "A series has the same label name twice.",
        example: "`queue_depth{engine=\"vllm\",engine=\"0\"} 3`",
        help: "rename or drop one of the two where they are joined",
    }

    ENCODING: Error, "exposition-encoding" {
        description: "The text is not plain UTF-8 with line feeds: it has a byte order mark, carriage returns, or bytes \
                      that are not UTF-8.",
        example: "A file that was saved on Windows, whose lines end with a carriage return and a line feed.",
        help: "write UTF-8 without a byte order mark, and `\\n` alone at the end of a line",
    }

    LINE_TOO_LONG: Error, "exposition-line-too-long" {
        description: "A line is longer than a mebibyte; it was skipped.",
        example: "A label value that holds a whole document.",
        help: "keep label values and help texts short",
    }
}

/// The finding of a text without a sample or metadata, instead of those of its lines; `None` if these explain more,
/// such as a label that occurs twice.
#[cold]
pub(crate) fn not_text(source: &str, findings: &[Finding]) -> Option<Finding> {
    let replaced = [SYNTAX.id, TRUNCATED.id, ENCODING.id];
    let first = findings.iter().find(|finding| finding.rule == SYNTAX.id)?;
    if !findings.iter().all(|finding| replaced.contains(&&*finding.rule)) {
        return None;
    }
    let message = format!("no line is a sample; the first that should be: {}", first.message);
    Some(Finding { location: first.location.clone(), ..NOT_TEXT.finding(source, message) })
}
