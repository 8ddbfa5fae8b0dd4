//! The whole table, in one command.
//!
//! Arguments after `--`: `--quick` for a first impression, and `--only emission,text` for some of the parts
//! `emission`, `text`, `memory`, `annotations`, `sites` and `growth`. A quick run leaves out the program of 100,000
//! sites, which takes minutes to build the first time. A run that is not quick writes `RESULTS.md`; one of some parts
//! replaces their sections and their targets in it.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use orchq_metrics_bench::contest::{self, Contest};
use orchq_metrics_bench::machine;
use orchq_metrics_bench::report::{self, Section};
use orchq_metrics_bench::rounds::Effort;
use orchq_metrics_bench::sections::{annotations, emission, growth, memory, sites, text};
use orchq_metrics_bench_harness::remote;

const PARTS: [&str; 6] = ["emission", "text", "memory", "annotations", "sites", "growth"];

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut args: Vec<String> = env::args().skip(1).collect();
    // This is a child that another run of this program started.
    if args.iter().any(|arg| arg == "--child") {
        remote::serve(&contest::built_in())?;
        return Ok(ExitCode::SUCCESS);
    }
    // `cargo bench` adds this argument and `cargo test` does not. This is not a test.
    if !take(&mut args, "--bench") {
        println!("run by `cargo bench -p orchq-metrics-bench --bench table` alone");
        return Ok(ExitCode::SUCCESS);
    }
    let quick = take(&mut args, "--quick");
    let only = take(&mut args, "--only").then(|| args.drain(..args.len().min(1)).collect::<String>());
    let parts: Vec<&str> = only.as_deref().map_or(PARTS.to_vec(), |only| only.split(',').collect());
    if let Some(unknown) =
        parts.iter().copied().chain(args.iter().map(String::as_str)).find(|part| !PARTS.contains(part))
    {
        return Err(format!("{unknown:?} is not one of {}", PARTS.join(", ")).into());
    }

    let effort = Effort { rounds: if quick { 4 } else { 16 }, quick };
    let section = run(&parts, effort, !quick)?;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let report = format!(
        "# What it costs\n\nWritten by `cargo bench -p orchq-metrics-bench --bench table`.\n\n{}\n## Targets\n\n{}\n{}\n",
        machine::describe(&workspace),
        report::targets(&section.targets),
        section.text.trim_end(),
    );
    print!("{report}");
    for failure in &section.failures {
        eprintln!("error: {failure}");
    }
    if !section.failures.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    if !quick {
        let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
        let text = if only.is_none() { report } else { report::update(&fs::read_to_string(&results)?, &report) };
        fs::write(results, text)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Removes the flag from the arguments, and returns whether it was there.
fn take(args: &mut Vec<String>, flag: &str) -> bool {
    let place = args.iter().position(|arg| arg == flag);
    place.map(|place| args.remove(place)).is_some()
}

fn run(parts: &[&str], effort: Effort, large: bool) -> io::Result<Section> {
    let memory = Path::new(env!("CARGO_BIN_EXE_memory"));
    let contest = Contest::new(memory)?;
    // The program is in the profile's directory, and that in the target directory.
    let target = memory.ancestors().nth(2).expect("a program is in a directory of the target directory");
    let mut whole = Section::default();
    for part in PARTS.into_iter().filter(|part| parts.contains(part)) {
        let section = match part {
            "emission" => emission::run(&contest, effort)?,
            "text" => text::run(&contest, effort)?,
            "memory" => memory::run(&contest)?,
            "annotations" => annotations::run(target, effort)?,
            "sites" => sites::run(target, effort, large)?,
            _ => growth::run(&contest, effort)?,
        };
        whole.text += &section.text;
        whole.targets.extend(section.targets);
        whole.failures.extend(section.failures);
    }
    Ok(whole)
}
