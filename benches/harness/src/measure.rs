//! The clock.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::candidate::{Form, Work};
use crate::exposition::Total;

/// About how long one round of one form takes.
pub const ROUND: Duration = Duration::from_millis(4);

/// How many operations make a round of that length, in whole cycles.
#[must_use]
pub fn calibrate(form: &mut dyn Timed, work: Work) -> u64 {
    let cycle = work.cycle();
    let mut operations = cycle;
    loop {
        let took = form.time(operations, 1);
        if took >= ROUND / 4 {
            let exact = operations as f64 * ROUND.as_secs_f64() / took.as_secs_f64();
            return (exact as u64 / cycle * cycle).max(cycle);
        }
        operations *= 4;
    }
}

/// A form that can be timed, here or in another process.
pub trait Timed {
    /// The form, such as "strings" or "handle".
    fn name(&self) -> &str;

    /// The wall time of `operations` on each of `threads` threads.
    fn time(&mut self, operations: u64, threads: usize) -> Duration;

    /// Compares the exposition with the operations of all calls of [`time`](Self::time).
    ///
    /// # Errors
    ///
    /// What is wrong.
    fn check(&mut self) -> Result<(), String>;
}

/// A form in this process.
#[derive(Debug)]
pub struct Here {
    form: Form,
    work: Work,
    operations: u64,
}

impl Here {
    /// Nothing has been done yet.
    #[must_use]
    pub fn new(form: Form, work: Work) -> Self {
        Self { form, work, operations: 0 }
    }

    /// Whether anything has been done.
    #[must_use]
    pub fn ran(&self) -> bool {
        self.operations > 0
    }
}

impl Timed for Here {
    fn name(&self) -> &str {
        self.form.name
    }

    fn time(&mut self, operations: u64, threads: usize) -> Duration {
        self.operations += operations * threads as u64;
        let run = &self.form.run;
        let took = if threads == 1 {
            let started = Instant::now();
            run(operations);
            started.elapsed()
        } else {
            let warm_up = self.work.cycle();
            self.operations += warm_up * threads as u64;
            together(threads, || run(warm_up), || run(operations))
        };
        if let Some(settle) = &self.form.settle {
            settle();
        }
        took
    }

    fn check(&mut self) -> Result<(), String> {
        let found = Total::from_text(&(self.form.text)());
        let expected = self.work.expected(self.operations);
        let before = if self.work.is_idempotent() { Total::default() } else { self.form.before };
        found.check(&before, &expected)
    }
}

/// The time from the first thread's start to the last one's end. Each thread prepares first, so that
/// the set-up of a thread's first use is not timed.
fn together(threads: usize, prepare: impl Fn() + Sync, work: impl Fn() + Sync) -> Duration {
    let barrier = Barrier::new(threads);
    let spans: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let timed = || {
            prepare();
            barrier.wait();
            let started = Instant::now();
            work();
            (started, Instant::now())
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(timed)).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker does not panic")).collect()
    });
    let first = spans.iter().map(|(started, _)| *started).min().expect("there are threads");
    let last = spans.iter().map(|(_, ended)| *ended).max().expect("there are threads");
    last - first
}
