//! The crates are built as `docs/architecture.md` says.

mod functions;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use functions::functions;
use source::{Arrow, Source};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const MAX_LINES: usize = 400;
/// Of a function.
const MAX_FUNCTION_LINES: usize = 59;
/// As in `rustfmt.toml`.
const MAX_COLUMNS: usize = 120;

/// A row of a table of rooms.
struct Room {
    /// A folder with a slash at its end, or a file.
    name: String,
    uses: BTreeSet<String>,
}

/// The table of rooms under a heading of the page.
fn rooms(heading: &str) -> Vec<Room> {
    let page = fs::read_to_string(Path::new(ROOT).join("docs/architecture.md")).expect("the page");
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let rows =
        section.lines().skip_while(|line| !line.starts_with("| ---")).skip(1).take_while(|line| line.starts_with('|'));
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rooms = rows.map(|row| {
        let cells: Vec<_> = row.split('|').collect();
        let [_, name, _, uses, _] = cells[..] else { panic!("a row has three cells: {row}") };
        let [name] = <[_; 1]>::try_from(quoted(name)).unwrap_or_else(|_| panic!("a row is one room: {row}"));
        Room { name, uses: quoted(uses).into_iter().collect() }
    });
    let rooms: Vec<_> = rooms.collect();
    assert!(rooms.len() > 2, "the table under `{heading}` was not found");
    rooms
}

/// The room of a file: the longest name that it begins with.
fn room_of<'a>(rooms: &'a [Room], file: &str) -> Option<&'a str> {
    let names = rooms.iter().map(|room| room.name.as_str());
    let holds = |name: &&str| if name.ends_with('/') { file.starts_with(name) } else { file == *name };
    names.filter(holds).max_by_key(|name| name.len())
}

/// The modules of the example, in the order of the table in its `lib.rs`.
fn modules(page: &str) -> Vec<&str> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("//! | [`")?.split_once("`] | "));
    rows.map(|(module, _)| module).collect()
}

/// Modules without a row, rows without a module, and paths to a module that is not above.
fn out_of_order(modules: &[&str], files: &BTreeSet<&str>, arrows: &[Arrow]) -> Vec<String> {
    let module = |file: &str| file.split(['/', '.']).next().unwrap_or_default().to_owned();
    let position = |file: &str| modules.iter().position(|row| *row == module(file));
    let mut wrong: Vec<_> =
        files.iter().filter(|file| position(file).is_none()).map(|file| (*file).to_owned()).collect();
    let is_empty = |row: &&&str| !files.iter().any(|file| module(file) == **row);
    wrong.extend(modules.iter().filter(is_empty).map(|row| format!("`{row}` holds no file")));
    let is_wrong =
        |arrow: &&Arrow| module(&arrow.from) != module(&arrow.to) && position(&arrow.from) <= position(&arrow.to);
    wrong.extend(arrows.iter().filter(is_wrong).map(|arrow| format!("{} uses {}", arrow.from, arrow.path)));
    wrong
}

/// Dependencies in the source that the table lacks, and the reverse.
fn differences(rooms: &[Room], files: &BTreeSet<&str>, arrows: &[Arrow]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in files.iter().filter(|file| room_of(rooms, file).is_none()) {
        wrong.push(format!("{file} has no room in the table"));
    }
    for Arrow { from, to, path } in arrows {
        let (Some(room), Some(target)) = (room_of(rooms, from), room_of(rooms, to)) else { continue };
        let row = rooms.iter().find(|row| row.name == room).expect("it is one of them");
        if room != target && !row.uses.contains(target) {
            wrong.push(format!("{from} uses {path}: `{room}` may not use `{target}`"));
        }
        used.entry(room).or_default().insert(target);
    }
    for (position, row) in rooms.iter().enumerate() {
        if !files.iter().any(|file| room_of(rooms, file) == Some(&row.name)) {
            wrong.push(format!("`{}` is in the table and holds no file", row.name));
        }
        for target in &row.uses {
            if !rooms[..position].iter().any(|above| above.name == *target) {
                wrong.push(format!("`{}` is not above `{}`, which may use it", target, row.name));
            }
            if !used.get(row.name.as_str()).is_some_and(|used| used.contains(target.as_str())) {
                wrong.push(format!("`{}` does not use `{target}`, and the table says so", row.name));
            }
        }
    }
    wrong
}

