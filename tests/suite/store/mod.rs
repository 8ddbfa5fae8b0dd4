//! What the store promises, each promise with the attempts to break it.

mod digit;
mod edges;
mod endings;
mod exactness;
mod identity;
mod limits;
mod many;
mod odd;
mod programs;
mod remove;
mod remove_races;
mod snapshot;
mod zero;

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

use orchq_metrics::{Contract, Label, Symbol, text};

pub(crate) use digit::Digit;

/// An open label that no test fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 20_000)]
pub(crate) struct Name(Symbol);

/// Has other threads end with the scope of a test, also when an assertion ends it.
struct Ended(AtomicBool);

impl Ended {
    const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Ends the threads when it is dropped.
    fn at_last(&self) -> impl Drop + '_ {
        struct AtLast<'a>(&'a Ended);
        impl Drop for AtLast<'_> {
            fn drop(&mut self) {
                self.0.0.store(true, Ordering::Relaxed);
            }
        }
        AtLast(self)
    }
}

/// The value of one series, by its text up to the space.
fn value<T: FromStr>(contract: &Contract, series: &str) -> Option<T> {
    let text = text::encode(contract);
    let line = text.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Every sample of a text exposition, by its name and labels.
///
/// A series that is there twice is an error in itself.
fn samples(text: &str) -> BTreeMap<&str, f64> {
    let mut samples = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, number) = line.rsplit_once(' ').expect("a sample is a series and a number");
        assert!(samples.insert(series, number.parse().expect("a number")).is_none(), "twice: {series}");
    }
    samples
}

/// The samples of one metric.
fn samples_of<'a>(text: &'a str, metric: &str) -> BTreeMap<&'a str, f64> {
    let of = |series: &str| series.strip_prefix(metric).is_some_and(|rest| rest.is_empty() || rest.starts_with('{'));
    samples(text).into_iter().filter(|(series, _)| of(series)).collect()
}
