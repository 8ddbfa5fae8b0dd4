//! `orchq-metrics.toml`: the settings of a repository.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use orchq_metrics::__unstable::is_label_name;
use orchq_metrics::{Severity, Suppression};
use serde::Deserialize;

use crate::rule;

/// The name of the file.
const NAME: &str = "orchq-metrics.toml";

/// The configuration, with paths relative to the current folder.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) contract: Option<PathBuf>,
    pub(crate) contract_name: Option<String>,
    pub(crate) fail_on: Option<Severity>,
    #[serde(default)]
    pub(crate) namespace: Vec<String>,
    #[serde(default)]
    pub(crate) target_labels: Vec<String>,
    #[serde(default)]
    pub(crate) constant_labels: Vec<String>,
    #[serde(default)]
    allow: Vec<Suppression>,
}

impl Config {
    /// Reads the named file, or the nearest of that name in the current folder and those above it.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self> {
        let path = match named {
            Some(path) => path.to_owned(),
            None => {
                let here = std::env::current_dir().context("the current folder cannot be read")?;
                match here.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file()) {
                    Some(path) => path,
                    None => return Ok(Self::default()),
                }
            }
        };
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut config: Self = toml::from_str(&text).with_context(|| format!("cannot use {}", path.display()))?;
        if let (Some(contract), Some(folder)) = (&mut config.contract, path.parent()) {
            *contract = folder.join(&contract);
        }
        config.check().with_context(|| format!("cannot use {}", path.display()))?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        for suppression in &self.allow {
            if let Some((rule, subject)) = suppression.rule.split_once(':') {
                let instead = format!("write `rule = \"{rule}\"` and `subject = \"{subject}\"`");
                bail!("`{}` is a rule and a subject; {instead}", suppression.rule);
            }
            rule::find(&suppression.rule)?;
            if suppression.subject.as_deref().is_some_and(str::is_empty) {
                bail!(
                    "`{}` is suppressed for an empty subject; leave `subject` out to suppress it for all",
                    suppression.rule
                );
            }
            if suppression.reason.trim().is_empty() {
                bail!("`{}` is suppressed without a reason; say why its findings are acceptable", suppression.rule);
            }
        }
        for (key, labels) in [("target-labels", &self.target_labels), ("constant-labels", &self.constant_labels)] {
            if let Some(label) = labels.iter().find(|label| !is_label_name(label)) {
                bail!("`{label}` in `{key}` is not a label name");
            }
        }
        Ok(())
    }

    /// The labels that every series in Prometheus has, whether the scrape or the process adds them.
    pub(crate) fn added_labels(&self) -> impl Iterator<Item = &String> {
        self.target_labels.iter().chain(&self.constant_labels)
    }

    /// The suppressions of the file and of the command line.
    pub(crate) fn suppressions(&self, from_arguments: &[String]) -> Result<Vec<Suppression>> {
        let mut suppressions = self.allow.clone();
        for argument in from_arguments {
            let suppression = Suppression::new(argument, "on the command line");
            rule::find(&suppression.rule)?;
            suppressions.push(suppression);
        }
        Ok(suppressions)
    }
}
