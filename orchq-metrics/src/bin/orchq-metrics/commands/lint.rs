//! `lint`: scrapes.

use anyhow::{Context as _, Result, bail};
use orchq_metrics::lint::{LintOptions, Linter};
use orchq_metrics::scrape::Format;

use crate::args::{Lint, SourceFormat};
use crate::config::Config;
use crate::input::{self, Limits, Origin, Source};
use crate::{Outcome, contract, output};

/// The `Accept` header of Prometheus, without the formats that are not text:
/// <https://prometheus.io/docs/instrumenting/content_negotiation/>.
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5";

/// The content type of the text format.
const TEXT: &str = "text/plain;version=0.0.4";

pub(crate) fn run(args: &Lint, config: &Config) -> Result<Outcome> {
    let contract = contract::chosen(&args.which, config)?;
    let mut options = LintOptions::default();
    options.prefixes = [args.prefixes.namespace.as_slice(), &config.namespace].concat();
    let (format, accept) = match args.format_of_source {
        Some(SourceFormat::Text) => (Some(Format::Text), TEXT),
        Some(SourceFormat::Openmetrics) => (Some(Format::OpenMetrics), "application/openmetrics-text;version=1.0.0"),
        None => (None, ACCEPT),
    };
    let limits = Limits { timeout: args.timeout, max_size: args.max_size, accept };
    let mut linter = Linter::new(Some(&contract), &options);
    for name in &args.sources {
        let source = input::open(name, &limits)?;
        let (name, format) = (&source.name, format_of(&source, format)?);
        linter.read(name, format, source.reader).with_context(|| format!("cannot read {name}"))?;
    }
    output::report(linter.finish(), ["lint", "samples"], config, &args.findings, None::<()>)
}

/// The format from `--as`, or from the content type; a file's format is detected from its text.
fn format_of(source: &Source, requested: Option<Format>) -> Result<Option<Format>> {
    let (Source { name, origin: Origin::Http(content_type), .. }, None) = (source, requested) else {
        return Ok(requested);
    };
    let Some(content_type) = content_type else {
        bail!("{name} comes without a content type, which Prometheus 3 rejects; serve `{TEXT}` (--as reads it anyway)");
    };
    match Format::from_content_type(content_type) {
        None => bail!(
            "{name} comes as `{content_type}`, which is not a metrics format; is the path right? (--as reads it anyway)"
        ),
        format => Ok(format),
    }
}
