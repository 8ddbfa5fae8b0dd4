//! Units whose values can be converted.

/// The factor that converts values of one unit to the other.
pub(super) fn factor(from: &str, to: &str) -> Option<f64> {
    match (from, to) {
        (from, to) if from == to || is_annotation(from, to) => Some(1.0),
        ("seconds", "milliseconds") => Some(1e3),
        ("milliseconds", "seconds") => Some(1e-3),
        ("ratio", "percent") => Some(1e2),
        ("percent", "ratio") => Some(1e-2),
        _ => None,
    }
}

/// Whether both units are a count, and one is annotated: `1` and `{task}`.
pub(super) fn is_annotation(from: &str, to: &str) -> bool {
    let is_noun = |unit: &str| unit.len() > 2 && unit.starts_with('{') && unit.ends_with('}');
    from == "1" && is_noun(to) || is_noun(from) && to == "1"
}
