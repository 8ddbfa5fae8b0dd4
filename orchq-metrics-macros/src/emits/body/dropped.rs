//! Which struct literals are built and dropped, as far as tokens show it: `m { .. };`, `let _ = m { .. };` and the
//! like. Where tokens do not decide, a literal is used.

#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::ops::Range;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::ends::{End, end_of_argument};
use super::grammar::{
    Part, Shape, after_braces, attribute, braces, is_assignment, is_declaration, is_opener, kept, parts, path_before,
};
use super::macros::{Input, macro_name, macro_start};
use super::names::{LastUses, bound_names, is_underscores};

/// What the tokens of a group are, and what happens to the value that they make.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Level {
    /// Statements, or the arms of a `match`.
    Code(End),
    /// One value, or several between commas.
    Values(End),
    /// A pattern, a declaration, or the input of a macro, which may do anything with it.
    Unknown,
}

impl Level {
    /// The level of a literal's fields.
    pub(super) fn inside_literal(self) -> Self {
        if self == Self::Unknown { self } else { Self::Values(End::Used) }
    }

    /// How the literal with these braces is dropped, if it is.
    pub(super) fn end_of_literal(self) -> Option<End> {
        match self {
            Self::Values(end) if end != End::Used => Some(end),
            _ => None,
        }
    }
}

/// The level of each group among `tokens`. For the braces of a struct literal, it says whether the literal is
/// dropped.
pub(super) fn levels(tokens: &[TokenTree], start: Part, level: Level) -> Vec<Level> {
    let unknown = vec![Level::Unknown; tokens.len()];
    if level == Level::Unknown {
        return unknown;
    }
    let mut list = List { tokens, parts: parts(tokens, start), levels: unknown, last_uses: OnceCell::new() };
    for index in 0..tokens.len() {
        list.levels[index] = list.plain(index);
    }
    match level {
        Level::Code(end) if Shape::new(tokens) == Shape::Arms => list.arms(end),
        Level::Code(end) => list.statements(end),
        Level::Values(End::Used) | Level::Unknown => {}
        Level::Values(end) => list.values(end),
    }
    list.heads();
    list.levels
}

/// The tokens of one group.
struct List<'t> {
    tokens: &'t [TokenTree],
    parts: Vec<Part>,
    levels: Vec<Level>,
    last_uses: OnceCell<LastUses>,
}

