//! Units for OpenTelemetry.
//!
//! A collector that hands metrics on to Prometheus, and Prometheus itself, put the unit into the name by default
//! (`UnderscoreEscapingWithSuffixes`): `gpu_utilization` in `%` becomes `gpu_utilization_percent`, and a gauge in
//! `1` becomes a `_ratio`. The names are the contract, so a unit is sent as a code of [UCUM](https://ucum.org/ucum)
//! only if the name has it already; otherwise it is an annotation in braces, which UCUM reads as 1 and no
//! translation puts into a name. The rules are those of
//! <https://github.com/prometheus/otlptranslator/blob/main/metric_namer.go>.

use crate::declare::desc::MetricKind;
use crate::declare::rules::UnitRule;

/// The unit of a metric for OTLP, chosen so that the translation to Prometheus keeps the name.
pub(crate) fn unit(name: &str, kind: MetricKind, unit: &str) -> String {
    match unit {
        // A gauge of `1` would be taken for a ratio.
        "1" => format!("{{{}}}", noun(name)),
        "tokens" => "{token}".to_owned(),
        "ratio" => {
            let survives =
                kind != MetricKind::Gauge || name.strip_suffix("_ratio").is_some_and(|rest| !has(rest, "ratio"));
            if survives { "1" } else { "{ratio}" }.to_owned()
        }
        noun if noun.starts_with('{') => noun.to_owned(),
        word => match UnitRule::named(word).map(|rule| rule.ucum).filter(|code| !code.is_empty()) {
            Some(code) if has(name, word) => code.to_owned(),
            _ => format!("{{{word}}}"),
        },
    }
}

fn has(name: &str, word: &str) -> bool {
    name.split('_').any(|token| token == word)
}

/// What a metric of `1` counts: the first word of its name that is a plural in `s`, as a singular. Only a
/// consonant is safe in front of the `s`: `retries`, `batches`, `gas` and `status` would be cut wrongly.
fn noun(name: &str) -> &str {
    const VOWELS: &str = "aeiou";
    let singular = |word: &&str| {
        word.len() > 2 && word.contains(|char| VOWELS.contains(char)) && !word.ends_with(|char| "aeious".contains(char))
    };
    name.split('_').filter_map(|word| word.strip_suffix('s')).find(singular).unwrap_or("item")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_sent_only_where_the_name_has_the_unit() {
        let gauge = |name, wanted| unit(name, MetricKind::Gauge, wanted);
        assert_eq!(gauge("vram_used_bytes", "bytes"), "By");
        assert_eq!(gauge("vram_used", "bytes"), "{bytes}");
        assert_eq!(gauge("gpu_utilization", "percent"), "{percent}");
        assert_eq!(gauge("gpu_percent", "percent"), "%");
        assert_eq!(gauge("kv_cache_usage_ratio", "ratio"), "1");
        assert_eq!(gauge("ratio_of_hits", "ratio"), "{ratio}");
        // Translated, it would be `hit_now_ratio`.
        assert_eq!(gauge("hit_ratio_now_ratio", "ratio"), "{ratio}");
        assert_eq!(unit("hit_ratio_now", MetricKind::Histogram, "ratio"), "1");
        assert_eq!(unit("wait_ms", MetricKind::Histogram, "milliseconds"), "{milliseconds}");
        assert_eq!(unit("wait_seconds_total", MetricKind::Counter, "seconds"), "s");
        assert_eq!(gauge("room_celsius", "celsius"), "Cel");
    }

    #[test]
    fn the_unit_of_a_count_is_a_noun_and_never_a_ratio() {
        assert_eq!(noun("tasks_enqueued_total"), "task");
        assert_eq!(noun("admission_backpressure_events_total"), "event");
        assert_eq!(noun("dns_lookups_total"), "lookup");
        for name in [
            "queue_depth",
            "retries_total",
            "queries_total",
            "batches_total",
            "http_status_total",
            "addresses_total",
            "gas_used",
            "has_foo",
            "process_starts_with_ss",
            "dns",
        ] {
            let expected = if name.starts_with("process") { "start" } else { "item" };
            assert_eq!(noun(name), expected, "{name}");
        }
        assert_eq!(unit("tasks_started_total", MetricKind::Counter, "1"), "{task}");
        assert_eq!(unit("queue_depth", MetricKind::Gauge, "1"), "{item}");
        assert_eq!(unit("calls", MetricKind::Gauge, "{request}"), "{request}");
        assert_eq!(unit("tokens_in_total", MetricKind::Counter, "tokens"), "{token}");
    }
}
