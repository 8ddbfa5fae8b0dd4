//! What the self-check costs in programs of many annotated functions.

use std::io;
use std::path::Path;
use std::process::Command;

use crate::contest;
use crate::generated::{OURS, Workspace};
use crate::report::{self, Section, Target, figure, grouped};
use crate::rounds::Effort;

/// Programs of this many sites, in crates of at most a thousand.
const SITES: [usize; 4] = [100, 1_000, 10_000, 100_000];
const IN_A_CRATE: usize = 1_000;
const TARGET: f64 = 10.0;

const INTRODUCTION: &str = "\
## Growth with sites

The self-check in a program of so many annotated functions: the minimum of 20 in one process. The library is
optimized, the functions are not called.

";

/// Builds a program for each number of sites, and runs it.
///
/// # Errors
///
/// When a program cannot be written, does not compile, or does not see all its sites.
pub fn run(target: &Path, effort: Effort, large: bool) -> io::Result<Section> {
    let workspace = Workspace::new(target, "sites")?;
    let sizes = &SITES[..if effort.quick {
        2
    } else if large {
        4
    } else {
        3
    }];
    let most = sizes[sizes.len() - 1] / IN_A_CRATE;
    let mut names = vec!["sites-few".to_owned()];
    workspace.package("sites-few", OURS, "lib.rs", &functions(100))?;
    for number in 0..most {
        let name = crate_name(number);
        workspace.package(&name, OURS, "lib.rs", &functions(IN_A_CRATE))?;
        names.push(name);
    }
    for size in sizes {
        let name = format!("program-{size}");
        let crates: Vec<String> = if *size < IN_A_CRATE {
            vec!["sites-few".to_owned()]
        } else {
            (0..size / IN_A_CRATE).map(crate_name).collect()
        };
        let paths: String = crates.iter().map(|name| format!("{name} = {{ path = \"../{name}\" }}\n")).collect();
        workspace.package(&name, &(OURS.to_owned() + &paths), "main.rs", &program(&crates))?;
        names.push(name);
    }
    workspace.manifest(&names)?;
    let mut found = Vec::new();
    for size in sizes {
        eprintln!("sites: {size}");
        let name = format!("program-{size}");
        workspace.cargo(contest::cargo().args(["build", "--package", &name]))?;
        found.push((*size, ask(&workspace.program("debug", &name), *size)?));
    }
    Ok(section(&found))
}

fn section(found: &[(usize, f64)]) -> Section {
    let cell = |nanoseconds: f64| figure(nanoseconds / 1e6);
    let rows: Vec<Vec<String>> =
        found.iter().map(|(sites, took)| vec![grouped(*sites), cell(*took), figure(took / *sites as f64)]).collect();
    let head = ["sites", "ms", "ns for one site"].map(str::to_owned);
    let text = INTRODUCTION.to_owned() + &report::table(&head, &rows) + "\n";
    let blank = |work: &str, nanoseconds: f64| Target {
        work: work.to_owned(),
        ours: format!("{} ms", cell(nanoseconds)),
        limit: String::new(),
        peer: String::new(),
        promise: String::new(),
        found: String::new(),
        met: false,
    };
    let mut targets = Vec::new();
    if let Some((_, took)) = found.iter().find(|(sites, _)| *sites == 10_000) {
        let promise = format!("< {TARGET} ms");
        let found = format!("{} ms", cell(*took));
        targets.push(Target {
            promise,
            found,
            met: took / 1e6 < TARGET,
            ..blank("self-check with 10,000 sites", *took)
        });
    }
    // The smallest program has costs that do not come from its sites.
    if let (Some((few, quick)), Some((many, slow))) = (found.get(1), found.last().filter(|_| found.len() > 2)) {
        let growth = (slow / *many as f64) / (quick / *few as f64);
        targets.push(Target {
            promise: "linear: <= 2 x the cost of a site".to_owned(),
            found: format!("{} x from {} sites", figure(growth), grouped(*few)),
            met: growth <= 2.0,
            ..blank(&format!("self-check with {} sites", grouped(*many)), *slow)
        });
    }
    Section { text, targets, failures: Vec::new() }
}

fn crate_name(number: usize) -> String {
    format!("sites-{number}")
}

fn functions(count: usize) -> String {
    let head = "use orchq_metrics::emits;\nuse orchq_metrics::v1::*;\n";
    let metrics = ["tasks_enqueued_total", "tasks_started_total", "tokens_in_total", "tokens_out_total"];
    let functions = (0..count).map(|i| {
        let metric = metrics[i % metrics.len()];
        let labels = if i % metrics.len() < 2 { "replica, priority" } else { "replica" };
        // Generic, so that functions without a caller are not compiled; their sites are there all the same.
        format!("#[emits({metric})] pub fn f{i}<T>(_: T, replica: Replica, priority: Priority) {{ _ = priority; {metric} {{ {labels} }}.inc_by(1); }}\n")
    });
    head.to_owned() + &functions.collect::<String>()
}

fn program(crates: &[String]) -> String {
    let uses: String = crates.iter().map(|name| format!("use {} as _;\n", name.replace('-', "_"))).collect();
    format!(
        "{uses}\nfn main() {{
    let check = || {{
        let started = std::time::Instant::now();
        let coverage = orchq_metrics::v1::CONTRACT.coverage();
        (started.elapsed().as_nanos(), coverage)
    }};
    let best = (0..20).map(|_| check().0).min().unwrap();
    let sites: usize = check().1.metrics.iter().map(|metric| metric.sites.len()).sum();
    println!(\"{{best}} {{sites}}\");
}}
"
    )
}

/// The nanoseconds that the program prints, if it has found all its sites.
fn ask(program: &Path, sites: usize) -> io::Result<f64> {
    let output = Command::new(program).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(took), Some(seen)) if seen == sites as f64 => Ok(took),
        _ => Err(io::Error::other(format!("{} says {text:?}", program.display()))),
    }
}
