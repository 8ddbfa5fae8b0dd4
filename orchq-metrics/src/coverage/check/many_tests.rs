//! A check of a binary that has many sites.

use std::cell::Cell;

use super::*;
use crate::contract::linked::in_use;
use crate::declare::desc::{MetricDesc, MetricKind};
use crate::emit::metric::any_family;
use crate::emit::metric_ref::{Emits, MetricRef};
use crate::emit::site::Site;
use crate::emit::site_record::Origin;
use crate::store::{AnyFamily, Family, Gauge};
use crate::v1;

type FamilyPointer = fn() -> &'static dyn AnyFamily;

const SITES: usize = 500;

fn function(index: usize) -> &'static str {
    Box::leak(format!("function_{index}").into_boxed_str())
}

/// Sites that record these metrics in turn.
fn in_turn(families: &[FamilyPointer]) -> Vec<&'static Site> {
    (0..SITES).map(|index| site::made_by_hand(function(index), families[index % families.len()])).collect()
}

fn contract(name: &'static str, families: &[FamilyPointer]) -> &'static Contract {
    let krate = Some(env!("CARGO_PKG_NAME"));
    Box::leak(Box::new(Contract::new(name, "0.9.0", "", krate, Vec::leak(families.to_vec()), &[])))
}

fn evaluate(
    contract: &Contract,
    sites: &[&'static Site],
    contracts: &[&'static Contract],
    exemptions: &[Exemption],
) -> Coverage {
    Coverage::evaluate(contract, &Evidence::of_process(contract, Some(sites), contracts, exemptions))
}

fn subjects<'a>(coverage: &'a Coverage, rule: &str) -> Vec<&'a str> {
    let findings = coverage.findings.iter().filter(|finding| finding.rule == rule);
    findings.map(|finding| finding.subject.as_str()).collect()
}

#[test]
fn each_metric_has_its_own_sites_in_the_order_of_the_slice() {
    let families: Vec<_> = v1::CONTRACT.family_pointers().collect();
    let recorded = &families[1..];
    let coverage = evaluate(&v1::CONTRACT, &in_turn(recorded), &[], &[]);
    let [without, with @ ..] = coverage.metrics.as_slice() else { panic!("it has metrics") };
    for (first, metric) in with.iter().enumerate() {
        let functions: Vec<_> = metric.sites.iter().map(|site| site.function.as_str()).collect();
        let indices = (first..SITES).step_by(recorded.len());
        let expected: Vec<_> = indices.map(|index| format!("shop::till::function_{index}")).collect();
        assert_eq!(functions, expected, "{}", metric.name());
    }
    assert_eq!(without.sites, []);
    assert_eq!(subjects(&coverage, "metric-without-site"), [without.name()]);
}

#[test]
fn findings_of_sites_are_in_the_order_of_the_sites() {
    let families: Vec<_> = v1::CONTRACT.family_pointers().collect();
    let sites = in_turn(&families);
    let known = contract(v1::CONTRACT.name(), &families[..3]);
    let names = known.metrics().map(|desc| desc.name).collect::<Vec<_>>();
    let emitted = sites.iter().flat_map(|site| site.emissions()).map(|emits| emits.metric.desc.name);
    let unknown: Vec<_> = emitted.filter(|name| !names.contains(name)).collect();
    let coverage = evaluate(known, &sites, &[], &[]);
    assert_eq!(subjects(&coverage, "unknown-metric"), unknown);
    assert!(unknown.len() > SITES / 2);
}

#[test]
fn findings_of_contracts_are_in_the_order_of_the_contract_that_is_checked() {
    let mut families = RIVALS.to_vec();
    families.reverse();
    let contracts = [&v1::CONTRACT, contract("reversed", &families), contract("one", &families[3..4])];
    let coverage = evaluate(&v1::CONTRACT, &[], &contracts, &[]);
    let rivals: Vec<_> = families.iter().map(|family| family().desc().name).collect();
    let mut names: Vec<_> = v1::CONTRACT.metrics().map(|desc| desc.name).collect();
    names.retain(|name| rivals.contains(name));
    names.push(rivals[3]);
    assert_eq!(subjects(&coverage, "conflicting-contracts"), names);
}

thread_local! {
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

/// The family; counts the call.
fn asked<M: Metric>() -> &'static dyn AnyFamily {
    ASKED.set(ASKED.get() + 1);
    any_family::<M>()
}

/// A family of the same name and another definition; counts the call.
fn rival<M: Metric>() -> &'static dyn AnyFamily {
    ASKED.set(ASKED.get() + 1);
    let desc = MetricDesc { kind: MetricKind::Gauge, ..*M::DESC };
    Box::leak(Box::new(Family::<Gauge>::new(Box::leak(Box::new(desc)), 1.0, [0; 17], &[])))
}

