//! The families of a source: what each said it is. The families are kept, and their samples are not.

use std::collections::HashMap;

use crate::report::finding::Location;
use crate::tools::scrape::{FamilyType, Format, owner};

/// How many families of a source are kept; those past it are not told apart.
const KEPT: usize = 1 << 16;

/// What is known of a family.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: String,
    pub(super) format: Format,
    /// The type of its `# TYPE`.
    pub(super) declared: Option<FamilyType>,
    pub(super) has_help: bool,
    pub(super) has_unit: bool,
    /// How many samples it has.
    pub(super) samples: usize,
    /// The place of its name: in its `# TYPE`, or where it is first.
    pub(super) location: Location,
    /// Whether lines of another family came behind its own.
    pub(super) closed: bool,
    /// The contract's metric, as its place there, once a sample has shown its type.
    pub(super) promise: Option<usize>,
    /// The first labels of names that promlint has something against.
    pub(super) le: Option<Location>,
    pub(super) quantile: Option<Location>,
    pub(super) camel_case: Option<Location>,
    /// Whether a name in quotes was told of.
    pub(super) quoted_told: bool,
}

impl Family {
    fn new(name: &str, format: Format, location: Location) -> Self {
        Self {
            name: name.to_owned(),
            format,
            declared: None,
            has_help: false,
            has_unit: false,
            samples: 0,
            location,
            closed: false,
            promise: None,
            le: None,
            quantile: None,
            camel_case: None,
            quoted_told: false,
        }
    }

    pub(super) fn family_type(&self) -> FamilyType {
        self.declared.unwrap_or(FamilyType::Untyped)
    }

    /// Its name as consumers know it: OpenMetrics declares a counter without `_total`, which who is wrong does not.
    pub(super) fn full_name(&self) -> String {
        match (self.format, self.family_type()) {
            (Format::OpenMetrics, FamilyType::Counter) if !self.name.ends_with("_total") => {
                [self.name.as_str(), "_total"].concat()
            }
            _ => self.name.clone(),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Families {
    all: Vec<Family>,
    by_name: HashMap<String, usize>,
    /// The family whose lines are being read.
    current: Option<usize>,
    /// The last few names of samples, and what each was found to belong to: a histogram has three.
    last: [Owned; 4],
    oldest: usize,
}

/// A sample's name, and what it belongs to.
#[derive(Debug, Default)]
struct Owned {
    name: String,
    owner: Option<(usize, &'static str)>,
}

impl Families {
    pub(super) fn all(&self) -> &[Family] {
        &self.all
    }

    pub(super) fn get(&self, place: usize) -> Option<&Family> {
        self.all.get(place)
    }

    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Family> {
        self.all.get_mut(place)
    }

    pub(super) fn current(&self) -> Option<usize> {
        self.current
    }

    /// Forgets what names belong to, because a family's type has become known.
    pub(super) fn forget_owners(&mut self) {
        self.last.iter_mut().for_each(|last| last.owner = None);
    }

    /// The family of this name; `None` where there are too many.
    pub(super) fn named(&mut self, name: &str, format: Format, location: impl FnOnce() -> Location) -> Option<usize> {
        if let Some(place) = self.by_name.get(name) {
            return Some(*place);
        }
        if self.all.len() >= KEPT {
            return None;
        }
        self.by_name.insert(name.to_owned(), self.all.len());
        self.all.push(Family::new(name, format, location()));
        Some(self.all.len() - 1)
    }

    /// The family that has samples of this name, where that is another one.
    pub(super) fn of_another(&self, name: &str, format: Format) -> Option<&Family> {
        let declared = |name: &str| self.find(name).and_then(|place| self.all.get(place)).map(Family::family_type);
        let (family, suffix) = owner(name, format, declared);
        self.get(self.find(family)?).filter(|_| !suffix.is_empty())
    }

    /// The place of the family of this name, where it is known.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The family that a sample belongs to, with what its name has behind the family's.
    #[inline]
    pub(super) fn of_sample(
        &mut self,
        name: &str,
        format: Format,
        location: impl FnOnce() -> Location,
    ) -> Option<(usize, &'static str)> {
        match self.last.iter().find(|last| last.owner.is_some() && last.name == name) {
            Some(last) => last.owner,
            None => self.look_up(name, format, location),
        }
    }

    fn look_up(
        &mut self,
        name: &str,
        format: Format,
        location: impl FnOnce() -> Location,
    ) -> Option<(usize, &'static str)> {
        let declared = |name: &str| self.find(name).and_then(|place| self.all.get(place)).map(Family::family_type);
        let (family, suffix) = owner(name, format, declared);
        let place = self.named(family, format, location)?;
        let owner = Some((place, suffix));
        if let Some(last) = self.last.get_mut(self.oldest) {
            last.name.clear();
            last.name.push_str(name);
            last.owner = owner;
        }
        self.oldest = (self.oldest + 1) % self.last.len();
        owner
    }

    /// Goes on to a family's lines; gives whether they are apart from earlier ones.
    pub(super) fn enter(&mut self, place: usize) -> bool {
        if self.current == Some(place) {
            return false;
        }
        if let Some(left) = self.current.and_then(|left| self.all.get_mut(left)) {
            left.closed = true;
        }
        self.current = Some(place);
        self.all.get(place).is_some_and(|family| family.closed)
    }
}
