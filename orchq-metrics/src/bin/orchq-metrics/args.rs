//! What can be written on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use orchq_metrics::Severity;

/// Metrics as a contract: checks scrapes, binaries, rules, dashboards and changes against it.
///
/// Exit codes: 0 nothing found, 1 findings, 2 could not run, 3 nothing was examined.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

/// What every command takes.
#[derive(clap::Args)]
pub(crate) struct Global {
    /// The configuration; without it, `orchq-metrics.toml` in this folder or the nearest above it
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Colours on a terminal, always or never
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    pub(crate) color: ColorChoice,
}

/// Which contract is meant.
#[derive(clap::Args)]
pub(crate) struct Which {
    /// The contract: a JSON file made by `export`, or a binary; without it, the configuration's, those that
    /// the binaries of `sites` hold, or else OrchQueue's own
    #[arg(long, value_name = "FILE")]
    pub(crate) contract: Option<PathBuf>,
    /// Which contract, where a binary holds several
    #[arg(long, value_name = "NAME")]
    pub(crate) contract_name: Option<String>,
}

/// What every check takes.
#[derive(clap::Args)]
pub(crate) struct Findings {
    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// The least severity that makes the check fail [default: error]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) fail_on: Option<Level>,
    /// A rule whose findings are no reason to fail this once, with a subject in which `*` is any text;
    /// what is allowed for good belongs into orchq-metrics.toml, with its reason
    #[arg(long, value_name = "RULE[:SUBJECT]")]
    pub(crate) allow: Vec<String>,
}

/// What decides how queries are read.
#[derive(clap::Args)]
pub(crate) struct Queries {
    /// A label that the scrape adds to every series, besides `job` and `instance`
    #[arg(long, value_name = "LABEL")]
    pub(crate) target_label: Vec<String>,
    /// How the contract's names begin, to tell a metric that it lacks from somebody else's; without it,
    /// as the first words of its metrics do
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
    Spec(Spec),
    Explain(Explain),
    /// Print the completions of a shell
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
    /// Files, `-` for standard input, or http(s) URLs; gzip is unpacked
    #[arg(required = true, value_name = "SOURCE")]
    pub(crate) sources: Vec<String>,
    /// The exposition format, whatever the content type says
    #[arg(long = "as", value_enum, value_name = "FORMAT")]
    pub(crate) format_of_source: Option<SourceFormat>,
    /// How long a URL may take
    #[arg(long, default_value = "10", value_parser = seconds, value_name = "SECONDS")]
    pub(crate) timeout: Duration,
    /// The most bytes that are read from a URL, unpacked
    #[arg(long, default_value_t = 256 << 20, value_name = "BYTES")]
    pub(crate) max_size: u64,
    /// How the contract's names begin, to find families that it does not have; without it, as the
    /// first words of its metrics do
    #[arg(long, value_name = "PREFIX")]
    pub(crate) namespace: Vec<String>,
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// Check which functions in built binaries emit what, without running them.
///
/// Several binaries together must cover the contract.
#[derive(clap::Args)]
pub(crate) struct Sites {
    /// ELF, Mach-O or PE files
    #[arg(required = true, value_name = "BINARY")]
    pub(crate) binaries: Vec<PathBuf>,
    /// List the sites of each metric too
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
    /// Name the metrics of the contract that nothing consumes
    #[arg(long)]
    pub(crate) unused: bool,
    #[command(flatten)]
    pub(crate) queries: Queries,
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// Check a whole fleet, as a Prometheus-compatible server knows it.
///
/// Prometheus, Thanos, Mimir and VictoriaMetrics answer the questions, of which there are as many for a small fleet as
/// for a large one.
#[derive(clap::Args)]
pub(crate) struct Fleet {
    /// The server, with the prefix of its API if it has one: `/prometheus` for Mimir, `/select/0/prometheus` for a
    /// VictoriaMetrics cluster
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// A job that is checked, and has to be there; without any, those that have the contract's names
    #[arg(long, value_name = "JOB")]
    pub(crate) job: Vec<String>,
    /// What else is selected, by labels that a scrape adds, such as {env="prod"}
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) selector: Option<String>,
    /// A label that is added to every series, besides `job`, `instance` and those that `up` has too
    #[arg(long, value_name = "LABEL")]
    pub(crate) target_label: Vec<String>,
    /// Check what was there within this time, such as 30m, and not only what is there now
    #[arg(long, value_name = "DURATION")]
    pub(crate) window: Option<String>,
    /// Check what was there at this time, in seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<f64>,
    /// A header of every request, such as 'X-Scope-OrgID: team'
    #[arg(long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<String>,
    /// A file with a token that the server asks for
    #[arg(long, value_name = "FILE")]
    pub(crate) bearer_token_file: Option<PathBuf>,
    /// How long each question may take
    #[arg(long, default_value = "30", value_parser = seconds, value_name = "SECONDS")]
    pub(crate) timeout: Duration,
    /// How long all questions together may take
    #[arg(long, default_value = "300", value_parser = seconds, value_name = "SECONDS")]
    pub(crate) deadline: Duration,
    /// The most bytes that are read of an answer, unpacked
    #[arg(long, default_value_t = 64 << 20, value_name = "BYTES")]
    pub(crate) max_size: u64,
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// Print the contract in another form.
#[derive(clap::Args)]
pub(crate) struct Export {
    /// The form
    #[arg(long, value_enum)]
    pub(crate) format: ExportFormat,
    /// Where the files go; without it, a form of one file is printed
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) which: Which,
}

/// Compare two contracts: what breaks, for whom, and which version that demands.
#[derive(clap::Args)]
pub(crate) struct Diff {
    /// The contract as it was: a JSON file or a binary
    pub(crate) old: PathBuf,
    /// The contract as it is: a JSON file or a binary
    pub(crate) new: PathBuf,
    /// Rule files and dashboards, to name those that break
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub(crate) consumers: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) queries: Queries,
    /// Which contract, where a binary holds several
    #[arg(long, value_name = "NAME")]
    pub(crate) contract_name: Option<String>,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// Compare a contract document with the contract, line by line.
#[derive(clap::Args)]
pub(crate) struct Spec {
    /// The document, or `-`
    pub(crate) document: String,
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) findings: Findings,
}

