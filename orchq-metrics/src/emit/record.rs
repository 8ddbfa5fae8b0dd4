//! Records of sites and contracts in sections of the binary, built at compile time, so that `binary` can read
//! a program without running it. A site's record is also all that the process itself knows of it.
//!
//! A record has a head, which names its kind and the version of this format, and fields, each terminated by a
//! NUL. A list is its length and its elements. No path, name or string of a contract contains a NUL.
//!
//! A site has its package's name and version, the module, the function, the file, whether it is a test, the
//! list of its entries, and the ids of their metrics in the same order. An entry is `own` and its lines, each
//! with the values of the `cfg`s around it, or `extern`, its line and the list of its labels. A byte for each entry
//! follows, which is set when the process records it.
//!
//! A metric has its id, its contract's name and version, its name, its kind, and the list of its labels. It has
//! one record for all its sites, so that a site costs the compiler little.

use crate::declare::desc::MetricDesc;
use crate::declare::each;
use crate::declare::fnv::{OFFSET_BASIS, fnv1a};
use crate::declare::label::{Condition, LabelDesc, LabelValues};
use crate::emit::metric_ref::Hit;
use crate::store::MetricId;

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

/// The text of a record. As a macro, it is not looked up if the record could not be declared.
#[doc(hidden)]
#[macro_export]
macro_rules! __record_text {
    ($record:ident) => {
        &$record
    };
}
pub use {__record_text, __recorded};

/// Writes a record's bytes, or only counts them: the length is part of the array's type, so it is needed first.
struct Writer<'a> {
    out: &'a mut [u8],
    len: usize,
}

impl Writer<'_> {
    const fn bytes(&mut self, bytes: &[u8]) {
        if !self.out.is_empty() {
            // The compiler evaluates this in half the time of a copy of slices.
            let mut i = 0;
            while i < bytes.len() {
                self.out[self.len + i] = bytes[i];
                i += 1;
            }
        }
        self.len += bytes.len();
    }

    const fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(b"\0");
    }

    const fn number(&mut self, number: u64) {
        let mut digits = [0; 21];
        let mut start = digits.len() - 1;
        let mut rest = number;
        while rest > 0 || start == digits.len() - 1 {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        // The last of the digits is the NUL.
        self.bytes(digits.split_at(start).1);
    }

    const fn texts(&mut self, texts: &[&str]) {
        self.number(texts.len() as u64);
        each!(texts, |text| { self.text(text) });
    }

    /// A label's name, and whether every series has it.
    const fn label(&mut self, label: &LabelDesc) {
        self.text(label.name);
        self.text(if label.conditional { "conditional" } else { "required" });
    }

    /// The data about a metric that the reader of a site needs.
    const fn listed(&mut self, version: &str, desc: &MetricDesc) {
        self.text(desc.contract);
        self.text(version);
        self.text(desc.name);
        self.text(desc.kind.as_str());
        self.number(desc.labels.len() as u64);
        each!(desc.labels, |label| { self.label(label) });
    }

    const fn metric_of_sites(&mut self, version: &str, desc: &MetricDesc, id: &MetricId) {
        self.bytes(b"\norchq-metrics 1 metric\0");
        self.bytes(id);
        self.listed(version, desc);
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
        each!(desc.labels, |label| {
            self.label(label);
            self.values(label.values);
            self.conditions(label.conditions);
        });
        self.number(desc.buckets.len() as u64);
        // The bits, so that the number is read exactly.
        each!(desc.buckets, |bound| { self.number(bound.to_bits()) });
        match desc.stated_range {
            Some((least, greatest)) => {
                self.number(2);
                self.number(least.to_bits());
                self.number(greatest.to_bits());
            }
            None => self.number(0),
        }
        match &desc.renamed_from {
            Some(old) => self.texts(&[old.name, old.since, old.until]),
            None => self.texts(&[]),
        }
        match &desc.deprecated {
            Some(deprecated) => self.texts(&[deprecated.since, deprecated.note]),
            None => self.texts(&[]),
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
        each!(conditions, |condition| {
            match *condition {
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
        });
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
        each!(contract.metrics, |metric| { self.metric(metric) });
    }
}

/// The data of a contract's record.
#[expect(missing_docs, reason = "they are the fields of `Contract`")]
pub struct ContractText {
    pub name: &'static str,
    pub version: &'static str,
    pub doc: &'static str,
    pub krate: Option<&'static str>,
    pub metrics: &'static [&'static MetricDesc],
}

impl ContractText {
    /// The length of the record.
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

/// A site's record, an element of linkme's slice.
///
/// The slice is one of bytes, which this is too: the fields have neither alignment nor padding. It is writable also
/// without an entry, so that the section has records of one kind.
#[repr(C)]
pub struct Record<const LEN: usize, const COUNT: usize> {
    /// The record, up to the ids.
    text: [u8; LEN],
    /// The metric of each entry.
    metrics: [MetricId; COUNT],
    /// Whether each entry was recorded. Zero in a file, where it is not read.
    pub hits: [Hit; COUNT],
}

/// The id of a metric: a hash of the data that the reader of a site needs, and of where the metric is declared, so
/// that two of the same contract and name are distinguished.
pub const fn metric_id<const LEN: usize>(version: &str, desc: &MetricDesc, module: &str) -> MetricId {
    let mut out = [0; LEN];
    let mut writer = Writer { out: &mut out, len: 0 };
    writer.listed(version, desc);
    let len = writer.len;
    let mut hash = fnv1a(OFFSET_BASIS, out.split_at(len).0);
    hash = fnv1a(hash, module.as_bytes());
    hash = fnv1a(hash, desc.file.as_bytes());
    hash = fnv1a(hash, &desc.line.to_le_bytes());
    let mut id = [0; 17];
    let mut i = 0;
    while i < 16 {
        id[i] = b"0123456789abcdef"[(hash >> (60 - 4 * i) & 15) as usize];
        i += 1;
    }
    id
}

/// The length of a metric's record.
pub const fn metric_len(version: &str, desc: &MetricDesc) -> usize {
    let mut writer = Writer { out: &mut [], len: 0 };
    writer.metric_of_sites(version, desc, &[0; 17]);
    writer.len
}

/// A metric's record.
pub const fn metric_record<const LEN: usize>(version: &str, desc: &MetricDesc, id: &MetricId) -> [u8; LEN] {
    let mut out = [0; LEN];
    Writer { out: &mut out, len: 0 }.metric_of_sites(version, desc, id);
    out
}

/// A site's record. Each annotated function has one, so that each step here costs compile time.
pub const fn site<const LEN: usize, const COUNT: usize>(text: &str, metrics: [MetricId; COUNT]) -> Record<LEN, COUNT> {
    let Some(text) = text.as_bytes().first_chunk() else { panic!("the text is as long as the record's type says") };
    Record { text: *text, metrics, hits: [const { Hit::NO }; COUNT] }
}
