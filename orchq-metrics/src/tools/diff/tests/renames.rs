//! A removed metric and a new one that promises nearly the same are one renamed metric.

use super::{closed, contract, edited, label, metric, rules, rules_between};
use crate::contract::owned::OwnedContract;
use crate::contract::owned::OwnedMetric;
use crate::contract::owned::OwnedValues;
use crate::declare::desc::MetricKind;
use crate::tools::diff::compare;

fn of(metrics: Vec<OwnedMetric>) -> OwnedContract {
    OwnedContract { metrics, ..contract() }
}

/// What a metric of this name and help has become, if it is recognised as one of these.
fn becomes(before: (&str, &str), after: &[(&str, &str)]) -> Vec<(String, String)> {
    let gauge = |(name, help): (&str, &str)| {
        metric(name, MetricKind::Gauge, "ratio", help, vec![label("pool_id", OwnedValues::Open { budget: 64 })])
    };
    let new = after.iter().map(|after| gauge(*after)).collect();
    let diff = compare(&of(vec![gauge(before)]), &of(new));
    let renamed = diff.changes.into_iter().filter(|change| change.rule == "diff-metric-renamed");
    renamed.filter_map(|change| Some((change.before?, change.after?))).collect()
}

#[test]
fn renames_are_distinguished_from_removals_and_additions() {
    let renamed = |before, after| !becomes(before, &[after]).is_empty();
    let same = "Share of the cache that is in use.";
    assert!(renamed(("gpu_cache_usage_ratio", same), ("kv_cache_usage_ratio", same)));
    assert!(renamed(
        ("gpu_cache_usage_perc", "GPU KV-cache usage. 1 means 100 percent usage."),
        ("kv_cache_usage_perc", "KV-cache usage. 1 means 100 percent usage.")
    ));
    assert!(renamed(("cache_usage_ratio", ""), ("cache_usage_ratios", "")));
    // One help, and no word in common.
    assert!(!renamed(("fill", same), ("cache_usage_ratio", same)));
    assert!(!renamed(("a_total", same), ("zebra_total", same)));
    assert!(!renamed(("fill", "How full it is."), ("cache_usage_ratio", same)));
    assert!(!renamed(("fill", ""), ("cache_usage_ratio", "")));
    assert!(!renamed(
        ("tasks_enqueued", "Number of tasks accepted into the queue."),
        ("tasks_started", "Number of tasks that started decoding on a worker slot.")
    ));
    assert!(!renamed(
        ("tokens_in", "Total prompt tokens processed."),
        ("tokens_out", "Total output tokens generated.")
    ));
}

#[test]
fn the_best_is_taken_and_each_once() {
    let best = becomes(
        ("cache_usage_ratio", "Share of the cache that is in use."),
        &[
            ("cache_use", "Share of the cache that is in use."),
            ("cache_usage", "Share of the cache that is in use."),
            ("cache_used", "Share of the cache that is in use."),
        ],
    );
    assert_eq!(best, [("cache_usage_ratio".to_owned(), "cache_usage".to_owned())]);
}

#[test]
fn the_opposite_of_a_metric_is_another_one() {
    for (before, after) in [
        (("vram_used_bytes", "VRAM in use by the model."), ("vram_free_bytes", "VRAM not in use by the model.")),
        (("vram_used_bytes", "VRAM in use by the model."), ("vram_total_bytes", "VRAM of the device.")),
        (
            ("kv_cache_usage_ratio", "Share of the KV cache in use."),
            ("kv_cache_free_ratio", "Share of the KV cache free."),
        ),
        (("gpu_utilization", "GPU utilization of the worker."), ("cpu_utilization", "CPU utilization of the worker.")),
        (("tasks_started_total", "Tasks that started."), ("tasks_finished_total", "Tasks that finished.")),
        (("tasks_enqueued_total", "Tasks enqueued so far."), ("tasks_dequeued_total", "Tasks dequeued so far.")),
        (("latency_first_token_ms", "Time to the first token."), ("latency_last_token_ms", "Time to the last token.")),
    ] {
        assert_eq!(becomes(before, &[after]), [], "{before:?}");
        // Nor under a help that was copied.
        assert_eq!(becomes(before, &[(after.0, before.1)]), [], "{before:?}");
    }
}

