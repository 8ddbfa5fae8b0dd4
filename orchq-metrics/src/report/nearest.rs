//! Suggestions for a misspelt name.

/// The least similarity, from 0 to 1, at which one name is suggested for another.
const SIMILAR: f64 = 0.6;

/// The candidate that is most similar to a name, if one is similar enough; the first of several equal ones.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Names of very different lengths are not similar, and comparing a very long one is slow.
    let comparable = |candidate: &&str| candidate.len().max(name.len()) <= 4 * candidate.len().min(name.len());
    let similarity = |other: &str| strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &other.to_lowercase());
    let compared = candidates.into_iter().filter(comparable).map(|candidate| (similarity(candidate), candidate));
    let similar = compared.filter(|(similarity, _)| *similarity >= SIMILAR);
    similar.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, candidate)| candidate)
}

/// `; did you mean X?` where there is something to suggest.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, candidates).map(|candidate| format!("; did you mean `{candidate}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_near() {
        let names = ["tasks_started_total", "tasks_rejected_total", "queue_depth"];
        assert_eq!(nearest("task_started_total", names), Some("tasks_started_total"));
        assert_eq!(nearest("tasks_reject_total", names), Some("tasks_rejected_total"));
        assert_eq!(nearest("TRITON", ["vllm", "triton"]), Some("triton"));
        assert_eq!(nearest("node_cpu_seconds_total", names), None);
        assert_eq!(did_you_mean("queue_dept", names), "; did you mean `queue_depth`?");
        assert_eq!(did_you_mean("x", names), "");
    }
}
