//! The rules of metadata: each line once, before the samples, and as in the contract.

use super::catalog::{contract, exposition};
use super::context::Line;
use super::families::Family;
use super::linter::{Linter, Source};
use crate::report::finding::Rule;
use crate::tools::scrape::event::Text;
use crate::tools::scrape::{FamilyType, Format};

impl Linter<'_> {
    pub(super) fn help(&mut self, text: &mut Source<'_>, line: Line<'_>, name: Text<'_>, help: Text<'_>) {
        let strict = text.format == Format::OpenMetrics;
        let Some(family) = self.family(text, line, name) else { return };
        // An empty help counts as none.
        if help.raw().is_empty() {
            return;
        }
        let twice = std::mem::replace(&mut family.has_help, true);
        let (subject, late) = (family.full_name(), strict && family.samples > 0);
        self.metadata(line, name, &subject, "HELP", twice, late);
        let help_text = help.unescaped();
        let expectations = self.expectations.as_ref();
        let metric = expectations.and_then(|expectations| {
            let total = || strict.then(|| expectations.help(&[name.raw(), "_total"].concat())).flatten();
            expectations.help(name.raw()).or_else(total)
        });
        if let Some((metric, expected)) = metric.filter(|(_, expected)| *expected != help_text) {
            let message = format!("the help differs from the contract's, which is {expected:?}");
            self.report.push(contract::HELP.finding(metric.name.as_str(), message).at(line.at(help.span())));
        }
    }

    pub(super) fn family_type(
        &mut self,
        text: &mut Source<'_>,
        line: Line<'_>,
        name: Text<'_>,
        family_type: FamilyType,
    ) {
        text.families.forget_owners();
        // Until this line, samples of these names were families of their own.
        let name_text = name.unescaped();
        let families = &text.families;
        let mut earlier = family_type
            .suffixes(text.format)
            .iter()
            .filter_map(|suffix| Some((*suffix, families.find(&[&*name_text, suffix].concat())?)));
        let is_family = |family: &Family| family.declared.is_some() || family.samples == 0;
        let late =
            earlier.clone().any(|(suffix, family)| family.samples > 0 && (suffix.is_empty() || !is_family(family)));
        let clashing = earlier.find(|(suffix, family)| !suffix.is_empty() && is_family(family));
        if let Some((_, other)) = clashing {
            let message = format!("samples of `{name_text}` have the name of the earlier family `{}`", other.name);
            self.report.push(exposition::NAME_CLASH.finding(&*name_text, message).at(line.at(name.span())));
        }
        let Some(family) = self.family(text, line, name) else { return };
        let late = late || family.samples > 0;
        if family.has_unit && has_no_unit(family_type) {
            self.report.push(exposition::UNIT_SUFFIX.finding(family.full_name(), NO_UNIT).at(line.at(name.span())));
        }
        let twice = family.declared.is_some();
        if !twice && !late {
            family.declared = Some(family_type);
            family.location = line.at(name.span());
        }
        let subject = family.full_name();
        self.metadata(line, name, &subject, "TYPE", twice, late);
    }

    pub(super) fn unit(&mut self, text: &mut Source<'_>, line: Line<'_>, name: Text<'_>, unit: Text<'_>) {
        let Some(family) = self.family(text, line, name) else { return };
        let twice = std::mem::replace(&mut family.has_unit, true);
        let (subject, late) = (family.full_name(), family.samples > 0);
        let none = has_no_unit(family.family_type());
        self.metadata(line, name, &subject, "UNIT", twice, late);
        let unit_text = unit.unescaped();
        if none && !unit_text.is_empty() {
            return self.report.push(exposition::UNIT_SUFFIX.finding(subject, NO_UNIT).at(line.at(unit.span())));
        }
        let has_suffix = name.unescaped().strip_suffix(&*unit_text).is_some_and(|rest| rest.ends_with('_'));
        if !unit_text.is_empty() && !has_suffix {
            let message = format!("the name does not end with the unit; expected `.._{unit_text}`, or no `# UNIT`");
            self.report.push(exposition::UNIT_SUFFIX.finding(subject, message).at(line.at(unit.span())));
        }
    }

    /// No family has the name of an earlier family's samples. Its `# TYPE` checks the reverse.
    pub(super) fn clash(&mut self, text: &Source<'_>, line: Line<'_>, name: Text<'_>) {
        let name_text = name.unescaped();
        if text.families.find(&name_text).is_some() {
            return;
        }
        if let Some(other) = text.families.of_another(&name_text, text.format) {
            let family_type = other.family_type().as_str(text.format);
            let message = format!("samples of the {family_type} `{}` have this name", other.name);
            self.report.push(exposition::NAME_CLASH.finding(&*name_text, message).at(line.at(name.span())));
        }
    }

    /// The rules of every line of metadata.
    fn metadata(&mut self, line: Line<'_>, name: Text<'_>, subject: &str, keyword: &str, twice: bool, late: bool) {
        let mut push = |rule: &'static Rule, message: String| {
            self.report.push(rule.finding(subject, message).at(line.at(name.span())));
        };
        if twice {
            push(&exposition::METADATA_TWICE, format!("a second `# {keyword}` line"));
        } else if late {
            push(&exposition::METADATA_AFTER_SAMPLES, format!("`# {keyword}` after the family's first sample"));
        }
    }
}

const NO_UNIT: &str = "an info or a state set has no unit; expected no `# UNIT`";

const fn has_no_unit(family_type: FamilyType) -> bool {
    matches!(family_type, FamilyType::Info | FamilyType::StateSet)
}
