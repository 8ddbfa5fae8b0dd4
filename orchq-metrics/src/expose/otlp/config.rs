//! Where metrics are pushed to, how, and as whom.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::env;
use super::error::ConfigError;
use super::status::Loss;

/// How requests travel: <https://opentelemetry.io/docs/specs/otlp/#protocol-details>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// Protobuf in the body of an HTTP/1.1 request, by default to port 4318.
    HttpProtobuf,
    /// gRPC, by default to port 4317.
    Grpc,
}

/// Where requests go.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Endpoint {
    /// The default of the protocol.
    Default,
    /// A collector's address; over HTTP, `v1/metrics` is looked for below it.
    Collector(String),
    /// The address for metrics, as it is.
    Metrics(String),
}

/// Certificates, as PEM.
#[derive(Clone, Default)]
pub(super) struct Tls {
    /// Whom to trust, instead of the roots of Mozilla.
    pub(super) roots: Option<Vec<u8>>,
    /// The client's own certificates and key.
    pub(super) client: Option<(Vec<u8>, Vec<u8>)>,
}

type OnLoss = Arc<dyn Fn(&Loss) + Send + Sync>;

/// Where an [`Exporter`](super::Exporter) pushes to, how, and as whom.
///
/// What the program sets holds where the environment says nothing, so [`with_env`](Self::with_env) comes last:
///
/// ```
/// use orchq_metrics::otlp::Config;
///
/// let config = Config::new("orchqueue")
///     .resource("service.version", env!("CARGO_PKG_VERSION"))
///     .with_env()?;
/// # Ok::<(), orchq_metrics::otlp::ConfigError>(())
/// ```
#[derive(Clone)]
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
    pub(super) greatest_backoff: Duration,
    pub(super) max_request_bytes: usize,
    pub(super) resource: BTreeMap<String, String>,
    pub(super) tls: Tls,
    pub(super) on_loss: Option<OnLoss>,
}

impl Config {
    /// The defaults of the OpenTelemetry specification, for a service of this name: protobuf over HTTP to
    /// `http://localhost:4318/v1/metrics`, not packed, once a minute, ten seconds for a request and thirty for a push
    /// with its retries.
    ///
    /// The resource has `service.name`, a random `service.instance.id`, which tells two instances on one machine apart
    /// in Prometheus, and `telemetry.sdk.*`.
    #[must_use]
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
            greatest_backoff: Duration::from_secs(16),
            // Collectors refuse what is longer than 4 MiB over gRPC, if nobody has told them otherwise.
            max_request_bytes: 3 << 20,
            resource: resource.map(|(key, value)| (key.to_owned(), value)).into(),
            tls: Tls::default(),
            on_loss: None,
        }
    }

    /// Takes over what the environment says. A variable that is empty counts as not set, and one for metrics,
    /// `OTEL_EXPORTER_OTLP_METRICS_*`, comes before the one for all signals:
    ///
    /// | variable | what it is | default |
    /// | --- | --- | --- |
    /// | `OTEL_SDK_DISABLED` | `true`: nothing is pushed | `false` |
    /// | `OTEL_METRICS_EXPORTER` | without `otlp` in the list, nothing is pushed | `otlp` |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_PROTOCOL` | `http/protobuf` or `grpc` | `http/protobuf` |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_ENDPOINT` | a URL; over HTTP, the one for all signals is completed by `/v1/metrics` | see [`Protocol`] |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_INSECURE` | whether gRPC to an endpoint without a scheme goes without TLS | `false` |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_HEADERS` | `key=value,key=value`, values percent-encoded | none |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_COMPRESSION` | `gzip` or `none` | `none` |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_TIMEOUT` | milliseconds for one request; 0 is no limit | 10000 |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_CERTIFICATE` | PEM file of whom to trust, instead of Mozilla's roots | none |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_CLIENT_CERTIFICATE`, `_CLIENT_KEY` | PEM files to be known by | none |
    /// | `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` | `cumulative`; others are refused | `cumulative` |
    /// | `OTEL_METRIC_EXPORT_INTERVAL` | milliseconds from one push to the next | 60000 |
    /// | `OTEL_METRIC_EXPORT_TIMEOUT` | milliseconds for a push with its retries; 0 is no limit | 30000 |
    /// | `OTEL_SERVICE_NAME` | `service.name` | that of the program |
    /// | `OTEL_RESOURCE_ATTRIBUTES` | `key=value,key=value`, percent-encoded | none |
    ///
    /// Source: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/> and
    /// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>. `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` hold
    /// for HTTP and not for gRPC.
    ///
    /// # Errors
    ///
    /// When a variable cannot be understood, or a file that it names cannot be read, unless nothing is to be pushed. The
    /// specification would have a warning and the default in its place; a library that prints nothing has nowhere to
    /// put the warning.
    pub fn with_env(self) -> Result<Self, ConfigError> {
        env::apply(self, &|name| std::env::var_os(name))
    }

    /// Whether anything is pushed; for a switch of the program's own.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// How requests travel.
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// The collector: `http://collector:4318` for HTTP, which is completed by `/v1/metrics`, or `http://collector:4317`
    /// for gRPC. A user and a password in it are sent over HTTP alone; they and a query are shown nowhere, while the rest
    /// is a label in the scrape, so that a secret in the path is none.
    #[must_use]
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Endpoint::Collector(url.into());
        self
    }

    /// A header of every request, such as a token, in the place of one of the same name. They are shown nowhere.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        self.headers.push((name, value.into()));
        self
    }

    /// Whom to trust, as PEM, instead of the roots of Mozilla.
    #[must_use]
    pub fn certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.roots = Some(pem.into());
        self
    }

    /// The client's own certificate, with those that vouch for it, and its key, as PEM.
    #[must_use]
    pub fn client_certificate(mut self, chain: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        self.tls.client = Some((chain.into(), key.into()));
        self
    }

    /// Whether requests are packed with gzip.
    #[must_use]
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// The time that one request may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The time from one push to the next.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The time that a push may take, with its retries.
    #[must_use]
    pub fn export_timeout(mut self, timeout: Duration) -> Self {
        self.export_timeout = timeout;
        self
    }

    /// The pause before the first retry, which doubles with each further one, and the longest. Up to half of it is
    /// taken off by chance, so that a fleet does not come back all at once. A pause that the collector asks for is kept
    /// where it is longer.
    #[must_use]
    pub fn backoff(mut self, first: Duration, greatest: Duration) -> Self {
        (self.first_backoff, self.greatest_backoff) = (first, greatest);
        self
    }

    /// How long a request may get before it is packed, in bytes; what does not fit goes into a further one. At least
    /// 4 KiB.
    #[must_use]
    pub fn max_request_bytes(mut self, bytes: usize) -> Self {
        self.max_request_bytes = bytes.max(4 << 10);
        self
    }

    /// An attribute of the resource: what the metrics are from, such as `service.version` or `service.namespace`.
    #[must_use]
    pub fn resource(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.resource.insert(key.into(), value.into());
        self
    }

    /// What to call for everything that is lost, to log it, say. It is called on the exporter's own thread, so that it
    /// must not wait for the exporter, and a panic in it is swallowed.
    #[must_use]
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
