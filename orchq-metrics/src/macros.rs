//! The reference of the macros. It is here, at the re-exports, so that its examples compile against the runtime.

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
/// // Past the budget, counts go on without the detail.
/// assert_eq!(Tenant::new("c").as_str(), Symbol::OVERFLOW_VALUE);
/// assert_eq!(Tenant::try_new("c"), Err(LabelError::OverBudget { budget: 2 }));
/// // Parsing replaces nothing, as `try_new`.
/// assert_eq!("a".parse(), Ok(Tenant::new("a")));
/// assert_eq!("c".parse::<Tenant>(), Err(LabelError::OverBudget { budget: 2 }));
/// ```
///
/// Values of an open label:
///
/// | value | `new`, `from`, `into` | `try_new`, `parse` | scraped as |
/// | --- | --- | --- | --- |
/// | any UTF-8 of 1 to 256 bytes | the value | `Ok` | itself; `\`, `"` and line feeds escaped |
/// | the empty string, which Prometheus reads as an absent label | [`EMPTY_VALUE`](crate::Symbol::EMPTY_VALUE) | [`LabelError::Empty`](crate::LabelError::Empty) | `__empty__` |
/// | more than [`MAX_VALUE_BYTES`](crate::Symbol::MAX_VALUE_BYTES) | [`OVERFLOW_VALUE`](crate::Symbol::OVERFLOW_VALUE) | [`LabelError::TooLong`](crate::LabelError::TooLong) | `__overflow__` |
/// | a new one past the budget | [`OVERFLOW_VALUE`](crate::Symbol::OVERFLOW_VALUE) | [`LabelError::OverBudget`](crate::LabelError::OverBudget) | `__overflow__` |
/// | `__empty__` or `__overflow__` itself | the reserved value | `Ok` | itself |
///
/// A value that is in the budget stays in it until the process ends. Recordings with `__overflow__` are counted in
/// `orchq_metrics_overflow_total{metric,label}`. A gauge drops a level that is set with it, and adds up differences.
///
/// `#[label(crate = path)]` above the type says where this crate is, see
/// [`contract`](macro@crate::contract#another-name).
pub use orchq_metrics_macros::Label;
/// Derives [`Labels`](trait@crate::Labels): a group of labels that belong together.
///
/// Fields are labels, in the order in which they are scraped; a field marked `#[labels]` is another group, flattened in
/// its place. `#[labels(crate = path)]` above the struct says where this crate is, see
/// [`contract`](macro@crate::contract#another-name). An `Option` is a label that only some series carry. An attribute
/// above it states which ones, for the checks of scrapes and queries: `#[when(engine = "triton")]`, with `|` between
/// several values, or `#[unless(model_digest)]`, if the other label is absent. Fields of metrics accept both too.
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
/// **A metric is a struct, its fields are the labels, and the struct's name is the metric's name**: in the
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
/// The macro adds a static, `CONTRACT`, of type [`Contract`](crate::Contract) to the module. The module has to be
/// in braces: an attribute does not see a module in a file of its own. Items that are not marked are unchanged.
///
/// # Arguments
///
/// Of `#[contract(..)]`:
///
/// - `name`: lowercase letters, digits, `_` and `-`;
/// - `version`: a semantic version, such as `"1.0.0"`.
///
/// Both are strings, or constant expressions such as `env!("CARGO_PKG_VERSION")`, as they are written in the module.
/// `crate` is the path of this crate, see [below](#another-name).
///
/// Of `#[counter(..)]`, `#[gauge(..)]` and `#[histogram(..)]`:
///
/// - `unit`: decides what the metric accepts, see below;
/// - `value`, and of a gauge or a histogram `range`: the type of its values and which of them make sense, see below;
/// - `buckets`: of a histogram, its upper bounds in the metric's unit, ascending and without `+Inf`; an array in place,
///   a constant, or a function of [`buckets`](crate::buckets);
/// - `series_limit`: how many series the family may have in one process, 10,000 by default; not allowed if all exist
///   from the start;
/// - `section`: its heading in [`Contract::to_markdown`](crate::Contract::to_markdown); by default that of its kind;
/// - `requirement`: the requirement that the metric answers, shown in every report;
/// - `name`: of a metric that belongs to another system, a name that a struct cannot have:
///   `"vllm:num_requests_running"` on the struct `vllm_num_requests_running`, which is the same in lowercase with `_`
///   for `:`;
/// - `renamed_from`, `since`, `until` and `deprecated(..)`: see [below](#renamed-and-deprecated-metrics).
///
/// The first paragraph of the doc comment is the help text.
///
/// # Units
///
/// | `unit` | a counter accepts | a gauge accepts | a histogram accepts | last word of the name |
/// | --- | --- | --- | --- | --- |
/// | `1`, `tokens`, a noun such as `{request}` | `u64` | `i64` | `u64` | |
/// | `bytes` | `u64` | `u64` | `u64` | `bytes` |
/// | `milliseconds` | `Duration` | `Duration` | `Duration` | `ms`, `milliseconds` |
/// | `seconds` | `Duration` | `Duration` | `Duration` | `seconds` |
/// | `ratio` | – | `f64` in 0..=1 | `f64` in 0..=1 | `ratio` |
/// | `percent` | – | `f64` in 0..=100 | `f64` in 0..=100 | `percent` |
/// | `celsius` | – | `f64` from -273.15 | `f64` from -273.15 | `celsius` |
/// | `meters`, `volts`, `amperes`, `joules`, `grams` | `f64` | `f64` | `f64` | the unit |
///
/// A name does not have to end in its unit, but may not end in another one.
///
/// Two arguments change what the unit decides:
///
/// - `value = f64`, `value = i64` or `value = u64`: the type of the values, which are then numbers in the unit. A ratio
///   is only `f64`, and `u64` states that no value is below zero. A counter takes `value = f64`, to count in fractions.
/// - `range = ..`, of a gauge or a histogram: the values that it can have, ends included, as in `-273.15..`, `-1..=1`,
///   `..=0`, or `..` for any number. In a unit without negative values, they need a range that includes them, and so
///   they do with `value = f64` in `1`, `tokens` or a noun.
///
/// | what | declaration |
/// | --- | --- |
/// | load average | `#[gauge(unit = "1", value = f64)]` |
/// | a balance, and money spent | `#[gauge(unit = "{usd}", value = f64, range = ..)]`, `#[counter(unit = "{usd}", value = f64)]` |
/// | clock skew | `#[gauge(unit = "seconds", value = f64, range = ..)]` |
/// | temperature of a freezer | `#[gauge(unit = "celsius", range = -40..=10)]` |
///
/// The range is part of the contract, and the checks of scrapes, queries, fleets and changes use it.
///
/// Violations are counted in `orchq_metrics_violations_total{metric,kind}`:
///
/// | `kind` | what | recorded |
/// | --- | --- | --- |
/// | `nan` | NaN | no |
/// | `infinite` | an infinity | only by `set` of a gauge |
/// | `negative` | a value below zero, of a counter or where the range begins at zero | yes, except by a counter |
/// | `out_of_range` | any other value out of the range | yes |
/// | `conflicting_contracts` | a read that left out another contract's metric of this name, because it is defined differently | yes, not served |
///
/// The series of a collector that was adopted (`Contract::adopt`) are checked at each scrape. Each fault of each series
/// counts once for each scrape, as one of the above or of these:
///
/// | `kind` | what |
/// | --- | --- |
/// | `unknown_value` | a label value outside its closed set |
/// | `wrong_labels` | a required label is missing or empty, or the contract does not have the label |
/// | `wrong_kind` | a gauge where the contract has a counter, and so on |
/// | `wrong_buckets` | a histogram has other bounds |
/// | `panicked` | the collector panicked |
///
#[doc = include_str!("macros_series.md")]
///
/// # Methods
///
/// | kind | methods |
/// | --- | --- |
/// | counter | `inc_by(n)`, and for counts and bytes `inc()` |
/// | gauge | `set(level)`, `add(n)`, `sub(n)`, and for counts and bytes `inc()`, `dec()`, `enter()`, which lowers the level again when its guard is dropped |
/// | histogram | `observe(value)`, and for times `start_timer()`, which records when it is dropped, `time(future)` |
/// | all | `handle()`, which looks the series up once; `init()`, which creates the series at zero |
///
/// # Another name
///
/// The macros name this crate `::orchq_metrics`. In a package that renames the dependency, or has it only through a
/// crate that re-exports it, each of them takes `crate = path`, with the path of this crate as it is written in the
/// module:
///
/// ```
/// # mod company { pub extern crate orchq_metrics as metrics; }
/// use company::metrics::{Label, contract, emits};
///
/// #[derive(Clone, Copy, Label)]
/// #[label(crate = crate::company::metrics)]
/// pub enum Outcome {
///     #[label("ok")]
///     Ok,
///     #[label("error")]
///     Err,
/// }
///
/// #[contract(crate = crate::company::metrics, name = "shop", version = "1.0.0")]
/// mod metrics {
///     /// Number of orders.
///     #[counter(unit = "{order}")]
///     pub struct orders_total {
///         outcome: super::Outcome,
///     }
/// }
///
/// #[emits(crate = crate::company::metrics, metrics::orders_total)]
/// fn order() {
///     metrics::orders_total { outcome: Outcome::Ok }.inc();
/// }
/// # fn main() {}
/// ```
///
/// A derived group takes it as `#[labels(crate = path)]`. A `macro_rules!` writes `crate = $crate::metrics`.
///
#[doc = include_str!("macros_errors.md")]
pub use orchq_metrics_macros::contract;
/// Annotates a function that records metrics.
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
/// The annotation is checked in both directions. A metric that is recorded and not listed does not compile:
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
/// nor does one that is built and dropped, as in `m { .. };`, `let _ = m { .. };`, `let x = m { .. };` without a use of
/// `x`, and `drop(m { .. })`, nor a `handle()` that is never used:
///
/// ```compile_fail
/// # use orchq_metrics::{emits, v1::{Replica, tokens_in_total}};
/// #[emits(tokens_in_total)]
/// fn count(replica: Replica) {
///     let _ = tokens_in_total { replica };
/// }
/// ```
///
/// A method, an argument, a field, a name that is used, or a value that is returned hands the metric on, and is
/// accepted. It is also an error to drop at once what `enter()`, `start_timer()`, `time(..)` or `handle()` returns, as
/// in `let _ = m { .. }.enter();`.
///
/// # Where it goes
///
/// On functions with a body: free functions, methods, trait implementations and default bodies, `async fn`, generic
/// functions, functions from a `macro_rules!`. It combines with attributes such as `#[tokio::main]`,
/// `#[async_trait]` and `#[tracing::instrument]`, in any order. Put it above `#[test]`, which hides itself from
/// attributes below it. A `const fn` is an error, because it may run in the compiler. On a closure or a statement, the
/// compiler accepts no attribute macro (E0658), whatever that says: annotate the function around it.
///
/// The body is read as tokens, so that metrics are found inside closures, `tokio::select!` and other macros. A
/// nested function is part of the body unless it has its own annotation; a nested module is not part of it. An
/// emission under a `#[cfg(..)]` that is off does not count: the metric is then not linked. A listed name with
/// braces behind it is an emission, except as a pattern or before a block, as in `if depth > queue_depth { .. }`. A
/// metric that a macro in the body builds from its name or from parts is not found: pass the macro the whole
/// `name { .. }`. A function that builds a metric for others is annotated itself, and returns its `handle()`. After
/// `use name as alias`, list the alias.
///
/// # Metrics that another library records
///
/// For a raw `prometheus` vector or an OpenTelemetry meter, spell out the labels that it records, in the order in which
/// it takes them. The compiler compares them with the contract:
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
/// fn count_rejection(counter: &prometheus::IntCounterVec, reason: &str, motor: &str) {
///     counter.with_label_values(&[reason, motor]).inc();
/// }
/// ```
///
/// The function's body has to call something: it is where the other library records. Conditional labels may be listed
/// or left out. Such a site counts as linked. What the other library really records is seen only if its collector is
/// adopted: `CONTRACT.adopt::<m>(&collector)` lets the self-check compare the collector's kind and labels with the
/// contract and the list, makes the metric hit, and lets each scrape check its series. Without it the metric is never
/// hit, and the self-check notes it as `taken-on-trust`. The other library alone serves the metric:
/// `Contract::register` does not claim the name. If a function records it with this library too, what that function
/// recorded is served, without the series at zero.
///
/// # What each rung proves
///
/// | rung | proves | does not prove |
/// | --- | --- | --- |
/// | declared | the names, labels, units and buckets keep the rules of a contract | that any function emits the metric |
/// | linked | a function in this binary, outside test code, is annotated for the metric, builds it with its labels, and records it, keeps it or hands it on | that the function is ever called, that what it hands the metric to records it, or that it does more than `init()` |
/// | linked, by `extern` | a function in this binary is annotated with a list of labels, and the list is the contract's | that the other library records these labels, or anything at all; adopting its collector compares its labels and kind |
/// | hit | a linked function has recorded a value in this process (zero counts; `init()`, `handle()` and a dropped NaN do not), or an adopted collector has a sample | that the value is right, or that each function and each label value has recorded; a metric that only `extern` names is never hit unless its collector is adopted |
/// | scraped | the pages that were checked have the metric with the type, labels, values and ranges of the contract | what other instances and later scrapes have, or that the values are right |
/// | consumed | the queries that were checked use metrics, labels and values of the contract in a way that can return something | that a query answers the question of its author |
///
/// A metric that is not linked serves no series, unless another library serves it. One that is linked by test code
/// alone serves its series, in the test, and does not count.
///
/// # What it does
///
/// It adds a static to the body, which registers the function as an emission site ([`linkme`] collects them from all
/// linked crates), and a call behind each listed literal, which binds the metric to the site. It also adds a line
/// with links to the metrics to the function's documentation, unless that is inherited from a trait.
///
/// [`linkme`]: https://docs.rs/linkme
pub use orchq_metrics_macros::emits;
