//! `lint`: scrapes.

use anyhow::{Context as _, Result, bail};
use orchq_metrics::lint::{Linter, Options};
use orchq_metrics::scrape::Format;

use crate::args::{Lint, SourceFormat};
use crate::config::Config;
use crate::input::{self, Limits};
use crate::output::{self, Subject};
use crate::{Outcome, contract};

/// What Prometheus asks for, but for the formats that are no text:
/// <https://prometheus.io/docs/instrumenting/content_negotiation/>.
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5";

const SUBJECT: Subject = Subject { command: "lint", things: "samples" };

pub(crate) fn run(args: &Lint, config: &Config) -> Result<Outcome> {
    let contract = contract::chosen(&args.which, config)?;
    let mut options = Options::default();
    options.prefixes = [args.namespace.as_slice(), &config.namespace].concat();
    let format = args.format_of_source.map(|format| match format {
        SourceFormat::Text => Format::Text,
        SourceFormat::Openmetrics => Format::OpenMetrics,
    });
    let accept = match format {
        Some(Format::Text) => "text/plain;version=0.0.4",
        Some(_) => "application/openmetrics-text;version=1.0.0",
        None => ACCEPT,
    };
    let limits = Limits { timeout: args.timeout, max_size: args.max_size, accept };
    let mut linter = Linter::new(Some(&contract), &options);
    for name in &args.sources {
        let source = input::open(name, &limits)?;
        let said = source.content_type.as_deref();
        let of_header = said.and_then(Format::from_content_type);
        if let (Some(said), None, None) = (said, of_header, format) {
            bail!(
                "{name} comes as `{said}`, which is no text of metrics; is it the right path? (--as reads it anyway)"
            );
        }
        linter.read(name, format.or(of_header), source.reader).with_context(|| format!("cannot read {name}"))?;
    }
    output::report(linter.finish(), SUBJECT, config, &args.findings)
}
