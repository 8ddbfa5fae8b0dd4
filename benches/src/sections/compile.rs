//! What an annotation costs the compiler.

use std::fs;
use std::io;
use std::path::Path;

use crate::contest::{self, OURS};
use crate::generated::{self, Workspace};
use crate::report::{self, Section, Target, figure};
use crate::rounds::Effort;

const FUNCTIONS: usize = 1_000;
const TARGET: f64 = 0.9;

const INTRODUCTION: &str = "\
## Compile time

`cargo check` of a crate of 1,000 functions, of which nothing else changed: user milliseconds for one function,
beyond those of a crate whose functions are the same and not annotated. The minimum of the rounds.

";

/// A crate of annotated functions.
struct Case {
    name: &'static str,
    dependencies: &'static str,
    head: &'static str,
    /// One function; `{i}` is its number.
    function: &'static str,
}

const PLAIN: Case = Case {
    name: "plain",
    dependencies: "",
    head: "",
    function: "pub fn f{i}(reason: u32, engine: u32) { std::hint::black_box((reason, engine)); }",
};

const CASES: [Case; 4] = [
    Case {
        name: "linkme",
        dependencies: "linkme = \"0.3.37\"\n",
        head: "#[linkme::distributed_slice]\npub static SITES: [u32];\n",
        function: "pub fn f{i}(reason: u32, engine: u32) { \
            #[linkme::distributed_slice(SITES)] static SITE: u32 = {i}; \
            std::hint::black_box((reason, engine)); }",
    },
    Case {
        name: "tracing",
        dependencies: "tracing = \"0.1.44\"\n",
        head: "",
        function: "#[tracing::instrument] pub fn f{i}(reason: u32, engine: u32) \
            { std::hint::black_box((reason, engine)); }",
    },
    Case {
        name: "autometrics",
        dependencies: "autometrics = { version = \"=3.0.0\", features = [\"prometheus-0_14\"] }\n",
        head: "",
        function: "#[autometrics::autometrics] pub fn f{i}(reason: u32, engine: u32) \
            { std::hint::black_box((reason, engine)); }",
    },
    Case {
        name: OURS,
        dependencies: generated::OURS,
        head: "use orchq_metrics::emits;\nuse orchq_metrics::v1::{Engine, RejectReason, tasks_rejected_total};\n",
        function: "#[emits(tasks_rejected_total)] pub fn f{i}(reason: RejectReason, engine: Engine) \
            { tasks_rejected_total { reason, engine }.inc(); }",
    },
];

/// Generates the crates, and checks each after its dependencies are checked.
///
/// # Errors
///
/// When a crate cannot be written or does not compile.
pub fn run(target: &Path, effort: Effort) -> io::Result<Section> {
    let workspace = Workspace::new(target, "compile")?;
    let cases: Vec<&Case> = [&PLAIN].into_iter().chain(&CASES).collect();
    for case in &cases {
        let functions = (0..FUNCTIONS).map(|i| case.function.replace("{i}", &i.to_string()) + "\n");
        let source = case.head.to_owned() + &functions.collect::<String>();
        workspace.package(&package(case), case.dependencies, "lib.rs", &source)?;
    }
    let names: Vec<String> = cases.iter().map(|case| package(case)).collect();
    workspace.manifest(&names)?;
    for name in &names {
        eprintln!("compile: what {name} depends on");
        workspace.cargo(contest::cargo().args(["check", "--package", name]))?;
    }
    let mut seconds = vec![f64::INFINITY; cases.len()];
    for _ in 0..if effort.quick { 1 } else { 3 } {
        for (case, best) in cases.iter().zip(&mut seconds) {
            eprintln!("compile: {}", case.name);
            let package = package(case);
            let source = workspace.root().join(&package).join("src/lib.rs");
            // Cargo compiles the same text again because its date is new.
            fs::write(&source, fs::read(&source)?)?;
            let before = generated::user_seconds_of_children()?;
            workspace.cargo(contest::cargo().args(["check", "--package", &package]))?;
            *best = best.min(generated::user_seconds_of_children()? - before);
        }
    }
    let per_function: Vec<f64> = seconds.iter().map(|took| (took - seconds[0]) * 1e3 / FUNCTIONS as f64).collect();
    let rows: Vec<Vec<String>> = cases
        .iter()
        .zip(&per_function)
        .zip(&seconds)
        .map(|((case, milliseconds), seconds)| {
            vec![case.name.to_owned(), figure(*milliseconds), format!("{seconds:.2}")]
        })
        .collect();
    let head = ["", "ms for one function", "s for the crate"].map(str::to_owned);
    let text = INTRODUCTION.to_owned() + &report::table(&head, &rows) + "\n";
    let ours = per_function[per_function.len() - 1];
    let target = Target {
        work: "cargo check, for one annotated function".to_owned(),
        ours: format!("{} ms", figure(ours)),
        limit: format!("{} ms, linkme", figure(per_function[1])),
        peer: format!("{} ms, tracing", figure(per_function[2])),
        promise: format!("<= {TARGET} ms"),
        found: format!("{} ms", figure(ours)),
        met: ours <= TARGET,
    };
    Ok(Section { text, targets: vec![target], failures: Vec::new() })
}

fn package(case: &Case) -> String {
    format!("functions-{}", case.name)
}
