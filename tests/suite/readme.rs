//! The blocks of the README, and of the pages of the command and of the engines, are what they say they are. Rust
//! blocks are compiled as doc tests, and the README's two commands are run by `.ci/run`; this reads the others.

use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const PAGES: [&str; 3] = ["README.md", "docs/command.md", "docs/engines.md"];
/// Those that quote sections of others.
const QUOTING: [&str; 2] = ["README.md", "docs/command.md"];

/// A fenced block, and the comment above it that says where it comes from.
struct Block {
    origin: Option<String>,
    language: String,
    text: String,
    /// The lines of the text, in the whole page.
    at: std::ops::Range<usize>,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(Option<String>, String, usize)> = None;
    let mut above = "";
    for (number, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(language), None) => {
                let origin = above.strip_prefix("<!-- ").and_then(|text| text.strip_suffix(" -->"));
                open = Some((origin.map(str::to_owned), language.to_owned(), number + 1));
            }
            (Some(_), Some((origin, language, start))) => {
                let text = page.lines().skip(start).take(number - start).map(|line| format!("{line}\n")).collect();
                blocks.push(Block { origin, language, text, at: start..number });
            }
            (None, was) => open = was,
        }
        above = line;
    }
    blocks
}

fn root(path: &str) -> PathBuf {
    Path::new(ROOT).join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn output(command: &str, code: i32) -> String {
    let mut words = command.split(' ');
    assert_eq!(words.next(), Some("cargo"), "only cargo is run from the README");
    let output = Command::new(env!("CARGO")).args(words).current_dir(ROOT).output().expect("cargo runs");
    assert_eq!(output.status.code(), Some(code), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// What the block of this origin should hold.
fn expected(origin: &str) -> String {
    if let Some(path) = origin.strip_prefix("file: ") {
        return read(path);
    }
    if let Some(command) = origin.strip_prefix("output of: ") {
        return output(command, 0);
    }
    if let Some(command) = origin.strip_prefix("finds: ") {
        return output(command, 1);
    }
    let (count, path) =
        origin.split_once(" lines of: ").unwrap_or_else(|| panic!("`{origin}` is no origin of a block"));
    let count = count.parse().unwrap_or_else(|_| panic!("`{count}` is no number of lines"));
    read(path).lines().take(count).map(|line| format!("{line}\n")).collect()
}

/// The parts of a page between `<!-- section NAME of: FILE -->` and `<!-- end of section -->`,
/// which quote what stands under that heading, or, where it is `*`, all of the file.
fn quotations(page: &str) -> Vec<(String, std::ops::Range<usize>)> {
    let lines: Vec<_> = page.lines().collect();
    let begins = lines.iter().enumerate().filter_map(|(at, line)| Some((at, line.strip_prefix("<!-- section ")?)));
    let quotation = |(at, origin): (usize, &str)| {
        let origin = origin.strip_suffix(" -->").expect("a closed comment");
        let end = lines.iter().skip(at).position(|line| *line == "<!-- end of section -->").expect("an end");
        (origin.to_owned(), at + 1..at + end)
    };
    begins.map(quotation).collect()
}

/// What stands under a heading, up to the next one.
fn section(origin: &str) -> Vec<String> {
    let (heading, path) = origin.split_once(" of: ").unwrap_or_else(|| panic!("`{origin}` is no section of a file"));
    let file = read(path);
    if heading == "*" {
        return file.lines().map(str::to_owned).collect();
    }
    let lines = file.lines().skip_while(|line| *line != format!("## {heading}")).skip(1);
    let section: Vec<_> = lines.take_while(|line| !line.starts_with('#')).map(str::to_owned).collect();
    assert!(!section.is_empty(), "{path} has nothing under `{heading}`");
    section
}

#[test]
fn every_quotation_is_what_the_file_says() {
    for name in QUOTING {
        let page = read(name);
        let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
        let quotations = quotations(&page);
        assert!(!quotations.is_empty());
        for (origin, at) in quotations.into_iter().rev() {
            lines.splice(at, section(&origin));
        }
        let expected = lines.join("\n") + "\n";
        if std::env::var_os("SNAPSHOTS").is_some() {
            std::fs::write(root(name), expected).expect("the page can be written");
            continue;
        }
        assert_eq!(
            page, expected,
            "{name} is stale; refresh it with `SNAPSHOTS=overwrite cargo test -p orchq-metrics-tests every_quotation_is_what_the_file_says`",
        );
    }
}

#[test]
fn every_block_comes_from_where_it_says() {
    for name in PAGES {
        let page = read(name);
        let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
        let mut stale = Vec::new();
        for block in blocks(&page).iter().rev() {
            match (&block.origin, block.language.as_str()) {
                (Some(origin), _) => {
                    let expected = expected(origin);
                    if block.text != expected {
                        stale.push(origin.clone());
                        lines.splice(block.at.clone(), expected.lines().map(str::to_owned));
                    }
                }
                (None, "rust" | "rust,no_run" | "console" | "toml") => {}
                (None, other) => panic!("nothing checks the `{other}` block at line {} of {name}", block.at.start),
            }
        }
        if std::env::var_os("SNAPSHOTS").is_some() {
            std::fs::write(root(name), lines.join("\n") + "\n").expect("the page can be written");
            continue;
        }
        assert!(
            stale.is_empty(),
            "{name} is stale at {stale:?}; refresh it with `SNAPSHOTS=overwrite cargo test -p orchq-metrics-tests every_block_comes_from_where_it_says`",
        );
    }
}

/// A package of its own, made of the install block and the quickstart, as a newcomer would.
#[cfg(unix)]
#[test]
fn the_install_block_builds_the_quickstart() {
    let page = read("README.md");
    let install = blocks(&page).into_iter().find(|block| block.language == "toml").expect("an install block");
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("newcomer");
    let checkout = place.join("orchqueue");
    let _ = std::fs::remove_dir_all(place.join("shop"));
    std::fs::create_dir_all(place.join("shop/src")).expect("a directory");
    if !checkout.exists() {
        let _ = std::fs::remove_file(&checkout);
        std::os::unix::fs::symlink(Path::new(ROOT).canonicalize().expect("the root"), &checkout).expect("a link");
    }
    let manifest = format!(
        "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n{}\n[workspace]\n",
        install.text,
    );
    std::fs::write(place.join("shop/Cargo.toml"), manifest).expect("a manifest");
    std::fs::write(place.join("shop/src/main.rs"), read("examples/quickstart/src/main.rs")).expect("a program");
    std::fs::copy(root("Cargo.lock"), place.join("shop/Cargo.lock")).expect("the same dependencies");
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet"])
        .current_dir(place.join("shop"))
        .env("CARGO_TARGET_DIR", place.join("target"))
        .output()
        .expect("cargo runs");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    assert!(stdout.contains("contract quickstart 1.0.0"), "{stdout}");
    assert!(stdout.contains("    shop::answer src/main.rs:"), "{stdout}");
}
