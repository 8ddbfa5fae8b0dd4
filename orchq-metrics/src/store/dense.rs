//! Label sets that are all known beforehand, each identified by an index.

use crate::declare::label::{Key, LabelDesc, LabelValues, Symbol};

/// A label set as a metric looks it up.
#[derive(Clone, Copy)]
pub struct LabelSet<'a> {
    pub(crate) key: Key<'a>,
    /// Its index, in a family that knows its label sets beforehand.
    pub(crate) index: Option<usize>,
}

/// The label set with this index.
pub(crate) fn write_key(labels: &[LabelDesc], mut index: usize, key: &mut [u64]) {
    key.fill(0);
    for (position, label) in labels.iter().enumerate().rev() {
        let LabelValues::Closed(values) = label.values else { continue };
        let conditional = usize::from(label.conditional);
        let choices = values.len() + conditional;
        let symbol = match (index % choices).checked_sub(conditional) {
            Some(value) => Symbol::from_index(value as u32),
            None => Symbol::ABSENT,
        };
        key[position / 2] |= u64::from(symbol.bits()) << (position % 2 * 32);
        index /= choices;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::desc::label_sets;
    use crate::declare::label::{Labels, SymbolWriter};
    use crate::macros::{Label, Labels};

    #[derive(Clone, Copy, Debug, PartialEq, Label)]
    enum Three {
        #[label("a")]
        A,
        #[label("b")]
        B,
        #[label("c")]
        C,
    }

    #[derive(Clone, Copy, Labels)]
    struct Inner {
        first: Option<Three>,
        second: Three,
    }

    #[derive(Clone, Copy, Labels)]
    struct Outer {
        first: Three,
        #[labels]
        inner: Inner,
        last: Option<Three>,
    }

    fn choices() -> impl Iterator<Item = Option<Three>> + Clone {
        Three::ALL.iter().copied().map(Some).chain([None])
    }

    #[test]
    fn a_label_set_and_its_index_determine_each_other() {
        assert_eq!(Outer::SETS, 3 * 4 * 3 * 4);
        assert_eq!(label_sets(Outer::DESCS), Some(Outer::SETS));
        let mut seen = std::collections::BTreeSet::new();
        for (first, second) in Three::ALL.iter().flat_map(|a| Three::ALL.iter().map(move |b| (*a, *b))) {
            for (maybe, last) in choices().flat_map(|a| choices().map(move |b| (a, b))) {
                let set = Outer { first, inner: Inner { first: maybe, second }, last };
                let (mut key, mut back) = ([0; 2], [0; 2]);
                set.write(&mut SymbolWriter::new(&mut key));
                write_key(Outer::DESCS, set.index(), &mut back);
                assert_eq!(key, back);
                seen.insert(set.index());
            }
        }
        assert!(seen.into_iter().eq(0..Outer::SETS));
    }
}
