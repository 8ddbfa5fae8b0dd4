//! gRPC: <https://opentelemetry.io/docs/specs/otlp/#otlpgrpc>.

use std::error::Error as _;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use tonic::codec::CompressionEncoding;
use tonic::metadata::{Ascii, MetadataKey, MetadataValue};
use tonic::transport::{Channel, Endpoint as Address};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::common::{MAX_RESPONSE, accepted, client_tls, headers, origin, parse_url, text};
use crate::expose::otlp::config::{Config, Endpoint};
use crate::expose::otlp::error::StartError;
use crate::expose::push_stats::BatchOutcome;

pub(in crate::expose::otlp) struct Grpc {
    pub(super) endpoint: String,
    address: Address,
    gzip: bool,
    headers: Vec<(MetadataKey<Ascii>, MetadataValue<Ascii>)>,
    pub(super) client: Option<MetricsServiceClient<Channel>>,
}

impl Grpc {
    pub(super) fn new(config: &Config) -> Result<Self, StartError> {
        let url = match &config.endpoint {
            Endpoint::Default => "http://localhost:4317".to_owned(),
            Endpoint::Metrics(url) | Endpoint::Collector(url) if url.contains("://") => url.clone(),
            Endpoint::Metrics(host) | Endpoint::Collector(host) => {
                format!("{}://{host}", if config.insecure { "http" } else { "https" })
            }
        };
        let url = parse_url(&url)?;
        if url.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(StartError::config("endpoint", "gRPC has no user and password in a URL; use a header"));
        }
        // The definition of the service fixes the path; one in the endpoint has no effect.
        let endpoint = origin(&url);
        let wrong = |_| StartError::config("endpoint", "gRPC cannot connect to it");
        let tls = client_tls(&config.tls)?;
        let mut address = Address::from_shared(endpoint.clone())
            .and_then(|address| address.user_agent(concat!("orchq-metrics/", env!("CARGO_PKG_VERSION"))))
            .map_err(wrong)?;
        if url.scheme_str() == Some("https") {
            address = address.tls_config(tls).map_err(wrong)?;
        }
        Ok(Self { endpoint, address, gzip: config.gzip, headers: headers(config)?, client: None })
    }

    /// The request as a future, for the runtime that this is called on.
    pub(super) fn send(
        &mut self,
        request: ExportMetricsServiceRequest,
        timeout: Duration,
    ) -> impl Future<Output = BatchOutcome> + Send + use<> {
        let mut client = self.client.get_or_insert_with(|| connect(&self.address, self.gzip)).clone();
        let mut request = Request::new(request);
        // The collector may then give up as well.
        request.set_timeout(timeout);
        for (key, value) in &self.headers {
            request.metadata_mut().insert(key.clone(), value.clone());
        }
        async move {
            match client.export(request).await {
                Ok(response) => accepted(response.into_inner()),
                Err(status) => outcome(&status),
            }
        }
    }
}

/// A client that connects when it is used, and again after its connection was closed.
fn connect(address: &Address, gzip: bool) -> MetricsServiceClient<Channel> {
    let client = MetricsServiceClient::new(address.connect_lazy()).max_decoding_message_size(MAX_RESPONSE);
    if gzip { client.send_compressed(CompressionEncoding::Gzip) } else { client }
}

fn outcome(status: &Status) -> BatchOutcome {
    // A status of the collector has no source: this comes from the connection.
    if status.source().is_some() {
        return BatchOutcome::failed(format!("no answer: {}", text(&with_sources(status))));
    }
    let why = format!("answered {:?}: {}", status.code(), text(status.message()));
    // The library reports this of a successful response. The batch was accepted, perhaps partially.
    if status.message().starts_with("Error, decoded message length too large") {
        return BatchOutcome::Refused { why };
    }
    let retry_after = status.get_details_retry_info().and_then(|info| info.retry_delay);
    match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => BatchOutcome::Failed { retry_after, why },
        // Temporary if the collector names a delay; otherwise permanent, such as a message that is too long.
        Code::ResourceExhausted if retry_after.is_some() => BatchOutcome::Failed { retry_after, why },
        _ => BatchOutcome::Refused { why },
    }
}

/// The message with its sources: for a failed connection, the message alone has no reason.
fn with_sources(status: &Status) -> String {
    let mut message = status.message().to_owned();
    let mut source = status.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !message.contains(&more) {
            message = format!("{message}: {more}");
        }
        source = error.source();
    }
    message
}

#[cfg(test)]
mod tests {
    use tonic_types::{ErrorDetails, StatusExt as _};

    use super::*;

    #[test]
    fn an_exhausted_collector_is_retried_only_if_it_says_when() {
        let retry_after = Some(Duration::from_secs(3));
        let details = ErrorDetails::with_retry_info(retry_after);
        let exhausted = Status::with_error_details(Code::ResourceExhausted, "slow down", details);
        let why = "answered ResourceExhausted: slow down".to_owned();
        assert_eq!(outcome(&exhausted), BatchOutcome::Failed { retry_after, why });
        assert!(matches!(outcome(&Status::resource_exhausted("too long")), BatchOutcome::Refused { .. }));
    }

    #[test]
    fn only_transient_codes_are_retried() {
        let again = |code| matches!(outcome(&Status::new(code, "")), BatchOutcome::Failed { .. });
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
    fn an_address_without_a_scheme_uses_tls_by_default() {
        let endpoint = |config: Config| Grpc::new(&config).ok().unwrap().endpoint;
        assert_eq!(endpoint(Config::new("test").endpoint("c:4317")), "https://c:4317");
        assert_eq!(endpoint(Config { insecure: true, ..Config::new("test").endpoint("c:4317") }), "http://c:4317");
        assert_eq!(endpoint(Config::new("test").endpoint("http://c:4317/path")), "http://c:4317");
        assert_eq!(endpoint(Config::new("test")), "http://localhost:4317");
        let error = |config: Config| Grpc::new(&config).err().unwrap().to_string();
        assert_eq!(
            error(Config::new("test").header("x-bin", "a")),
            "metrics cannot be pushed: header 1: the name cannot be sent"
        );
        let error = error(Config::new("test").endpoint("http://me:pw@c:4317"));
        assert_eq!(error, "metrics cannot be pushed: endpoint: gRPC has no user and password in a URL; use a header");
    }
}
