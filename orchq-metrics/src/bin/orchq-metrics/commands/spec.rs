//! `spec`: a document.

use anyhow::Result;
use orchq_metrics::spec;

use crate::args::Spec;
use crate::config::Config;
use crate::output::{self, Subject};
use crate::{Outcome, contract, input};

const SUBJECT: Subject = Subject { command: "spec", things: "metrics" };

pub(crate) fn run(args: &Spec, config: &Config) -> Result<Outcome> {
    let contract = contract::chosen(&args.which, config)?;
    let text = input::text(&args.document)?;
    output::report(spec::check(&contract, &args.document, &text), SUBJECT, config, &args.findings)
}
