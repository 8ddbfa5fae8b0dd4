//! Rules that need more than the tokens of one attribute, evaluated when the user's crate is compiled. Each
//! panics with a message, and `track_caller` puts the error on the token that the macro gave the call's span.

use crate::declare::desc::{MetricDesc, label_sets};
use crate::declare::label::{Condition, LabelDesc, LabelValues};
use crate::declare::rules;

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

    const fn push_labels(mut self, desc: &MetricDesc) -> Self {
        let mut separator = "";
        each!(desc.labels, |label| {
            let conditional = if label.conditional { " (conditional)" } else { "" };
            self = self.push(separator).push(label.name).push(conditional);
            separator = ", ";
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

    const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // Only a text cut within a character gets here.
            Err(_) => "labels differ from the contract",
        }
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
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
        let why = "` has all its label sets from the start, so that a `series_limit` has no effect; drop it";
        panic!("{}", Message::new(&["`", desc.name, why]).as_str());
    }
}

/// An `extern` list names only labels of the metric.
#[track_caller]
pub const fn extern_label_exists(desc: &MetricDesc, label: &str) {
    if named(desc.labels, label).is_none() {
        let message = Message::new(&["`", desc.name, "` has no label `", label, "`; its labels are "]);
        panic!("{}", message.push_labels(desc).as_str());
    }
}

/// An `extern` list names every label that the metric requires.
#[track_caller]
pub const fn extern_labels_complete(desc: &MetricDesc, listed: &[&str]) {
    each!(desc.labels, |label| {
        if !label.conditional && !contains(listed, label.name) {
            let texts = ["the list lacks the label `", label.name, "` of `", desc.name, "`; its labels are "];
            panic!("{}", Message::new(&texts).push_labels(desc).as_str());
        }
    });
}

/// No two labels of a metric have one name once its groups are flattened.
#[track_caller]
pub const fn labels_are_distinct(desc: &MetricDesc) {
    let mut labels = desc.labels;
    while let [label, others @ ..] = labels {
        if named(others, label.name).is_some() {
            let why = "` is declared twice once its groups are flattened; drop one";
            panic!("{}", Message::new(&["the label `", label.name, "` of `", desc.name, why]).as_str());
        }
        labels = others;
    }
}

/// A label with a condition is one that a series may lack.
#[track_caller]
pub const fn condition_matters(is_conditional: bool) {
    assert!(is_conditional, "every series carries this label, so that a condition has no effect; make it an `Option`");
}

/// Conditions name other labels of the metric, and values that these can have.
#[track_caller]
pub const fn conditions_can_hold(desc: &MetricDesc) {
    each!(desc.labels, |label| {
        each!(label.conditions, |condition| {
            let (other, values): (_, &[&str]) = match *condition {
                Condition::OnlyWith { label, values } => (label, values),
                Condition::NotWith { label } => (label, &[]),
            };
            let texts = ["the label `", label.name, "` of `", desc.name, "` has a condition on `", other];
            let message = Message::new(&texts);
            if same(other, label.name) {
                panic!("{}", message.push("` itself, which can never hold").as_str());
            }
            let Some(known) = named(desc.labels, other) else {
                panic!("{}", message.push("`, and the metric's labels are ").push_labels(desc).as_str());
            };
            if let LabelValues::Closed(allowed) = known.values
                && let Some(wrong) = first_not_in(allowed, values)
            {
                let message = message.push("`, which is never `").push(wrong).push("`, but one of ");
                panic!("{}", message.push_list(allowed).as_str());
            }
        });
    });
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
    assert!(!buckets.is_empty(), "a histogram needs at least one bucket bound");
    let mut i = 0;
    while i < buckets.len() {
        assert!(buckets[i].is_finite(), "bucket bounds are finite; `+Inf` is added automatically");
        assert!(i == 0 || buckets[i - 1] < buckets[i], "bucket bounds must ascend, each once");
        i += 1;
    }
}
