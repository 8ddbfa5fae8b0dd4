//! The labels of OrchQueue's contract.

use crate::declare::label::Symbol;
use crate::macros::{Label, Labels};

/// The kind of inference engine behind a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
pub enum Engine {
    /// The llama.cpp server.
    #[label("llamacpp")]
    LlamaCpp,
    /// vLLM.
    #[label("vllm")]
    Vllm,
    /// Text Generation Inference.
    #[label("tgi")]
    Tgi,
    /// Triton Inference Server.
    #[label("triton")]
    Triton,
}

/// Why a task was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
pub enum RejectReason {
    /// The queue is full, and its policy keeps the queued tasks.
    #[label("ADMISSION_REJECT")]
    AdmissionReject,
    /// The queue was full, and this was its least recently used task.
    #[label("QUEUE_FULL_DROP_LRU")]
    QueueFullDropLru,
    /// The request is not valid.
    #[label("INVALID_PARAMS")]
    InvalidParams,
    /// The pool exists, but it is starting or stopping.
    #[label("POOL_UNREADY")]
    PoolUnready,
    /// The pool does not exist.
    #[label("POOL_UNAVAILABLE")]
    PoolUnavailable,
    /// No replica of the pool can hold the task.
    #[label("REPLICA_EXHAUSTED")]
    ReplicaExhausted,
}

/// Who canceled a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
pub enum CancelReason {
    /// The user.
    #[label("user")]
    User,
    /// The watchdog, past the task's deadline.
    #[label("watchdog")]
    Watchdog,
}

/// What a full queue does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
pub enum Policy {
    /// Refuses the new task.
    #[label("reject")]
    Reject,
    /// Drops the least recently used task for it.
    #[label("drop-lru")]
    DropLru,
    /// Sheds a task of lower priority for it.
    #[label("shed-low-priority")]
    ShedLowPriority,
}

/// The version that an engine reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
#[label(budget = 64)]
pub struct EngineVersion(Symbol);

/// The version of TensorRT-LLM within Triton.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
#[label(budget = 64)]
pub struct TrtLlmVersion(Symbol);

/// A pool's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
#[label(budget = 256)]
pub struct PoolId(Symbol);

/// A replica's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
#[label(budget = 1024)]
pub struct ReplicaId(Symbol);

/// A task's priority, as the queue names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
#[label(budget = 8)]
pub struct Priority(Symbol);

/// A GPU, as the driver numbers or names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
#[label(budget = 64)]
pub struct Device(Symbol);

/// The name of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
#[label(budget = 1024)]
pub struct ModelId(Symbol);

/// The digest of a model's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Label)]
#[label(budget = 1024)]
pub struct ModelDigest(Symbol);

/// An engine with its version: the labels `engine`, `engine_version` and, for
/// Triton with TensorRT-LLM alone, `trtllm_version`.
///
/// ```
/// use orchq_metrics::v1::{Engine, EngineBuild};
///
/// let build = EngineBuild::triton("2.51.0").with_trtllm("0.14.0");
/// assert_eq!(build.engine(), Engine::Triton);
/// let build = EngineBuild::vllm("0.33.0");
/// assert_eq!(build, EngineBuild::new(Engine::Vllm, "0.33.0"));
/// ```
///
/// A TensorRT-LLM version on another engine cannot be written:
///
/// ```compile_fail
/// orchq_metrics::v1::EngineBuild::vllm("0.33.0").with_trtllm("0.14.0");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Labels)]
pub struct EngineBuild {
    engine: Engine,
    engine_version: EngineVersion,
    #[when(engine = "triton")]
    trtllm_version: Option<TrtLlmVersion>,
}

impl EngineBuild {
    /// An engine of any kind. The functions named after an engine are shorter.
    #[must_use]
    pub fn new(engine: Engine, version: impl Into<EngineVersion>) -> Self {
        Self { engine, engine_version: version.into(), trtllm_version: None }
    }

    /// A llama.cpp server.
    #[must_use]
    pub fn llamacpp(version: impl Into<EngineVersion>) -> Self {
        Self::new(Engine::LlamaCpp, version)
    }

    /// A vLLM server.
    #[must_use]
    pub fn vllm(version: impl Into<EngineVersion>) -> Self {
        Self::new(Engine::Vllm, version)
    }

