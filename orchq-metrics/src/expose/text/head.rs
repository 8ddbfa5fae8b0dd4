//! The part of a line before its value: the name and the labels.

use crate::declare::label::{Key, LabelDesc, LabelValues, OVERFLOW, Rendered, Symbol, push_pair};

/// The name and the labels of one series, without the closing brace.
#[derive(Clone)]
pub(super) struct Head {
    text: String,
    name_len: usize,
    /// Up to where all series of the family have the same text.
    base_len: usize,
}

impl Head {
    /// The name, and constant labels as `,name="value"` each.
    pub(super) fn new(name: String, constant: &str) -> Self {
        let mut head = Self { name_len: name.len(), base_len: 0, text: name };
        if !constant.is_empty() {
            head.push(constant);
        }
        head.base_len = head.text.len();
        head
    }

    /// Adds `,name="value"`; the first pair has a brace instead of the comma.
    #[inline]
    pub(super) fn push(&mut self, pair: &str) {
        if self.has_labels() {
            self.text.push_str(pair);
        } else {
            self.text.push('{');
            self.text.push_str(&pair[1..]);
        }
    }

    #[inline]
    pub(super) fn has_labels(&self) -> bool {
        self.text.len() > self.name_len
    }

    #[inline]
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The labels, with the brace that opens them.
    pub(super) fn labels(&self) -> &str {
        &self.text[self.name_len..]
    }
}

/// Writes one head after the other. Adjacent series often have the same first labels, which are not written again.
pub(super) struct Heads {
    head: Head,
    labels: Vec<Pairs>,
    /// The last series' label set, and the ends of its labels in the text.
    key: Vec<u64>,
    ends: Vec<usize>,
}

impl Heads {
    pub(super) fn new(head: Head, labels: &'static [LabelDesc]) -> Self {
        // No symbol is as great as these, so that the first series has no label of a series before it.
        let key = vec![u64::MAX - 1; labels.len().div_ceil(2)];
        Self { ends: vec![head.base_len; labels.len()], labels: labels.iter().map(Pairs::new).collect(), head, key }
    }

    #[inline]
    pub(super) fn write(&mut self, key: Key<'_>) -> &Head {
        let same = self.same_labels(key);
        let begin = same.checked_sub(1).and_then(|last| self.ends.get(last).copied());
        self.head.text.truncate(begin.unwrap_or(self.head.base_len));
        for (index, end) in self.ends.iter_mut().enumerate().skip(same) {
            if let Some(pair) = self.labels[index].get(key.symbol(index)) {
                self.head.push(pair);
            }
            *end = self.head.text.len();
        }
        &self.head
    }

    /// How many of the first labels this series shares with the last one, which it then replaces.
    #[inline]
    fn same_labels(&mut self, key: Key<'_>) -> usize {
        let mut same = self.labels.len();
        for (index, (known, word)) in self.key.iter_mut().zip(key.cells()).enumerate().rev() {
            if *known != *word {
                // The first of a word's two labels is in its lower half.
                same = index * 2 + usize::from(*known as u32 == *word as u32);
                *known = *word;
            }
        }
        same
    }
}

/// The values of one label as `,name="escaped value"`.
enum Pairs {
    /// By index; the last is that of a label set past the series limit.
    Closed(Vec<String>),
    Open(&'static LabelDesc, &'static Rendered),
}

impl Pairs {
    fn new(label: &'static LabelDesc) -> Self {
        match label.values {
            LabelValues::Closed(values) => {
                Self::Closed(values.iter().chain([&OVERFLOW]).map(|value| pair(label.name, value)).collect())
            }
            LabelValues::Open { table, .. } => Self::Open(label, table().rendered(label.name)),
        }
    }

    /// The pair of a symbol; `None` if the label is absent.
    #[inline]
    fn get(&self, symbol: Symbol) -> Option<&str> {
        let index = symbol.index()?;
        match self {
            Self::Closed(pairs) => pairs.get(index).or(pairs.last()).map(String::as_str),
            Self::Open(label, rendered) => {
                Some(rendered.pair(symbol.bits(), || pair(label.name, label.values.text(symbol).unwrap_or_default())))
            }
        }
    }
}

pub(super) fn pair(name: &str, value: &str) -> String {
    let mut pair = String::new();
    push_pair(name, value, &mut pair);
    pair
}
