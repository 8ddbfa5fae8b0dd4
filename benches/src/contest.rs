//! The candidates: the limit, the peers, this library, and those in other processes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, io};

use orchq_metrics_bench_harness::measure::{Here, Timed};
use orchq_metrics_bench_harness::remote::Remote;
use orchq_metrics_bench_harness::{Candidate, Work};

use crate::{ours::Ours, peers, raw::Raw};

/// The limit's name.
pub const LIMIT: &str = "limit";
/// This library's name.
pub const OURS: &str = "orchq-metrics";
/// The name of the peer that has a build of its own.
const FOUNDATIONS: &str = "foundations-metrics";

/// Those that are built into this program.
#[must_use]
pub fn built_in() -> Vec<&'static dyn Candidate> {
    let mut all: Vec<&'static dyn Candidate> = vec![&Raw];
    all.extend(peers::ALL);
    all.push(&Ours);
    all
}

/// Every candidate's name: the limit first, this library last.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = built_in().iter().map(|candidate| candidate.name()).collect();
    names.insert(names.len() - 1, FOUNDATIONS);
    names
}

/// One form of one candidate, ready to be timed.
pub struct Entry {
    /// The candidate's name.
    pub candidate: &'static str,
    /// The form.
    pub form: Box<dyn Timed>,
}

/// The other programs that the benchmark needs.
#[derive(Debug)]
pub struct Contest {
    foundations: Remote,
    /// Where the profile's programs are.
    programs: PathBuf,
}

impl Contest {
    /// Builds the programs with a build of their own. `memory` is the path of the program of that name.
    ///
    /// # Errors
    ///
    /// When it cannot be built or started.
    pub fn new(memory: &Path) -> io::Result<Self> {
        let programs = memory.parent().expect("a program is in a directory").to_owned();
        let mut build = cargo();
        build.args(["build", "--quiet", "--locked", "--profile", "bench", "-p", "orchq-metrics-bench-foundations"]);
        if !build.status()?.success() {
            return Err(io::Error::other("foundations-metrics does not build"));
        }
        let foundations = Remote::start(&mut Command::new(programs.join("foundations")))?;
        Ok(Self { foundations, programs })
    }

    /// Every form of every candidate for a work.
    ///
    /// # Errors
    ///
    /// When a child is gone.
    pub fn entries(&self, work: Work) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for candidate in built_in() {
            // This library is last.
            if candidate.name() == OURS {
                entries.extend(self.foundations.forms(FOUNDATIONS, work)?.into_iter().map(entry(FOUNDATIONS)));
            }
            let forms = candidate.forms(work).into_iter().map(|form| Here::new(form, work));
            entries.extend(forms.map(entry(candidate.name())));
        }
        Ok(entries)
    }

    /// The forms of each candidate in a fresh process of its own, where they neither share
    /// memory nor leave any behind.
    ///
    /// # Errors
    ///
    /// When a child cannot be started, or is gone.
    pub fn each_apart(&self, work: Work, mut measure: impl FnMut(Vec<Entry>) -> io::Result<()>) -> io::Result<()> {
        for name in names() {
            let mut command = if name == FOUNDATIONS {
                Command::new(self.programs.join("foundations"))
            } else {
                let mut command = Command::new(env::current_exe()?);
                command.arg("--child");
                command
            };
            let forms = Remote::start(&mut command)?.forms(name, work)?;
            measure(forms.into_iter().map(entry(name)).collect())?;
        }
        Ok(())
    }

    /// The program that measures the memory of a candidate's series.
    #[must_use]
    pub fn memory(&self, candidate: &str) -> Command {
        let program = if candidate == FOUNDATIONS { "foundations-memory" } else { "memory" };
        Command::new(self.programs.join(program))
    }
}

fn entry<T: Timed + 'static>(candidate: &'static str) -> impl FnMut(T) -> Entry {
    move |form| Entry { candidate, form: Box::new(form) }
}

/// The cargo that runs this benchmark.
#[must_use]
pub fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
