//! The fields of a record.

use crate::declare::desc::MetricKind;

/// The rest of a record's bytes; each field is taken from the front. A list cannot be longer than the rest, as each
/// element takes at least one byte.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let end = self.rest.iter().position(|byte| *byte == 0)?;
        let (field, rest) = self.rest.split_at(end);
        self.rest = rest.get(1..)?;
        std::str::from_utf8(field).ok()
    }

    pub(super) fn owned(&mut self) -> Option<String> {
        self.text().map(str::to_owned)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        self.text().and_then(number)
    }

    pub(super) fn small_number(&mut self) -> Option<u32> {
        self.number().and_then(|number| u32::try_from(number).ok())
    }

    /// A list: its length, and as many elements.
    pub(super) fn list<T>(&mut self, element: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        (0..self.number()?).map(|_| element(self)).collect()
    }

    pub(super) fn kind(&mut self) -> Option<MetricKind> {
        let text = self.text()?;
        [MetricKind::Counter, MetricKind::Gauge, MetricKind::Histogram].into_iter().find(|kind| kind.as_str() == text)
    }

    pub(super) fn conditional(&mut self) -> Option<bool> {
        match self.text()? {
            "conditional" => Some(true),
            "required" => Some(false),
            _ => None,
        }
    }
}

/// A number of digits only.
pub(super) fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}
