//! The difference for people.

use std::fmt;

use super::{Change, ChangeKind, Diff, VersionBump};

/// How many of the metrics with the same change are named.
const NAMED: usize = 3;

/// ```text
/// orchqueue 1.0.0 -> 1.1.0: 2 breaking, 1 compatible, 1 documentation; demands 2.0.0 (major)
///
/// breaking
///   gpu_cache_usage_perc: renamed: gpu_cache_usage_perc -> kv_cache_usage_perc
/// ```
impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { contract, before, after, .. } = self;
        write!(f, "{contract} {before} -> {after}: ")?;
        if self.changes.is_empty() {
            return writeln!(f, "nothing changed");
        }
        let kinds = [ChangeKind::Breaking, ChangeKind::Compatible, ChangeKind::Documentation];
        let of = |kind| self.changes.iter().filter(move |change| change.kind == kind);
        let counts = kinds.map(|kind| (of(kind).count(), kind));
        let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {kind}"));
        f.write_str(&counts.collect::<Vec<_>>().join(", "))?;
        match &self.demanded {
            _ if self.bump == VersionBump::None => writeln!(f)?,
            Some(demanded) => writeln!(f, "; demands {demanded} ({})", self.bump)?,
            None => writeln!(f, "; demands a {} version", self.bump)?,
        }
        for kind in kinds.into_iter().filter(|kind| of(*kind).next().is_some()) {
            writeln!(f, "\n{kind}")?;
            for (change, metrics) in grouped(of(kind)) {
                writeln!(f, "  {}{change}", subjects(&metrics))?;
            }
        }
        Ok(())
    }
}

/// Changes with the same text, each with its metrics: many metrics often share a label.
fn grouped<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<(String, Vec<&'a str>)> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    let mut indexes = std::collections::HashMap::new();
    for change in changes {
        let text = change.to_string();
        let index = *indexes.entry(text.clone()).or_insert_with(|| {
            groups.push((text, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, metrics)) = groups.get_mut(index) {
            metrics.extend(change.metric.as_deref());
        }
    }
    groups
}

fn subjects(metrics: &[&str]) -> String {
    let named = metrics.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match metrics.len() {
        0 => String::new(),
        1..=NAMED => format!("{named}: "),
        len => format!("{named} and {} more: ", len - NAMED),
    }
}
