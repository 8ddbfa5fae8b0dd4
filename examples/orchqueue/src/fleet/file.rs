//! A fleet of real engines, read from a file; `fleet.example.toml` in this package shows every key.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use orchq_metrics::v1::{self, Model, Policy};
use serde::Deserialize;

use crate::engine::{Adapter, Addresses, Api, Engine, Limits, Server};
use crate::fetch::Url;
use crate::orchestrator::{Build, Config, PoolConfig, SCRAPE_INTERVAL};
use crate::task::not_one_of;

/// How many ended tasks are kept for late followers.
const RETAINED_TASKS: usize = 1024;

/// The largest of most sizes, which keeps sums of them from overflowing.
const LARGEST: u64 = 1 << 32;
/// The most slots of a replica: each is a task that waits for work.
const MOST_SLOTS: u64 = 4096;
/// The longest queue: each task in it holds its prompt.
const LONGEST_QUEUE: u64 = 1 << 20;
/// The largest page, which is held in memory whole.
const LARGEST_PAGE: u64 = 1 << 30;
/// The longest time, a day in milliseconds.
const LONGEST: u64 = 86_400_000;
/// The longest name, which goes into labels.
const LONGEST_NAME: usize = 128;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FleetTable {
    #[serde(default)]
    pool: Vec<PoolTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolTable {
    name: String,
    engine: String,
    model: Option<String>,
    model_digest: Option<String>,
    request_model: Option<String>,
    #[serde(default)]
    metric_models: Vec<String>,
    trtllm_version: Option<String>,
    policy: Option<String>,
    queue_capacity: Option<u64>,
    slots_per_replica: Option<u64>,
    context_tokens: Option<u64>,
    #[serde(default)]
    api: Api,
    scrape_interval_ms: Option<u64>,
    connect_timeout_ms: Option<u64>,
    answer_timeout_ms: Option<u64>,
    idle_timeout_ms: Option<u64>,
    page_limit_bytes: Option<u64>,
    #[serde(default)]
    replica: Vec<ReplicaTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplicaTable {
    url: String,
    metrics_url: Option<String>,
    version_url: Option<String>,
}

/// A key whose value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pool `{pool}`: `{key}`: {message}")]
pub struct KeyError {
    /// The pool.
    pub pool: String,
    /// The key.
    pub key: &'static str,
    /// What is wrong with its value, and what to write.
    pub message: String,
}

/// Reads a fleet from a file.
///
/// # Errors
///
/// When the file cannot be read, is not such TOML, or has a value that cannot be used: then with the key and what to
/// write instead.
pub fn read(path: &Path) -> anyhow::Result<Config> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("{} is not a fleet file", path.display()))
}

/// Reads a fleet from a text.
///
/// # Errors
///
/// As [`read`], but for the file.
pub fn parse(text: &str) -> anyhow::Result<Config> {
    let FleetTable { pool } = toml::from_str(text)?;
    let mut urls = HashSet::new();
    for table in &pool {
        for replica in &table.replica {
            if !urls.insert(replica.url.trim_end_matches('/')) {
                let message = format!("`{}` occurs twice; a server is one replica of one pool", replica.url);
                return Err(table.invalid("url", message).into());
            }
        }
    }
    let pools = pool.iter().map(PoolTable::config).collect::<Result<_, KeyError>>()?;
    Ok(Config { pools, retained_tasks: RETAINED_TASKS })
}

impl PoolTable {
    fn config(&self) -> Result<PoolConfig, KeyError> {
        self.names()?;
        let engine: v1::Engine = self
            .engine
            .parse()
            .map_err(|_| self.invalid("engine", not_one_of(&self.engine, "an engine", v1::Engine::ALL)))?;
        let policy = self.policy.as_deref().map_or(Ok(Policy::Reject), |policy| {
            policy.parse().map_err(|_| self.invalid("policy", not_one_of(policy, "a policy", Policy::ALL)))
        })?;
        if self.trtllm_version.is_some() && engine != v1::Engine::Triton {
            return Err(self.invalid("trtllm_version", format!("only triton can have it, not {engine}; leave it out")));
        }
        let model = match (&self.model, &self.model_digest) {
            (Some(_), Some(_)) => {
                let message = "a pool has `model` or `model_digest`, not both; `request_model` is for requests";
                return Err(self.invalid("model_digest", message));
            }
            (Some(id), None) => Some(Model::id(id.as_str())),
            (None, Some(digest)) => Some(Model::digest(digest.as_str())),
            (None, None) => None,
        };
        if self.replica.is_empty() {
            return Err(self.invalid("replica", "it is missing; add `[[pool.replica]]` with its `url`"));
        }
        let servers = self.replica.iter().map(|replica| self.server(Adapter::for_engine(engine), replica));
        let trtllm_version = self.trtllm_version.as_deref().map(Into::into);
        Ok(PoolConfig {
            name: self.name.clone(),
            build: Build::Reported { engine, trtllm_version },
            model,
            engines: servers.collect::<Result<_, _>>()?,
            policy,
            queue_capacity: self.size("queue_capacity", self.queue_capacity, 64)?,
            slots_per_replica: self.size("slots_per_replica", self.slots_per_replica, 4)?,
            context_tokens: self.size("context_tokens", self.context_tokens, 4096)? as u64,
            scrape_interval: self.time("scrape_interval_ms", self.scrape_interval_ms, SCRAPE_INTERVAL)?,
        })
    }

