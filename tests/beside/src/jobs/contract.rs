use orchq_metrics::{Label, Outcome, Symbol, contract};

use super::NAME;

#[derive(Clone, Copy, Label)]
pub enum RetryReason {
    #[label("failed")]
    Failed,
    #[label("lost")]
    Lost,
}

#[derive(Clone, Copy, Label)]
pub enum CancelReason {
    #[label("client")]
    Client,
    #[label("deadline")]
    Deadline,
}

#[derive(Clone, Copy, Label)]
pub enum RejectReason {
    #[label("full")]
    Full,
}

#[derive(Clone, Copy, Label)]
pub enum RestartReason {
    #[label("crash")]
    Crash,
    #[label("upgrade")]
    Upgrade,
}

#[derive(Clone, Copy, Label)]
pub enum Operation {
    #[label("read")]
    Read,
    #[label("write")]
    Write,
}

#[derive(Clone, Copy, Label)]
#[label(budget = 16)]
pub struct Queue(Symbol);

#[derive(Clone, Copy, Label)]
#[label(budget = 256)]
pub struct Worker(Symbol);

#[derive(Clone, Copy, Label)]
#[label(budget = 16)]
pub struct Pool(Symbol);

#[derive(Clone, Copy, Label)]
#[label(budget = 64)]
pub struct Peer(Symbol);

#[contract(name = NAME, version = "1.0.0")]
pub mod metrics {
    use super::*;

    /// Jobs enqueued.
    #[counter(unit = "{job}")]
    pub struct jobs_enqueued_total {
        pub queue: Queue,
    }

    /// Jobs started.
    #[counter(unit = "{job}")]
    pub struct jobs_started_total {
        pub queue: Queue,
        pub worker: Worker,
    }

    /// Jobs finished.
    #[counter(unit = "{job}")]
    pub struct jobs_finished_total {
        pub queue: Queue,
        pub outcome: Outcome,
    }

    /// Jobs started again.
    #[counter(unit = "{job}")]
    pub struct jobs_retried_total {
        pub queue: Queue,
        pub reason: RetryReason,
    }

    /// Jobs canceled.
    #[counter(unit = "{job}")]
    pub struct jobs_canceled_total {
        pub queue: Queue,
        pub reason: CancelReason,
    }

    /// Jobs rejected.
    #[counter(unit = "{job}")]
    pub struct jobs_rejected_total {
        pub reason: RejectReason,
    }

    /// Jobs that nobody started in time.
    #[counter(unit = "{job}")]
    pub struct jobs_expired_total {
        pub queue: Queue,
    }

    /// Restarts of workers.
    #[counter(unit = "{restart}")]
    pub struct worker_restarts_total {
        pub pool: Pool,
        pub reason: RestartReason,
    }

    /// Renewals of leases.
    #[counter(unit = "{renewal}")]
    pub struct lease_renewals_total {
        pub outcome: Outcome,
    }

    /// Bytes received.
    #[counter(unit = "bytes")]
    pub struct received_bytes_total {
        pub peer: Peer,
    }

    /// Bytes sent.
    #[counter(unit = "bytes")]
    pub struct sent_bytes_total {
        pub peer: Peer,
    }

    /// Errors of the storage.
    #[counter(unit = "{error}")]
    pub struct storage_errors_total {
        pub operation: Operation,
    }

    /// Jobs that wait.
    #[gauge(unit = "{job}")]
    pub struct jobs_waiting {
        pub queue: Queue,
    }

    /// Age of the oldest job.
    #[gauge(unit = "seconds")]
    pub struct oldest_job_age_seconds {
        pub queue: Queue,
    }

    /// Workers with a job.
    #[gauge(unit = "{worker}")]
    pub struct workers_busy {
        pub pool: Pool,
    }

    /// Workers without a job.
    #[gauge(unit = "{worker}")]
    pub struct workers_idle {
        pub pool: Pool,
    }

    /// Part of the memory that is used.
    #[gauge(unit = "ratio")]
    pub struct memory_used_ratio {}

    /// Time until a job starts.
    #[histogram(unit = "seconds", buckets = [0.1, 1.0, 10.0])]
    pub struct job_wait_seconds {
        pub queue: Queue,
    }

    /// Time that a job runs.
    #[histogram(unit = "seconds", buckets = [0.1, 1.0, 10.0])]
    pub struct job_run_seconds {
        pub queue: Queue,
        pub outcome: Outcome,
    }

    /// Size of a job's payload.
    #[histogram(unit = "bytes", buckets = [1024.0, 65536.0])]
    pub struct job_payload_bytes {
        pub queue: Queue,
    }

    /// Time of an operation of the storage.
    #[histogram(unit = "seconds", buckets = [0.001, 0.01, 0.1])]
    pub struct storage_operation_seconds {
        pub operation: Operation,
    }
}
