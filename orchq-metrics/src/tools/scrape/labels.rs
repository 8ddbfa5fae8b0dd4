//! The braces of a sample, and what is in them.

use super::event::{Problem, ProblemKind};
use super::scan::{LABEL, LABEL_START, LabelSpan, Scan, Scanner, Span};

impl Scanner<'_> {
    /// Takes the braces apart; the metric's name may stand in them, in quotes.
    pub(super) fn labels(&mut self, name: &mut Option<Span>, labels: &mut Vec<LabelSpan>) -> Scan<()> {
        let first = labels.len();
        let brace = self.at;
        self.at += 1;
        let mut comma = None;
        loop {
            self.inner_blanks();
            if let (true, Some(comma)) = (self.peek() == Some(b'}') && self.strict, comma) {
                return Err(self.syntax("a comma behind the last label, which OpenMetrics does not have", comma));
            }
            if self.take(b'}') {
                break;
            }
            let quoted = self.peek() == Some(b'"');
            let label = self.name(LABEL_START, LABEL, "a label name, of letters, digits and `_`, or `}`")?;
            self.inner_blanks();
            if quoted && name.is_none() && self.peek() != Some(b'=') {
                *name = Some(label);
            } else {
                if !self.take(b'=') {
                    return Err(self.unexpected("`=` behind the label name"));
                }
                self.inner_blanks();
                let value = self.quoted("a quoted label value")?;
                if label.text(self.line).raw() == "__name__" {
                    let message = "the label name `__name__` is reserved: it is the metric's name";
                    return Err(self.syntax(message, label.range()));
                }
                labels.push(LabelSpan { name: label, value });
            }
            self.inner_blanks();
            let at = self.at;
            if self.take(b',') {
                comma = Some(at..at + 1);
            } else if self.take(b'}') {
                break;
            } else if self.peek().is_some() {
                return Err(self.unexpected("`,` or `}` behind the label value"));
            } else {
                return Err(self.syntax("this brace has no counterpart on the line", brace..brace + 1));
            }
        }
        self.distinct(labels.get(first..).unwrap_or_default())
    }

    /// No label name may be there twice.
    fn distinct(&self, labels: &[LabelSpan]) -> Scan<()> {
        let name = |label: &LabelSpan| label.name.text(self.line).raw();
        let twice = if labels.len() <= 32 {
            let seen_before = |place: usize, label: &LabelSpan| {
                labels.get(..place).is_some_and(|before| before.iter().any(|other| name(other) == name(label)))
            };
            labels.iter().enumerate().find(|(place, label)| seen_before(*place, label)).map(|(_, label)| label)
        } else {
            let mut names = std::collections::HashSet::new();
            labels.iter().find(|label| !names.insert(name(label)))
        };
        match twice {
            None => Ok(()),
            Some(label) => {
                let message = format!("the label `{}` is there twice", name(label));
                Err(Problem::new(ProblemKind::LabelTwice, message, label.name.range()))
            }
        }
    }
}
