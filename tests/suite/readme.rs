//! README.md and the pages in docs are true: quoted files, outputs and tables are compared with their origin, links
//! lead somewhere, and commands exist. Rust blocks are compiled as doc tests (tests/src/lib.rs), and the README's two
//! commands are run by `.ci/run`.
//!
//! Above a code block, `<!-- file: F -->`, `<!-- N lines of: F -->`, `<!-- output of: COMMAND -->` or
//! `<!-- finds: COMMAND -->` (the same, with exit code 1) state its origin. `<!-- section HEADING of: F -->` quotes a
//! section, and `<!-- cells of: F -->` some cells of a table, up to `<!-- end of section -->`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use orchq_metrics::OwnedContract;
use orchq_metrics::rules::{self, RulesOptions, Source};

use crate::assert_file;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// In reading order.
const PAGES: [&str; 9] = [
    "README.md",
    "docs/contract.md",
    "docs/emit.md",
    "docs/test.md",
    "docs/serve.md",
    "docs/adopt.md",
    "docs/check.md",
    "docs/engines.md",
    "docs/limits.md",
];

/// A fenced block, and the comment above it that states its origin.
struct Block {
    origin: Option<String>,
    language: String,
    text: String,
    /// The lines of the text, in the whole page.
    lines: std::ops::Range<usize>,
    /// The spaces before each line, where the block is in a list.
    indent: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let lines: Vec<_> = page.lines().collect();
    let fences: Vec<_> = (0..lines.len()).filter(|&number| lines[number].trim_start().starts_with("```")).collect();
    let block = |fence: &[usize]| {
        let [start, end] = fence else { panic!("the last block does not end") };
        let (start, end) = (*start, *end);
        let indent = lines[start].split("```").next().unwrap_or_default();
        let above = start.checked_sub(1).map_or("", |above| lines[above].trim_start());
        let origin = above.strip_prefix("<!-- ").and_then(|text| text.strip_suffix(" -->"));
        let text = lines[start + 1..end].iter().map(|line| line.strip_prefix(indent).unwrap_or(line).to_owned() + "\n");
        Block {
            origin: origin.map(str::to_owned),
            language: lines[start].trim_start_matches([' ', '`']).to_owned(),
            text: text.collect(),
            lines: start + 1..end,
            indent: indent.to_owned(),
        }
    };
    fences.chunks(2).map(block).collect()
}

