//! `lint`: scrapes.

use anyhow::{Context as _, Result, bail};
use orchq_metrics::lint::{LintOptions, Linter};
use orchq_metrics::scrape::Format;

use crate::args::{Lint, SourceFormat};
use crate::config::Config;
use crate::input::{self, Limits, Origin, Source};
use crate::outcome::Outcome;
use crate::{contract, output};

pub(crate) fn run(args: &Lint, config: &Config) -> Result<Outcome> {
    let contract = contract::chosen(&args.which, config)?;
    let mut options = LintOptions::default();
    options.prefixes = [args.prefixes.namespace.as_slice(), &config.namespace].concat();
    options.constant_labels = [args.constant_label.as_slice(), &config.constant_labels].concat();
    let format = args.format_of_source.map(|format| match format {
        SourceFormat::Text => Format::Text,
        SourceFormat::Openmetrics => Format::OpenMetrics,
    });
    let accept = format.map_or_else(accept_any, |format| format.content_type().to_owned());
    let limits = Limits { timeout: args.timeout, max_size: args.max_size, accept: &accept };
    let mut linter = Linter::new(Some(&contract), &options);
    for name in &args.sources {
        let source = input::open(name, &limits)?;
        let (name, format) = (&source.name, format_of(&source, format)?);
        linter.read(name, format, source.reader).with_context(|| format!("cannot read {name}"))?;
    }
    output::report(linter.finish(), ["lint", "samples"], config, &args.findings, None::<()>)
}

/// The `Accept` header of Prometheus, without the formats that are not text:
/// <https://prometheus.io/docs/instrumenting/content_negotiation/>.
fn accept_any() -> String {
    format!("{};q=0.8,{};q=0.5", Format::OpenMetrics.content_type(), Format::Text.content_type())
}

/// The format from `--as`, or from the content type; a file's format is detected from its text.
fn format_of(source: &Source, requested: Option<Format>) -> Result<Option<Format>> {
    let (Source { name, origin: Origin::Http(content_type), .. }, None) = (source, requested) else {
        return Ok(requested);
    };
    let Some(content_type) = content_type else {
        bail!(
            "{name} comes without a content type, which Prometheus 3 rejects; serve `{}` (--as reads it anyway)",
            Format::Text.content_type()
        );
    };
    match Format::from_content_type(content_type) {
        None => bail!(
            "{name} comes as `{content_type}`, which is not a metrics format; is the path right? (--as reads it anyway)"
        ),
        format => Ok(format),
    }
}
