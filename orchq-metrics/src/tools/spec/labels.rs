//! The labels of a `labels:` line, with what stands in parentheses behind each.

use super::piece::Piece;

/// A label as the document has it.
pub(super) struct Label<'a> {
    pub(super) name: Piece<'a>,
    /// Its values, where they are listed.
    pub(super) values: Option<Values<'a>>,
    /// Whether words such as `(where applicable)` stand behind it.
    pub(super) remark: bool,
}

/// Values as the document lists them.
pub(super) struct Values<'a> {
    pub(super) all: Piece<'a>,
    pub(super) each: Vec<Piece<'a>>,
}

/// The labels, and what could not be read.
pub(super) fn read<'a>(lines: &[Piece<'a>]) -> (Vec<Label<'a>>, Vec<Piece<'a>>) {
    let (mut labels, mut unread) = (Vec::new(), Vec::new());
    let parts = lines.iter().flat_map(|line| line.split_outside(|char| char == ','));
    for part in parts.filter(|part| !part.is_empty()) {
        match label(part) {
            Some(label) => labels.push(label),
            None if is_none(part) => {}
            None => unread.push(part),
        }
    }
    (labels, unread)
}

/// How a document says that there is nothing.
fn is_none(part: Piece<'_>) -> bool {
    matches!(part.as_str(), "-" | "\u{2013}" | "\u{2014}" | "(none)")
}

fn label(part: Piece<'_>) -> Option<Label<'_>> {
    let (name, behind) = match part.split_once('(') {
        None => (part, None),
        Some((name, behind)) => {
            (name, Some(behind.as_str().rfind(')').map(|end| (behind.part(0..end), behind.from(end + 1)))?))
        }
    };
    let name = name.plain();
    if !is_name(name.as_str()) || behind.is_some_and(|(_, rest)| !rest.plain().is_empty()) {
        return None;
    }
    let values = behind.and_then(|(inside, _)| values(inside));
    let remark = behind.is_some() && values.is_none();
    Some(Label { name, values, remark })
}

/// The values in a text of alternatives, which are words; other words are a remark.
pub(super) fn values(inside: Piece<'_>) -> Option<Values<'_>> {
    let all = inside.trim();
    let mut each = all.split_outside(|char| char == '|');
    let alternatives = each.len() > 1;
    if !alternatives {
        each = all.split_outside(|char| char == ',');
    }
    let is_word = |it: &Piece<'_>| it.is_code() || !it.is_empty() && !it.as_str().contains(char::is_whitespace);
    let all_words = each.iter().all(is_word);
    let each: Vec<_> = each.into_iter().map(Piece::value).collect();
    (alternatives || all_words).then_some(Values { all, each })
}

/// Whether it could be a name of a metric or a label.
pub(super) fn is_name(text: &str) -> bool {
    let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | ':');
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && text.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each label as `name`, `name=a|b` or `name?`, and what is left over.
    fn read_line(line: &str) -> (Vec<String>, Vec<&str>) {
        let (labels, unread) = read(&[Piece::line(1, line)]);
        let label = |label: &Label<'_>| {
            let values = label.values.as_ref().map(|it| it.each.iter().map(|value| value.as_str()).collect::<Vec<_>>());
            let values = values.map(|values| format!("={}", values.join("|"))).unwrap_or_default();
            format!("{}{values}{}", label.name.as_str(), if label.remark { "?" } else { "" })
        };
        (labels.iter().map(label).collect(), unread.into_iter().map(Piece::as_str).collect())
    }

    #[test]
    fn labels_are_between_commas_outside_parentheses() {
        let read = |line| read_line(line).0;
        assert_eq!(read("engine, `pool_id`,replica_id,"), ["engine", "pool_id", "replica_id"]);
        assert_eq!(read("reason (A|B | c-d), engine (x, y)"), ["reason=A|B|c-d", "engine=x|y"]);
        assert_eq!(read("replica_id (where applicable), one (only)"), ["replica_id?", "one=only"]);
        assert_eq!(read(" - "), Vec::<String>::new());
        assert_eq!(read("a (b (c)|d)"), ["a=b (c)|d"]);
    }

    #[test]
    fn what_is_no_label_is_left_over() {
        for line in ["pool id", "engine (a|b", "engine (a|b) too", "(a|b)", "9th"] {
            assert_eq!(read_line(line), (Vec::new(), vec![line]), "{line}");
        }
    }
}
