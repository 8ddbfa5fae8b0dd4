//! From the lines of a text to its families and their series, with the rules at each.

use std::collections::BTreeSet;
use std::io::{self, Read};

use super::catalog::{contract, exposition};
use super::families::{Families, Family};
use super::own::Identity;
use super::pairs::{NAME, PAST_BUDGET, Pairs, is_camel_case};
use super::place::Line;
use super::promises::{OWN, Promises};
use super::sample::Seen;
use super::series::SeriesOfFamily;
use super::{Options, compare, histogram, labels, promlint, sample};
use crate::contract::owned::OwnedContract;
use crate::report::Report;
use crate::report::finding::Finding;
use crate::report::nearest::did_you_mean;
use crate::tools::scrape::Format;
use crate::tools::scrape::catalog::not_text;
use crate::tools::scrape::event::{EventKind, Problem, ProblemKind, Sample, Text};
use crate::tools::scrape::parser::Parser;

/// How many lines may be wrong before the first that is right: past it, the text is of another kind.
const MOST_WRONG: usize = 10;

/// Checks the scrapes of one or several processes, one after the other, against one contract: a family is missing
/// where none of them has it.
///
/// ```
/// use orchq_metrics::lint::{Linter, Options};
/// use orchq_metrics::{OwnedContract, v1};
///
/// let contract = OwnedContract::from(&v1::CONTRACT);
/// let mut linter = Linter::new(Some(&contract), &Options::default());
/// linter.read("orchestrator", None, "# TYPE queue_depth gauge\nqueue_depth 1\n".as_bytes())?;
/// linter.read("worker", None, "# TYPE vram_used_bytes gauge\nvram_used_bytes 1\n".as_bytes())?;
/// let report = linter.finish();
/// assert_eq!(report.findings.iter().filter(|finding| finding.rule == "scrape-family-missing").count(), 11);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Linter<'c> {
    pub(super) promises: Option<Promises<'c>>,
    pub(super) report: Report,
    /// The metrics of the contract that have a sample, as their places.
    found: BTreeSet<usize>,
    identity: Identity,
    /// Whether something may be missing because a text was not read to its end.
    unfinished: bool,
    sources: Vec<String>,
    /// Those of the sources that have neither a sample nor anything wrong.
    empty: Vec<String>,
    pairs: Pairs,
    series: SeriesOfFamily,
}

/// What is known of one text.
#[derive(Debug)]
pub(super) struct Source<'s> {
    name: &'s str,
    pub(super) format: Format,
    pub(super) families: Families,
    /// Findings of lines before the first that is right.
    wrong: Vec<Finding>,
    /// Whether a line was right.
    begun: bool,
    /// Whether a line of metadata was.
    has_metadata: bool,
    full_told: bool,
    truncated: bool,
    /// Whether it is no exposition, and not worth reading on.
    of_another_kind: bool,
}

impl<'c> Linter<'c> {
    /// A linter that checks against a contract, or expositions alone. The format is told for each text.
    #[must_use]
    pub fn new(contract: Option<&'c OwnedContract>, options: &Options) -> Self {
        Self {
            promises: contract.map(|contract| Promises::new(contract, &options.prefixes)),
            report: Report::default(),
            found: BTreeSet::new(),
            identity: Identity::default(),
            unfinished: false,
            sources: Vec::new(),
            empty: Vec::new(),
            pairs: Pairs::default(),
            series: SeriesOfFamily::default(),
        }
    }

    /// Checks one text. `source` is what findings call it; without a format, the text's beginning decides.
    ///
    /// # Errors
    ///
    /// When the text cannot be read. That it ends too early is a finding.
    pub fn read(&mut self, source: &str, format: Option<Format>, reader: impl Read) -> io::Result<()> {
        let mut parser = Parser::new(reader, format)?;
        let mut text = Source {
            name: source,
            format: parser.format(),
            families: Families::default(),
            wrong: Vec::new(),
            begun: false,
            has_metadata: false,
            full_told: false,
            truncated: false,
            of_another_kind: false,
        };
        self.sources.push(source.to_owned());
        self.pairs.forget_values();
        let before = self.report.examined;
        while !text.of_another_kind
            && let Some(event) = parser.next()?
        {
            let line = Line { source, number: event.line, text: event.text };
            match event.kind {
                EventKind::Sample(sample) => {
                    self.begin(&mut text);
                    self.sample(&mut text, line, &sample);
                }
                EventKind::Help { name, help } => self.help(&mut text, line, name, help),
                EventKind::Type { name, family_type, .. } => self.family_type(&mut text, line, name, family_type),
                EventKind::Unit { name, unit } => self.unit(&mut text, line, name, unit),
                EventKind::Problem(problem) => self.problem(&mut text, line, &problem),
                _ => {}
            }
        }
        if self.report.examined == before && text.wrong.is_empty() && !text.of_another_kind {
            self.empty.push(source.to_owned());
        }
        if !text.begun
            && !text.has_metadata
            && let Some(finding) = not_text(source, &text.wrong)
        {
            text.wrong = vec![finding];
            self.unfinished = true;
        }
        self.begin(&mut text);
        self.leave(&mut text);
        for family in text.families.all() {
            self.report.extend(promlint::check(family));
        }
        Ok(())
    }