fn root(path: &str) -> PathBuf {
    Path::new(ROOT).join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs `cargo run -q -p PACKAGE ..`: builds the program once, and then calls it.
fn output(command: &str, code: i32) -> String {
    static BUILT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let arguments = command.strip_prefix("cargo run -q -p ").unwrap_or_else(|| panic!("nothing runs `{command}`"));
    let arguments = arguments.replacen(" --features cli", "", 1).replacen(" -- ", " ", 1);
    let (program, arguments) = arguments.split_once(' ').unwrap_or((&arguments, ""));
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if !built.contains(program) {
        // Without `-p`, which selects other features of the dependencies than these tests are built with.
        let build = Command::new(env!("CARGO")).args(["build", "-q", "--bin", program]).current_dir(ROOT).output();
        let build = build.expect("cargo runs");
        assert!(build.status.success(), "{program}: {}", String::from_utf8_lossy(&build.stderr));
        built.insert(program.to_owned());
    }
    drop(built);
    let mut run = Command::new(target().join(program));
    let output = run.args(arguments.split_whitespace()).current_dir(ROOT).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(code), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The build folder of these tests, with its profile.
fn target() -> PathBuf {
    let program = std::env::current_exe().expect("it runs");
    program.ancestors().nth(2).expect("target/debug/deps/suite").to_owned()
}

/// The text that a block of this origin should have.
fn block_text(origin: &str) -> String {
    if let Some(path) = origin.strip_prefix("file: ") {
        return read(path);
    }
    if let Some(command) = origin.strip_prefix("output of: ") {
        return output(command, 0);
    }
    if let Some(command) = origin.strip_prefix("finds: ") {
        return output(command, 1);
    }
    let (count, path) = origin.split_once(" lines of: ").unwrap_or_else(|| panic!("unknown origin `{origin}`"));
    let count = count.parse().unwrap_or_else(|_| panic!("`{count}` is not a number of lines"));
    read(path).lines().take(count).map(|line| format!("{line}\n")).collect()
}

/// The quoted parts of a page that are not blocks: their origin and lines.
fn quotations(page: &str) -> Vec<(String, std::ops::Range<usize>)> {
    let lines: Vec<_> = page.lines().collect();
    let begins = lines.iter().enumerate().filter_map(|(number, line)| {
        let origin = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
        (origin.starts_with("section ") || origin.starts_with("cells of: ")).then_some((number, origin))
    });
    let quotation = |(number, origin): (usize, &str)| {
        let end = lines.iter().skip(number).position(|line| *line == "<!-- end of section -->");
        (origin.to_owned(), number + 1..number + end.unwrap_or_else(|| panic!("`{origin}` has no end")))
    };
    begins.map(quotation).collect()
}

/// The lines that a quotation of this origin should have; `now` are those that it has.
fn quotation_lines(origin: &str, now: &[String]) -> Vec<String> {
    if let Some(path) = origin.strip_prefix("cells of: ") {
        return cells(&read(path), now);
    }
    let section = origin.strip_prefix("section ").and_then(|origin| origin.split_once(" of: "));
    let (heading, path) = section.unwrap_or_else(|| panic!("`{origin}` is not a section of a file"));
    let file = read(path);
    // A page quotes the doc comments of a source file.
    let lines: Vec<_> = match path.ends_with(".rs") {
        true => file
            .lines()
            .map(|line| line.strip_prefix("///").map_or("#", |doc| doc.strip_prefix(' ').unwrap_or(doc)))
            .collect(),
        false => file.lines().collect(),
    };
    let is_heading = |line: &str| line.trim_start_matches('#').trim() == heading && line.starts_with('#');
    let after = lines.into_iter().skip_while(|line| !is_heading(line)).skip(1);
    let section: Vec<_> = after.take_while(|line| !line.starts_with('#')).map(str::to_owned).collect();
    assert!(!section.is_empty(), "{path} has nothing under `{heading}`");
    section
}

/// A table as it is in the page, with the cells as they are in the file. The header selects the columns, the first cell
/// of a row its first row in the file.
fn cells(file: &str, now: &[String]) -> Vec<String> {
    fn split(line: &str) -> Vec<&str> {
        line.trim().trim_matches('|').split('|').map(str::trim).collect()
    }
    let find = |key: &str| {
        let mut rows = file.lines().filter(|line| line.starts_with('|')).map(split);
        rows.find(|row| row[0] == key).unwrap_or_else(|| panic!("no table has a row `{key}`"))
    };
    let header = split(now.iter().find(|line| line.starts_with('|')).expect("a table"));
    let names = find(header[0]);
    let columns: Vec<_> = header
        .iter()
        .map(|name| names.iter().position(|known| known == name).unwrap_or_else(|| panic!("no column `{name}`")))
        .collect();
    let row = |line: &String| {
        if !line.starts_with('|') || line.starts_with("| ---") {
            return line.clone();
        }
        let row = find(split(line)[0]);
        format!("| {} |", columns.iter().map(|&column| row[column]).collect::<Vec<_>>().join(" | "))
    };
    now.iter().map(row).collect()
}

/// One test for both kinds of quotations, because both rewrite the page when it is updated.
#[test]
fn every_quotation_matches_its_origin() {
    let mut found = 0;
    for name in PAGES {
        let page = read(name);
        let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
        let of_blocks = blocks(&page).into_iter().filter_map(|block| {
            let text = block_text(block.origin.as_ref()?);
            let indented = text.lines().map(|line| format!("{}{line}", block.indent).trim_end().to_owned() + "\n");
            Some((block.lines, indented.collect::<String>()))
        });
        let mut parts: Vec<_> = of_blocks.collect();
        parts.extend(quotations(&page).into_iter().map(|(origin, at)| {
            let text = quotation_lines(&origin, &lines[at.clone()]);
            (at, text.into_iter().map(|line| line + "\n").collect())
        }));
        found += parts.len();
        parts.sort_by_key(|(at, _)| at.start);
        for (at, text) in parts.into_iter().rev() {
            lines.splice(at, text.lines().map(str::to_owned));
        }
        assert_file(name, &(lines.join("\n") + "\n"));
    }
    assert!(found >= 15, "{found} quotations");
}

#[test]
fn every_block_is_checked_by_something() {
    for name in PAGES {
        let page = read(name);
        for block in blocks(&page).iter().filter(|block| block.origin.is_none()) {
            let line = block.lines.start;
            match block.language.as_str() {
                // As doc tests, which do without `#[test]` functions.
                "rust" | "rust,no_run" => {
                    assert!(!block.text.contains("#[test]"), "{name}:{line}: nothing runs the test")
                }
                // By the test that builds a package of it.
                "toml" if name == "README.md" => {}
                "toml" => configuration_is_accepted(&block.text),
                "yaml" => {
                    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
                    let report = rules::check(&contract, &[Source::new(name, &block.text)], &RulesOptions::default());
                    assert!(report.findings.is_empty() && report.examined > 0, "{name}:{line}: {:#?}", report.findings);
                }
                // By the tests below.
                "console" | "sh" => {}
                other => panic!("nothing checks the `{other}` block at line {line} of {name}"),
            }
        }
    }
}

fn configuration_is_accepted(text: &str) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{}.toml", std::process::id()));
    std::fs::write(&file, text).expect("the file can be written");
    let check = "cargo run -q -p orchq-metrics --features cli -- document docs/metrics-contract.md";
    output(&format!("{check} --config {}", file.display()), 0);
}

/// Each command of a console block has a subcommand and options that exist.
#[test]
fn every_command_exists() {
    let page = PAGES.map(read).concat();
    let console = blocks(&page).into_iter().filter(|block| block.language == "console" && block.origin.is_none());
    let mut helps = std::collections::HashMap::new();
    for line in console.flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>()) {
        let Some(arguments) = line.strip_prefix("orchq-metrics ") else {
            assert!(line.trim_start_matches("$ ").starts_with("cargo "), "nothing checks `{line}`");
            continue;
        };
        let command = arguments.split(' ').next().expect("a subcommand").to_owned();
        let help = helps
            .entry(command.clone())
            .or_insert_with(|| output(&format!("cargo run -q -p orchq-metrics --features cli -- {command} --help"), 0));
        for option in arguments.split(' ').filter(|word| word.starts_with("--")) {
            assert!(
                help.split_whitespace().any(|word| word == option),
                "`{option}` of `{line}` does not exist:\n{help}"
            );
        }
    }
    assert!(helps.len() >= 5, "{:?}", helps.keys());
}