#[test]
fn neither_half_of_a_metric_is_the_whole() {
    let halves = [("toks_in_total", "Tokens in."), ("toks_out_total", "Tokens out.")];
    assert_eq!(becomes(("toks_total", "Tokens."), &halves), []);
    assert_eq!(becomes(("toks_total", "Tokens."), &[("toks_in_total", "Tokens."), ("toks_out_total", "Tokens.")]), []);
    // A metric that lost a word of its help and of its name may have been a part of a sum.
    let (part, whole) = ("Prompt tokens that were processed so far.", "Tokens that were processed so far.");
    assert_eq!(becomes(("prompt_tokens_total", part), &[("tokens_total", whole)]), []);
    assert_eq!(becomes(("tokens_total", whole), &[("prompt_tokens_total", part)]), []);
}

#[test]
fn of_two_that_may_be_it_neither_is() {
    let gauges = |names: &[&str]| {
        let usage = |name: &&str| metric(name, MetricKind::Gauge, "ratio", "Cache usage.", Vec::new());
        of(names.iter().map(usage).collect())
    };
    let diff = compare(&gauges(&["gpu_cache_usage", "cpu_cache_usage"]), &gauges(&["kv_cache_usage"]));
    assert_eq!(rules(&diff), ["diff-metric-removed", "diff-metric-removed", "diff-metric-added"]);
    // The same help and section do not make two metrics the same one.
    let both = compare(&gauges(&["gpu_cache_usage", "cache"]), &gauges(&["kv_cache_usage", "cache"]));
    assert_eq!(rules(&both), ["diff-metric-removed", "diff-metric-added"]);
    let alone = compare(&gauges(&["gpu_cache_usage"]), &gauges(&["kv_cache_usage"]));
    assert_eq!(rules(&alone), ["diff-metric-renamed"]);
}

#[test]
fn two_that_swap_their_help_keep_their_names() {
    let diff = edited(|new| {
        new.metrics[0].help = "Time to first token.".to_owned();
        new.metrics[1].help = "Current queue length.".to_owned();
    });
    assert_eq!(rules(&diff), ["diff-help-changed", "diff-help-changed"]);
}

#[test]
fn another_kind_or_a_unit_that_does_not_convert_is_another_metric() {
    let diff = edited(|new| {
        new.metrics[0].name = "queue_depths".to_owned();
        new.metrics[0].unit = "bytes".to_owned();
        new.metrics[1].name = "latency_first_s".to_owned();
        new.metrics[1].kind = MetricKind::Counter;
    });
    let expected = ["diff-metric-removed", "diff-metric-removed", "diff-metric-added", "diff-metric-added"];
    assert_eq!(rules(&diff), expected);
    let diff = edited(|new| {
        new.metrics[1].name = "latency_first_seconds".to_owned();
        new.metrics[1].unit = "seconds".to_owned();
        new.metrics[1].buckets = vec![0.005, 0.05, 0.5];
    });
    assert_eq!(rules(&diff), ["diff-metric-renamed", "diff-unit-changed"]);
    // Not exact as numbers: 0.0041 times 1000 is not 4.1.
    let (mut old, mut new) = (contract(), contract());
    old.metrics[1].buckets = vec![4.1, 50.0];
    new.metrics[1].unit = "seconds".to_owned();
    new.metrics[1].buckets = vec![0.0041, 0.05, 0.07];
    assert_ne!(0.0041_f64 * 1e3, 4.1);
    assert_eq!(rules(&compare(&old, &new)), ["diff-unit-changed", "diff-bucket-added"]);
}

#[test]
fn other_changes_of_a_renamed_metric_are_reported_under_its_old_name() {
    let diff = edited(|new| {
        new.metrics[0].name = "queue_length".to_owned();
        new.metrics[0].labels[1].values = OwnedValues::Open { budget: 8 };
    });
    assert_eq!(rules(&diff), ["diff-metric-renamed", "diff-budget-lowered"]);
    assert!(diff.changes.iter().all(|change| change.metric.as_deref() == Some("queue_depth")));
}

