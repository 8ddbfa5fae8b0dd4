//! Which labels the series of a result have.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::report::nearest::did_you_mean;
use crate::tools::rules::variables::is_variable;

/// Whether series have a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Impossible,
    Possible,
    Guaranteed,
}

/// Why no series has a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The metric of this name has never had it.
    NotOf(String),
    /// Something in the expression removes it: "`sum by (engine)` drops it".
    Lost(String),
}

#[derive(Clone, Debug)]
struct Fact {
    presence: Presence,
    why: Option<Rc<Why>>,
    /// The metric that the label's values come from.
    of: Option<Rc<str>>,
}

/// What is known of the labels of a result.
#[derive(Clone, Debug)]
pub(crate) struct LabelSet {
    named: BTreeMap<String, Fact>,
    others: Fact,
}

impl Fact {
    fn new(presence: Presence) -> Self {
        Self { presence, why: None, of: None }
    }

    fn impossible(why: Why) -> Self {
        Self { why: Some(Rc::new(why)), ..Self::new(Presence::Impossible) }
    }

    /// The same label on a series of either of two results.
    fn or(&self, other: &Self) -> Self {
        let presence = if self.presence == other.presence { self.presence } else { Presence::Possible };
        let why = self.why.clone().filter(|_| presence == Presence::Impossible);
        Self { presence, why, of: self.of.clone().filter(|of| other.of.as_ref() == Some(of)) }
    }
}

impl LabelSet {
    /// Every label is possible.
    pub(crate) fn unknown() -> Self {
        Self { named: BTreeMap::new(), others: Fact::new(Presence::Possible) }
    }

    /// No label, for a reason.
    pub(crate) fn none(why: Why) -> Self {
        Self { named: BTreeMap::new(), others: Fact::impossible(why) }
    }

    fn fact(&self, label: &str) -> &Fact {
        self.named.get(label).unwrap_or(&self.others)
    }

    pub(crate) fn presence(&self, label: &str) -> Presence {
        self.fact(label).presence
    }

    pub(crate) fn lacks(&self, label: &str) -> bool {
        self.presence(label) == Presence::Impossible
    }

    pub(crate) fn why(&self, label: &str) -> Option<&Why> {
        self.fact(label).why.as_deref()
    }

    /// In a message about the label: why no series has it.
    pub(crate) fn why_missing(&self, label: &str) -> String {
        match self.why(label) {
            Some(Why::NotOf(metric)) => {
                format!("which `{metric}` does not have{}", did_you_mean(label, self.possible()))
            }
            Some(Why::Lost(how)) => format!("which is not there: {how}"),
            None => "which is not there".to_owned(),
        }
    }

    pub(crate) fn values_of(&self, label: &str) -> Option<&str> {
        self.fact(label).of.as_deref()
    }

    pub(crate) fn set(&mut self, label: &str, presence: Presence) {
        self.named.insert(label.to_owned(), Fact::new(presence));
    }

    /// Sets a label that has the values of a metric's label.
    pub(crate) fn set_of(&mut self, label: &str, presence: Presence, metric: &Rc<str>) {
        self.named.insert(label.to_owned(), Fact { of: Some(Rc::clone(metric)), ..Fact::new(presence) });
    }

    /// Keeps only the series that have a label.
    pub(crate) fn require(&mut self, label: &str) {
        let of = self.fact(label).of.clone();
        self.named.insert(label.to_owned(), Fact { of, ..Fact::new(Presence::Guaranteed) });
    }

    /// Keeps only the series that lack a label.
    pub(crate) fn forbid(&mut self, label: &str, how: String) {
        self.named.insert(label.to_owned(), Fact::impossible(Why::Lost(how)));
    }

    /// Adds a label that an expression names; a variable may become any label.
    pub(crate) fn add(&mut self, label: &str, presence: Presence) {
        if is_variable(label) {
            *self = self.or(&Self::unknown());
        } else {
            self.set(label, presence);
        }
    }

    /// Takes over a label of another result.
    pub(crate) fn copy(&mut self, label: &str, from: &Self) {
        self.named.insert(label.to_owned(), from.fact(label).clone());
    }

    /// Matches a label with that of another result: both have it, or neither has.
    pub(crate) fn agree(&mut self, label: &str, other: &Self) {
        let from = if self.lacks(label) || other.presence(label) == Presence::Possible { &*self } else { other };
        let fact = from.fact(label).clone();
        self.named.insert(label.to_owned(), fact);
    }

    /// Only these labels, as far as they were there.
    pub(crate) fn keep(&self, labels: &[&str], how: String) -> Self {
        let lost = Fact::impossible(Why::Lost(how));
        // A label that was not there before was not lost here.
        let left = |fact: &Fact| if fact.presence == Presence::Impossible { fact.clone() } else { lost.clone() };
        let mut named: BTreeMap<_, _> = self.named.iter().map(|(label, fact)| (label.clone(), left(fact))).collect();
        named.extend(labels.iter().map(|label| ((*label).to_owned(), self.fact(label).clone())));
        Self { named, others: left(&self.others) }
    }

    pub(crate) fn drop(&self, labels: &[&str], how: &str) -> Self {
        let mut rest = self.clone();
        // A label that was not there before was not lost here.
        for label in labels.iter().filter(|label| !self.lacks(label)) {
            rest.forbid(label, how.to_owned());
        }
        rest
    }

    /// The same labels, any of which may have been dropped.
    pub(crate) fn loosened(&self) -> Self {
        self.or(&Self::none(Why::Lost(String::new())))
    }

    /// The labels of series from either of two results.
    pub(crate) fn or(&self, other: &Self) -> Self {
        let labels = self.named.keys().chain(other.named.keys());
        let named = labels.map(|label| (label.clone(), self.fact(label).or(other.fact(label)))).collect();
        Self { named, others: self.others.or(&other.others) }
    }

    /// The labels that something is known about.
    pub(crate) fn named(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    /// The labels that can be there, for a suggestion.
    pub(crate) fn possible(&self) -> impl Iterator<Item = &str> {
        self.named().filter(|label| !self.lacks(label))
    }
}
