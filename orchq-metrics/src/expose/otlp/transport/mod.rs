//! One request to the collector, and its outcome.

mod common;
mod grpc;
mod http;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use tokio::task::JoinHandle;

use super::config::{Config, Protocol};
use super::error::StartError;
use crate::expose::push_stats::BatchOutcome;
use grpc::Grpc;
use http::Http;

/// The way to a collector.
pub(super) enum Transport {
    Http(Arc<Http>),
    Grpc(Box<Grpc>),
}

impl Transport {
    /// The configured way. It connects when something is sent.
    pub(super) fn new(config: &Config) -> Result<Self, StartError> {
        Ok(match config.protocol {
            Protocol::HttpProtobuf => Self::Http(Arc::new(Http::new(config)?)),
            Protocol::Grpc => Self::Grpc(Box::new(Grpc::new(config)?)),
        })
    }

    /// The endpoint, without a user and a password.
    pub(super) fn endpoint(&self) -> &str {
        match self {
            Self::Http(http) => &http.endpoint,
            Self::Grpc(grpc) => &grpc.endpoint,
        }
    }

    /// Sends a request in a task of its own, so that its caller may stop waiting for it. The HTTP client blocks and
    /// cannot be cancelled: it gets one of the runtime's threads, and returns when the timeout has passed.
    pub(super) fn send(&mut self, request: ExportMetricsServiceRequest, timeout: Duration) -> JoinHandle<BatchOutcome> {
        match self {
            Self::Http(http) => {
                let http = Arc::clone(http);
                tokio::task::spawn_blocking(move || http.send(&request, timeout))
            }
            Self::Grpc(grpc) => tokio::spawn(grpc.send(request, timeout)),
        }
    }

    /// Forgets a connection on which no answer came.
    pub(super) fn disconnect(&mut self) {
        if let Self::Grpc(grpc) = self {
            grpc.client = None;
        }
    }
}
