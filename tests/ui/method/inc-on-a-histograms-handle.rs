use orchq_metrics::Handle;
use orchq_metrics::v1::*;

fn decoded(handle: Handle<latency_decode_ms>) {
    handle.inc();
}

fn main() {}
