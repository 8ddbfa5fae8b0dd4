//! What an emission with its annotation, and a declared metric, cost the compiler and the binary.

mod cases;

use std::path::Path;
use std::{fs, io};

use cases::Case;

use crate::contest::{self, OURS};
use crate::generated::{self, Workspace};
use crate::report::{self, Section, Target, figure};
use crate::rounds::Effort;

/// A program has this many items, and another one more of them: their difference has no part of what there is once.
const FEW: usize = 10;
/// The functions that are checked, and those that are built.
const CHECKED: usize = 1_000;
const BUILT: usize = 500;
/// The metrics that are declared.
const DECLARED: usize = 200;

const MOST_MS: f64 = 0.9;
const MOST_BYTES: f64 = 300.0;

const INTRODUCTION: &str = "\
## Annotations

One function more: user milliseconds of `cargo check`, and bytes of a stripped program in the release profile. They are
the difference between programs of 10 and of 1,010 functions, and of 10 and of 510, divided by the number of functions,
less that of functions that do nothing else than theirs. The functions share ten metrics: what the compiler
generates once for a metric belongs to its declaration. The least of the rounds; the last column is
the program of 10 functions, less the plain one.

";

const DECLARATIONS: &str = "\
A declared metric with three open labels that nothing records, in the same way: the difference between 10 and 210.

";

/// What one item costs, and what there is once.
struct Cost {
    milliseconds: f64,
    bytes: f64,
    program: f64,
}

/// Generates the programs, checks and builds them.
///
/// # Errors
///
/// When a program cannot be written or does not compile.
pub fn run(target: &Path, effort: Effort) -> io::Result<Section> {
    let workspace = Workspace::new(target, "annotations")?;
    let (functions, declarations) = (cases::functions(), cases::declarations());
    let mut programs: Vec<Program> = Vec::new();
    for (number, case) in functions.iter().enumerate() {
        programs.push(Program::write(&workspace, case, format!("functions-{number}"), CHECKED, BUILT)?);
    }
    for (number, case) in declarations.iter().enumerate() {
        programs.push(Program::write(&workspace, case, format!("metrics-{number}"), DECLARED, DECLARED)?);
    }
    let names: Vec<String> = programs.iter().flat_map(Program::packages).collect();
    workspace.manifest(&names)?;
    eprintln!("annotations: what the programs depend on");
    // One by one, because the features of a dependency are those that the checked packages ask for.
    names.iter().try_for_each(|name| workspace.cargo(contest::cargo().args(["check", "--package", name])))?;
    for _ in 0..if effort.quick { 1 } else { 4 } {
        programs.iter_mut().try_for_each(|program| program.check(&workspace))?;
    }
    programs.iter_mut().try_for_each(|program| program.build(&workspace))?;

    let plain = programs[0].cost(&Cost { milliseconds: 0.0, bytes: 0.0, program: 0.0 });
    let none = Cost { program: plain.program, milliseconds: 0.0, bytes: 0.0 };
    let (of_functions, of_metrics) = programs.split_at(functions.len());
    let of_functions: Vec<Cost> = of_functions.iter().map(|program| program.cost(&plain)).collect();
    let of_metrics: Vec<Cost> = of_metrics.iter().map(|program| program.cost(&none)).collect();
    let text = format!(
        "{INTRODUCTION}{}\n{DECLARATIONS}{}\n",
        table("function", &functions, &of_functions),
        table("metric", &declarations, &of_metrics)
    );
    Ok(Section { text, targets: targets(&functions, &of_functions), failures: Vec::new() })
}

