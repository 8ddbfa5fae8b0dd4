//! The one form that every error has.

use std::fmt::Display;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use orchq_metrics::v1::RejectReason;
use serde_json::json;

use crate::orchestrator::{CancelError, Rejection};
use crate::task::TaskId;

/// An error as the client sees it.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    reason: &'static str,
    message: String,
    /// The same request may do better in a moment.
    transient: bool,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, reason: &'static str, message: String) -> Self {
        Self { status, reason, message, transient: false }
    }

    pub(super) fn unknown_task(id: impl Display) -> Self {
        let message = format!("there is no task `{id}`, or it ended too long ago to be remembered");
        Self::new(StatusCode::NOT_FOUND, "TASK_UNKNOWN", message)
    }

    pub(super) fn from_cancel(error: CancelError, id: TaskId) -> Self {
        match error {
            CancelError::Unknown => Self::unknown_task(id),
            CancelError::Ended => {
                let message = format!("task `{id}` has ended; there is nothing to cancel");
                Self::new(StatusCode::CONFLICT, "TASK_ENDED", message)
            }
        }
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl From<Rejection> for ApiError {
    fn from(Rejection { reason, message }: Rejection) -> Self {
        let status = match reason {
            RejectReason::InvalidParams => StatusCode::BAD_REQUEST,
            RejectReason::PoolUnavailable => StatusCode::NOT_FOUND,
            RejectReason::AdmissionReject | RejectReason::QueueFullDropLru => StatusCode::TOO_MANY_REQUESTS,
            RejectReason::PoolUnready | RejectReason::ReplicaExhausted => StatusCode::SERVICE_UNAVAILABLE,
        };
        let transient = !matches!(
            reason,
            // What the client requests does not exist, or is larger than any replica: waiting does not help.
            RejectReason::InvalidParams | RejectReason::PoolUnavailable | RejectReason::ReplicaExhausted
        );
        Self { status, reason: reason.as_str(), message, transient }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": { "reason": self.reason, "message": self.message } }));
        let mut response = (self.status, body).into_response();
        if self.transient {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