    /// What was found in all texts.
    #[must_use]
    pub fn finish(mut self) -> Report {
        self.identity.finish(&mut self.report);
        // That one text alone is empty is told by what was examined: nothing.
        for source in self.empty.iter().filter(|_| self.sources.len() > 1) {
            self.report.push(exposition::EMPTY.finding(source.as_str(), "the text has no sample"));
        }
        // Of a text that was not read to its end, or has no sample at all, it is not known what is missing.
        if let Some(promises) = self.promises.filter(|_| self.report.examined > 0 && !self.unfinished) {
            let all = promises.contract.metrics.iter().enumerate();
            for (_, metric) in all.filter(|(place, _)| !self.found.contains(place)) {
                let message = format!("no sample of it is in {}", self.sources.join(", "));
                self.report.push(contract::FAMILY_MISSING.finding(metric.name.as_str(), message));
            }
        }
        self.report
    }

    /// A line is right, or there are no more: what was wrong before it is told.
    fn begin(&mut self, text: &mut Source<'_>) {
        if !text.begun {
            text.begun = true;
            self.report.extend(text.wrong.drain(..));
        }
    }

    /// A line that is not of the format. Where none is that comes first, the text is of another kind.
    fn problem(&mut self, text: &mut Source<'_>, line: Line<'_>, problem: &Problem) {
        text.truncated |= problem.kind == ProblemKind::Truncated;
        self.unfinished |= matches!(problem.kind, ProblemKind::Truncated | ProblemKind::NotText);
        let finding = problem.finding(line.source, line.number, line.text);
        if text.begun {
            return self.report.push(finding);
        }
        text.wrong.push(finding);
        if text.wrong.len() < MOST_WRONG {
            return;
        }
        let first = text.wrong.drain(..).next().and_then(|finding| finding.location);
        let message = format!("none of the first {MOST_WRONG} lines that are no comments is a sample");
        let finding = crate::tools::scrape::catalog::NOT_TEXT.finding(line.source, message);
        self.report.push(match first {
            Some(first) => finding.at(first),
            None => finding,
        });
        self.unfinished = true;
        text.of_another_kind = true;
    }

