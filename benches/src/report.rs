//! Tables in Markdown.

use std::fmt::Write as _;

use crate::contest;
use crate::rounds::{Results, Took};

/// A part of the report.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// The Markdown.
    pub text: String,
    /// What was promised, and whether it holds.
    pub targets: Vec<Target>,
    /// What makes the benchmark fail.
    pub failures: Vec<String>,
}

/// A promise.
#[derive(Clone, Debug)]
pub struct Target {
    /// What is done.
    pub work: String,
    /// What this library takes, with its unit.
    pub ours: String,
    /// The limit.
    pub limit: String,
    /// The fastest peer.
    pub peer: String,
    /// What was promised.
    pub promise: String,
    /// What it is.
    pub found: String,
    /// Whether that keeps the promise.
    pub met: bool,
}

/// The promises, as a table.
#[must_use]
pub fn targets(targets: &[Target]) -> String {
    let rows = targets.iter().map(|target| {
        let Target { work, ours, limit, peer, promise, found, met } = target;
        let met = if *met { "met" } else { "**missed**" };
        [work, ours, limit, peer, promise, found].map(Clone::clone).into_iter().chain([met.to_owned()]).collect()
    });
    let head = ["work", "orchq-metrics", "limit", "fastest peer", "target", "found", ""];
    table(&head.map(str::to_owned), &rows.collect::<Vec<_>>())
}

/// A table with its columns aligned, for readers of the file itself.
#[must_use]
pub fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| &row[column]).chain([&head[column]]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default().max(3)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let mut line = String::from("|");
        for (cell, width) in cells.iter().zip(&widths) {
            write!(line, " {cell:<width$} |").expect("writing to a string does not fail");
        }
        line + "\n"
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    line(head) + &line(&rule) + &rows.iter().map(|row| line(row)).collect::<String>()
}

/// A report in which the sections of a newer one replace those of the same title. Of the targets, those replace the
/// ones for the same work.
#[must_use]
pub fn update(report: &str, newer: &str) -> String {
    let title = |section: &str| section.lines().next().unwrap_or_default().to_owned();
    let sections = |text: &str| -> Vec<String> { text.split("\n## ").map(|part| part.trim_end().to_owned()).collect() };
    let mut all = sections(report);
    for section in sections(newer) {
        match all.iter_mut().find(|known| title(known) == title(&section)) {
            Some(known) if title(known) == TARGETS => *known = update_rows(known, &section),
            Some(known) => *known = section,
            None => all.push(section),
        }
    }
    all.join("\n\n## ") + "\n"
}

/// The title of the promises.
pub const TARGETS: &str = "Targets";

/// A section of one table, in which newer rows replace those with the same first cell.
fn update_rows(section: &str, newer: &str) -> String {
    let rows = |text: &str| -> Vec<Vec<String>> {
        let cells = |line: &str| line.trim_matches('|').split(" |").map(|cell| cell.trim().to_owned()).collect();
        text.lines().filter(|line| line.starts_with("| ")).map(cells).collect()
    };
    let (mut known, newer) = (rows(section), rows(newer));
    let head = known.remove(0);
    let same = |row: &[String]| newer[2..].iter().any(|other| other[0] == row[0]);
    let at = known.iter().position(|row| same(row)).unwrap_or(known.len());
    known.retain(|row| !same(row) && !row[0].starts_with("---"));
    let at = at.saturating_sub(1).min(known.len());
    known.splice(at..at, newer[2..].to_vec());
    format!("{TARGETS}\n\n{}", table(&head, &known).trim_end())
}

/// A matrix: one row for each form of each candidate, one column for each work.
#[must_use]
pub fn matrix(columns: &[(String, Results)], unit: f64) -> String {
    let mut forms: Vec<(&str, &str)> = Vec::new();
    for Took { candidate, form, .. } in columns.iter().flat_map(|(_, results)| &results.took) {
        if !forms.contains(&(candidate, form)) {
            forms.push((candidate, form));
        }
    }
    // The sort is stable, so that a candidate's forms stay in the order in which it gives them.
    forms.sort_by_key(|(candidate, _)| contest::names().iter().position(|name| name == candidate));
    let head: Vec<String> =
        ["", "form"].map(str::to_owned).into_iter().chain(columns.iter().map(|(title, _)| title.clone())).collect();
    let rows: Vec<Vec<String>> = forms
        .iter()
        .map(|(candidate, form)| {
            let cells = columns.iter().map(|(_, results)| {
                let took = results.took.iter().find(|took| took.candidate == *candidate && took.form == *form);
                took.map_or_else(|| "–".to_owned(), |took| cell(took.ns, results.limit(), unit))
            });
            [(*candidate).to_owned(), (*form).to_owned()].into_iter().chain(cells).collect()
        })
        .collect();
    table(&head, &rows)
}

/// A figure with its ratio to the limit.
fn cell(ns: f64, limit: f64, unit: f64) -> String {
    format!("{} ({}x)", figure(ns / unit), figure(ns / limit))
}

/// Three digits, at most two of them after the point.
#[must_use]
pub fn figure(value: f64) -> String {
    match value {
        _ if value >= 100.0 => format!("{value:.0}"),
        _ if value >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A number with its thousands apart.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_readers() {
        assert_eq!([7, 100, 1_000, 1_000_000].map(grouped), ["7", "100", "1,000", "1,000,000"]);
        assert_eq!([0.123, 9.876, 12.34, 1234.5].map(figure), ["0.12", "9.88", "12.3", "1234"]);
    }

    #[test]
    fn a_newer_report_replaces_what_it_has() {
        let report = |machine: &str, rows: &[[&str; 2]], sections: &str| {
            let rows: Vec<Vec<String>> = rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
            let head = ["work", "found"].map(str::to_owned);
            format!("# What\n\n{machine}\n\n## Targets\n\n{}\n{sections}", table(&head, &rows))
        };
        let before = report("one", &[["a", "1"], ["b", "2"], ["b", "3"], ["c", "4"]], "## A\n\nx\n\n## B\n\ny\n");
        let newer = report("two", &[["b", "20"], ["b", "30"]], "## B\n\nz\n\n## C\n\nnew\n");
        let rows = [["a", "1"], ["b", "20"], ["b", "30"], ["c", "4"]];
        let after = report("two", &rows, "## A\n\nx\n\n## B\n\nz\n\n## C\n\nnew\n");
        assert_eq!(update(&before, &newer), after);
    }

    #[test]
    fn columns_are_aligned() {
        let head = ["a", "b"].map(str::to_owned);
        let rows = [vec!["µs".to_owned(), "long".to_owned()]];
        assert_eq!(table(&head, &rows), "| a   | b    |\n| --- | ---- |\n| µs  | long |\n");
    }
}
