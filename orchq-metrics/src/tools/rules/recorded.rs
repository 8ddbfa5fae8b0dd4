//! In which order recording rules are followed: what one selects of another comes first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::prepare::Prepared;
use super::query::Purpose;

/// The names that are recorded with the rules that do, each behind those that its rules select. Those that
/// select each other in a circle come last, in the order of their names.
pub(super) fn order<'a, 'q>(queries: &'a [Prepared<'q>]) -> Vec<(&'a str, Vec<&'a Prepared<'q>>)> {
    let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut rules: BTreeMap<&str, Vec<&Prepared<'_>>> = BTreeMap::new();
    for prepared in queries {
        if let Purpose::Record(name) = &prepared.query.purpose {
            needs.entry(name).or_default().extend(selected(prepared));
            rules.entry(name).or_default().push(prepared);
        }
    }
    let names: BTreeSet<&str> = needs.keys().copied().collect();
    let mut needed_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, others) in &mut needs {
        others.retain(|other| names.contains(other));
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

/// The names that an expression selects.
fn selected<'a>(prepared: &'a Prepared<'_>) -> impl Iterator<Item = &'a str> {
    let selectors = prepared.parsed.iter().flat_map(|parsed| &parsed.scan.selectors);
    selectors.filter_map(|selector| prepared.text.text.get(selector.name.clone()))
}
