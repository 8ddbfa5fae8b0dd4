use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(tokens_in_total)]
fn count(replica: Replica) {
    tokens_out_total { replica }.inc_by(7);
}

fn main() {}
