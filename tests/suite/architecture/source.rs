//! Which file of a crate takes names from which other file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A module without its tests, in a file of its own or inside another's.
#[derive(Default)]
struct Module {
    file: String,
    children: BTreeSet<String>,
    imports: Vec<Import>,
    /// Paths outside of `use`.
    paths: Vec<Vec<String>>,
    /// Every other word, to see whether a re-exported name is used here too.
    words: BTreeSet<String>,
}

struct Import {
    path: Vec<String>,
    /// The name that it has here; none for `*` and inside of functions.
    name: Option<String>,
    is_public: bool,
}

/// A crate's modules by their paths.
pub(super) struct Source {
    modules: BTreeMap<Vec<String>, Module>,
}

/// From one file to another, and the path that says so.
pub(super) struct Arrow {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) path: String,
}

impl Source {
    /// Reads the crate whose root is `root`; files are named relative to `folder`.
    pub(super) fn read(folder: &Path, root: &str) -> Self {
        let mut reader = Reader { folder, source: Self { modules: BTreeMap::new() } };
        let children = folder.join(root).parent().expect("a file is in a folder").to_owned();
        reader.file(Vec::new(), &folder.join(root), &children);
        reader.source
    }

    pub(super) fn files(&self) -> BTreeSet<&str> {
        self.modules.values().map(|module| module.file.as_str()).collect()
    }

    /// The names that files take from each other. A name that a module only passes on is taken from where it is
    /// defined.
    pub(super) fn arrows(&self) -> Vec<Arrow> {
        let mut arrows = Vec::new();
        // An inner module may use a name that the file imports around it, through `super::*`.
        let mut words: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for module in self.modules.values() {
            words.entry(&module.file).or_default().extend(module.words.iter().map(String::as_str));
        }
        for (at, module) in &self.modules {
            let words = &words[module.file.as_str()];
            let is_used = |import: &&Import| {
                !import.is_public || import.name.as_ref().is_none_or(|name| words.contains(name.as_str()))
            };
            let imports = module.imports.iter().filter(is_used).map(|import| &import.path);
            for path in imports.chain(&module.paths) {
                let Some(to) = self.file_of(at, path, 0).filter(|to| *to != module.file) else { continue };
                arrows.push(Arrow { from: module.file.clone(), to: to.to_owned(), path: path.join("::") });
            }
        }
        arrows
    }

    /// Names that are imported from the crate's root and are not modules.
    pub(super) fn taken_from_the_root(&self) -> Vec<(&str, String)> {
        let root = &self.modules[&Vec::new()];
        let mut taken = Vec::new();
        for module in self.modules.values().filter(|module| module.file != root.file) {
            for path in module.imports.iter().map(|import| &import.path).chain(&module.paths) {
                if path[0] == "crate" && path.get(1).is_some_and(|name| !self.modules.contains_key(&vec![name.clone()]))
                {
                    taken.push((module.file.as_str(), path.join("::")));
                }
            }
        }
        taken
    }

    /// The file that defines what `path` names in the module `at`.
    fn file_of(&self, at: &[String], path: &[String], depth: usize) -> Option<&str> {
        let mut place = at.to_vec();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => (place, rest) = (Vec::new(), &path[1..]),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|word| word == "super") {
                    place.pop()?;
                    rest = &rest[1..];
                }
            }
            child => drop(self.modules.get(at)?.children.get(child)?),
        }
        while let Some((name, after)) = rest.split_first() {
            let module = self.modules.get(&place)?;
            if module.children.contains(name) {
                place.push(name.clone());
                rest = after;
                continue;
            }
            let import = module.imports.iter().find(|import| import.name.as_ref() == Some(name));
            let Some(import) = import.filter(|_| depth < 9) else { break };
            let whole = [import.path.as_slice(), after].concat();
            // A name of another crate is taken from the module that passes it on.
            return self.file_of(&place, &whole, depth + 1).or(Some(&module.file));
        }
        self.modules.get(&place).map(|module| module.file.as_str())
    }
}

struct Reader<'a> {
    folder: &'a Path,
    source: Source,
}

impl Reader<'_> {
    fn file(&mut self, path: Vec<String>, file: &Path, children: &Path) {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = file.strip_prefix(self.folder).expect("it is inside").to_str().expect("UTF-8").to_owned();
        self.module(path, &name, tokens, children);
    }

    fn module(&mut self, path: Vec<String>, file: &str, tokens: TokenStream, folder: &Path) {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        let mut attributes = String::new();
        while let Some(token) = rest.first() {
            if let [TokenTree::Punct(hash), TokenTree::Punct(not), TokenTree::Group(_), after @ ..] = rest
                && (hash.as_char(), not.as_char()) == ('#', '!')
            {
                rest = after;
                continue;
            }
            if let [TokenTree::Punct(hash), TokenTree::Group(group), ..] = rest
                && hash.as_char() == '#'
                && group.delimiter() == Delimiter::Bracket
            {
                attributes += &group.stream().to_string();
                attributes.push('\n');
                rest = &rest[2..];
                continue;
            }
            let item = item(rest);
            rest = &rest[item.len()..];
            let attributes = std::mem::take(&mut attributes);
            if attributes.lines().any(|line| line.starts_with("cfg (test)") || line.starts_with("cfg (all (test")) {
                continue;
            }
            if let Ok(tokens) = attributes.parse::<TokenStream>() {
                module.read(&tokens.into_iter().collect::<Vec<_>>(), false, false);
            }
            match module_of(item) {
                Some((name, None)) => {
                    module.children.insert(name.clone());
                    let renamed = attributes.lines().find_map(|line| line.strip_prefix("path = \"")?.strip_suffix('"'));
                    let (file, children) = files(folder, &name, renamed);
                    self.file([path.as_slice(), &[name]].concat(), &file, &children);
                }
                Some((name, Some(body))) => {
                    module.children.insert(name.clone());
                    let folder = folder.join(&name);
                    self.module([path.as_slice(), &[name]].concat(), file, body, &folder);
                }
                None => module.read(item, matches!(token, TokenTree::Ident(word) if word == "pub"), true),
            }
        }
        // Paths that begin with none of these words are names of other crates, or of what was imported.
        let children = &module.children;
        module
            .paths
            .retain(|path| ["crate", "self", "super"].contains(&path[0].as_str()) || children.contains(&path[0]));
        self.source.modules.insert(path, module);
    }
}

