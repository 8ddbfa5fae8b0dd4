//! Lines that begin with `#`: the metadata of a family, and the end of the text.

use super::event::{EventKind, Text};
use super::format::{FamilyType, Format};
use super::scan::{Scan, Scanner};
use crate::report::nearest::did_you_mean;

impl<'a> Scanner<'a> {
    pub(super) fn comment(&mut self, format: Format) -> Scan<EventKind<'a>> {
        let start = self.at;
        self.at += 1;
        if self.strict && !self.take(b' ') {
            return Err(self.unexpected("one space after `#`"));
        }
        if !self.strict {
            self.blanks();
        }
        let keyword = self.word();
        match (keyword.raw(), format) {
            ("HELP", _) => self.help(),
            ("TYPE", _) => self.family_type(format),
            ("UNIT", Format::OpenMetrics) => self.unit(),
            ("EOF", Format::OpenMetrics) if self.bytes.len() == "# EOF".len() => Ok(EventKind::Eof),
            (_, Format::Text) => Ok(EventKind::Comment),
            (_, Format::OpenMetrics) => {
                let message = "a comment, which OpenMetrics does not have; expected `# HELP`, `# TYPE`, `# UNIT` or \
                               `# EOF`";
                Err(self.syntax(message, start..self.bytes.len()))
            }
        }
    }

    /// The family's name.
    fn subject(&mut self) -> Scan<Text<'a>> {
        if !self.gap() {
            return Err(self.unexpected("a metric name"));
        }
        let name = self.metric_name()?;
        if !matches!(self.peek(), None | Some(b' ' | b'\t')) {
            return Err(self.unexpected("a blank after the metric name, of letters, digits, `_` and `:`"));
        }
        Ok(name)
    }

    fn help(&mut self) -> Scan<EventKind<'a>> {
        let name = self.subject()?;
        if !self.gap() && self.strict {
            return Err(self.unexpected("one space and a help text"));
        }
        let start = self.at;
        let mut escaped = false;
        while let Some(length) = self.bytes.get(self.at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
            self.at += length;
            escaped = true;
            self.escape()?;
        }
        Ok(EventKind::Help { name, help: Text::new(self.line, start..self.bytes.len(), escaped) })
    }

    fn family_type(&mut self, format: Format) -> Scan<EventKind<'a>> {
        let name = self.subject()?;
        self.gap();
        let spelled = self.word();
        self.rest_is_blank()?;
        if let Some(family_type) = FamilyType::named(spelled.raw(), format) {
            return Ok(EventKind::Type { name, family_type });
        }
        let known: Vec<&str> = FamilyType::all(format).iter().map(|known| known.as_str(format)).collect();
        let nearest = did_you_mean(spelled.raw(), known.iter().copied());
        let message = format!("{:?} is not a type; expected one of {}{nearest}", spelled.raw(), known.join(", "));
        Err(self.syntax(message, spelled.span()))
    }

    fn unit(&mut self) -> Scan<EventKind<'a>> {
        let name = self.subject()?;
        if !self.gap() {
            return Err(self.unexpected("one space and a unit"));
        }
        let unit = self.word();
        self.rest_is_blank()?;
        Ok(EventKind::Unit { name, unit })
    }

    fn rest_is_blank(&mut self) -> Scan<()> {
        let end = self.at;
        self.blanks();
        if self.peek().is_some() || self.strict && self.at > end {
            return Err(self.syntax("unexpected text at the end of the line", end..self.bytes.len()));
        }
        Ok(())
    }
}
