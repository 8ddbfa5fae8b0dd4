//! The lists of a Markdown document: which item is within which, under which heading.

use super::piece::Piece;

/// An item of a list.
pub(super) struct Item<'a> {
    /// What stands behind the marker, and the lines that go on with it.
    pub(super) text: Vec<Piece<'a>>,
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<usize>,
    /// The heading above it.
    pub(super) section: Option<Piece<'a>>,
    indent: usize,
    /// The column in which its text begins.
    content: usize,
}

impl<'a> Item<'a> {
    /// The line with the marker.
    pub(super) fn first(&self) -> Piece<'a> {
        self.text.first().copied().unwrap_or_else(|| Piece::line(0, ""))
    }
}

/// What a document consists of, as far as a contract is written in it.
#[derive(Default)]
pub(super) struct Lists<'a> {
    /// In the order of the document, each after the item that it is within.
    pub(super) items: Vec<Item<'a>>,
    /// Every other line of text.
    pub(super) prose: Vec<Piece<'a>>,
}

/// Takes a document apart. Code in fences and comments are not part of it. `is_field` says of
/// an item that it is one of several beside each other, and not the head of a list.
pub(super) fn read<'a>(text: &'a str, is_field: fn(Piece<'a>) -> bool) -> Lists<'a> {
    let mut reader = Reader { lists: Lists::default(), open: Vec::new(), section: None, after_blank: true, is_field };
    let mut skipped = Skipped::Nothing;
    // A byte order mark is not part of the first line.
    for (index, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
        if !skipped.goes_on(line) {
            reader.line(Piece::line(index + 1, line));
        }
    }
    reader.lists
}

/// What of the document is left out at a line.
enum Skipped {
    Nothing,
    /// A fence of this character, this long.
    Code(char, usize),
    Comment,
}

impl Skipped {
    /// Whether this line is left out, and with it what comes after.
    fn goes_on(&mut self, line: &str) -> bool {
        let text = line.trim();
        match self {
            Self::Nothing => {
                if let Some((char, length)) = fence(text) {
                    *self = Self::Code(char, length);
                } else if text.starts_with("<!--") {
                    if !text.contains("-->") {
                        *self = Self::Comment;
                    }
                } else {
                    return false;
                }
            }
            Self::Code(char, length) => {
                let closing = text.trim_end_matches(*char).is_empty() && text.chars().count() >= *length;
                if closing {
                    *self = Self::Nothing;
                }
            }
            Self::Comment => {
                if text.contains("-->") {
                    *self = Self::Nothing;
                }
            }
        }
        true
    }
}

fn fence(text: &str) -> Option<(char, usize)> {
    let char = text.chars().next().filter(|char| matches!(char, '`' | '~'))?;
    let length = text.chars().take_while(|next| *next == char).count();
    // Between backticks on one line is code within a sentence.
    let info = text.trim_start_matches(char);
    (length >= 3 && !(char == '`' && info.contains('`'))).then_some((char, length))
}

struct Reader<'a> {
    lists: Lists<'a>,
    /// The items that the next line may belong to, each within the one before.
    open: Vec<usize>,
    section: Option<Piece<'a>>,
    after_blank: bool,
    is_field: fn(Piece<'a>) -> bool,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: Piece<'a>) {
        let text = line.trim();
        if text.is_empty() {
            self.after_blank = true;
            return;
        }
        let indent = indent(line);
        if let Some(heading) = heading(text) {
            self.open.clear();
            self.section = Some(heading);
        } else if is_break(text.as_str()) {
            self.open.clear();
        } else if let Some((width, content)) = marker(text) {
            self.item(content, indent, indent + width);
        } else {
            self.paragraph(text, indent);
        }
        self.after_blank = false;
    }

    fn item(&mut self, text: Piece<'a>, indent: usize, content: usize) {
        while let Some(last) = self.open.last().and_then(|index| self.lists.items.get(*index)) {
            // Fields stand beside each other even where one is set in a little.
            let least = if (self.is_field)(last.first()) { last.content } else { last.indent + 1 };
            if indent >= least {
                break;
            }
            self.open.pop();
        }
        let (parent, index) = (self.open.last().copied(), self.lists.items.len());
        if let Some(parent) = parent.and_then(|parent| self.lists.items.get_mut(parent)) {
            parent.children.push(index);
        }
        let section = self.section;
        self.lists.items.push(Item { text: vec![text], parent, children: Vec::new(), section, indent, content });
        self.open.push(index);
    }

    fn paragraph(&mut self, text: Piece<'a>, indent: usize) {
        if self.after_blank && indent == 0 {
            self.open.clear();
        }
        match self.open.last().and_then(|index| self.lists.items.get_mut(*index)) {
            Some(item) => item.text.push(text),
            None => self.lists.prose.push(text),
        }
    }
}

/// The column in which the text of a line begins; a tab goes to the next fourth.
fn indent(line: Piece<'_>) -> usize {
    let space = line.as_str().chars().take_while(|char| char.is_whitespace());
    space.fold(0, |column, char| if char == '\t' { (column / 4 + 1) * 4 } else { column + 1 })
}

fn heading(text: Piece<'_>) -> Option<Piece<'_>> {
    let level = text.as_str().bytes().take_while(|byte| *byte == b'#').count();
    let title = text.from(level);
    let is_heading = (1..=6).contains(&level) && title.as_str().starts_with(char::is_whitespace);
    is_heading.then(|| closed(title.trim()))
}

/// A title without the number signs that may close it, which stand apart.
fn closed(title: Piece<'_>) -> Piece<'_> {
    let text = title.as_str();
    let stem = text.trim_end_matches('#');
    if stem.is_empty() || stem.ends_with(char::is_whitespace) { title.part(0..stem.len()).trim() } else { title }
}

/// A line across the page, which may look like an item.
fn is_break(text: &str) -> bool {
    let mut marks = text.chars().filter(|char| !char.is_whitespace());
    let Some(first) = marks.next().filter(|char| matches!(char, '-' | '*' | '_')) else { return false };
    let mut others = 0;
    marks.all(|char| {
        others += 1;
        char == first
    }) && others >= 2
}

/// How wide an item's marker is, and what comes after it.
fn marker(text: Piece<'_>) -> Option<(usize, Piece<'_>)> {
    let line = text.as_str();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let sign = match line.get(digits..)?.chars().next()? {
        '-' | '*' | '+' if digits == 0 => 1,
        '.' | ')' if (1..=9).contains(&digits) => digits + 1,
        _ => return None,
    };
    let rest = text.from(sign);
    let is_item = rest.is_empty() || rest.as_str().starts_with(char::is_whitespace);
    is_item.then(|| (sign + 1, rest.trim()))
}
