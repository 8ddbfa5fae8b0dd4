//! Which labels the series of a result carry.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::tools::rules::variables::is_variable;

/// Whether series carry a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Presence {
    /// None does.
    Impossible,
    /// Some may.
    Possible,
    /// Every one does.
    Guaranteed,
}

/// Why a label cannot be there.
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
    /// The metric whose values of the label these are.
    of: Option<Rc<str>>,
}

/// What is known of the labels of a result.
#[derive(Clone, Debug)]
pub(crate) struct LabelSet {
    named: BTreeMap<String, Fact>,
    others: Fact,
}

impl Fact {
    const POSSIBLE: Self = Self { presence: Presence::Possible, why: None, of: None };

    fn impossible(why: &Rc<Why>) -> Self {
        Self { presence: Presence::Impossible, why: Some(Rc::clone(why)), of: None }
    }

    /// Of a result that is of the one kind or of the other.
    fn or(&self, other: &Self) -> Self {
        let presence = if self.presence == other.presence { self.presence } else { Presence::Possible };
        let why = self.why.clone().filter(|_| presence == Presence::Impossible);
        Self { presence, why, of: self.of.clone().filter(|of| other.of.as_ref() == Some(of)) }
    }

    /// Of a label that is the same on two series: both have it, or neither has.
    fn and(&self, other: &Self) -> Self {
        match (self.presence, other.presence) {
            (Presence::Impossible, _) | (_, Presence::Possible) => self.clone(),
            _ => other.clone(),
        }
    }
}

impl LabelSet {
    /// Nothing is known.
    pub(crate) fn unknown() -> Self {
        Self { named: BTreeMap::new(), others: Fact::POSSIBLE }
    }

    /// No label, for a reason.
    pub(crate) fn none(why: Why) -> Self {
        Self { named: BTreeMap::new(), others: Fact::impossible(&Rc::new(why)) }
    }

    fn fact(&self, label: &str) -> &Fact {
        self.named.get(label).unwrap_or(&self.others)
    }

    pub(crate) fn presence(&self, label: &str) -> Presence {
        self.fact(label).presence
    }

    /// Why no series can carry a label; nothing where one can.
    pub(crate) fn why(&self, label: &str) -> Option<&Why> {
        self.fact(label).why.as_deref()
    }

    pub(crate) fn set(&mut self, label: &str, presence: Presence) {
        self.named.insert(label.to_owned(), Fact { presence, why: None, of: None });
    }

    /// Adds a label with the values that a metric's has.
    pub(crate) fn set_of(&mut self, label: &str, presence: Presence, metric: &Rc<str>) {
        self.named.insert(label.to_owned(), Fact { presence, why: None, of: Some(Rc::clone(metric)) });
    }

    /// A label is on every series that is left.
    pub(crate) fn require(&mut self, label: &str) {
        let of = self.fact(label).of.clone();
        self.named.insert(label.to_owned(), Fact { presence: Presence::Guaranteed, why: None, of });
    }

    /// The metric whose values a label has.
    pub(crate) fn values_of(&self, label: &str) -> Option<&str> {
        self.fact(label).of.as_deref()
    }

    /// Adds a label that an expression names, where Grafana may put any other.
    pub(crate) fn add(&mut self, label: &str, presence: Presence) {
        if is_variable(label) {
            *self = self.or(&Self::unknown());
        } else {
            self.set(label, presence);
        }
    }

    pub(crate) fn forbid(&mut self, label: &str, why: Why) {
        self.named.insert(label.to_owned(), Fact::impossible(&Rc::new(why)));
    }

    /// Only these labels, as far as they were there.
    pub(crate) fn keep(&self, labels: &[String], why: Why) -> Self {
        let lost = Fact::impossible(&Rc::new(why));
        // What was not there before was not lost here.
        let left = |fact: &Fact| if fact.presence == Presence::Impossible { fact.clone() } else { lost.clone() };
        let mut named: BTreeMap<_, _> = self.named.iter().map(|(label, fact)| (label.clone(), left(fact))).collect();
        named.extend(labels.iter().map(|label| (label.clone(), self.fact(label).clone())));
        Self { named, others: left(&self.others) }
    }

    /// All but these labels.
    pub(crate) fn drop(&self, labels: &[String], why: &Why) -> Self {
        let why = Rc::new(why.clone());
        let mut rest = self.clone();
        for label in labels {
            // What was not there before was not lost here.
            if self.presence(label) != Presence::Impossible {
                rest.named.insert(label.clone(), Fact::impossible(&why));
            }
        }
        rest
    }

    /// The same labels where some that nobody knows were dropped.
    pub(crate) fn loosened(&self) -> Self {
        self.or(&Self::none(Why::Lost(String::new())))
    }

    /// Of series that come from one of two results.
    pub(crate) fn or(&self, other: &Self) -> Self {
        let labels = self.named.keys().chain(other.named.keys());
        let named = labels.map(|label| (label.clone(), self.fact(label).or(other.fact(label)))).collect();
        Self { named, others: self.others.or(&other.others) }
    }

    /// A label is the same as in another result, whose series belong to these.
    pub(crate) fn agree(&mut self, label: &str, other: &Self) {
        let fact = self.fact(label).and(other.fact(label));
        self.named.insert(label.to_owned(), fact);
    }

    /// The labels that something is known about.
    pub(crate) fn named(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    /// The labels that can be there, for a suggestion.
    pub(crate) fn possible(&self) -> impl Iterator<Item = &str> {
        self.named.iter().filter(|(_, fact)| fact.presence != Presence::Impossible).map(|(label, _)| label.as_str())
    }

    /// Takes over a label of another result.
    pub(crate) fn copy(&mut self, label: &str, from: &Self) {
        self.named.insert(label.to_owned(), from.fact(label).clone());
    }
}