    fn server(&self, adapter: &'static Adapter, replica: &ReplicaTable) -> Result<Arc<dyn Engine>, KeyError> {
        let url = |key, text: &str| Url::parse(text).map_err(|error| self.invalid(key, error));
        let optional = |key, text: &Option<String>| text.as_deref().map(|text| url(key, text)).transpose();
        let addresses = Addresses {
            api: url("url", &replica.url)?,
            metrics: optional("metrics_url", &replica.metrics_url)?,
            version: optional("version_url", &replica.version_url)?,
        };
        if replica.url.trim_end_matches('/').ends_with("/v1") {
            return Err(self.invalid("url", "it ends with `/v1`, which the queue appends; leave it out"));
        }
        let (path, _) = adapter.version;
        if adapter.version_apart && addresses.version.is_none() {
            let message = format!(
                "it is missing: {} answers `{path}` on another port than its OpenAI-compatible frontend; give its \
                 address, such as `http://127.0.0.1:8000`",
                adapter.engine
            );
            return Err(self.invalid("version_url", message));
        }
        let model = self.request_model.as_deref().or(adapter.request_model).or(self.model.as_deref());
        if adapter.needs_model && model.is_none() {
            let message = format!("it is missing: {} rejects requests without a model; give its name", adapter.engine);
            return Err(self.invalid("request_model", message));
        }
        let defaults = Limits::default();
        let limits = Limits {
            connect: self.time("connect_timeout_ms", self.connect_timeout_ms, defaults.connect)?,
            answer: self.time("answer_timeout_ms", self.answer_timeout_ms, defaults.answer)?,
            idle: self.time("idle_timeout_ms", self.idle_timeout_ms, defaults.idle)?,
            page: self.size("page_limit_bytes", self.page_limit_bytes, defaults.page)?,
        };
        let model = model.map(str::to_owned);
        let server = Server::new(adapter, &addresses, self.api, model, self.metric_models.clone(), limits);
        Ok(Arc::new(server.map_err(|error| self.invalid("url", error))?))
    }