fn table(item: &str, cases: &[Case], costs: &[Cost]) -> String {
    let head = ["".to_owned(), "form".to_owned(), format!("ms for one {item}"), format!("bytes for one {item}")];
    let head: Vec<String> = head.into_iter().chain(["kB once".to_owned()]).collect();
    let rows: Vec<Vec<String>> = cases
        .iter()
        .zip(costs)
        .map(|(case, cost)| {
            let figures = [figure(cost.milliseconds), format!("{:.0}", cost.bytes), figure(cost.program / 1e3)];
            [case.candidate, case.form].map(str::to_owned).into_iter().chain(figures).collect()
        })
        .collect();
    report::table(&head, &rows)
}

fn targets(cases: &[Case], costs: &[Cost]) -> Vec<Target> {
    let of = |candidate: &str, cost: fn(&Cost) -> f64| {
        let costs = cases.iter().zip(costs).filter(|(case, _)| case.candidate == candidate).map(|(_, it)| cost(it));
        costs.fold(0.0, f64::max)
    };
    let row = |work: &str, unit: &str, most: f64, cost: fn(&Cost) -> f64, limit: &str, peer: &str, digits: usize| {
        let show = |of: f64| format!("{of:.digits$} {unit}");
        let ours = of(OURS, cost);
        Target {
            work: work.to_owned(),
            ours: show(ours),
            limit: format!("{}, {limit}", show(of(limit, cost))),
            peer: format!("{}, {peer}", show(of(peer, cost))),
            promise: format!("<= {most} {unit}"),
            found: show(ours),
            met: ours <= most,
        }
    };
    vec![
        row("cargo check, for one annotated emission", "ms", MOST_MS, |cost| cost.milliseconds, "linkme", "tracing", 2),
        row("program, for one annotated emission", "B", MOST_BYTES, |cost| cost.bytes, "linkme", "prometheus", 0),
    ]
}

/// The programs of a case.
struct Program {
    checked: [Measured; 2],
    built: [Measured; 2],
}

/// One of them: its package, its items, and its seconds or bytes.
struct Measured {
    package: String,
    items: usize,
    least: f64,
}

impl Program {
    fn write(workspace: &Workspace, case: &Case, name: String, checked: usize, built: usize) -> io::Result<Self> {
        let program = |purpose: &str, items: usize| {
            let package = format!("{name}-{purpose}-{items}");
            workspace.package(&package, case.dependencies, "main.rs", &case.source(items))?;
            io::Result::Ok(Measured { package, items, least: f64::INFINITY })
        };
        Ok(Self {
            checked: [program("checked", FEW)?, program("checked", FEW + checked)?],
            built: [program("built", FEW)?, program("built", FEW + built)?],
        })
    }

    fn packages(&self) -> impl Iterator<Item = String> {
        self.checked.iter().chain(&self.built).map(|program| program.package.clone())
    }

    fn check(&mut self, workspace: &Workspace) -> io::Result<()> {
        for Measured { package, least, .. } in &mut self.checked {
            eprintln!("annotations: {package}");
            let source = workspace.root().join(&*package).join("src/main.rs");
            // Cargo compiles the same text again because its date is new.
            fs::write(&source, fs::read(&source)?)?;
            let before = generated::user_seconds_of_children()?;
            workspace.cargo(contest::cargo().args(["check", "--package", package]))?;
            *least = least.min(generated::user_seconds_of_children()? - before);
        }
        Ok(())
    }

    fn build(&mut self, workspace: &Workspace) -> io::Result<()> {
        for Measured { package, least, .. } in &mut self.built {
            eprintln!("annotations: {package}");
            workspace.cargo(contest::cargo().args(["build", "--release", "--package", package]))?;
            *least = fs::metadata(workspace.program("release", package))?.len() as f64;
        }
        Ok(())
    }

    fn cost(&self, plain: &Cost) -> Cost {
        let growth = |[few, many]: &[Measured; 2]| (many.least - few.least) / (many.items - few.items) as f64;
        Cost {
            milliseconds: growth(&self.checked) * 1e3 - plain.milliseconds,
            bytes: growth(&self.built) - plain.bytes,
            program: self.built[0].least - plain.program,
        }
    }
}
