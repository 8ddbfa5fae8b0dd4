//! The scrape has exactly what was recorded, in any order and by any thread.

mod store;
mod text;

use std::collections::BTreeMap;

use orchq_metrics::{Label, Labels, Symbol, contract};

/// An open label with a budget that some of the generated values exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 4)]
pub struct Name(Symbol);

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

/// An open label with room for all that is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 1_000_000)]
pub struct Anything(Symbol);

/// The labels of the limited families.
#[derive(Clone, Copy, Debug, Labels)]
pub struct Where {
    /// Sometimes lost to its budget.
    pub name: Name,
    /// One of two.
    pub side: Side,
    /// Sometimes absent.
    pub maybe: Option<Anything>,
}

/// Recorded by the properties alone.
#[contract(name = "properties", version = "1.0.0")]
pub mod metrics {
    use super::*;

    /// A counter that overflows soon.
    #[counter(unit = "1", series_limit = 8)]
    pub struct property_count_total {
        #[labels]
        at: Where,
    }

    /// A histogram that overflows soon.
    #[histogram(unit = "1", buckets = [1, 10, 100], series_limit = 8)]
    pub struct property_size {
        #[labels]
        at: Where,
    }

    /// A gauge that overflows soon.
    #[gauge(unit = "1", series_limit = 8)]
    pub struct property_level {
        #[labels]
        at: Where,
    }

    /// A counter whose label sets are all known.
    #[counter(unit = "1")]
    pub struct property_known_total {
        side: Side,
        other: Option<Side>,
    }

    /// A counter of any two texts.
    #[counter(unit = "1")]
    pub struct property_text_total {
        first: Anything,
        second: Option<Anything>,
    }

    /// A histogram of any text.
    #[histogram(unit = "1", buckets = [-1, 0.5, 3])]
    pub struct property_text_size {
        first: Anything,
    }
}

/// A series as a reader of the text sees it: its name, and its labels in order.
type Series = (String, Vec<(String, String)>);

fn series(name: &str, labels: &[(&str, &str)]) -> Series {
    (name.to_owned(), labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

/// Every line of an exposition.
///
/// # Panics
///
/// When a line is not one of the format, or a series comes twice.
fn read(text: &str) -> BTreeMap<Series, f64> {
    let mut all = BTreeMap::new();
    assert!(text.ends_with('\n'));
    for line in text.split_terminator('\n').filter(|line| !line.starts_with('#')) {
        let (series, value) = read_line(line).unwrap_or_else(|| panic!("no line of the format: {line:?}"));
        assert_eq!(all.insert(series, value), None, "it comes twice: {line:?}");
    }
    all
}

fn read_line(line: &str) -> Option<(Series, f64)> {
    let end = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = Vec::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, value) = rest.split_once("=\"")?;
            let mut characters = value.chars();
            let mut unescaped = String::new();
            loop {
                match characters.next()? {
                    '"' => break,
                    '\\' => unescaped.push(match characters.next()? {
                        'n' => '\n',
                        escaped @ ('\\' | '"') => escaped,
                        _ => return None,
                    }),
                    plain => unescaped.push(plain),
                }
            }
            labels.push((label.to_owned(), unescaped));
            rest = characters.as_str();
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = rest.strip_prefix('}')?;
    }
    let value = rest.strip_prefix(' ')?;
    Some(((name.to_owned(), labels), value.parse().ok()?))
}
