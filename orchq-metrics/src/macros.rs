//! The macros' reference. They are documented where they are re-exported, so that
//! their examples compile against the runtime.

/// Derives [`Label`](trait@crate::Label): the values of one label.
///
/// An enum is a closed set. Each value is spelled out as it is scraped, so that renaming a
/// variant changes no dashboard:
///
/// ```
/// use orchq_metrics::Label;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Label)]
/// enum Policy {
///     #[label("reject")]
///     Reject,
///     #[label("drop-lru")]
///     DropLru,
/// }
///
/// assert_eq!(Policy::DropLru.as_str(), "drop-lru");
/// assert_eq!("reject".parse(), Ok(Policy::Reject));
/// assert_eq!(Policy::ALL.len(), 2);
/// assert_eq!(
///     "drop".parse::<Policy>().unwrap_err().to_string(),
///     r#""drop" is not a value of this label; use one of reject, drop-lru"#,
/// );
/// ```
///
/// A struct around a [`Symbol`](crate::Symbol) is an open set, with a budget of distinct values in one process:
///
/// ```
/// use orchq_metrics::{Label, LabelError, Symbol};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Label)]
/// #[label(budget = 2)]
/// struct Tenant(Symbol);
///
/// assert_eq!(Tenant::new("a").as_str(), "a");
/// assert_eq!(Tenant::from("b"), Tenant::new("b"));
/// // Past the budget the count is kept, and only the detail is lost.
/// assert_eq!(Tenant::new("c").as_str(), orchq_metrics::OVERFLOW);
/// assert_eq!(Tenant::try_new("c"), Err(LabelError::OverBudget { budget: 2 }));
/// ```
///
/// What becomes of a value of an open label:
///
/// | value | `new`, `from` | `try_new` | scraped as |
/// | --- | --- | --- | --- |
/// | any UTF-8 of 1 to 256 bytes | the value | `Ok` | itself; `\`, `"` and line feeds escaped, as the format asks |
/// | the empty string, to Prometheus a label that is not there | [`EMPTY`](crate::EMPTY) | [`LabelError::Empty`](crate::LabelError::Empty) | `__empty__` |
/// | more than [`MAX_VALUE_BYTES`](crate::MAX_VALUE_BYTES) | [`OVERFLOW`](crate::OVERFLOW) | [`LabelError::TooLong`](crate::LabelError::TooLong) | `__overflow__` |
/// | a new one past the budget | [`OVERFLOW`](crate::OVERFLOW) | [`LabelError::OverBudget`](crate::LabelError::OverBudget) | `__overflow__` |
///
/// | `__empty__` or `__overflow__` itself | what it stands for | `Ok` | itself |
///
/// A value that was once in the budget stays in it for the life of the process. What was lost
/// is counted in `orchq_metrics_overflow_total{metric,label}`.
pub use orchq_metrics_macros::Label;
/// Derives [`Labels`](trait@crate::Labels): a group of labels that belong together.
///
/// Fields are labels, in the order in which they are scraped; a field marked `#[labels]` is
/// another group, flattened in its place. An `Option` is a label that only some series carry;
/// what is known of those goes above it, for whoever checks a scrape or a query:
/// `#[when(engine = "triton")]`, with `|` between several values, or `#[unless(model_digest)]`, where the
/// other label is absent. Fields of metrics take both too.
///
/// ```
/// use orchq_metrics::v1::{Engine, PoolId};
/// use orchq_metrics::{Labels, emits};
///
/// #[derive(Clone, Copy, Labels)]
/// struct Backend {
///     engine: Engine,
///     #[when(engine = "tgi" | "vllm")]
///     pool_id: Option<PoolId>,
/// }
///
/// #[orchq_metrics::contract(name = "gateway", version = "1.0.0")]
/// mod metrics {
///     use super::Backend;
///
///     /// Number of requests passed on.
///     #[counter(unit = "{request}")]
///     pub struct forwarded_total {
///         #[labels]
///         backend: Backend,
///     }
/// }
///
/// #[emits(metrics::forwarded_total)]
/// fn forward(backend: Backend) {
///     metrics::forwarded_total { backend }.inc();
/// }
///
/// fn main() {
///     forward(Backend { engine: Engine::Tgi, pool_id: None });
///     let text = orchq_metrics::text::encode(&metrics::CONTRACT);
///     assert!(text.contains("forwarded_total{engine=\"tgi\"} 1\n"));
/// }
/// ```
pub use orchq_metrics_macros::Labels;
/// Declares a contract: a module whose marked structs are metrics.
///
/// **A metric is a struct, its fields are its labels, and its name is its name**: in the
/// contract, in the code, in the scrape and in the alert.
///
/// ```
/// use orchq_metrics::{Label, Symbol, contract};
///
/// #[derive(Clone, Copy, Label)]
/// #[label(budget = 32)]
/// pub struct Route(Symbol);
///
/// #[contract(name = "shop", version = "1.0.0")]
/// pub mod metrics {
///     use super::Route;
///
///     /// Number of requests answered.
///     #[counter(unit = "{request}")]
///     pub struct requests_total {
///         route: Route,
///     }
///
///     /// Time from a request to its answer.
///     #[histogram(unit = "seconds", buckets = [0.01, 0.1, 1, 10], requirement = "SHOP-12")]
///     pub struct request_duration_seconds {
///         route: Route,
///     }
/// }
///
/// fn main() {
///     assert_eq!(metrics::CONTRACT.metrics().count(), 2);
/// }
/// ```
///
/// The module gains one static, `CONTRACT`, of type [`Contract`](crate::Contract). It has to be written
/// in braces: an attribute does not see a module in a file of its own. Items that are
/// not marked stay as they are.
///
/// # Arguments
///
/// Of `#[contract(..)]`:
///
/// - `name`: lowercase letters, digits, `_` and `-`;
/// - `version`: a semantic version, such as `"1.0.0"`.
///
/// Of `#[counter(..)]`, `#[gauge(..)]` and `#[histogram(..)]`:
///
/// - `unit`: decides what the metric takes, see below;
/// - `buckets`: of a histogram, its upper bounds in the metric's unit, ascending and without
///   `+Inf`; an array in place, or a constant;
/// - `series_limit`: how many series the family may have in one process, 10,000 by default; not where all of
///   them are there from the start;
/// - `section`: the heading under which [`render::markdown`](crate::render::markdown) lists the metric; by
///   default that of its kind;
/// - `requirement`: the requirement that the metric answers, shown in every report.
///
/// The first paragraph of the doc comment is the help text.
///
/// # Units
///
/// | `unit` | a counter takes | a gauge takes | a histogram takes | last word of the name |
/// | --- | --- | --- | --- | --- |
/// | `1`, `tokens`, a noun such as `{request}` | `u64` | `i64` | `u64` | |
/// | `bytes` | `u64` | `u64` | `u64` | `bytes` |
/// | `milliseconds` | `Duration` | `Duration` | `Duration` | `ms`, `milliseconds` |
/// | `seconds` | `Duration` | `Duration` | `Duration` | `seconds` |
/// | `ratio` | – | `f64` in 0..=1 | `f64` in 0..=1 | `ratio` |
/// | `percent` | – | `f64` in 0..=100 | `f64` in 0..=100 | `percent` |
/// | `celsius`, `meters`, `volts`, `amperes`, `joules`, `grams` | – | `f64` | `f64` | the unit |
///
/// A name does not have to end in its unit, but one that ends in another's is refused.
///
/// What cannot be right is counted in `orchq_metrics_violations_total{metric,kind}`:
///
/// | `kind` | what | recorded |
/// | --- | --- | --- |
/// | `nan` | not a number | no |
/// | `infinite` | an infinity | only where a gauge is set to it |
/// | `negative` | below zero, in a unit that begins there | yes |
/// | `out_of_range` | above the greatest value of the unit | yes |
///
/// # Series
///
/// A metric whose labels are all closed, or that has none, has a series for each label set from the
/// start, at zero, as long as there are at most 1,024 of them: the first event is then an increase that a
/// query sees. Any other series begins with its first recording, or at zero with `init()` or `handle()`, and
/// ends with [`remove`](crate::Contract::remove).
///
/// Past its limit a family takes no new label set. What is recorded for one goes to a single series with
/// `__overflow__` for every label that a series has to carry, or for all where none has to be carried, so that sums stay right, and
/// `orchq_metrics_overflow_total{metric,label="__series__"}` counts how often that happened.
///
/// # Methods
///
/// | kind | methods |
/// | --- | --- |
/// | counter | `inc_by(n)`, and for counts and bytes `inc()` |
/// | gauge | `set(level)`, `add(n)`, `sub(n)`, and for counts and bytes `inc()`, `dec()` |
/// | histogram | `observe(value)`, and for times `start_timer()`, which records when it is dropped |
/// | all | `handle()`, a resolved series that is `Copy`; `init()`, which has the series exist at zero |
///
/// # Refusals
///
/// Each on the token that is wrong, and all of a contract at once: a name declared twice,
/// or not of lowercase letters, digits and `_`; a counter without `_total`, and another kind
/// with it; a histogram without buckets, or with bounds that do not ascend; a metric
/// without a doc comment; a unit that is not known, or that the name contradicts; the labels
/// `le`, `quantile` and `__*`, and a label that comes twice; a contract without metrics; names that begin with
/// `orchq_metrics_`, or end in `_bucket`, `_count`, `_sum` or `_created`; a metric or a label under `#[cfg]`, or
/// with type parameters; a budget that is not from 1 to 1,000,000, and a `series_limit` that is not from 1 to
/// 10,000,000, or that does nothing.
pub use orchq_metrics_macros::contract;
/// Marks a function as a place that records metrics.
///
/// The list names the metrics, each by its path. Where the body has `name { .. }`, the
/// struct literal of a listed metric, its methods record; everywhere else they do not compile.
///
/// ```
/// use std::time::Instant;
///
/// use orchq_metrics::emits;
/// use orchq_metrics::v1::{Priority, Replica, latency_first_token_ms, tasks_started_total};
///
/// #[emits(tasks_started_total, latency_first_token_ms)]
/// fn first_token(replica: Replica, priority: Priority, admitted: Instant) {
///     tasks_started_total { replica, priority }.inc();
///     latency_first_token_ms { pool: replica.pool(), priority }.observe(admitted.elapsed());
/// }
/// ```
///
/// **The annotation cannot lie.** A metric that is recorded and not listed does not compile:
///
/// ```compile_fail,E0277
/// use orchq_metrics::v1::{Replica, tokens_in_total};
///
/// fn count(replica: Replica) {
///     tokens_in_total { replica }.inc();
/// }
/// ```
///
/// nor does one that is listed and not recorded:
///
/// ```compile_fail
/// #[orchq_metrics::emits(orchq_metrics::v1::tokens_in_total)]
/// fn count() {}
/// ```
///
/// # Where it goes
///
/// On functions with a body: free functions, methods, trait implementations and default
/// bodies, `async fn`, generic functions, functions that a `macro_rules!` makes; beside other
/// attributes such as `#[tokio::main]`, `#[async_trait]` and `#[tracing::instrument]`, in any
/// order. Put it above
/// `#[test]`, which is gone from what is below it. A `const fn` is refused, because it may run in the compiler.
///
/// The body is read token by token and not parsed, so that metrics are found inside
/// closures, `tokio::select!` and other macros. A nested function is part of the body
/// unless it has an annotation of its own, and a module in it is not. An emission under a
/// `#[cfg(..)]` that is off is none: the metric is then not linked. A listed name with braces
/// behind it is an emission, except as a pattern or before a block, as in
/// `if depth > queue_depth { .. }`. What is out of reach: a metric that a macro called in
/// the body puts together from parts.
///
/// # Metrics that another library records
///
/// A raw `prometheus` vector or an OpenTelemetry meter is adopted as it is, with
/// the labels that it records spelled out. The compiler compares them with the contract:
///
/// ```
/// use orchq_metrics::{emits, v1};
///
/// #[emits(extern v1::tasks_rejected_total { reason, engine })]
/// fn count_rejection(counter: &prometheus::IntCounterVec, reason: &str, engine: &str) {
///     counter.with_label_values(&[reason, engine]).inc();
/// }
/// ```
///
/// ```compile_fail,E0080
/// # use orchq_metrics::{emits, v1};
/// #[emits(extern v1::tasks_rejected_total { reason, motor })]
/// fn count_rejection() {}
/// ```
///
/// Conditional labels may be listed or left out. Such a site counts as linked and is never
/// hit: what another library records cannot be seen. It serves its series itself;
/// `Contract::register` leaves the name to it, and series of our own that are at zero
/// are not served beside it.
///
/// # What it does
///
/// It puts a static into the body, which registers the function as an emission site
/// ([`linkme`] collects them over all linked crates), and a call behind each listed literal,
/// which binds the metric to the site. The function's documentation gains a line that
/// links the metrics, unless it has no page and inherits a trait's.
///
/// [`linkme`]: https://docs.rs/linkme
pub use orchq_metrics_macros::emits;
