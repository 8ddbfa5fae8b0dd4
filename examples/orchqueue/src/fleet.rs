//! The four pools of `demo`, and of `serve` without a fleet file: one for each engine of the contract, with every
//! policy.
//!
//! Their labels are like those of a real fleet. The tokens come from the embedded engine, which takes the place of all
//! four.

pub mod file;

use std::sync::Arc;

use orchq_metrics::v1::{EngineBuild, Model, Policy};

use crate::engine::Engine;
use crate::engine::ngram::{CORPUS, EmptyCorpus, NgramEngine, NgramModel, Pace};
use crate::orchestrator::{Config, PoolConfig, SCRAPE_INTERVAL};

/// The settings of these pools.
#[derive(Debug, Clone)]
pub struct Options {
    /// One policy for every pool, instead of each pool's own.
    pub policy: Option<Policy>,
    /// How many tasks may wait in each pool.
    pub queue_capacity: usize,
    /// The time between two tokens.
    pub pace: Arc<Pace>,
    /// The seed of the answers.
    pub seed: u64,
}

/// The llama.cpp pool, which rejects new tasks when it is full.
pub const CHAT: &str = "chat";
/// The vLLM pool, which drops the task that has waited longest.
pub const CODE: &str = "code";
/// The TGI pool, which sheds less urgent tasks.
pub const SUMMARIES: &str = "summaries";
/// The Triton pool with TensorRT-LLM, which rejects new tasks when it is full.
pub const REPORTS: &str = "reports";

/// Trains the embedded engine and configures the four pools with it.
pub fn configure(options: &Options) -> Result<Config, EmptyCorpus> {
    let model = Arc::new(NgramModel::train(CORPUS)?);
    let engine: Arc<dyn Engine> = Arc::new(NgramEngine::new(model, Arc::clone(&options.pace), options.seed));
    let pool = |name: &str, build: EngineBuild, model: Option<Model>, policy: Policy| PoolConfig {
        name: name.to_owned(),
        build: build.into(),
        model,
        engines: vec![Arc::clone(&engine); 2],
        policy: options.policy.unwrap_or(policy),
        queue_capacity: options.queue_capacity,
        slots_per_replica: 2,
        context_tokens: 512,
        scrape_interval: SCRAPE_INTERVAL,
    };
    let triton = EngineBuild::triton("2.51.0").with_trtllm("0.14.0");
    let digest = Model::digest("sha256:6f0a3f6e9c1d4b52");
    Ok(Config {
        pools: vec![
            pool(CHAT, EngineBuild::llamacpp("b4567"), Some(Model::id("night-shift-3gram")), Policy::Reject),
            pool(CODE, EngineBuild::vllm("0.6.3"), Some(digest), Policy::DropLru),
            pool(SUMMARIES, EngineBuild::tgi("2.4.0"), None, Policy::ShedLowPriority),
            pool(REPORTS, triton, None, Policy::Reject),
        ],
        retained_tasks: 1024,
    })
}