macro_rules! six {
    ($family:ident) => {
        [
            $family::<v1::tasks_enqueued_total>,
            $family::<v1::tasks_started_total>,
            $family::<v1::tasks_canceled_total>,
            $family::<v1::tasks_rejected_total>,
            $family::<v1::tokens_in_total>,
            $family::<v1::tokens_out_total>,
        ]
    };
}

const RECORDED: [FamilyPointer; 6] = six!(asked);
const RIVALS: [FamilyPointer; 6] = six!(rival);

const IDLE: [FamilyPointer; 6] = [
    asked::<v1::queue_depth>,
    asked::<v1::kv_cache_usage_ratio>,
    asked::<v1::gpu_utilization>,
    asked::<v1::vram_used_bytes>,
    asked::<v1::latency_first_token_ms>,
    asked::<v1::latency_decode_ms>,
];

/// A site that lists no label of the metric that another library records.
fn foreign(family: FamilyPointer) -> &'static Site {
    let emits = Emits::made_by_hand(MetricRef::new(family), &[7], Some(&[]));
    let origin = Origin { krate: "shop", version: "", module: "shop", function: "sell", file: "", in_test: false };
    Box::leak(Box::new(Site::new(origin, vec![emits])))
}

/// How often a check looks up a family, with this many sites, metrics and exemptions.
fn families_asked_for(metrics: usize) -> usize {
    let recorded = &RECORDED[..metrics];
    let name = v1::CONTRACT.name();
    let [checked, twin] = [name, name].map(|name| contract(name, recorded));
    let rival = Box::leak(Box::new(Contract::new("rival", "0.9.0", "", None, &RIVALS[..metrics], &[])));
    let idle = contract("idle", &IDLE[..metrics]);
    let sites = recorded.iter().flat_map(|family| [site::made_by_hand("sell", *family), foreign(*family)]);
    let sites: Vec<_> = sites.collect();
    let exemptions: Vec<_> = recorded
        .iter()
        .map(|family| Exemption {
            metric: family().desc().name,
            expectation: Expectation::Elsewhere,
            reason: "so it is".to_owned(),
            family: MetricRef::new(*family).id(),
        })
        .collect();
    ASKED.set(0);
    let contracts = in_use(&[checked, twin, rival, idle], &sites, true);
    assert_eq!(contracts.len(), 3, "the idle one is left out");
    let coverage = evaluate(checked, &sites, &contracts, &exemptions);
    let asked = ASKED.get();
    for rule in ["extern-labels-differ", "recorded-twice", "conflicting-contracts", "stale-exemption"] {
        assert_eq!(subjects(&coverage, rule).len(), metrics, "{rule}");
    }
    asked
}

/// If the work were a product of sites, metrics and exemptions, twice of each would be four times the work or more.
#[test]
fn twice_the_sites_and_metrics_are_twice_the_work() {
    let (few, many) = (families_asked_for(3), families_asked_for(6));
    assert!(few > 0 && many <= 2 * few, "{few} and then {many}");
}
