//! The data that the rules of a sample read.

use std::borrow::Cow;
use std::ops::Range;

use super::expectations::Expectation;
use super::families::Family;
use super::labels::{LabelSet, Labels};
use crate::report::finding::{Finding, Location, Rule};
use crate::tools::scrape::event::Sample;
use crate::tools::scrape::{FamilyType, Format};

/// A line of a source, to show where a finding is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) source: &'a str,
    pub(super) number: usize,
    pub(super) text: &'a str,
}

impl Line<'_> {
    pub(super) fn at(&self, span: Range<usize>) -> Location {
        Location::new(self.source, self.number, self.text, span)
    }
}

pub(super) struct Context<'a> {
    pub(super) line: Line<'a>,
    pub(super) sample: &'a Sample<'a>,
    pub(super) family: &'a Family,
    pub(super) family_type: FamilyType,
    /// The end of the sample's name, after the family's.
    pub(super) suffix: &'static str,
    pub(super) expectation: Option<&'a Expectation<'a>>,
    pub(super) set: LabelSet,
    pub(super) labels: &'a Labels,
}

impl Context<'_> {
    /// A finding about the metric, or else the family.
    pub(super) fn at(&self, span: Range<usize>, rule: &Rule, message: impl Into<String>) -> Finding {
        let subject = match self.expectation {
            Some(expectation) => expectation.metric.name.clone(),
            None => self.family.full_name(),
        };
        rule.finding(subject, message).at(self.line.at(span))
    }

    pub(super) fn at_name(&self, rule: &Rule, message: impl Into<String>) -> Finding {
        self.at(self.sample.name.span(), rule, message)
    }

    pub(super) fn at_value(&self, rule: &Rule, message: impl Into<String>) -> Finding {
        self.at(self.sample.value.text.span(), rule, message)
    }

    /// A finding at the value of the label with an index.
    pub(super) fn at_label(&self, index: usize, rule: &Rule, message: impl Into<String>) -> Finding {
        let label = self.sample.labels.iter().nth(index);
        self.at(label.map_or_else(|| self.sample.name.span(), |label| label.value.span()), rule, message)
    }

    /// The value of the label of this name, unless it is empty.
    pub(super) fn value_of(&self, name: &str) -> Option<Cow<'_, str>> {
        let value = self.sample.labels.get(name)?;
        Some(value.unescaped()).filter(|value| !value.is_empty())
    }

    pub(super) fn is_openmetrics(&self) -> bool {
        self.family.format == Format::OpenMetrics
    }
}
