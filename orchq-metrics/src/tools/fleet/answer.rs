//! The answers of a server: <https://prometheus.io/docs/prometheus/latest/querying/api/>.
//!
//! Prometheus, Thanos, Mimir and `VictoriaMetrics` return the same envelope. Their additions are ignored.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::contract::owned::OwnedMetric;
use crate::tools::scrape::number::float;
use crate::tools::tree::shortened;

/// How many characters of a server's message are kept.
const MAX_MESSAGE: usize = 500;

/// An answer, with the server's warnings.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answer<T> {
    /// The data.
    pub data: T,
    /// Why the answer may not be complete: a store did not answer, or a limit was reached.
    pub warnings: Vec<String>,
}

/// One element of an instant vector.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Row {
    /// Its labels.
    #[serde(rename = "metric", default)]
    pub labels: BTreeMap<String, String>,
    /// Its value; a native histogram has none.
    #[serde(rename = "value", default, deserialize_with = "number")]
    pub value: Option<f64>,
}

impl Row {
    /// The value of a label; empty if it is absent, which is the same in PromQL.
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }

    /// The value as a count.
    pub(super) fn count(&self) -> usize {
        // The conversion saturates.
        self.value.filter(|value| *value > 0.0).map_or(0, |value| value as usize)
    }
}

/// The metadata of a family.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    /// Its type, as `# TYPE` spells it, or `unknown`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Its help.
    #[serde(default)]
    pub help: String,
}

impl Metadata {
    pub(super) fn has_type(&self) -> bool {
        !["", "unknown", "untyped"].contains(&self.kind.as_str())
    }

    pub(super) fn is_another_type(&self, metric: &OwnedMetric) -> bool {
        self.kind != metric.kind.as_str() && self.has_type()
    }

    pub(super) fn is_another_help(&self, metric: &OwnedMetric) -> bool {
        !self.help.is_empty() && self.help != metric.served_help()
    }

    pub(super) fn contradicts(&self, metric: &OwnedMetric) -> bool {
        self.is_another_type(metric) || self.is_another_help(metric)
    }
}

/// The metadata of a family on one target.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TargetMetadata {
    /// The target's labels.
    pub target: BTreeMap<String, String>,
    /// Its metadata.
    #[serde(flatten)]
    pub metadata: Metadata,
}

/// Why an answer cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// It is a web page.
    Html,
    /// It is not JSON, or not an object.
    NotJson(String),
    /// It is JSON that ends too early.
    Truncated,
    /// It is JSON of another structure than expected.
    Unexpected(&'static str),
    /// The server returned an error.
    Refused {
        /// `bad_data`, `execution`, `timeout` or another.
        kind: String,
        /// The server's message.
        message: String,
    },
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Html => f.write_str(
                "the answer is a web page, not JSON; is a prefix missing in the URL (`/prometheus` for Mimir, \
                 `/select/0/prometheus` for a VictoriaMetrics cluster), or does it need a login?",
            ),
            Self::NotJson(what) => {
                write!(f, "the answer is not JSON ({what}); pass the URL of the server, without `/api/v1/query`")
            }
            Self::Truncated => f.write_str("the answer is truncated; try again, or with a longer --timeout"),
            Self::Unexpected(expected) => {
                write!(f, "the answer is not from the Prometheus API: expected {expected}")
            }
            Self::Refused { kind, message } => {
                write!(f, "the server rejects the query ({kind}): {message}")?;
                f.write_str(match kind.as_str() {
                    "timeout" | "canceled" | "unavailable" => {
                        "; try again, or narrow the check with --job or --selector"
                    }
                    "execution" | "too_many_requests" => {
                        "; if that is a limit, narrow the check with --job or --selector"
                    }
                    _ => "",
                })
            }
        }
    }
}

impl std::error::Error for AnswerError {}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    status: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    error_type: Option<String>,
    error: Option<String>,
    warnings: Option<Vec<String>>,
    /// Set by a `VictoriaMetrics` cluster if some nodes did not answer.
    is_partial: Option<bool>,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Queried {
    /// Some servers return `null` for an empty vector.
    Vector(Option<Vec<Row>>),
    Scalar(Sampled),
}

