//! Functions that run before a scrape or a push reads.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use crate::contract::Contract;
use crate::contract::scrape_functions::Function;

thread_local! {
    /// Whether this thread is running them: a read inside one runs none.
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

impl Contract {
    /// Runs a function before each scrape and each push of this contract reads: for values that are read when they are
    /// asked for, such as memory or the size of a pool. The function records them, so that it is annotated like any
    /// other.
    ///
    /// ```
    /// use orchq_metrics::{contract, emits, text};
    ///
    /// #[contract(name = "process", version = "1.0.0")]
    /// mod metrics {
    ///     /// Number of threads.
    ///     #[gauge(unit = "{thread}")]
    ///     pub struct process_threads {}
    /// }
    ///
    /// # fn count_threads() -> i64 { 4 }
    /// #[emits(metrics::process_threads)]
    /// fn read_process() {
    ///     metrics::process_threads {}.set(count_threads());
    /// }
    ///
    /// fn main() {
    ///     metrics::CONTRACT.on_scrape(read_process);
    ///     assert!(text::encode(&metrics::CONTRACT).contains("process_threads 4\n"));
    /// }
    /// ```
    ///
    /// - It runs once for each [`text::encode`](crate::text::encode), each `gather` of a registry and each push, on the
    ///   thread that reads, and the read waits for it. Snapshots do not run it.
    /// - Functions run one after the other, in the order in which they were added; with several contracts, in the order
    ///   of the contracts. A function that is added twice runs twice.
    /// - Two scrapes at the same time run it at the same time, each on its own thread.
    /// - A read inside the function, such as `text::encode`, runs no functions. The function must not use a
    ///   `prometheus::Registry` that it is gathered from: that registry is locked.
    /// - If it panics, the scrape goes on with what was recorded, and `orchq_metrics_on_scrape_panics_total{contract}`
    ///   counts it.
    /// - It stays until [`OnScrape::remove`]; dropping the [`OnScrape`] does not remove it.
    pub fn on_scrape(&'static self, function: impl Fn() + Send + Sync + 'static) -> OnScrape {
        let function: Function = Arc::new(function);
        self.scrape_functions.add(Arc::clone(&function));
        OnScrape { contract: self, function }
    }

    /// Whether it has such a function.
    pub(crate) fn is_read_on_scrape(&self) -> bool {
        self.scrape_functions.has_any()
    }

    /// How many calls have panicked.
    pub(crate) fn scrape_panics(&self) -> u64 {
        self.scrape_functions.panics()
    }
}

/// Runs the functions of these contracts, unless this is a read inside one of them.
pub(crate) fn run(contracts: &[&Contract]) {
    /// Ends the run, whatever happens.
    struct Running;

    impl Drop for Running {
        fn drop(&mut self) {
            RUNNING.set(false);
        }
    }

    if !RUNNING.replace(true) {
        let _running = Running;
        contracts.iter().for_each(|contract| contract.scrape_functions.run());
    }
}

/// A function that runs before each scrape, given by [`Contract::on_scrape`]. It stays when this is dropped.
pub struct OnScrape {
    contract: &'static Contract,
    function: Function,
}

impl OnScrape {
    /// Removes the function. A scrape that is under way may still run it. What it recorded stays; see
    /// [`Contract::remove_metric`].
    pub fn remove(self) {
        self.contract.scrape_functions.remove(&self.function);
    }
}

impl fmt::Debug for OnScrape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnScrape").field("contract", &self.contract.name()).finish_non_exhaustive()
    }
}
