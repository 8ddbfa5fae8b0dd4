//! Shared by both protocols: checks of the settings, and texts of responses.

use std::str::FromStr;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use tonic::transport::ClientTlsConfig;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, PrivateKey, parse_pem};

use crate::expose::otlp::config::{Config, Tls};
use crate::expose::otlp::error::StartError;
use crate::expose::push_stats::BatchOutcome;

/// The longest response that is read, in bytes.
pub(super) const MAX_RESPONSE: usize = 4 << 20;

/// The longest text of a collector that is passed on, in characters.
const MAX_TEXT: usize = 300;

/// The outcome of a successful response. Negative counts, which the protocol does not have, count as zero.
pub(super) fn accepted(response: ExportMetricsServiceResponse) -> BatchOutcome {
    let partial = response.partial_success.unwrap_or_default();
    let rejected = u64::try_from(partial.rejected_data_points).unwrap_or(0);
    BatchOutcome::Accepted { rejected, message: text(&partial.error_message) }
}

pub(super) fn parse_url(url: &str) -> Result<Uri, StartError> {
    let error = |problem: &str| StartError::config("endpoint", problem);
    let uri = url.parse().ok().filter(|uri: &Uri| uri.scheme().is_some() && uri.host().is_some());
    let uri = uri.ok_or_else(|| error("it is not a URL such as `http://collector:4318`"))?;
    match uri.scheme_str() {
        Some("http" | "https") => Ok(uri),
        other => Err(error(&format!("the scheme must be `http` or `https`, not `{}`", other.unwrap_or_default()))),
    }
}

/// The scheme, host and port of a URL, without a user and a password.
pub(super) fn origin(url: &Uri) -> String {
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{}://{host}", url.scheme_str().unwrap_or_default())
}

/// Whether a character only shows itself; others reverse the direction of text, for example.
fn is_plain(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// A text of the collector, shortened and without control characters.
pub(super) fn text(text: &str) -> String {
    let mut plain: String = text.trim().chars().take(MAX_TEXT).map(|c| if is_plain(c) { c } else { ' ' }).collect();
    if text.trim().chars().nth(MAX_TEXT).is_some() {
        plain.push_str("...");
    }
    plain
}

/// Names that the transports set themselves.
const OWN_HEADERS: [&str; 6] = ["accept", "content-encoding", "content-length", "content-type", "grpc-timeout", "te"];

/// The headers in a transport's own types. Errors do not show the name, which may be half a token.
pub(super) fn headers<K: FromStr, V: FromStr>(config: &Config) -> Result<Vec<(K, V)>, StartError> {
    let header = |(index, (name, value)): (usize, &(String, String))| {
        let wrong = |problem: &str| StartError::config(format!("header {}", index + 1), problem);
        let name = name.to_ascii_lowercase();
        if OWN_HEADERS.contains(&name.as_str()) {
            return Err(wrong(&format!("`{name}` is set by the exporter itself")));
        }
        let name = name.parse().map_err(|_| wrong("the name cannot be sent"))?;
        Ok((name, value.parse().map_err(|_| wrong("the value cannot be sent as text"))?))
    };
    config.headers.iter().enumerate().map(header).collect()
}

/// Certificates and key, if they are valid and match. A transport that finds out later can only panic.
pub(super) fn client_tls(tls: &Tls) -> Result<ClientTlsConfig, StartError> {
    let no_block = |setting| StartError::config(setting, "it has no such PEM block");
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
    // This builds the TLS client, and so finds what does not match.
    let tried = tonic::transport::Endpoint::from_static("https://localhost").tls_config(config.clone());
    let wrong = |error: tonic::transport::Error| {
        let setting = if tls.client.is_some() { "client_certificate" } else { "certificate" };
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        StartError::config(setting, format!("it cannot be used for TLS: {cause}"))
    };
    tried.map(|_| config).map_err(wrong)
}

pub(super) fn certificates(pem: &[u8]) -> Option<Vec<Certificate<'static>>> {
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
        let shown = |url| origin(&parse_url(url).unwrap());
        assert_eq!(shown("http://me:pw@collector:4318/v1/metrics?token=s3cret"), "http://collector:4318");
        assert_eq!(shown("https://collector"), "https://collector");
        for wrong in ["collector:4318", "ftp://collector", "http://", "/v1/metrics", ""] {
            assert!(parse_url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_text_of_a_collector_is_cut_and_cleaned() {
        assert_eq!(text(" a\nb\u{1b}[31m\u{202e}c "), "a b [31m c");
        assert_eq!(text(&"x".repeat(1000)).len(), MAX_TEXT + 3);
    }
}
