//! Buckets of histograms, under the names and with the values of the Prometheus clients.
//!
//! All are evaluated by the compiler, so that nonsense is a compile error in `buckets = ..`:
//!
//! ```
//! use orchq_metrics::{buckets, contract};
//!
//! #[contract(name = "shop", version = "1.0.0")]
//! mod metrics {
//!     use super::buckets;
//!
//!     /// Time from a request to its answer.
//!     #[histogram(unit = "seconds", buckets = buckets::DEFAULT)]
//!     pub struct request_duration_seconds {}
//!
//!     /// Items in an order.
//!     #[histogram(unit = "1", buckets = buckets::linear::<10>(1.0, 1.0))]
//!     pub struct order_items {}
//!
//!     /// Size of an answer.
//!     #[histogram(unit = "bytes", buckets = buckets::exponential::<5>(256.0, 4.0))]
//!     pub struct answer_bytes {}
//! }
//!
//! fn main() {
//!     let sizes = metrics::CONTRACT.metric("answer_bytes").unwrap().buckets;
//!     assert_eq!(sizes, [256.0, 1024.0, 4096.0, 16384.0, 65536.0]);
//! }
//! ```

/// The default buckets of the Prometheus clients: from 5 milliseconds to 10 seconds, for latencies in `seconds`.
pub const DEFAULT: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// `COUNT` bounds: the first is `start`, and each is `width` above the one before it.
///
/// ```
/// assert_eq!(orchq_metrics::buckets::linear::<4>(0.0, 2.5), [0.0, 2.5, 5.0, 7.5]);
/// ```
///
/// # Panics
///
/// If `COUNT` is zero, `start` is not finite, `width` is not a finite number above zero, or the numbers are so great
/// that the bounds do not ascend. In `buckets = ..` this is a compile error.
///
/// ```compile_fail,E0080
/// const BOUNDS: [f64; 4] = orchq_metrics::buckets::linear(10.0, -2.5);
/// # fn main() { assert_eq!(BOUNDS[0], 10.0) }
/// ```
#[must_use]
#[track_caller]
pub const fn linear<const COUNT: usize>(start: f64, width: f64) -> [f64; COUNT] {
    assert!(COUNT > 0, "a histogram has at least one bucket bound: write `linear::<10>(..)` for ten");
    assert!(start.is_finite(), "the start of linear buckets is a finite number");
    assert!(width > 0.0 && width.is_finite(), "the width of linear buckets is a finite number above zero");
    let mut bounds = [start; COUNT];
    let mut i = 1;
    while i < COUNT {
        bounds[i] = start + width * i as f64;
        assert!(bounds[i].is_finite(), "the last of these linear buckets is infinite; take fewer, or a lesser width");
        assert!(bounds[i - 1] < bounds[i], "the width of these linear buckets is lost in rounding; take a greater one");
        i += 1;
    }
    bounds
}

/// `COUNT` bounds: the first is `start`, and each is `factor` times the one before it.
///
/// ```
/// assert_eq!(orchq_metrics::buckets::exponential::<4>(0.5, 2.0), [0.5, 1.0, 2.0, 4.0]);
/// ```
///
/// # Panics
///
/// If `COUNT` is zero, `start` is not a finite number above zero, `factor` is not a finite number above one, or the
/// bounds do not ascend or do not stay finite. In `buckets = ..` this is a compile error.
///
/// ```compile_fail,E0080
/// const BOUNDS: [f64; 4] = orchq_metrics::buckets::exponential(0.0, 2.0);
/// # fn main() { assert_eq!(BOUNDS[0], 0.0) }
/// ```
#[must_use]
#[track_caller]
pub const fn exponential<const COUNT: usize>(start: f64, factor: f64) -> [f64; COUNT] {
    assert!(COUNT > 0, "a histogram has at least one bucket bound: write `exponential::<10>(..)` for ten");
    assert!(start > 0.0 && start.is_finite(), "the start of exponential buckets is a finite number above zero");
    assert!(factor > 1.0 && factor.is_finite(), "the factor of exponential buckets is a finite number above one");
    let mut bounds = [start; COUNT];
    let mut i = 1;
    while i < COUNT {
        bounds[i] = bounds[i - 1] * factor;
        assert!(bounds[i].is_finite(), "the last of these exponential buckets is infinite; take fewer");
        assert!(bounds[i - 1] < bounds[i], "the factor of these exponential buckets is lost in rounding");
        i += 1;
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "prometheus")]
    #[test]
    fn the_bounds_are_those_of_the_prometheus_client() {
        assert_eq!(DEFAULT, *prometheus::DEFAULT_BUCKETS);
        assert_eq!(linear::<20>(-1.0, 0.1).to_vec(), prometheus::linear_buckets(-1.0, 0.1, 20).expect("legal"));
        let expected = prometheus::exponential_buckets(0.001, 1.7, 20).expect("legal");
        assert_eq!(exponential::<20>(0.001, 1.7).to_vec(), expected);
    }

    #[test]
    fn nonsense_panics() {
        let panics = |make: fn() -> [f64; 3]| std::panic::catch_unwind(make).is_err();
        assert!(panics(|| linear(f64::NAN, 1.0)) && panics(|| linear(0.0, 0.0)) && panics(|| linear(0.0, f64::NAN)));
        assert!(panics(|| linear(0.0, f64::INFINITY)) && panics(|| linear(0.0, 1e308)) && panics(|| linear(1e20, 1.0)));
        assert!(
            panics(|| exponential(0.0, 2.0)) && panics(|| exponential(1.0, 1.0)) && panics(|| exponential(1.0, -2.0))
        );
        assert!(panics(|| exponential(f64::INFINITY, 2.0)) && panics(|| exponential(1e200, 1e200)));
        assert!(panics(|| exponential(5e-324, 1.0 + f64::EPSILON)) && panics(|| exponential(1.0, f64::NAN)));
        assert!(!panics(|| linear(-1.0, 1.0)) && !panics(|| exponential(1e-300, 2.0)));
    }
}
