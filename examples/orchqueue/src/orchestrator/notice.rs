//! What an operator should hear of.

use std::fmt;
use std::sync::Arc;

/// Something about a replica that an operator should hear of. Each is told once, when it begins or ends, but for tasks that fail.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The replica's name.
    pub replica: Arc<str>,
    /// What happened.
    pub what: What,
}

/// What can happen to a replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Its engine does not answer, or not rightly, so that it takes no tasks yet. It is tried again.
    NotUp(String),
    /// Its engine told its version and answered a first prompt: it takes tasks.
    Up,
    /// Its engine says that it is something else, which the labels now have: the version, or the model.
    Changed(String),
    /// Its metrics page cannot be read.
    Blind(String),
    /// Its metrics page has nothing of the engine's own metrics, or nothing of the models that are to count.
    Foreign,
    /// Its metrics page can be read again.
    Seeing,
    /// Its engine is gone: it takes no tasks until it answers.
    Down(String),
    /// A task failed. Its client is told as much without addresses.
    TaskFailed(String),
    /// It answers again, and takes tasks.
    Back,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { replica, what } = self;
        write!(f, "replica {replica}: ")?;
        match what {
            What::NotUp(why) => write!(f, "takes no tasks yet, and is tried again: {why}"),
            What::Up => f.write_str("takes tasks"),
            What::Changed(what) => write!(f, "{what}; the series of what was before are gone"),
            What::Blind(why) => write!(f, "its own metrics are not recorded: {why}"),
            What::Foreign => f.write_str(
                "its metrics page has nothing of its engine, or of the models that count; check metrics_url and \
                 metric_models",
            ),
            What::Seeing => f.write_str("its own metrics are recorded again"),
            What::Down(why) => write!(f, "takes no more tasks until it answers: {why}"),
            What::TaskFailed(why) => write!(f, "a task failed: {why}"),
            What::Back => f.write_str("answers again, and takes tasks"),
        }
    }
}

/// Who is told.
pub type Tell = Arc<dyn Fn(&Notice) + Send + Sync>;
