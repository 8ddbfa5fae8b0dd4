//! Lines that begin with `#`: what they say of a family, and the end of the text.

use super::event::Problem;
use super::format::{FamilyType, Format};
use super::scan::{Parsed, Scanner, Span};
use crate::report::nearest::did_you_mean;

impl Scanner<'_> {
    pub(super) fn comment(&mut self, format: Format) -> Result<Parsed, Problem> {
        let start = self.at;
        self.at += 1;
        if self.strict && !self.take(b' ') {
            return Err(self.unexpected("one space behind `#`"));
        }
        if !self.strict {
            self.blanks();
        }
        let keyword = self.word();
        match (keyword.text(self.line).raw(), format) {
            ("HELP", _) => self.help(),
            ("TYPE", _) => self.family_type(format),
            ("UNIT", Format::OpenMetrics) => self.unit(),
            ("EOF", Format::OpenMetrics) if self.bytes.len() == "# EOF".len() => Ok(Parsed::Eof),
            (_, Format::Text) => Ok(Parsed::Comment),
            (_, Format::OpenMetrics) => {
                let message = "a comment, which OpenMetrics does not have: there are `# HELP`, `# TYPE`, `# UNIT` \
                               and `# EOF`";
                Err(self.syntax(message, start..self.bytes.len()))
            }
        }
    }

    /// The family that a line is about.
    fn subject(&mut self) -> Result<Span, Problem> {
        if !self.gap() {
            return Err(self.unexpected("a metric name"));
        }
        let name = self.metric_name()?;
        if !matches!(self.peek(), None | Some(b' ' | b'\t')) {
            return Err(self.unexpected("a blank behind the metric name, of letters, digits, `_` and `:`"));
        }
        Ok(name)
    }

    fn help(&mut self) -> Result<Parsed, Problem> {
        let name = self.subject()?;
        if !self.gap() && self.strict {
            return Err(self.unexpected("one space and a help text"));
        }
        let start = self.at;
        let mut escaped = false;
        while let Some(length) = self.bytes.get(self.at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
            self.at += length;
            escaped = true;
            // The Prometheus parser reads `\"` here too, as OpenMetrics says.
            self.escape(true)?;
        }
        Ok(Parsed::Help { name, help: self.span(start, self.bytes.len(), escaped) })
    }

    fn family_type(&mut self, format: Format) -> Result<Parsed, Problem> {
        let name = self.subject()?;
        self.gap();
        let spelled = self.word();
        self.rest_is_blank()?;
        let known = FamilyType::all(format).iter().map(|known| known.as_str(format));
        let text = spelled.text(self.line).raw();
        match FamilyType::named(text, format) {
            Some(family_type) => Ok(Parsed::Type { name, family_type, spelled }),
            None => {
                let known: Vec<&str> = known.collect();
                let nearest = did_you_mean(text, known.iter().copied());
                let message = format!("{text:?} is no type; there are {}{nearest}", known.join(", "));
                Err(self.syntax(message, spelled.range()))
            }
        }
    }

    fn unit(&mut self) -> Result<Parsed, Problem> {
        let name = self.subject()?;
        if !self.gap() {
            return Err(self.unexpected("one space and a unit"));
        }
        let unit = self.word();
        self.rest_is_blank()?;
        Ok(Parsed::Unit { name, unit })
    }

    fn rest_is_blank(&mut self) -> Result<(), Problem> {
        let behind = self.at;
        self.blanks();
        if self.peek().is_some() || self.strict && self.at > behind {
            return Err(self.syntax("nothing may be behind this", behind..self.bytes.len()));
        }
        Ok(())
    }
}