    /// The family that a line of metadata is about, which becomes the one that is read.
    pub(super) fn family<'t>(
        &mut self,
        text: &'t mut Source<'_>,
        line: Line<'_>,
        name: Text<'_>,
    ) -> Option<&'t mut Family> {
        text.has_metadata = true;
        let location = || line.at(name.span());
        self.clash(text, line, name);
        let Some(place) = text.families.named(&name.unescaped(), text.format, location) else {
            self.too_many_families(text, line, name);
            return None;
        };
        self.enter(text, line, name, place);
        text.families.get_mut(place)
    }

    /// Goes on to a family's lines.
    #[inline]
    fn enter(&mut self, text: &mut Source<'_>, line: Line<'_>, name: Text<'_>, place: usize) {
        if text.families.current() == Some(place) {
            return;
        }
        self.leave(text);
        if text.families.enter(place)
            && let Some(family) = text.families.get(place)
        {
            let first = family.location.line;
            let message = format!("lines of other families are between this one and those from line {first} on");
            let finding = exposition::FAMILY_SPLIT.finding(family.full_name(), message);
            self.report.push(finding.at(line.at(name.span())));
        }
    }

    /// Ends the family that is read.
    fn leave(&mut self, text: &mut Source<'_>) {
        let family = text.families.current().and_then(|place| text.families.get(place));
        let Some((family, true)) = family.map(|family| (family, family.samples > 0)) else { return };
        self.pairs.forget();
        let (family_type, format) = (family.family_type(), family.format);
        let unfinished = self.series.finish(text.name, |group| histogram::is_unfinished(family_type, format, group));
        // Of a text that ends too early, the last family does too.
        if !text.truncated {
            let subject = family.full_name();
            let findings = unfinished.into_iter();
            self.report
                .extend(findings.flat_map(|finished| histogram::unfinished(&subject, family_type, format, finished)));
        }
    }

    /// What is past the families that are kept was not looked at, and may be what seems to be missing.
    #[cold]
    fn too_many_families(&mut self, text: &mut Source<'_>, line: Line<'_>, name: Text<'_>) {
        self.unfinished = true;
        self.too_many(text, line, name, "families");
    }

    fn too_many(&mut self, text: &mut Source<'_>, line: Line<'_>, name: Text<'_>, what: &str) {
        if !std::mem::replace(&mut text.full_told, true) {
            let message = format!("there are more {what} than are kept in mind; those from here on are not compared");
            let finding = exposition::SERIES_NOT_COMPARED.finding(name.raw(), message);
            self.report.push(finding.at(line.at(name.span())));
        }
    }

    fn sample(&mut self, text: &mut Source<'_>, line: Line<'_>, sample: &Sample<'_>) {
        self.report.examined += 1;
        let name = sample.name.unescaped();
        let Some((place, suffix)) = text.families.of_sample(&name, text.format, || line.at(sample.name.span())) else {
            return self.too_many_families(text, line, sample.name);
        };
        self.enter(text, line, sample.name, place);
        let Some(family) = text.families.get_mut(place) else { return };
        family.samples += 1;
        if family.samples == 1 {
            self.first_sample(family, line, sample);
        }
        let family_type = family.family_type();
        let promise = self.promises.as_ref().zip(family.promise).and_then(|(promises, place)| promises.get(place));
        let set = self.pairs.read(sample.labels, family_type, promise);
        if set.marks & NAME != 0 {
            keep_names(family, line, sample);
        }
        if !family.quoted_told
            && let Some(name) = quoted_name(line, sample, set.marks & NAME != 0)
        {
            family.quoted_told = true;
            self.report.push(quoted(family, line, name));
        }
        let seen = Seen { line, sample, family, family_type, suffix, promise, labels: set, pairs: &self.pairs };
        sample::RULES.iter().for_each(|rule| rule(&seen, &mut self.report));
        labels::check(&seen, &mut self.report);
        if OWN.contains(&family.name.as_str())
            && let Some(promises) = &self.promises
        {
            self.identity.read(&seen, promises.contract, &mut self.report);
        }
        compare::compare(&mut self.series, &seen, &mut self.report);
        if self.series.full {
            self.too_many(text, line, sample.name, "series");
        }
        if set.marks & PAST_BUDGET != 0 {
            self.pairs.told();
        }
    }

    /// With its first sample, a family's type is settled, and with it what the contract says of it.
    fn first_sample(&mut self, family: &mut Family, line: Line<'_>, sample: &Sample<'_>) {
        let Some(promises) = &self.promises else { return };
        let family_type = family.family_type();
        let location = family.location.clone();
        family.promise = promises.of_family(&family.name, family_type, family.format);
        let Some(promise) = family.promise.and_then(|place| promises.get(place)) else {
            let name = family.full_name();
            if promises.claims(&name) {
                let nearest = did_you_mean(&name, promises.names());
                let message =
                    format!("{} {} has no such metric{nearest}", promises.contract.name, promises.contract.version);
                self.report.push(contract::FAMILY_UNKNOWN.finding(name, message).at(location));
            }
            return;
        };
        self.found.insert(promise.place);
        if promise.family_type() != family_type {
            let expected = promise.family_type();
            let found = match family.declared {
                Some(declared) => format!("a {}", declared.as_str(family.format)),
                None => "without a `# TYPE`".to_owned(),
            };
            let message = format!("it is exposed {found}; expected a {expected}");
            let place = if family.declared.is_some() { location } else { line.at(sample.name.span()) };
            self.report.push(contract::TYPE.finding(promise.metric.name.as_str(), message).at(place));
        }
    }
}

/// A name that is in quotes: the metric's, or where there is such a one, a label's.
#[inline]
fn quoted_name<'t>(line: Line<'_>, sample: &Sample<'t>, of_labels: bool) -> Option<Text<'t>> {
    let is_quoted = |name: &Text<'_>| {
        let before = name.span().start.checked_sub(1);
        before.is_some_and(|before| line.text.as_bytes().get(before) == Some(&b'"'))
    };
    let mut labels = of_labels.then(|| sample.labels.iter().map(|label| label.name)).into_iter().flatten();
    Some(sample.name).filter(is_quoted).or_else(|| labels.find(is_quoted))
}

#[cold]
fn quoted(family: &Family, line: Line<'_>, name: Text<'_>) -> Finding {
    let message = match family.format {
        Format::Text => "a name in quotes, which version 1.0.0 of the text format has, and 0.0.4 has not",
        Format::OpenMetrics => "a name in quotes, which OpenMetrics 1.0 does not have",
    };
    exposition::QUOTED_NAME.finding(family.full_name(), message).at(line.at(name.span()))
}

/// Keeps the first labels whose names promlint has something against.
fn keep_names(family: &mut Family, line: Line<'_>, sample: &Sample<'_>) {
    for label in sample.labels.iter() {
        let name = label.name.unescaped();
        let kept = match &*name {
            "le" => &mut family.le,
            "quantile" => &mut family.quantile,
            name if is_camel_case(name) => &mut family.camel_case,
            _ => continue,
        };
        kept.get_or_insert_with(|| line.at(label.name.span()));
    }
}
