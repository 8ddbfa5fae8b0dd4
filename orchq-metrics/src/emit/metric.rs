//! A metric as a type.

use crate::declare::desc::MetricDesc;
use crate::declare::label::Labels;
use crate::declare::unit::UnitType;
use crate::emit::metric_ref::MetricRef;
use crate::store::{AnyFamily, Family, Kind, MetricId};

/// A metric of a contract: a struct whose fields are its labels.
///
/// Implemented by [`contract`](macro@crate::contract), for nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric of a contract",
    note = "metrics are the structs marked `#[counter]`, `#[gauge]` or `#[histogram]` in a `#[contract]` module"
)]
pub trait Metric: Labels + Copy {
    /// Counter, gauge or histogram.
    #[doc(hidden)]
    type Kind: Kind;
    /// The unit of its values.
    #[doc(hidden)]
    type Unit: UnitType;
    /// A label set as symbols, two to a cell.
    #[doc(hidden)]
    type Key: AsRef<[u64]> + AsMut<[u64]> + Copy;
    /// A key with every label absent.
    #[doc(hidden)]
    const EMPTY_KEY: Self::Key;
    /// The metric's description.
    const DESC: &'static MetricDesc;
    /// The range of its values, for the compiler.
    #[doc(hidden)]
    const RANGE: Option<(f64, f64)> = Self::DESC.range();
    /// Whether an observation can be a violation.
    #[doc(hidden)]
    const CHECKS_OBSERVATIONS: bool = Self::Unit::OBSERVATION_VARIES || Self::DESC.stated_range.is_some();
    /// Its name in the records of sites.
    #[doc(hidden)]
    const ID: MetricId;
    /// Its own record.
    #[doc(hidden)]
    const RECORD: &'static [u8];
    /// The metric and its family.
    #[doc(hidden)]
    const REF: MetricRef = MetricRef { desc: Self::DESC, family: any_family::<Self> };
    /// Where its series are.
    #[doc(hidden)]
    fn family() -> &'static Family<Self::Kind>;
}

/// The family of a metric, its kind erased.
pub fn any_family<M: Metric>() -> &'static dyn AnyFamily {
    M::family()
}
