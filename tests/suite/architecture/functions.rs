//! The functions of a file, by its lines as rustfmt lays them out.

/// The line of each function, and how many lines it has.
pub(super) fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let begins = (0..lines.len()).filter(|at| is_function(lines[*at]));
    begins.map(|at| (at + 1, length(&lines[at..]))).collect()
}

fn is_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_before = |word: &&str| word.starts_with("pub") || ["const", "async", "unsafe", "extern"].contains(word);
    words.find(|word| !is_before(word)) == Some("fn")
}

/// How many lines an item has: up to the brace or the semicolon at the indent of its first line.
fn length(lines: &[&str]) -> usize {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let Some(first) = lines.first() else { return 0 };
    let ends = |line: &&str| indent(line) == indent(first) && (line.ends_with('}') || line.ends_with(';'));
    lines.iter().position(ends).map_or(lines.len(), |end| end + 1)
}

#[test]
fn a_function_is_measured() {
    let text = "\
fn one() {}

pub(crate) const fn four(
    a: u8,
) -> u8 {
}

#[cfg(test)]
mod tests {
    fn two() {
    }
}

trait T {
    fn three(
        a: u8,
    ) -> u8;
    async fn two() {
        fn one() {}
    }
}
";
    assert_eq!(functions(text), [(1, 1), (3, 4), (10, 2), (15, 3), (18, 3), (19, 1)]);
}
