use orchq_metrics::emits;
use orchq_metrics::v1::{CONTRACT, Engine, RejectReason, tasks_rejected_total};

#[emits(tasks_rejected_total)]
fn reject(reason: RejectReason, engine: Engine) {
    tasks_rejected_total { reason, engine }.inc();
}

#[test]
fn a_full_queue_rejects() {
    let before = CONTRACT.snapshot_of_this_thread();
    reject(RejectReason::AdmissionReject, Engine::Tgi);
    let change = before.difference();
    change.assert(tasks_rejected_total { reason: RejectReason::AdmissionReject, engine: Engine::Tgi }, 1);
    // A failed assertion prints this: every series that changed, and by how much.
    assert_eq!(change.to_string(), "tasks_rejected_total{reason=\"ADMISSION_REJECT\",engine=\"tgi\"} +1\n");
}
