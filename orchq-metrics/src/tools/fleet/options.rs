//! What is checked.

use std::time::Duration;

use super::promql::Scope;
use super::violation::{Kind, Violation};
use crate::declare::argument::ArgumentError;
use crate::tools::promql;

/// Which part of a fleet is checked, and which labels its scrapes add.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct FleetOptions {
    /// The jobs to check, each of which must exist; without any, all jobs with the contract's names.
    pub jobs: Vec<String>,
    /// Labels that a scrape or a server adds, besides `job`, `instance` and those of `up` in the same job.
    pub target_labels: Vec<String>,
    /// The time to check, in seconds since 1970; without it, the server's current time.
    pub at: Option<f64>,
    pub(super) selector: Option<String>,
    pub(super) window: Option<(String, Duration)>,
}

impl FleetOptions {
    /// Checks only what a selector such as `{env="prod"}` selects. `up` must have its labels too.
    ///
    /// # Errors
    ///
    /// When it is not a selector, or has a name.
    pub fn selector(mut self, selector: &str) -> Result<Self, ArgumentError> {
        let wrong = |error| ArgumentError::new(format!("`{selector}` is not a selector: {error}"));
        self.selector = Some(promql::matchers(selector).map_err(wrong)?.to_owned());
        Ok(self)
    }

    /// Checks everything within a window such as `10m`, and not only the current series.
    ///
    /// # Errors
    ///
    /// When it is not a duration of PromQL.
    pub fn window(mut self, window: &str) -> Result<Self, ArgumentError> {
        let parsed = promql_parser::util::parse_duration(window);
        // Prometheus before 3.0 requires a unit.
        let has_unit = window.len() < 100 && window.ends_with(|last: char| last.is_ascii_alphabetic());
        let parsed = parsed.ok().filter(|duration| !duration.is_zero() && has_unit);
        let message = || format!("`{window}` is not a duration; expected for example 10m or 1h30m");
        self.window = Some((window.to_owned(), parsed.ok_or_else(|| ArgumentError::new(message()))?));
        Ok(self)
    }

    pub(super) fn scope(&self) -> Scope {
        let window = self.window.as_ref().map(|(window, _)| window.as_str());
        Scope::new(&self.jobs, self.selector.as_deref(), window)
    }

    pub(super) fn window_seconds(&self) -> f64 {
        self.window.as_ref().map_or(0.0, |(_, duration)| duration.as_secs_f64())
    }

    pub(super) fn is_target_label(&self, violation: &Violation) -> bool {
        let is_added =
            |label: &String| matches!(label.as_str(), "job" | "instance") || self.target_labels.contains(label);
        matches!(&violation.kind, Kind::LabelUnknown { label } if is_added(label))
    }
}
