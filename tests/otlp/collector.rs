//! A collector in this process: the server that the protocol's crate generates, with orders how to behave.

use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use prost::Message as _;
use tonic::codec::CompressionEncoding;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Server, ServerTlsConfig};
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The time limit for every wait of a test. Only a failing test waits this long.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// A socket that listens, on a port that no other test of this process had: the statistics of pushes are kept by
/// endpoint until the process ends. The port stays taken as long as a clone of the socket lives.
pub(super) fn listener() -> TcpListener {
    static USED: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        if USED.lock().unwrap().insert(listener.local_addr().unwrap().port()) {
            return listener;
        }
    }
}

/// How one request is answered.
#[derive(Clone, Debug)]
pub(super) enum Behavior {
    Accept,
    /// Rejects this many points, with a reason.
    Partial(i64, &'static str),
    /// Answers this status, with this `Retry-After`, and this text.
    Refuse(StatusCode, Option<&'static str>, &'static str),
    /// The same, over gRPC.
    Fail(Code, Option<Duration>, &'static str),
    /// Answers with success and this instead of an answer.
    Garbage(&'static str, &'static [u8]),
    /// Never answers.
    Hang,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) request: ExportMetricsServiceRequest,
    /// The headers, as text, by their names.
    pub(super) headers: Vec<(String, String)>,
    pub(super) at: Instant,
    pub(super) bytes: usize,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct State {
    script: Mutex<VecDeque<Behavior>>,
    received: Mutex<Vec<Received>>,
    came: Condvar,
}

/// A collector that listens until it is dropped. HTTP and gRPC are served on the same port.
pub(super) struct Collector {
    pub(super) address: SocketAddr,
    state: Arc<State>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Collector {
    /// A collector that behaves so, once for each request, and accepts all that comes later.
    pub(super) fn new(script: impl IntoIterator<Item = Behavior>) -> Self {
        Self::start(listener(), None, script)
    }

    pub(super) fn with_tls(tls: ServerTlsConfig) -> Self {
        Self::start(listener(), Some(tls), [])
    }

    /// A collector that serves what comes to this socket.
    pub(super) fn on(listener: TcpListener) -> Self {
        Self::start(listener, None, [])
    }

    fn start(listener: TcpListener, tls: Option<ServerTlsConfig>, script: impl IntoIterator<Item = Behavior>) -> Self {
        let state = Arc::new(State { script: Mutex::new(script.into_iter().collect()), ..State::default() });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        listener.set_nonblocking(true).unwrap();
        let incoming = {
            let _entered = runtime.enter();
            TcpIncoming::from(tokio::net::TcpListener::from_std(listener).unwrap())
        };
        let address = incoming.local_addr().unwrap();
        let service = MetricsServiceServer::new(Service(Arc::clone(&state)))
            .accept_compressed(CompressionEncoding::Gzip)
            .max_decoding_message_size(64 << 20);
        let http = Arc::new(Service(Arc::clone(&state)));
        let take = move |headers: HeaderMap, body: Bytes| {
            let http = Arc::clone(&http);
            async move { http.over_http(headers, body).await }
        };
        let router = Routes::new(service).into_axum_router().route("/v1/metrics", post(take));
        let router = router.layer(axum::extract::DefaultBodyLimit::disable());
        let mut server = Server::builder().accept_http1(true);
        if let Some(tls) = tls {
            server = server.tls_config(tls).unwrap();
        }
        let router = server.add_routes(Routes::from(router));
        runtime.spawn(router.serve_with_incoming(incoming));
        Self { address, state, runtime: Some(runtime) }
    }

    /// The received requests, once there are this many.
    pub(super) fn received(&self, count: usize) -> Vec<Received> {
        let received = self.state.received.lock().unwrap();
        let (received, _) =
            self.state.came.wait_timeout_while(received, LIMIT, |received| received.len() < count).unwrap();
        assert!(received.len() >= count, "{} requests came, not {count}", received.len());
        received.clone()
    }

    pub(super) fn count(&self) -> usize {
        self.state.received.lock().unwrap().len()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // Answers that hang are dropped, and the port is free then.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(LIMIT);
        }
    }
}

struct Service(Arc<State>);

impl Service {
    fn take(&self, request: ExportMetricsServiceRequest, headers: Vec<(String, String)>, bytes: usize) -> Behavior {
        let behavior = self.0.script.lock().unwrap().pop_front().unwrap_or(Behavior::Accept);
        self.0.received.lock().unwrap().push(Received { request, headers, at: Instant::now(), bytes });
        self.0.came.notify_all();
        behavior
    }

    async fn over_http(&self, headers: HeaderMap, body: Bytes) -> Result<Response, Infallible> {
        let text = |(name, value): (&HeaderName, &header::HeaderValue)| {
            (name.to_string(), value.to_str().unwrap_or("?").to_owned())
        };
        let headers: Vec<_> = headers.iter().map(text).collect();
        let bytes = body.len();
        let packed = headers.iter().any(|(name, value)| name == "content-encoding" && value == "gzip");
        let body = if packed { unpacked(&body) } else { body.to_vec() };
        let Ok(request) = ExportMetricsServiceRequest::decode(body.as_slice()) else {
            return Ok((StatusCode::BAD_REQUEST, "no request of the protocol").into_response());
        };
        let protobuf = || [(header::CONTENT_TYPE, "application/x-protobuf")];
        let success = |answer: ExportMetricsServiceResponse| (protobuf(), answer.encode_to_vec()).into_response();
        Ok(match self.take(request, headers, bytes) {
            Behavior::Accept => success(ExportMetricsServiceResponse::default()),
            Behavior::Partial(points, why) => success(partial(points, why)),
            Behavior::Refuse(status, after, text) => {
                let error = tonic_types::Status { message: text.to_owned(), ..Default::default() };
                let mut response = (status, protobuf(), error.encode_to_vec()).into_response();
                if let Some(after) = after {
                    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static(after));
                }
                response
            }
            Behavior::Garbage(content_type, body) => ([(header::CONTENT_TYPE, content_type)], body).into_response(),
            Behavior::Hang => std::future::pending().await,
            Behavior::Fail(..) => panic!("that is for gRPC"),
        })
    }
}

fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(body), &mut unpacked).unwrap();
    unpacked
}

fn partial(points: i64, why: &str) -> ExportMetricsServiceResponse {
    let partial = ExportMetricsPartialSuccess { rejected_data_points: points, error_message: why.to_owned() };
    ExportMetricsServiceResponse { partial_success: Some(partial) }
}

#[tonic::async_trait]
impl MetricsService for Service {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<tonic::Response<ExportMetricsServiceResponse>, Status> {
        let headers = request.metadata().clone().into_headers();
        let text = |(name, value): (&HeaderName, &header::HeaderValue)| {
            (name.to_string(), value.to_str().unwrap_or("?").to_owned())
        };
        let headers = headers.iter().map(text).collect();
        let request = request.into_inner();
        let bytes = request.encoded_len();
        match self.take(request, headers, bytes) {
            Behavior::Accept => Ok(tonic::Response::new(ExportMetricsServiceResponse::default())),
            Behavior::Partial(points, why) => Ok(tonic::Response::new(partial(points, why))),
            Behavior::Fail(code, after, text) => {
                let details = match after {
                    Some(after) => ErrorDetails::with_retry_info(Some(after)),
                    None => ErrorDetails::new(),
                };
                Err(Status::with_error_details(code, text, details))
            }
            Behavior::Hang => std::future::pending().await,
            Behavior::Refuse(..) | Behavior::Garbage(..) => panic!("that is for HTTP"),
        }
    }
}
