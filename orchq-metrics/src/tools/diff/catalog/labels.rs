//! Changes of labels and of their values.

use super::{Row, breaking, compatible};
use crate::report::finding::{Rule, Severity};

pub(in crate::tools::diff) static LABEL_REMOVED: Row = breaking(Rule {
    id: "diff-label-removed",
    severity: Severity::Error,
    description: "A metric lost a label. A selector with it matches nothing, a `by` with it groups everything into one, \
              and series that it told apart are one.",
    example: "`queue_depth` no longer has `pool_id`.",
    help: "keep the label until no rule or dashboard names it",
});

pub(in crate::tools::diff) static LABEL_RENAMED: Row = breaking(Rule {
    id: "diff-label-renamed",
    severity: Severity::Error,
    description: "A metric lost a label and gained one with the same values, under a name like it or with a list of values \
              that no two labels have by chance. To those who name the old one it is gone.",
    example: "`pool_id` of `queue_depth` becomes `pool`.",
    help: "copy the new label to the old name with `metric_relabel_configs` until every consumer reads the new one",
});

pub(in crate::tools::diff) static LABEL_ADDED: Row = breaking(Rule {
    id: "diff-label-added",
    severity: Severity::Error,
    description: "Every series of a metric carries a label more, and so is another series. What sums `by` something \
              survives; what matches series of two metrics finds no partner or several, alerts fire anew under another \
              identity, and a query without aggregation gives more rows.",
    example: "`queue_depth` gains `zone`.",
    help: "declare a new metric with the label, and remove the old one later; or raise the major version",
});

pub(in crate::tools::diff) static CONDITIONAL_LABEL_ADDED: Row = breaking(Rule {
    id: "diff-conditional-label-added",
    severity: Severity::Error,
    description: "Some series of a metric may carry a label more. Those that do are other series than before, as if the \
              label were required; those that do not are as they were.",
    example: "`queue_depth` gains `model_id` where a pool serves one model.",
    help: "declare a new metric with the label, and remove the old one later; or raise the major version",
});

pub(in crate::tools::diff) static LABEL_ORDER_CHANGED: Row = compatible(Rule {
    id: "diff-label-order-changed",
    severity: Severity::Note,
    description: "The labels are listed in another order. To Prometheus they have none; the fingerprint that tells builds \
              apart is made in this order, so that a fleet of both shows two.",
    example: "`reason, engine` becomes `engine, reason`.",
    help: "nothing is to be done, once the fleet runs one build",
});

pub(in crate::tools::diff) static LABEL_MADE_CONDITIONAL: Row = breaking(Rule {
    id: "diff-label-made-conditional",
    severity: Severity::Error,
    description: "A label that every series carried may be absent. Such a series escapes a selector that names the label, \
              and a `by` puts it into a group without one.",
    example: "`replica_id` of `tokens_in_total` is absent before placement.",
    help: "keep the label on every series, with a value that says what is meant",
});

pub(in crate::tools::diff) static LABEL_MADE_REQUIRED: Row = breaking(Rule {
    id: "diff-label-made-required",
    severity: Severity::Error,
    description: "A label that some series lacked is on every one. Those that lacked it are other series than before, and \
              a selector of those without it (`label=\"\"`) matches nothing.",
    example: "`model_id` of `queue_depth` is always there.",
    help: "raise the major version, and look for selectors with an empty value",
});

pub(in crate::tools::diff) static CONDITION_TIGHTENED: Row = breaking(Rule {
    id: "diff-condition-tightened",
    severity: Severity::Error,
    description: "A conditional label may no longer stand on series that could carry it. Those lose it, as if it were \
              removed from them.",
    example: "`trtllm_version` stood with `engine=\"triton\"` and `engine=\"vllm\"`, and now with the first alone.",
    help: "keep the old condition until no rule or dashboard needs the label there",
});

