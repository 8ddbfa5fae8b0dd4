//! gRPC: <https://opentelemetry.io/docs/specs/otlp/#otlpgrpc>.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use tonic::codec::CompressionEncoding;
use tonic::metadata::{Ascii, MetadataKey, MetadataValue};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint as Address, Identity};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::{Answer, MAX_ANSWER, Url, certificate_error, no_runtime, setting, text};
use crate::otlp::config::{Config, Endpoint};
use crate::otlp::error::{ConfigError, StartError};

pub(in crate::otlp) struct Grpc {
    pub(super) endpoint: String,
    client: MetricsServiceClient<Channel>,
    headers: Vec<(MetadataKey<Ascii>, MetadataValue<Ascii>)>,
    /// Of this thread alone: the connection makes progress while a request is under way.
    runtime: tokio::runtime::Runtime,
}

impl Grpc {
    pub(super) fn new(config: &Config) -> Result<Self, StartError> {
        let setting = setting(&config.endpoint);
        let url = match &config.endpoint {
            Endpoint::Default => "http://localhost:4317".to_owned(),
            Endpoint::Metrics(url) | Endpoint::Collector(url) if url.contains("://") => url.clone(),
            Endpoint::Metrics(host) | Endpoint::Collector(host) => {
                format!("{}://{host}", if config.insecure { "http" } else { "https" })
            }
        };
        let url = Url::parse(&url, setting)?;
        // The path of a service is fixed by its definition, so that one in the endpoint means nothing.
        let url = Url { path: String::new(), ..url };
        let wrong = |_| ConfigError::new(setting, "it is no address that gRPC can reach");
        let mut address = Address::from_shared(format!("{}://{}", url.scheme, url.authority))
            .and_then(|address| address.user_agent(concat!("orchq-metrics/", env!("CARGO_PKG_VERSION"))))
            .map_err(wrong)?;
        if url.scheme == "https" {
            address =
                address.tls_config(tls(config)?).map_err(|_| certificate_error("OTEL_EXPORTER_OTLP_CERTIFICATE"))?;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)?;
        let channel = {
            let _entered = runtime.enter();
            address.connect_lazy()
        };
        let mut client = MetricsServiceClient::new(channel).max_decoding_message_size(MAX_ANSWER);
        if config.gzip {
            client = client.send_compressed(CompressionEncoding::Gzip);
        }
        let header = |(name, value): &(String, String)| {
            let wrong =
                || ConfigError::new(format!("header `{name}`"), "it is no metadata that gRPC can carry as text");
            let key = MetadataKey::from_bytes(name.to_ascii_lowercase().as_bytes()).map_err(|_| wrong())?;
            Ok((key, value.parse().map_err(|_| wrong())?))
        };
        let headers = config.headers.iter().map(header).collect::<Result<_, ConfigError>>()?;
        Ok(Self { endpoint: url.shown(), client, headers, runtime })
    }

    pub(super) fn send(&mut self, request: &ExportMetricsServiceRequest, timeout: Duration) -> Answer {
        let mut request = Request::new(request.clone());
        // The collector may give up by itself then.
        request.set_timeout(timeout);
        for (key, value) in &self.headers {
            request.metadata_mut().insert(key.clone(), value.clone());
        }
        let client = &mut self.client;
        match self.runtime.block_on(async { tokio::time::timeout(timeout, client.export(request)).await }) {
            Ok(Ok(response)) => Answer::success(response.into_inner()),
            Ok(Err(status)) => answer(&status),
            Err(_) => Answer::Later { after: None, why: "no answer: timeout".to_owned() },
        }
    }
}

fn answer(status: &Status) -> Answer {
    let after = status.get_details_retry_info().and_then(|info| info.retry_delay);
    let why = format!("answered {:?}: {}", status.code(), text(&cause(status)));
    let later = match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => true,
        // Exhausted for now if the collector says for how long, else for good, such as the length of a message.
        Code::ResourceExhausted => after.is_some(),
        _ => false,
    };
    if later { Answer::Later { after, why } } else { Answer::Refused(why) }
}

/// The message, and what lies under it: of a connection that fails the message says no more than that.
fn cause(status: &Status) -> String {
    let mut said = status.message().to_owned();
    let mut under = std::error::Error::source(status);
    while let Some(error) = under {
        let more = error.to_string();
        if !said.contains(&more) {
            said = format!("{said}: {more}");
        }
        under = error.source();
    }
    said
}

fn tls(config: &Config) -> Result<ClientTlsConfig, ConfigError> {
    let mut tls = ClientTlsConfig::new();
    tls = match &config.tls.roots {
        Some(roots) => tls.ca_certificate(Certificate::from_pem(roots)),
        None => tls.with_webpki_roots(),
    };
    if let Some((certificate, key)) = &config.tls.client {
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    Ok(tls)
}

#[cfg(test)]
mod tests {
    use tonic_types::{ErrorDetails, StatusExt as _};

    use super::*;

    #[test]
    fn an_exhausted_collector_is_asked_again_only_if_it_says_when() {
        let told = ErrorDetails::with_retry_info(Some(Duration::from_secs(3)));
        let exhausted = Status::with_error_details(Code::ResourceExhausted, "slow down", told);
        let why = "answered ResourceExhausted: slow down".to_owned();
        assert_eq!(answer(&exhausted), Answer::Later { after: Some(Duration::from_secs(3)), why });
        assert!(matches!(answer(&Status::resource_exhausted("too long")), Answer::Refused(_)));
    }

    #[test]
    fn only_codes_that_pass_are_tried_again() {
        let again = |code| matches!(answer(&Status::new(code, "")), Answer::Later { .. });
        let all = (0..=16).map(Code::from_i32).filter(|code| again(*code)).collect::<Vec<_>>();
        let expected = [
            Code::Cancelled,
            Code::DeadlineExceeded,
            Code::Aborted,
            Code::OutOfRange,
            Code::Unavailable,
            Code::DataLoss,
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn an_address_without_a_scheme_goes_over_tls_if_not_told_otherwise() {
        let endpoint = |config: Config| Grpc::new(&config).ok().unwrap().endpoint;
        assert_eq!(endpoint(Config::new("test").endpoint("c:4317")), "https://c:4317");
        assert_eq!(endpoint(Config { insecure: true, ..Config::new("test").endpoint("c:4317") }), "http://c:4317");
        assert_eq!(endpoint(Config::new("test").endpoint("http://me:pw@c:4317/path")), "http://c:4317");
        assert_eq!(endpoint(Config::new("test")), "http://localhost:4317");
        let said = Grpc::new(&Config::new("test").header("x-bin", "a")).err().unwrap().to_string();
        assert!(said.contains("header `x-bin`: it is no metadata that gRPC can carry as text"), "{said}");
    }
}