#[test]
fn labels_are_renamed_by_their_values_and_names() {
    let change = |values: OwnedValues, to: &str, into: OwnedValues| {
        let old = of(vec![metric("m", MetricKind::Gauge, "1", "M.", vec![label("pool_id", values)])]);
        let new = of(vec![metric("m", MetricKind::Gauge, "1", "M.", vec![label(to, into)])]);
        rules_between(&old, &new)
    };
    let open = |budget| OwnedValues::Open { budget };
    assert_eq!(change(open(64), "pool", open(64)), ["diff-label-renamed"]);
    assert_eq!(change(open(64), "pool_name", open(64)), ["diff-label-renamed"]);
    // Same budget and same ending, but a different label.
    assert_eq!(change(open(64), "model_id", open(64)), ["diff-label-removed", "diff-label-added"]);
    assert_eq!(change(open(64), "device", open(64)), ["diff-label-removed", "diff-label-added"]);
    assert_eq!(change(open(64), "pool", open(32)), ["diff-label-removed", "diff-label-added"]);
    let states = || closed(&["idle", "busy", "lost"]);
    assert_eq!(change(states(), "device", states()), ["diff-label-renamed"]);
    let two = || closed(&["true", "false"]);
    assert_eq!(change(two(), "streaming", two()), ["diff-label-removed", "diff-label-added"]);
    assert_eq!(change(two(), "pool", two()), ["diff-label-renamed"]);
    // Each is one side of two.
    let side = |values: fn() -> OwnedValues| {
        let of = |name| of(vec![metric("m", MetricKind::Gauge, "1", "M.", vec![label(name, values())])]);
        rules_between(&of("src_node"), &of("dst_node"))
    };
    assert_eq!(side(|| OwnedValues::Open { budget: 64 }), ["diff-label-removed", "diff-label-added"]);
    assert_eq!(side(|| closed(&["idle", "busy", "lost"])), ["diff-label-removed", "diff-label-added"]);
    assert_eq!(change(closed(&[]), "device", closed(&[])), ["diff-label-removed", "diff-label-added"]);
}

#[test]
fn a_label_rename_says_how_to_keep_the_old_name() {
    let diff = edited(|new| new.metrics[1].labels[1].name = "pool".to_owned());
    let help = &diff.report().findings[1].help;
    let relabel = "[{source_labels: [__name__, pool], regex: 'latency_first_ms(?:_bucket|_sum|_count);(.+)', \
                   target_label: pool_id}]";
    assert!(help.contains(relabel), "{help}");
    assert_eq!(diff.compatibility_rules(), None);
}

#[test]
fn a_label_that_also_became_conditional_is_another_one() {
    let diff = edited(|new| {
        new.metrics[0].labels[1].name = "pool".to_owned();
        new.metrics[0].labels[1].conditional = true;
    });
    assert_eq!(rules(&diff), ["diff-label-removed", "diff-conditional-label-added"]);
}

#[test]
fn a_value_is_renamed_where_it_is_only_spelled_otherwise() {
    let renamed = |before: &str, after: &str| {
        let of = |value: &str| {
            let labels = vec![label("reason", closed(&["other", value]))];
            of(vec![metric("m", MetricKind::Counter, "1", "M.", labels)])
        };
        match *rules(&compare(&of(before), &of(after))) {
            ["diff-value-renamed"] => true,
            ["diff-value-removed", "diff-value-added"] => false,
            ref rules => panic!("{before} -> {after}: {rules:?}"),
        }
    };
    for (before, after) in [
        ("cancelled", "canceled"),
        ("POOL_UNREADY", "pool-unready"),
        ("llamacpp", "llama.cpp"),
        ("LlamaCpp", "llamacpp"),
    ] {
        assert!(renamed(before, after) && renamed(after, before), "{before} {after}");
    }
    for (before, after) in [
        ("POOL_UNREADY", "POOL_UNAVAILABLE"),
        ("POOL_AVAILABLE", "POOL_UNAVAILABLE"),
        ("authorized", "unauthorized"),
        ("increase", "decrease"),
        ("h100", "h200"),
        ("llama2", "llama3"),
        ("2024-01", "2025-01"),
        ("upload", "unload"),
        ("drop-lru", "drop-fifo"),
        ("drop-lru", "drop"),
        ("high", "highest"),
        ("+", "-"),
        ("", "x"),
    ] {
        assert!(!renamed(before, after) && !renamed(after, before), "{before} {after}");
    }
}
