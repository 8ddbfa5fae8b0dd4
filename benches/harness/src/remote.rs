//! Candidates in another process, driven line by line over its standard input and output.
//!
//! The child stays for a whole measurement, so that its rounds are interleaved with those of others.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use crate::candidate::{Candidate, Work};
use crate::measure::{Here, Timed};

/// Answers a parent until it closes the pipe.
///
/// # Errors
///
/// When the pipe breaks.
///
/// # Panics
///
/// When the parent sends an unknown request.
pub fn serve(candidates: &[&dyn Candidate]) -> io::Result<()> {
    let mut forms: Vec<Here> = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| words[at].parse::<u64>().expect("a number");
        let answer = match words[0] {
            "open" => {
                let candidate = candidates.iter().find(|candidate| candidate.name() == words[1]).expect("a candidate");
                let work: Work = words[2].parse().expect("a work");
                // Drops the forms of the work before, so that their memory is free again.
                forms.clear();
                forms.extend(candidate.forms(work).into_iter().map(|form| Here::new(form, work)));
                forms.iter().map(|form| form.name().to_owned()).collect::<Vec<_>>().join("\t")
            }
            "time" => {
                let took = forms[number(1) as usize].time(number(2), number(3) as usize);
                took.as_nanos().to_string()
            }
            "check" => forms[number(1) as usize].check().err().unwrap_or_default(),
            other => panic!("the parent sent {other:?}"),
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

/// A child that serves; it ends with the last clone of this.
#[derive(Clone, Debug)]
pub struct Remote(Rc<RefCell<Pipe>>);

#[derive(Debug)]
struct Pipe {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Remote {
    /// Starts the child.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    ///
    /// # Panics
    ///
    /// Never: input and output are pipes.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("the output is piped"));
        Ok(Self(Rc::new(RefCell::new(Pipe { child, input, output }))))
    }

    /// The child's forms of a work.
    ///
    /// # Errors
    ///
    /// When the child is gone.
    pub fn forms(&self, candidate: &str, work: Work) -> io::Result<Vec<There>> {
        let answer = self.ask(&format!("open\t{candidate}\t{work}"))?;
        let names = answer.split('\t').filter(|name| !name.is_empty());
        Ok(names.enumerate().map(|(at, name)| There { remote: self.clone(), at, name: name.to_owned() }).collect())
    }

    fn ask(&self, question: &str) -> io::Result<String> {
        let mut pipe = self.0.borrow_mut();
        let input = pipe.input.as_mut().expect("the input is open until the child is dropped");
        writeln!(input, "{question}")?;
        input.flush()?;
        let mut answer = String::new();
        if pipe.output.read_line(&mut answer)? == 0 {
            return Err(io::Error::other(format!("the child has gone at {question:?}")));
        }
        Ok(answer.trim_end_matches('\n').to_owned())
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // The child ends when its input does.
        self.input = None;
        // If it was killed, the request that failed has already reported that.
        let _ = self.child.wait();
    }
}

/// A form in the child.
#[derive(Debug)]
pub struct There {
    remote: Remote,
    at: usize,
    name: String,
}

impl Timed for There {
    fn name(&self) -> &str {
        &self.name
    }

    fn time(&mut self, operations: u64, threads: usize) -> Duration {
        let answer = self.remote.ask(&format!("time\t{}\t{operations}\t{threads}", self.at));
        Duration::from_nanos(answer.expect("the child lives").parse().expect("the child says nanoseconds"))
    }

    fn check(&mut self) -> Result<(), String> {
        let answer = self.remote.ask(&format!("check\t{}", self.at)).map_err(|error| error.to_string())?;
        if answer.is_empty() { Ok(()) } else { Err(answer) }
    }
}
