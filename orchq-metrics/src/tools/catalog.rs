//! Every rule: what `orchq-metrics explain` prints and `docs/rules.md` lists.

use crate::coverage;
use crate::report::finding::Rule;
use crate::tools::{diff, document, fleet, lint, rules, scrape, sites, suppression_rule};

/// The rules of one command, under its name.
static RULES: &[(&str, &[&Rule])] = &[
    ("self-check", coverage::catalog::RULES),
    ("lint", scrape::catalog::RULES),
    ("lint", lint::catalog::exposition::RULES),
    ("lint", lint::catalog::contract::RULES),
    ("lint", lint::catalog::promlint::RULES),
    ("sites", sites::catalog::RULES),
    ("rules", rules::catalog::RULES),
    ("fleet", fleet::catalog::presence::RULES),
    ("fleet", fleet::catalog::series::RULES),
    ("diff", diff::catalog::metrics::RULES),
    ("diff", diff::catalog::labels::RULES),
    ("diff", diff::catalog::verdicts::RULES),
    ("document", document::catalog::RULES),
    ("every command", suppression_rule::RULES),
];

/// Every rule, with the command that checks it.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static Rule)> {
    RULES.iter().flat_map(|(command, rules)| rules.iter().map(move |rule| (*command, *rule)))
}

impl Rule {
    /// Every rule, with the command that checks it.
    pub fn all() -> impl Iterator<Item = (&'static str, &'static Self)> {
        all()
    }

    /// The rule of this name.
    ///
    /// ```
    /// use orchq_metrics::Rule;
    ///
    /// assert!(Rule::find("metric-without-site").unwrap().help.starts_with("annotate"));
    /// ```
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        Self::all().map(|(_, rule)| rule).find(|rule| rule.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_explained_and_no_name_is_used_twice() {
        let mut ids: Vec<_> = Rule::all().map(|(_, rule)| rule.id).collect();
        for (_, rule) in Rule::all() {
            let texts = [rule.description, rule.example, rule.help];
            assert!(texts.iter().all(|text| !text.trim().is_empty()), "{} is not explained", rule.id);
            assert!(rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", rule.id);
            assert!(rule.description.ends_with('.') && !rule.help.ends_with('.'), "{} has another style", rule.id);
        }
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
    }
}
