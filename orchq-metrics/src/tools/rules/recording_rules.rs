//! The order in which recording rules are analyzed: a rule comes after those whose series it selects.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::parse::ParsedQuery;

/// The recorded names, each with the indices of its rules. Names whose rules select each other in a circle come last.
pub(super) fn order<'a>(queries: impl Iterator<Item = &'a ParsedQuery>) -> Vec<(&'a str, Vec<usize>)> {
    let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut rules: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, parsed) in queries.enumerate() {
        if let Some(name) = parsed.query.records() {
            let selectors = parsed.expr.iter().flat_map(|expr| expr.selectors());
            needs.entry(name).or_default().extend(selectors.filter_map(|selector| selector.name.as_deref()));
            rules.entry(name).or_default().push(index);
        }
    }
    let mut needed_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, others) in &mut needs {
        others.retain(|other| rules.contains_key(other));
        others.iter().for_each(|other| needed_by.entry(other).or_default().push(name));
    }
    let mut left: BTreeMap<&str, usize> = needs.iter().map(|(name, others)| (*name, others.len())).collect();
    let mut ready: VecDeque<&str> = left.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    let mut order = Vec::with_capacity(left.len());
    while let Some(name) = ready.pop_front() {
        left.remove(name);
        order.push(name);
        for next in needed_by.get(name).into_iter().flatten() {
            if let Some(count) = left.get_mut(next) {
                *count -= 1;
                if *count == 0 {
                    ready.push_back(next);
                }
            }
        }
    }
    order.extend(left.into_keys());
    order.into_iter().map(|name| (name, rules.remove(name).unwrap_or_default())).collect()
}
