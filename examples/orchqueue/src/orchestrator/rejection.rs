//! Rejections, and their count.

use orchq_metrics::emits;
use orchq_metrics::v1::{Engine, RejectReason, tasks_rejected_total};

/// A task that was not admitted.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// The contract's reason.
    pub reason: RejectReason,
    /// What was wrong, and what to do about it.
    pub message: String,
}

impl Rejection {
    pub(super) fn new(reason: RejectReason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

#[emits(tasks_rejected_total)]
pub(super) fn count_rejection(reason: RejectReason, engine: Engine) {
    tasks_rejected_total { reason, engine }.inc();
}
