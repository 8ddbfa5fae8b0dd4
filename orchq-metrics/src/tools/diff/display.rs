//! The difference for people.

use std::fmt;

use super::{Bump, Change, Class, Diff};

/// How many metrics are named of those that have one and the same change.
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
        let classes = [Class::Breaking, Class::Compatible, Class::Documentation];
        let of = |class| self.changes.iter().filter(move |change| change.class == class);
        let counts = classes.map(|class| (of(class).count(), class));
        let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, class)| format!("{count} {class}"));
        f.write_str(&counts.collect::<Vec<_>>().join(", "))?;
        match &self.demanded {
            _ if self.bump == Bump::None => writeln!(f)?,
            Some(demanded) => writeln!(f, "; demands {demanded} ({})", self.bump)?,
            None => writeln!(f, "; demands a {} version", self.bump)?,
        }
        for class in classes.into_iter().filter(|class| of(*class).next().is_some()) {
            writeln!(f, "\n{class}")?;
            for (change, metrics) in alike(of(class)) {
                writeln!(f, "  {}{change}", Subjects(&metrics))?;
            }
        }
        Ok(())
    }
}

/// Changes that read the same, each with the metrics that have it: a label is often one type in many metrics.
fn alike<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<(String, Vec<&'a str>)> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for change in changes {
        let text = change.to_string();
        let place = *places.entry(text.clone()).or_insert_with(|| {
            groups.push((text, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, metrics)) = groups.get_mut(place) {
            metrics.extend(change.metric.as_deref());
        }
    }
    groups
}

struct Subjects<'a>(&'a [&'a str]);

impl fmt::Display for Subjects<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.0.iter().take(NAMED);
        match self.0.len() {
            0 => Ok(()),
            len if len <= NAMED => write!(f, "{}: ", self.0.join(", ")),
            len => write!(f, "{} and {} more: ", named.copied().collect::<Vec<_>>().join(", "), len - NAMED),
        }
    }
}