/// The file of a child module, and the folder of its own children.
fn files(folder: &Path, name: &str, renamed: Option<&str>) -> (PathBuf, PathBuf) {
    let children = folder.join(name);
    let candidates = [renamed.map(|path| folder.join(path)), Some(folder.join(format!("{name}.rs")))];
    let file = candidates.into_iter().flatten().find(|file| file.exists());
    (file.unwrap_or_else(|| children.join("mod.rs")), children)
}

/// The tokens up to the end of an item: a semicolon, or a group in braces.
fn item(tokens: &[TokenTree]) -> &[TokenTree] {
    let is_import = tokens.iter().take(3).any(|token| matches!(token, TokenTree::Ident(word) if word == "use"));
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => !is_import && group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    let length = tokens.iter().position(ends).map_or(tokens.len(), |end| end + 1);
    &tokens[..length]
}

/// The name of the module that an item is, and its body where it has one here.
fn module_of(item: &[TokenTree]) -> Option<(String, Option<TokenStream>)> {
    let at = item.iter().take(3).position(|token| matches!(token, TokenTree::Ident(word) if word == "mod"))?;
    match &item[at + 1..] {
        [TokenTree::Ident(name), TokenTree::Group(body)] => Some((name.to_string(), Some(body.stream()))),
        [TokenTree::Ident(name), TokenTree::Punct(_)] => Some((name.to_string(), None)),
        _ => None,
    }
}

impl Module {
    /// Collects imports, paths and words.
    fn read(&mut self, tokens: &[TokenTree], is_public: bool, is_item: bool) {
        let mut rest = tokens;
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            match token {
                TokenTree::Ident(word) if word == "use" && matches!(after.first(), Some(TokenTree::Ident(_))) => {
                    let length = after.iter().position(is_semicolon).unwrap_or(after.len());
                    self.import(&after[..length], &[], is_public, is_item);
                    rest = &after[length..];
                }
                // What a macro generates names `$crate::private`, wherever the macro is defined.
                TokenTree::Punct(punct) if punct.as_char() == '$' => {
                    rest = rest.get(1..).unwrap_or_default();
                    while let Some((_, after)) = next_name(rest) {
                        rest = after;
                    }
                }
                TokenTree::Ident(word) => {
                    let mut path = vec![word.to_string()];
                    while let Some((name, after)) = next_name(rest) {
                        path.push(name);
                        rest = after;
                    }
                    self.words.insert(path[0].clone());
                    // Exported macros are in the crate's root, wherever they are defined.
                    let is_macro = matches!(rest.first(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
                    if path.len() > 1 && !is_macro {
                        self.paths.push(path);
                    }
                }
                TokenTree::Group(group) => {
                    let tokens: Vec<_> = group.stream().into_iter().collect();
                    // `pub(in path)` takes nothing from there.
                    if !matches!(tokens.first(), Some(TokenTree::Ident(word)) if word == "in") {
                        self.read(&tokens, false, false);
                    }
                }
                _ => {}
            }
        }
    }

    fn import(&mut self, tokens: &[TokenTree], before: &[String], is_public: bool, is_item: bool) {
        let mut path = before.to_vec();
        let mut rest = tokens;
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            match token {
                TokenTree::Ident(word) if word == "as" => break,
                TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) => {
                    let tokens: Vec<_> = group.stream().into_iter().collect();
                    for part in tokens.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','))
                    {
                        if !part.is_empty() {
                            self.import(part, &path, is_public, is_item);
                        }
                    }
                    return;
                }
                TokenTree::Punct(punct) if punct.as_char() == '*' => {
                    self.imports.push(Import { path, name: None, is_public });
                    return;
                }
                _ => {}
            }
        }
        let renamed = matches!(rest.first(), Some(TokenTree::Ident(_))).then(|| rest[0].to_string());
        let name = renamed.or_else(|| path.last().cloned()).filter(|_| is_item);
        self.imports.push(Import { path, name, is_public });
    }
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

/// The name after `::`.
fn next_name(tokens: &[TokenTree]) -> Option<(String, &[TokenTree])> {
    match tokens {
        [TokenTree::Punct(first), TokenTree::Punct(second), TokenTree::Ident(name), rest @ ..]
            if first.as_char() == ':' && first.spacing() == Spacing::Joint && second.as_char() == ':' =>
        {
            Some((name.to_string(), rest))
        }
        _ => None,
    }
}