    /// Whether the names can be labels, and be sent to an engine.
    fn names(&self) -> Result<(), KeyError> {
        let names = [
            ("name", Some(&self.name)),
            ("model", self.model.as_ref()),
            ("model_digest", self.model_digest.as_ref()),
            ("request_model", self.request_model.as_ref()),
            ("trtllm_version", self.trtllm_version.as_ref()),
        ];
        let given = names.into_iter().filter_map(|(key, name)| Some((key, name?)));
        for (key, name) in given.chain(self.metric_models.iter().map(|name| ("metric_models", name))) {
            if name.trim().is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
                let message =
                    format!("{name:.40?} is empty, longer than {LONGEST_NAME} bytes, or not printable; write another");
                return Err(self.invalid(key, message));
            }
        }
        Ok(())
    }

    fn size(&self, key: &'static str, value: Option<u64>, default: usize) -> Result<usize, KeyError> {
        let Some(value) = value else { return Ok(default) };
        let largest = match key {
            "slots_per_replica" => MOST_SLOTS,
            "queue_capacity" => LONGEST_QUEUE,
            "page_limit_bytes" => LARGEST_PAGE,
            _ if key.ends_with("_ms") => LONGEST,
            _ => LARGEST,
        };
        let size = usize::try_from(value).ok().filter(|_| (1..=largest).contains(&value));
        size.ok_or_else(|| self.invalid(key, format!("{value} is out of range; it must be from 1 to {largest}")))
    }

    fn time(&self, key: &'static str, value: Option<u64>, default: Duration) -> Result<Duration, KeyError> {
        let default_ms = usize::try_from(default.as_millis()).unwrap_or(usize::MAX);
        Ok(Duration::from_millis(self.size(key, value, default_ms)? as u64))
    }

    fn invalid(&self, key: &'static str, message: impl fmt::Display) -> KeyError {
        let pool = self.name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        KeyError { pool, key, message: message.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../fleet.example.toml");

    fn error(text: &str) -> String {
        format!("{:#}", parse(text).unwrap_err())
    }

    fn pool(more: &str) -> String {
        format!("[[pool]]\nname = \"a\"\nengine = \"vllm\"\n{more}\n[[pool.replica]]\nurl = \"http://e:1\"\n")
    }

    #[test]
    fn the_example_is_a_fleet_of_every_engine() {
        let config = parse(EXAMPLE).unwrap();
        let pools: Vec<_> =
            config.pools.iter().map(|pool| (pool.build.engine().as_str(), pool.engines.len())).collect();
        assert_eq!(pools, [("llamacpp", 1), ("vllm", 2), ("tgi", 1), ("triton", 1)]);
        let trtllm = Build::Reported { engine: v1::Engine::Triton, trtllm_version: Some("1.2.1".into()) };
        assert_eq!(config.pools[3].build, trtllm);
        assert_eq!(config.pools[1].policy, Policy::DropLru);
        // The lines that are commented out have the defaults.
        let all: String = EXAMPLE
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|key| key.contains(" = ")).unwrap_or(line).to_owned() + "\n")
            .collect();
        let explicit = parse(&all).unwrap();
        assert_eq!(format!("{:?}", explicit.pools), format!("{:?}", config.pools));
        assert!(all.matches("\npage_limit_bytes").count() == 1 && all.matches("\nmetrics_url").count() == 2, "{all}");
    }

    #[test]
    fn an_unusable_value_is_named_with_what_to_write() {
        for (text, expected) in [
            (pool("policy = \"drop\""), "pool `a`: `policy`: `drop` is not a policy; use `reject`, `drop-lru`"),
            (pool("").replace("vllm", "mlx"), "pool `a`: `engine`: `mlx` is not an engine; use `llamacpp`, `vllm`"),
            (pool("trtllm_version = \"1\""), "`trtllm_version`: only triton can have it, not vllm; leave it out"),
            (pool("model = \"m\"\nmodel_digest = \"d\""), "`model_digest`: a pool has `model` or `model_digest`"),
            (pool("").replace("vllm", "VLLM"), "`VLLM` is not an engine; use `llamacpp`, `vllm`"),
            (pool("[[pool.replica]]\nurl = \"http://e:1/\""), "`url`: `http://e:1` occurs twice"),
            (pool("").replace("\"a\"", "\"\""), "`name`: \"\" is empty"),
            (pool("model = \"a\\u0007\""), "`model`: \"a\\u{7}\" is empty, longer than 128 bytes, or not printable"),
            (pool(&format!("model_digest = \"{}\"", "x".repeat(129))), "`model_digest`: \"xxx"),
            (pool("metric_models = [\"m\", \" \"]"), "`metric_models`: \" \" is empty"),
            (pool("slots_per_replica = 4097"), "4097 is out of range; it must be from 1 to 4096"),
            (pool("queue_capacity = 1048577"), "it must be from 1 to 1048576"),
            (pool("idle_timeout_ms = 86400001"), "it must be from 1 to 86400000"),
            (pool("page_limit_bytes = 1073741825"), "it must be from 1 to 1073741824"),
            (pool("").replace("http://e:1", "http://e:65536"), "`url`: `http://e:65536` is not a URL"),
            (pool("").replace("http://e:1", "http://e:1/#a"), "`url`: `http://e:1/#a` has a fragment"),
            (pool("").replace("http://e:1", "http://u:p@e:1"), "`url`: an address with a user or a password"),
            (pool("queue_capacity = 0"), "`queue_capacity`: 0 is out of range; it must be from 1"),
            (pool("idle_timeout_ms = 0"), "`idle_timeout_ms`: 0 is out of range"),
            (
                pool("").replace("http:", "https:"),
                "`url`: `https://e:1` is https, and the queue has no TLS; put a TLS proxy",
            ),
            (pool("").replace("http://e:1", "http://e:1/v1/"), "`url`: it ends with `/v1`, which the queue appends"),
            (pool("").replace("http://e:1", "e"), "`url`: `e` is not a URL; write one such as"),
            (pool("").replace("vllm", "triton"), "`version_url`: it is missing: triton answers `/v2` on another port"),
            (
                pool("").replace("vllm", "triton") + "version_url = \"http://e:2\"\n",
                "`request_model`: it is missing: triton rejects requests without a model",
            ),
            ("[[pool]]\nname = \"a\"\nengine = \"tgi\"\n".to_owned(), "`replica`: it is missing; add"),
            (pool("slots = 3"), "unknown field `slots`"),
            (pool("queue_capacity = -1"), "invalid value"),
            ("[[pool]]\nengine = \"tgi\"\n".to_owned(), "missing field `name`"),
            (pool("api = \"legacy\""), "unknown variant `legacy`, expected `completions` or `chat`"),
        ] {
            assert!(error(&text).contains(expected), "{expected}: {}", error(&text));
        }
    }
}
