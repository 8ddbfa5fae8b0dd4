//! `document`: a contract's document.

use anyhow::Result;
use orchq_metrics::document;

use crate::args::Document;
use crate::config::Config;
use crate::outcome::Outcome;
use crate::{contract, input, output};

pub(crate) fn run(args: &Document, config: &Config) -> Result<Outcome> {
    let contract = contract::chosen(&args.which, config)?;
    let text = input::text(&args.document)?;
    output::report(
        document::check(&contract, &args.document, &text),
        ["document", "metrics"],
        config,
        &args.findings,
        None::<()>,
    )
}
