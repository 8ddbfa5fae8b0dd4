//! The selectors and aggregations of queries.

use crate::declare::label::is_label_name;
use crate::tools::promql::{literal, regex_escaped};

/// Which series are selected in every query.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Matchers of every selector: the jobs, and the user's.
    matchers: Vec<String>,
    /// How long ago a series may have ended.
    window: Option<String>,
    /// A vector of the instances whose series are excluded.
    pub(super) without: Option<String>,
}

impl Scope {
    pub(super) fn new(jobs: &[String], selector: Option<&str>, window: Option<&str>) -> Self {
        let jobs = (!jobs.is_empty()).then(|| one_of("job", jobs));
        let selector = selector.filter(|selector| !selector.is_empty());
        let matchers = jobs.into_iter().chain(selector.map(str::to_owned)).collect();
        Self { matchers, window: window.map(str::to_owned), without: None }
    }

    /// A selector of these names and matchers.
    pub(super) fn selector(&self, names: &[String], matchers: &[String]) -> String {
        let name = match names {
            [name] => equal("__name__", name),
            names => one_of("__name__", names),
        };
        let all: Vec<_> = [name].into_iter().chain(self.matchers.iter().chain(matchers).cloned()).collect();
        format!("{{{}}}", all.join(","))
    }

    /// A selector of targets by their labels; `None` for all.
    pub(super) fn targets(&self) -> Option<String> {
        (!self.matchers.is_empty()).then(|| format!("{{{}}}", self.matchers.join(",")))
    }

    /// The series of these names and matchers, of all instances.
    pub(super) fn everywhere(&self, names: &[String], matchers: &[String]) -> String {
        let selector = self.selector(names, matchers);
        match &self.window {
            // It keeps the names, and series that became stale within the window.
            Some(window) => format!("last_over_time({selector}[{window}])"),
            None => selector,
        }
    }

    /// A vector without the excluded instances.
    pub(super) fn kept(&self, vector: String) -> String {
        match &self.without {
            Some(instances) => format!("({vector} unless on (job, instance) {instances})"),
            None => vector,
        }
    }

    /// The series of these names and matchers, without the excluded instances.
    pub(super) fn series(&self, names: &[String], matchers: &[String]) -> String {
        self.kept(self.everywhere(names, matchers))
    }
}

pub(super) fn count_by(labels: &str, vector: &str) -> String {
    format!("count by ({labels}) ({vector})")
}

/// The greatest values of each group.
pub(super) fn top_by(labels: &str, most: usize, vector: &str) -> String {
    format!("topk by ({labels}) ({most}, {vector})")
}

pub(super) fn equal(label: &str, value: &str) -> String {
    format!("{}={}", name(label), literal(value))
}

pub(super) fn differs(label: &str, value: &str) -> String {
    format!("{}!={}", name(label), literal(value))
}

pub(super) fn one_of<T: AsRef<str>>(label: &str, values: &[T]) -> String {
    format!("{}=~{}", name(label), alternatives(values))
}

pub(super) fn none_of<T: AsRef<str>>(label: &str, values: &[T]) -> String {
    format!("{}!~{}", name(label), alternatives(values))
}

/// A label's name, in quotes if only Prometheus 3 accepts it.
pub(super) fn name(label: &str) -> String {
    if is_label_name(label) { label.to_owned() } else { literal(label) }
}

/// Values as a pattern, which is anchored at both ends.
fn alternatives<T: AsRef<str>>(values: &[T]) -> String {
    literal(&values.iter().map(|value| regex_escaped(value.as_ref())).collect::<Vec<_>>().join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn user_matchers_are_in_every_selector() {
        let scope = Scope::new(&owned(&["a.b", "c\"d"]), Some("env=\"prod\""), Some("10m"));
        assert_eq!(
            scope.series(&owned(&["queue_depth"]), &[differs("x", "")]),
            r#"last_over_time({__name__="queue_depth",job=~"a\\.b|c\"d",env="prod",x!=""}[10m])"#
        );
        assert_eq!(Scope::default().series(&owned(&["a", "b"]), &[]), r#"{__name__=~"a|b"}"#);
        let without = Scope { without: Some("x".to_owned()), ..Scope::default() };
        assert_eq!(without.series(&owned(&["a"]), &[]), r#"({__name__="a"} unless on (job, instance) x)"#);
        assert_eq!(without.everywhere(&owned(&["a"]), &[]), r#"{__name__="a"}"#);
    }

    #[test]
    fn every_selector_can_be_read_again() {
        for value in ["\\", "\"", "é\n", "a|b", "(", "{{x}}", "$^", ""] {
            for matcher in [equal("l", value), differs("l", value), one_of("l", &[value]), none_of("l", &["x", value])]
            {
                assert_eq!(
                    crate::tools::promql::matchers(&format!("{{{matcher}}}")),
                    Ok(matcher.as_str()),
                    "{value:?}"
                );
            }
        }
        assert_eq!(differs("http.status", ""), "\"http.status\"!=\"\"");
    }
}
