//! The thread that decides when to push what, and what becomes of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime};

use super::config::Config;
use super::error::PushError;
use super::line::Line;
use super::request::{Batch, Collection};
use super::status::Loss;
use super::transport::{Answer, Transport};
use crate::expose::push_stats::{Books, Outcome, Points};

/// The longest pause that a collector may ask for. A mistake in a header should not silence a service for a year.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// By how much an answer may be late before its line is given up.
const GRACE: Duration = Duration::from_secs(1);

pub(super) type Reply = Sender<Result<(), PushError>>;

/// What somebody wants: a push until then, and perhaps the end.
pub(super) struct Command {
    pub(super) until: Instant,
    pub(super) reply: Reply,
    pub(super) stop: bool,
}

pub(super) enum Message {
    Command(Command),
    /// What came over the line of this number.
    Answer(u64, Answer),
}

/// What the thread has.
pub(super) struct Pump {
    config: Config,
    collection: Collection,
    books: Arc<Books>,
    messages: Receiver<Message>,
    /// For lines to answer to.
    sender: Sender<Message>,
    line: Option<Line>,
    lines: u64,
    /// Commands that came while something else was waited for.
    pending: Vec<Command>,
    /// Whether somebody waits for the push that is under way.
    awaited: bool,
    /// When the collector wants to hear of this service again.
    not_before: Instant,
}

/// What became of one request.
enum Fate {
    Accepted,
    /// Some or all of it is lost, which was told. The next may fare better.
    Lost(String),
    /// The collector is away, or something else is to be done: the rest of the push is given up.
    Over(String),
}

impl Pump {
    pub(super) fn new(
        config: Config,
        collection: Collection,
        books: Arc<Books>,
        sender: Sender<Message>,
        messages: Receiver<Message>,
    ) -> Self {
        Self {
            config,
            collection,
            books,
            messages,
            sender,
            line: None,
            lines: 0,
            pending: Vec::new(),
            awaited: false,
            not_before: Instant::now(),
        }
    }

    pub(super) fn run(mut self) {
        let mut next = Instant::now() + self.config.interval;
        loop {
            self.wait_for_command(next);
            let commands = std::mem::take(&mut self.pending);
            let now = Instant::now();
            // One push does for all who wait for one by now.
            let until = commands.iter().map(|command| command.until).max();
            let stops = commands.iter().any(|command| command.stop);
            if until.is_some_and(|until| until > now) || next <= now {
                self.awaited = until.is_some();
                let result = self.push(until.unwrap_or(now + self.config.export_timeout));
                for command in commands {
                    // Who asked may have stopped to wait.
                    let _ = command.reply.send(result.clone());
                }
            }
            if stops {
                return;
            }
            let now = Instant::now();
            if next <= now {
                next += self.config.interval;
                if next <= now {
                    next = now + self.config.interval;
                }
            }
        }
    }

