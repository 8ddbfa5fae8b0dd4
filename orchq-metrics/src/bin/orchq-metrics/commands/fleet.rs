//! `fleet`: checks a whole fleet by the data of a server.

use anyhow::{Context as _, Result, anyhow, bail};
use orchq_metrics::fleet::{self, FleetError, FleetOptions};

use crate::args::Fleet;
use crate::config::Config;
use crate::outcome::Outcome;
use crate::server::Server;
use crate::{contract, input, output};

pub(crate) fn run(args: &Fleet, config: &Config) -> Result<Outcome> {
    let contract = contract::chosen(&args.which, config)?;
    let options = options(args, config)?;
    let mut headers = args.header.iter().map(|text| header(text)).collect::<Result<Vec<_>>>()?;
    if let Some(path) = &args.bearer_token_file {
        headers.push(Server::authorization(path)?);
    }
    let mut server = Server::new(&args.url, [args.timeout, args.deadline], args.max_size, headers)?;
    let report = fleet::check(&contract, &options, |request| server.ask(request));
    let report = report.map_err(|error| match error {
        FleetError::Client(error) => error,
        error => anyhow!("{error}").context(format!("cannot use what {} answers", input::without_secrets(&args.url))),
    });
    output::report(report?, ["fleet", "series"], config, &args.findings, None::<()>)
}

fn options(args: &Fleet, config: &Config) -> Result<FleetOptions> {
    let mut options = FleetOptions::default();
    if args.job.iter().any(String::is_empty) {
        bail!("--job: expected the name of a job; leave it out to check all that have the contract's names");
    }
    options.jobs.clone_from(&args.job);
    options.target_labels = config.added_labels().chain(&args.target_label).cloned().collect();
    options.at = args.at;
    if let Some(selector) = &args.selector {
        options = options.selector(selector).context("--selector")?;
    }
    if let Some(window) = &args.window {
        options = options.window(window).context("--window")?;
    }
    Ok(options)
}

/// A header. Errors do not show it, because its value can be a secret.
fn header(text: &str) -> Result<(String, String)> {
    let Some((name, value)) = text.split_once(':') else {
        bail!(
            "--header: expected a name, a colon and a value (the given text is not shown, because it can be a secret)"
        );
    };
    let (name, value) = (name.trim(), value.trim());
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_name) {
        bail!("--header: the name of a header is of letters, digits and dashes");
    }
    if value.contains(char::is_control) {
        bail!("--header: the value of a header has a control character");
    }
    Ok((name.to_owned(), value.to_owned()))
}