    /// A Text Generation Inference server.
    #[must_use]
    pub fn tgi(version: impl Into<EngineVersion>) -> Self {
        Self::new(Engine::Tgi, version)
    }

    /// A Triton server, with or without TensorRT-LLM.
    #[must_use]
    pub fn triton(version: impl Into<EngineVersion>) -> TritonBuild {
        TritonBuild { version: version.into() }
    }

    /// The kind of engine.
    #[must_use]
    pub fn engine(self) -> Engine {
        self.engine
    }
}

/// A Triton server, which alone can have TensorRT-LLM in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TritonBuild {
    version: EngineVersion,
}

impl TritonBuild {
    /// The same server with TensorRT-LLM of this version.
    #[must_use]
    pub fn with_trtllm(self, version: impl Into<TrtLlmVersion>) -> EngineBuild {
        EngineBuild { trtllm_version: Some(version.into()), ..self.into() }
    }
}

impl From<TritonBuild> for EngineBuild {
    fn from(triton: TritonBuild) -> Self {
        Self::new(Engine::Triton, triton.version)
    }
}

/// The one model that a pool serves: by name or by digest, never by both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Model {
    /// By name: the label `model_id`.
    Id(ModelId),
    /// By digest: the label `model_digest`.
    Digest(ModelDigest),
}

impl Model {
    /// A model by name.
    #[must_use]
    pub fn id(id: impl Into<ModelId>) -> Self {
        Self::Id(id.into())
    }

    /// A model by the digest of its weights.
    #[must_use]
    pub fn digest(digest: impl Into<ModelDigest>) -> Self {
        Self::Digest(digest.into())
    }
}

/// A pool of replicas that run one build of an engine: the engine's labels, `pool_id`
/// and, where the pool serves one named model, `model_id` or `model_digest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Labels)]
pub struct Pool {
    #[labels]
    build: EngineBuild,
    pool_id: PoolId,
    #[unless(model_digest)]
    model_id: Option<ModelId>,
    #[unless(model_id)]
    model_digest: Option<ModelDigest>,
}

impl Pool {
    /// A pool that serves any model.
    #[must_use]
    pub fn new(build: impl Into<EngineBuild>, id: impl Into<PoolId>) -> Self {
        Self { build: build.into(), pool_id: id.into(), model_id: None, model_digest: None }
    }

    /// The same pool, serving only this model.
    #[must_use]
    pub fn with_model(self, model: Model) -> Self {
        let (model_id, model_digest) = match model {
            Model::Id(id) => (Some(id), None),
            Model::Digest(digest) => (None, Some(digest)),
        };
        Self { model_id, model_digest, ..self }
    }

    /// The kind of engine that the pool runs.
    #[must_use]
    pub fn engine(self) -> Engine {
        self.build.engine
    }

    /// The pool's name.
    #[must_use]
    pub fn id(self) -> PoolId {
        self.pool_id
    }
}

/// One replica of a pool: the pool's labels and `replica_id`. Created once, when the replica registers, and
/// copied from then on.
///
/// ```
/// use orchq_metrics::v1::{EngineBuild, Model, Pool, Replica};
///
/// let pool = Pool::new(EngineBuild::vllm("0.33.0"), "chat").with_model(Model::id("qwen3-8b"));
/// let replica = Replica::new(pool, "chat-0");
/// assert_eq!(replica.pool(), pool);
/// assert_eq!(replica, Replica::new(pool, String::from("chat-0")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Labels)]
pub struct Replica {
    #[labels]
    pool: Pool,
    replica_id: ReplicaId,
}

impl Replica {
    /// A replica of a pool.
    #[must_use]
    pub fn new(pool: Pool, id: impl Into<ReplicaId>) -> Self {
        Self { pool, replica_id: id.into() }
    }

    /// The replica's pool.
    #[must_use]
    pub fn pool(self) -> Pool {
        self.pool
    }

    /// The kind of engine that the replica runs.
    #[must_use]
    pub fn engine(self) -> Engine {
        self.pool.engine()
    }

    /// The replica's name.
    #[must_use]
    pub fn id(self) -> ReplicaId {
        self.replica_id
    }
}
