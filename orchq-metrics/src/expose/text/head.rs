//! What a line has before its number: the name and the labels.

use crate::declare::label::{Key, LabelDesc, LabelValues, OVERFLOW, Rendered, Symbol, push_pair};

/// The name and the labels of one series, without the closing brace.
#[derive(Clone)]
pub(super) struct Head {
    text: String,
    name_len: usize,
}

impl Head {
    pub(super) fn new(name: String) -> Self {
        Self { name_len: name.len(), text: name }
    }

    /// Adds `,name="value"`; the first has the brace in its comma's place.
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

/// Writes one head after the other. Series that follow each other are often alike in their first labels,
/// and what is alike is not written again.
pub(super) struct Heads {
    head: Head,
    labels: Vec<Pairs>,
    /// The last series' label set, and where each of its labels ended.
    key: Vec<u64>,
    ends: Vec<usize>,
}

impl Heads {
    pub(super) fn new(head: Head, labels: &'static [LabelDesc]) -> Self {
        // No symbol is as great as these, so that the first series is not like the one before it.
        let key = vec![u64::MAX - 1; labels.len().div_ceil(2)];
        Self { ends: vec![head.name_len; labels.len()], labels: labels.iter().map(Pairs::of).collect(), head, key }
    }

    #[inline]
    pub(super) fn of(&mut self, key: Key<'_>) -> &Head {
        let alike = self.labels_alike(key);
        let begin = alike.checked_sub(1).and_then(|last| self.ends.get(last).copied());
        self.head.text.truncate(begin.unwrap_or(self.head.name_len));
        for (place, end) in self.ends.iter_mut().enumerate().skip(alike) {
            if let Some(pair) = self.labels[place].get(key.symbol(place)) {
                self.head.push(pair);
            }
            *end = self.head.text.len();
        }
        &self.head
    }

    /// How many labels, from the first on, are those of the last series; from now on this is the last.
    #[inline]
    fn labels_alike(&mut self, key: Key<'_>) -> usize {
        let mut alike = self.labels.len();
        for (place, (known, word)) in self.key.iter_mut().zip(key.words()).enumerate().rev() {
            if *known != *word {
                // The first of a word's two labels is in its lower half.
                alike = place * 2 + usize::from(*known as u32 == *word as u32);
                *known = *word;
            }
        }
        alike
    }
}

/// The values of one label as `,name="escaped value"`.
enum Pairs {
    /// By their index; the last stands for a label set that found no room.
    Closed(Vec<String>),
    Open(&'static LabelDesc, &'static Rendered),
}

impl Pairs {
    fn of(label: &'static LabelDesc) -> Self {
        match label.values {
            LabelValues::Closed(values) => {
                Self::Closed(values.iter().chain([&OVERFLOW]).map(|value| pair(label.name, value)).collect())
            }
            LabelValues::Open { table, .. } => Self::Open(label, table().rendered(label.name)),
        }
    }

    /// The pair of a symbol; nothing where the label is absent.
    #[inline]
    fn get(&self, symbol: Symbol) -> Option<&str> {
        let index = symbol.index()?;
        match self {
            Self::Closed(pairs) => pairs.get(index).or(pairs.last()).map(String::as_str),
            Self::Open(label, rendered) => {
                Some(rendered.pair(symbol, || pair(label.name, label.values.text(symbol).unwrap_or_default())))
            }
        }
    }
}

pub(super) fn pair(name: &str, value: &str) -> String {
    let mut pair = String::new();
    push_pair(name, value, &mut pair);
    pair
}