/// Explain a rule: its meaning, an example and the cure.
#[derive(clap::Args)]
pub(crate) struct Explain {
    /// The rule; without it, all of them are listed
    pub(crate) rule: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, with the text and a caret
    Human,
    /// One JSON object
    Json,
    /// Annotations of a change on GitHub
    Github,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Note,
    Warning,
    Error,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Note => Self::Note,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SourceFormat {
    /// Prometheus text, version 0.0.4
    Text,
    /// OpenMetrics, version 1.0
    Openmetrics,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// The contract as a file that the other commands read
    Json,
    /// The document
    Markdown,
    /// An OpenTelemetry Weaver registry
    Weaver,
    /// Recording and alert rules, and their tests
    Rules,
    /// A Grafana dashboard
    Dashboard,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    Auto,
    Always,
    Never,
}

fn seconds(text: &str) -> Result<Duration, String> {
    const DAY: Duration = Duration::from_secs(86_400);
    let seconds: f64 = text.parse().map_err(|_| "a timeout is a number of seconds, such as 2.5".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(timeout) if !timeout.is_zero() && timeout <= DAY => Ok(timeout),
        _ => Err("a timeout is more than no seconds, and a day at most".to_owned()),
    }
}

fn time(text: &str) -> Result<f64, String> {
    // Servers count in milliseconds, and later times are mistaken for them.
    const LAST: f64 = 1e11;
    let time = text.parse::<f64>().ok().filter(|time| *time > 0.0 && *time < LAST);
    time.ok_or_else(|| "a time is in seconds since 1970, as `date +%s` prints it".to_owned())
}
