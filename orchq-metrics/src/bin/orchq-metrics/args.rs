//! The arguments of the command.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ColorChoice, Parser, Subcommand, ValueEnum};
use orchq_metrics::{Severity, export};

/// Checks scrapes, binaries, rules, dashboards and changes against a metrics contract.
///
/// Exit codes: 0 no findings, 1 findings, 2 could not run, 3 no findings, and nothing was examined.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

/// Arguments of every command.
#[derive(clap::Args)]
pub(crate) struct Global {
    /// The configuration [default: the nearest `orchq-metrics.toml`, in this folder or above]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    pub(crate) color: ColorChoice,
}

/// The contract to check against.
#[derive(clap::Args)]
pub(crate) struct Which {
    /// The contract: a JSON file from `export`, or a binary [default: the contract of the configuration, those in
    /// the binaries of `sites`, or OrchQueue's]
    #[arg(long, value_name = "FILE")]
    pub(crate) contract: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) name: ContractName,
}

#[derive(clap::Args)]
pub(crate) struct ContractName {
    /// Which contract to use where a binary holds several
    #[arg(long, value_name = "NAME")]
    pub(crate) contract_name: Option<String>,
}

/// Arguments of every check.
#[derive(clap::Args)]
pub(crate) struct Findings {
    /// How to show findings
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// The least severity that makes the check fail [default: error]
    #[arg(long, value_name = "SEVERITY", value_parser = severities())]
    pub(crate) fail_on: Option<Severity>,
    /// Suppress a rule in this run, for all subjects or for one, in which `*` matches any text; suppressions that
    /// last belong in orchq-metrics.toml, with a reason
    #[arg(long, value_name = "RULE[:SUBJECT]")]
    pub(crate) suppress: Vec<String>,
}

/// How to read queries.
#[derive(clap::Args)]
pub(crate) struct Queries {
    /// A label that the scrape adds to every series, besides `job` and `instance`
    #[arg(long, value_name = "LABEL")]
    pub(crate) target_label: Vec<String>,
    #[command(flatten)]
    pub(crate) prefixes: Namespace,
}

