//! Linting a scrape of a hundred megabytes, and `promtool check metrics` on the same bytes.
//!
//! `cargo bench -p orchq-metrics-bench --bench lint`, with `-- --quick` for a first impression with ten. A run that is
//! not quick writes `LINT.md`. The scrape is in a file, and each run is a process of its own, whose peak of memory is
//! read from `/proc`.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{env, io, thread};

use orchq_metrics::lint::{self, LintOptions};
use orchq_metrics_bench::report::{figure, grouped, table};
use orchq_metrics_bench::{machine, scrapes};

/// The target for linting, in megabytes per second.
const TARGET: f64 = 100.0;

const PROMTOOL: &str = "promtool";

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [child, path] = args.as_slice()
        && child == "--child"
    {
        let report = lint::scrape(Some(&scrapes::contract()), path, File::open(path)?, &LintOptions::default())?;
        println!("{} {}", report.examined, report.findings.len());
        return Ok(ExitCode::SUCCESS);
    }
    if !args.iter().any(|arg| arg == "--bench") {
        println!("run by `cargo bench -p orchq-metrics-bench --bench lint` alone");
        return Ok(ExitCode::SUCCESS);
    }
    let quick = args.iter().any(|arg| arg == "--quick");
    let (bytes, rounds) = if quick { (10_000_000, 3) } else { (100_000_000, 7) };
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint.prom");
    fs::write(&path, scrapes::text(bytes))?;
    let bytes = fs::metadata(&path)?.len() as f64;

    let ours = || {
        let mut command = Command::new(env::current_exe()?);
        command.arg("--child").arg(&path).stdin(Stdio::null());
        Ok(command)
    };
    let theirs = || {
        let mut command = Command::new(PROMTOOL);
        command.args(["check", "metrics"]).stdin(File::open(&path)?);
        Ok(command)
    };
    let linted = best(rounds, ours)?.ok_or("the benchmark cannot start itself")?;
    let [samples, findings] = linted.printed.split_whitespace().collect::<Vec<_>>()[..] else {
        return Err(format!("linting printed {:?}", linted.printed).into());
    };
    let checked = best(rounds.min(3), theirs)?;
    let speed = bytes / 1e6 / linted.took.as_secs_f64();

    let row = |who: String, run: &Run| {
        let seconds = run.took.as_secs_f64();
        [who, format!("{} s", figure(seconds)), figure(bytes / 1e6 / seconds), figure(run.peak as f64 / 1e6)].to_vec()
    };
    let mut rows = vec![row("orchq-metrics lint".to_owned(), &linted)];
    match &checked {
        Some(checked) => rows.push(row(format!("promtool check metrics, {}", promtool_version()), checked)),
        None => rows.push(["promtool check metrics", "not installed", "", ""].map(str::to_owned).to_vec()),
    }
    let head = ["", "time", "MB/s", "peak memory, MB"].map(str::to_owned);
    let met = if speed >= TARGET { "met" } else { "**missed**" };
    let report = format!(
        "# What linting a scrape costs\n\n\
         Written by `cargo bench -p orchq-metrics-bench --bench lint`.\n\n{}\n\
         A scrape of {} bytes and {} samples, in the shapes of OrchQueue's contract and checked against it with every \
         rule: {findings} findings. The time of a whole process, the file in the page cache, is the least of {rounds} \
         runs; of promtool, which checks the names and not the contract, of {}.\n\n{}\n\
         Target: more than {TARGET} MB/s; {met}.\n",
        machine::here(),
        grouped(bytes as usize),
        grouped(samples.parse()?),
        rounds.min(3),
        table(&head, &rows),
    );
    println!("{report}");
    if !quick {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("LINT.md"), report)?;
    }
    fs::remove_file(&path)?;
    Ok(ExitCode::SUCCESS)
}

/// One run of a process.
struct Run {
    took: Duration,
    /// Its peak in physical memory, in bytes; 0 if the system does not report it.
    peak: usize,
    printed: String,
}

/// The fastest of several runs, with the highest peak of them all; `None` if the program is not installed.
fn best(rounds: usize, command: impl Fn() -> io::Result<Command>) -> io::Result<Option<Run>> {
    let mut best: Option<Run> = None;
    for _ in 0..rounds {
        let start = Instant::now();
        let child = match command()?.stdout(Stdio::piped()).stderr(Stdio::null()).spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let run = watch(child, start)?;
        let peak = best.as_ref().map_or(0, |best| best.peak).max(run.peak);
        best = Some(Run { peak, ..best.filter(|best| best.took < run.took).unwrap_or(run) });
    }
    Ok(best)
}

/// Waits for a process, and looks at its memory meanwhile.
fn watch(mut child: Child, start: Instant) -> io::Result<Run> {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
        peak = peak.max(kilobytes.unwrap_or_default() * 1024);
        thread::sleep(Duration::from_millis(1));
    }
    let took = start.elapsed();
    let output = child.wait_with_output()?;
    Ok(Run { took, peak, printed: String::from_utf8_lossy(&output.stdout).trim().to_owned() })
}

fn promtool_version() -> String {
    let output = Command::new(PROMTOOL).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.split_whitespace().nth(2).unwrap_or("of an unknown version").to_owned()
}
