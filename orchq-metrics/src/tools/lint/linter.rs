//! From the lines of a text to its families and their series, with the rules at each.

use std::collections::BTreeSet;
use std::io::{self, Read};

use super::catalog::{contract, exposition};
use super::context::{Context, Line};
use super::expectations::{Expectations, is_own};
use super::families::{Families, Family, MAX_FAMILIES};
use super::labels::{Labels, NAME, PAST_BUDGET, is_camel_case};
use super::options::LintOptions;
use super::self_metrics::Identity;
use super::series::{MAX_SERIES, SeriesOfFamily};
use super::{histogram, label_rules, promlint, sample_rules, series_rules};
use crate::contract::owned::OwnedContract;
use crate::report::Report;
use crate::report::finding::Finding;
use crate::report::nearest::did_you_mean;
use crate::tools::scrape::Format;
use crate::tools::scrape::catalog::{NOT_TEXT, TRUNCATED, not_text};
use crate::tools::scrape::event::{EventKind, Problem, Sample, Text};
use crate::tools::scrape::parser::Parser;

/// After this many wrong lines without a valid one, the text is not an exposition.
const MAX_WRONG: usize = 10;

/// Checks the scrapes of one or several processes, one after the other, against one contract: a family is missing
/// only if none of them has it.
///
/// ```
/// use orchq_metrics::lint::{LintOptions, Linter};
/// use orchq_metrics::{OwnedContract, v1};
///
/// let contract = OwnedContract::from(&v1::CONTRACT);
/// let mut linter = Linter::new(Some(&contract), &LintOptions::default());
/// linter.read("orchestrator", None, "# TYPE queue_depth gauge\nqueue_depth 1\n".as_bytes())?;
/// linter.read("worker", None, "# TYPE vram_used_bytes gauge\nvram_used_bytes 1\n".as_bytes())?;
/// let report = linter.finish();
/// assert_eq!(report.findings.iter().filter(|finding| finding.rule == "scrape-family-missing").count(), 11);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Linter<'c> {
    pub(super) expectations: Option<Expectations<'c>>,
    pub(super) report: Report,
    /// The metrics of the contract that have a sample, as their indexes.
    found: BTreeSet<usize>,
    /// Whether a sample is of one of them, under any of its names.
    is_of_contract: bool,
    identity: Identity,
    /// Whether a text was not read to its end, so that a missing family may be there.
    unfinished: bool,
    sources: Vec<String>,
    /// The sources without a sample and without a problem.
    empty: Vec<String>,
    labels: Labels,
    series: SeriesOfFamily,
}

/// The state of one text.
#[derive(Debug, Default)]
pub(super) struct Source<'s> {
    name: &'s str,
    pub(super) format: Format,
    pub(super) families: Families,
    /// Findings of lines before the first that is right.
    wrong: Vec<Finding>,
    /// Whether a sample was right.
    begun: bool,
    /// Whether a line of metadata was right.
    has_metadata: bool,
    too_many_reported: bool,
    truncated: bool,
    /// Whether it is not an exposition, and the rest is not read.
    not_text: bool,
}

impl<'c> Linter<'c> {
    /// A linter that checks texts against a contract, or only as expositions. Each text has its own format.
    #[must_use]
    pub fn new(contract: Option<&'c OwnedContract>, options: &LintOptions) -> Self {
        let expectations = contract.map(|contract| Expectations::new(contract, &options.prefixes));
        Self { expectations, labels: Labels::new(&options.constant_labels), ..Self::default() }
    }

