//! The configuration of an orchestrator.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use orchq_metrics::v1::{self, EngineBuild, Model, Policy, TrtLlmVersion};

use crate::engine::Engine;

/// By default, how often the page of an engine's own metrics is read.
pub const SCRAPE_INTERVAL: Duration = Duration::from_secs(1);

/// Which build of an engine the replicas of a pool run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// This one, whatever the engine reports.
    Known(EngineBuild),
    /// The one that each engine reports.
    Reported {
        /// The kind of engine.
        engine: v1::Engine,
        /// The version of TensorRT-LLM, which only Triton can have, and does not report.
        trtllm_version: Option<TrtLlmVersion>,
    },
}

impl Build {
    /// The kind of engine.
    pub fn engine(self) -> v1::Engine {
        match self {
            Self::Known(build) => build.engine(),
            Self::Reported { engine, .. } => engine,
        }
    }

    /// The build of an engine that reports this version.
    pub(super) fn of_version(self, version: &str) -> EngineBuild {
        match self {
            Self::Known(build) => build,
            Self::Reported { engine: v1::Engine::Triton, trtllm_version: Some(trtllm) } => {
                EngineBuild::triton(version).with_trtllm(trtllm)
            }
            Self::Reported { engine, .. } => EngineBuild::new(engine, version),
        }
    }
}

impl From<EngineBuild> for Build {
    fn from(build: EngineBuild) -> Self {
        Self::Known(build)
    }
}

/// One pool: replicas of one engine that share a queue.
#[derive(Clone)]
pub struct PoolConfig {
    /// The pool's name: requests may ask for it, and metrics carry it as `pool_id`.
    pub name: String,
    /// Which engine the replicas run, for the metrics and for requests that ask for an engine.
    pub build: Build,
    /// The model, if the pool serves one named model. Otherwise the digest that an engine reports is used.
    pub model: Option<Model>,
    /// The engine of each replica, which produces the tokens.
    pub engines: Vec<Arc<dyn Engine>>,
    /// What to do with a new task when the queue is full.
    pub policy: Policy,
    /// How many tasks may wait.
    pub queue_capacity: usize,
    /// How many tasks a replica decodes at once.
    pub slots_per_replica: usize,
    /// How many tokens, prompt and answer, a slot holds; a replica's KV cache is the sum over its slots.
    pub context_tokens: u64,
    /// How often the engines' own metrics are read, where they have any.
    pub scrape_interval: Duration,
}

// `dyn Engine` has no `Debug`.
impl fmt::Debug for PoolConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolConfig")
            .field("name", &self.name)
            .field("build", &self.build)
            .field("model", &self.model)
            .field("policy", &self.policy)
            .field("queue_capacity", &self.queue_capacity)
            .field("replicas", &self.engines.len())
            .field("slots_per_replica", &self.slots_per_replica)
            .field("context_tokens", &self.context_tokens)
            .field("scrape_interval", &self.scrape_interval)
            .finish_non_exhaustive()
    }
}

/// A whole orchestrator.
#[derive(Debug, Clone)]
pub struct Config {
    /// The pools. The first one's engine labels the rejection of a request whose engine cannot be read.
    pub pools: Vec<PoolConfig>,
    /// How many ended tasks are kept for late followers.
    pub retained_tasks: usize,
}

/// A configuration that cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is nothing to run.
    #[error("no pool is configured")]
    NoPool,
    /// Requests could not name one of the pools, and their metrics would be mixed.
    #[error("two pools are named `{0}`")]
    DuplicatePool(String),
    /// A pool could never run a task.
    #[error("pool `{pool}`: {what} must be at least 1")]
    Zero {
        /// The pool.
        pool: String,
        /// The setting.
        what: &'static str,
    },
}

impl Config {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        if self.pools.is_empty() {
            return Err(ConfigError::NoPool);
        }
        let mut names = HashSet::new();
        for pool in &self.pools {
            if !names.insert(&pool.name) {
                return Err(ConfigError::DuplicatePool(pool.name.clone()));
            }
            let sizes = [
                ("queue_capacity", pool.queue_capacity == 0),
                ("replicas", pool.engines.is_empty()),
                ("slots_per_replica", pool.slots_per_replica == 0),
                ("context_tokens", pool.context_tokens == 0),
                ("scrape_interval", pool.scrape_interval.is_zero()),
            ];
            if let Some(&(what, _)) = sizes.iter().find(|(_, zero)| *zero) {
                return Err(ConfigError::Zero { pool: pool.name.clone(), what });
            }
        }
        Ok(())
    }

    /// Room for every task that can be waiting or running at once, and for the ended ones on top.
    pub(super) fn table_size(&self) -> usize {
        let live = |pool: &PoolConfig| pool.queue_capacity + pool.engines.len() * pool.slots_per_replica;
        self.pools.iter().map(live).sum::<usize>() + self.retained_tasks
    }
}