pub(in crate::tools::diff) static CONDITION_LOOSENED: Row = breaking(Rule {
    id: "diff-condition-loosened",
    severity: Severity::Error,
    description: "A conditional label may stand on series that could not carry it. Those may become other series, as if it \
              were added to them.",
    example: "`trtllm_version` stood with `engine=\"triton\"` alone, and now with `engine=\"vllm\"` too.",
    help: "keep the old condition, or raise the major version",
});

pub(in crate::tools::diff) static CONDITION_RESPELLED: Row = compatible(Rule {
    id: "diff-condition-respelled",
    severity: Severity::Note,
    description: "A conditional label's condition is written otherwise, and says the same of every series that there could \
              be before: it names values that are new with it, or no longer names values that are gone.",
    example: "`engine` gains `sglang`, and `trtllm_version` may stand with it.",
    help: "nothing is to be done",
});

pub(in crate::tools::diff) static VALUE_REMOVED: Row = breaking(Rule {
    id: "diff-value-removed",
    severity: Severity::Error,
    description: "A closed label lost a value. A selector of it matches nothing, and an alert on it never fires.",
    example: "`reason` of `tasks_canceled_total` is never `watchdog` any more.",
    help: "keep the value declared, so that its series stay at zero, until no rule or dashboard names it",
});

pub(in crate::tools::diff) static VALUE_RENAMED: Row = breaking(Rule {
    id: "diff-value-renamed",
    severity: Severity::Error,
    description: "A closed label lost a value and gained another spelling of it: in case, in what separates its words, or in \
              a letter that British English doubles. To those who name the old spelling it is gone.",
    example: "`cancelled` becomes `canceled`.",
    help: "keep the old spelling, or let `metric_relabel_configs` write it until every consumer reads the new one",
});

pub(in crate::tools::diff) static VALUE_ADDED: Row = compatible(Rule {
    id: "diff-value-added",
    severity: Severity::Note,
    description: "A closed label gained a value. Series that there were stay as they are; a panel `by` the label has a row \
              more, and a sum over all values counts it too.",
    example: "`reason` of `tasks_canceled_total` may be `deadline`.",
    help: "look for queries that list every value",
});

pub(in crate::tools::diff) static VALUE_ORDER_CHANGED: Row = compatible(Rule {
    id: "diff-value-order-changed",
    severity: Severity::Note,
    description: "A closed label's values are listed in another order. No query sees it; the fingerprint that tells builds \
              apart is made in this order, so that a fleet of both shows two.",
    example: "`user|watchdog` becomes `watchdog|user`.",
    help: "nothing is to be done, once the fleet runs one build",
});

pub(in crate::tools::diff) static VALUES_OPENED: Row = breaking(Rule {
    id: "diff-values-opened",
    severity: Severity::Error,
    description: "A label with listed values may take any. Its series no longer begin at zero, values come that no query \
              lists, and past the budget they fold into one.",
    example: "`engine` is whatever the worker says.",
    help: "list the new values, and keep the set closed",
});

pub(in crate::tools::diff) static VALUES_CLOSED: Row = breaking(Rule {
    id: "diff-values-closed",
    severity: Severity::Error,
    description: "A label that could take any value takes listed ones alone. Whatever else it was is gone, or is spelled \
              otherwise.",
    example: "`priority` is `low`, `normal` or `high`, and was a number.",
    help: "list every value that is in use, spelled as it is, and raise the major version",
});

pub(in crate::tools::diff) static BUDGET_LOWERED: Row = breaking(Rule {
    id: "diff-budget-lowered",
    severity: Severity::Error,
    description: "An open label has room for fewer values. Those past the budget fold into `__overflow__`, where a \
              selector of them matches nothing.",
    example: "The budget of `pool_id` goes from 256 to 64.",
    help: "keep the budget, unless no process comes near the new one",
});

pub(in crate::tools::diff) static BUDGET_RAISED: Row = compatible(Rule {
    id: "diff-budget-raised",
    severity: Severity::Note,
    description: "An open label has room for more values. Those that there were stay as they are; there may be more series.",
    example: "The budget of `pool_id` goes from 256 to 512.",
    help: "see that Prometheus has room for the series",
});