    /// Checks one text. `source` is its name in findings; without a format, the text's beginning decides.
    ///
    /// # Errors
    ///
    /// When the text cannot be read. An early end is a finding.
    pub fn read(&mut self, source: &str, format: Option<Format>, reader: impl Read) -> io::Result<()> {
        let mut parser = Parser::new(reader, format)?;
        let mut text = Source { name: source, format: parser.format(), ..Source::default() };
        self.sources.push(source.to_owned());
        self.labels.next_text();
        let before = self.report.examined;
        while !text.not_text
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
        if self.report.examined == before && text.wrong.is_empty() && !text.not_text {
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
        self.finish_family(&mut text);
        for family in &text.families.all {
            self.report.extend(promlint::check(family));
        }
        Ok(())
    }

    /// The findings of all texts.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let is_identified = self.identity.finish(&mut self.report);
        // A single empty text needs no finding: the report has examined nothing.
        for source in self.empty.iter().filter(|_| self.sources.len() > 1) {
            self.report.push(exposition::EMPTY.finding(source.as_str(), "the text has no sample"));
        }
        // Nothing is known to be missing if a text was not read to its end, or no text has a sample.
        if let Some(expectations) = self.expectations.filter(|_| self.report.examined > 0 && !self.unfinished) {
            let contract = expectations.contract;
            if !self.is_of_contract && !is_identified {
                let count = contract.metrics.len();
                let message = format!("{} has no sample of any of its {count} metrics", self.sources.join(", "));
                let finding = contract::FAMILY_MISSING.finding(contract.name.as_str(), message);
                let help = "if these are of another contract, name it with `--contract FILE`, or as `contract` in \
                            orchq-metrics.toml";
                self.report.push(finding.help(help));
                return self.report;
            }
            let all = contract.metrics.iter().enumerate();
            for (_, metric) in all.filter(|(index, _)| !self.found.contains(index)) {
                let message = format!("{} has no sample of it", self.sources.join(", "));
                self.report.push(contract::FAMILY_MISSING.finding(metric.name.as_str(), message));
            }
        }
        self.report
    }

    /// A sample is right, or the text ends: reports what was wrong before.
    fn begin(&mut self, text: &mut Source<'_>) {
        if !text.begun {
            text.begun = true;
            self.report.extend(text.wrong.drain(..));
        }
    }

    /// A line that is not valid. If the first ten are, the text is not an exposition.
    fn problem(&mut self, text: &mut Source<'_>, line: Line<'_>, problem: &Problem) {
        text.truncated |= *problem.rule == TRUNCATED;
        self.unfinished |= [&TRUNCATED, &NOT_TEXT].contains(&problem.rule);
        let finding = problem.finding(line.source, line.number, line.text);
        if text.begun {
            return self.report.push(finding);
        }
        text.wrong.push(finding);
        if text.wrong.len() < MAX_WRONG {
            return;
        }
        let location = text.wrong.drain(..).next().and_then(|finding| finding.location);
        let message = format!("none of the first {MAX_WRONG} lines, except comments, is a sample");
        self.report.push(Finding { location, ..NOT_TEXT.finding(line.source, message) });
        self.unfinished = true;
        text.not_text = true;
    }

