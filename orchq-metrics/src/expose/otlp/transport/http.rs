//! Protobuf over HTTP: <https://opentelemetry.io/docs/specs/otlp/#otlphttp>.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use prost::Message as _;
use ureq::http::{HeaderName, HeaderValue, Response, header};
use ureq::tls::{ClientCert, PrivateKey, RootCerts, TlsConfig};

use super::common::{MAX_RESPONSE, accepted, certificates, client_tls, headers, origin, parse_url, text};
use crate::expose::otlp::config::{Config, Endpoint, Tls};
use crate::expose::otlp::error::StartError;
use crate::expose::push_stats::BatchOutcome;

const PROTOBUF: &str = "application/x-protobuf";

pub(in crate::expose::otlp) struct Http {
    pub(super) endpoint: String,
    agent: ureq::Agent,
    url: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    gzip: bool,
}

impl Http {
    pub(super) fn new(config: &Config) -> Result<Self, StartError> {
        let url = match &config.endpoint {
            Endpoint::Default => "http://localhost:4318/v1/metrics".to_owned(),
            Endpoint::Metrics(url) => url.clone(),
            Endpoint::Collector(url) => {
                let (path, query) = url.split_at(url.find('?').unwrap_or(url.len()));
                format!("{}/v1/metrics{query}", path.trim_end_matches('/'))
            }
        };
        let parsed = parse_url(&url)?;
        let endpoint = format!("{}{}", origin(&parsed), parsed.path());
        client_tls(&config.tls)?;
        let agent = ureq::Agent::config_builder()
            .user_agent(concat!("orchq-metrics/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            // A redirect would send the metrics, and the token with them, to an address that is not configured.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .tls_config(tls(&config.tls))
            .build()
            .into();
        Ok(Self { endpoint, agent, url, headers: headers(config)?, gzip: config.gzip })
    }

    pub(super) fn send(&self, request: &ExportMetricsServiceRequest, timeout: Duration) -> BatchOutcome {
        let mut call = self.agent.post(&self.url).config().timeout_global(Some(timeout)).build();
        for (name, value) in &self.headers {
            call = call.header(name, value);
        }
        call = call.header(header::CONTENT_TYPE, PROTOBUF).header(header::ACCEPT, PROTOBUF);
        let mut body = request.encode_to_vec();
        if self.gzip {
            body = compressed(&body);
            call = call.header(header::CONTENT_ENCODING, "gzip");
        }
        match call.send(&body) {
            Ok(response) => outcome(response),
            Err(error) => BatchOutcome::failed(format!("no answer: {error}")),
        }
    }
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("writing to memory does not fail")
}

fn outcome(response: Response<ureq::Body>) -> BatchOutcome {
    let status = response.status();
    let header = |name| response.headers().get(name);
    let retry_after = header(header::RETRY_AFTER).and_then(|value| retry_after(value, SystemTime::now()));
    let content_type = header(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut body = Vec::new();
    let read = response.into_body().into_with_config().limit(u64::MAX).reader();
    let read = read.take(MAX_RESPONSE as u64 + 1).read_to_end(&mut body);
    if status.is_success() {
        return match read {
            Ok(_) => success(&content_type, &body)
                .unwrap_or_else(|why| BatchOutcome::refused(format!("answered {status} with {why}"))),
            Err(error) => BatchOutcome::Failed { retry_after, why: format!("the response broke off: {error}") },
        };
    }
    let message = message(&content_type, &body);
    let why = if message.is_empty() { format!("answered {status}") } else { format!("answered {status}: {message}") };
    match status.as_u16() {
        429 | 502 | 503 | 504 => BatchOutcome::Failed { retry_after, why },
        300..=399 => BatchOutcome::refused(format!("{why}; redirects are not followed: configure the final endpoint")),
        _ => BatchOutcome::Refused { why },
    }
}

/// The outcome of a successful response, or the error if its body is not one.
fn success(content_type: &str, body: &[u8]) -> Result<BatchOutcome, String> {
    if body.len() > MAX_RESPONSE {
        return Err(format!("more than {MAX_RESPONSE} bytes"));
    }
    if !body.is_empty() && !content_type.is_empty() && content_type != PROTOBUF {
        return Err(format!("`{}`, which is not an OTLP response; check the endpoint", text(content_type)));
    }
    // An empty body is an empty message.
    let response = ExportMetricsServiceResponse::decode(body);
    response.map(accepted).map_err(|_| "a body that is not an OTLP response".to_owned())
}

/// The message in the body of an error: a gRPC status, or text.
fn message(content_type: &str, body: &[u8]) -> String {
    if content_type == PROTOBUF {
        return tonic_types::Status::decode(body).map(|status| text(&status.message)).unwrap_or_default();
    }
    text(&String::from_utf8_lossy(body))
}

/// Seconds, or a date: <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>.
fn retry_after(value: &HeaderValue, now: SystemTime) -> Option<Duration> {
    let value = value.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// Certificates and key, which `client_tls` has checked.
fn tls(tls: &Tls) -> TlsConfig {
    let mut config = TlsConfig::builder();
    if let Some(roots) = tls.roots.as_deref().and_then(certificates) {
        config = config.root_certs(RootCerts::Specific(Arc::new(roots)));
    }
    if let Some((chain, key)) = &tls.client
        && let (Some(chain), Ok(key)) = (certificates(chain), PrivateKey::from_pem(key))
    {
        config = config.client_cert(Some(ClientCert::new_with_certs(&chain, key)));
    }
    config.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_delay_is_in_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        let after = |value| retry_after(&HeaderValue::from_static(value), now);
        assert_eq!(after("120"), Some(Duration::from_secs(120)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(after("Sat, 05 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert_eq!(after("soon"), None);
        assert_eq!(after("-1"), None);
    }

    #[test]
    fn the_path_for_metrics_is_appended_to_a_collector_and_not_to_an_endpoint_for_metrics() {
        let url = |endpoint| Http::new(&Config { endpoint, ..Config::new("test") }).unwrap().url;
        assert_eq!(url(Endpoint::Default), "http://localhost:4318/v1/metrics");
        assert_eq!(url(Endpoint::Collector("http://c:1/otlp/".to_owned())), "http://c:1/otlp/v1/metrics");
        let token = Endpoint::Collector("http://c:1/otlp?token=t".to_owned());
        assert_eq!(url(token), "http://c:1/otlp/v1/metrics?token=t");
        assert_eq!(url(Endpoint::Metrics("http://c:1/push".to_owned())), "http://c:1/push");
    }

    #[test]
    fn what_http_cannot_carry_is_an_error_at_the_start() {
        let error = |config: Config| Http::new(&config).err().unwrap().to_string();
        let reason = error(Config::new("test").header("x-token", "s3\ncret"));
        assert_eq!(reason, "metrics cannot be pushed: header 1: the value cannot be sent as text");
        let reason = error(Config::new("test").header("a", "b").header("Basic s3cret", ""));
        assert_eq!(reason, "metrics cannot be pushed: header 2: the name cannot be sent");
        let reason = error(Config::new("test").header("Content-Type", "text/plain"));
        assert_eq!(reason, "metrics cannot be pushed: header 1: `content-type` is set by the exporter itself");
        let reason = error(Config::new("test").endpoint("collector:4318"));
        assert_eq!(reason, "metrics cannot be pushed: endpoint: it is not a URL such as `http://collector:4318`");
        let reason = error(Config::new("test").certificate("no PEM"));
        assert_eq!(reason, "metrics cannot be pushed: certificate: it has no such PEM block");
    }
}
