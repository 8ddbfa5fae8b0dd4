//! The label of a `Result`.

use crate::macros::Label;

/// Whether something succeeded: the values `ok` and `error`, from a [`Result`].
///
/// ```
/// use orchq_metrics::{Outcome, contract, emits, text};
///
/// #[contract(name = "parser", version = "1.0.0")]
/// mod metrics {
///     /// Number of texts parsed.
///     #[counter(unit = "{text}")]
///     pub struct parsed_total {
///         outcome: orchq_metrics::Outcome,
///     }
/// }
///
/// #[emits(metrics::parsed_total)]
/// fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     let parsed = text.parse();
///     metrics::parsed_total { outcome: Outcome::from(&parsed) }.inc();
///     parsed
/// }
///
/// fn main() {
///     let (_, _) = (parse("7"), parse("seven"));
///     let page = text::encode(&metrics::CONTRACT);
///     assert!(page.contains("parsed_total{outcome=\"ok\"} 1\nparsed_total{outcome=\"error\"} 1\n"));
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
