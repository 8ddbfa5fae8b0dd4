//! The units that a metric can have, and what each demands of the name.

use proc_macro2::TokenStream;
use quote::quote;

use super::model::Kind;
use crate::shared::{UNITS, UnitRule};

/// A unit that was found by its name.
#[derive(Default)]
pub(crate) struct Unit {
    pub(crate) name: String,
    rule: Option<&'static UnitRule>,
}

impl Unit {
    /// The unit of this name: one of the table, or a counted noun in braces.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let rule = UNITS.iter().find(|rule| rule.name == name);
        (rule.is_some() || is_noun(name)).then(|| Self { name: name.to_owned(), rule })
    }

    /// Every spelling, for an error message.
    pub(crate) fn all() -> String {
        let names: Vec<_> = UNITS.iter().map(|rule| rule.name).collect();
        format!("{}, or a counted noun in braces such as {{request}}", names.join(", "))
    }

    /// Whether a counter can count in it.
    pub(crate) fn counts(&self) -> bool {
        self.rule.is_none_or(UnitRule::counts)
    }

    /// The suffix of the name and the unit that it promises, if that is another unit.
    pub(crate) fn contradicted_by(&self, name: &str) -> Option<(&'static str, &'static str)> {
        let stem = name.strip_suffix("_total").unwrap_or(name);
        let last = stem.rsplit('_').next().unwrap_or(stem);
        let promised = UNITS.iter().find(|rule| rule.suffixes.contains(&last))?;
        let suffix = promised.suffixes.iter().find(|suffix| **suffix == last)?;
        (promised.name != self.name).then_some((*suffix, promised.name))
    }

    /// The unit as a type of the runtime.
    pub(crate) fn marker_type(&self) -> TokenStream {
        let marker = quote::format_ident!("{}", self.rule.map_or("Count", |rule| rule.marker));
        quote!(::orchq_metrics::__private::unit::#marker)
    }

    /// The unit as data.
    pub(crate) fn value(&self) -> TokenStream {
        let name = &self.name;
        self.rule.map_or_else(|| quote!(::orchq_metrics::__private::Unit::Other(#name)), UnitRule::value)
    }
}

/// UCUM writes what is counted in braces: <https://ucum.org/ucum#para-6>.
fn is_noun(name: &str) -> bool {
    let noun = name.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
    noun.is_some_and(|noun| !noun.is_empty() && noun.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
}

impl Kind {
    /// The kind as a type of the runtime.
    pub(crate) fn marker_type(self) -> TokenStream {
        let marker = self.type_name();
        quote!(::orchq_metrics::__private::#marker)
    }

    /// The kind as data.
    pub(crate) fn value(self) -> TokenStream {
        let variant = self.type_name();
        quote!(::orchq_metrics::__private::MetricKind::#variant)
    }

    fn type_name(self) -> syn::Ident {
        match self {
            Self::Counter => quote::format_ident!("Counter"),
            Self::Gauge => quote::format_ident!("Gauge"),
            Self::Histogram => quote::format_ident!("Histogram"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    #[test]
    fn units_are_known_or_nouns() {
        for name in ["1", "bytes", "celsius", "{request}", "{kv_block}"] {
            assert!(Unit::find(name).is_some(), "{name}");
        }
        for name in ["", "{}", "request", "{Request}", "{a b}", "Bytes", "ms"] {
            assert!(Unit::find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_name_promises_a_unit_by_its_last_word() {
        let contradicted = |unit: &str, name: &str| Unit::find(unit).expect("known").contradicted_by(name);
        assert_eq!(contradicted("1", "sent_bytes_total"), Some(("bytes", "bytes")));
        assert_eq!(contradicted("seconds", "latency_ms"), Some(("ms", "milliseconds")));
        for (unit, name) in [
            ("bytes", "sent_bytes_total"),
            ("milliseconds", "latency_ms"),
            ("percent", "gpu_utilization"),
            ("1", "bytes_sent"),
        ] {
            assert_eq!(contradicted(unit, name), None, "{name}");
        }
    }
}
