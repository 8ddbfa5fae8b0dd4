//! The families of a source, with the metadata of each. Their samples are not kept.

use std::collections::HashMap;

use crate::report::finding::Location;
use crate::tools::scrape::{FamilyType, Format, owner};

/// How many families of a source are kept; those past it are not checked.
pub(super) const MAX_FAMILIES: usize = 1 << 16;

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
    /// Its name in its `# TYPE`, or else where it is first.
    pub(super) location: Location,
    /// Whether lines of another family followed its own.
    pub(super) closed: bool,
    /// The contract's metric, as its index there, once the first sample settles the type.
    pub(super) expectation: Option<usize>,
    /// The first labels whose names promlint may reject.
    pub(super) le: Option<Location>,
    pub(super) quantile: Option<Location>,
    pub(super) camel_case: Option<Location>,
    pub(super) quoted_reported: bool,
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
            expectation: None,
            le: None,
            quantile: None,
            camel_case: None,
            quoted_reported: false,
        }
    }

    pub(super) fn family_type(&self) -> FamilyType {
        self.declared.unwrap_or(FamilyType::Untyped)
    }

    /// Its name as consumers know it: OpenMetrics declares a counter without `_total`.
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
    pub(super) all: Vec<Family>,
    by_name: HashMap<String, usize>,
    /// The family that is being read.
    pub(super) current: Option<usize>,
    /// The last few names of samples with their families: a histogram has three.
    last: [SampleName; 4],
    oldest: usize,
}

/// A sample's name, with its family and suffix.
#[derive(Debug, Default)]
struct SampleName {
    name: String,
    owner: Option<(usize, &'static str)>,
}

impl Families {
    /// Forgets the families of samples, because a type became known.
    pub(super) fn forget_owners(&mut self) {
        self.last.iter_mut().for_each(|last| last.owner = None);
    }

    /// The family of this name; `None` if there are too many.
    pub(super) fn named(&mut self, name: &str, format: Format, location: impl FnOnce() -> Location) -> Option<usize> {
        if let Some(index) = self.by_name.get(name) {
            return Some(*index);
        }
        if self.all.len() >= MAX_FAMILIES {
            return None;
        }
        self.by_name.insert(name.to_owned(), self.all.len());
        self.all.push(Family::new(name, format, location()));
        Some(self.all.len() - 1)
    }

    /// The family that has samples of this name, if that is another one.
    pub(super) fn of_another(&self, name: &str, format: Format) -> Option<&Family> {
        let (family, suffix) = owner(name, format, |name| self.type_of(name));
        self.find(family).filter(|_| !suffix.is_empty())
    }

    /// The family of this name, if it has a line.
    pub(super) fn find(&self, name: &str) -> Option<&Family> {
        self.all.get(*self.by_name.get(name)?)
    }

    /// The family that a sample belongs to, with the sample's suffix.
    #[inline]
    pub(super) fn of_sample(
        &mut self,
        name: &str,
        format: Format,
        location: impl FnOnce() -> Location,
    ) -> Option<(usize, &'static str)> {
        if let Some(last) = self.last.iter().find(|last| last.owner.is_some() && last.name == name) {
            return last.owner;
        }
        let (family, suffix) = owner(name, format, |name| self.type_of(name));
        let owner = Some((self.named(family, format, location)?, suffix));
        if let Some(last) = self.last.get_mut(self.oldest) {
            last.name.clear();
            last.name.push_str(name);
            last.owner = owner;
        }
        self.oldest = (self.oldest + 1) % self.last.len();
        owner
    }

    fn type_of(&self, name: &str) -> Option<FamilyType> {
        self.find(name).map(Family::family_type)
    }

    /// Continues with another family's lines; returns whether others are between them and earlier ones.
    pub(super) fn enter(&mut self, index: usize) -> bool {
        if let Some(left) = self.current.and_then(|left| self.all.get_mut(left)) {
            left.closed = true;
        }
        self.current = Some(index);
        self.all.get(index).is_some_and(|family| family.closed)
    }
}
