//! A condition only matters for series that could exist before.

use std::borrow::Cow;

use super::{closed, contract, only_with, rules_between};
use crate::contract::owned::OwnedCondition;
use crate::contract::owned::OwnedContract;

/// The rules that `edit` triggers on a contract of one metric, whose label `trtllm_version` has these conditions.
fn changed(conditions: &[OwnedCondition], edit: impl Fn(&mut OwnedContract)) -> Vec<Cow<'static, str>> {
    let mut old = contract();
    old.metrics.truncate(1);
    old.metrics[0].labels[2].conditions = conditions.to_vec();
    let mut new = old.clone();
    edit(&mut new);
    rules_between(&old, &new)
}

fn set(new: &mut OwnedContract, conditions: &[OwnedCondition]) {
    new.metrics[0].labels[2].conditions = conditions.to_vec();
}

#[test]
fn values_in_and_out_of_a_condition_are_distinguished() {
    let triton = [only_with("engine", &["triton"])];
    let both = [only_with("engine", &["triton", "vllm"])];
    assert_eq!(changed(&triton, |new| set(new, &both)), ["diff-condition-loosened"]);
    assert_eq!(changed(&both, |new| set(new, &triton)), ["diff-condition-tightened"]);
    assert_eq!(changed(&[], |new| set(new, &triton)), ["diff-condition-tightened"]);
    let other = [only_with("engine", &["vllm"])];
    assert_eq!(changed(&triton, |new| set(new, &other)), ["diff-condition-tightened", "diff-condition-loosened"]);
    // A condition with all values of a closed label excludes nothing.
    let all = [only_with("engine", &["llamacpp", "vllm", "triton"])];
    assert_eq!(changed(&[], |new| set(new, &all)), ["diff-condition-respelled"]);
    // The values of an open label are never known to be all.
    let open = [only_with("pool_id", &["a"])];
    assert_eq!(changed(&[], |new| set(new, &open)), ["diff-condition-tightened"]);
    assert_eq!(changed(&open, |new| set(new, &[])), ["diff-condition-loosened"]);
}

#[test]
fn a_condition_may_gain_an_added_value_and_lose_a_removed_one() {
    let triton = [only_with("engine", &["triton"])];
    let with_new = changed(&triton, |new| {
        new.metrics[0].labels[0].values = closed(&["llamacpp", "vllm", "triton", "sglang"]);
        set(new, &[only_with("engine", &["triton", "sglang"])]);
    });
    assert_eq!(with_new, ["diff-value-added", "diff-condition-respelled"]);
    let both = [only_with("engine", &["triton", "vllm"])];
    let without_old = changed(&both, |new| {
        new.metrics[0].labels[0].values = closed(&["llamacpp", "triton"]);
        set(new, &triton);
    });
    assert_eq!(without_old, ["diff-value-removed", "diff-condition-respelled"]);
}

#[test]
fn absence_of_another_label_is_a_condition_where_both_contracts_have_it() {
    let without = |label: &str| [OwnedCondition::NotWith { label: label.to_owned() }];
    assert_eq!(changed(&[], |new| set(new, &without("pool_id"))), ["diff-condition-tightened"]);
    assert_eq!(changed(&without("pool_id"), |new| set(new, &[])), ["diff-condition-loosened"]);
    assert_eq!(changed(&[], |new| set(new, &without("model_id"))), ["diff-condition-respelled"]);
}