#[test]
fn every_link_leads_somewhere() {
    for name in PAGES {
        let page = read(name);
        let folder = root(name).parent().expect("a folder").to_owned();
        for (at, _) in page.match_indices("](") {
            let link = page[at + 2..].split(')').next().expect("the rest");
            if link.starts_with("http") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { root(name) } else { folder.join(path) };
            assert!(target.exists(), "{name} links {link}, which does not exist");
            if !anchor.is_empty() {
                let page = std::fs::read_to_string(&target).expect("a page");
                let anchors = page.lines().filter(|line| line.starts_with('#')).map(anchor_of);
                assert!(anchors.into_iter().any(|known| known == anchor), "{name}: no heading for {link}");
            }
        }
    }
}

/// The anchor that GitHub gives a heading.
fn anchor_of(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn the_pages_lead_from_one_to_the_next() {
    let readme = read("README.md");
    let order: Vec<_> = readme.lines().filter_map(|line| line.strip_prefix("| [")?.split(']').next()).collect();
    let mut in_folder: Vec<_> =
        std::fs::read_dir(root("docs")).expect("docs").map(|entry| entry.unwrap().file_name()).collect();
    in_folder.retain(|file| file != "metrics-contract.md");
    assert_eq!(order.len(), in_folder.len(), "the README lists {order:?}, docs has {in_folder:?}");
    for pair in order.windows(2) {
        let page = read(&format!("docs/{}", pair[0]));
        let last = page.lines().last().unwrap_or_default();
        let leads_on = last.starts_with("Next: [") && last.ends_with(&format!("]({})", pair[1]));
        assert!(leads_on && last.matches("](").count() == 1, "{}: {last}", pair[0]);
    }
}

#[test]
fn the_readme_is_short_and_has_two_commands() {
    let readme = read("README.md");
    assert!(readme.lines().count() <= 250, "{} lines", readme.lines().count());
    let commands: Vec<_> = readme.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert_eq!(commands, ["cargo run --bin orchqueue -- demo", "cargo test"]);
}

/// A package of its own beside a clone, as the README describes it.
#[cfg(unix)]
#[test]
fn the_install_blocks_build_the_quickstart() {
    let page = read("README.md");
    let of_language =
        |language: &str| blocks(&page).into_iter().find(|block| block.language == language).expect("a block").text;
    let (clone, dependencies) = (of_language("sh"), of_language("toml"));
    let folder = clone.trim_end().rsplit(' ').next().expect("the folder that is cloned to").to_owned();
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("newcomer");
    let _ = std::fs::remove_dir_all(place.join("shop"));
    std::fs::create_dir_all(place.join("shop/src")).expect("a directory");
    clone_block_works(&clone, &folder);
    // The test builds the working tree, which may have changes that a clone does not have.
    if !place.join(&folder).exists() {
        let _ = std::fs::remove_file(place.join(&folder));
        std::os::unix::fs::symlink(Path::new(ROOT).canonicalize().expect("the root"), place.join(&folder))
            .expect("a link");
    }
    // The workspace's profile and build folder, so that only what differs from it is built.
    let workspace = read("Cargo.toml");
    let (_, profiles) = workspace.split_once("\n[profile.dev]\n").expect("a profile");
    let (profile, _) = profiles.split_once("\n[profile.bench]\n").expect("another profile");
    let package = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"";
    let manifest = format!("{package}\n\n{dependencies}\n[workspace]\n\n[profile.dev]\n{profile}");
    std::fs::write(place.join("shop/Cargo.toml"), manifest).expect("a manifest");
    std::fs::write(place.join("shop/src/main.rs"), read("examples/quickstart/src/main.rs")).expect("a program");
    std::fs::copy(root("Cargo.lock"), place.join("shop/Cargo.lock")).expect("the same dependencies");
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet"])
        .current_dir(place.join("shop"))
        .env("CARGO_TARGET_DIR", target().parent().expect("target"))
        .output()
        .expect("cargo runs");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    assert!(stdout.contains("contract quickstart 1.0.0"), "{stdout}");
    let is_site = |line: &str| line.starts_with("    src/main.rs:") && line.ends_with(" shop::answer");
    assert!(stdout.lines().any(is_site), "{stdout}");
}

/// Runs the block that clones, with this repository's path for its address, where this is a repository.
#[cfg(unix)]
fn clone_block_works(block: &str, folder: &str) {
    let repository = Path::new(ROOT).canonicalize().expect("the root");
    if !repository.join(".git").exists() {
        return;
    }
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clone");
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).expect("a directory");
    let script = block.replace("/path/or/url/of/this/repository", &repository.display().to_string());
    assert_ne!(script, block, "the block has a place for the address");
    let output = Command::new("sh").args(["-ec", &script]).current_dir(&place).output().expect("sh runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(place.join(folder).join("orchq-metrics/Cargo.toml").exists());
    std::fs::remove_dir_all(&place).expect("the clone can be removed");
}
