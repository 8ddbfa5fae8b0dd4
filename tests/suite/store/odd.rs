//! Values that no metric should have, and label values that are awkward.

use orchq_metrics::{Label, LabelError, Symbol, contract, emits};

use super::{Name, value};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 40)]
pub struct Odd(Symbol);

#[contract(name = "store-odd", version = "1.0.0")]
mod odd {
    use super::*;

    /// A level.
    #[gauge(unit = "ratio")]
    pub struct odd_ratio {
        name: Name,
    }

    /// A level without a range.
    #[gauge(unit = "volts")]
    pub struct odd_volts {}

    /// Observations.
    #[histogram(unit = "percent", buckets = [50])]
    pub struct odd_percent {
        name: Name,
    }

    /// With label values that are awkward.
    #[counter(unit = "1")]
    pub struct odd_label_total {
        odd: Odd,
    }

    /// Wraps.
    #[counter(unit = "1")]
    pub struct odd_full_total {
        name: Option<Name>,
    }
}
use odd::*;

fn violations(metric: &str) -> [u64; 4] {
    ["nan", "infinite", "negative", "out_of_range"].map(|kind| {
        let series = format!(r#"orchq_metrics_violations_total{{metric="{metric}",kind="{kind}"}}"#);
        value(&CONTRACT, &series).unwrap_or(0)
    })
}

#[test]
#[emits(odd_ratio, odd_volts, odd_percent)]
fn every_odd_value_is_counted_under_its_kind() {
    let name = Name::new("odd");
    let ratio = odd_ratio { name }.handle();
    for level in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.5, -0.25, 1.5, 0.0, 1.0, -0.0] {
        ratio.set(level);
        odd_ratio { name }.set(level);
    }
    assert_eq!(violations("odd_ratio"), [2, 4, 4, 2]);
    // A step that is not finite is dropped; a violation by the new level is counted.
    ratio.set(0.5);
    ratio.add(f64::INFINITY);
    odd_ratio { name }.sub(f64::NAN);
    ratio.sub(1.0);
    ratio.add(2.0);
    assert_eq!(violations("odd_ratio"), [3, 5, 5, 3]);
    assert_eq!(value(&CONTRACT, r#"odd_ratio{name="odd"}"#), Some(1.5));

    let (score, by_lookup) = (odd_percent { name }.handle(), odd_percent { name });
    for percent in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 100.5, 100.0, 0.0] {
        score.observe(percent);
    }
    by_lookup.observe(-1.0);
    assert_eq!(violations("odd_percent"), [1, 2, 2, 1]);
    assert_eq!(value(&CONTRACT, r#"odd_percent_count{name="odd"}"#), Some(5));
    assert_eq!(value(&CONTRACT, r#"odd_percent_sum{name="odd"}"#), Some(198.5));

    odd_volts {}.set(f64::NAN);
    odd_volts {}.set(-400.0);
    odd_volts {}.set(f64::NEG_INFINITY);
    assert_eq!(violations("odd_volts"), [1, 1, 0, 0]);
    assert_eq!(value(&CONTRACT, "odd_volts"), Some(f64::NEG_INFINITY));
}

#[test]
#[emits(odd_label_total)]
fn any_text_is_a_label_value_and_differs_from_every_other() {
    let odd = [
        ("new\nline", "new\\nline"),
        ("quo\"te", "quo\\\"te"),
        ("back\\slash", "back\\\\slash"),
        ("back\\nslash", "back\\\\nslash"),
        ("nul\0", "nul\0"),
        ("carriage\r\n", "carriage\r\\n"),
        ("日本 🦀 é e\u{301}", "日本 🦀 é e\u{301}"),
        ("\u{202e}\u{feff}\u{10ffff}", "\u{202e}\u{feff}\u{10ffff}"),
        (" ", " "),
        ("}", "}"),
        (",odd=\"", ",odd=\\\""),
    ];
    for (n, (text, _)) in odd.iter().enumerate() {
        assert_eq!(Odd::try_new(text).map(Odd::as_str), Ok(*text));
        odd_label_total { odd: Odd::new(text) }.inc_by(1 + n as u64);
    }
    let encoded = orchq_metrics::text::encode(&CONTRACT);
    for (n, (_, served)) in odd.iter().enumerate() {
        assert!(encoded.contains(&format!("\nodd_label_total{{odd=\"{served}\"}} {}\n", 1 + n)), "{served}");
    }
}

#[test]
#[emits(odd_label_total)]
fn empty_and_long_values_have_their_names() {
    let longest = "é".repeat(Symbol::MAX_VALUE_BYTES / 2);
    let long = format!("{longest}!");
    assert_eq!(Odd::try_new(""), Err(LabelError::Empty));
    assert_eq!(Odd::try_new(&long), Err(LabelError::TooLong { bytes: 257 }));
    assert_eq!(Odd::try_new(&longest).map(Odd::as_str), Ok(longest.as_str()));
    assert_eq!((Odd::new("").as_str(), Odd::new(&long).as_str()), (Symbol::EMPTY_VALUE, Symbol::OVERFLOW_VALUE));
    for text in ["", &long, &long, &longest] {
        odd_label_total { odd: Odd::new(text) }.inc();
    }
    assert_eq!(value(&CONTRACT, r#"odd_label_total{odd="__empty__"}"#), Some(1));
    assert_eq!(value(&CONTRACT, r#"odd_label_total{odd="__overflow__"}"#), Some(2));
    assert_eq!(value(&CONTRACT, &format!("odd_label_total{{odd=\"{longest}\"}}")), Some(1));
    assert_eq!(value(&CONTRACT, r#"orchq_metrics_overflow_total{metric="odd_label_total",label="odd"}"#), Some(2));
}

#[test]
#[emits(odd_full_total)]
fn a_counter_wraps_at_its_greatest_number_without_a_panic() {
    let full = odd_full_total { name: None };
    full.inc_by(u64::MAX - 1);
    // The sum over threads wraps, as each thread's own count does.
    std::thread::spawn(move || odd_full_total { name: None }.inc()).join().expect("no panic");
    assert_eq!(value(&CONTRACT, "odd_full_total"), Some(u64::MAX));
    full.inc_by(3);
    assert_eq!(value(&CONTRACT, "odd_full_total"), Some(2_u64));
    full.handle().inc_by(u64::MAX);
    assert_eq!(value(&CONTRACT, "odd_full_total"), Some(1_u64));
}