/// An instant vector, as `/api/v1/query` returns it. A scalar is a vector of one element without labels.
///
/// ```
/// use orchq_metrics::__unstable::fleet_answer as answer;
/// use orchq_metrics::fleet::AnswerError;
///
/// let body = br#"{"status":"success","data":{"resultType":"vector",
///     "result":[{"metric":{"job":"worker"},"value":[1750000000.1,"12"]}]}}"#;
/// let rows = answer::vector(body)?.data;
/// assert_eq!((rows[0].label("job"), rows[0].value), ("worker", Some(12.0)));
/// # Ok::<(), AnswerError>(())
/// ```
///
/// # Errors
///
/// When it is something else, or an error of the server.
pub fn vector(body: &[u8]) -> Result<Answer<Vec<Row>>, AnswerError> {
    const EXPECTED: &str = "an instant vector";
    let Answer { data, warnings } = data::<Option<Queried>>(body, EXPECTED)?;
    let data = match data.ok_or(AnswerError::Unexpected(EXPECTED))? {
        Queried::Vector(rows) => rows.unwrap_or_default(),
        Queried::Scalar(Sampled(value)) => vec![Row { labels: BTreeMap::new(), value: Some(value) }],
    };
    Ok(Answer { data, warnings })
}

/// The data of an answer; some servers return `null` for an empty one. `expected` describes it in the error.
///
/// # Errors
///
/// When it is something else, or an error of the server.
pub fn data<T: Default + DeserializeOwned>(body: &[u8], expected: &'static str) -> Result<Answer<T>, AnswerError> {
    let Answer { data, warnings } = envelope(body)?;
    let part = |data: &RawValue| serde_json::from_str(data.get()).map_err(|error| wrong(&error, expected));
    let data = data.map_or_else(|| Ok(T::default()), part)?;
    Ok(Answer { data, warnings })
}

/// The server's error, in the body of an answer with an error status.
#[must_use]
pub fn refusal(body: &[u8]) -> Option<AnswerError> {
    match envelope(body) {
        Err(error @ AnswerError::Refused { .. }) => Some(error),
        _ => None,
    }
}

fn envelope(body: &[u8]) -> Result<Answer<Option<&RawValue>>, AnswerError> {
    const EXPECTED: &str = "an object with `status` and `data`";
    match body.trim_ascii_start() {
        [b'<', ..] => return Err(AnswerError::Html),
        [] => return Err(AnswerError::NotJson("it is empty".to_owned())),
        [b'{', ..] => {}
        other => {
            let begin = other.get(..other.len().min(50)).unwrap_or_default();
            return Err(AnswerError::NotJson(format!("it begins with {:?}", String::from_utf8_lossy(begin))));
        }
    }
    let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(|error| wrong(&error, EXPECTED))?;
    // A warning about the query, and not the answer:
    // <https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview>.
    let is_of_answer = |text: &&String| !text.starts_with("PromQL ");
    let warnings = envelope.warnings.unwrap_or_default();
    let mut warnings: Vec<_> = warnings.iter().filter(is_of_answer).map(|text| short(text)).collect();
    if envelope.is_partial == Some(true) {
        warnings.push("the answer is marked as partial".to_owned());
    }
    match (envelope.status.as_deref(), envelope.data) {
        (Some("success"), data) => Ok(Answer { data, warnings }),
        (Some("error"), _) => Err(AnswerError::Refused {
            kind: short(&envelope.error_type.unwrap_or_else(|| "unknown".to_owned())),
            message: short(&envelope.error.unwrap_or_else(|| "no message".to_owned())),
        }),
        _ => Err(AnswerError::Unexpected(EXPECTED)),
    }
}

fn wrong(error: &serde_json::Error, expected: &'static str) -> AnswerError {
    match error.classify() {
        serde_json::error::Category::Eof => AnswerError::Truncated,
        serde_json::error::Category::Data => AnswerError::Unexpected(expected),
        _ => AnswerError::NotJson(error.to_string()),
    }
}

/// A server's message on one line, cut if it is long.
fn short(text: &str) -> String {
    shortened(text, MAX_MESSAGE).replace(char::is_control, " ")
}

/// A time and a value, which is a string because JSON has no `NaN`.
struct Sampled(f64);

impl<'de> Deserialize<'de> for Sampled {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (_, text): (serde::de::IgnoredAny, String) = Deserialize::deserialize(deserializer)?;
        float(&text).map(Sampled).ok_or_else(|| serde::de::Error::custom("not a number"))
    }
}

fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Sampled::deserialize(deserializer).map(|Sampled(value)| Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_vector(result: &str) -> String {
        format!(r#"{{"status":"success","data":{{"resultType":"vector","result":{result}}}}}"#)
    }

    #[test]
    fn a_vector_has_rows_with_labels_and_numbers() {
        let body = in_vector(
            r#"[{"metric":{"job":"wörker"},"value":[1.5,"NaN"]},{"metric":{},"value":[1,"+Inf"]},
                {"metric":{"job":"n"},"histogram":[1,{"count":"4","sum":"2","buckets":[[0,"0.1","1","4"]]}]}]"#,
        );
        let rows = vector(body.as_bytes()).expect("it is a vector").data;
        assert_eq!((rows[0].label("job"), rows[0].label("instance")), ("wörker", ""));
        assert!(rows[0].value.is_some_and(f64::is_nan) && rows[0].count() == 0);
        assert_eq!((rows[1].value, rows[2].value), (Some(f64::INFINITY), None));
        assert_eq!(vector(in_vector("null").as_bytes()).map(|answer| answer.data), Ok(Vec::new()));
        let scalar = br#"{"status":"success","data":{"resultType":"scalar","result":[1750000000,"1750000000.25"]}}"#;
        assert_eq!(vector(scalar).expect("it is one").data[0].value, Some(1_750_000_000.25));
    }

    #[test]
    fn warnings_of_the_server_are_kept() {
        let body = r#"{"status":"success","isPartial":true,"data":["job"],"warnings":["store\n1 is away","PromQL warning: x"],"infos":["x"],
            "stats":{"executionTimeMsec":1}}"#;
        let answer = data::<Vec<String>>(body.as_bytes(), "").expect("it is a list");
        assert_eq!(answer.data, ["job"]);
        assert_eq!(answer.warnings, ["store 1 is away", "the answer is marked as partial"]);
    }

    #[test]
    fn nothing_is_an_answer_too() {
        for body in [r#"{"status":"success","data":null}"#, r#"{"status":"success","data":{}}"#] {
            assert_eq!(
                data::<BTreeMap<String, Vec<Metadata>>>(body.as_bytes(), "").map(|answer| answer.data.len()),
                Ok(0),
                "{body}"
            );
        }
        assert_eq!(data(br#"{"status":"success","data":[]}"#, "").map(|answer| answer.data), Ok(Vec::<String>::new()));
        let body = br#"{"status":"success","data":{"queue_depth":[{"type":"gauge","help":"h","unit":""}]}}"#;
        let known: BTreeMap<String, Vec<Metadata>> = data(body, "").expect("it is metadata").data;
        let gauge = Metadata { kind: "gauge".to_owned(), help: "h".to_owned() };
        assert_eq!(known["queue_depth"], *std::slice::from_ref(&gauge));
        let body = br#"{"status":"success","data":[{"target":{"job":"w"},"type":"gauge","help":"h","unit":""}]}"#;
        let known: Vec<TargetMetadata> = data(body, "").expect("it is metadata").data;
        assert_eq!((&known[0].target["job"], &known[0].metadata), (&"w".to_owned(), &gauge));
    }

    #[test]
    fn other_bodies_are_distinguished() {
        let html = vector(b"\n<!doctype html><title>Prometheus</title>");
        assert_eq!(html, Err(AnswerError::Html));
        assert_eq!(vector(br#"{"status":"success","data":{"resultType":"#), Err(AnswerError::Truncated));
        for body in [b"404 page not found".as_slice(), b"", b"[]", b"7", b"{]", &[0xff, 0xfe], &[b'{', 0xff]] {
            assert!(matches!(vector(body), Err(AnswerError::NotJson(_))), "{body:?}");
        }
        let refused = vector(br#"{"status":"error","errorType":"bad_data","error":"no org id"}"#);
        assert_eq!(
            refused.map_err(|error| error.to_string()).unwrap_err(),
            "the server rejects the query (bad_data): no org id"
        );
        for body in [
            "{}",
            r#"{"status":7}"#,
            r#"{"status":"success"}"#,
            r#"{"status":"success","data":[]}"#,
            &in_vector("7"),
            &in_vector(r#"[{"metric":{"a":1},"value":[1,"2"]}]"#),
            &in_vector(r#"[{"metric":{},"value":[1,2]}]"#),
            &in_vector(r#"[{"metric":{},"value":[1,"x"]}]"#),
            &in_vector("[]").replace("vector", "matrix"),
        ] {
            assert!(matches!(vector(body.as_bytes()), Err(AnswerError::Unexpected(_))), "{body}");
        }
        let deep = [br#"{"data":"#.as_slice(), &b"[".repeat(100_000)].concat();
        assert!(vector(&deep).is_err());
        assert!(short(&"é".repeat(10_000)).len() < 3 * MAX_MESSAGE);
    }
}
