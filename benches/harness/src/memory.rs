//! What a series costs in memory, each candidate in a process of its own.

use std::process::Command;
use std::{fs, io};

use crate::candidate::Candidate;
use crate::exposition::Total;

/// Bytes for one series.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Requested from the allocator and not given back.
    pub allocated: f64,
    /// In physical memory.
    pub resident: f64,
}

/// The child's `main`: the arguments are the candidate and the number of series. `allocated` says how many
/// bytes are allocated now.
///
/// # Errors
///
/// When the arguments are wrong, or the candidate has no such series.
pub fn child(candidates: &[&dyn Candidate], allocated: impl Fn() -> usize) -> Result<(), String> {
    let mut args = std::env::args().skip(1);
    let (Some(name), Some(series)) = (args.next(), args.next()) else {
        return Err("usage: memory CANDIDATE SERIES".to_owned());
    };
    let series: usize = series.parse().map_err(|error| format!("{series}: {error}"))?;
    let candidate = candidates.iter().find(|candidate| candidate.name() == name);
    let candidate = candidate.ok_or_else(|| format!("no candidate is called {name}"))?;
    // The first series includes what is allocated only once.
    drop(candidate.fill(1));
    let before = (allocated(), resident().map_err(|error| error.to_string())?);
    let Some(kept) = candidate.fill(series) else { return Ok(()) };
    let after = (allocated(), resident().map_err(|error| error.to_string())?);
    // A library whose metrics are statics has the first series from before.
    let found = Total::from_text(&kept());
    let expected = Total { count: series as f64, sum: 0.0, series };
    if found.check(&Total::default(), &expected).is_err() {
        found.check(&Total { count: 1.0, ..Total::default() }, &expected)?;
    }
    println!("{} {}", after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
    Ok(())
}

/// The result of the child; `None` if the candidate has no such series.
///
/// # Errors
///
/// When the child fails.
pub fn ask(memory: &mut Command, candidate: &str, series: usize) -> io::Result<Option<Usage>> {
    let output = memory.arg(candidate).arg(series.to_string()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(|word| word.parse::<f64>().map_err(io::Error::other));
    let (Some(allocated), Some(resident)) = (numbers.next().transpose()?, numbers.next().transpose()?) else {
        return Ok(None);
    };
    Ok(Some(Usage { allocated: allocated / series as f64, resident: resident / series as f64 }))
}

/// The process's bytes in physical memory.
fn resident() -> io::Result<usize> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes =
        line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse::<usize>().ok());
    kibibytes.map(|kibibytes| kibibytes * 1024).ok_or_else(|| io::Error::other("the kernel does not say VmRSS"))
}
