//! Rules that need more than the tokens of one attribute, evaluated when the user's crate is compiled. Each
//! panics with a message, and `track_caller` puts the error on the token that the macro gave the call's span.

use crate::declare::desc::{MetricDesc, label_sets};
use crate::declare::label::{Condition, LabelDesc, LabelValues};
use crate::declare::rules::{self, same};

/// What follows the name of a metric whose limit can never be reached.
pub(crate) const LIMIT_WITHOUT_EFFECT: &str =
    "` has all its label sets from the start, so that a `series_limit` has no effect; drop it";

/// The beginning of the message about a condition of a label that is not conditional.
pub(crate) const CONDITION_WITHOUT_EFFECT: &str = "every series carries this label, so that a condition has no effect";

pub(crate) const BOUND_NOT_FINITE: &str = "a bucket bound is a finite number; `+Inf` is added automatically";

/// A message built at compile time, where `format!` does not exist.
struct Message {
    bytes: [u8; 1024],
    len: usize,
}

impl Message {
    const fn new(texts: &[&str]) -> Self {
        let mut message = Self { bytes: [0; 1024], len: 0 };
        each!(texts, |text| { message = message.push(text) });
        message
    }

    const fn no_label(desc: &MetricDesc, label: &str) -> Self {
        Self::new(&["`", desc.name, "` has no label `", label, "`; its labels are "]).push_labels(desc, true)
    }

    const fn push(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut i = 0;
        while i < text.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = text[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    /// The metric's labels, or those that it requires.
    const fn push_labels(mut self, desc: &MetricDesc, all: bool) -> Self {
        let mut separator = "";
        each!(desc.labels, |label| {
            if all || !label.conditional {
                let conditional = if label.conditional { " (conditional)" } else { "" };
                self = self.push(separator).push(label.name).push(conditional);
                separator = ", ";
            }
        });
        self
    }

    const fn push_list(mut self, texts: &[&str]) -> Self {
        let mut quote = "`";
        each!(texts, |text| {
            self = self.push(quote).push(text).push("`");
            quote = ", `";
        });
        self
    }

    /// What is wrong with a value that the label never has.
    const fn push_never(self, value: &str, known: &LabelDesc) -> Self {
        let LabelValues::Closed(allowed) = known.values else { return self };
        self.push("is never `").push(value).push("`, but one of ").push_list(allowed)
    }

    const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // Only a text cut within a character gets here.
            Err(_) => "labels differ from the contract",
        }
    }
}

const fn contains(names: &[&str], name: &str) -> bool {
    each!(names, |known| {
        if same(known, name) {
            return true;
        }
    });
    false
}

/// A contract's name that is not a string in place.
#[track_caller]
pub const fn is_a_name(name: &str) {
    if !rules::is_contract_name(name) {
        panic!("{}", rules::NOT_A_CONTRACT_NAME);
    }
}

/// A contract's version that is not a string in place.
#[track_caller]
pub const fn is_a_version(version: &str) {
    if !rules::is_version(version) {
        panic!("{}", rules::NOT_A_VERSION);
    }
}

/// A family with a limit can reach it.
#[track_caller]
pub const fn series_limit_matters(desc: &MetricDesc) {
    if label_sets(desc.labels).is_some() {
        panic!("{}", Message::new(&["`", desc.name, LIMIT_WITHOUT_EFFECT]).as_str());
    }
}

/// The versions of an old name and of a deprecation fit that of the contract.
#[track_caller]
pub const fn lifecycle_fits(desc: &MetricDesc, version: &str) {
    let renamed = match &desc.renamed_from {
        Some(old) => rules::lifecycle(version, old.since, Some(old.until)),
        None => None,
    };
    let deprecated = match &desc.deprecated {
        Some(deprecated) => rules::lifecycle(version, deprecated.since, None),
        None => None,
    };
    if let Some((argument, message)) = renamed {
        panic!("{}", Message::new(&["`", argument, "`: ", message]).as_str());
    }
    if let Some((argument, message)) = deprecated {
        panic!("{}", Message::new(&["`", argument, "`: ", message]).as_str());
    }
}

/// An `extern` list names only labels of the metric.
#[track_caller]
pub const fn extern_label_exists(desc: &MetricDesc, label: &str) {
    if named(desc.labels, label).is_none() {
        panic!("{}", Message::no_label(desc, label).as_str());
    }
}

