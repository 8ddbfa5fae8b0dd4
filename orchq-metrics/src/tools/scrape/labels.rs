//! The braces of a sample, and the labels within.

use super::catalog::LABEL_TWICE;
use super::event::{LabelPair, LabelSpan, Problem, Text};
use super::scan::{Scan, Scanner};

impl<'a> Scanner<'a> {
    /// Appends the labels within braces; the metric's name may be within them too, in quotes.
    pub(super) fn labels(&mut self, name: &mut Option<Text<'a>>, labels: &mut Vec<LabelSpan>) -> Scan<()> {
        let first = labels.len();
        let brace = self.at;
        self.at += 1;
        let mut comma = None;
        loop {
            self.inner_blanks();
            if let (true, Some(comma)) = (self.peek() == Some(b'}') && self.strict, comma) {
                return Err(self.syntax("a comma after the last label, which OpenMetrics does not have", comma));
            }
            if self.take(b'}') {
                break;
            }
            let quoted = self.peek() == Some(b'"');
            let label = self.name(false, "a label name, of letters, digits and `_`, or `}`")?;
            self.inner_blanks();
            if quoted && name.is_none() && self.peek() != Some(b'=') {
                *name = Some(label);
            } else {
                if !self.take(b'=') {
                    return Err(self.unexpected("`=` after the label name"));
                }
                self.inner_blanks();
                let value = self.quoted("a quoted label value")?;
                if label.raw() == "__name__" {
                    let message = "the label name `__name__` is reserved: it is the metric's name";
                    return Err(self.syntax(message, label.span()));
                }
                labels.push(LabelSpan::new(LabelPair { name: label, value }));
            }
            self.inner_blanks();
            let at = self.at;
            if self.take(b',') {
                comma = Some(at..at + 1);
            } else if self.take(b'}') {
                break;
            } else if self.peek().is_some() {
                return Err(self.unexpected("`,` or `}` after the label value"));
            } else {
                return Err(self.syntax("this brace is not closed on the line", brace..brace + 1));
            }
        }
        self.distinct(labels.get(first..).unwrap_or_default())
    }

    /// Checks that no label name occurs twice.
    fn distinct(&self, labels: &[LabelSpan]) -> Scan<()> {
        let mut names = labels.iter().map(|label| label.label(self.line).name);
        let twice = if labels.len() <= 32 {
            let is_before = |(index, name): &(usize, Text<'_>)| {
                labels.iter().take(*index).any(|before| before.label(self.line).name.raw() == name.raw())
            };
            names.enumerate().find(is_before).map(|(_, name)| name)
        } else {
            let mut known = std::collections::HashSet::new();
            names.find(|name| !known.insert(name.raw()))
        };
        let Some(name) = twice else { return Ok(()) };
        let message = format!("the label `{}` occurs twice", name.raw());
        Err(Problem::new(&LABEL_TWICE, message, name.span()))
    }
}
