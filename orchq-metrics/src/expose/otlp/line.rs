//! The line to the collector: a thread that sends one request at a time, so that the one that decides can be told to
//! stop while a request hangs.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;

use super::pump::Message;
use super::transport::{Answer, Transport};

/// A request, and the time that it may take.
type Job = (ExportMetricsServiceRequest, Duration);

pub(super) struct Line {
    jobs: Sender<Job>,
    /// Which line it is: an answer on one that was given up is of no interest.
    pub(super) number: u64,
}

impl Line {
    pub(super) fn new(number: u64, transport: Transport, messages: Sender<Message>) -> io::Result<Self> {
        let (jobs, receiver) = channel();
        let thread = std::thread::Builder::new().name("orchq-otlp-line".to_owned());
        thread.spawn(move || serve(number, transport, &receiver, &messages))?;
        Ok(Self { jobs, number })
    }

    /// Has a request sent; the answer comes as a message.
    pub(super) fn send(&self, request: ExportMetricsServiceRequest, timeout: Duration) {
        // The thread ends with this line.
        let _ = self.jobs.send((request, timeout));
    }
}

fn serve(number: u64, mut transport: Transport, jobs: &Receiver<Job>, messages: &Sender<Message>) {
    while let Ok((request, timeout)) = jobs.recv() {
        // What a library panics at, such as a header that no collector sends, costs the request and not the exporter.
        let answer = catch_unwind(AssertUnwindSafe(|| transport.send(request, timeout)));
        let answer = answer.unwrap_or_else(|panic| Answer::Broken(format!("sending it panicked: {}", said(&*panic))));
        let broken = matches!(answer, Answer::Broken(_));
        if messages.send(Message::Answer(number, answer)).is_err() || broken {
            return;
        }
    }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}
