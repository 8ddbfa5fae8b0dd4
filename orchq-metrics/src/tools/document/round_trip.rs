//! The rendered document of any contract matches the contract.

use super::check;
use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::v1;

fn label(name: &str, values: OwnedValues) -> OwnedLabel {
    OwnedLabel { name: name.to_owned(), values, conditional: false, conditions: Vec::new() }
}

fn closed(values: &[&str]) -> OwnedValues {
    OwnedValues::Closed(values.iter().map(|value| (*value).to_owned()).collect())
}

/// A contract of two counters, `a_total` and `b_total`, with these labels.
fn contract(of_a: OwnedLabel, of_b: OwnedLabel) -> OwnedContract {
    let v1 = OwnedContract::from(&v1::CONTRACT);
    let base = v1.metric("tasks_rejected_total").expect("a counter").clone();
    let metric = |name: &str, label| OwnedMetric { name: name.to_owned(), labels: vec![label], ..base.clone() };
    OwnedContract { metrics: vec![metric("a_total", of_a), metric("b_total", of_b)], doc: String::new(), ..v1 }
}

/// The findings of one contract's document against another contract.
fn against(documented: &OwnedContract, contract: &OwnedContract) -> Vec<String> {
    let text = documented.to_markdown();
    let report = check(contract, "doc.md", &text);
    assert_eq!(report.examined, contract.metrics.len(), "{text}");
    report.findings.iter().map(|it| format!("{} {}: {}", it.rule, it.subject, it.message)).collect()
}

#[track_caller]
fn is_read_back(contract: &OwnedContract) {
    let found = against(contract, contract);
    assert!(found.is_empty(), "{found:#?}\n{}", contract.to_markdown());
}

#[test]
fn values_of_any_kind_are_read_back() {
    for values in [
        &["eu"][..],
        &["a b"],
        &["user (or not)"],
        &["user (or not", "x)"],
        &["a,b", "c|d"],
        &["*bold*", "_x_", "bold", "x"],
        &["a`b", "a\nb", "a\rb", " a", "\"", "\\", "\u{2028}"],
        &["a`b`c"],
        &["where it applies"],
        &["open"],
        &["<!--", "-->", "#", "- x"],
    ] {
        let label = label("region", closed(values));
        is_read_back(&contract(label.clone(), label.clone()));
        let conditional = OwnedLabel { conditional: true, ..label.clone() };
        is_read_back(&contract(conditional, self::label("other", closed(values))));
        let fewer = self::label("region", closed(&["zz"]));
        for other in [contract(label.clone(), fewer.clone()), contract(fewer.clone(), fewer.clone())] {
            assert!(!against(&contract(label.clone(), label.clone()), &other).is_empty(), "{values:?}");
        }
    }
}

#[test]
fn texts_of_any_kind_are_read_back() {
    let mut contract = contract(label("x", closed(&["y"])), label("x", closed(&["y"])));
    for text in ["*bold*", "**a** b *c*", "# x", "x #", "C#", "##", "`code`", "- a", "type: gauge", "`a` (b|c)"] {
        for metric in &mut contract.metrics {
            text.clone_into(&mut metric.help);
            text.clone_into(&mut metric.section);
            metric.requirement = Some(text.to_owned());
        }
        is_read_back(&contract);
    }
}

#[test]
fn budgets_and_sets_are_of_the_metrics_that_have_them() {
    let open = |budget| label("x", OwnedValues::Open { budget });
    let (documented, swapped) = (contract(open(3), open(5)), contract(open(5), open(3)));
    is_read_back(&documented);
    assert_eq!(
        against(&documented, &swapped),
        [
            "document-values-differ x: the document says `open, budget 3`, and the contract `open, budget 5`",
            "document-values-differ x: the document says `open, budget 5`, and the contract `open, budget 3`",
        ],
    );
    let found = against(&contract(open(3), open(3)), &documented);
    assert!(
        found[0].starts_with("document-labels-differ x: the contract has no label `x` with values of its own"),
        "{found:#?}"
    );

    let conditional = |values| OwnedLabel { conditional: true, ..label("x", closed(values)) };
    let (documented, swapped) = (
        contract(conditional(&["a", "b"]), conditional(&["c"])),
        contract(conditional(&["c"]), conditional(&["a", "b"])),
    );
    is_read_back(&documented);
    assert_eq!(against(&documented, &swapped).len(), 2);
}

#[test]
fn conditions_are_compared() {
    let conditional =
        |conditions| OwnedLabel { conditional: true, conditions, ..label("x", OwnedValues::Open { budget: 3 }) };
    let only_with = |value: &str| OwnedCondition::OnlyWith { label: "y".to_owned(), values: vec![value.to_owned()] };
    let not_with = OwnedCondition::NotWith { label: "z".to_owned() };
    let documented = conditional(vec![only_with("a, b"), not_with.clone()]);
    is_read_back(&contract(documented.clone(), documented.clone()));
    is_read_back(&contract(documented.clone(), conditional(Vec::new())));
    for other in [vec![only_with("a, b")], vec![only_with("a"), not_with], Vec::new()] {
        let (of_one, other) = (contract(documented.clone(), documented.clone()), conditional(other));
        let found = against(&of_one, &contract(other.clone(), other));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(
            found[0].contains("the document says `open, budget 3, where it applies, only with y `a, b`, not with z`")
        );
    }
}
