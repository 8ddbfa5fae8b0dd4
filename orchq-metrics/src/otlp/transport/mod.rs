//! One request to the collector, and what it answers.

mod grpc;
mod http;

use std::io;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};

use super::config::{Config, Endpoint, Protocol};
use super::error::{ConfigError, StartError};
use grpc::Grpc;
use http::Http;

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 16;

/// The longest text of a collector that is passed on, in characters.
const MAX_TEXT: usize = 300;

/// What the collector makes of a request.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// It has taken it, but for so many points.
    Accepted { rejected: u64, message: String },
    /// It may take it another time, not before so long.
    Later { after: Option<Duration>, why: String },
    /// It will never take it.
    Refused(String),
}

impl Answer {
    /// What an answer of success means. Negative counts, which the protocol does not have, are taken for none.
    fn success(answer: ExportMetricsServiceResponse) -> Self {
        let partial = answer.partial_success.unwrap_or_default();
        let rejected = u64::try_from(partial.rejected_data_points).unwrap_or(0);
        Self::Accepted { rejected, message: text(&partial.error_message) }
    }
}

/// The way to a collector.
pub(super) enum Transport {
    Http(Http),
    Grpc(Grpc),
}

impl Transport {
    /// The way that is configured. Nothing is sent yet, and no connection made.
    pub(super) fn new(config: &Config) -> Result<Self, StartError> {
        Ok(match config.protocol {
            Protocol::HttpProtobuf => Self::Http(Http::new(config)?),
            Protocol::Grpc => Self::Grpc(Grpc::new(config)?),
        })
    }

    /// Where it leads, without a user and a password.
    pub(super) fn endpoint(&self) -> &str {
        match self {
            Self::Http(http) => &http.endpoint,
            Self::Grpc(grpc) => &grpc.endpoint,
        }
    }

    pub(super) fn send(&mut self, request: &ExportMetricsServiceRequest, timeout: Duration) -> Answer {
        match self {
            Self::Http(http) => http.send(request, timeout),
            Self::Grpc(grpc) => grpc.send(request, timeout),
        }
    }
}

/// The setting that an endpoint came from, for an error.
fn setting(endpoint: &Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Metrics(_) => "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        Endpoint::Default | Endpoint::Collector(_) => "OTEL_EXPORTER_OTLP_ENDPOINT",
    }
}

/// A URL in its parts, once it is known to be one of HTTP.
struct Url {
    scheme: String,
    authority: String,
    path: String,
}

impl Url {
    fn parse(url: &str, setting: &str) -> Result<Self, ConfigError> {
        let wrong = |problem: String| ConfigError::new(setting, problem);
        let form = || wrong("it is no URL such as `http://collector:4318`".to_owned());
        let uri: ureq::http::Uri = url.parse().map_err(|_| form())?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else { return Err(form()) };
        if scheme != ureq::http::uri::Scheme::HTTP && scheme != ureq::http::uri::Scheme::HTTPS {
            return Err(wrong(format!("the scheme is `http` or `https`, not `{scheme}`")));
        }
        let path = parts.path_and_query.map_or_else(|| "/".to_owned(), |path| path.to_string());
        Ok(Self { scheme: scheme.to_string(), authority: authority.to_string(), path })
    }

    /// The URL as it may be shown: without a user, a password and a query.
    fn shown(&self) -> String {
        let host = self.authority.rsplit_once('@').map_or(self.authority.as_str(), |(_, host)| host);
        let path = self.path.split_once('?').map_or(self.path.as_str(), |(path, _)| path);
        format!("{}://{host}{path}", self.scheme)
    }
}

/// A text that came over the wire, made fit to be passed on.
fn text(text: &str) -> String {
    let mut fit: String = text.trim().chars().take(MAX_TEXT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.trim().chars().nth(MAX_TEXT).is_some() {
        fit.push_str("...");
    }
    fit
}

fn certificate_error(setting: &str) -> ConfigError {
    ConfigError::new(setting, "the file has no PEM block of that kind")
}

fn no_runtime(error: io::Error) -> StartError {
    StartError::Thread(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_secrets() {
        let shown = |url| Url::parse(url, "x").unwrap().shown();
        assert_eq!(shown("http://me:pw@collector:4318/v1/metrics?token=s3cret"), "http://collector:4318/v1/metrics");
        assert_eq!(shown("https://collector"), "https://collector/");
        for wrong in ["collector:4318", "ftp://collector", "http://", "/v1/metrics", ""] {
            assert!(Url::parse(wrong, "x").is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_a_collector_says_is_cut_and_cleaned() {
        assert_eq!(text(" a\nb\u{1b}[31m "), "a b [31m");
        assert_eq!(text(&"x".repeat(1000)).len(), MAX_TEXT + 3);
    }
}
