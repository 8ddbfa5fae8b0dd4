//! The duration of a future.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::{Emission, Timer};
use crate::declare::unit::TimeUnit;
use crate::emit::lookup::Find;
use crate::emit::metric::Metric;
use crate::store::Histogram;

impl<M: Metric<Kind = Histogram>, F: Find<M>> Emission<M, Histogram, F> {
    /// Times a future: from this call until it completes or is dropped, cancelled. In between, the clock does not stop.
    ///
    /// It records what [`start_timer`](Self::start_timer) before the `await` would record, and also wraps a future that
    /// is awaited elsewhere, such as a spawned task. A future that is dropped before it was polled is recorded, too.
    ///
    /// ```
    /// use orchq_metrics::emits;
    /// use orchq_metrics::v1::{Pool, Priority, latency_decode_ms};
    ///
    /// #[emits(latency_decode_ms)]
    /// async fn decode(pool: Pool, priority: Priority) -> String {
    ///     latency_decode_ms { pool, priority }.time(next_token()).await
    /// }
    ///
    /// async fn next_token() -> String {
    ///     // ...
    /// #   String::new()
    /// }
    /// ```
    pub fn time<Fut>(self, future: Fut) -> Timed<M, Fut>
    where
        Fut: Future,
        M::Unit: TimeUnit,
    {
        Timed { future, timer: Some(self.start_timer()) }
    }
}

pin_project! {
    /// A future whose duration is recorded when it completes, panics or is dropped: see [`time`](Emission::time).
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Timed<M, F> {
        #[pin]
        future: F,
        timer: Option<Timer<M>>,
    }
}

impl<M, F: Future> Future for Timed<M, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let output = ready!(this.future.poll(context));
        drop(this.timer.take());
        Poll::Ready(output)
    }
}

impl<M: Metric, F> fmt::Debug for Timed<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timed").field("timer", &self.timer).finish_non_exhaustive()
    }
}