    /// The family of a line of metadata, which becomes the current one.
    pub(super) fn family<'t>(
        &mut self,
        text: &'t mut Source<'_>,
        line: Line<'_>,
        name: Text<'_>,
    ) -> Option<&'t mut Family> {
        text.has_metadata = true;
        let location = || line.at(name.span());
        self.clash(text, line, name);
        let Some(index) = text.families.named(&name.unescaped(), text.format, location) else {
            self.too_many_families(text, line, name);
            return None;
        };
        self.enter(text, line, name, index);
        text.families.all.get_mut(index)
    }

    /// Continues with a family's lines.
    #[inline]
    fn enter(&mut self, text: &mut Source<'_>, line: Line<'_>, name: Text<'_>, index: usize) {
        if text.families.current == Some(index) {
            return;
        }
        self.finish_family(text);
        if text.families.enter(index)
            && let Some(family) = text.families.all.get(index)
        {
            let first = family.location.line;
            let message = format!("lines of other families are between this line and those from line {first} on");
            let finding = exposition::FAMILY_SPLIT.finding(family.full_name(), message);
            self.report.push(finding.at(line.at(name.span())));
        }
    }

    /// Ends the current family.
    fn finish_family(&mut self, text: &mut Source<'_>) {
        let family = text.families.current.and_then(|index| text.families.all.get(index));
        let Some((family, true)) = family.map(|family| (family, family.samples > 0)) else { return };
        self.labels.next_family();
        let (family_type, format) = (family.family_type(), family.format);
        let unfinished = self.series.finish(text.name);
        // If the text ends too early, so does its last family.
        if !text.truncated {
            let subject = family.full_name();
            let findings = |finished| histogram::unfinished(&subject, family_type, format, finished);
            self.report.extend(unfinished.into_iter().flat_map(findings));
        }
    }

    /// A family past the limit was not examined, and may be one that seems to be missing.
    #[cold]
    fn too_many_families(&mut self, text: &mut Source<'_>, line: Line<'_>, name: Text<'_>) {
        self.unfinished = true;
        self.too_many(text, line, name, "families", MAX_FAMILIES);
    }

    fn too_many(&mut self, text: &mut Source<'_>, line: Line<'_>, name: Text<'_>, what: &str, max: usize) {
        if !std::mem::replace(&mut text.too_many_reported, true) {
            let message = format!("too many {what}: duplicates are not checked past {max}");
            let finding = exposition::SERIES_NOT_COMPARED.finding(name.raw(), message);
            self.report.push(finding.at(line.at(name.span())));
        }
    }

    fn sample(&mut self, text: &mut Source<'_>, line: Line<'_>, sample: &Sample<'_>) {
        self.report.examined += 1;
        let name = sample.name.unescaped();
        let Some((index, suffix)) = text.families.of_sample(&name, text.format, || line.at(sample.name.span())) else {
            return self.too_many_families(text, line, sample.name);
        };
        self.enter(text, line, sample.name, index);
        let Some(family) = text.families.all.get_mut(index) else { return };
        family.samples += 1;
        if family.samples == 1 {
            self.first_sample(family, line, sample);
        }
        let family_type = family.family_type();
        let expectations = self.expectations.as_ref().zip(family.expectation);
        let expectation = expectations.and_then(|(expectations, index)| expectations.metrics.get(index));
        let set = self.labels.read(sample.labels, family_type, expectation);
        if set.flags & NAME != 0 {
            keep_names(family, line, sample);
        }
        if !family.quoted_reported
            && let Some(name) = quoted_name(line, sample, set.flags & NAME != 0)
        {
            family.quoted_reported = true;
            self.report.push(quoted(family, line, name));
        }
        let context = Context { line, sample, family, family_type, suffix, expectation, set, labels: &self.labels };
        sample_rules::RULES.iter().for_each(|rule| rule(&context, &mut self.report));
        label_rules::check(&context, &mut self.report);
        if is_own(&family.name)
            && let Some(expectations) = &self.expectations
        {
            self.identity.read(&context, expectations.contract, &mut self.report);
        }
        series_rules::check(&mut self.series, &context, &mut self.report);
        if self.series.full {
            self.too_many(text, line, sample.name, "series", MAX_SERIES);
        }
        if set.flags & PAST_BUDGET != 0 {
            self.labels.budget_reported();
        }
    }

    /// The first sample settles a family's type, and which metric of the contract it is.
    fn first_sample(&mut self, family: &mut Family, line: Line<'_>, sample: &Sample<'_>) {
        let Some(expectations) = &self.expectations else { return };
        let family_type = family.family_type();
        let location = family.location.clone();
        family.expectation = expectations.of_family(&family.name, family_type, family.format);
        let Some(expectation) = family.expectation.and_then(|index| expectations.metrics.get(index)) else {
            let name = family.full_name();
            if expectations.claims(&name) {
                let (nearest, contract) = (did_you_mean(&name, expectations.names()), expectations.contract);
                let message = format!("{} {} has no such metric{nearest}", contract.name, contract.version);
                self.report.push(contract::FAMILY_UNKNOWN.finding(name, message).at(location));
            }
            return;
        };
        self.is_of_contract = true;
        // An old name does not make up for the new one.
        if expectation.metric.renamed_from.as_ref().is_none_or(|old| old.name != family.full_name()) {
            self.found.insert(expectation.index);
        }
        if expectation.family_type != family_type {
            let expected = expectation.family_type;
            let found = match family.declared {
                Some(declared) => format!("a {}", declared.as_str(family.format)),
                None => "without a `# TYPE`".to_owned(),
            };
            let message = format!("it is exposed {found}; expected a {expected}");
            let index = if family.declared.is_some() { location } else { line.at(sample.name.span()) };
            self.report.push(contract::TYPE.finding(expectation.metric.name.as_str(), message).at(index));
        }
    }
}

/// A name in quotes: the metric's, or else a label's.
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
        Format::Text => "a name in quotes, which version 0.0.4 of the text format does not have",
        Format::OpenMetrics => "a name in quotes, which OpenMetrics 1.0 does not have",
    };
    exposition::QUOTED_NAME.finding(family.full_name(), message).at(line.at(name.span()))
}

/// Keeps the first labels whose names promlint may reject.
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
