//! The label of a `Result`.

use crate::macros::Label;

/// Whether something succeeded: the values `ok` and `error`, from a [`Result`].
///
/// ```
/// use orchq_metrics::{Outcome, contract, emits, text};
///
/// #[contract(name = "shop", version = "1.0.0")]
/// mod metrics {
///     /// Number of requests answered.
///     #[counter(unit = "{request}")]
///     pub struct requests_total {
///         outcome: orchq_metrics::Outcome,
///     }
/// }
///
/// #[emits(metrics::requests_total)]
/// fn answer(request: &str) -> Result<u32, std::num::ParseIntError> {
///     let answer = request.parse();
///     metrics::requests_total { outcome: Outcome::from(&answer) }.inc();
///     answer
/// }
///
/// fn main() {
///     let (_, _) = (answer("7"), answer("seven"));
///     let page = text::encode(&metrics::CONTRACT);
///     assert!(page.contains("requests_total{outcome=\"ok\"} 1\nrequests_total{outcome=\"error\"} 1\n"));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
pub enum Outcome {
    /// It succeeded.
    #[label("ok")]
    Ok,
    /// It failed.
    #[label("error")]
    Error,
}

impl<T, E> From<&Result<T, E>> for Outcome {
    fn from(result: &Result<T, E>) -> Self {
        if result.is_ok() { Self::Ok } else { Self::Error }
    }
}
