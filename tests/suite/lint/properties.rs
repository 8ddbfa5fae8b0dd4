//! Any recorded scrape is without findings, and any defect put into it is found by the rule for it, on its line.

use std::sync::{Mutex, PoisonError};

use orchq_metrics::{Label, Labels, OwnedContract, Symbol, contract, emits, text};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{grave, linted};

/// An open label with room for all that is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 1_000_000)]
pub struct Anything(Symbol);

/// A closed label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum Side {
    /// One.
    #[label("left")]
    Left,
    /// The other.
    #[label("right")]
    Right,
}

/// The labels of the metrics.
#[derive(Clone, Copy, Debug, Labels)]
pub struct Where {
    side: Side,
    text: Anything,
    maybe: Option<Anything>,
}

#[derive(Clone, Copy, Labels)]
struct OfSide {
    side: Side,
}

/// Recorded by these properties alone.
#[contract(name = "linted", version = "1.0.0")]
pub mod metrics {
    use super::*;

    /// Counted.
    #[counter(unit = "1")]
    pub struct linted_events_total {
        #[labels]
        at: Where,
    }

    /// A share.
    #[gauge(unit = "ratio")]
    pub struct linted_share_ratio {
        #[labels]
        at: Where,
    }

    /// Measured.
    #[histogram(unit = "bytes", buckets = [1, 10, 100])]
    pub struct linted_size_bytes {
        #[labels]
        at: Where,
    }
}
use metrics::*;

#[emits(linted_events_total, linted_share_ratio, linted_size_bytes)]
fn record(at: Where, n: u64) {
    linted_events_total { at }.inc_by(n);
    linted_share_ratio { at }.set(n as f64 / u64::MAX as f64);
    linted_size_bytes { at }.observe(n % 1000);
    linted_size_bytes { at }.observe(5);
}

fn label_value() -> impl Strategy<Value = String> {
    let character =
        prop_oneof![2 => any::<char>(), 1 => prop::sample::select(vec!['\n', '"', '\\', 'n', ',', '}', '='])];
    vec(character, 0..20).prop_map(String::from_iter)
}

fn places() -> impl Strategy<Value = Vec<(bool, String, Option<String>, u64)>> {
    vec((any::<bool>(), label_value(), prop::option::of(label_value()), any::<u64>()), 1..6)
}

/// A scrape with these recordings, and nothing else.
fn served(places: &[(bool, String, Option<String>, u64)]) -> String {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (left, text, maybe, n) in places {
        let side = if *left { Side::Left } else { Side::Right };
        record(Where { side, text: Anything::new(text), maybe: maybe.as_deref().map(Anything::new) }, *n >> 12);
    }
    let text = text::encode(&CONTRACT);
    for side in [Side::Left, Side::Right] {
        CONTRACT.remove(OfSide { side });
    }
    text
}

/// Something that breaks one line, or adds one.
#[derive(Clone, Copy, Debug)]
enum Mutation {
    DropLabel,
    RenameLabel,
    ChangeValue,
    EmptyLabel,
    Duplicate,
    Negative,
    OutOfRange,
    SwapBuckets,
    MoveBound,
    DropInf,
    DropSum,
    RaiseCount,
    Unquote,
}

const MUTATIONS: [(Mutation, &str, &str); 13] = [
    (Mutation::DropLabel, "linted_", "scrape-label-missing"),
    (Mutation::RenameLabel, "linted_", "scrape-label-unknown"),
    (Mutation::ChangeValue, "linted_", "scrape-value-unknown"),
    (Mutation::EmptyLabel, "linted_", "scrape-label-empty"),
    (Mutation::Duplicate, "linted_", "exposition-series-twice"),
    (Mutation::Negative, "linted_events_total", "exposition-counter-value"),
    (Mutation::OutOfRange, "linted_share_ratio", "scrape-range"),
    (Mutation::SwapBuckets, "linted_size_bytes_bucket", "exposition-histogram-cumulative"),
    (Mutation::MoveBound, "linted_size_bytes_bucket", "scrape-buckets"),
    (Mutation::DropInf, "linted_size_bytes_bucket", "exposition-histogram-inf"),
    (Mutation::DropSum, "linted_size_bytes_sum", "exposition-histogram-sum"),
    (Mutation::RaiseCount, "linted_size_bytes_count", "exposition-histogram-count"),
    (Mutation::Unquote, "linted_", "exposition-syntax"),
];

impl Mutation {
    /// The lines that replace a line; `None` if that line cannot be broken this way.
    fn of(self, line: &str) -> Option<String> {
        let (series, value) = line.rsplit_once(' ')?;
        let side = || if line.contains("side=\"left\"") { "side=\"left\"" } else { "side=\"right\"" };
        let once = |from: &str, to: &str| Some(line.replacen(from, to, 1));
        match self {
            Self::DropLabel => once(&format!("{},", side()), ""),
            Self::RenameLabel => once("{side=", "{sida="),
            Self::ChangeValue => once(side(), "side=\"up\""),
            Self::EmptyLabel => once(side(), "side=\"\""),
            Self::Duplicate => Some(format!("{line}\n{line}")),
            Self::Negative => Some(format!("{series} -1")),
            Self::OutOfRange => Some(format!("{series} 1.5")),
            // A greater count than the next bucket has, if there is a next one.
            Self::SwapBuckets => (!line.contains("le=\"+Inf\"")).then(|| format!("{series} 1{value}0")),
            Self::MoveBound => line.contains("le=\"10\"").then(|| line.replacen("le=\"10\"", "le=\"11\"", 1)),
            Self::DropInf => line.contains("le=\"+Inf\"").then(String::new),
            Self::DropSum => Some(String::new()),
            Self::RaiseCount => Some(format!("{series} 1{value}")),
            Self::Unquote => once("side=\"", "side="),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn a_recorded_scrape_has_no_findings(places in places()) {
        let contract = OwnedContract::from(&CONTRACT);
        let report = linted(Some(&contract), &served(&places));
        prop_assert!(report.findings.is_empty(), "{:#?}", report.findings);
        // A line each, six of a histogram, and the contract's own.
        prop_assert!((report.examined - 1).is_multiple_of(8) && report.examined > 1, "{}", report.examined);
    }

    #[test]
    fn every_defect_is_found(places in places(), mutation in prop::sample::select(MUTATIONS.to_vec()), at in any::<prop::sample::Index>()) {
        let (mutation, on, rule) = mutation;
        let contract = OwnedContract::from(&CONTRACT);
        let text = served(&places);
        let lines: Vec<&str> = text.lines().collect();
        let mut broken = lines.iter().enumerate().filter(|(_, line)| line.starts_with(on));
        let broken: Vec<_> = broken.by_ref().filter_map(|(at, line)| Some((at, mutation.of(line)?))).collect();
        let (at, instead) = at.get(&broken);
        let mut mutated: Vec<&str> = lines.clone();
        mutated[*at] = instead;
        let mutated = mutated.join("\n") + "\n";
        let report = linted(Some(&contract), &mutated);
        let found = grave(&report).into_iter().find(|finding| finding.rule == rule);
        prop_assert!(found.is_some(), "{rule} is not found in {mutated}: {:#?}", report.findings);
        // On the line, one line on, or where its series begins.
        let line = found.and_then(|finding| finding.location.as_ref()).map_or(0, |place| place.line);
        prop_assert!(line <= at + 3 && line + 6 > at + 1, "{rule} is on line {line}, not {}", at + 1);
    }
}
