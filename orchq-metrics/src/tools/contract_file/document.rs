//! JSON with its places: what serde_json has found to be JSON, taken apart one level at a time.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A value, and where in the text it begins.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    text: &'a str,
    raw: &'a str,
}

/// A field of an object.
pub(super) struct Field<'a> {
    pub(super) name: String,
    pub(super) at: usize,
    pub(super) value: Value<'a>,
}

impl<'a> Value<'a> {
    /// The value that the whole text is. Whatever it nests, this does not recurse, and neither does
    /// anything below: the format has no more levels than its reader takes apart.
    pub(super) fn of(text: &'a str) -> Result<Self, serde_json::Error> {
        let raw: &RawValue = serde_json::from_str(text)?;
        Ok(Self { text, raw: raw.get() })
    }

    /// Where it begins, in bytes.
    pub(super) fn at(self) -> usize {
        self.raw.as_ptr().addr().saturating_sub(self.text.as_ptr().addr())
    }

    /// What it is called in an error message.
    pub(super) fn what(self) -> &'static str {
        match self.raw.as_bytes().first() {
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'"') if self.text().is_none() => "one with half a surrogate pair, which is no character",
            Some(b'"') => "a text",
            Some(b't' | b'f') => "true or false",
            Some(b'n') => "null",
            _ => "a number",
        }
    }

    pub(super) fn object(self) -> Option<Vec<Field<'a>>> {
        let Fields(fields) = serde_json::from_str(self.raw).ok()?;
        let field = |(name, value): (&'a RawValue, &'a RawValue)| Field {
            // A name may be no text at all: JSON lets half a surrogate pair stand for a character.
            name: self.within(name).text().unwrap_or_else(|| name.get().to_owned()),
            at: self.within(name).at(),
            value: self.within(value),
        };
        Some(fields.into_iter().map(field).collect())
    }

    pub(super) fn list(self) -> Option<Vec<Self>> {
        let items: Vec<&'a RawValue> = serde_json::from_str(self.raw).ok()?;
        Some(items.into_iter().map(|item| self.within(item)).collect())
    }

    pub(super) fn text(self) -> Option<String> {
        serde_json::from_str(self.raw).ok()
    }

    pub(super) fn bool(self) -> Option<bool> {
        serde_json::from_str(self.raw).ok()
    }

    pub(super) fn integer(self) -> Option<u32> {
        // `64.0` is an integer to JSON schema, and so it is here.
        self.raw.parse().ok().or_else(|| self.float()?.to_string().parse().ok())
    }

    /// The number to the last bit: what serde_json gives may be the one beside it.
    pub(super) fn float(self) -> Option<f64> {
        let is_number = self.raw.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        self.raw.parse().ok().filter(|number: &f64| is_number && number.is_finite())
    }

    fn within(self, raw: &'a RawValue) -> Self {
        Self { text: self.text, raw: raw.get() }
    }
}

/// The fields of an object as they stand, one that is given twice included.
struct Fields<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_values_have_their_places() {
        let text = " { \"a\" : [ 1, \"b\\n\" ], \"a\": {}, \"\\ud800\": -1e400 }";
        let fields = Value::of(text).expect("it is JSON").object().expect("an object");
        let places: Vec<_> = fields.iter().map(|field| (field.name.as_str(), field.at, field.value.at())).collect();
        assert_eq!(places, [("a", 3, 9), ("a", 23, 28), ("\"\\ud800\"", 32, 42)]);
        let items = fields[0].value.list().expect("a list");
        assert_eq!(items.iter().map(|item| item.at()).collect::<Vec<_>>(), [11, 14]);
        assert_eq!(items[1].text().as_deref(), Some("b\n"));
        assert_eq!((items[0].integer(), items[0].float(), items[0].text()), (Some(1), Some(1.0), None));
        assert_eq!(fields[2].value.float(), None, "it is not finite");
    }

    #[test]
    fn depth_costs_nothing() {
        let text = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(Value::of(&text).expect("it is JSON").list().map(|items| items.len()), Some(1));
    }
}
