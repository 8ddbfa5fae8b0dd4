//! What an orchestrator is made of.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use orchq_metrics::v1::{EngineBuild, Model, Policy};

use crate::engine::Engine;

/// One pool: replicas of one engine that share a queue.
#[derive(Clone)]
pub struct PoolConfig {
    /// The pool's name: requests may ask for it, and metrics carry it as `pool_id`.
    pub name: String,
    /// Which engine the replicas run, for the metrics and for requests that ask for an engine.
    pub build: EngineBuild,
    /// The model served, if the pool serves one named model.
    pub model: Option<Model>,
    /// What really produces the tokens.
    pub engine: Arc<dyn Engine>,
    /// What to do with a newcomer when the queue is full.
    pub policy: Policy,
    /// How many tasks may wait.
    pub queue_capacity: usize,
    /// How many replicas there are.
    pub replicas: usize,
    /// How many tasks a replica decodes at once.
    pub slots_per_replica: usize,
    /// How many tokens, prompt and answer, a slot holds; a replica's KV cache is the sum over its slots.
    pub context_tokens: u64,
}

// `dyn Engine` has no `Debug`, and its insides would not help.
impl fmt::Debug for PoolConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolConfig")
            .field("name", &self.name)
            .field("build", &self.build)
            .field("model", &self.model)
            .field("policy", &self.policy)
            .field("queue_capacity", &self.queue_capacity)
            .field("replicas", &self.replicas)
            .field("slots_per_replica", &self.slots_per_replica)
            .field("context_tokens", &self.context_tokens)
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
    /// Requests could not tell the pools apart, and their metrics would be mixed.
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
                ("replicas", pool.replicas == 0),
                ("slots_per_replica", pool.slots_per_replica == 0),
                ("context_tokens", pool.context_tokens == 0),
            ];
            if let Some(&(what, _)) = sizes.iter().find(|(_, zero)| *zero) {
                return Err(ConfigError::Zero { pool: pool.name.clone(), what });
            }
        }
        Ok(())
    }

    /// Room for every task that can be waiting or running at once, and for the ended ones on top.
    pub(super) fn table_size(&self) -> usize {
        let live = |pool: &PoolConfig| pool.queue_capacity + pool.replicas * pool.slots_per_replica;
        self.pools.iter().map(live).sum::<usize>() + self.retained_tasks
    }
}
