//! Everything that generated code names. Not a stable interface: it changes with any release, so the macros are
//! pinned to this crate's exact version.

pub use linkme;
pub use orchq_metrics_macros::__foreign;

pub use crate::contract::{__linked_contract, Contract, Families, ORCHQ_METRICS_CONTRACTS};
pub use crate::declare::assertions::{
    buckets_ascend, condition_label_exists, condition_matters, condition_value_exists, extern_label_exists,
    extern_labels_complete, is_a_name, is_a_version, labels_fit, lifecycle_fits, series_limit_matters,
};
pub use crate::declare::desc::{MetricDesc, MetricKind, Unit};
pub use crate::declare::label::{
    Condition, Key, Label, LabelDesc, LabelError, LabelValues, Labels, Sealed, Symbol, SymbolTable, SymbolWriter,
    is_copy,
};
pub use crate::declare::lifecycle::{Deprecation, OldName};
pub use crate::emit::emission::Emission;
pub use crate::emit::metric::{Metric, any_family};
pub use crate::emit::metric_ref::Hit;
pub use crate::emit::record::{
    __record_text, __recorded, ContractText, Record, metric_id, metric_len, metric_record, site,
};
pub use crate::emit::site::{ORCHQ_METRICS_EMISSION_SITES, ORCHQ_METRICS_FAMILIES};
pub use crate::emit::unannotated::{Silenced, Unannotated, Unseen};
pub use crate::store::{AnyFamily, Counter, Family, Gauge, Histogram, MetricId};

use crate::declare::each;
use crate::declare::unit::UnitType as _;

pub mod unit {
    pub use crate::declare::unit::{Bytes, Count, Given, Milliseconds, Percent, Quantity, Ratio, Seconds};
}

/// The id of the metric in a struct pattern.
///
/// The pattern has the tokens of the emission, so that a misspelt metric is one error there, and not a second
/// one here.
pub const fn id_of<M: Metric>(_: fn(M)) -> MetricId {
    M::ID
}

pub fn debug_metric<M: Metric>(metric: M, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    let mut cells = M::EMPTY_KEY;
    metric.write(&mut SymbolWriter::new(cells.as_mut()));
    let key = Key::new(cells.as_ref());
    let mut out = f.debug_struct(M::DESC.name);
    for (index, label) in M::DESC.labels.iter().enumerate() {
        if let Some(value) = label.values.text(key.symbol(index)) {
            out.field(label.name, &value);
        }
    }
    out.finish()
}

/// What a contract fills in: other crates cannot build the struct itself.
pub const UNDECLARED: MetricDesc = MetricDesc {
    contract: "",
    name: "",
    kind: MetricKind::Counter,
    unit: Unit::One,
    stated_range: None,
    help: "",
    section: "",
    requirement: None,
    labels: &[],
    buckets: &[],
    series_limit: 0,
    renamed_from: None,
    deprecated: None,
    file: "",
    line: 0,
};

pub const fn family<M: Metric>() -> Family<M::Kind> {
    Family::new(M::DESC, M::Unit::PER_UNIT, M::ID, M::RECORD)
}

#[cold]
pub fn unknown_value(value: &str, allowed: &'static [&'static str]) -> LabelError {
    LabelError::Unknown { value: value.to_owned(), allowed }
}

/// Collects the flattened labels of a group into an array, at compile time.
pub struct LabelList<const N: usize> {
    labels: [LabelDesc; N],
    len: usize,
}

impl<const N: usize> LabelList<N> {
    #[expect(clippy::new_without_default, reason = "not a type for users")]
    pub const fn new() -> Self {
        let nothing = LabelDesc { name: "", values: LabelValues::Closed(&[]), conditional: false, conditions: &[] };
        Self { labels: [nothing; N], len: 0 }
    }

    pub const fn label(
        mut self,
        name: &'static str,
        values: LabelValues,
        conditional: bool,
        conditions: &'static [Condition],
    ) -> Self {
        self.labels[self.len] = LabelDesc { name, values, conditional, conditions };
        self.len += 1;
        self
    }

    pub const fn group(mut self, labels: &[LabelDesc]) -> Self {
        each!(labels, |label| {
            self.labels[self.len] = *label;
            self.len += 1;
        });
        self
    }

    pub const fn finish(self) -> [LabelDesc; N] {
        self.labels
    }
}

/// The metric that is built is the one on the list.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is built here, and `#[emits(..)]` lists `{Listed}`",
    label = "not the listed metric",
    note = "list the metric that the function records, or record the listed one",
    note = "if the two only have the same name, import one of them under another, with `use .. as ..`"
)]
pub trait ListedAs<Listed> {}

impl<M: Metric> ListedAs<M> for M {}

/// Imported where list and body spell a metric differently, or the body has a struct that may not be a metric.
/// `listed_as` is on one line, because the compiler prints that line.
pub trait ListAs: Sized {
    /// For a metric that list and body spell differently.
    #[inline]
    #[rustfmt::skip]
    fn listed_as<Listed>(self) -> Self where Self: ListedAs<Listed> { self }

    /// For a struct that is not a metric, which is an error elsewhere; metrics have their own.
    fn orchq_metrics_at<H: StandIn>(self, _: H) -> H::Emission<Self> {
        unreachable!("only code that does not compile calls this")
    }
}

impl<T> ListAs for T {}

/// The type that a literal gets instead of an emission if its struct is not a metric.
pub trait StandIn {
    type Emission<T>;
}

/// A method call follows the literal.
impl StandIn for &'static Hit {
    type Emission<T> = Unseen;
}

/// Anything else follows. A metric's own method has precedence, and dereferences the argument.
impl StandIn for &&'static Hit {
    type Emission<T> = T;
}

/// The hit flag of a site's metric. A macro, because the compiler is silent about one whose import has failed.
#[doc(hidden)]
#[macro_export]
macro_rules! __hit {
    ($site:ident $index:literal) => {
        $site.hits[$index]
    };
}
pub use __hit;

/// A function's site: its text, how many entries it has, and the ids of their metrics.
///
/// The annotation does not use linkme's attribute, which runs a macro of its own and checks the type of the element
/// for each site. Here the type is always the same, and the slice's own declarative macro has the names of its
/// section on each platform.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    ($(#[$foreign:meta])? [$($text:tt)*] $count:literal [$($ids:tt)*]) => {
        $crate::private::ORCHQ_METRICS_EMISSION_SITES! {
            #![linkme_macro = $crate::private::ORCHQ_METRICS_EMISSION_SITES]
            $(#[$foreign])?
            static ORCHQ_METRICS_SITE: $crate::private::Record<{ ::core::concat!($($text)*).len() }, $count> =
                $crate::private::site(::core::concat!($($text)*), [$($ids)*]);
        }
    };
}
pub use __site;
