//! Notices for the operator.

use std::fmt;
use std::sync::Arc;

/// An event of a replica that the operator should know. Each is reported once when it begins or ends, a failed task
/// each time.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The replica's name.
    pub replica: Arc<str>,
    /// What happened.
    pub event: ReplicaEvent,
}

/// What can happen to a replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplicaEvent {
    /// Its engine does not answer, or answers wrongly: it takes no tasks yet, and the queue tries again.
    NotReady(String),
    /// Its engine reported its version and answered a first prompt: it takes tasks.
    Ready,
    /// Its engine reports another version or model, which the labels now have.
    Changed(String),
    /// Its metrics page cannot be read.
    MetricsUnreadable(String),
    /// Its metrics page has none of the engine's metrics, or none of the models that count.
    MetricsForeign,
    /// Its metrics page can be read again.
    MetricsReadable,
    /// Its engine no longer answers: it takes no tasks until the engine does.
    Down(String),
    /// A task failed. Its client gets the same message without addresses.
    TaskFailed(String),
    /// It answers again, and takes tasks.
    Back,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { replica, event } = self;
        write!(f, "replica {replica}: ")?;
        match event {
            ReplicaEvent::NotReady(why) => write!(f, "takes no tasks yet; the queue tries again: {why}"),
            ReplicaEvent::Ready => f.write_str("takes tasks"),
            ReplicaEvent::Changed(what) => write!(f, "{what}; the series with the previous labels are removed"),
            ReplicaEvent::MetricsUnreadable(why) => write!(f, "its own metrics are not recorded: {why}"),
            ReplicaEvent::MetricsForeign => f.write_str(
                "its metrics page has no metrics of its engine, or none of the models that count; check metrics_url and \
                 metric_models",
            ),
            ReplicaEvent::MetricsReadable => f.write_str("its own metrics are recorded again"),
            ReplicaEvent::Down(why) => write!(f, "takes no more tasks until it answers: {why}"),
            ReplicaEvent::TaskFailed(why) => write!(f, "a task failed: {why}"),
            ReplicaEvent::Back => f.write_str("answers again, and takes tasks"),
        }
    }
}

/// Receives the notices.
pub type OnNotice = Arc<dyn Fn(&Notice) + Send + Sync>;
