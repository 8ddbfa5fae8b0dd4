//! What a document says of a label outside of every metric.

use super::labels::{self, Label, Values, is_name};
use super::piece::Piece;

/// What is said of a label for every metric that has it, or for some.
pub(super) struct Stated<'a> {
    pub(super) name: Piece<'a>,
    /// The metrics that it is about, where they are named.
    pub(super) of: Vec<Piece<'a>>,
    pub(super) what: What<'a>,
    /// When the label stands on a series, where that is said.
    pub(super) when: Option<When<'a>>,
}

pub(super) enum What<'a> {
    Closed(Values<'a>),
    /// Open, with a budget.
    Budget(Piece<'a>),
}

/// That a label is conditional, and the conditions.
pub(super) struct When<'a> {
    pub(super) applies: Piece<'a>,
    pub(super) conditions: Vec<Piece<'a>>,
}

/// What a line says of labels: `` `engine` (a|b) ``, `engine: a|b`, or `pool_id: open, budget 256`.
pub(super) fn stated(line: Piece<'_>) -> Vec<Stated<'_>> {
    if let Some((subject, what)) = line.split_once(':')
        && let Some((name, of)) = subject_of(subject)
    {
        let parts = what.trim().split_outside(|char| char == ',');
        let closed = parts.first().copied().filter(|it| it.as_str().contains('|') || it.is_code());
        let closed = || closed.and_then(labels::values).map(What::Closed);
        let what = budget(&parts).map(What::Budget).or_else(closed);
        return what.map(|what| Stated { name, of, what, when: when(&parts) }).into_iter().collect();
    }
    // The alternatives of one label may be within others' sentences.
    let (labels, _) = labels::read(&[line]);
    let with_alternatives = labels.into_iter().filter_map(|Label { name, values, .. }| {
        let values = values.filter(|values| values.all.as_str().contains('|'))?;
        Some(Stated { name, of: Vec::new(), what: What::Closed(values), when: None })
    });
    with_alternatives.collect()
}

/// A name, and the metrics behind it: `x` or `x (of a_total, b_total)`.
fn subject_of(subject: Piece<'_>) -> Option<(Piece<'_>, Vec<Piece<'_>>)> {
    let (name, of) = match subject.split_once('(') {
        None => (subject, Vec::new()),
        Some((name, behind)) => {
            let inside = behind.part(0..behind.as_str().rfind(')')?).trim();
            let metrics = inside.as_str().starts_with("of ").then(|| inside.from("of ".len()))?;
            (name, metrics.split_outside(|char| char == ',').into_iter().map(Piece::plain).collect())
        }
    };
    let name = name.plain();
    is_name(name.as_str()).then_some((name, of))
}

/// The number in `open, budget 256`.
fn budget<'a>(parts: &[Piece<'a>]) -> Option<Piece<'a>> {
    let [open, budget, ..] = parts else { return None };
    let (word, number) = budget.split_once(' ').filter(|_| open.as_str().eq_ignore_ascii_case("open"))?;
    word.as_str().eq_ignore_ascii_case("budget").then(|| number.trim())
}

fn when<'a>(parts: &[Piece<'a>]) -> Option<When<'a>> {
    let applies = parts.iter().copied().find(|part| part.as_str() == "where it applies")?;
    let is_condition = |part: &Piece<'_>| ["only with ", "not with "].iter().any(|it| part.as_str().starts_with(it));
    Some(When { applies, conditions: parts.iter().copied().filter(is_condition).collect() })
}