#[derive(clap::Args)]
pub(crate) struct Namespace {
    /// A prefix of the contract's names: a metric that begins with it must be in the contract [default: the first
    /// word of each contracted name]
    #[arg(long, value_name = "PREFIX")]
    pub(crate) namespace: Vec<String>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Lint(Lint),
    Sites(Sites),
    Rules(Rules),
    Fleet(Fleet),
    Export(Export),
    Diff(Diff),
    Document(Document),
    Explain(Explain),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Check scrapes: their syntax, their histograms, promlint's rules, and the contract.
///
/// Several sources together must serve every family of the contract.
#[derive(clap::Args)]
pub(crate) struct Lint {
    /// Files, `-` for standard input, or http(s) URLs, plain or gzip
    #[arg(required = true, value_name = "SOURCE")]
    pub(crate) sources: Vec<String>,
    /// The exposition format, in place of the one in the content type
    #[arg(long = "as", value_enum, value_name = "FORMAT")]
    pub(crate) format_of_source: Option<SourceFormat>,
    /// A label that the process adds to every series
    #[arg(long, value_name = "LABEL")]
    pub(crate) constant_label: Vec<String>,
    /// The most time that a URL may take
    #[arg(long, default_value = "10", value_parser = seconds, value_name = "SECONDS")]
    pub(crate) timeout: Duration,
    /// The most bytes to read from a URL, decompressed
    #[arg(long, default_value_t = 256 << 20, value_name = "BYTES")]
    pub(crate) max_size: u64,
    #[command(flatten)]
    pub(crate) prefixes: Namespace,
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// Check which functions of built binaries emit which metrics, without running them.
///
/// Several binaries together must emit every metric of the contract.
#[derive(clap::Args)]
pub(crate) struct Sites {
    /// ELF, Mach-O or PE files; others are skipped, as long as there is one, and so are folders
    #[arg(required = true, value_name = "BINARY")]
    pub(crate) binaries: Vec<PathBuf>,
    /// Also list the sites of each metric
    #[arg(long)]
    pub(crate) list: bool,
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// Check the queries of alerts, recording rules and dashboards.
#[derive(clap::Args)]
pub(crate) struct Rules {
    /// Prometheus rule files, PrometheusRule manifests, Grafana dashboards
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Also report the metrics of the contract that no query uses
    #[arg(long)]
    pub(crate) unused: bool,
    #[command(flatten)]
    pub(crate) queries: Queries,
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// Check a whole fleet by the series in a Prometheus-compatible server.
///
/// The server can be Prometheus, Thanos, Mimir or VictoriaMetrics. The number of queries does not grow with the fleet.
#[derive(clap::Args)]
pub(crate) struct Fleet {
    /// The URL of the server, with the prefix of its API: `/prometheus` for Mimir, `/select/0/prometheus` for a
    /// VictoriaMetrics cluster
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// A job to check, which must exist [default: all jobs with series of the contract]
    #[arg(long, value_name = "JOB")]
    pub(crate) job: Vec<String>,
    /// Check only series with these target labels, such as {env="prod"}
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) selector: Option<String>,
    /// A label that the scrape adds to every series, besides `job`, `instance` and the labels of `up`
    #[arg(long, value_name = "LABEL")]
    pub(crate) target_label: Vec<String>,
    /// Check all series of this period, such as 30m, and not only the current ones
    #[arg(long, value_name = "DURATION")]
    pub(crate) window: Option<String>,
    /// Check the series at this time, in seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<f64>,
    /// A header to send with every request, such as 'X-Scope-OrgID: team'
    #[arg(long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<String>,
    /// A file with the bearer token to send
    #[arg(long, value_name = "FILE")]
    pub(crate) bearer_token_file: Option<PathBuf>,
    /// The most time that one request may take
    #[arg(long, default_value = "30", value_parser = seconds, value_name = "SECONDS")]
    pub(crate) timeout: Duration,
    /// The most time that all requests together may take
    #[arg(long, default_value = "300", value_parser = seconds, value_name = "SECONDS")]
    pub(crate) deadline: Duration,
    /// The most bytes to read of one response, decompressed
    #[arg(long, default_value_t = 64 << 20, value_name = "BYTES")]
    pub(crate) max_size: u64,
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// Write the contract in another format.
#[derive(clap::Args)]
pub(crate) struct Export {
    /// The format: `json` is the file that the other commands read, `markdown` the document, `weaver` a registry
    /// for OpenTelemetry Weaver, `rules` recording and alerting rules with their tests, `dashboard` one for Grafana
    #[arg(long, value_parser = export_formats(), hide_possible_values = true)]
    pub(crate) format: export::Format,
    /// The folder to write to; needed for a format of several files [default: standard output]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) which: Which,
}

/// Compare two contracts: what breaks, for whom, and which version the change requires.
#[derive(clap::Args)]
pub(crate) struct Diff {
    /// The old contract: a JSON file or a binary
    pub(crate) old: PathBuf,
    /// The new contract: a JSON file or a binary
    pub(crate) new: PathBuf,
    /// Rule files and dashboards, to report those that break
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub(crate) consumers: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) queries: Queries,
    #[command(flatten)]
    pub(crate) name: ContractName,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// Compare a contract's document with the contract, line by line.
#[derive(clap::Args)]
pub(crate) struct Document {
    /// The document, or `-`
    pub(crate) document: String,
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// Explain a rule: its description, an example and help.
#[derive(clap::Args)]
pub(crate) struct Explain {
    /// The rule [default: list all rules]
    pub(crate) rule: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, with the line and a caret
    Human,
    /// One JSON object
    Json,
    /// Annotations for a GitHub workflow
    Github,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SourceFormat {
    /// Prometheus text, version 0.0.4
    Text,
    /// OpenMetrics, version 1.0
    Openmetrics,
}

fn export_formats() -> impl TypedValueParser<Value = export::Format> {
    PossibleValuesParser::new(export::Format::ALL.map(export::Format::as_str)).try_map(|name| name.parse())
}

fn severities() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::as_str)).try_map(|name| name.parse())
}

fn seconds(text: &str) -> Result<Duration, String> {
    const DAY: Duration = Duration::from_secs(86_400);
    let seconds: f64 = text.parse().map_err(|_| "a timeout is a number of seconds, such as 2.5".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(timeout) if !timeout.is_zero() && timeout <= DAY => Ok(timeout),
        _ => Err("a timeout is more than 0 seconds, and a day at most".to_owned()),
    }
}

fn time(text: &str) -> Result<f64, String> {
    // Servers read greater numbers as milliseconds.
    const LAST: f64 = 1e11;
    let time = text.parse::<f64>().ok().filter(|time| *time > 0.0 && *time < LAST);
    time.ok_or_else(|| "a time is in seconds since 1970, as `date +%s` prints it".to_owned())
}
