//! The queries of a file, as they are written.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::text::Text;

/// The values of each Grafana variable that lists its values, by its name.
pub(super) type Variables = Rc<BTreeMap<String, Vec<String>>>;

/// One expression, and what is around it.
#[derive(Debug)]
pub(super) struct Query {
    /// Where it is used, for messages: "alert `X` in group `Y`".
    pub(super) consumer: String,
    pub(super) expr: Text,
    pub(super) purpose: Purpose,
    /// A label whose values are queried.
    pub(super) wanted: Option<Text>,
    /// The texts that are filled in with labels of the result.
    pub(super) templates: Vec<Text>,
    /// The labels that the rule adds to the result of the expression.
    pub(super) labels: Vec<String>,
    /// The labels that the rule removes, by an empty value.
    pub(super) removed: Vec<String>,
    /// Grafana's variables, where the text is one of Grafana's.
    pub(super) variables: Option<Variables>,
    /// The bytes of the file in which a suppression applies to this query.
    pub(super) extent: Range<usize>,
}

/// What an expression is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Alert,
    Record(String),
    Panel,
    /// The values of a variable: what is selected matters, and not how it is calculated.
    Variable,
    /// All series whose names match.
    Names,
}

impl Query {
    pub(super) fn new(consumer: String, expr: Text, purpose: Purpose, extent: Range<usize>) -> Self {
        let (templates, labels, removed) = (Vec::new(), Vec::new(), Vec::new());
        Self { consumer, expr, purpose, wanted: None, templates, labels, removed, variables: None, extent }
    }

    /// The name of the series that it records.
    pub(super) fn records(&self) -> Option<&str> {
        match &self.purpose {
            Purpose::Record(name) => Some(name),
            _ => None,
        }
    }
}
