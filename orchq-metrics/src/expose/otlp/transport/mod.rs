//! One request to the collector, and what it answers.

mod grpc;
mod http;

use std::str::FromStr;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};

use tonic::transport::ClientTlsConfig;
use ureq::tls::{Certificate, PemItem, PrivateKey, parse_pem};

use super::config::{Config, Protocol, Tls};
use super::error::ConfigError;
use grpc::Grpc;
use http::Http;

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 4 << 20;

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
    /// There was no answer, and this way cannot be used again.
    Broken(String),
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
    Grpc(Box<Grpc>),
}

impl Transport {
    /// The way that is configured. Nothing is sent yet, and no connection made.
    pub(super) fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(match config.protocol {
            Protocol::HttpProtobuf => Self::Http(Http::new(config)?),
            Protocol::Grpc => Self::Grpc(Box::new(Grpc::new(config)?)),
        })
    }

    /// Where it leads, without a user and a password.
    pub(super) fn endpoint(&self) -> &str {
        match self {
            Self::Http(http) => &http.endpoint,
            Self::Grpc(grpc) => &grpc.endpoint,
        }
    }

    pub(super) fn send(&mut self, request: ExportMetricsServiceRequest, timeout: Duration) -> Answer {
        match self {
            Self::Http(http) => http.send(&request, timeout),
            Self::Grpc(grpc) => grpc.send(request, timeout),
        }
    }
}

/// A URL in its parts, once it is known to be one of HTTP.
struct Url {
    scheme: String,
    authority: String,
    path: String,
}

impl Url {
    fn parse(url: &str) -> Result<Self, ConfigError> {
        let wrong = |problem: String| ConfigError::new("endpoint", problem);
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

/// Whether a character shows itself and nothing else, such as the order of those around it.
fn is_fit(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// A text that came over the wire, made fit to be passed on.
fn text(text: &str) -> String {
    let mut fit: String = text.trim().chars().take(MAX_TEXT).map(|c| if is_fit(c) { c } else { ' ' }).collect();
    if text.trim().chars().nth(MAX_TEXT).is_some() {
        fit.push_str("...");
    }
    fit
}

/// Names that the transports set themselves.
const OWN_HEADERS: [&str; 6] = ["accept", "content-encoding", "content-length", "content-type", "grpc-timeout", "te"];

/// The headers as a transport has them. What is wrong is told without the name, which may be half a token.
fn headers<K: FromStr, V: FromStr>(config: &Config) -> Result<Vec<(K, V)>, ConfigError> {
    let header = |(place, (name, value)): (usize, &(String, String))| {
        let wrong = |problem: &str| ConfigError::new(format!("header {}", place + 1), problem);
        let name = name.to_ascii_lowercase();
        if OWN_HEADERS.contains(&name.as_str()) {
            return Err(wrong(&format!("`{name}` is set by the exporter itself")));
        }
        let name = name.parse().map_err(|_| wrong("its name is none that can be sent"))?;
        Ok((name, value.parse().map_err(|_| wrong("its value is none that can be sent as text"))?))
    };
    config.headers.iter().enumerate().map(header).collect()
}

/// Certificates and key, if they are such and fit together. A transport that finds out later can only panic.
fn client_tls(tls: &Tls) -> Result<ClientTlsConfig, ConfigError> {
    let no_block = |setting| ConfigError::new(setting, "there is no PEM block of that kind in it");
    let mut config = ClientTlsConfig::new();
    config = match &tls.roots {
        Some(roots) => {
            certificates(roots).ok_or_else(|| no_block("certificate"))?;
            config.ca_certificate(tonic::transport::Certificate::from_pem(roots))
        }
        None => config.with_webpki_roots(),
    };
    if let Some((chain, key)) = &tls.client {
        certificates(chain).ok_or_else(|| no_block("client_certificate"))?;
        PrivateKey::from_pem(key).map_err(|_| no_block("client_certificate, the key"))?;
        config = config.identity(tonic::transport::Identity::from_pem(chain, key));
    }
    // It makes what TLS is spoken with of it, and so finds out what does not fit.
    let tried = tonic::transport::Endpoint::from_static("https://localhost").tls_config(config.clone());
    let wrong = |error: tonic::transport::Error| {
        let setting = if tls.client.is_some() { "client_certificate" } else { "certificate" };
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        ConfigError::new(setting, format!("TLS cannot be spoken with it: {cause}"))
    };
    tried.map(|_| config).map_err(wrong)
}

fn certificates(pem: &[u8]) -> Option<Vec<Certificate<'static>>> {
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    let certificates: Vec<_> = parse_pem(pem).filter_map(certificate).collect();
    (!certificates.is_empty()).then_some(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_secrets() {
        let shown = |url| Url::parse(url).unwrap().shown();
        assert_eq!(shown("http://me:pw@collector:4318/v1/metrics?token=s3cret"), "http://collector:4318/v1/metrics");
        assert_eq!(shown("https://collector"), "https://collector/");
        for wrong in ["collector:4318", "ftp://collector", "http://", "/v1/metrics", ""] {
            assert!(Url::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_a_collector_says_is_cut_and_cleaned() {
        assert_eq!(text(" a\nb\u{1b}[31m\u{202e}c "), "a b [31m c");
        assert_eq!(text(&"x".repeat(1000)).len(), MAX_TEXT + 3);
    }
}
