//! The settings of an exporter.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::status::Loss;

/// The protocol of requests: <https://opentelemetry.io/docs/specs/otlp/#protocol-details>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// Protobuf in the body of an HTTP/1.1 request, by default to port 4318.
    HttpProtobuf,
    /// gRPC, by default to port 4317.
    Grpc,
}

/// The target of requests.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Endpoint {
    /// The default of the protocol.
    Default,
    /// A collector's address; over HTTP, `/v1/metrics` is appended.
    Collector(String),
    /// The address for metrics, as it is.
    Metrics(String),
}

/// Certificates, as PEM.
#[derive(Clone, Default)]
pub(super) struct Tls {
    /// The roots to trust, instead of those of Mozilla.
    pub(super) roots: Option<Vec<u8>>,
    /// The client's own certificates and key.
    pub(super) client: Option<(Vec<u8>, Vec<u8>)>,
}

type OnLoss = Arc<dyn Fn(&Loss) + Send + Sync>;

/// The settings of an [`Exporter`](super::Exporter): the endpoint, the protocol, the times and the resource.
///
/// The environment overrides what the program sets if [`with_env`](Self::with_env) comes last:
///
/// ```
/// use orchq_metrics::otlp::Config;
///
/// let config = Config::new("orchqueue")
///     .resource("service.version", env!("CARGO_PKG_VERSION"))
///     .with_env()?;
/// # Ok::<(), orchq_metrics::otlp::StartError>(())
/// ```
#[derive(Clone)]
#[must_use = "settings do nothing until an exporter starts with them"]
pub struct Config {
    pub(super) enabled: bool,
    pub(super) protocol: Protocol,
    pub(super) endpoint: Endpoint,
    /// Whether a gRPC endpoint without a scheme is reached without TLS.
    pub(super) insecure: bool,
    pub(super) headers: Vec<(String, String)>,
    pub(super) gzip: bool,
    pub(super) timeout: Duration,
    pub(super) interval: Duration,
    pub(super) export_timeout: Duration,
    pub(super) first_backoff: Duration,
    pub(super) max_backoff: Duration,
    pub(super) max_request_bytes: usize,
    pub(super) resource: BTreeMap<String, String>,
    pub(super) tls: Tls,
    pub(super) on_loss: Option<OnLoss>,
}

/// The settings whose value is stored as it is.
macro_rules! settings {
    ($($(#[$doc:meta])* $setting:ident: $type:ty;)*) => {
        impl Config {
            $($(#[$doc])* pub fn $setting(mut self, $setting: $type) -> Self {
                self.$setting = $setting;
                self
            })*
        }
    };
}

settings! {
    /// Whether anything is pushed.
    enabled: bool;
    /// The protocol, by default protobuf over HTTP.
    protocol: Protocol;
    /// Whether requests are compressed with gzip.
    gzip: bool;
    /// The limit of one request.
    timeout: Duration;
    /// The time from one push to the next.
    interval: Duration;
    /// The limit of a push at an interval, with its retries.
    export_timeout: Duration;
}

impl Config {
    /// The defaults of the OpenTelemetry specification, for a service of this name: protobuf over HTTP to
    /// `http://localhost:4318/v1/metrics`, not compressed, once a minute, ten seconds for a request and thirty for a
    /// push with its retries.
    ///
    /// The resource has `service.name`, a random `service.instance.id`, by which Prometheus distinguishes two instances
    /// on one machine, and `telemetry.sdk.*`.
    pub fn new(service_name: impl Into<String>) -> Self {
        let resource = [
            ("service.name", service_name.into()),
            ("service.instance.id", uuid::Uuid::new_v4().to_string()),
            ("telemetry.sdk.name", env!("CARGO_PKG_NAME").to_owned()),
            ("telemetry.sdk.language", "rust".to_owned()),
            ("telemetry.sdk.version", env!("CARGO_PKG_VERSION").to_owned()),
        ];
        Self {
            enabled: true,
            protocol: Protocol::HttpProtobuf,
            endpoint: Endpoint::Default,
            insecure: false,
            headers: Vec::new(),
            gzip: false,
            timeout: Duration::from_secs(10),
            interval: Duration::from_secs(60),
            export_timeout: Duration::from_secs(30),
            first_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(16),
            // By default, collectors reject gRPC messages of more than 4 MiB.
            max_request_bytes: 3 << 20,
            resource: resource.map(|(key, value)| (key.to_owned(), value)).into(),
            tls: Tls::default(),
            on_loss: None,
        }
    }

    /// The collector: `http://collector:4318` for HTTP, to which `/v1/metrics` is appended, or `http://collector:4317`
    /// for gRPC. Only HTTP can send a user and a password. They and a query are never shown; the rest is a label in the
    /// scrape, so do not put a secret into the path.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Endpoint::Collector(url.into());
        self
    }

    /// A header of every request, such as a token. It replaces one of the same name, and is never shown.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        self.headers.push((name, value.into()));
        self
    }

    /// The root certificates to trust, as PEM, instead of those of Mozilla.
    pub fn certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.roots = Some(pem.into());
        self
    }

    /// The client's own certificate with its chain, and its key, as PEM.
    pub fn client_certificate(mut self, chain: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        self.tls.client = Some((chain.into(), key.into()));
        self
    }

    /// The delay before the first retry, which doubles with each further one, and the longest. Each is shortened by a
    /// random part of up to half, so that a fleet does not retry all at once. A longer delay that the collector
    /// requests is kept.
    pub fn backoff(mut self, first: Duration, max: Duration) -> Self {
        (self.first_backoff, self.max_backoff) = (first, max);
        self
    }

    /// The longest request before compression, in bytes; what does not fit goes into a further one. At least 4 KiB.
    pub fn max_request_bytes(mut self, bytes: usize) -> Self {
        self.max_request_bytes = bytes.max(4 << 10);
        self
    }

    /// An attribute of the resource, such as `service.version` or `service.namespace`.
    pub fn resource(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.resource.insert(key.into(), value.into());
        self
    }

    /// A function to call for each loss, such as to log it. The exporter's own thread calls it, so it must not wait for
    /// the exporter. A panic in it is ignored.
    pub fn on_loss(mut self, call: impl Fn(&Loss) + Send + Sync + 'static) -> Self {
        self.on_loss = Some(Arc::new(call));
        self
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("enabled", &self.enabled)
            .field("protocol", &self.protocol)
            .field("headers", &self.headers.len())
            .field("gzip", &self.gzip)
            .field("timeout", &self.timeout)
            .field("interval", &self.interval)
            .field("export_timeout", &self.export_timeout)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}