impl List<'_> {
    /// The level of a group, whatever happens to its value.
    fn plain(&self, index: usize) -> Level {
        let TokenTree::Group(group) = &self.tokens[index] else { return Level::Unknown };
        let before = &self.tokens[..index];
        let is_attribute = matches!(before, [.., TokenTree::Punct(hash)] if hash.as_char() == '#');
        if is_attribute || matches!(self.parts[index], Part::Pattern { .. } | Part::Header { holds_code: false }) {
            return Level::Unknown;
        }
        if let Some(name) = macro_name(before) {
            return match Input::new(&name) {
                Input::Code => Level::Code(End::Used),
                Input::Values => Level::Values(End::Used),
                Input::Unknown => Level::Unknown,
            };
        }
        match group.delimiter() {
            Delimiter::Brace if self.is_literal(index) => Level::Values(End::Used),
            Delimiter::Brace => Level::Code(End::Used),
            Delimiter::Parenthesis => Level::Values(end_of_argument(before)),
            Delimiter::Bracket | Delimiter::None => Level::Values(End::Used),
        }
    }

    fn is_literal(&self, index: usize) -> bool {
        let Some((path, before)) = path_before(&self.tokens[..index]) else { return false };
        let keyword = matches!(path.as_slice(), [TokenTree::Ident(word)] if is_opener(word));
        self.parts[index] == Part::Expression && !keyword && !is_declaration(before)
    }

    fn statements(&mut self, value: End) {
        let mut start = 0;
        while start < self.tokens.len() {
            while attribute(&self.tokens[start..]).is_some() {
                start += 2;
            }
            let end = self.statement_end(start);
            let ended = self.is(end, ';');
            match (self.word(start).as_str(), ended) {
                ("let", true) => self.binding(start + 1, end),
                (_, true) => self.statement(start..end),
                (_, false) if end == self.tokens.len() => self.end_value(start..end, value),
                _ => {}
            }
            start = end + usize::from(ended);
        }
    }

    /// The index of the `;` that ends a statement, or behind the braces that do.
    fn statement_end(&self, start: usize) -> usize {
        let ends_at_braces = self.begins_with_block(start);
        for index in start..self.tokens.len() {
            if self.is(index, ';') {
                return index;
            }
            if !self.is_block(index) {
                continue;
            }
            let is_macro = macro_start(&self.tokens[..index]) == Some(start);
            let after = &self.tokens[index + 1..];
            if (ends_at_braces || is_macro) && !Shape::Statements.continues_behind_braces(after) {
                return index + 1;
            }
        }
        self.tokens.len()
    }

    fn begins_with_block(&self, start: usize) -> bool {
        match self.tokens.get(start) {
            Some(TokenTree::Ident(word)) => match word.to_string().as_str() {
                "async" => self.word(start + 1) == "fn",
                word => BLOCKS.contains(&word),
            },
            // Of a label.
            Some(TokenTree::Punct(punct)) => punct.as_char() == '\'',
            Some(group) => braces(group).is_some(),
            None => false,
        }
    }

    /// Whether the token is the braces of a block or of an item, and not of a pattern or within a head.
    fn is_block(&self, index: usize) -> bool {
        let Some(token) = self.tokens.get(index) else { return false };
        braces(token).is_some()
            && match self.parts[index] {
                Part::Expression | Part::Header { .. } => true,
                Part::Head => after_braces(Part::Head, &self.tokens[..index]) == Part::Expression,
                Part::Pattern { .. } => false,
            }
    }

    /// `let pattern: Type = value`, in which `let` is before `start`.
    fn binding(&mut self, start: usize, end: usize) {
        let Some(assigned) = self.assigned(start..end) else { return };
        let pattern_end = (start..assigned).find(|index| self.is(*index, ':')).unwrap_or(assigned);
        if let Some(value) = self.binds(start..pattern_end, end) {
            self.end_value(assigned + 1..end, value);
        }
    }

    /// An expression, or `_ = value`.
    fn statement(&mut self, range: Range<usize>) {
        let assigned = self.assigned(range.clone()).filter(|index| self.parts[*index] == Part::Expression);
        match assigned {
            Some(assigned) if is_underscores(&self.tokens[range.start..assigned]) => {
                self.end_value(assigned + 1..range.end, End::Dropped);
            }
            Some(_) => {}
            None => self.end_value(range, End::Dropped),
        }
    }

    /// The index of an assignment's `=`.
    fn assigned(&self, mut range: Range<usize>) -> Option<usize> {
        range.find(|index| self.is(*index, '=') && is_assignment(self.tokens, *index))
    }

    /// What happens to a value that is bound to a pattern, if nothing uses it behind `end`.
    fn binds(&self, pattern: Range<usize>, end: usize) -> Option<End> {
        let mut names = Vec::new();
        let simple = bound_names(&self.tokens[pattern], &mut names);
        let last_uses = || self.last_uses.get_or_init(|| LastUses::new(self.tokens));
        let is_unused = simple && names.iter().all(|name| !last_uses().is_used_behind(name, end));
        is_unused.then_some(if names.is_empty() { End::Dropped } else { End::Unused })
    }

    /// `A => value, B => { value }`.
    fn arms(&mut self, value: End) {
        let mut index = 0;
        while let Some(arrow) = (index..self.tokens.len()).find(|index| self.is_arrow(*index)) {
            let start = arrow + 2;
            let shape = Shape::Arms;
            let is_block = self.tokens.get(start).is_some_and(|token| braces(token).is_some());
            let end = if is_block && !shape.continues_behind_braces(&self.tokens[start + 1..]) {
                start + 1
            } else {
                (start..self.tokens.len()).find(|index| self.is(*index, ',')).unwrap_or(self.tokens.len())
            };
            self.end_value(start..end, value);
            index = end;
        }
    }

    /// `value, value`, or `value; length`.
    fn values(&mut self, value: End) {
        let mut start = 0;
        for index in 0..=self.tokens.len() {
            if index == self.tokens.len() || self.is(index, ',') || self.is(index, ';') {
                self.end_value(start..index, value);
                start = index + 1;
            }
        }
    }

    /// `match value { _ => .. }`, `if let _ = value { .. }`.
    fn heads(&mut self) {
        for index in 0..self.tokens.len() {
            let start = index + 1;
            match (self.word(index).as_str(), self.parts[index]) {
                ("match", _) => {
                    let Some(arms) = self.block_behind_head(start) else { continue };
                    if braces(&self.tokens[arms]).is_some_and(|arms| ignores_value(arms.stream())) {
                        self.end_value(start..arms, End::Unused);
                    }
                }
                ("for", _) if matches!(self.parts.get(start), Some(Part::Pattern { .. })) => {
                    let Some(iterated) = (start..self.tokens.len()).find(|index| self.word(*index) == "in") else {
                        continue;
                    };
                    let Some(block) = self.block_behind_head(iterated + 1) else { continue };
                    if self.binds(start..iterated, iterated).is_some() {
                        self.end_value(iterated + 1..block, End::Unused);
                    }
                }
                ("let", Part::Head) => {
                    let Some(block) = self.block_behind_head(start) else { continue };
                    let Some(assigned) = self.assigned(start..block) else { continue };
                    let and = |index: &usize| self.is(*index, '&') && self.is(*index + 1, '&');
                    let end = (assigned + 1..block).find(and).unwrap_or(block);
                    if self.binds(start..assigned, assigned).is_some() {
                        self.end_value(assigned + 1..end, End::Unused);
                    }
                }
                _ => {}
            }
        }
    }

    fn block_behind_head(&self, start: usize) -> Option<usize> {
        (start..self.tokens.len()).find(|index| self.parts[*index] == Part::Head && self.is_block(*index))
    }

    /// Marks the literal that a range consists of, or what else has the range's value.
    fn end_value(&mut self, range: Range<usize>, value: End) {
        let Range { mut start, mut end } = range.clone();
        if value == End::Used {
            return;
        }
        while start < end && (self.is(start, '&') || self.is(start, '*') || self.word(start) == "mut") {
            start += 1;
        }
        while start < end && calls_clone(&self.tokens[start..end]) {
            end -= 3;
        }
        let (whole, is_borrowed) = (end, start > range.start);
        while end >= start + 3 && kept(&self.tokens[end - 3..end]).is_some_and(|method| value.ends(method, is_borrowed))
        {
            end -= 3;
        }
        if end == whole {
            start = self.behind_closure_head(start, end);
        }
        let Some(last) = end.checked_sub(1).filter(|last| *last >= start) else { return };
        let TokenTree::Group(group) = &self.tokens[last] else { return };
        let is_braces = group.delimiter() == Delimiter::Brace;
        let code = Level::Code(value);
        let path = || path_before(&self.tokens[..last]).map(|(_, before)| before.len());
        match (self.word(start).as_str(), last - start) {
            _ if is_braces && self.is_literal(last) && path() == Some(start) => {
                self.levels[last] = Level::Values(value)
            }
            _ if end < whole => {}
            (_, 0) if is_braces => self.levels[last] = code,
            (_, 0) => self.levels[last] = Level::Values(value),
            ("unsafe" | "async", 1) if is_braces => self.levels[last] = code,
            ("async", 2) if is_braces && self.word(start + 1) == "move" => self.levels[last] = code,
            ("vec", 2) if self.is(start + 1, '!') => self.levels[last] = Level::Values(value),
            ("match", _) if self.is_block(last) => self.levels[last] = code,
            ("if", _) if self.is_block(last) => {
                for index in start..end {
                    if self.is_block(index) {
                        self.levels[index] = code;
                    }
                }
            }
            // Behind a label.
            (_, 3) if self.is(start, '\'') && is_braces => self.levels[last] = code,
            _ => {}
        }
    }

    /// Where the value of a closure begins: `|x|` and `move |x|` are before it.
    fn behind_closure_head(&self, start: usize, end: usize) -> usize {
        let bar = start + usize::from(self.word(start) == "move");
        let closing = (bar + 1..end).find(|index| self.is(*index, '|')).filter(|_| self.is(bar, '|'));
        closing.map_or(start, |bar| bar + 1)
    }

    fn is(&self, index: usize, sign: char) -> bool {
        matches!(self.tokens.get(index), Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
    }

    fn is_arrow(&self, index: usize) -> bool {
        self.is(index, '=') && self.is(index + 1, '>')
    }

    /// The word at `index`; empty if there is none.
    fn word(&self, index: usize) -> String {
        match self.tokens.get(index) {
            Some(TokenTree::Ident(word)) => word.to_string(),
            _ => String::new(),
        }
    }
}

/// The words that begin a statement which ends with its braces.
const BLOCKS: [&str; 19] = [
    "if", "match", "loop", "while", "for", "unsafe", "fn", "struct", "enum", "union", "trait", "impl", "mod", "extern",
    "pub", "const", "static", "use", "type",
];

/// `value.clone()`.
fn calls_clone(value: &[TokenTree]) -> bool {
    match value {
        [.., TokenTree::Punct(dot), TokenTree::Ident(method), TokenTree::Group(arguments)] => {
            dot.as_char() == '.' && (method == "clone" || method == "to_owned") && arguments.stream().is_empty()
        }
        _ => false,
    }
}

/// Whether the first arm of a `match` is `_ =>`, or `name =>` of a name that is not used.
fn ignores_value(arms: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = arms.into_iter().collect();
    let [TokenTree::Ident(word), TokenTree::Punct(equals), ..] = tokens.as_slice() else { return false };
    // A constant is compared.
    let is_name = !word.to_string().contains(char::is_uppercase);
    let mut names = Vec::new();
    equals.as_char() == '='
        && is_name
        && bound_names(&tokens[..1], &mut names)
        && names.iter().all(|name| !LastUses::new(&tokens).is_used_behind(name, 0))
}
