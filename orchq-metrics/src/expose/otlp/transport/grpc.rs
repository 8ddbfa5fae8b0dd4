//! gRPC: <https://opentelemetry.io/docs/specs/otlp/#otlpgrpc>.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use tokio::runtime::Runtime;
use tonic::codec::CompressionEncoding;
use tonic::metadata::{Ascii, MetadataKey, MetadataValue};
use tonic::transport::{Channel, Endpoint as Address};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::{Answer, MAX_ANSWER, Url, client_tls, headers, text};
use crate::expose::otlp::config::{Config, Endpoint};
use crate::expose::otlp::error::ConfigError;

pub(in crate::expose::otlp) struct Grpc {
    pub(super) endpoint: String,
    address: Address,
    gzip: bool,
    headers: Vec<(MetadataKey<Ascii>, MetadataValue<Ascii>)>,
    /// Made by the thread that sends: a runtime cannot be dropped within another.
    connection: Option<Connection>,
}

struct Connection {
    client: MetricsServiceClient<Channel>,
    /// Of this thread alone. It makes progress while a request is under way, and a connection that was closed
    /// meanwhile is found out about, and made anew, by the next request.
    runtime: Runtime,
}

impl Grpc {
    pub(super) fn new(config: &Config) -> Result<Self, ConfigError> {
        let url = match &config.endpoint {
            Endpoint::Default => "http://localhost:4317".to_owned(),
            Endpoint::Metrics(url) | Endpoint::Collector(url) if url.contains("://") => url.clone(),
            Endpoint::Metrics(host) | Endpoint::Collector(host) => {
                format!("{}://{host}", if config.insecure { "http" } else { "https" })
            }
        };
        // The path of a service is fixed by its definition, so that one in the endpoint means nothing.
        let url = Url { path: String::new(), ..Url::parse(&url)? };
        if url.authority.contains('@') {
            return Err(ConfigError::new("endpoint", "gRPC knows no user and password in a URL; send a header"));
        }
        let wrong = |_| ConfigError::new("endpoint", "it is no address that gRPC can reach");
        let tls = client_tls(&config.tls)?;
        let mut address = Address::from_shared(url.shown())
            .and_then(|address| address.user_agent(concat!("orchq-metrics/", env!("CARGO_PKG_VERSION"))))
            .map_err(wrong)?;
        if url.scheme == "https" {
            address = address.tls_config(tls).map_err(wrong)?;
        }
        Ok(Self { endpoint: url.shown(), address, gzip: config.gzip, headers: headers(config)?, connection: None })
    }

    pub(super) fn send(&mut self, request: ExportMetricsServiceRequest, timeout: Duration) -> Answer {
        if self.connection.is_none() {
            match self.connect() {
                Ok(connection) => self.connection = Some(connection),
                Err(error) => return Answer::Later { after: None, why: format!("nothing can be sent: {error}") },
            }
        }
        let Some(Connection { client, runtime }) = &mut self.connection else {
            return Answer::Broken("there is no connection".to_owned());
        };
        let mut request = Request::new(request);
        // The collector may give up by itself then.
        request.set_timeout(timeout);
        for (key, value) in &self.headers {
            request.metadata_mut().insert(key.clone(), value.clone());
        }
        match runtime.block_on(async { tokio::time::timeout(timeout, client.export(request)).await }) {
            Ok(Ok(response)) => Answer::success(response.into_inner()),
            Ok(Err(status)) => answer(&status),
            Err(_) => Answer::Later { after: None, why: "no answer: timeout".to_owned() },
        }
    }

    fn connect(&self) -> io::Result<Connection> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let channel = {
            let _entered = runtime.enter();
            self.address.connect_lazy()
        };
        let mut client = MetricsServiceClient::new(channel).max_decoding_message_size(MAX_ANSWER);
        if self.gzip {
            client = client.send_compressed(CompressionEncoding::Gzip);
        }
        Ok(Connection { client, runtime })
    }
}

fn answer(status: &Status) -> Answer {
    // What the collector says has nothing under it: this comes from the connection.
    if status.source().is_some() {
        return Answer::Later { after: None, why: format!("no answer: {}", text(&cause(status))) };
    }
    let why = format!("answered {:?}: {}", status.code(), text(status.message()));
    // The library says this of an answer of success. It was accepted, and may be a partial success.
    if status.message().starts_with("Error, decoded message length too large") {
        return Answer::Refused(why);
    }
    let after = status.get_details_retry_info().and_then(|info| info.retry_delay);
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
    let mut under = status.source();
    while let Some(error) = under {
        let more = error.to_string();
        if !said.contains(&more) {
            said = format!("{said}: {more}");
        }
        under = error.source();
    }
    said
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
        assert_eq!(endpoint(Config::new("test").endpoint("http://c:4317/path")), "http://c:4317");
        assert_eq!(endpoint(Config::new("test")), "http://localhost:4317");
        let error = |config: Config| Grpc::new(&config).err().unwrap().to_string();
        assert_eq!(error(Config::new("test").header("x-bin", "a")), "header 1: its name is none that can be sent");
        let said = error(Config::new("test").endpoint("http://me:pw@c:4317"));
        assert_eq!(said, "endpoint: gRPC knows no user and password in a URL; send a header");
    }
}
