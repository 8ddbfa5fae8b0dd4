//! Contracts of the suite's own, one for each purpose, because values are global.

use orchq_metrics::{Label, Labels, Symbol, buckets, contract};

/// The function that recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 64)]
pub struct Shape(Symbol);

/// An open label with room for three values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 3)]
pub struct Small(Symbol);

/// An open label with room for many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 1000)]
pub struct Text(Symbol);

/// A closed label, with a value that has to be escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
pub enum Color {
    /// Plain.
    #[label("red")]
    Red,
    /// With everything that the format escapes.
    #[label("b\"l\\u\ne")]
    Blue,
}

/// A group with a label that applies to some.
#[derive(Clone, Copy, Debug, Labels)]
pub struct Place {
    /// Always.
    pub color: Color,
    /// Sometimes.
    pub text: Option<Text>,
}

/// Recorded by the functions of [`shapes`](crate::shapes).
#[contract(name = "shapes", version = "1.0.0")]
pub mod shapes_contract {
    use super::*;

    /// Number of calls.
    #[counter(unit = "{call}")]
    pub struct shape_calls_total {
        shape: Shape,
    }

    /// Time of a call.
    #[histogram(unit = "seconds", buckets = [0.5, 1])]
    pub struct shape_call_seconds {
        shape: Shape,
    }

    /// Calls under way.
    #[gauge(unit = "{call}", requirement = "ORCH-7")]
    pub struct shape_calls {
        shape: Shape,
    }

    /// Calls that another library counts.
    #[counter(unit = "{call}")]
    pub struct shape_foreign_calls_total {
        #[labels]
        place: Place,
    }
}

#[contract(name = concat!("config", "ured"), version = env!("CARGO_PKG_VERSION"))]
pub mod configured {
    //! Documented inside, with an inner attribute.
    #![deny(unused_must_use)]

    use super::*;

    /// Recorded by another library; its label is a keyword.
    #[counter(unit = "{call}")]
    pub struct shape_keyword_total {
        r#type: Shape,
    }

    /// Recorded only in a build that there is not; its label is a keyword.
    #[counter(unit = "{call}")]
    pub struct shape_configured_out_total {
        r#type: Shape,
    }
}

/// One metric of each kind and unit, recorded by the suite through the functions below.
#[contract(name = "units", version = "2.3.4")]
pub mod units {
    use super::*;

    /// A count: "quotes" stay, a back\slash and the second
    /// line of the comment's first paragraph do not break the exposition.
    ///
    /// This paragraph is for the documentation alone.
    #[counter(unit = "1")]
    pub struct unit_count_total {
        #[labels]
        place: Place,
    }

    /// Seconds spent.
    #[counter(unit = "seconds")]
    pub struct unit_busy_seconds_total {}

    /// A level that may be negative.
    #[gauge(unit = "1")]
    pub struct unit_balance {
        text: Text,
    }

    /// A ratio.
    #[gauge(unit = "ratio")]
    pub struct unit_ratio {
        text: Text,
    }

    /// A percentage.
    #[gauge(unit = "percent")]
    pub struct unit_percent {
        text: Text,
    }

    /// A percentage that is stepped.
    #[gauge(unit = "percent")]
    pub struct unit_stepped_percent {
        text: Text,
    }

    /// A temperature.
    #[gauge(unit = "celsius")]
    pub struct unit_celsius {
        text: Text,
    }

    /// Bytes.
    #[histogram(unit = "bytes", buckets = [10, 100])]
    pub struct unit_size_bytes {
        text: Text,
    }

    /// Milliseconds.
    #[histogram(unit = "milliseconds", buckets = [1.5, 10.0])]
    pub struct unit_latency_ms {
        text: Text,
    }

    /// A histogram without labels.
    #[histogram(unit = "seconds", buckets = [1])]
    pub struct unit_plain_seconds {}

    /// A ratio, on a name that does not say so.
    #[histogram(unit = "ratio", buckets = [-0.5, 0.5])]
    pub struct unit_score {
        small: Small,
    }
}

/// Values of other types and in other ranges than those of their units.
#[contract(name = "values", version = "1.0.0")]
pub mod values {
    use super::*;

    /// The load average of one minute.
    #[gauge(unit = "1", value = f64)]
    pub struct value_load1 {}

    /// Money in the till, or owed by it.
    #[gauge(unit = "{usd}", value = f64, range = ..)]
    pub struct value_till_usd {
        text: Text,
    }

    /// Open files.
    #[gauge(unit = "{file}", value = u64)]
    pub struct value_open_files {}

    /// How far the clock is ahead.
    #[gauge(unit = "seconds", value = f64, range = ..)]
    pub struct value_clock_skew_seconds {}

    /// When the process started.
    #[gauge(unit = "seconds", value = f64)]
    pub struct value_start_time_seconds {}

    /// By how much the heap grew.
    #[gauge(unit = "bytes", value = i64, range = ..)]
    pub struct value_growth_bytes {}

    /// Temperature in the room.
    #[gauge(unit = "celsius", range = -40..=60)]
    pub struct value_room_celsius {}

    /// Load of all processors.
    #[gauge(unit = "percent", range = 0..=6400)]
    pub struct value_processors_percent {}

    /// Money spent.
    #[counter(unit = "{usd}", value = f64)]
    pub struct value_spent_usd_total {
        text: Text,
    }

    /// Processor time.
    #[counter(unit = "seconds", value = f64)]
    pub struct value_cpu_seconds_total {
        color: Color,
    }

    /// Energy, in a unit that has fractions anyway.
    #[counter(unit = "joules")]
    pub struct value_energy_joules_total {}

    /// The price of an order.
    #[histogram(unit = "{usd}", value = f64, buckets = buckets::exponential::<4>(0.5, 10.0))]
    pub struct value_order_usd {}

    /// How late a train was, or how early.
    #[histogram(unit = "seconds", value = i64, range = -600.0.., buckets = buckets::linear::<3>(-60.0, 60.0))]
    pub struct value_late_seconds {}

    /// Items of an order.
    #[histogram(unit = "{item}", range = 1..=100, buckets = [1, 10, 100])]
    pub struct value_items {}
}
