//! What sites and contracts leave in a section of the binary, put together at compile time, so
//! that a binary can be read without running it: `binary` reads it.
//!
//! A record is a head that names its kind and this format's version, and behind it fields, each
//! with a NUL at its end; a list is its length and its elements. No path, no name and no string
//! of a contract has a NUL in it.

use crate::desc::MetricDesc;
use crate::label::{Condition, LabelDesc, LabelValues};
use crate::site::Entry;

/// What a site's record begins with, as the text before the first field.
#[doc(hidden)]
#[macro_export]
macro_rules! __site_text {
    ($krate:expr, $version:expr, $function:expr, $in_test:expr, $count:expr $(, $text:expr)*) => {
        ::core::concat!(
            "\norchq-metrics 1 site\0", $krate, "\0", $version, "\0", ::core::module_path!(), "\0", $function, "\0",
            ::core::file!(), "\0", $in_test, "\0", $count, "\0" $(, $text)*
        )
    };
}

/// Puts a static into the section of records.
#[cfg(target_vendor = "apple")]
#[doc(hidden)]
#[macro_export]
macro_rules! __recorded {
    ($($item:tt)*) => { #[unsafe(link_section = "__DATA,__orchq_sites")] $($item)* };
}

/// Puts a static into the section of records; an image keeps eight bytes of a section's name.
#[cfg(any(windows, target_os = "uefi", target_os = "cygwin"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __recorded {
    ($($item:tt)*) => { #[unsafe(link_section = ".orchq")] $($item)* };
}

/// Puts a static into the section of records.
#[cfg(not(any(target_vendor = "apple", windows, target_os = "uefi", target_os = "cygwin")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __recorded {
    ($($item:tt)*) => { #[unsafe(link_section = "orchq_sites")] $($item)* };
}

/// Takes a record's bytes, or only counts them: the length is the array's type, and needed first.
struct Writer<'a> {
    out: &'a mut [u8],
    len: usize,
}

impl Writer<'_> {
    const fn bytes(&mut self, bytes: &[u8]) {
        if !self.out.is_empty() {
            let (_, rest) = self.out.split_at_mut(self.len);
            rest.split_at_mut(bytes.len()).0.copy_from_slice(bytes);
        }
        self.len += bytes.len();
    }

    const fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(b"\0");
    }

    const fn number(&mut self, number: u64) {
        let mut digits = [0; 21];
        let mut at = digits.len() - 1;
        let mut rest = number;
        while rest > 0 || at == digits.len() - 1 {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        // The last of the digits is the NUL.
        self.bytes(digits.split_at(at).1);
    }

    const fn texts(&mut self, texts: &[&str]) {
        self.number(texts.len() as u64);
        let mut i = 0;
        while i < texts.len() {
            self.text(texts[i]);
            i += 1;
        }
    }

    /// A label's name, and whether every series has it.
    const fn label(&mut self, label: &LabelDesc) {
        self.text(label.name);
        self.text(if label.conditional { "conditional" } else { "required" });
    }

    /// What a site records of its metric.
    const fn listed(&mut self, version: &str, desc: &MetricDesc) {
        self.text(desc.contract);
        self.text(version);
        self.text(desc.name);
        self.text(desc.kind.as_str());
        self.number(desc.labels.len() as u64);
        let mut i = 0;
        while i < desc.labels.len() {
            self.label(&desc.labels[i]);
            i += 1;
        }
    }

    /// All that there is to say of a metric.
    const fn metric(&mut self, desc: &MetricDesc) {
        self.text(desc.name);
        self.text(desc.kind.as_str());
        self.text(desc.unit.as_str());
        self.text(desc.help);
        self.text(desc.section);
        match desc.requirement {
            Some(requirement) => self.texts(&[requirement]),
            None => self.texts(&[]),
        }
        self.number(desc.series_limit as u64);
        self.number(desc.labels.len() as u64);
        let mut i = 0;
        while i < desc.labels.len() {
            self.label(&desc.labels[i]);
            self.values(desc.labels[i].values);
            self.conditions(desc.labels[i].conditions);
            i += 1;
        }
        self.number(desc.buckets.len() as u64);
        let mut i = 0;
        while i < desc.buckets.len() {
            // The bits, so that what is read is the very number.
            self.number(desc.buckets[i].to_bits());
            i += 1;
        }
    }

    const fn values(&mut self, values: LabelValues) {
        match values {
            LabelValues::Closed(values) => {
                self.text("closed");
                self.texts(values);
            }
            LabelValues::Open { budget, .. } => {
                self.text("open");
                self.number(budget as u64);
            }
        }
    }

    const fn conditions(&mut self, conditions: &[Condition]) {
        self.number(conditions.len() as u64);
        let mut i = 0;
        while i < conditions.len() {
            match conditions[i] {
                Condition::OnlyWith { label, values } => {
                    self.text("only-with");
                    self.text(label);
                    self.texts(values);
                }
                Condition::NotWith { label } => {
                    self.text("not-with");
                    self.text(label);
                }
            }
            i += 1;
        }
    }

    const fn contract(&mut self, contract: &ContractText) {
        self.bytes(b"\norchq-metrics 1 contract\0");
        self.text(contract.name);
        self.text(contract.version);
        self.text(contract.doc);
        self.text(match contract.krate {
            Some(krate) => krate,
            None => "",
        });
        self.number(contract.metrics.len() as u64);
        let mut i = 0;
        while i < contract.metrics.len() {
            self.metric(contract.metrics[i]);
            i += 1;
        }
    }
}

/// What a contract's record is made from.
#[expect(missing_docs, reason = "what they are is said at `Contract`")]
pub struct ContractText {
    pub name: &'static str,
    pub version: &'static str,
    pub doc: &'static str,
    pub krate: Option<&'static str>,
    pub metrics: &'static [&'static MetricDesc],
}

impl ContractText {
    /// How long the record is.
    #[expect(clippy::len_without_is_empty, reason = "not a collection")]
    pub const fn len(&self) -> usize {
        let mut writer = Writer { out: &mut [], len: 0 };
        writer.contract(self);
        writer.len
    }

    /// The record.
    pub const fn record<const LEN: usize>(&self) -> [u8; LEN] {
        let mut out = [0; LEN];
        Writer { out: &mut out, len: 0 }.contract(self);
        out
    }
}

/// How long [`listed`] is.
pub const fn listed_len(version: &str, desc: &MetricDesc) -> usize {
    let mut writer = Writer { out: &mut [], len: 0 };
    writer.listed(version, desc);
    writer.len
}

/// What a site's record says of its metric.
pub const fn listed<const LEN: usize>(version: &str, desc: &MetricDesc) -> [u8; LEN] {
    let mut out = [0; LEN];
    Writer { out: &mut out, len: 0 }.listed(version, desc);
    out
}

/// A site's record: its text, and behind it what each entry says of its metric. There is one at
/// every annotated function, and each step here is a cost to whoever compiles it.
pub const fn site<const LEN: usize>(text: &str, entries: &[Entry]) -> [u8; LEN] {
    let mut out = [0; LEN];
    let (place, mut rest) = out.split_at_mut(text.len());
    place.copy_from_slice(text.as_bytes());
    if let [entry] = entries {
        rest.copy_from_slice(entry.record);
        return out;
    }
    let mut i = 0;
    while i < entries.len() {
        let (place, after) = rest.split_at_mut(entries[i].record.len());
        place.copy_from_slice(entries[i].record);
        rest = after;
        i += 1;
    }
    out
}