/// The arrows between files that use each other, directly or not.
fn circles(arrows: &[Arrow]) -> Vec<String> {
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for arrow in arrows {
        uses.entry(&arrow.from).or_default().insert(&arrow.to);
    }
    let leads_back = |arrow: &&Arrow| {
        let mut reached = BTreeSet::new();
        let mut open = vec![arrow.to.as_str()];
        while let Some(file) = open.pop() {
            open.extend(uses.get(file).into_iter().flatten().filter(|next| reached.insert(**next)));
        }
        reached.contains(arrow.from.as_str())
    };
    let show = |arrow: &Arrow| format!("{} -> {}: {}", arrow.from, arrow.to, arrow.path);
    let lines: BTreeSet<_> = arrows.iter().filter(leads_back).map(show).collect();
    lines.into_iter().collect()
}

#[track_caller]
fn assert_none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
}

/// The library and its command, as files of `orchq-metrics/src`.
fn runtime() -> (BTreeSet<String>, Vec<Arrow>) {
    let folder = Path::new(ROOT).join("orchq-metrics/src");
    let sources = ["lib.rs", "bin/orchq-metrics/main.rs"].map(|root| Source::read(&folder, root));
    let files = sources.iter().flat_map(|source| source.files()).map(str::to_owned).collect();
    let arrows = sources.iter().flat_map(|source| source.arrows()).filter(|arrow| arrow.from != "lib.rs");
    (files, arrows.collect())
}

fn macros() -> Source {
    Source::read(&Path::new(ROOT).join("orchq-metrics-macros/src"), "lib.rs")
}

#[test]
fn rooms_use_only_what_the_table_says() {
    let (files, arrows) = runtime();
    assert!(files.len() > 100 && arrows.len() > 200, "{} files, {} arrows", files.len(), arrows.len());
    let files = files.iter().map(String::as_str).filter(|file| *file != "lib.rs").collect();
    assert_none(differences(&rooms("The rooms of `orchq-metrics`"), &files, &arrows));
    let source = macros();
    assert_none(differences(&rooms("The rooms of `orchq-metrics-macros`"), &source.files(), &source.arrows()));
}

#[test]
fn the_modules_of_the_example_use_only_those_above_them() {
    let folder = Path::new(ROOT).join("examples/orchqueue/src");
    let page = fs::read_to_string(folder.join("lib.rs")).expect("UTF-8");
    let source = Source::read(&folder, "lib.rs");
    let files: BTreeSet<_> = source.files().into_iter().filter(|file| *file != "lib.rs").collect();
    let mut arrows = source.arrows();
    arrows.retain(|arrow| arrow.from != "lib.rs");
    assert!(files.len() > 30 && arrows.len() > 50, "{} files, {} arrows", files.len(), arrows.len());
    assert_none(out_of_order(&modules(&page), &files, &arrows));
}

#[test]
fn no_files_use_each_other() {
    assert_none(circles(&runtime().1));
    assert_none(circles(&macros().arrows()));
}

#[test]
fn names_are_taken_from_their_rooms_and_not_from_the_crate_root() {
    let folder = Path::new(ROOT).join("orchq-metrics/src");
    let source = Source::read(&folder, "lib.rs");
    let taken = source.taken_from_the_root();
    assert_none(taken.into_iter().map(|(file, path)| format!("{file}: {path}")).collect());
}

/// Every file of Rust in the repository, with its text.
fn sources() -> Vec<(String, String)> {
    fn visit(folder: &Path, sources: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            let name = entry.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if entry.is_dir() && name != "target" && !name.starts_with('.') {
                visit(&entry, sources);
            } else if name.ends_with(".rs") {
                let path = entry.strip_prefix(ROOT).expect("it is inside").display().to_string();
                sources.push((path, fs::read_to_string(&entry).expect("UTF-8")));
            }
        }
    }
    let mut sources = Vec::new();
    visit(Path::new(ROOT), &mut sources);
    assert!(sources.len() > 300, "{} files", sources.len());
    sources
}

#[test]
fn no_file_is_longer_than_a_reader_takes_in() {
    let lines = |(file, text): (String, String)| (text.lines().count(), file);
    let long = sources().into_iter().map(lines).filter(|(lines, _)| *lines > MAX_LINES);
    assert_none(long.map(|(lines, file)| format!("{file}: {lines} lines")).collect());
}

/// rustfmt breaks lines of code, and not those of comments. A row of a table and a link cannot be broken.
#[test]
fn no_comment_is_wider_than_the_code() {
    let (mut wide, mut seen) = (Vec::new(), 0);
    for (file, text) in sources() {
        let comments = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//"));
        for (index, line) in comments {
            seen += 1;
            let text = line.trim_start().trim_start_matches(['/', '!']).trim_start();
            if line.chars().count() > MAX_COLUMNS && !text.starts_with('|') && text.contains(' ') {
                wide.push(format!("{file}:{}", index + 1));
            }
        }
    }
    assert!(seen > 1_000, "{seen} lines of comments");
    assert_none(wide);
}