/// An `extern` list names every label that the metric requires.
#[track_caller]
pub const fn extern_labels_complete(desc: &MetricDesc, listed: &[&str]) {
    each!(desc.labels, |label| {
        if !label.conditional && !contains(listed, label.name) {
            let message =
                Message::new(&["the list lacks the label `", label.name, "`; write `extern ", desc.name, " { "]);
            let order = " }`, in the order in which the other library takes them";
            panic!("{}", message.push_labels(desc, false).push(order).as_str());
        }
    });
}

/// The labels of a metric's field, from `at` on, are not among those before it, and a group's conditions can hold.
/// Gives the index after them.
#[track_caller]
pub const fn labels_fit(desc: &MetricDesc, at: usize, length: usize) -> usize {
    let (before, rest) = desc.labels.split_at(at);
    let (labels, after) = rest.split_at(length);
    each!(labels, |label| {
        if named(before, label.name).is_some() {
            let why = "` is declared twice once its groups are flattened; drop one";
            panic!("{}", Message::new(&["the label `", label.name, "` of `", desc.name, why]).as_str());
        }
        each!(label.conditions, |condition| {
            let (other, values): (_, &[&str]) = match *condition {
                Condition::OnlyWith { label, values } => (label, values),
                Condition::NotWith { label } => (label, &[]),
            };
            // The group itself checks what is about its own labels.
            if named(labels, other).is_none() {
                let texts = ["the label `", label.name, "` of `", desc.name, "` has a condition on `", other, "`, "];
                let message = Message::new(&texts);
                let known = match (named(before, other), named(after, other)) {
                    (Some(known), _) | (None, Some(known)) => known,
                    (None, None) => {
                        panic!("{}", message.push("and the metric's labels are ").push_labels(desc, true).as_str())
                    }
                };
                if let Some(wrong) = wrong_value(known, values) {
                    panic!("{}", message.push("which ").push_never(wrong, known).as_str());
                }
            }
        });
    });
    at + length
}

/// A label with a condition is one that a series may lack.
#[track_caller]
pub const fn condition_matters(is_conditional: bool) {
    if !is_conditional {
        panic!("{}", Message::new(&[CONDITION_WITHOUT_EFFECT, "; make it an `Option`"]).as_str());
    }
}

/// A condition names a label of the metric.
#[track_caller]
pub const fn condition_label_exists(desc: &MetricDesc, label: &str) {
    if named(desc.labels, label).is_none() {
        panic!("{}", Message::no_label(desc, label).as_str());
    }
}

/// A condition names a value that its label can have, if that is one of `labels`.
#[track_caller]
pub const fn condition_value_exists(labels: &[LabelDesc], label: &str, value: &str) {
    if let Some(known) = named(labels, label)
        && let Some(wrong) = wrong_value(known, &[value])
    {
        panic!("{}", Message::new(&["`", label, "` "]).push_never(wrong, known).as_str());
    }
}

/// The first value that a closed label never has.
const fn wrong_value<'a>(known: &LabelDesc, values: &[&'a str]) -> Option<&'a str> {
    match known.values {
        LabelValues::Closed(allowed) => first_not_in(allowed, values),
        LabelValues::Open { .. } => None,
    }
}

const fn named<'a>(labels: &'a [LabelDesc], name: &str) -> Option<&'a LabelDesc> {
    each!(labels, |label| {
        if same(label.name, name) {
            return Some(label);
        }
    });
    None
}

const fn first_not_in<'a>(allowed: &[&str], named: &[&'a str]) -> Option<&'a str> {
    each!(named, |name| {
        if !contains(allowed, name) {
            return Some(name);
        }
    });
    None
}

/// A histogram's bounds are finite and ascend; the macro sees only those written in place.
#[track_caller]
pub const fn buckets_ascend(buckets: &[f64]) {
    if buckets.is_empty() {
        panic!("{}", rules::NO_BOUNDS);
    }
    let mut last = f64::NEG_INFINITY;
    each!(buckets, |bound| {
        if !bound.is_finite() {
            panic!("{}", BOUND_NOT_FINITE);
        } else if *bound == last {
            panic!("{}", rules::BOUND_REPEATED);
        } else if *bound < last {
            panic!("{}", rules::BOUNDS_DESCEND);
        }
        last = *bound;
    });
}
