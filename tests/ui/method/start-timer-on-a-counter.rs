use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(tokens_in_total)]
fn count(replica: Replica) {
    let _timer = tokens_in_total { replica }.start_timer();
}

fn main() {}