/// Except in the benchmarks, which list what they measure.
#[test]
fn no_function_is_longer_than_a_reader_takes_in() {
    let (mut long, mut seen) = (Vec::new(), 0);
    for (file, text) in sources().into_iter().filter(|(file, _)| !file.starts_with("benches/")) {
        let functions = functions(&text);
        seen += functions.len();
        let is_long = functions.into_iter().filter(|(_, lines)| *lines > MAX_FUNCTION_LINES);
        long.extend(is_long.map(|(line, lines)| format!("{file}:{line}: a function of {lines} lines")));
    }
    assert!(seen > 1_000, "{seen} functions");
    assert_none(long);
}

/// A crate that breaks each rule.
fn broken() -> Source {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("architecture-{}", std::process::id()));
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("lib.rs", "mod low; mod high; mod face; mod top; pub use low::Low;");
    write("face.rs", "pub use another::mark;");
    write("top.rs", "pub use crate::low::Low; #[crate::face::mark] mod inner { use super::*; fn f() -> Low {} }");
    write("low/mod.rs", "pub use part::Part; mod part; pub struct Low; #[cfg(test)] mod tests;");
    write("low/part.rs", "use super::Low; pub struct Part(crate::high::High); use crate::Low as Root;");
    write(
        "high.rs",
        "use crate::low::{Low, Part as Other}; pub struct High; impl High { fn f() { inner::g() } } mod inner { use super::High; }",
    );
    let source = Source::read(&folder, "lib.rs");
    fs::remove_dir_all(&folder).expect("it was made");
    source
}

#[test]
fn what_breaks_a_rule_is_found() {
    let source = broken();
    let arrows: Vec<_> = source.arrows().into_iter().filter(|arrow| arrow.from != "lib.rs").collect();
    let shown: BTreeSet<_> = arrows.iter().map(|arrow| format!("{} -> {}", arrow.from, arrow.to)).collect();
    let expected = [
        "high.rs -> low/mod.rs",
        "high.rs -> low/part.rs",
        "low/part.rs -> high.rs",
        "low/part.rs -> low/mod.rs",
        "top.rs -> face.rs",
        "top.rs -> low/mod.rs",
    ];
    assert_eq!(shown, expected.map(str::to_owned).into());
    assert_eq!(source.taken_from_the_root(), [("low/part.rs", "crate::Low".to_owned())]);
    let found = circles(&arrows);
    assert_eq!(found, ["high.rs -> low/part.rs: crate::low::Part", "low/part.rs -> high.rs: crate::high::High",]);
    // A module and a file inside it are two files.
    let arrow = |from: &str, to: &str| Arrow { from: from.to_owned(), to: to.to_owned(), path: "Name".to_owned() };
    let found = circles(&[arrow("low/mod.rs", "low/part.rs"), arrow("low/part.rs", "low/mod.rs")]);
    assert_eq!(found, ["low/mod.rs -> low/part.rs: Name", "low/part.rs -> low/mod.rs: Name"]);
    let room = |name: &str, uses: &[&str]| Room {
        name: name.to_owned(),
        uses: uses.iter().map(|name| (*name).to_owned()).collect(),
    };
    assert_eq!(
        out_of_order(&["low", "high", "top", "gone"], &source.files(), &arrows),
        ["face.rs", "lib.rs", "`gone` holds no file", "low/part.rs uses crate::high::High"]
    );
    let rooms = [room("low/", &["gone/"]), room("gone/", &[])];
    let wrong = differences(&rooms, &source.files(), &arrows);
    assert_eq!(
        wrong,
        [
            "face.rs has no room in the table",
            "high.rs has no room in the table",
            "lib.rs has no room in the table",
            "top.rs has no room in the table",
            "`gone/` is not above `low/`, which may use it",
            "`low/` does not use `gone/`, and the table says so",
            "`gone/` is in the table and holds no file",
        ]
    );
    let rooms =
        [room("low/", &[]), room("high.rs", &["low/"]), room("face.rs", &[]), room("top.rs", &["face.rs", "low/"])];
    let wrong = differences(&rooms, &source.files(), &arrows);
    assert_eq!(wrong[1..], ["low/part.rs uses crate::high::High: `low/` may not use `high.rs`"]);
}