    /// Waits for a command, at most until then, and takes all that have come.
    fn wait_for_command(&mut self, until: Instant) {
        while self.pending.is_empty() {
            match self.messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Message::Command(command)) => self.pending.push(command),
                Ok(Message::Answer(..)) => {}
                Err(_) => return,
            }
        }
        while let Ok(message) = self.messages.try_recv() {
            if let Message::Command(command) = message {
                self.pending.push(command);
            }
        }
    }

    /// Waits until then, and says whether the push is to go on. A stop ends it; one that somebody waits for is not ended
    /// by one that somebody else asks for.
    fn pause(&mut self, until: Instant) -> bool {
        loop {
            match self.messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Message::Command(command)) => {
                    let goes_on = self.awaited && !command.stop;
                    self.pending.push(command);
                    if !goes_on {
                        return false;
                    }
                }
                Ok(Message::Answer(..)) => {}
                Err(error) => return error == RecvTimeoutError::Timeout,
            }
        }
    }

    /// Sends all that was counted, with retries until then.
    fn push(&mut self, until: Instant) -> Result<(), PushError> {
        if (Instant::now()..=until).contains(&self.not_before) && !self.pause(self.not_before) {
            return Err(PushError::Stopped);
        }
        let mut batches = self.collection.collect(SystemTime::now()).into_iter();
        let mut result = Ok(());
        while let Some(batch) = batches.next() {
            match self.deliver(&batch, until) {
                Fate::Accepted => {}
                Fate::Lost(why) => result = Err(PushError::Lost(why)),
                Fate::Over(why) => {
                    let points = batch.points + batches.map(|batch| batch.points).sum::<u64>();
                    self.lose(points, Points::Dropped, &why);
                    return Err(PushError::Lost(why));
                }
            }
        }
        result
    }

    /// Sends one request, again and again until then.
    fn deliver(&mut self, batch: &Batch, until: Instant) -> Fate {
        let mut backoff = self.config.first_backoff;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if self.not_before > until {
                return Fate::Over("the collector has asked to be left alone for longer".to_owned());
            }
            if left.is_zero() {
                return Fate::Over("there was no time left".to_owned());
            }
            let (after, why) = match self.send(batch, left.min(self.config.timeout)) {
                None => return Fate::Over("the exporter was stopped while the collector was silent".to_owned()),
                Some(Answer::Accepted { rejected, message }) => return self.accepted(batch, rejected, &message),
                Some(Answer::Refused(why) | Answer::Broken(why)) => {
                    self.books.count(Outcome::Refused);
                    self.lose(batch.points, Points::Dropped, &why);
                    return Fate::Lost(why);
                }
                Some(Answer::Later { after, why }) => (after.map(|after| after.min(LONGEST_PAUSE)), why),
            };
            self.books.count(Outcome::Failed);
            // A collector that is content with no pause at all gets one all the same.
            let again = Instant::now() + jittered(backoff).max(after.unwrap_or_default());
            if after.is_some() {
                self.not_before = again;
            }
            if again >= until || !self.pause(again) {
                return Fate::Over(why);
            }
            backoff = backoff.saturating_mul(2).min(self.config.greatest_backoff);
        }
    }

    /// The answer to one request; none where the push is ended while it is waited for.
    fn send(&mut self, batch: &Batch, timeout: Duration) -> Option<Answer> {
        let number = match self.line() {
            Ok(line) => {
                line.send(batch.request.clone(), timeout);
                line.number
            }
            Err(why) => return Some(Answer::Later { after: None, why }),
        };
        let until = Instant::now() + timeout + GRACE;
        loop {
            match self.messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Message::Answer(answered, answer)) if answered == number => {
                    if let Answer::Broken(_) = answer {
                        self.line = None;
                    }
                    return Some(answer);
                }
                // Only a stop cannot wait for a request to end.
                Ok(Message::Command(command)) if command.stop => {
                    self.pending.push(command);
                    self.line = None;
                    return None;
                }
                Ok(Message::Command(command)) => self.pending.push(command),
                Ok(Message::Answer(..)) => {}
                Err(_) => {
                    self.line = None;
                    return Some(Answer::Later { after: None, why: "no answer: timeout".to_owned() });
                }
            }
        }
    }

    fn line(&mut self) -> Result<&Line, String> {
        if self.line.is_none() {
            self.lines += 1;
            let transport = Transport::new(&self.config).map_err(|error| error.to_string())?;
            let line = Line::new(self.lines, transport, self.sender.clone());
            self.line = Some(line.map_err(|error| format!("there is no thread to send on: {error}"))?);
        }
        self.line.as_ref().ok_or_else(|| "there is no line".to_owned())
    }

    fn accepted(&self, batch: &Batch, rejected: u64, message: &str) -> Fate {
        let rejected = rejected.min(batch.points);
        self.books.accept(batch.points - rejected);
        if rejected == 0 {
            self.books.count(Outcome::Accepted);
            // A message without a number is advice: <https://opentelemetry.io/docs/specs/otlp/#partial-success>.
            if !message.is_empty() {
                self.books.note(&format!("accepted, with advice: {message}"));
            }
            return Fate::Accepted;
        }
        self.books.count(Outcome::Partial);
        let why = format!("{rejected} of {} data points were rejected: {message}", batch.points);
        self.lose(rejected, Points::Rejected, &why);
        Fate::Lost(why)
    }

    fn lose(&self, points: u64, how: Points, why: &str) {
        self.books.lose(points, how, why);
        let loss = Loss { endpoint: self.books.endpoint.clone(), points, why: why.to_owned() };
        if let Some(call) = &self.config.on_loss {
            // Whoever listens may fail; the metrics go on.
            let _ = std::panic::catch_unwind(AssertUnwindSafe(|| call(&loss)));
        }
    }
}

/// Up to half of it less.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + 0.5 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_takes_up_to_half_of_a_pause() {
        let pauses: Vec<_> = (0..1000).map(|_| jittered(Duration::from_secs(10)).as_secs_f64()).collect();
        assert!(pauses.iter().all(|pause| (5.0..=10.0).contains(pause)));
        assert!(pauses.iter().any(|pause| *pause < 6.0) && pauses.iter().any(|pause| *pause > 9.0));
    }
}
