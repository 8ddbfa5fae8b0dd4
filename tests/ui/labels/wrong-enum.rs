use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(tasks_canceled_total)]
fn cancel(replica: Replica) {
    tasks_canceled_total { replica, reason: RejectReason::InvalidParams }.inc();
}

fn main() {}
