//! What the lines of metadata say of a family: each once, before its samples, and what the contract says.

use super::catalog::{contract, exposition};
use super::linter::{Linter, Source};
use super::place::Line;
use crate::report::finding::Rule;
use crate::tools::scrape::event::Text;
use crate::tools::scrape::{FamilyType, Format};

impl Linter<'_> {
    pub(super) fn help(&mut self, text: &mut Source<'_>, line: Line<'_>, name: Text<'_>, help: Text<'_>) {
        let strict = text.format == Format::OpenMetrics;
        let Some(family) = self.family(text, line, name) else { return };
        // Without a text, it is no help.
        if help.raw().is_empty() {
            return;
        }
        let twice = std::mem::replace(&mut family.has_help, true);
        let (subject, late) = (family.full_name(), strict && family.samples > 0);
        self.metadata(line, name, &subject, "HELP", twice, late);
        let help_text = help.unescaped();
        let promises = self.promises.as_ref();
        let metric = promises.and_then(|promises| {
            let contract = promises.contract;
            contract.metric(name.raw()).or_else(|| contract.metric(&[name.raw(), "_total"].concat()).filter(|_| strict))
        });
        if let Some(metric) = metric.filter(|metric| metric.help != *help_text) {
            let message = format!("the help is not the contract's, which is {:?}", metric.help);
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
        // Samples of these names were families of their own until this line.
        let format = text.format;
        let name_text = name.unescaped();
        let late = family_type.suffixes(format).iter().any(|suffix| {
            let place = text.families.find(&[&*name_text, suffix].concat());
            let family = place.and_then(|place| text.families.get(place));
            family.is_some_and(|family| family.samples > 0 && (suffix.is_empty() || family.declared.is_none()))
        });
        let clashing = family_type.suffixes(format).iter().filter(|suffix| !suffix.is_empty()).find_map(|suffix| {
            let family = text.families.get(text.families.find(&[&*name_text, suffix].concat())?)?;
            let told_of = family.declared.is_some() || family.samples == 0;
            told_of.then(|| family.name.clone())
        });
        if let Some(other) = clashing {
            let message = format!("samples of `{name_text}` are named as the family `{other}`, which came before");
            self.report.push(exposition::NAME_CLASH.finding(&*name_text, message).at(line.at(name.span())));
        }
        let Some(family) = self.family(text, line, name) else { return };
        let late = late || family.samples > 0;
        if family.has_unit && has_no_unit(family_type) {
            let message = "an info or a state set has no unit; expected no `# UNIT`";
            let finding = exposition::UNIT_SUFFIX.finding(family.full_name(), message);
            self.report.push(finding.at(line.at(name.span())));
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
            let message = "an info or a state set has no unit; expected no `# UNIT`";
            return self.report.push(exposition::UNIT_SUFFIX.finding(subject, message).at(line.at(unit.span())));
        }
        let has_suffix = name.unescaped().strip_suffix(&*unit_text).is_some_and(|rest| rest.ends_with('_'));
        if !unit_text.is_empty() && !has_suffix {
            let message = format!("the name does not end with the unit; expected `.._{unit_text}`, or no unit");
            self.report.push(exposition::UNIT_SUFFIX.finding(subject, message).at(line.at(unit.span())));
        }
    }

    /// No family has the name of another's samples. That another's samples have its name, its `# TYPE` tells.
    pub(super) fn clash(&mut self, text: &Source<'_>, line: Line<'_>, name: Text<'_>) {
        let name_text = name.unescaped();
        if text.families.find(&name_text).is_some() {
            return;
        }
        if let Some(other) = text.families.of_another(&name_text, text.format) {
            let family_type = other.family_type().as_str(text.format);
            let message = format!("samples of the {family_type} `{}` are named so", other.name);
            self.report.push(exposition::NAME_CLASH.finding(&*name_text, message).at(line.at(name.span())));
        }
    }

    /// What is wrong with any line of metadata.
    fn metadata(&mut self, line: Line<'_>, name: Text<'_>, subject: &str, keyword: &str, twice: bool, late: bool) {
        let mut push = |rule: &'static Rule, message: String| {
            self.report.push(rule.finding(subject, message).at(line.at(name.span())));
        };
        if twice {
            push(&exposition::METADATA_TWICE, format!("a second `# {keyword}` line"));
        } else if late {
            push(&exposition::METADATA_AFTER_SAMPLES, format!("`# {keyword}` behind the family's first sample"));
        }
    }
}

const fn has_no_unit(family_type: FamilyType) -> bool {
    matches!(family_type, FamilyType::Info | FamilyType::StateSet)
}
