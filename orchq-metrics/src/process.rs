//! The standard metrics of a process: processor time, memory, file descriptors and threads, under
//! [the names](https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics) that every client of
//! Prometheus gives them. Needs the feature `process`.
//!
//! ```standalone_crate
//! use orchq_metrics::{contracts, process, text};
//!
//! process::collect_on_scrape();
//! let page = text::encode(&contracts());
//! # #[cfg(any(target_os = "linux", target_os = "macos", windows))]
//! assert!(page.contains("# TYPE process_resident_memory_bytes gauge\n"));
//! ```
//!
//! They are a contract of their own, which is one of [`contracts`](crate::contracts) from the call on. What the
//! platform does not report is not served, instead of a zero: only Linux reports `process_threads`, and a process that
//! may open any number of files has no `process_max_fds`. The values are those of the crate
//! [`sysinfo`](https://docs.rs/sysinfo).
//!
//! The collector of the crate `prometheus` has the same names, so that a registry takes only one of the two.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, Once};
use std::time::Duration;

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

use crate::concurrent::sync::lock;
use crate::macros::{contract, emits};

pub use contract::*;

/// Serves the metrics of this process from now on: they are read before each scrape and each push.
///
/// Call it at startup. Further calls do nothing, and so does the first on a platform that `sysinfo` does not support.
pub fn collect_on_scrape() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let Ok(system) = System::new() else { return };
        let system = Mutex::new(system);
        CONTRACT.on_scrape(move || record(&Readings::new(&mut lock(&system)).unwrap_or_default()));
    });
}

/// What the platform reports. A zero, but for the processor time, is a value that it does not report, or a limit that
/// does not exist.
#[derive(Default)]
struct Readings {
    cpu_milliseconds: u64,
    resident_bytes: u64,
    virtual_bytes: u64,
    open_files: usize,
    max_files: usize,
    start_seconds: u64,
    threads: usize,
}

impl Readings {
    fn new(system: &mut System) -> Option<Self> {
        let pid = sysinfo::get_current_pid().ok()?;
        let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, what);
        let process = system.process(pid)?;
        Some(Self {
            cpu_milliseconds: process.accumulated_cpu_time(),
            resident_bytes: process.memory(),
            virtual_bytes: process.virtual_memory(),
            open_files: process.open_files().unwrap_or_default(),
            max_files: process.open_files_limit().unwrap_or_default(),
            start_seconds: process.start_time(),
            // The first thread has the id of the process, and is not among them.
            threads: process.tasks().map_or(0, |tasks| tasks.len() + 1),
        })
    }
}

#[emits(
    process_cpu_seconds_total,
    process_resident_memory_bytes,
    process_virtual_memory_bytes,
    process_open_fds,
    process_max_fds,
    process_start_time_seconds,
    process_threads
)]
fn record(now: &Readings) {
    static CPU_MILLISECONDS: AtomicU64 = AtomicU64::new(0);
    // Another scrape may have read a later total.
    let before = CPU_MILLISECONDS.fetch_max(now.cpu_milliseconds, Relaxed);
    process_cpu_seconds_total {}.inc_by(Duration::from_millis(now.cpu_milliseconds.saturating_sub(before)));
    process_resident_memory_bytes {}.set(now.resident_bytes);
    process_virtual_memory_bytes {}.set(now.virtual_bytes);
    process_open_fds {}.set(now.open_files as u64);
    process_max_fds {}.set(now.max_files as u64);
    process_start_time_seconds {}.set(now.start_seconds);
    process_threads {}.set(now.threads as u64);
}

/// The standard metrics of a process.
#[contract(name = "process", version = "1.0.0")]
mod contract {
    /// Total user and system CPU time spent in seconds.
    #[counter(unit = "seconds")]
    pub struct process_cpu_seconds_total {}

    /// Resident memory size in bytes.
    #[gauge(unit = "bytes")]
    pub struct process_resident_memory_bytes {}

    /// Virtual memory size in bytes.
    #[gauge(unit = "bytes")]
    pub struct process_virtual_memory_bytes {}

    /// Number of open file descriptors.
    #[gauge(unit = "{file}", value = u64)]
    pub struct process_open_fds {}

    /// Maximum number of open file descriptors.
    #[gauge(unit = "{file}", value = u64)]
    pub struct process_max_fds {}

    /// Start time of the process since unix epoch in seconds.
    #[gauge(unit = "seconds", value = u64)]
    pub struct process_start_time_seconds {}

    /// Number of OS threads in the process.
    #[gauge(unit = "{thread}", value = u64)]
    pub struct process_threads {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expose::text;

    fn value(page: &str, name: &str) -> Option<f64> {
        page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    }

    // One test, because the values are those of the process.
    #[test]
    fn what_the_platform_does_not_tell_is_absent() {
        assert_eq!(value(&text::encode(&CONTRACT), "process_cpu_seconds_total"), Some(0.0));
        let told = Readings::new(&mut System::new().expect("a platform that is supported")).expect("this process");
        record(&told);
        let first = text::encode(&CONTRACT);
        if cfg!(target_os = "linux") {
            // The one of this test, and the first.
            assert!(value(&first, "process_threads") >= Some(2.0), "{first}");
            for desc in CONTRACT.metrics().filter(|desc| desc.kind == crate::MetricKind::Gauge) {
                assert!(value(&first, desc.name).is_some(), "{} in {first}", desc.name);
            }
        }
        let cpu = |page: &str| value(page, "process_cpu_seconds_total").expect("a counter");
        record(&Readings { cpu_milliseconds: told.cpu_milliseconds + 2500, threads: 7, ..Readings::default() });
        // What another scrape read before it.
        record(&Readings { cpu_milliseconds: 5, threads: 7, ..Readings::default() });
        let second = text::encode(&CONTRACT);
        assert!((cpu(&second) - cpu(&first) - 2.5).abs() < 1e-9, "{second}");
        assert_eq!(value(&second, "process_threads"), Some(7.0));
        assert!(!second.contains("process_open_fds") && !second.contains("_memory_bytes"), "{second}");
        assert!(!second.contains("violations"), "{second}");
    }
}
