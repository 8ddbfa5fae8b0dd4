//! The names that belong to a contract: one of them that the contract does not have was renamed or misspelt.

use std::collections::HashSet;

use crate::contract::owned::OwnedContract;
use crate::declare::rules::is_foreign;

/// The names that a contract claims.
#[derive(Debug)]
pub(crate) enum Namespace {
    /// Those whose first word is the first word of a contracted name.
    FirstWords(HashSet<String>),
    /// Those that begin with a given prefix.
    Prefixes(Vec<String>),
}

impl Namespace {
    /// The given prefixes, or else the first words of the contract's names.
    pub(crate) fn new(contract: &OwnedContract, prefixes: &[String]) -> Self {
        match prefixes {
            // Another system, whose names have another style, has more metrics than the contract describes.
            [] => {
                let own = contract.metrics.iter().filter(|metric| !is_foreign(&metric.name));
                Self::FirstWords(own.map(|metric| first_word(&metric.name).to_owned()).collect())
            }
            prefixes => Self::Prefixes(prefixes.to_vec()),
        }
    }

    /// Whether a name looks like one of the contract's, or like one of this crate's own metrics.
    pub(crate) fn claims(&self, name: &str) -> bool {
        name.starts_with("orchq_metrics_")
            || match self {
                Self::FirstWords(words) => words.contains(first_word(name)),
                Self::Prefixes(prefixes) => prefixes.iter().any(|prefix| begins_with(name, prefix)),
            }
    }
}

/// Whether the prefix of a name ends with a word.
fn begins_with(name: &str, prefix: &str) -> bool {
    let rest = name.strip_prefix(prefix);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', ':']) || prefix.ends_with(['_', ':']))
}

fn first_word(name: &str) -> &str {
    name.split('_').find(|word| !word.is_empty()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_claimed_by_words() {
        let contract = OwnedContract::from(&crate::v1::CONTRACT);
        let claimed = |stated: &[&str], name| {
            let stated: Vec<_> = stated.iter().map(|prefix| (*prefix).to_owned()).collect();
            Namespace::new(&contract, &stated).claims(name)
        };
        assert!(claimed(&[], "tasks_moved_total") && claimed(&[], "gpu_temperature_celsius"));
        assert!(!claimed(&[], "tasksmith_total") && !claimed(&[], "node_cpu_seconds_total"));
        // Another system has other metrics, which the contract leaves out.
        let mut gateway = contract.clone();
        gateway.metrics.truncate(1);
        gateway.metrics[0].name = "vllm:num_requests_running".to_owned();
        assert!(!Namespace::new(&gateway, &[]).claims("vllm:num_requests_waiting"));
        assert!(claimed(&["oq"], "oq_depth") && claimed(&["oq_"], "oq_depth") && claimed(&["oq"], "oq:depth:sum"));
        assert!(!claimed(&["oq"], "oqueue_depth") && !claimed(&["oq"], "tasks_moved_total"));
        assert!(claimed(&["oq"], "orchq_metrics_contract_information"));
    }
}
