//! Changes of labels and of their values.

super::row::changes! {
    LABEL_REMOVED: Breaking, "diff-label-removed" {
        description: "A metric lost a label. A selector with it matches nothing, a `by` with it makes one group of all, \
                      and series that only it distinguished become one.",
        example: "`queue_depth` no longer has `pool_id`.",
        help: "keep the label until no rule or dashboard names it; if it only has another name, copy the new label to the \
               old name with `metric_relabel_configs`",
    }

    LABEL_ADDED: Breaking, "diff-label-added" {
        description: "Every series of a metric has one more label, so it becomes a different series. A sum `by` other labels is \
                      unchanged; vector matching finds no match or several, alerts fire again under another identity, \
                      and a query without aggregation returns more rows.",
        example: "`queue_depth` gains `zone`.",
        help: "declare a new metric with the label, and remove the old one later; or raise the major version",
    }

    CONDITIONAL_LABEL_ADDED: Breaking, "diff-conditional-label-added" {
        description: "Some series of a metric may have one more label. Those that have it become other series, as with \
                      a required label; the rest do not change.",
        example: "`queue_depth` gains `model_id` where a pool serves one model.",
        help: "declare a new metric with the label, and remove the old one later; or raise the major version",
    }

    LABEL_ORDER_CHANGED: Compatible, "diff-label-order-changed" {
        description: "The labels are listed in another order. To Prometheus they have no order; the fingerprint that \
                      identifies a build depends on it, so that a fleet with both builds shows two.",
        example: "`reason, engine` becomes `engine, reason`.",
        help: "nothing to do, once the fleet runs one build",
    }

    LABEL_MADE_CONDITIONAL: Breaking, "diff-label-made-conditional" {
        description: "A label that every series had may be absent. A selector of the label does not match such a series, \
                      and a `by` puts it into a group without the label.",
        example: "`replica_id` of `tokens_in_total` is absent before placement.",
        help: "keep the label on every series, with a value that says what is meant",
    }

    LABEL_MADE_REQUIRED: Breaking, "diff-label-made-required" {
        description: "A label that some series lacked is on every series. Those that lacked it become other series, and a \
                      selector of an absent label (`label=\"\"`) matches nothing.",
        example: "`model_id` of `queue_depth` is always there.",
        help: "raise the major version, and look for selectors with an empty value",
    }

    CONDITION_TIGHTENED: Breaking, "diff-condition-tightened" {
        description: "Series that could have a conditional label may no longer have it. They lose it, as if the label \
                      were removed from them.",
        example: "`trtllm_version` was allowed with `engine=\"triton\"` and `engine=\"vllm\"`, and now only with the first.",
        help: "keep the old condition until no rule or dashboard needs the label there",
    }

    CONDITION_LOOSENED: Breaking, "diff-condition-loosened" {
        description: "Series that could not have a conditional label may have it now. They may become other series, as if \
                      the label were added to them.",
        example: "`trtllm_version` was allowed only with `engine=\"triton\"`, and now with `engine=\"vllm\"` too.",
        help: "keep the old condition, or raise the major version",
    }

    CONDITION_RESPELLED: Compatible, "diff-condition-respelled" {
        description: "A conditional label's condition is written differently, and means the same for every series that \
                      could exist before: it gained values that are new, or lost values that were removed.",
        example: "`engine` gains `sglang`, and `trtllm_version` is allowed with it.",
        help: "nothing to do",
    }

    VALUE_REMOVED: Breaking, "diff-value-removed" {
        description: "A closed label lost a value. A selector of it matches nothing, and an alert on it never fires.",
        example: "`reason` of `tasks_canceled_total` is never `watchdog` any more.",
        help: "keep the value declared, so that its series stay at zero, until no rule or dashboard names it",
    }

    VALUE_ADDED: Compatible, "diff-value-added" {
        description: "A closed label gained a value. Existing series do not change; a panel `by` the label has one more \
                      row, and a sum over all values includes it.",
        example: "`reason` of `tasks_canceled_total` may be `deadline`.",
        help: "look for queries that list every value",
    }

    VALUE_ORDER_CHANGED: Compatible, "diff-value-order-changed" {
        description: "A closed label's values are listed in another order. No query depends on it; the fingerprint that \
                      identifies a build does, so that a fleet with both builds shows two.",
        example: "`user|watchdog` becomes `watchdog|user`.",
        help: "nothing to do, once the fleet runs one build",
    }

    VALUES_OPENED: Breaking, "diff-values-opened" {
        description: "A label with listed values may have any value. Its series no longer start at zero, values appear \
                      that no query lists, and past the budget they share one series.",
        example: "`engine` is whatever the worker reports.",
        help: "list the new values, and keep the set closed",
    }

    VALUES_CLOSED: Breaking, "diff-values-closed" {
        description: "A label that could have any value has only listed ones. Every other value is gone or is spelled \
                      differently.",
        example: "`priority` is `low`, `normal` or `high`, and was a number.",
        help: "list every value that is in use, with its spelling, and raise the major version",
    }

    BUDGET_LOWERED: Breaking, "diff-budget-lowered" {
        description: "An open label has room for fewer values. Values past the budget are recorded under `__overflow__`, \
                      and a selector of them matches nothing.",
        example: "The budget of `pool_id` goes from 256 to 64.",
        help: "keep the budget, unless no process comes near the new one",
    }

    BUDGET_RAISED: Compatible, "diff-budget-raised" {
        description: "An open label has room for more values. Existing series do not change; there may be more of them.",
        example: "The budget of `pool_id` goes from 256 to 512.",
        help: "make sure that Prometheus has room for the series",
    }
}
