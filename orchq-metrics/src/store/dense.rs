//! Label sets that are all known beforehand: such a label set is an index.

use crate::label::{Key, LabelDesc, LabelValues, Symbol};

/// A family has its label sets from the start if all its labels are closed and there are at
/// most so many of them.
pub(crate) const DENSE_AT_MOST: usize = 1024;

/// How many label sets there can be, if they are few and known beforehand.
pub(crate) const fn label_sets(labels: &[LabelDesc]) -> Option<usize> {
    let (mut product, mut i) = (1, 0);
    while i < labels.len() {
        let LabelValues::Closed(values) = labels[i].values else { return None };
        product *= values.len() + labels[i].conditional as usize;
        if product > DENSE_AT_MOST {
            return None;
        }
        i += 1;
    }
    Some(product)
}

/// A label set as a metric looks it up.
#[derive(Clone, Copy)]
pub struct LabelSet<'a> {
    pub(crate) key: Key<'a>,
    /// Its index, in a family that knows its label sets beforehand.
    pub(crate) index: Option<usize>,
}

impl<'a> LabelSet<'a> {
    #[inline]
    pub(crate) fn new(labels: &[LabelDesc], is_dense: bool, key: Key<'a>) -> Self {
        Self { key, index: is_dense.then(|| index(labels, key)) }
    }
}

/// The index of a label set among all that there can be.
#[inline]
fn index(labels: &[LabelDesc], key: Key<'_>) -> usize {
    let mut index = 0;
    for (place, label) in labels.iter().enumerate() {
        let LabelValues::Closed(values) = label.values else { continue };
        let conditional = usize::from(label.conditional);
        // Symbols count from one, and zero is a label that does not apply.
        let digit = (key.symbol(place).bits() as usize).wrapping_sub(1).wrapping_add(conditional);
        index = index * (values.len() + conditional) + digit;
    }
    index
}

/// The label set with this index.
pub(crate) fn write_key(labels: &[LabelDesc], mut index: usize, key: &mut [u64]) {
    key.fill(0);
    for (place, label) in labels.iter().enumerate().rev() {
        let LabelValues::Closed(values) = label.values else { continue };
        let conditional = usize::from(label.conditional);
        let choices = values.len() + conditional;
        let symbol = match (index % choices).checked_sub(conditional) {
            Some(value) => Symbol::from_index(value as u32),
            None => Symbol::ABSENT,
        };
        key[place / 2] |= u64::from(symbol.bits()) << (place % 2 * 32);
        index /= choices;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn label(values: &'static [&'static str], conditional: bool) -> LabelDesc {
        LabelDesc { name: "", values: LabelValues::Closed(values), conditional }
    }

    #[test]
    fn every_label_set_has_one_index() {
        let labels = [label(&["a", "b", "c"], false), label(&["d", "e"], true), label(&["f", "g"], false)];
        let sets = label_sets(&labels).expect("few and closed");
        assert_eq!(sets, 3 * 3 * 2);
        let mut keys = std::collections::BTreeSet::new();
        for expected in 0..sets {
            let mut key = [0; 2];
            write_key(&labels, expected, &mut key);
            assert_eq!(index(&labels, Key::new(&key)), expected);
            keys.insert(key);
        }
        assert_eq!(keys.len(), sets);
        assert_eq!(label_sets(&[]), Some(1));
    }

    #[test]
    fn too_many_label_sets_are_not_laid_out_beforehand() {
        const MANY: [&str; 512] = ["x"; 512];
        assert_eq!(label_sets(&[label(&MANY, false), label(&["a", "b"], false)]), Some(1024));
        assert_eq!(label_sets(&[label(&MANY, true), label(&["a", "b"], false)]), None);
    }
}
