#[path = "contract.rs"]
pub mod contract;

use std::time::Duration;

use orchq_metrics::{LabelError, Outcome, emits, text};

use contract::metrics::*;
use contract::{Peer, Pool, RejectReason, Worker};

const NAME: &str = "jobs";

pub struct Queue {
    queue: contract::Queue,
}

impl Queue {
    pub fn new(name: &'static str) -> Result<Self, LabelError> {
        Ok(Self { queue: name.parse()? })
    }

    #[emits(jobs_rejected_total, jobs_enqueued_total, job_payload_bytes, jobs_waiting)]
    pub fn enqueue(&self, waiting: u32, bytes: u64) -> bool {
        if waiting > 3 {
            jobs_rejected_total { reason: RejectReason::Full }.inc();
            return false;
        }
        jobs_enqueued_total { queue: self.queue }.inc();
        job_payload_bytes { queue: self.queue }.observe(bytes);
        jobs_waiting { queue: self.queue }.set(waiting.into());
        true
    }

    #[emits(jobs_started_total, job_wait_seconds)]
    pub fn start(&self, worker: &str, waited: Duration) {
        jobs_started_total { queue: self.queue, worker: Worker::new(worker) }.inc();
        job_wait_seconds { queue: self.queue }.observe(waited);
    }

    #[emits(jobs_finished_total, job_run_seconds)]
    pub fn finish(&self, outcome: Outcome, ran: Duration) {
        jobs_finished_total { queue: self.queue, outcome }.inc();
        job_run_seconds { queue: self.queue, outcome }.observe(ran);
    }

    #[emits(jobs_retried_total)]
    pub fn retry(&self, reason: contract::RetryReason) {
        jobs_retried_total { queue: self.queue, reason }.inc();
    }

    #[emits(jobs_canceled_total)]
    pub fn cancel(&self, reason: contract::CancelReason) {
        jobs_canceled_total { queue: self.queue, reason }.inc();
    }

    #[emits(jobs_expired_total, oldest_job_age_seconds)]
    pub fn expire(&self, oldest: Duration) {
        jobs_expired_total { queue: self.queue }.inc();
        oldest_job_age_seconds { queue: self.queue }.set(oldest);
    }

    #[emits(lease_renewals_total)]
    pub fn renew(&self, outcome: Outcome) {
        lease_renewals_total { outcome }.inc();
    }

    #[emits(workers_busy, workers_idle)]
    pub fn workers(&self, pool: &str, busy: u32, idle: u32) {
        let pool = Pool::new(pool);
        workers_busy { pool }.set(busy.into());
        workers_idle { pool }.set(idle.into());
    }

    #[emits(worker_restarts_total)]
    pub fn restart(&self, pool: &str, reason: contract::RestartReason) {
        worker_restarts_total { pool: Pool::new(pool), reason }.inc();
    }

    #[emits(received_bytes_total, sent_bytes_total)]
    pub fn exchange(&self, peer: &str, received: u64, sent: u64) {
        let peer = Peer::new(peer);
        received_bytes_total { peer }.inc_by(received);
        sent_bytes_total { peer }.inc_by(sent);
    }

    #[emits(storage_operation_seconds, storage_errors_total)]
    pub fn store(&self, operation: contract::Operation, took: Duration, failed: bool) {
        storage_operation_seconds { operation }.observe(took);
        if failed {
            storage_errors_total { operation }.inc();
        }
    }

    #[emits(memory_used_ratio)]
    pub fn memory(&self, used: f64) {
        memory_used_ratio {}.set(used);
    }

    pub fn page(&self) -> Result<String, LabelError> {
        Ok(text::encode(&CONTRACT))
    }
}
